use jiff::Timestamp;

use crate::ids::{CalendarId, EventId};
use crate::storage::column::{Micros, row};
use crate::storage::events::Blocks;
use crate::storage::{Conn, LastEnd, StorageError};
use crate::time::Period;

/// Which of the two faces of an event is wanted; the other stays in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// The stored truth.
    Object,
    /// What a search needs.
    Busy,
}

/// An event as a feed needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedEvent {
    /// Which event.
    pub id: EventId,
    /// Its UID; empty unless the object is wanted.
    pub uid: String,
    /// The stored truth; empty unless that is wanted.
    pub object: String,
    /// See [`EventIndex::first_start`](crate::storage::events::EventIndex::first_start).
    pub first_start: Timestamp,
    /// See [`EventIndex::last_end`](crate::storage::events::EventIndex::last_end).
    pub last_end: LastEnd,
    /// See [`EventIndex::blocks`](crate::storage::events::EventIndex::blocks).
    pub blocks: Blocks,
    /// See [`EventIndex::source`](crate::storage::events::EventIndex::source); none unless that is wanted.
    pub source: Option<String>,
    /// SEQUENCE.
    pub sequence: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// At most `limit` events of a calendar whose first start and last end say that they may have time in the window, behind
/// the place `after`, in the order of first start, then id.
///
/// # Errors
/// [`StorageError`].
pub async fn published_events(
    conn: &mut Conn,
    calendar: CalendarId,
    (window, interest): (Period, Interest),
    after: Option<&PublishedEvent>,
    limit: i64,
) -> Result<Vec<PublishedEvent>, StorageError> {
    let sql = match interest {
        Interest::Object => OBJECTS_NEAR,
        Interest::Busy => BUSY_NEAR,
    };
    let (start, id) = after.map_or((Micros::floor(Timestamp::MIN), 0), |it| (Micros::floor(it.first_start), it.id.0));
    Ok(on!(conn, c => sqlx::query_as(sql)
        .bind(calendar.0)
        .bind(Micros::floor(window.start()))
        .bind(Micros::ceil(window.end()))
        .bind(start)
        .bind(id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

row!(PublishedEvent { id, uid, object, first_start, last_end, blocks, source, sequence, updated_at });

macro_rules! near {
    ($columns:literal) => {
        concat!(
            "SELECT id, ",
            $columns,
            ", first_start, last_end, busy_type AS blocks, sequence, updated_at FROM events \
             WHERE calendar_id = $1 AND first_start < $3 AND (last_end > $2 OR first_start >= $2) \
             AND first_start >= $4 AND (first_start, id) > ($4, $5) ORDER BY first_start, id LIMIT $6"
        )
    };
}

const OBJECTS_NEAR: &str = near!("uid, object, CAST(NULL AS TEXT) AS source");
const BUSY_NEAR: &str = near!("'' AS uid, '' AS object, source");
