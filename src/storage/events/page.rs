use jiff::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::bulk::within;
use super::{Conn, Event, Micros, StorageError, event_columns};
use crate::ids::{CalendarId, EventId};
use crate::storage::ids_in::push_ids;
use crate::time::Period;

/// Which events to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// In these calendars.
    pub calendars: Vec<CalendarId>,
    /// Those whose first start and last end say that they may have time in it, or an occurrence of no length that starts
    /// in it.
    pub window: Option<Period>,
    /// Those with this in title, description or location, without regard to case.
    pub text: Option<String>,
    /// Those that are, or are not, TRANSPARENT.
    pub transparent: Option<bool>,
    /// Those after this place in the order.
    pub after: Option<EventCursor>,
    /// At most so many.
    pub limit: i64,
}

/// A place in the order of first start, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCursor {
    /// The first start of the last event before.
    pub first_start: Timestamp,
    /// Its id.
    pub id: EventId,
}

/// How long an event is that is searched for by its end: 31 days, in microseconds. It stands in the index `events_long`,
/// and as a number in the statements, or else the index would not serve them.
pub(super) const LONG: i64 = 2_678_400_000_000;

/// The events that pass the filter, in the order of first start, then id.
///
/// # Errors
/// [`StorageError`].
pub async fn page(conn: &mut Conn, filter: &EventFilter) -> Result<Vec<Event>, StorageError> {
    Ok(on!(conn, c => question(filter).build_query_as().fetch_all(c).await)?)
}

/// The first of the events that [`page`] answers, up to the one with which their objects have so many bytes.
///
/// # Errors
/// [`StorageError`].
pub async fn page_within(conn: &mut Conn, filter: &EventFilter, bytes: usize) -> Result<Vec<Event>, StorageError> {
    on!(conn, c => {
        let mut query = question(filter);
        let size = |event: &Event| event.object.len() + event.index.source.as_ref().map_or(0, String::len);
        within(query.build_query_as().fetch(c), bytes, size).await
    })
}

impl Event {
    /// Its place in the order.
    pub fn cursor(&self) -> EventCursor {
        EventCursor { first_start: self.index.first_start, id: self.id }
    }
}

pub(super) fn question<DB: Database>(filter: &EventFilter) -> QueryBuilder<DB>
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> bool: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(EVENTS_AMONG);
    push_filter(&mut query, filter);
    query.push(FIRST).push_bind(filter.limit).push(IN_ORDER);
    query
}

fn push_filter<DB: Database>(query: &mut QueryBuilder<DB>, filter: &EventFilter)
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> bool: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    match filter.window {
        Some(window) => push_near(query, &filter.calendars, window),
        None => {
            query.push(IN_CALENDARS);
            push_ids(query, filter.calendars.iter().map(|id| id.0));
        }
    }
    if let Some(text) = &filter.text {
        query.push(CONTAINING).push_bind(pattern(text)).push(ESCAPED);
    }
    if let Some(transparent) = filter.transparent {
        query.push(TRANSPARENT).push_bind(transparent);
    }
    if let Some(cursor) = filter.after {
        let start = Micros::floor(cursor.first_start);
        query.push(NOT_BEFORE).push_bind(start);
        query.push(AFTER).push_bind(start).push(", ").push_bind(cursor.id.0).push(")");
    }
}

/// Appends the condition that an event is near the window: the short ones by their start, the long ones by their end.
fn push_near<DB: Database>(query: &mut QueryBuilder<DB>, calendars: &[CalendarId], window: Period)
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    let start = Micros::floor(window.start());
    let end = Micros::ceil(window.end());
    query.push(SHORT_IN);
    push_ids(query, calendars.iter().map(|id| id.0));
    query.push(SHORT_FROM).push_bind(start.before(LONG)).push(UP_TO).push_bind(end);
    query.push(TOUCHING).push_bind(start).push(OR_STARTING).push_bind(start).push(LONG_IN);
    push_ids(query, calendars.iter().map(|id| id.0));
    query.push(LONG_UP_TO).push_bind(end).push(ENDING_AFTER).push_bind(start).push(")");
}

/// A LIKE pattern for texts that contain this one.
fn pattern(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// The ids are sorted and cut first, so that only the rows of the answer are carried.
const EVENTS_AMONG: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events JOIN calendars ON calendars.id = events.calendar_id \
     WHERE events.id IN (SELECT id FROM events WHERE "
);
const IN_CALENDARS: &str = "calendar_id IN ";
const SHORT_IN: &str = "id IN (SELECT id FROM events WHERE calendar_id IN ";
const SHORT_FROM: &str = " AND last_end <= first_start + 2678400000000 AND first_start >= ";
const UP_TO: &str = " AND first_start < ";
const TOUCHING: &str = " AND (last_end > ";
const OR_STARTING: &str = " OR first_start >= ";
const LONG_IN: &str = ") UNION ALL SELECT id FROM events WHERE calendar_id IN ";
const LONG_UP_TO: &str = " AND last_end > first_start + 2678400000000 AND first_start < ";
const ENDING_AFTER: &str = " AND last_end > ";
const CONTAINING: &str = " AND search_text LIKE ";
const ESCAPED: &str = " ESCAPE '\\'";
const TRANSPARENT: &str = " AND transparent = ";
const NOT_BEFORE: &str = " AND first_start >= ";
const AFTER: &str = " AND (first_start, id) > (";
const FIRST: &str = " ORDER BY first_start, id LIMIT ";
const IN_ORDER: &str = ") ORDER BY events.first_start, events.id";
