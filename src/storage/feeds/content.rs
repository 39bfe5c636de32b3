use jiff::Timestamp;

use crate::ids::{CalendarId, EventId};
use crate::storage::column::{Micros, row};
use crate::storage::{Conn, StorageError};
use crate::time::Period;

/// An event as a feed shows it that tells everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedObject {
    /// Which event.
    pub id: EventId,
    /// Its UID.
    pub uid: String,
    /// The stored truth.
    pub object: String,
    /// See [`EventIndex::first_start`](crate::storage::events::EventIndex::first_start).
    pub first_start: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The events of a calendar whose first start and last end say that they may have time in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// The calendar.
    pub calendar: CalendarId,
    /// The window.
    pub window: Period,
}

/// A place among them, in the order of first start, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearPlace {
    pub(super) start: Timestamp,
    pub(super) id: EventId,
}

impl PublishedObject {
    /// Its place.
    pub fn place(&self) -> NearPlace {
        NearPlace { start: self.first_start, id: self.id }
    }
}

/// A question about the rows near a window with what it is asked with, for either database.
macro_rules! asked {
    ($sql:expr, $bounds:ident, $limit:ident) => {
        sqlx::query_as($sql)
            .bind($bounds.calendar)
            .bind($bounds.from)
            .bind($bounds.until)
            .bind($bounds.after_start)
            .bind($bounds.after_id)
            .bind($limit)
    };
}
pub(super) use asked;

/// At most `limit` of the events near a window that come after a place, in their order, each whole.
///
/// # Errors
/// [`StorageError`].
pub async fn objects_near(
    conn: &mut Conn,
    near: Near,
    after: Option<NearPlace>,
    limit: i64,
) -> Result<Vec<PublishedObject>, StorageError> {
    let bounds = Bounds::of(near, after);
    Ok(on!(conn, c => asked!(OBJECTS_NEAR, bounds, limit).fetch_all(c).await)?)
}

/// What the database compares with.
pub(super) struct Bounds {
    pub calendar: i64,
    pub from: Micros,
    pub until: Micros,
    pub after_start: Micros,
    pub after_id: i64,
}

impl Bounds {
    pub fn of(near: Near, after: Option<NearPlace>) -> Self {
        let (after_start, after_id) =
            after.map_or((Micros::floor(Timestamp::MIN), 0), |place| (Micros::floor(place.start), place.id.0));
        let (from, until) = (Micros::floor(near.window.start()), Micros::ceil(near.window.end()));
        Self { calendar: near.calendar.0, from, until, after_start, after_id }
    }
}

row!(PublishedObject { id, uid, object, first_start, updated_at });

/// The rows near a window, of these columns and with this condition more.
macro_rules! near {
    ($columns:literal, $which:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM events WHERE calendar_id = $1 AND first_start < $3 AND (last_end > $2 OR first_start >= $2) \
             AND first_start >= $4 AND (first_start, id) > ($4, $5)",
            $which,
            " ORDER BY first_start, id LIMIT $6"
        )
    };
}
pub(super) use near;

const OBJECTS_NEAR: &str = near!("id, uid, object, first_start, updated_at", "");
