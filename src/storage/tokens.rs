//! API tokens: long-lived secrets for programs, known by their hashes.

use jiff::Timestamp;

use super::accounts::{User, user_columns};
use super::column::{Micros, row, words};
use super::{Conn, StorageError, TokenHash};
use crate::ids::{TokenId, UserId};

words! {
    /// What a token allows.
    Scope {
        /// To look.
        Read = "read",
        /// To look and to change.
        Write = "write",
    }
}

/// A token as its owner sees it: without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Never used again.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What the user calls it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A token to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Whose.
    pub user_id: UserId,
    /// See [`ApiToken::name`].
    pub name: String,
    /// See [`ApiToken::scope`].
    pub scope: Scope,
    /// Of the secret.
    pub token_hash: TokenHash,
    /// Now.
    pub created_at: Timestamp,
    /// See [`ApiToken::expires_at`].
    pub expires_at: Option<Timestamp>,
}

/// Who stands behind a token's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The token.
    pub token_id: TokenId,
    /// What it allows.
    pub scope: Scope,
    /// When it was last used, to the minute; the caller that sees a recent use need not [`touch`].
    pub last_used_at: Option<Timestamp>,
    /// When it ends, if ever: the caller compares that with the clock.
    pub expires_at: Option<Timestamp>,
    /// The whole user.
    pub user: User,
}

/// Adds a token.
///
/// # Errors
/// `Unique(ApiToken)`; `Orphan` where the user is gone.
pub async fn insert(conn: &mut Conn, new: &NewToken) -> Result<TokenId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_TOKEN)
        .bind(new.user_id.0)
        .bind(&new.name)
        .bind(new.scope.as_str())
        .bind(&new.token_hash.0[..])
        .bind(Micros::floor(new.created_at))
        .bind(new.expires_at.map(Micros::floor))
        .fetch_one(c)
        .await)?;
    Ok(TokenId(id))
}

/// The token of this secret and its user, in one query. It may have expired.
///
/// # Errors
/// [`StorageError`].
pub async fn by_token_hash(conn: &mut Conn, hash: TokenHash) -> Result<Option<TokenHolder>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(TOKEN_HOLDER).bind(&hash.0[..]).fetch_optional(c).await)?)
}

/// Notes a use, unless one was noted within the last minute.
///
/// # Errors
/// [`StorageError`].
pub async fn touch(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(TOUCH_TOKEN).bind(id.0).bind(Micros::floor(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// The tokens of a user, expired ones too, in the order in which they were made.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<ApiToken>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(TOKENS_OF).bind(user.0).fetch_all(c).await)?)
}

/// How many tokens of this user have not expired.
///
/// # Errors
/// [`StorageError`].
pub async fn count_live(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<i64, StorageError> {
    let (count,) =
        on!(conn, c => sqlx::query_as(COUNT_LIVE_TOKENS).bind(user.0).bind(Micros::floor(now)).fetch_one(c).await)?;
    Ok(count)
}

/// Removes one token of this user; false: the user has no such token.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, user: UserId, id: TokenId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_TOKEN).bind(id.0).bind(user.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes every token of this user but `keep`.
///
/// # Errors
/// [`StorageError`].
pub async fn delete_others(conn: &mut Conn, user: UserId, keep: Option<TokenId>) -> Result<u64, StorageError> {
    let keep = keep.map_or(NO_TOKEN, |id| id.0);
    let done = on!(conn, c => sqlx::query(DELETE_OTHER_TOKENS).bind(user.0).bind(keep).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done)
}

/// Removes what expired at `now` or before; answers how many.
///
/// # Errors
/// [`StorageError`].
pub async fn purge_expired(conn: &mut Conn, now: Timestamp) -> Result<u64, StorageError> {
    let done = on!(conn, c => sqlx::query(PURGE_TOKENS).bind(Micros::floor(now)).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done)
}

row!(ApiToken { id, user_id, name, scope, created_at, last_used_at, expires_at });
row!(TokenHolder { token_id, scope, last_used_at, expires_at, + user });

/// Ids are counted from 1.
const NO_TOKEN: i64 = 0;
const NEW_TOKEN: &str = "INSERT INTO api_tokens (user_id, name, scope, token_hash, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
const TOKEN_HOLDER: &str = concat!(
    "SELECT api_tokens.id AS token_id, api_tokens.scope, api_tokens.last_used_at, api_tokens.expires_at, ",
    user_columns!(),
    " FROM api_tokens JOIN users ON users.id = api_tokens.user_id WHERE api_tokens.token_hash = $1"
);
const TOUCH_TOKEN: &str = "UPDATE api_tokens SET last_used_at = $2 \
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2 - CAST(60000000 AS BIGINT))";
const TOKENS_OF: &str = "SELECT id, user_id, name, scope, created_at, last_used_at, expires_at \
    FROM api_tokens WHERE user_id = $1 ORDER BY id";
const COUNT_LIVE_TOKENS: &str =
    "SELECT COUNT(*) FROM api_tokens WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2)";
const DELETE_TOKEN: &str = "DELETE FROM api_tokens WHERE id = $1 AND user_id = $2";
const DELETE_OTHER_TOKENS: &str = "DELETE FROM api_tokens WHERE user_id = $1 AND id <> $2";
const PURGE_TOKENS: &str = "DELETE FROM api_tokens WHERE expires_at <= $1";
