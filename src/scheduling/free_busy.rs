use std::sync::Arc;

use super::people::{BusyQuestion, asked_about, busy};
use super::{Roles, SchedulingError};
use crate::accounts::{Actor, username_key};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::freebusy::AllDay;
use crate::ical::{FreeBusyType, PublishedFreeBusy};
use crate::ids::UserId;
use crate::storage::accounts::{self, User};
use crate::storage::{Conn, people};
use crate::time::{Period, PeriodSet, SignedDuration};

/// When some people are busy.
#[derive(Clone, Debug)]
pub struct FreeBusy {
    /// Of each person asked about, in the order of ids.
    pub people: Vec<PersonTime>,
}

/// When one person is busy and works, inside the window.
#[derive(Clone, Debug)]
pub struct PersonTime {
    /// Who.
    pub id: UserId,
    /// Without tentative events.
    pub busy: Arc<PeriodSet>,
    /// Of tentative events, where nothing else is.
    pub tentative: PeriodSet,
    /// Working hours.
    pub working: PeriodSet,
    /// Whether some event could not be told in time, so that the whole window counts as busy.
    pub unknown: bool,
    /// Whether a calendar of theirs may well be out of date.
    pub stale: bool,
}

/// When these people are busy, and when they work.
///
/// # Errors
/// `Invalid`, `NotSignedIn`, `Private`.
pub async fn free_busy(
    app: &App,
    actor: Option<&Actor>,
    ids: &[UserId],
    window: Period,
) -> Result<FreeBusy, SchedulingError> {
    let mut errors = FieldErrors::new();
    if ids.is_empty() || ids.len() > app.limits.search_users {
        errors.add("user_ids", format!("must name 1 to {} users", app.limits.search_users));
    }
    if window.duration() > SignedDuration::from_hours(app.limits.search_days * 24) {
        errors.add("end", format!("is more than {} days after the start", app.limits.search_days));
    }
    errors.into_result()?;
    let mut conn = app.db.read().await?;
    let users = asked_about(&mut conn, actor, &Roles::of("user_ids", ids)).await?;
    of_users(app, &mut conn, &users, window).await
}

/// When this person is busy, as a VFREEBUSY (RFC 5545 section 3.6.4): the time outside of working hours where nothing else is
/// stands as BUSY-UNAVAILABLE.
///
/// # Errors
/// `Invalid`, `NotSignedIn`, `Private`.
pub async fn published_free_busy(
    app: &App,
    actor: Option<&Actor>,
    id: UserId,
    window: Period,
) -> Result<String, SchedulingError> {
    check_length(app, window)?;
    let mut conn = app.db.read().await?;
    let users = asked_about(&mut conn, actor, &Roles::of("user_id", &[id])).await?;
    // Whoever asks without a session does not learn an address.
    let address = |user: &User| match actor {
        Some(_) => format!("mailto:{}", user.email),
        None => format!("{}/api/scheduling/free-busy/{}/ics/", app.public_url, user.id),
    };
    published(app, &mut conn, &users, window, address).await
}

/// The same for the operator, who may see everything; none: there is no user of that name.
///
/// # Errors
/// `Invalid`.
pub async fn free_busy_of_name(app: &App, username: &str, window: Period) -> Result<Option<String>, SchedulingError> {
    check_length(app, window)?;
    let mut conn = app.db.read().await?;
    let Some(user) = accounts::by_username_key(&mut conn, &username_key(username)).await? else { return Ok(None) };
    let address = |user: &User| format!("mailto:{}", user.email);
    published(app, &mut conn, &[user], window, address).await.map(Some)
}

async fn published(
    app: &App,
    conn: &mut Conn,
    users: &[User],
    window: Period,
    address: impl Fn(&User) -> String,
) -> Result<String, SchedulingError> {
    let found = of_users(app, conn, users, window).await?;
    let (Some(user), Some(time)) = (users.first(), found.people.first()) else { return Ok(String::new()) };
    let taken = &*time.busy | &time.tentative;
    let outside = &(&PeriodSet::from(window) - &time.working) - &taken;
    let typed = |set: &PeriodSet, kind| set.iter().map(|period| (period, kind)).collect::<Vec<_>>();
    let mut periods = typed(&time.busy, FreeBusyType::Busy);
    periods.extend(typed(&time.tentative, FreeBusyType::Tentative));
    periods.extend(typed(&outside, FreeBusyType::Unavailable));
    periods.sort_unstable();
    let uid = format!("free-busy-{}-{}-{}", user.id, window.start().as_second(), window.end().as_second());
    let organizer = address(user);
    let stamp = app.clock.now();
    let report = PublishedFreeBusy { uid: &uid, stamp, organizer: &organizer, name: &user.username, window, periods };
    Ok(report.to_ics())
}

fn check_length(app: &App, window: Period) -> Result<(), FieldErrors> {
    if window.duration() > SignedDuration::from_hours(app.limits.search_days * 24) {
        return Err(FieldErrors::one("end", format!("is more than {} days after the start", app.limits.search_days)));
    }
    Ok(())
}

async fn of_users(app: &App, conn: &mut Conn, users: &[User], window: Period) -> Result<FreeBusy, SchedulingError> {
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let versions = people::versions(conn, &ids).await?;
    let asked: Vec<&User> = users.iter().collect();
    let question = BusyQuestion { users: &asked, window, all_day: AllDay::Transparency, without: &[] };
    let mut known = busy(app, conn, (&question, &versions)).await?;
    let people = users.iter().filter_map(|user| {
        let found = known.remove(&user.id)?;
        let busy = found.busy.clipped(window);
        Some(PersonTime {
            id: user.id,
            tentative: &found.tentative.clipped(window) - &busy,
            busy: Arc::new(busy),
            working: user.working_hours().within(window),
            unknown: found.unknown,
            stale: found.stale,
        })
    });
    Ok(FreeBusy { people: people.collect() })
}
