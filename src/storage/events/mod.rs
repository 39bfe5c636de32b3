//! Events: a calendar object each, with an index of it that can be made again from it.
//!
//! What the index says is decided by who writes it; here it is only kept and searched. A window reads the events near
//! it, however many others there are: see the two indexes of the table.

mod bulk;
mod busy;
mod page;
#[cfg(test)]
mod tests;

pub use bulk::{Known, PageSize, Texts, known, texts, upsert_all};
pub use busy::{BusyRow, busy_rows};
use jiff::Timestamp;
pub use page::{EventCursor, EventFilter, page, page_within};

use super::column::{Column, Micros, row};
use super::{Conn, LastEnd, StorageError};
use crate::ids::{CalendarId, EventId, UserId};

/// What a plain single event is to a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blocks {
    /// It is not there.
    Nothing,
    /// It takes its time.
    Busy,
    /// It may take its time.
    Tentative,
}

/// What is found of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventIndex {
    /// When the first occurrence starts: at the earliest, where that depends on a zone.
    pub first_start: Timestamp,
    /// When the last occurrence ends: at the latest.
    pub last_end: LastEnd,
    /// What a search takes from `first_start` to `last_end` for, when there is no `source`.
    pub blocks: Blocks,
    /// Whether the event, or a series' master, is TRANSPARENT (RFC 5545 3.8.2.7).
    pub transparent: bool,
    /// SEQUENCE (RFC 5545 3.8.7.4).
    pub sequence: i64,
    /// For all but a plain single event: what a search needs to know, as JSON. A row with a source is part of every
    /// search near it, whatever `blocks` says.
    pub source: Option<String>,
    /// SUMMARY.
    pub title: String,
    /// Title, description and location in lower case.
    pub search_text: String,
}

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Never used again after a deletion.
    pub id: EventId,
    /// Where it is kept.
    pub calendar_id: CalendarId,
    /// Whose calendar that is.
    pub user_id: UserId,
    /// UID (RFC 5545 3.8.4.7): unique in its calendar, byte by byte.
    pub uid: String,
    /// The stored truth, as iCalendar text.
    pub object: String,
    /// What is found of it without reading it.
    pub index: EventIndex,
    /// One more with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An event to be, or the new state of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Where it is to be kept.
    pub calendar_id: CalendarId,
    /// UID.
    pub uid: String,
    /// The stored truth, as iCalendar text.
    pub object: String,
    /// What is found of it without reading it.
    pub index: EventIndex,
    /// Now.
    pub updated_at: Timestamp,
}

/// Adds an event.
///
/// # Errors
/// `Unique(EventUid)`; `Orphan` where the calendar is gone.
pub async fn insert(conn: &mut Conn, row: &EventRow) -> Result<EventId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_EVENT)
        .bind(row.calendar_id.0)
        .bind(&row.uid)
        .bind(&row.object)
        .bind(Micros::floor(row.index.first_start))
        .bind(row.index.last_end.micros())
        .bind(row.index.blocks.stored())
        .bind(row.index.transparent)
        .bind(row.index.sequence)
        .bind(&row.index.source)
        .bind(&row.index.title)
        .bind(&row.index.search_text)
        .bind(Micros::floor(row.updated_at))
        .fetch_one(c)
        .await)?;
    Ok(EventId(id))
}

/// The event of this id, whosever it is.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: EventId) -> Result<Option<Event>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(EVENT_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The event of this UID in a calendar.
///
/// # Errors
/// [`StorageError`].
pub async fn by_uid(conn: &mut Conn, calendar: CalendarId, uid: &str) -> Result<Option<Event>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(EVENT_BY_UID).bind(calendar.0).bind(uid).fetch_optional(c).await)?)
}

/// Replaces all of an event, its calendar included, and answers its new version; none: there is no such event.
///
/// # Errors
/// `Unique(EventUid)`; `Orphan` where the new calendar is gone.
pub async fn update(conn: &mut Conn, id: EventId, row: &EventRow) -> Result<Option<i64>, StorageError> {
    let version: Option<(i64,)> = on!(conn, c => sqlx::query_as(UPDATE_EVENT)
        .bind(row.calendar_id.0)
        .bind(&row.uid)
        .bind(&row.object)
        .bind(Micros::floor(row.index.first_start))
        .bind(row.index.last_end.micros())
        .bind(row.index.blocks.stored())
        .bind(row.index.transparent)
        .bind(row.index.sequence)
        .bind(&row.index.source)
        .bind(&row.index.title)
        .bind(&row.index.search_text)
        .bind(Micros::floor(row.updated_at))
        .bind(id.0)
        .fetch_optional(c)
        .await)?;
    Ok(version.map(|(version,)| version))
}

/// Removes an event; false: there is no such event.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, id: EventId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_EVENT).bind(id.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// How many events all calendars of a user have together.
///
/// # Errors
/// [`StorageError`].
pub async fn count(conn: &mut Conn, user: UserId) -> Result<i64, StorageError> {
    let (count,) = on!(conn, c => sqlx::query_as(COUNT_EVENTS).bind(user.0).fetch_one(c).await)?;
    Ok(count)
}

impl Blocks {
    pub(super) fn stored(self) -> i16 {
        match self {
            Self::Nothing => 0,
            Self::Busy => 1,
            Self::Tentative => 2,
        }
    }
}

impl Column for Blocks {
    type Stored = i16;

    fn from_stored(stored: i16) -> Option<Self> {
        [Self::Nothing, Self::Busy, Self::Tentative].into_iter().find(|it| it.stored() == stored)
    }
}

row!(Event { id, calendar_id, user_id, uid, object, version, created_at, updated_at, + index });
row!(EventIndex { first_start, last_end, blocks, transparent, sequence, source, title, search_text });

/// The columns of an [`Event`], of `events JOIN calendars`.
macro_rules! event_columns {
    () => {
        "events.id, events.calendar_id, calendars.user_id, events.uid, events.object, events.first_start, \
         events.last_end, events.busy_type AS blocks, events.transparent, events.sequence, events.source, events.title, \
         events.search_text, events.version, events.created_at, events.updated_at"
    };
}
pub(in crate::storage) use event_columns;

const NEW_EVENT: &str = "INSERT INTO events (calendar_id, uid, object, first_start, last_end, busy_type, transparent, \
    sequence, source, title, search_text, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) RETURNING id";
const EVENT_BY_ID: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events JOIN calendars ON calendars.id = events.calendar_id WHERE events.id = $1"
);
const EVENT_BY_UID: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events JOIN calendars ON calendars.id = events.calendar_id WHERE events.calendar_id = $1 AND events.uid = $2"
);
const UPDATE_EVENT: &str = "UPDATE events SET calendar_id = $1, uid = $2, object = $3, first_start = $4, last_end = $5, \
    busy_type = $6, transparent = $7, sequence = $8, source = $9, title = $10, search_text = $11, updated_at = $12, \
    version = version + 1 WHERE id = $13 RETURNING version";
const DELETE_EVENT: &str = "DELETE FROM events WHERE id = $1";
const COUNT_EVENTS: &str =
    "SELECT COUNT(*) FROM events JOIN calendars ON calendars.id = events.calendar_id WHERE calendars.user_id = $1";
