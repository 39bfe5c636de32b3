use super::actor::{Actor, Writer};
use super::passwords::Password;
use super::{AccountError, names, sessions};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::storage::Conn;
use crate::storage::accounts::{self as stored, PasswordHash, Profile, User, Visibility};
use crate::time::{Days, Time, Zone};
use crate::versions::Expected;

/// What to change of a profile; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// See [`super::Registration::username`].
    pub username: Option<String>,
    /// See [`super::Registration::email`].
    pub email: Option<String>,
    /// See [`super::Registration::timezone`].
    pub timezone: Option<String>,
    /// When work starts, on the wall clock.
    pub work_start: Option<Time>,
    /// When work ends; at or before the start: on the next day.
    pub work_end: Option<Time>,
    /// The days on which work starts.
    pub work_days: Option<Days>,
    /// Who may ask when the user is free.
    pub free_busy_visibility: Option<Visibility>,
}

/// A profile as it was, and as it is.
#[derive(Clone, Debug)]
pub struct ChangedProfile {
    /// Before the change.
    pub before: User,
    /// After it.
    pub after: User,
}

/// Changes the actor's profile, where it still is the version that is expected, in the caller's transaction. What an
/// address stands in besides is the caller's concern.
///
/// # Errors
/// `Invalid`, `UsernameTaken`, `EmailTaken`, `Changed`.
pub async fn update_profile(
    conn: &mut Conn,
    actor: &Writer,
    change: ProfileChange,
    expected: &Expected,
) -> Result<ChangedProfile, AccountError> {
    let before = stored::lock(conn, actor.user.id).await?.ok_or(AccountError::NoSuchUser)?;
    if !expected.is_met_by(before.version - 1) {
        return Err(AccountError::Changed);
    }
    let profile = changed(&before, change)?;
    stored::update(conn, before.id, &profile).await?;
    let after = stored::by_id(conn, before.id).await?.ok_or(AccountError::NoSuchUser)?;
    Ok(ChangedProfile { before, after })
}

/// Replaces the actor's password; every other session and token ends.
///
/// # Errors
/// `WrongPassword`, `Invalid`, `TooManyAttempts`.
pub async fn change_password(
    app: &App,
    actor: &Writer,
    current: Password,
    new: Password,
    origin: &sessions::Origin,
) -> Result<(), AccountError> {
    confirm(app, actor, current, origin).await?;
    new.check_for(&actor.user.username).map_err(|message| FieldErrors::one("new_password", message))?;
    let hash = PasswordHash(app.passwords.hash(new).await?);
    let mut conn = app.db.write().await?;
    stored::set_password_hash(&mut conn, actor.user.id, &hash).await?;
    sessions::end_all(&mut conn, actor.user.id, Some(actor.via)).await?;
    Ok(conn.commit().await?)
}

/// Removes the actor's account and all that it owns, in the caller's transaction; [`confirm`] comes first.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn remove_account(conn: &mut Conn, actor: &Writer) -> Result<(), AccountError> {
    stored::delete(conn, actor.user.id).await?;
    tracing::info!(user = %actor.user.id, "user {} deletes the account", actor.user.id);
    Ok(())
}

/// Whether it is the actor who asks, as only they know the password.
///
/// # Errors
/// `WrongPassword`, `TooManyAttempts`.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    password: Password,
    origin: &sessions::Origin,
) -> Result<(), AccountError> {
    let credentials = sessions::Credentials { username: actor.user.username.clone(), password };
    match sessions::prove(app, credentials, origin).await {
        Ok(_) => Ok(()),
        Err(AccountError::WrongCredentials) => Err(AccountError::WrongPassword),
        Err(other) => Err(other),
    }
}

/// At most `limit` users whose name begins with `prefix` and comes after `after`, without regard to case, in the order of
/// names.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn people_by_prefix(
    app: &App,
    _: &Actor,
    (prefix, after): (&str, &str),
    limit: i64,
) -> Result<Vec<User>, AccountError> {
    let (prefix, after) = (names::username_key(prefix), names::username_key(after));
    let mut conn = app.db.read().await?;
    Ok(stored::search_by_prefix(&mut conn, &prefix, &after, limit).await?)
}

fn changed(user: &User, change: ProfileChange) -> Result<Profile, FieldErrors> {
    let mut errors = FieldErrors::new();
    let username = errors.take("username", names::username(change.username.as_deref().unwrap_or(&user.username)));
    let email = errors.take("email", names::email(change.email.as_deref().unwrap_or(&user.email)));
    let zone = change.timezone.map_or_else(|| Ok(user.timezone.clone()), |name| Zone::iana(&name));
    let zone = errors.take("timezone", zone);
    let (Some(username), Some(email), Some(timezone)) = (username, email, zone) else { return Err(errors) };
    Ok(Profile {
        username: username.text,
        username_key: username.key,
        email: email.text,
        email_key: email.key,
        timezone,
        work_start: change.work_start.unwrap_or(user.work_start),
        work_end: change.work_end.unwrap_or(user.work_end),
        work_days: change.work_days.unwrap_or(user.work_days),
        free_busy_visibility: change.free_busy_visibility.unwrap_or(user.free_busy_visibility),
    })
}
