use futures_util::{Stream, TryStreamExt};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{Conn, EventRow, Micros, StorageError, row};
use crate::ids::{CalendarId, EventId};
use crate::storage::ids_in::push_ids;

/// A stored object, as an import or an export needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which event.
    pub id: EventId,
    /// Its UID.
    pub uid: String,
    /// Its SEQUENCE.
    pub sequence: i64,
    /// The stored truth.
    pub object: String,
}

/// Adds events, or replaces those of the same UID in the same calendar: thousands of them in a few statements. No UID may
/// come twice for one calendar.
///
/// # Errors
/// `Orphan` where a calendar is gone.
pub async fn upsert_all(conn: &mut Conn, rows: &[EventRow]) -> Result<(), StorageError> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        on!(conn, c => {
            let mut query = QueryBuilder::new(UPSERT_EVENTS);
            push_rows(&mut query, rows);
            let query = query.push(ON_SAME_UID).build();
            query.persistent(rows.len() == ROWS_AT_ONCE).execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Those of these UIDs that are in the calendar, in no order.
///
/// # Errors
/// [`StorageError`].
pub async fn known(conn: &mut Conn, calendar: CalendarId, uids: &[&str]) -> Result<Vec<Known>, StorageError> {
    let mut found = Vec::new();
    for uids in uids.chunks(UIDS_AT_ONCE) {
        found.extend(on!(conn, c => {
            let mut query = QueryBuilder::new(KNOWN_OBJECTS);
            query.push_bind(calendar.0).push(AND_UID_IN);
            let mut list = query.separated(", ");
            for uid in uids {
                list.push_bind(*uid);
            }
            let query = query.push(")").build_query_as::<Known>();
            query.persistent(uids.len() == UIDS_AT_ONCE).fetch_all(c).await
        })?);
    }
    Ok(found)
}

/// The events of a calendar whose ids come after `after`, in their order, as many as make a page: all of them, page by page,
/// when each page begins after the last id of the one before, until one is empty.
///
/// # Errors
/// [`StorageError`].
pub async fn objects(
    conn: &mut Conn,
    calendar: CalendarId,
    after: Option<EventId>,
    size: PageSize,
) -> Result<Vec<Known>, StorageError> {
    let after = after.map_or(NO_EVENT, |id| id.0);
    on!(conn, c => {
        let rows = sqlx::query_as(OBJECTS_OF).bind(calendar.0).bind(after).bind(size.rows).fetch(c);
        within(rows, size.bytes, |known: &Known| known.object.len()).await
    })
}

/// Many objects of a calendar, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The event of the last of them.
    pub last: EventId,
    /// What is stored of them.
    pub text: String,
}

/// The objects of a calendar whose ids come after `after`, in their order, as many as make a page; none where no event is
/// left. They come as one text: a row costs more than a small object.
///
/// # Errors
/// [`StorageError`].
pub async fn texts(
    conn: &mut Conn,
    calendar: CalendarId,
    after: Option<EventId>,
    size: PageSize,
) -> Result<Option<Texts>, StorageError> {
    let after = after.map_or(NO_EVENT, |id| id.0);
    let bytes = i64::try_from(size.bytes).unwrap_or(i64::MAX);
    let (last,): (Option<i64>,) = on!(conn, c => sqlx::query_as(END_OF_PAGE)
        .bind(calendar.0).bind(after).bind(size.rows).bind(bytes).fetch_one(c).await)?;
    let Some(last) = last else { return Ok(None) };
    let (text,): (String,) = on!(conn, c => sqlx::query_as(JOINED_OBJECTS)
        .bind(calendar.0).bind(after).bind(last).fetch_one(c).await)?;
    Ok(Some(Texts { last: EventId(last), text }))
}

/// How much is read at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// At most so many rows.
    pub rows: i64,
    /// No more rows once their objects have so many bytes.
    pub bytes: usize,
}

/// The first of these rows, up to the one with which their bytes come to the bound.
pub(super) async fn within<T>(
    rows: impl Stream<Item = Result<T, sqlx::Error>>,
    bytes: usize,
    size: impl Fn(&T) -> usize,
) -> Result<Vec<T>, StorageError> {
    let (mut rows, mut taken, mut total) = (std::pin::pin!(rows), Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        total += size(&row);
        taken.push(row);
        if total >= bytes {
            break;
        }
    }
    Ok(taken)
}

/// Removes these events of a calendar.
///
/// # Errors
/// [`StorageError`].
pub async fn delete_all(conn: &mut Conn, calendar: CalendarId, ids: &[EventId]) -> Result<(), StorageError> {
    for ids in ids.chunks(IDS_AT_ONCE) {
        on!(conn, c => {
            let mut query = QueryBuilder::new(DELETE_EVENTS);
            query.push_bind(calendar.0).push(AND_ID_IN);
            push_ids(&mut query, ids.iter().map(|id| id.0));
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

row!(Known { id, uid, sequence, object });

/// Appends `($1, …, $13), (…), …`.
fn push_rows<DB: Database>(query: &mut QueryBuilder<DB>, rows: &[EventRow])
where
    for<'q> i16: Encode<'q, DB> + Type<DB>,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> bool: Encode<'q, DB> + Type<DB>,
    for<'q> &'q str: Encode<'q, DB> + Type<DB>,
    for<'q> Option<&'q str>: Encode<'q, DB> + Type<DB>,
{
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(row.calendar_id.0)
            .push_bind(row.uid.as_str())
            .push_bind(row.object.as_str())
            .push_bind(Micros::floor(row.index.first_start))
            .push_bind(row.index.last_end.micros())
            .push_bind(row.index.blocks.stored())
            .push_bind(row.index.transparent)
            .push_bind(row.index.sequence)
            .push_bind(row.index.source.as_deref())
            .push_bind(row.index.title.as_str())
            .push_bind(row.index.search_text.as_str())
            .push_bind(Micros::floor(row.updated_at))
            .push_bind(Micros::floor(row.updated_at));
    });
}

/// Thirteen values each: SQLite takes 32,766 in a statement, PostgreSQL 65,535.
const ROWS_AT_ONCE: usize = 250;
const UIDS_AT_ONCE: usize = 500;
const IDS_AT_ONCE: usize = 512;
/// Ids are counted from 1.
const NO_EVENT: i64 = 0;

const UPSERT_EVENTS: &str = "INSERT INTO events (calendar_id, uid, object, first_start, last_end, busy_type, \
    transparent, sequence, source, title, search_text, created_at, updated_at) ";
const ON_SAME_UID: &str = " ON CONFLICT (calendar_id, uid) DO UPDATE SET object = excluded.object, \
    first_start = excluded.first_start, last_end = excluded.last_end, busy_type = excluded.busy_type, \
    transparent = excluded.transparent, sequence = excluded.sequence, source = excluded.source, \
    title = excluded.title, search_text = excluded.search_text, updated_at = excluded.updated_at, \
    version = events.version + 1";
const KNOWN_OBJECTS: &str = "SELECT id, uid, sequence, object FROM events WHERE calendar_id = ";
const DELETE_EVENTS: &str = "DELETE FROM events WHERE calendar_id = ";
const AND_ID_IN: &str = " AND id IN ";
const AND_UID_IN: &str = " AND uid IN (";
const OBJECTS_OF: &str =
    "SELECT id, uid, sequence, object FROM events WHERE calendar_id = $1 AND id > $2 ORDER BY id LIMIT $3";
/// The last row with which the bytes come to the bound; how many bytes an object has is told without reading it.
const END_OF_PAGE: &str = "SELECT MAX(id) FROM \
    (SELECT id, SUM(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM \
    (SELECT id, CAST(octet_length(object) AS BIGINT) AS bytes FROM events WHERE calendar_id = $1 AND id > $2 \
    ORDER BY id LIMIT $3) AS sized) AS page WHERE bytes_before < $4";
const JOINED_OBJECTS: &str =
    "SELECT string_agg(object, '' ORDER BY id) FROM events WHERE calendar_id = $1 AND id > $2 AND id <= $3";
