use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::page::LONG;
use super::{Blocks, Conn, LastEnd, Micros, StorageError, row};
use crate::ids::{CalendarId, EventId, UserId};
use crate::storage::ids_in::push_ids;
use crate::time::Period;

/// What a search needs of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyRow {
    /// Whose time.
    pub user_id: UserId,
    /// In which calendar.
    pub calendar_id: CalendarId,
    /// Which event.
    pub event_id: EventId,
    /// See [`super::EventIndex::first_start`].
    pub first_start: Timestamp,
    /// See [`super::EventIndex::last_end`].
    pub last_end: LastEnd,
    /// See [`super::EventIndex::blocks`].
    pub blocks: Blocks,
    /// See [`super::EventIndex::source`].
    pub source: Option<String>,
    /// Until when it takes time at all, where it is a copy of a hold.
    pub expires_at: Option<Timestamp>,
}

/// Passes everything that may take time of these users inside the window, from the calendars that count as busy, to `take`: by
/// one query, in no order, each row as it comes. After an error, what was taken is not all.
///
/// # Errors
/// [`StorageError`].
pub async fn each_busy_row(
    conn: &mut Conn,
    users: &[UserId],
    window: Period,
    mut take: impl FnMut(BusyRow) + Send,
) -> Result<(), StorageError> {
    Ok(on!(conn, c => {
        let mut query = question(users, window);
        let mut rows = query.build_query_as::<BusyRow>().fetch(c);
        loop {
            match rows.try_next().await {
                Ok(Some(row)) => take(row),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        }
    })?)
}

/// Asks for the short ones by their start, and for the long ones by their end.
pub(super) fn question<DB: Database>(users: &[UserId], window: Period) -> QueryBuilder<DB>
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    let start = Micros::floor(window.start());
    let end = Micros::ceil(window.end());
    let mut query = QueryBuilder::new(BUSY_OF);
    push_ids(&mut query, users.iter().map(|id| id.0));
    query.push(SHORT_FROM).push_bind(start.before(LONG)).push(UP_TO).push_bind(end);
    query.push(ENDING_AFTER).push_bind(start).push(OR_ELSE).push(BUSY_OF);
    push_ids(&mut query, users.iter().map(|id| id.0));
    query.push(LONG_UP_TO).push_bind(end).push(ENDING_AFTER).push_bind(start);
    query
}

row!(BusyRow { user_id, calendar_id, event_id, first_start, last_end, blocks, source, expires_at });

const BUSY_OF: &str = "SELECT calendars.user_id, events.calendar_id, events.id AS event_id, events.first_start, \
    events.last_end, events.busy_type AS blocks, events.source, meetings.expires_at FROM calendars \
    JOIN events ON events.calendar_id = calendars.id LEFT JOIN meetings ON meetings.id = events.meeting_id \
    WHERE calendars.counts_as_busy AND (events.busy_type <> 0 OR events.source IS NOT NULL) AND calendars.user_id IN ";
const SHORT_FROM: &str = " AND events.last_end <= events.first_start + 2678400000000 AND events.first_start >= ";
const LONG_UP_TO: &str = " AND events.last_end > events.first_start + 2678400000000 AND events.first_start < ";
const UP_TO: &str = " AND events.first_start < ";
const ENDING_AFTER: &str = " AND events.last_end > ";
const OR_ELSE: &str = " UNION ALL ";
