//! Whether people are free at one time: for who is about to take it, in the transaction that takes it.

use super::people::{BusyQuestion, asked_about, read_busy};
use super::{Roles, SchedulingError};
use crate::accounts::Actor;
use crate::app::App;
use crate::freebusy::AllDay;
use crate::ids::UserId;
use crate::slots::Tentative;
use crate::storage::Conn;
use crate::storage::accounts::User;
use crate::time::{Period, SignedDuration};

/// A time that is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// When.
    pub slot: Period,
    /// Minutes kept free of events before it.
    pub buffer_before_minutes: u32,
    /// Minutes kept free of events after it.
    pub buffer_after_minutes: u32,
    /// What tentative events count as.
    pub tentative: Tentative,
    /// What all-day events count as.
    pub all_day: AllDay,
}

/// The users who are named, where the actor may ask about all of them, and so invite them.
///
/// # Errors
/// `Invalid` naming unknown ids, `Private`.
pub async fn who(conn: &mut Conn, actor: &Actor, named: &Roles) -> Result<Vec<User>, SchedulingError> {
    asked_about(conn, Some(actor), named).await
}

/// Those of these users who have something else then, by the same meaning of busy as in a search; working hours aside. It
/// reads through the caller's transaction, which holds the calendars, and remembers nothing.
///
/// # Errors
/// [`SchedulingError::Storage`].
pub async fn who_is_busy(
    app: &App,
    conn: &mut Conn,
    users: &[&User],
    wanted: &Wanted,
) -> Result<Vec<UserId>, SchedulingError> {
    let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let window = wanted.slot.widened(minutes(wanted.buffer_before_minutes), minutes(wanted.buffer_after_minutes));
    let question = BusyQuestion { users: &[], window, all_day: wanted.all_day, without: &[] };
    let found = read_busy(app, conn, users, &question).await?;
    let is_busy = |busy: &super::memory::BusyOf| {
        busy.busy.overlaps(window) || (wanted.tentative == Tentative::Busy && busy.tentative.overlaps(window))
    };
    Ok(users.iter().zip(&found).filter(|(_, busy)| is_busy(busy)).map(|(user, _)| user.id).collect())
}
