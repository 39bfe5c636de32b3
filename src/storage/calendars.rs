//! Calendars: what events are kept in. Whose they are is told here; who may see them is decided above.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::column::{Micros, row, words};
use super::ids_in::push_ids;
use super::{Conn, StorageError};
use crate::ids::{CalendarId, UserId};
use crate::time::Zone;

words! {
    /// Where the events of a calendar come from.
    CalendarKind {
        /// From its owner.
        Local = "local",
        /// From elsewhere: its owner only reads it.
        Subscription = "subscription",
    }
}

/// A stored calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Never used again after a deletion.
    pub id: CalendarId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Anything.
    pub description: String,
    /// The zone of a new event in it.
    pub timezone: Zone,
    /// Whether new events go into it; at most one of a user's calendars is.
    pub is_default: bool,
    /// Where its events come from.
    pub kind: CalendarKind,
    /// Whether its events block time.
    pub counts_as_busy: bool,
    /// The ctag: one more with every change of it and inside it.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A calendar to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCalendar {
    /// Whose.
    pub user_id: UserId,
    /// See [`Calendar::is_default`].
    pub is_default: bool,
    /// See [`Calendar::kind`].
    pub kind: CalendarKind,
    /// All that its owner can change later.
    pub traits: CalendarTraits,
    /// Now.
    pub created_at: Timestamp,
}

/// What the owner of a calendar can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarTraits {
    /// See [`Calendar::name`].
    pub name: String,
    /// See [`Calendar::color`].
    pub color: String,
    /// See [`Calendar::description`].
    pub description: String,
    /// See [`Calendar::timezone`].
    pub timezone: Zone,
    /// See [`Calendar::counts_as_busy`].
    pub counts_as_busy: bool,
}

/// Adds a calendar.
///
/// # Errors
/// `Unique(DefaultCalendar)`; `Orphan` where the user is gone.
pub async fn insert(conn: &mut Conn, new: &NewCalendar) -> Result<CalendarId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_CALENDAR)
        .bind(new.user_id.0)
        .bind(&new.traits.name)
        .bind(&new.traits.color)
        .bind(&new.traits.description)
        .bind(new.traits.timezone.name())
        .bind(new.is_default)
        .bind(new.kind.as_str())
        .bind(new.traits.counts_as_busy)
        .bind(Micros::floor(new.created_at))
        .fetch_one(c)
        .await)?;
    Ok(CalendarId(id))
}

/// The calendar of this id, whosever it is.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: CalendarId) -> Result<Option<Calendar>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(CALENDAR_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The default calendar of a user.
///
/// # Errors
/// [`StorageError`].
pub async fn default_of(conn: &mut Conn, user: UserId) -> Result<Option<Calendar>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(DEFAULT_CALENDAR_OF).bind(user.0).fetch_optional(c).await)?)
}

/// The default calendars of these users, in the order of the users.
///
/// # Errors
/// [`StorageError`].
pub async fn defaults_of(conn: &mut Conn, users: &[UserId]) -> Result<Vec<Calendar>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(DEFAULT_CALENDARS_OF);
        push_ids(&mut query, users.iter().map(|id| id.0));
        query.push(IN_USER_ORDER).build_query_as().fetch_all(c).await
    })?)
}

/// The calendars of a user, in the order in which they were made.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Calendar>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(CALENDARS_OF).bind(user.0).fetch_all(c).await)?)
}

/// How many calendars a user has, subscriptions aside.
///
/// # Errors
/// [`StorageError`].
pub async fn count(conn: &mut Conn, user: UserId) -> Result<i64, StorageError> {
    let (count,) = on!(conn, c => sqlx::query_as(COUNT_CALENDARS).bind(user.0).fetch_one(c).await)?;
    Ok(count)
}

/// Holds the calendar against other writers until the transaction ends, and answers it with its next version. This comes
/// before anything is checked or changed inside.
///
/// # Errors
/// [`StorageError`].
pub async fn lock(conn: &mut Conn, id: CalendarId) -> Result<Option<Calendar>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(LOCK_CALENDAR).bind(id.0).fetch_optional(c).await)?)
}

/// Locks several calendars in the order of their ids, so that no two transactions wait for each other; answers those that
/// exist, in that order, each once.
///
/// # Errors
/// [`StorageError`].
pub async fn lock_all(conn: &mut Conn, ids: &[CalendarId]) -> Result<Vec<Calendar>, StorageError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut locked = Vec::with_capacity(ids.len());
    for id in ids {
        locked.extend(lock(conn, id).await?);
    }
    Ok(locked)
}

/// Replaces what its owner can change; false: there is no such calendar. [`lock`] first: this leaves the version as it is.
///
/// # Errors
/// [`StorageError`].
pub async fn update(conn: &mut Conn, id: CalendarId, traits: &CalendarTraits) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(UPDATE_CALENDAR)
        .bind(id.0)
        .bind(&traits.name)
        .bind(&traits.color)
        .bind(&traits.description)
        .bind(traits.timezone.name())
        .bind(traits.counts_as_busy)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes the calendar and its events; false: there is no such calendar.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, id: CalendarId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_CALENDAR).bind(id.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

row!(Calendar {
    id,
    user_id,
    name,
    color,
    description,
    timezone,
    is_default,
    kind,
    counts_as_busy,
    version,
    created_at,
});

/// The columns of a [`Calendar`].
macro_rules! calendar_columns {
    () => {
        "id, user_id, name, color, description, timezone, is_default, kind, counts_as_busy, version, created_at"
    };
}

const NEW_CALENDAR: &str = "INSERT INTO calendars (user_id, name, color, description, timezone, is_default, kind, \
    counts_as_busy, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
const CALENDAR_BY_ID: &str = concat!("SELECT ", calendar_columns!(), " FROM calendars WHERE id = $1");
const DEFAULT_CALENDAR_OF: &str =
    concat!("SELECT ", calendar_columns!(), " FROM calendars WHERE user_id = $1 AND is_default");
const DEFAULT_CALENDARS_OF: &str =
    concat!("SELECT ", calendar_columns!(), " FROM calendars WHERE is_default AND user_id IN ");
const CALENDARS_OF: &str = concat!("SELECT ", calendar_columns!(), " FROM calendars WHERE user_id = $1 ORDER BY id");
const COUNT_CALENDARS: &str = "SELECT COUNT(*) FROM calendars WHERE user_id = $1 AND kind = 'local'";
const LOCK_CALENDAR: &str =
    concat!("UPDATE calendars SET version = version + 1 WHERE id = $1 RETURNING ", calendar_columns!());
const UPDATE_CALENDAR: &str = "UPDATE calendars SET name = $2, color = $3, description = $4, timezone = $5, \
    counts_as_busy = $6 WHERE id = $1";
const DELETE_CALENDAR: &str = "DELETE FROM calendars WHERE id = $1";
const IN_USER_ORDER: &str = " ORDER BY user_id, id";
