//! Where a user is signed in: one row for each browser, known by the hash of its secret.

use jiff::Timestamp;

use super::accounts::{User, user_columns};
use super::column::{Micros, row};
use super::{Conn, StorageError, TokenHash};
use crate::ids::{SessionId, UserId};

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Never used again.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub last_used_at: Timestamp,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
    /// What the browser called itself at sign-in.
    pub user_agent: String,
    /// Where from.
    pub address: String,
}

/// A session to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub user_id: UserId,
    /// Of the secret in the cookie.
    pub token_hash: TokenHash,
    /// Now: also its first use.
    pub created_at: Timestamp,
    /// See [`Session::expires_at`].
    pub expires_at: Timestamp,
    /// See [`Session::user_agent`].
    pub user_agent: String,
    /// See [`Session::address`].
    pub address: String,
}

/// Who stands behind a session's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// When it was last renewed.
    pub last_used_at: Timestamp,
    /// When it ends: the caller compares that with the clock.
    pub expires_at: Timestamp,
    /// The whole user.
    pub user: User,
}

/// Adds a session.
///
/// # Errors
/// `Unique(SessionToken)`; `Orphan` where the user is gone.
pub async fn insert(conn: &mut Conn, new: &NewSession) -> Result<SessionId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_SESSION)
        .bind(new.user_id.0)
        .bind(&new.token_hash.0[..])
        .bind(Micros::floor(new.created_at))
        .bind(Micros::floor(new.expires_at))
        .bind(&new.user_agent)
        .bind(&new.address)
        .fetch_one(c)
        .await)?;
    Ok(SessionId(id))
}

/// The session of this secret and its user, in one query: every request asks it. It may have expired.
///
/// # Errors
/// [`StorageError`].
pub async fn by_token_hash(conn: &mut Conn, hash: TokenHash) -> Result<Option<SignedIn>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(SIGNED_IN).bind(&hash.0[..]).fetch_optional(c).await)?)
}

/// Notes a use and moves the end of the session.
///
/// # Errors
/// [`StorageError`].
pub async fn renew(conn: &mut Conn, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(RENEW_SESSION)
        .bind(id.0)
        .bind(Micros::floor(now))
        .bind(Micros::floor(expires_at))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The sessions of a user that have not expired, the latest sign-in first.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<Session>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(SESSIONS_OF).bind(user.0).bind(Micros::floor(now)).fetch_all(c).await)?)
}

/// Ends one session of this user; false: the user has no such session.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, user: UserId, id: SessionId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_SESSION).bind(id.0).bind(user.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends every session of this user but `keep`.
///
/// # Errors
/// [`StorageError`].
pub async fn delete_others(conn: &mut Conn, user: UserId, keep: Option<SessionId>) -> Result<u64, StorageError> {
    let keep = keep.map_or(NO_SESSION, |id| id.0);
    let done = on!(conn, c => sqlx::query(DELETE_OTHER_SESSIONS).bind(user.0).bind(keep).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done)
}

/// Removes what expired at `now` or before; answers how many.
///
/// # Errors
/// [`StorageError`].
pub async fn purge_expired(conn: &mut Conn, now: Timestamp) -> Result<u64, StorageError> {
    let done = on!(conn, c => sqlx::query(PURGE_SESSIONS).bind(Micros::floor(now)).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done)
}

row!(Session { id, user_id, created_at, last_used_at, expires_at, user_agent, address });
row!(SignedIn { session_id, last_used_at, expires_at, + user });

/// Ids are counted from 1.
const NO_SESSION: i64 = 0;
const NEW_SESSION: &str = "INSERT INTO sessions (user_id, token_hash, created_at, last_used_at, expires_at, user_agent, \
    address) VALUES ($1, $2, $3, $3, $4, $5, $6) RETURNING id";
const SIGNED_IN: &str = concat!(
    "SELECT sessions.id AS session_id, sessions.last_used_at, sessions.expires_at, ",
    user_columns!(),
    " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.token_hash = $1"
);
const RENEW_SESSION: &str = "UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1";
const SESSIONS_OF: &str = "SELECT id, user_id, created_at, last_used_at, expires_at, user_agent, address \
    FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC";
const DELETE_SESSION: &str = "DELETE FROM sessions WHERE id = $1 AND user_id = $2";
const DELETE_OTHER_SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";
const PURGE_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at <= $1";
