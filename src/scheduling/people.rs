//! The people of a question, and their busy time: one query for all whose time is not remembered.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::SchedulingError;
use super::error::list;
use super::memory::{BusyOf, MadeFrom, is_stale};
use crate::accounts::Actor;
use crate::app::App;
use crate::fields::FieldErrors;
use crate::freebusy::{AllDay, BusySource, BusyType};
use crate::ids::{EventId, UserId};
use crate::limits::Limits;
use crate::recurrence::Work;
use crate::storage::accounts::{self, User, Visibility};
use crate::storage::events::{self, Blocks, BusyRow};
use crate::storage::{Conn, LastEnd, people};
use crate::time::{Period, PeriodSet, SignedDuration, Timestamp};

/// The users of these ids, where the actor may ask about all of them.
///
/// # Errors
/// `Invalid` naming unknown ids under `field`, `NotSignedIn`, `Private`.
pub(super) async fn asked_about(
    conn: &mut Conn,
    actor: Option<&Actor>,
    ids: &[UserId],
    field: &str,
) -> Result<Vec<User>, SchedulingError> {
    let users = accounts::by_ids(conn, ids).await?;
    check_asked(actor, ids, &users, field)?;
    Ok(users)
}

/// The users of these ids and their busy time. Where all of it is remembered, one statement says that it still holds.
///
/// # Errors
/// As [`asked_about`].
pub(super) async fn people_and_busy(
    app: &App,
    actor: Option<&Actor>,
    ids: &[UserId],
    question: &BusyQuestion<'_>,
) -> Result<(Vec<User>, BTreeMap<UserId, BusyOf>), SchedulingError> {
    if let Some(known) = remembered(app, actor, ids, question).await? {
        return Ok(known);
    }
    let mut conn = app.db.read().await?;
    let users = asked_about(&mut conn, actor, ids, "user_ids").await?;
    let busy = busy(app, &mut conn, &BusyQuestion { users: &users, ..*question }).await?;
    users.iter().for_each(|user| app.busy.keep_user(user));
    Ok((users, busy))
}

async fn remembered(
    app: &App,
    actor: Option<&Actor>,
    ids: &[UserId],
    question: &BusyQuestion<'_>,
) -> Result<Option<(Vec<User>, BTreeMap<UserId, BusyOf>)>, SchedulingError> {
    let mut conn = app.db.read_one().await?;
    let versions = people::versions(&mut conn, ids).await?;
    app.db.done(conn);
    let now = app.clock.now();
    let (mut users, mut known) = (Vec::with_capacity(ids.len()), BTreeMap::new());
    for one in versions.chunk_by(|a, b| a.user_id == b.user_id).filter_map(<[_]>::first) {
        let Some(user) = app.busy.user(one.user_id, one.user_version) else { return Ok(None) };
        let made_from = MadeFrom::of(&user, &versions);
        let busy = app.busy.recall((user.id, question.all_day), &made_from, question.window, now);
        let Some(busy) = busy.filter(|_| !question.looks_through(user.id)) else { return Ok(None) };
        known.insert(user.id, BusyOf { stale: is_stale(user.id, &versions, now), ..busy });
        users.push(User::clone(&user));
    }
    check_asked(actor, ids, &users, "user_ids")?;
    Ok(Some((users, known)))
}

/// Whether all of these ids are among the users, and the actor may ask about all of these.
fn check_asked(actor: Option<&Actor>, ids: &[UserId], users: &[User], field: &str) -> Result<(), SchedulingError> {
    let unknown: Vec<UserId> =
        ids.iter().copied().filter(|id| users.binary_search_by_key(id, |user| user.id).is_err()).collect();
    if !unknown.is_empty() {
        return Err(FieldErrors::one(field, format!("there are no users {}", list(&unknown))).into());
    }
    let own = actor.map(|actor| actor.user.id);
    let hidden = |visibilities: &[Visibility]| -> Vec<UserId> {
        let others = users.iter().filter(|user| Some(user.id) != own);
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
    pub users: &'a [User],
    /// Where it must be complete.
    pub window: Period,
    /// What all-day events count as.
    pub all_day: AllDay,
    /// Events of one user to look through.
    pub without: Option<(UserId, &'a [EventId])>,
}

/// The busy time of everybody asked about.
///
/// # Errors
/// [`SchedulingError::Storage`].
pub(super) async fn busy(
    app: &App,
    conn: &mut Conn,
    question: &BusyQuestion<'_>,
) -> Result<BTreeMap<UserId, BusyOf>, SchedulingError> {
    let ids: Vec<UserId> = question.users.iter().map(|user| user.id).collect();
    let versions = people::versions(conn, &ids).await?;
    let now = app.clock.now();
    let (mut known, mut missing) = (BTreeMap::new(), Vec::new());
    for user in question.users {
        let made_from = MadeFrom::of(user, &versions);
        let remembered = || app.busy.recall((user.id, question.all_day), &made_from, question.window, now);
        match (question.looks_through(user.id), remembered()) {
            (false, Some(busy)) => {
                known.insert(user.id, BusyOf { stale: is_stale(user.id, &versions, now), ..busy });
            }
            _ => missing.push((user, made_from)),
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
        known.insert(user.id, BusyOf { stale: is_stale(user.id, &versions, now), ..busy });
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
    let mut rows: HashMap<UserId, Vec<BusyRow>> = HashMap::new();
    for row in events::busy_rows(conn, &ids, question.window).await? {
        let expired = row.expires_at.is_some_and(|expires_at| expires_at <= now);
        if !expired && !question.leaves_out(&row) {
            rows.entry(row.user_id).or_default().push(row);
        }
    }
    let of = |user: &&User| {
        let rows = rows.remove(&user.id).unwrap_or_default();
        busy_of(user, &rows, question.window, question.all_day, &app.limits)
    };
    Ok(users.iter().map(of).collect())
}

impl BusyQuestion<'_> {
    fn looks_through(&self, user: UserId) -> bool {
        self.without.is_some_and(|(owner, events)| owner == user && !events.is_empty())
    }

    fn leaves_out(&self, row: &BusyRow) -> bool {
        self.without.is_some_and(|(owner, events)| owner == row.user_id && events.contains(&row.event_id))
    }
}

/// A person's busy time from the rows of the index.
fn busy_of(user: &User, rows: &[BusyRow], window: Period, all_day: AllDay, limits: &Limits) -> BusyOf {
    let (mut busy, mut tentative, mut unknown) = (Vec::new(), Vec::new(), false);
    let mut work = Work::of_many(limits);
    for row in rows {
        match &row.source {
            None => match row.blocks {
                Blocks::Nothing => {}
                Blocks::Busy => busy.extend(plain(row)),
                Blocks::Tentative => tentative.extend(plain(row)),
            },
            Some(json) => match expanded(json, user, window, all_day, &mut work) {
                Ok(times) => {
                    for (period, kind) in times {
                        match kind {
                            BusyType::Busy => busy.push(period),
                            BusyType::Tentative => tentative.push(period),
                        }
                    }
                }
                Err(reason) => {
                    tracing::warn!(event = %row.event_id, %reason, "event {} counts as always busy: {reason}", row.event_id);
                    unknown = true;
                }
            },
        }
    }
    if unknown {
        busy = vec![window];
    }
    BusyOf {
        window,
        busy: Arc::new(busy.into_iter().collect::<PeriodSet>().clipped(window)),
        tentative: Arc::new(tentative.into_iter().collect::<PeriodSet>().clipped(window)),
        unknown,
        stale: false,
        until: rows.iter().filter_map(|row| row.expires_at).min(),
    }
}

fn plain(row: &BusyRow) -> Option<Period> {
    match row.last_end {
        LastEnd::At(end) => Period::new(row.first_start, end).ok(),
        LastEnd::Endless => Period::new(row.first_start, Timestamp::MAX).ok(),
    }
}

fn expanded(
    json: &str,
    user: &User,
    window: Period,
    all_day: AllDay,
    work: &mut Work,
) -> Result<Vec<(Period, BusyType)>, String> {
    let source: BusySource = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let times = source.busy_times_within(&user.timezone, &user.email_key, window, all_day, work);
    let times = times.map_err(|error| error.to_string())?;
    Ok(times.into_iter().map(|time| (time.period, time.kind)).collect())
}

/// The whole weeks around a window, so that questions about nearby windows share what is remembered.
fn covering(window: Period) -> Period {
    const WEEK: i64 = 7 * 86_400;
    let floor = |instant: Timestamp| Timestamp::from_second(instant.as_second().div_euclid(WEEK) * WEEK);
    let start = floor(window.start()).unwrap_or(window.start());
    let end = window.end().checked_add(SignedDuration::from_secs(WEEK)).and_then(floor).unwrap_or(window.end());
    Period::new(start.min(window.start()), end.max(window.end())).unwrap_or(window)
}
