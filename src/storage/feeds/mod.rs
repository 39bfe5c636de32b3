//! Feeds: which calendars a user publishes under a secret address, what stands behind such an address, and how often it is
//! asked for. What a feed says is decided above.

mod busy;
mod content;
mod published;

pub use busy::{PublishedBusy, busy_near};
pub use content::{Near, NearPlace, PublishedObject, objects_near};
use jiff::Timestamp;
pub use published::{PublishedFeed, by_secret_hash, note_state};

use super::column::{Micros, row, words};
use super::{Conn, StorageError, TokenHash};
use crate::ids::{CalendarId, FeedId, UserId};

words! {
    /// How much a feed tells.
    Detail {
        /// Everything.
        Full = "full",
        /// When its owner is busy, and nothing else.
        Busy = "busy",
    }
}

/// A feed as its owner sees it: without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Never used again after a deletion.
    pub id: FeedId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// How much it tells.
    pub detail: Detail,
    /// Whether it has all calendars of its owner, later ones too.
    pub all_calendars: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was asked for, as far as that was noted.
    pub use_count: i64,
    /// When it was last asked for.
    pub last_used_at: Option<Timestamp>,
    /// By which program, in that program's words.
    pub last_used_by: Option<String>,
}

/// A feed to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFeed {
    /// Whose.
    pub user_id: UserId,
    /// See [`Feed::name`].
    pub name: String,
    /// See [`Feed::detail`].
    pub detail: Detail,
    /// The calendars; none: all of them.
    pub calendars: Option<Vec<CalendarId>>,
    /// Of the secret.
    pub secret_hash: TokenHash,
    /// 256 random bits.
    pub uid_key: TokenHash,
    /// Now.
    pub created_at: Timestamp,
}

/// A calendar of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCalendar {
    /// The feed.
    pub feed_id: FeedId,
    /// The calendar.
    pub calendar_id: CalendarId,
}

/// Uses of a feed, to be added to those that are noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// How many.
    pub count: i64,
    /// The last of them.
    pub last_at: Timestamp,
    /// By which program; none where it does not say.
    pub last_by: Option<String>,
}

/// Adds a feed.
///
/// # Errors
/// `Unique(FeedSecret)`; `Orphan` where the user or a calendar is gone.
pub async fn insert(conn: &mut Conn, new: &NewFeed) -> Result<FeedId, StorageError> {
    let (id,): (i64,) = on!(conn, c => sqlx::query_as(NEW_FEED)
        .bind(new.user_id.0)
        .bind(&new.name)
        .bind(new.detail.as_str())
        .bind(new.calendars.is_none())
        .bind(&new.secret_hash.0[..])
        .bind(&new.uid_key.0[..])
        .bind(Micros::floor(new.created_at))
        .fetch_one(c)
        .await)?;
    for calendar in new.calendars.iter().flatten() {
        on!(conn, c => sqlx::query(NEW_FEED_CALENDAR).bind(id).bind(calendar.0).execute(c).await.map(drop))?;
    }
    Ok(FeedId(id))
}

/// The feed of this id, whosever it is.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: FeedId) -> Result<Option<Feed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(FEED_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The feeds of a user, in the order in which they were made.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Feed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(FEEDS_OF).bind(user.0).fetch_all(c).await)?)
}

/// The present calendars of all feeds of a user, by feed and calendar.
///
/// # Errors
/// [`StorageError`].
pub async fn calendars(conn: &mut Conn, user: UserId) -> Result<Vec<FeedCalendar>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(CALENDARS_OF_FEEDS_OF).bind(user.0).fetch_all(c).await)?)
}

/// How many feeds a user has.
///
/// # Errors
/// [`StorageError`].
pub async fn count(conn: &mut Conn, user: UserId) -> Result<i64, StorageError> {
    let (count,) = on!(conn, c => sqlx::query_as(COUNT_FEEDS).bind(user.0).fetch_one(c).await)?;
    Ok(count)
}

/// Gives a feed of this user another secret; false: the user has no such feed.
///
/// # Errors
/// `Unique(FeedSecret)`.
pub async fn rotate(conn: &mut Conn, user: UserId, id: FeedId, secret: TokenHash) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(ROTATE_FEED).bind(id.0).bind(user.0).bind(&secret.0[..]).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes a feed of this user; false: the user has no such feed.
///
/// # Errors
/// [`StorageError`].
pub async fn delete(conn: &mut Conn, user: UserId, id: FeedId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(DELETE_FEED).bind(id.0).bind(user.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Adds uses to those that are noted; does nothing where the feed is gone.
///
/// # Errors
/// [`StorageError`].
pub async fn note_uses(conn: &mut Conn, id: FeedId, uses: &Uses) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(NOTE_USES)
        .bind(id.0)
        .bind(uses.count)
        .bind(Micros::floor(uses.last_at))
        .bind(uses.last_by.as_deref())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

row!(Feed { id, user_id, name, detail, all_calendars, created_at, use_count, last_used_at, last_used_by });
row!(FeedCalendar { feed_id, calendar_id });

/// The columns of a [`Feed`].
macro_rules! feed_columns {
    () => {
        "id, user_id, name, detail, all_calendars, created_at, use_count, last_used_at, last_used_by"
    };
}

const NEW_FEED: &str = "INSERT INTO feeds (user_id, name, detail, all_calendars, secret_hash, uid_key, state_since, \
    created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id";
const NEW_FEED_CALENDAR: &str =
    "INSERT INTO feed_calendars (feed_id, calendar_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const FEED_BY_ID: &str = concat!("SELECT ", feed_columns!(), " FROM feeds WHERE id = $1");
const FEEDS_OF: &str = concat!("SELECT ", feed_columns!(), " FROM feeds WHERE user_id = $1 ORDER BY id");
const CALENDARS_OF_FEEDS_OF: &str = "SELECT feeds.id AS feed_id, calendars.id AS calendar_id FROM feeds \
    JOIN calendars ON calendars.user_id = feeds.user_id WHERE feeds.user_id = $1 AND (feeds.all_calendars OR EXISTS \
    (SELECT 1 FROM feed_calendars WHERE feed_id = feeds.id AND calendar_id = calendars.id)) \
    ORDER BY feeds.id, calendars.id";
const COUNT_FEEDS: &str = "SELECT COUNT(*) FROM feeds WHERE user_id = $1";
const ROTATE_FEED: &str = "UPDATE feeds SET secret_hash = $3, version = version + 1 WHERE id = $1 AND user_id = $2";
const DELETE_FEED: &str = "DELETE FROM feeds WHERE id = $1 AND user_id = $2";
const NOTE_USES: &str = "UPDATE feeds SET use_count = use_count + $2, \
    last_used_by = CASE WHEN last_used_at > $3 THEN last_used_by ELSE $4 END, \
    last_used_at = CASE WHEN last_used_at > $3 THEN last_used_at ELSE $3 END WHERE id = $1";
