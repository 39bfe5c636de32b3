//! Meetings: what ties the copies of one event together, each in the calendar of one participant. One that expires is a hold.
//!
//! What stands in the copies is decided above; here is only which they are, and until when.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::column::{Micros, row};
use super::events::{Event, event_columns};
use super::ids_in::push_ids;
use super::{Conn, StorageError};
use crate::ids::{CalendarId, EventId, MeetingId, UserId};

/// A stored meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Never used again.
    pub id: MeetingId,
    /// Who made it; nobody, once that account is gone.
    pub organizer_id: Option<UserId>,
    /// Until when it is held; none once it is booked.
    pub expires_at: Option<Timestamp>,
}

/// One of the events that a meeting is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// In whose calendar.
    pub user_id: UserId,
    /// Which event.
    pub event_id: EventId,
}

/// An event with the meeting that it is a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TiedCopy {
    /// Its UID.
    pub uid: String,
    /// Which event.
    pub event_id: EventId,
    /// The meeting, which has an organizer.
    pub meeting: Meeting,
}

/// Adds a meeting, which is a hold where it expires.
///
/// # Errors
/// `Orphan` where the organizer is gone.
pub async fn insert(
    conn: &mut Conn,
    organizer: UserId,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<MeetingId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_MEETING)
        .bind(organizer.0)
        .bind(expires_at.map(Micros::floor))
        .bind(Micros::floor(now))
        .fetch_one(c)
        .await)?;
    Ok(MeetingId(id))
}

/// The meeting of this id.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: MeetingId) -> Result<Option<Meeting>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(MEETING_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The meeting that an event is a copy of.
///
/// # Errors
/// [`StorageError`].
pub async fn of_event(conn: &mut Conn, event: EventId) -> Result<Option<Meeting>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(MEETING_OF_EVENT).bind(event.0).fetch_optional(c).await)?)
}

/// All copies of a meeting, in the order of their ids.
///
/// # Errors
/// [`StorageError`].
pub async fn copies(conn: &mut Conn, id: MeetingId) -> Result<Vec<Event>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(COPIES_OF).bind(id.0).fetch_all(c).await)?)
}

/// The copies of those meetings that this user organizes and of which one of these events is a copy: whose they are, and
/// which events.
///
/// # Errors
/// [`StorageError`].
pub async fn copies_of_organized(
    conn: &mut Conn,
    organizer: UserId,
    events: &[EventId],
) -> Result<Vec<Copy>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(COPIES_OF_ORGANIZED);
        query.push_bind(organizer.0).push(AND_COPY_IN);
        push_ids(&mut query, events.iter().map(|id| id.0));
        query.build_query_as().fetch_all(c).await
    })?)
}

/// Those of these UIDs that are copies of meetings in the calendar, in no order.
///
/// # Errors
/// [`StorageError`].
pub async fn tied(conn: &mut Conn, calendar: CalendarId, uids: &[&str]) -> Result<Vec<TiedCopy>, StorageError> {
    let mut found = Vec::new();
    for uids in uids.chunks(UIDS_AT_ONCE) {
        found.extend(on!(conn, c => {
            let mut query = QueryBuilder::new(TIED_COPIES);
            query.push_bind(calendar.0).push(AND_UID_IN);
            let mut list = query.separated(", ");
            for uid in uids {
                list.push_bind(*uid);
            }
            let query = query.push(")").build_query_as::<TiedCopy>();
            query.persistent(uids.len() == UIDS_AT_ONCE).fetch_all(c).await
        })?);
    }
    Ok(found)
}

/// The meetings that have an organizer and a copy in one of these calendars which is not over at `after`.
///
/// # Errors
/// [`StorageError`].
pub async fn with_copies_in(
    conn: &mut Conn,
    calendars: &[CalendarId],
    after: Timestamp,
) -> Result<Vec<Meeting>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(MEETINGS_IN);
        push_ids(&mut query, calendars.iter().map(|id| id.0));
        query.push(AND_OVER_AFTER).push_bind(Micros::floor(after)).push(IN_MEETING_ORDER);
        query.build_query_as().fetch_all(c).await
    })?)
}

/// The calendars that have copies of the meetings that [`with_copies_in`] answers, in no order.
///
/// # Errors
/// [`StorageError`].
pub async fn calendars_beside(
    conn: &mut Conn,
    calendars: &[CalendarId],
    after: Timestamp,
) -> Result<Vec<CalendarId>, StorageError> {
    let found: Vec<(i64,)> = on!(conn, c => {
        let mut query = QueryBuilder::new(CALENDARS_BESIDE);
        push_ids(&mut query, calendars.iter().map(|id| id.0));
        query.push(AND_OVER_AFTER).push_bind(Micros::floor(after)).build_query_as().fetch_all(c).await
    })?;
    Ok(found.into_iter().map(|(id,)| CalendarId(id)).collect())
}

/// Removes the meetings that this user organizes and that have a copy in one of these calendars; all copies stay, each on
/// its own.
///
/// # Errors
/// [`StorageError`].
pub async fn untie_organized(conn: &mut Conn, organizer: UserId, calendars: &[CalendarId]) -> Result<(), StorageError> {
    on!(conn, c => {
        let mut query = QueryBuilder::new(UNTIE_ORGANIZED);
        query.push_bind(organizer.0).push(AND_IN_CALENDARS);
        push_ids(&mut query, calendars.iter().map(|id| id.0));
        query.push(")").build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Makes an event a copy of a meeting.
///
/// # Errors
/// [`StorageError`].
pub async fn link(conn: &mut Conn, event: EventId, meeting: MeetingId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(LINK_COPY).bind(event.0).bind(meeting.0).execute(c).await.map(drop))?;
    Ok(())
}

/// Makes a hold a meeting that stays.
///
/// # Errors
/// [`StorageError`].
pub async fn confirm(conn: &mut Conn, id: MeetingId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(CONFIRM_MEETING).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes a meeting; its copies stay, each on its own.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, id: MeetingId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(DELETE_MEETING).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes a meeting with all its copies.
///
/// # Errors
/// [`StorageError`].
pub async fn delete_with_copies(conn: &mut Conn, id: MeetingId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(DELETE_COPIES).bind(id.0).execute(c).await.map(drop))?;
    delete(conn, id).await
}

/// How many holds of this user have not expired.
///
/// # Errors
/// [`StorageError`].
pub async fn count_holds(conn: &mut Conn, organizer: UserId, now: Timestamp) -> Result<i64, StorageError> {
    let (count,) =
        on!(conn, c => sqlx::query_as(COUNT_HOLDS).bind(organizer.0).bind(Micros::floor(now)).fetch_one(c).await)?;
    Ok(count)
}

/// At most `limit` holds that expired at `now` or before, in the order in which they did.
///
/// # Errors
/// [`StorageError`].
pub async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Meeting>, StorageError> {
    let found = on!(conn, c => sqlx::query_as(EXPIRED_HOLDS).bind(Micros::floor(now)).bind(limit).fetch_all(c).await)?;
    Ok(found)
}

row!(Copy { user_id, event_id });
row!(TiedCopy { uid, event_id, + meeting });
row!(Meeting { id, organizer_id, expires_at });

const NEW_MEETING: &str =
    "INSERT INTO meetings (organizer_id, expires_at, created_at) VALUES ($1, $2, $3) RETURNING id";
const MEETING_BY_ID: &str = "SELECT id, organizer_id, expires_at FROM meetings WHERE id = $1";
const MEETING_OF_EVENT: &str = "SELECT meetings.id, meetings.organizer_id, meetings.expires_at \
    FROM meetings JOIN events ON events.meeting_id = meetings.id WHERE events.id = $1";
const COPIES_OF: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events JOIN calendars ON calendars.id = events.calendar_id WHERE events.meeting_id = $1 ORDER BY events.id"
);
const COPIES_OF_ORGANIZED: &str = "SELECT DISTINCT calendars.user_id, events.id AS event_id FROM events AS named \
    JOIN meetings ON meetings.id = named.meeting_id JOIN events ON events.meeting_id = meetings.id \
    JOIN calendars ON calendars.id = events.calendar_id WHERE meetings.organizer_id = ";
const AND_COPY_IN: &str = " AND named.id IN ";
const UIDS_AT_ONCE: usize = 500;
const TIED_COPIES: &str = "SELECT events.uid, events.id AS event_id, meetings.id, meetings.organizer_id, \
    meetings.expires_at FROM events JOIN meetings ON meetings.id = events.meeting_id \
    WHERE meetings.organizer_id IS NOT NULL AND events.calendar_id = ";
const AND_UID_IN: &str = " AND events.uid IN (";
const MEETINGS_IN: &str = "SELECT DISTINCT meetings.id, meetings.organizer_id, meetings.expires_at FROM events AS own \
    JOIN meetings ON meetings.id = own.meeting_id WHERE meetings.organizer_id IS NOT NULL AND own.calendar_id IN ";
const CALENDARS_BESIDE: &str = "SELECT DISTINCT events.calendar_id FROM events AS own \
    JOIN meetings ON meetings.id = own.meeting_id JOIN events ON events.meeting_id = meetings.id \
    WHERE meetings.organizer_id IS NOT NULL AND own.calendar_id IN ";
const AND_OVER_AFTER: &str = " AND own.last_end > ";
const IN_MEETING_ORDER: &str = " ORDER BY meetings.id";
const UNTIE_ORGANIZED: &str = "DELETE FROM meetings WHERE organizer_id = ";
const AND_IN_CALENDARS: &str =
    " AND id IN (SELECT meeting_id FROM events WHERE meeting_id IS NOT NULL AND calendar_id IN ";
const LINK_COPY: &str = "UPDATE events SET meeting_id = $2 WHERE id = $1";
const CONFIRM_MEETING: &str = "UPDATE meetings SET expires_at = NULL WHERE id = $1";
const DELETE_MEETING: &str = "DELETE FROM meetings WHERE id = $1";
const DELETE_COPIES: &str = "DELETE FROM events WHERE meeting_id = $1";
const COUNT_HOLDS: &str = "SELECT COUNT(*) FROM meetings WHERE organizer_id = $1 AND expires_at > $2";
const EXPIRED_HOLDS: &str = "SELECT id, organizer_id, expires_at FROM meetings \
    WHERE expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
