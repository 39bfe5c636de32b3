//! Imports that are kept: what was said of a file, and the file as it was understood. What is said is decided above.

use jiff::Timestamp;

use super::column::{Micros, row};
use super::{Conn, StorageError};
use crate::ids::{CalendarId, ImportId, UserId};

/// An import, without what is large of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Never used again after a deletion.
    pub id: ImportId,
    /// Into which calendar; none once that is gone.
    pub calendar_id: Option<CalendarId>,
    /// When.
    pub created_at: Timestamp,
    /// How large the file was, unpacked.
    pub size_bytes: i64,
    /// What became of its events.
    pub counts: Counts,
}

/// What became of the events of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New to the calendar.
    pub created: i64,
    /// In place of an older version.
    pub updated: i64,
    /// As they were.
    pub unchanged: i64,
    /// Left out.
    pub skipped: i64,
}

/// An import to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// Whose.
    pub user_id: UserId,
    /// See [`Import::calendar_id`].
    pub calendar_id: CalendarId,
    /// Now.
    pub created_at: Timestamp,
    /// See [`Import::size_bytes`].
    pub size_bytes: i64,
    /// See [`Import::counts`].
    pub counts: Counts,
    /// What was said of the file.
    pub report: &'a str,
    /// The file as it was understood, packed.
    pub repaired: &'a [u8],
}

/// How much is kept for each user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// So many of the latest.
    pub imports: usize,
    /// And of those as many of the latest as take no more than this together; the latest in any case.
    pub bytes: usize,
}

/// Keeps an import.
///
/// # Errors
/// `Orphan` where the user or the calendar is gone.
pub async fn insert(conn: &mut Conn, new: &NewImport<'_>) -> Result<ImportId, StorageError> {
    let kept_bytes = i64::try_from(new.report.len() + new.repaired.len()).unwrap_or(i64::MAX);
    let (id,): (i64,) = on!(conn, c => sqlx::query_as(NEW_IMPORT)
        .bind(new.user_id.0)
        .bind(new.calendar_id.0)
        .bind(Micros::floor(new.created_at))
        .bind(new.size_bytes)
        .bind(new.counts.created)
        .bind(new.counts.updated)
        .bind(new.counts.unchanged)
        .bind(new.counts.skipped)
        .bind(new.report)
        .bind(new.repaired)
        .bind(kept_bytes)
        .fetch_one(c)
        .await)?;
    Ok(ImportId(id))
}

/// Removes what a user has beyond what is kept, the oldest first.
///
/// # Errors
/// [`StorageError`].
pub async fn prune(conn: &mut Conn, user: UserId, keep: Keep) -> Result<(), StorageError> {
    let all: Vec<(i64, i64)> = on!(conn, c => sqlx::query_as(SIZES_OF_IMPORTS).bind(user.0).fetch_all(c).await)?;
    let bytes = i64::try_from(keep.bytes).unwrap_or(i64::MAX);
    let mut sum = 0_i64;
    let kept = all.iter().enumerate().take_while(|(place, (_, size))| {
        sum = sum.saturating_add(*size);
        *place < keep.imports && (*place == 0 || sum <= bytes)
    });
    let kept = kept.count();
    // In the order of their ids, whoever does it: two that prune at once do not wait for one another in a circle.
    for (id, _) in all.iter().skip(kept).rev() {
        on!(conn, c => sqlx::query(DELETE_IMPORT).bind(*id).bind(user.0).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The imports of a user, the latest first.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Import>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(IMPORTS_OF).bind(user.0).fetch_all(c).await)?)
}

/// An import of this user.
///
/// # Errors
/// [`StorageError`].
pub async fn get(conn: &mut Conn, user: UserId, id: ImportId) -> Result<Option<Import>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(IMPORT_OF).bind(id.0).bind(user.0).fetch_optional(c).await)?)
}

/// What was said of the file of an import of this user.
///
/// # Errors
/// [`StorageError`].
pub async fn report(conn: &mut Conn, user: UserId, id: ImportId) -> Result<Option<String>, StorageError> {
    let found: Option<(String,)> =
        on!(conn, c => sqlx::query_as(REPORT_OF).bind(id.0).bind(user.0).fetch_optional(c).await)?;
    Ok(found.map(|(report,)| report))
}

/// The file of an import of this user as it was understood, packed.
///
/// # Errors
/// [`StorageError`].
pub async fn repaired(conn: &mut Conn, user: UserId, id: ImportId) -> Result<Option<Vec<u8>>, StorageError> {
    let found: Option<(Vec<u8>,)> =
        on!(conn, c => sqlx::query_as(REPAIRED_OF).bind(id.0).bind(user.0).fetch_optional(c).await)?;
    Ok(found.map(|(repaired,)| repaired))
}

/// Removes an import of this user; false: the user has no such import.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, user: UserId, id: ImportId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_IMPORT).bind(id.0).bind(user.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

row!(Import { id, calendar_id, created_at, size_bytes + counts });
row!(Counts { created, updated, unchanged, skipped });

/// The columns of an [`Import`].
macro_rules! import_columns {
    () => {
        "SELECT id, calendar_id, created_at, size_bytes, created, updated, unchanged, skipped FROM imports "
    };
}

const NEW_IMPORT: &str = "INSERT INTO imports (user_id, calendar_id, created_at, size_bytes, created, updated, \
    unchanged, skipped, report, repaired, kept_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
const SIZES_OF_IMPORTS: &str = "SELECT id, kept_bytes FROM imports WHERE user_id = $1 ORDER BY id DESC";
const IMPORTS_OF: &str = concat!(import_columns!(), "WHERE user_id = $1 ORDER BY id DESC");
const IMPORT_OF: &str = concat!(import_columns!(), "WHERE id = $1 AND user_id = $2");
const REPORT_OF: &str = "SELECT report FROM imports WHERE id = $1 AND user_id = $2";
const REPAIRED_OF: &str = "SELECT repaired FROM imports WHERE id = $1 AND user_id = $2";
const DELETE_IMPORT: &str = "DELETE FROM imports WHERE id = $1 AND user_id = $2";
