//! Who asks which address when. An address that is due is claimed by a lease, so that one server at a time asks it; the
//! lease of a server that was killed ends by itself.

use jiff::Timestamp;

use super::remote::{RemoteStatus, remote_columns};
use super::{Conn, Micros, RemoteFeed, StorageError};
use crate::ids::RemoteFeedId;
use crate::storage::conn::Open;

/// By whom, when and for how long something is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The server.
    pub by: i64,
    /// Now.
    pub now: Timestamp,
    /// When somebody else may claim it.
    pub until: Timestamp,
}

/// One claim of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The address.
    pub remote: RemoteFeedId,
    /// Its [`RemoteFeed::lease`] from then on; another number says that the claim was lost.
    pub number: i64,
}

/// A good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Good<'a> {
    /// When it came.
    pub at: Timestamp,
    /// See [`RemoteFeed::etag`].
    pub etag: Option<&'a str>,
    /// See [`RemoteFeed::last_modified`].
    pub last_modified: Option<&'a str>,
    /// See [`RemoteFeed::content_hash`].
    pub content_hash: Option<&'a [u8]>,
    /// See [`RemoteFeed::content_version`].
    pub content_version: i64,
    /// See [`RemoteFeed::feed_minutes`].
    pub feed_minutes: Option<i64>,
    /// What its reading found, as JSON, and in a sentence where that should be known; none: what was found before still holds.
    pub found: Option<(&'a str, Option<&'a str>)>,
    /// When to ask again.
    pub next_due_at: Timestamp,
}

/// An answer that is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed<'a> {
    /// Failed or gone.
    pub status: RemoteStatus,
    /// In a sentence.
    pub error: &'a str,
    /// How often in a row.
    pub failures: i64,
    /// When to ask again; none: not by itself.
    pub next_due_at: Option<Timestamp>,
}

/// Claims at most `limit` addresses that are due and that nobody else has claimed, those that were due first.
///
/// # Errors
/// [`StorageError`].
pub async fn claim_due(conn: &mut Conn, claim: &Claim, limit: i64) -> Result<Vec<RemoteFeed>, StorageError> {
    let (by, now, until) = (claim.by, Micros::floor(claim.now), Micros::floor(claim.until));
    Ok(match conn.transaction() {
        Open::Sqlite(c) => {
            let query = sqlx::query_as(CLAIM_DUE_SQLITE).bind(now).bind(by).bind(until).bind(limit);
            query.fetch_all(&mut **c).await?
        }
        Open::Postgres(c) => {
            let query = sqlx::query_as(CLAIM_DUE_POSTGRES).bind(now).bind(by).bind(until).bind(limit);
            query.fetch_all(&mut **c).await?
        }
    })
}

/// Claims one address, due or not; nothing where somebody else has claimed it, or it is gone.
///
/// # Errors
/// [`StorageError`].
pub async fn claim_one(conn: &mut Conn, id: RemoteFeedId, claim: &Claim) -> Result<Option<RemoteFeed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(CLAIM_ONE)
        .bind(Micros::floor(claim.now))
        .bind(claim.by)
        .bind(Micros::floor(claim.until))
        .bind(id.0)
        .fetch_optional(c)
        .await)?)
}

/// Holds the address until the transaction ends, and makes the lease last until then; false: it was lost.
///
/// # Errors
/// [`StorageError`].
pub async fn hold(conn: &mut Conn, lease: Lease, until: Timestamp) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(HOLD)
        .bind(lease.remote.0)
        .bind(lease.number)
        .bind(Micros::floor(until))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends a lease with a good answer. [`hold`] first: a subscriber who came meanwhile makes the address due at once.
///
/// # Errors
/// [`StorageError`].
pub async fn finish_good(conn: &mut Conn, lease: Lease, good: &Good<'_>) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(FINISH_GOOD)
        .bind(lease.remote.0)
        .bind(lease.number)
        .bind(Micros::floor(good.at))
        .bind(good.etag)
        .bind(good.last_modified)
        .bind(good.content_hash)
        .bind(good.content_version)
        .bind(good.feed_minutes)
        .bind(good.found.is_some())
        .bind(good.found.map(|(report, _)| report))
        .bind(good.found.and_then(|(_, notice)| notice))
        .bind(Micros::floor(good.next_due_at))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends a lease with an answer that is not good: what was good before stays.
///
/// # Errors
/// [`StorageError`].
pub async fn finish_failed(conn: &mut Conn, lease: Lease, failed: &Failed<'_>) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(FINISH_FAILED)
        .bind(lease.remote.0)
        .bind(lease.number)
        .bind(failed.status.as_str())
        .bind(failed.error)
        .bind(failed.failures)
        .bind(failed.next_due_at.map(Micros::floor))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Makes an address due at `due` at the latest.
///
/// # Errors
/// [`StorageError`].
pub async fn due_by(conn: &mut Conn, id: RemoteFeedId, due: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(DUE_BY).bind(id.0).bind(Micros::floor(due)).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether an address is due that nobody has claimed.
///
/// # Errors
/// [`StorageError`].
pub async fn is_any_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StorageError> {
    let (is,): (bool,) = on!(conn, c => sqlx::query_as(IS_ANY_DUE).bind(Micros::floor(now)).fetch_one(c).await)?;
    Ok(is)
}

/// Ends a lease without an answer: the address is due at once.
///
/// # Errors
/// [`StorageError`].
pub async fn give_back(conn: &mut Conn, lease: Lease, now: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(GIVE_BACK)
        .bind(lease.remote.0)
        .bind(lease.number)
        .bind(Micros::floor(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends all leases of a server that stops: what it had claimed is due for others at once.
///
/// # Errors
/// [`StorageError`].
pub async fn release_all(conn: &mut Conn, by: i64) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(RELEASE_ALL).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// The first half of a claim.
macro_rules! claim {
    () => {
        "UPDATE remote_feeds SET leased_by = $2, leased_until = $3, lease = lease + 1, last_tried_at = $1 WHERE id IN \
         (SELECT id FROM remote_feeds WHERE "
    };
}

macro_rules! due {
    () => {
        "next_due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) ORDER BY next_due_at, id LIMIT $4"
    };
}

const CLAIM_DUE_SQLITE: &str = concat!(claim!(), due!(), ") RETURNING ", remote_columns!());
const CLAIM_DUE_POSTGRES: &str = concat!(claim!(), due!(), " FOR UPDATE SKIP LOCKED) RETURNING ", remote_columns!());
const CLAIM_ONE: &str = concat!(
    "UPDATE remote_feeds SET leased_by = $2, leased_until = $3, lease = lease + 1, last_tried_at = $1 \
     WHERE id = $4 AND (leased_until IS NULL OR leased_until <= $1) RETURNING ",
    remote_columns!()
);
const HOLD: &str =
    "UPDATE remote_feeds SET leased_until = $3 WHERE id = $1 AND lease = $2 AND leased_until IS NOT NULL";
const FINISH_GOOD: &str = "UPDATE remote_feeds SET last_status = 'ok', failures = 0, last_good_at = $3, etag = $4, \
    last_modified = $5, content_hash = $6, content_version = $7, refresh_minutes = $8, \
    report = CASE WHEN $9 THEN $10 ELSE report END, \
    notice = CASE WHEN $9 THEN $11 ELSE notice END, last_error = NULL, \
    next_due_at = CASE WHEN EXISTS (SELECT 1 FROM subscriptions WHERE remote_feed_id = remote_feeds.id \
        AND mirrored_version <> $7 AND mirror_error IS NULL) THEN $3 ELSE $12 END, \
    leased_until = NULL, leased_by = NULL WHERE id = $1 AND lease = $2";
const FINISH_FAILED: &str = "UPDATE remote_feeds SET last_status = $3, last_error = $4, failures = $5, \
    next_due_at = $6, leased_until = NULL, leased_by = NULL WHERE id = $1 AND lease = $2";
const DUE_BY: &str = "UPDATE remote_feeds SET next_due_at = CASE WHEN next_due_at < $2 THEN next_due_at ELSE $2 END \
    WHERE id = $1";
const IS_ANY_DUE: &str = "SELECT EXISTS (SELECT 1 FROM remote_feeds WHERE next_due_at <= $1 \
    AND (leased_until IS NULL OR leased_until <= $1))";
const GIVE_BACK: &str = "UPDATE remote_feeds SET leased_until = NULL, leased_by = NULL, next_due_at = $3 \
    WHERE id = $1 AND lease = $2";
const RELEASE_ALL: &str = "UPDATE remote_feeds SET leased_until = NULL, leased_by = NULL WHERE leased_by = $1";
