//! The people of a question, and their busy time: one query for all whose time is not remembered.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::gathered::Gathered;
use super::memory::{BusyOf, MadeFrom, is_stale, versions_of};
use super::{Roles, SchedulingError};
use crate::accounts::Actor;
use crate::app::App;
use crate::freebusy::AllDay;
use crate::ids::{EventId, UserId};
use crate::storage::Conn;
use crate::storage::accounts::{self, User, Visibility};
use crate::storage::events::{self, BusyRow};
use crate::storage::meetings::{self, Copy};
use crate::storage::people::{self, PersonVersion};
use crate::time::{Period, SignedDuration, Timestamp};

/// The users who are named, where the actor may ask about all of them.
///
/// # Errors
/// `Invalid` naming unknown ids under the fields that name them, `NotSignedIn`, `Private`.
pub(super) async fn asked_about(
    conn: &mut Conn,
    actor: Option<&Actor>,
    named: &Roles,
) -> Result<Vec<User>, SchedulingError> {
    let users = accounts::by_ids(conn, &named.everybody()).await?;
    check_asked(actor, named, &users)?;
    Ok(users)
}

/// A question about people's busy time, as somebody asks it.
pub(super) struct Asked<'a> {
    /// Who asks.
    pub actor: Option<&'a Actor>,
    /// About whom.
    pub named: Roles,
    /// Where the busy time must be complete.
    pub window: Period,
    /// What all-day events count as.
    pub all_day: AllDay,
    /// The actor's own events to look through; where the actor organizes a meeting, all of its copies.
    pub exclude_events: &'a [EventId],
}

/// The users who are asked about and their busy time. Where all of it is remembered, one statement says that it still holds.
///
/// # Errors
/// As [`asked_about`].
pub(super) async fn people_and_busy(
    app: &App,
    asked: &Asked<'_>,
) -> Result<(Vec<Arc<User>>, BTreeMap<UserId, BusyOf>), SchedulingError> {
    if asked.exclude_events.is_empty()
        && let Some(known) = remembered(app, asked).await?
    {
        return Ok(known);
    }
    let mut conn = app.db.read().await?;
    let versions = people::versions(&mut conn, &asked.named.everybody()).await?;
    let people = users_of(app, &mut conn, &versions).await?;
    check_asked(asked.actor, &asked.named, &people)?;
    let without = excluded(&mut conn, asked).await?;
    let users: Vec<&User> = people.iter().map(|user| &**user).collect();
    let question = BusyQuestion { users: &users, window: asked.window, all_day: asked.all_day, without: &without };
    let busy = busy(app, &mut conn, (&question, &versions)).await?;
    Ok((people, busy))
}

/// The users of these versions, in the order of ids; those who are remembered in them are not read again.
async fn users_of(app: &App, conn: &mut Conn, versions: &[PersonVersion]) -> Result<Vec<Arc<User>>, SchedulingError> {
    let (mut users, mut missing) = (Vec::new(), Vec::new());
    for one in versions.chunk_by(|a, b| a.user_id == b.user_id).filter_map(<[_]>::first) {
        match app.busy.user(one.user_id, one.user_version) {
            Some(user) => users.push(user),
            None => missing.push(one.user_id),
        }
    }
    if !missing.is_empty() {
        let read = accounts::by_ids(conn, &missing).await?;
        let read: Vec<Arc<User>> = read.into_iter().map(Arc::new).collect();
        read.iter().for_each(|user| app.busy.keep_user(user));
        users.extend(read);
        users.sort_unstable_by_key(|user| user.id);
    }
    Ok(users)
}

/// Moving a meeting moves everybody's copy, so that none of them is in its way; nobody else's event is looked through.
async fn excluded(conn: &mut Conn, asked: &Asked<'_>) -> Result<Vec<Copy>, SchedulingError> {
    let (Some(actor), false) = (asked.actor, asked.exclude_events.is_empty()) else { return Ok(Vec::new()) };
    let own = asked.exclude_events.iter().map(|event| Copy { user_id: actor.user.id, event_id: *event });
    let mut copies = meetings::copies_of_organized(conn, actor.user.id, asked.exclude_events).await?;
    copies.extend(own);
    Ok(copies)
}

async fn remembered(
    app: &App,
    asked: &Asked<'_>,
) -> Result<Option<(Vec<Arc<User>>, BTreeMap<UserId, BusyOf>)>, SchedulingError> {
    let ids = asked.named.everybody();
    let mut conn = app.db.read_one().await?;
    let versions = people::versions(&mut conn, &ids).await?;
    app.db.done(conn);
    let now = app.clock.now();
    let (mut users, mut known) = (Vec::with_capacity(ids.len()), BTreeMap::new());
    for own in versions.chunk_by(|a, b| a.user_id == b.user_id) {
        let Some(user) = own.first().and_then(|it| app.busy.user(it.user_id, it.user_version)) else { return Ok(None) };
        let Some(busy) = app.busy.recall((&user, asked.all_day), own, asked.window, now) else { return Ok(None) };
        known.insert(user.id, BusyOf { stale: is_stale(own, now), ..busy });
        users.push(user);
    }
    check_asked(asked.actor, &asked.named, &users)?;
    Ok(Some((users, known)))
}

/// Whether all who are named are among the users, and the actor may ask about all of these.
fn check_asked<U: Borrow<User>>(actor: Option<&Actor>, named: &Roles, users: &[U]) -> Result<(), SchedulingError> {
    named.check_known(users)?;
    let own = actor.map(|actor| actor.user.id);
    let hidden = |visibilities: &[Visibility]| -> Vec<UserId> {
        let others = users.iter().map(Borrow::<User>::borrow).filter(|user| Some(user.id) != own);
        others.filter(|user| visibilities.contains(&user.free_busy_visibility)).map(|user| user.id).collect()
    };
    if actor.is_none() {
        let hidden = hidden(&[Visibility::Users, Visibility::Private]);
        return if hidden.is_empty() { Ok(()) } else { Err(SchedulingError::NotSignedIn(hidden)) };
    }
    let hidden = hidden(&[Visibility::Private]);
    if hidden.is_empty() { Ok(()) } else { Err(SchedulingError::Private(hidden)) }
}

/// Whose busy time, when, and of what.
#[derive(Clone, Copy)]
pub(super) struct BusyQuestion<'a> {
    /// The people.
    pub users: &'a [&'a User],
    /// Where it must be complete.
    pub window: Period,
    /// What all-day events count as.
    pub all_day: AllDay,
    /// Events to look through.
    pub without: &'a [Copy],
}

/// The busy time of everybody asked about, whose versions these are in the same snapshot.
///
/// # Errors
/// [`SchedulingError::Storage`].
pub(super) async fn busy(
    app: &App,
    conn: &mut Conn,
    (question, versions): (&BusyQuestion<'_>, &[PersonVersion]),
) -> Result<BTreeMap<UserId, BusyOf>, SchedulingError> {
    let now = app.clock.now();
    let (mut known, mut missing) = (BTreeMap::new(), Vec::new());
    for user in question.users.iter().copied() {
        let own = versions_of(user.id, versions);
        let remembered = || app.busy.recall((user, question.all_day), own, question.window, now);
        match (question.looks_through(user.id), remembered()) {
            (false, Some(busy)) => {
                known.insert(user.id, BusyOf { stale: is_stale(own, now), ..busy });
            }
            _ => missing.push((user, MadeFrom::of(user, own))),
        }
    }
    if missing.is_empty() {
        return Ok(known);
    }
    let window = covering(question.window);
    let users: Vec<&User> = missing.iter().map(|(user, _)| *user).collect();
    let read = read_busy(app, conn, &users, &BusyQuestion { window, ..*question }).await?;
    for ((user, made_from), busy) in missing.into_iter().zip(read) {
        if !question.looks_through(user.id) {
            app.busy.keep(user.id, question.all_day, made_from, busy.clone());
        }
        known.insert(user.id, BusyOf { stale: is_stale(versions_of(user.id, versions), now), ..busy });
    }
    Ok(known)
}

/// The busy time of these users in the question's window, read now, in their order; nothing is remembered of it. In a
/// transaction that writes, nothing may be: the versions that it sees are not yet anybody else's.
///
/// # Errors
/// [`SchedulingError::Storage`].
pub(super) async fn read_busy(
    app: &App,
    conn: &mut Conn,
    users: &[&User],
    question: &BusyQuestion<'_>,
) -> Result<Vec<BusyOf>, SchedulingError> {
    let now = app.clock.now();
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let mut gathered: HashMap<UserId, Gathered> =
        users.iter().map(|user| (user.id, Gathered::of(user, &app.limits))).collect();
    // Row by row, as they come: of a year of many people only their periods are ever in memory.
    let take = |row: BusyRow| {
        let expired = row.expires_at.is_some_and(|expires_at| expires_at <= now);
        let person = gathered.get_mut(&row.user_id).filter(|_| !expired && !question.leaves_out(&row));
        if let Some(person) = person {
            person.take(&row, question);
        }
    };
    events::each_busy_row(conn, &ids, question.window, take).await?;
    let of = |user: &&User| gathered.remove(&user.id).map(|person| person.into_busy(question.window));
    Ok(users.iter().filter_map(of).collect())
}

impl BusyQuestion<'_> {
    fn looks_through(&self, user: UserId) -> bool {
        self.without.iter().any(|copy| copy.user_id == user)
    }

    fn leaves_out(&self, row: &BusyRow) -> bool {
        self.without.contains(&Copy { user_id: row.user_id, event_id: row.event_id })
    }
}

/// The whole weeks around a window, so that questions about nearby windows share what is remembered.
fn covering(window: Period) -> Period {
    const WEEK: i64 = 7 * 86_400;
    let floor = |instant: Timestamp| Timestamp::from_second(instant.as_second().div_euclid(WEEK) * WEEK);
    let start = floor(window.start()).unwrap_or(window.start());
    let end = window.end().checked_add(SignedDuration::from_secs(WEEK)).and_then(floor).unwrap_or(window.end());
    Period::new(start.min(window.start()), end.max(window.end())).unwrap_or(window)
}
