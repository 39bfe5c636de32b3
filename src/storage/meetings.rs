//! Meetings: what ties the copies of one event together, each in the calendar of one participant. One that expires is a hold.
//!
//! What stands in the copies is decided above; here is only which they are, and until when.

use jiff::Timestamp;

use super::column::{Micros, row};
use super::events::{Event, event_columns};
use super::{Conn, StorageError};
use crate::ids::{EventId, MeetingId, UserId};

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
const LINK_COPY: &str = "UPDATE events SET meeting_id = $2 WHERE id = $1";
const CONFIRM_MEETING: &str = "UPDATE meetings SET expires_at = NULL WHERE id = $1";
const DELETE_MEETING: &str = "DELETE FROM meetings WHERE id = $1";
const DELETE_COPIES: &str = "DELETE FROM events WHERE meeting_id = $1";
const COUNT_HOLDS: &str = "SELECT COUNT(*) FROM meetings WHERE organizer_id = $1 AND expires_at > $2";
const EXPIRED_HOLDS: &str = "SELECT id, organizer_id, expires_at FROM meetings \
    WHERE expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
