//! Answers that are kept for a while under the key that a client gave its request, so that the request happens once however
//! often it is sent.

use jiff::Timestamp;

use super::column::{Micros, row};
use super::{Conn, StorageError, TokenHash};
use crate::ids::UserId;

/// A kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// SHA-256 of the request.
    pub request_hash: TokenHash,
    /// The answer; empty while the request is under way, which nobody else ever sees.
    pub answer: String,
}

/// Takes a key for this request; false: it is taken. Where another transaction holds it, this one waits for its end. An
/// answer kept under the key since before `oldest` gives way.
///
/// # Errors
/// `Orphan` where the user is gone.
pub async fn claim(
    conn: &mut Conn,
    (user, key): (UserId, &str),
    request: TokenHash,
    (oldest, now): (Timestamp, Timestamp),
) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(CLAIM_KEY)
        .bind(user.0)
        .bind(key)
        .bind(&request.0[..])
        .bind(Micros::floor(now))
        .bind(Micros::floor(oldest))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// What is kept under a key.
///
/// # Errors
/// [`StorageError`].
pub async fn get(conn: &mut Conn, user: UserId, key: &str) -> Result<Option<KeptAnswer>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(ANSWER_OF_KEY).bind(user.0).bind(key).fetch_optional(c).await)?)
}

/// Keeps the answer under a key that was taken.
///
/// # Errors
/// [`StorageError`].
pub async fn keep(conn: &mut Conn, user: UserId, key: &str, answer: &str) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(KEEP_ANSWER).bind(user.0).bind(key).bind(answer).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes what has been kept since before `oldest`; answers how many.
///
/// # Errors
/// [`StorageError`].
pub async fn purge(conn: &mut Conn, oldest: Timestamp) -> Result<u64, StorageError> {
    let done = on!(conn, c => sqlx::query(PURGE_ANSWERS).bind(Micros::floor(oldest)).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done)
}

row!(KeptAnswer { request_hash, answer });

const CLAIM_KEY: &str = "INSERT INTO kept_answers (user_id, idempotency_key, request_hash, answer, created_at) \
    VALUES ($1, $2, $3, '', $4) ON CONFLICT (user_id, idempotency_key) DO UPDATE SET \
    request_hash = excluded.request_hash, answer = '', created_at = excluded.created_at \
    WHERE kept_answers.created_at <= $5";
const ANSWER_OF_KEY: &str = "SELECT request_hash, answer FROM kept_answers WHERE user_id = $1 AND idempotency_key = $2";
const KEEP_ANSWER: &str = "UPDATE kept_answers SET answer = $3 WHERE user_id = $1 AND idempotency_key = $2";
const PURGE_ANSWERS: &str = "DELETE FROM kept_answers WHERE created_at <= $1";
