use super::actor::{Actor, Writer};
use super::passwords::Password;
use super::{AccountError, names, sessions};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::storage::accounts::{self as stored, PasswordHash, Profile, User, Visibility};
use crate::storage::subscriptions;
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

/// Changes the actor's profile, where it still is the version that is expected.
///
/// # Errors
/// `Invalid`, `UsernameTaken`, `EmailTaken`, `Changed`.
pub async fn update_profile(
    app: &App,
    actor: &Writer,
    change: ProfileChange,
    expected: &Expected,
) -> Result<User, AccountError> {
    let mut conn = app.db.write().await?;
    let user = stored::lock(&mut conn, actor.user.id).await?.ok_or(AccountError::NoSuchUser)?;
    if !expected.is_met_by(user.version - 1) {
        return Err(AccountError::Changed);
    }
    let profile = changed(&user, change)?;
    stored::update(&mut conn, user.id, &profile).await?;
    let user = stored::by_id(&mut conn, user.id).await?.ok_or(AccountError::NoSuchUser)?;
    conn.commit().await?;
    Ok(user)
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

/// Removes the actor's account and all that it owns.
///
/// # Errors
/// `WrongPassword`, `TooManyAttempts`.
pub async fn delete_account(
    app: &App,
    actor: &Writer,
    password: Password,
    origin: &sessions::Origin,
) -> Result<(), AccountError> {
    confirm(app, actor, password, origin).await?;
    let mut conn = app.db.write().await?;
    stored::lock(&mut conn, actor.user.id).await?;
    let subscribed = subscriptions::remotes_of(&mut conn, actor.user.id).await?;
    for remote in &subscribed {
        subscriptions::lock_remote(&mut conn, *remote).await?;
    }
    stored::delete(&mut conn, actor.user.id).await?;
    for remote in subscribed {
        subscriptions::forget_unused(&mut conn, remote).await?;
    }
    conn.commit().await?;
    tracing::info!(user = %actor.user.id, "user {} deleted the account", actor.user.id);
    Ok(())
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

async fn confirm(app: &App, actor: &Actor, password: Password, origin: &sessions::Origin) -> Result<(), AccountError> {
    let credentials = sessions::Credentials { username: actor.user.username.clone(), password };
    match sessions::prove(app, credentials, origin).await {
        Ok(_) => Ok(()),
        Err(AccountError::WrongCredentials) => Err(AccountError::WrongPassword),
        Err(other) => Err(other),
    }
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
