use std::sync::Arc;

use super::SchedulingError;
use super::people::{BusyQuestion, asked_about, busy};
use crate::accounts::Actor;
use crate::app::App;
use crate::fields::FieldErrors;
use crate::freebusy::AllDay;
use crate::ids::UserId;
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
    let users = asked_about(&mut conn, actor, ids, "user_ids").await?;
    let question = BusyQuestion { users: &users, window, all_day: AllDay::Transparency, without: None };
    let mut known = busy(app, &mut conn, &question).await?;
    let people = users.iter().filter_map(|user| {
        let found = known.remove(&user.id)?;
        let busy = found.busy.clipped(window);
        Some(PersonTime {
            id: user.id,
            tentative: &found.tentative.clipped(window) - &busy,
            busy: Arc::new(busy),
            working: user.working_hours().within(window),
            unknown: found.unknown,
        })
    });
    Ok(FreeBusy { people: people.collect() })
}
