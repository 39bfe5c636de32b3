//! Users: one row each, with the profile and the hash of the password.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Time;
use sqlx::QueryBuilder;

use super::column::{Micros, row, seconds_since_midnight, words};
use super::ids_in::push_ids;
use super::{Conn, StorageError};
use crate::ids::UserId;
use crate::time::{Days, WorkingHours, Zone};

words! {
    /// Who may ask when this user is free.
    Visibility {
        /// Anybody.
        Public = "public",
        /// Whoever is signed in.
        Users = "users",
        /// Nobody else.
        Private = "private",
    }
}

/// A stored user, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Never used again after a deletion.
    pub id: UserId,
    /// As the user wrote it.
    pub username: String,
    /// As the user wrote it.
    pub email: String,
    /// Without the accident of case: what ATTENDEE addresses are compared with.
    pub email_key: String,
    /// The zone of the working hours, and of local times without a zone.
    pub timezone: Zone,
    /// Local time at which work starts.
    pub work_start: Time,
    /// Local time at which work ends; at or before the start: on the next day.
    pub work_end: Time,
    /// The days on which work starts.
    pub work_days: Days,
    /// Who may ask when the user is free.
    pub free_busy_visibility: Visibility,
    /// When the user registered.
    pub created_at: Timestamp,
    /// One more with every change.
    pub version: i64,
}

/// What a user can change of an account, and what registration gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// As the user wrote it.
    pub username: String,
    /// The username in lower case: unique.
    pub username_key: String,
    /// As the user wrote it.
    pub email: String,
    /// The e-mail address in lower case: unique.
    pub email_key: String,
    /// See [`User::timezone`].
    pub timezone: Zone,
    /// See [`User::work_start`]; whole seconds.
    pub work_start: Time,
    /// See [`User::work_end`]; whole seconds.
    pub work_end: Time,
    /// See [`User::work_days`].
    pub work_days: Days,
    /// See [`User::free_busy_visibility`].
    pub free_busy_visibility: Visibility,
}

/// A password as a PHC string. Its debug form says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// Adds a user and answers its id.
///
/// # Errors
/// `Unique(Username)`, `Unique(Email)`.
pub async fn insert(
    conn: &mut Conn,
    profile: &Profile,
    password: &PasswordHash,
    now: Timestamp,
) -> Result<UserId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_USER)
        .bind(&profile.username)
        .bind(&profile.username_key)
        .bind(&profile.email)
        .bind(&profile.email_key)
        .bind(profile.timezone.name())
        .bind(seconds_since_midnight(profile.work_start))
        .bind(seconds_since_midnight(profile.work_end))
        .bind(i16::from(profile.work_days.bits()))
        .bind(profile.free_busy_visibility.as_str())
        .bind(&password.0)
        .bind(Micros::floor(now))
        .fetch_one(c)
        .await)?;
    Ok(UserId(id))
}

/// The user of this id.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(USER_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The user of this name in lower case.
///
/// # Errors
/// [`StorageError`].
pub async fn by_username_key(conn: &mut Conn, key: &str) -> Result<Option<User>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(USER_BY_USERNAME_KEY).bind(key).fetch_optional(c).await)?)
}

/// Those of these users that exist, in the order of their ids, each once.
///
/// # Errors
/// [`StorageError`].
pub async fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(USERS_BY_IDS);
        push_ids(&mut query, ids.iter().map(|id| id.0));
        query.push(IN_ID_ORDER).build_query_as().fetch_all(c).await
    })?)
}

/// At most `limit` users whose name in lower case begins with `prefix` and comes after `after`, in the order of these names.
///
/// # Errors
/// [`StorageError`].
pub async fn search_by_prefix(
    conn: &mut Conn,
    prefix: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<User>, StorageError> {
    // The greatest code point ends the range of texts with this prefix: unlike LIKE, that is a search in the index.
    let end = format!("{prefix}\u{10FFFF}");
    let found = on!(conn, c => {
        sqlx::query_as(USERS_BY_PREFIX).bind(prefix).bind(end).bind(limit).bind(after).fetch_all(c).await
    })?;
    Ok(found)
}

/// The hash of this user's password.
///
/// # Errors
/// [`StorageError`].
pub async fn password_hash(conn: &mut Conn, id: UserId) -> Result<Option<PasswordHash>, StorageError> {
    let found: Option<(String,)> = on!(conn, c => sqlx::query_as(PASSWORD_OF).bind(id.0).fetch_optional(c).await)?;
    Ok(found.map(|(hash,)| PasswordHash(hash)))
}

/// Holds the user against other writers until the transaction ends, and answers it with its next version.
///
/// # Errors
/// [`StorageError`].
pub async fn lock(conn: &mut Conn, id: UserId) -> Result<Option<User>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(LOCK_USER).bind(id.0).fetch_optional(c).await)?)
}

/// Holds the user against other writers until the transaction ends, as [`lock`] does, but leaves it in its version: for what
/// is counted or kept beside it. False: there is no such user.
///
/// # Errors
/// [`StorageError`].
pub async fn hold(conn: &mut Conn, id: UserId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(HOLD_USER).bind(id.0).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Replaces the profile; false: there is no such user. [`lock`] first: this leaves the version as it is.
///
/// # Errors
/// `Unique(Username)`, `Unique(Email)`.
pub async fn update(conn: &mut Conn, id: UserId, profile: &Profile) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(UPDATE_USER)
        .bind(id.0)
        .bind(&profile.username)
        .bind(&profile.username_key)
        .bind(&profile.email)
        .bind(&profile.email_key)
        .bind(profile.timezone.name())
        .bind(seconds_since_midnight(profile.work_start))
        .bind(seconds_since_midnight(profile.work_end))
        .bind(i16::from(profile.work_days.bits()))
        .bind(profile.free_busy_visibility.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Replaces the password; false: there is no such user.
///
/// # Errors
/// [`StorageError`].
pub async fn set_password_hash(conn: &mut Conn, id: UserId, hash: &PasswordHash) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(SET_PASSWORD).bind(id.0).bind(&hash.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes the user with all that it owns; false: there is no such user.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, id: UserId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_USER).bind(id.0).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

impl User {
    /// When the user works.
    pub fn working_hours(&self) -> WorkingHours {
        WorkingHours { start: self.work_start, end: self.work_end, days: self.work_days, zone: self.timezone.clone() }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

row!(User {
    id,
    username,
    email,
    email_key,
    timezone,
    work_start,
    work_end,
    work_days,
    free_busy_visibility,
    created_at,
    version,
});

/// The columns of a [`User`].
macro_rules! user_columns {
    () => {
        "users.id, users.username, users.email, users.email_key, users.timezone, users.work_start, users.work_end, \
         users.work_days, users.free_busy_visibility, users.created_at, users.version"
    };
}
pub(super) use user_columns;

const NEW_USER: &str = "INSERT INTO users (username, username_key, email, email_key, timezone, work_start, work_end, \
    work_days, free_busy_visibility, password_hash, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
const USER_BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1");
const USER_BY_USERNAME_KEY: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE username_key = $1");
const USERS_BY_IDS: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id IN ");
const IN_ID_ORDER: &str = " ORDER BY id";
const USERS_BY_PREFIX: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users WHERE username_key >= $1 AND username_key < $2 AND username_key > $4 ORDER BY username_key LIMIT $3"
);
const PASSWORD_OF: &str = "SELECT password_hash FROM users WHERE id = $1";
const LOCK_USER: &str = concat!("UPDATE users SET version = version + 1 WHERE id = $1 RETURNING ", user_columns!());
const HOLD_USER: &str = "UPDATE users SET version = version WHERE id = $1";
const UPDATE_USER: &str = "UPDATE users SET username = $2, username_key = $3, email = $4, email_key = $5, \
    timezone = $6, work_start = $7, work_end = $8, work_days = $9, free_busy_visibility = $10 WHERE id = $1";
const SET_PASSWORD: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";
const DELETE_USER: &str = "DELETE FROM users WHERE id = $1";
