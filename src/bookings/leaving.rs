//! Changes of accounts and calendars that reach into other people's calendars, because there are meetings in them: each in
//! one transaction with what it means for the meetings.

use super::book::MOST_RETRIES;
use crate::accounts::{self, AccountError, Origin, Password, ProfileChange, Writer};
use crate::app::App;
use crate::calendars::{self, CalendarError};
use crate::events::{self, EventError, NewAddress};
use crate::ids::{CalendarId, RemoteFeedId};
use crate::storage::accounts::User;
use crate::storage::{Conn, StorageError, accounts as stored_accounts, calendars as stored_calendars, subscriptions};
use crate::versions::Expected;

/// Why such a change did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LeavingError {
    /// Because of the account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Because of the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// Because of a meeting.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Removes a calendar with its events. The meetings in it that the actor organizes are cancelled, the others declined.
///
/// # Errors
/// `NotFound`, `IsDefault`, `Changed`.
pub async fn delete_calendar(
    app: &App,
    actor: &Writer,
    id: CalendarId,
    expected: &Expected,
) -> Result<(), LeavingError> {
    let mut tries = Tries::default();
    loop {
        let done = try_to_delete_calendar(app, actor, id, expected).await;
        if !tries.again(&done) {
            return done;
        }
    }
}

/// Removes the actor's account and all that it owns. The meetings that the actor organizes are cancelled, the others
/// declined.
///
/// # Errors
/// `WrongPassword`, `TooManyAttempts`.
pub async fn delete_account(
    app: &App,
    actor: &Writer,
    password: Password,
    origin: &Origin,
) -> Result<(), LeavingError> {
    accounts::confirm(app, actor, password, origin).await?;
    let mut tries = Tries::default();
    loop {
        let done = try_to_delete_account(app, actor).await;
        if !tries.again(&done) {
            return done;
        }
    }
}

/// Changes the actor's profile, where it still is the version that is expected. A new e-mail address is written into all
/// copies of the actor's meetings, so that answers stay whose they are.
///
/// # Errors
/// `Invalid`, `UsernameTaken`, `EmailTaken`, `Changed`.
pub async fn update_profile(
    app: &App,
    actor: &Writer,
    change: ProfileChange,
    expected: &Expected,
) -> Result<User, LeavingError> {
    let mut tries = Tries::default();
    loop {
        let done = try_to_update_profile(app, actor, change.clone(), expected).await;
        if !tries.again(&done) {
            return done;
        }
    }
}

async fn try_to_delete_calendar(
    app: &App,
    actor: &Writer,
    id: CalendarId,
    expected: &Expected,
) -> Result<(), LeavingError> {
    let mut conn = app.db.write().await?;
    calendars::check_removable(&mut conn, actor, id).await?;
    let filled_by = subscriptions::of_calendar(&mut conn, id).await?.map(|found| found.subscription.remote_feed_id);
    let filled_by: Vec<RemoteFeedId> = filled_by.into_iter().collect();
    hold(&mut conn, &filled_by).await?;
    let locked = events::leave(app, &mut conn, &actor.user, &[id]).await?;
    let own = locked.iter().find(|calendar| calendar.id == id).ok_or(CalendarError::NotFound)?;
    calendars::remove(&mut conn, own, expected).await?;
    forget_unused(&mut conn, &filled_by).await?;
    Ok(conn.commit().await?)
}

async fn try_to_delete_account(app: &App, actor: &Writer) -> Result<(), LeavingError> {
    let mut conn = app.db.write().await?;
    // Users come before calendars.
    stored_accounts::hold(&mut conn, actor.user.id).await?;
    let subscribed = subscriptions::remotes_of(&mut conn, actor.user.id).await?;
    hold(&mut conn, &subscribed).await?;
    let going = calendars_of(&mut conn, actor).await?;
    events::leave(app, &mut conn, &actor.user, &going).await?;
    accounts::remove_account(&mut conn, actor).await?;
    forget_unused(&mut conn, &subscribed).await?;
    Ok(conn.commit().await?)
}

async fn try_to_update_profile(
    app: &App,
    actor: &Writer,
    change: ProfileChange,
    expected: &Expected,
) -> Result<User, LeavingError> {
    let mut conn = app.db.write().await?;
    let profile = accounts::update_profile(&mut conn, actor, change, expected).await?;
    let address = NewAddress { old: &profile.before.email_key, new: &profile.after.email };
    if profile.before.email_key != profile.after.email_key {
        let own = calendars_of(&mut conn, actor).await?;
        events::readdress(app, &mut conn, &own, address).await?;
    }
    conn.commit().await?;
    Ok(profile.after)
}

/// Holds addresses elsewhere that may have no subscriber left. They come before calendars.
async fn hold(conn: &mut Conn, remotes: &[RemoteFeedId]) -> Result<(), StorageError> {
    for remote in remotes {
        subscriptions::lock_remote(conn, *remote).await?;
    }
    Ok(())
}

async fn forget_unused(conn: &mut Conn, remotes: &[RemoteFeedId]) -> Result<(), StorageError> {
    for remote in remotes {
        subscriptions::forget_unused(conn, *remote).await?;
    }
    Ok(())
}

async fn calendars_of(conn: &mut Conn, actor: &Writer) -> Result<Vec<CalendarId>, StorageError> {
    let calendars = stored_calendars::list(conn, actor.user.id).await?;
    Ok(calendars.iter().map(|calendar| calendar.id).collect())
}

/// How often it was tried again.
#[derive(Default)]
struct Tries(usize);

impl Tries {
    /// Whether to try again, as another transaction was in the way.
    fn again<T>(&mut self, done: &Result<T, LeavingError>) -> bool {
        self.0 += 1;
        self.0 <= MOST_RETRIES && done.as_ref().is_err_and(LeavingError::is_conflict)
    }
}

impl LeavingError {
    fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Storage(StorageError::Conflict(_))
                | Self::Account(AccountError::Storage(StorageError::Conflict(_)))
                | Self::Calendar(CalendarError::Storage(StorageError::Conflict(_)))
                | Self::Event(EventError::Storage(StorageError::Conflict(_)))
        )
    }
}
