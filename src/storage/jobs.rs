//! Jobs: when each is due, and who is at it. What they do is not known here.

use jiff::Timestamp;

use super::column::{Micros, row};
use super::conn::Open;
use super::{Conn, StorageError};

/// A stored job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it is known by.
    pub name: String,
    /// When it is to be done next.
    pub next_due_at: Timestamp,
    /// The instance that is at it, or was when it died.
    pub lease_holder: Option<String>,
    /// Until when nobody else takes it.
    pub leased_until: Option<Timestamp>,
    /// When it was last begun.
    pub last_started_at: Option<Timestamp>,
    /// When it last came to an end, good or bad.
    pub last_finished_at: Option<Timestamp>,
    /// Why it failed then.
    pub last_error: Option<String>,
}

/// Who is at a job, and until when nobody else takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub name: String,
    /// The instance.
    pub holder: String,
    /// The end, unless it is renewed.
    pub until: Timestamp,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// When it is to be done again.
    pub next_due_at: Timestamp,
    /// Why it failed; none where it did not.
    pub error: Option<String>,
}

/// Puts a job on the schedule, unless it is there.
///
/// # Errors
/// [`StorageError`].
pub async fn plan(conn: &mut Conn, name: &str, first_due_at: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(PLAN).bind(name).bind(Micros::floor(first_due_at)).execute(c).await.map(drop))?;
    Ok(())
}

/// The names of all jobs that are due and nobody's, the longest due first.
///
/// # Errors
/// [`StorageError`].
pub async fn due(conn: &mut Conn, now: Timestamp) -> Result<Vec<String>, StorageError> {
    let names: Vec<(String,)> = on!(conn, c => sqlx::query_as(DUE).bind(Micros::floor(now)).fetch_all(c).await)?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Takes a job if it is due and nobody's; answers since when it has been due. Where somebody else is taking it at this
/// moment, this does not wait for the outcome.
///
/// # Errors
/// [`StorageError`].
pub async fn take(conn: &mut Conn, lease: &Lease, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    let sql = match conn.transaction() {
        Open::Sqlite(_) => TAKE_SQLITE,
        Open::Postgres(_) => TAKE_POSTGRES,
    };
    let taken: Option<(i64,)> = on!(conn, c => sqlx::query_as(sql)
        .bind(&lease.name)
        .bind(Micros::floor(now))
        .bind(&lease.holder)
        .bind(Micros::floor(lease.until))
        .fetch_optional(c)
        .await)?;
    let impossible = |_| StorageError::Corrupt("a job is due at an impossible time".to_owned());
    taken.map(|(due,)| Timestamp::from_microsecond(due).map_err(impossible)).transpose()
}

/// Moves the end of a lease; false: it is somebody else's, or nobody's.
///
/// # Errors
/// [`StorageError`].
pub async fn renew(conn: &mut Conn, lease: &Lease) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(RENEW)
        .bind(&lease.name)
        .bind(&lease.holder)
        .bind(Micros::floor(lease.until))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends a lease with the work done, or failed; false: it was somebody else's by then, or nobody's.
///
/// # Errors
/// [`StorageError`].
pub async fn finish(conn: &mut Conn, lease: &Lease, end: &End) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(FINISH)
        .bind(&lease.name)
        .bind(&lease.holder)
        .bind(Micros::floor(end.at))
        .bind(Micros::floor(end.next_due_at))
        .bind(end.error.as_deref())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends a lease with the work not done: the job is due as it was.
///
/// # Errors
/// [`StorageError`].
pub async fn give_back(conn: &mut Conn, lease: &Lease) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(GIVE_BACK).bind(&lease.name).bind(&lease.holder).execute(c).await.map(drop))?;
    Ok(())
}

/// All jobs, by name.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn) -> Result<Vec<Job>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(JOBS).fetch_all(c).await)?)
}

row!(Job { name, next_due_at, lease_holder, leased_until, last_started_at, last_finished_at, last_error });

const PLAN: &str = "INSERT INTO jobs (name, next_due_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const DUE: &str = "SELECT name FROM jobs WHERE next_due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) \
    ORDER BY next_due_at, name";
const TAKE_SQLITE: &str = "UPDATE jobs SET lease_holder = $3, leased_until = $4, last_started_at = $2 \
    WHERE name = $1 AND next_due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2) RETURNING next_due_at";
const TAKE_POSTGRES: &str = "UPDATE jobs SET lease_holder = $3, leased_until = $4, last_started_at = $2 \
    WHERE name = (SELECT name FROM jobs WHERE name = $1 AND next_due_at <= $2 \
    AND (leased_until IS NULL OR leased_until <= $2) FOR UPDATE SKIP LOCKED) RETURNING next_due_at";
const RENEW: &str = "UPDATE jobs SET leased_until = $3 WHERE name = $1 AND lease_holder = $2";
const FINISH: &str = "UPDATE jobs SET lease_holder = NULL, leased_until = NULL, last_finished_at = $3, next_due_at = $4, \
    last_error = $5 WHERE name = $1 AND lease_holder = $2";
const GIVE_BACK: &str =
    "UPDATE jobs SET lease_holder = NULL, leased_until = NULL WHERE name = $1 AND lease_holder = $2";
const JOBS: &str = "SELECT name, next_due_at, lease_holder, leased_until, last_started_at, last_finished_at, last_error \
    FROM jobs ORDER BY name";
