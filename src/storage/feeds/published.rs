use jiff::Timestamp;

use super::Detail;
use crate::ids::{FeedId, UserId};
use crate::storage::column::{Micros, row};
use crate::storage::{Conn, StorageError, TokenHash};
use crate::time::Zone;

/// What stands behind a feed's secret: all that a feed's text depends on, but for the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFeed {
    /// The feed.
    pub id: FeedId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// How much it tells.
    pub detail: Detail,
    /// One more with every change of the feed itself.
    pub version: i64,
    /// What the UIDs of busy blocks are made with.
    pub uid_key: TokenHash,
    /// The owner's zone.
    pub timezone: Zone,
    /// See [`User::email_key`](crate::storage::accounts::User::email_key).
    pub email_key: String,
    /// Its calendars with their versions, in the order of their ids: `3:17 8:2`. As long as it stays, so do they and all
    /// that is inside.
    pub calendars: String,
    /// What [`note_state`] noted last.
    pub state: String,
    /// Since when.
    pub state_since: Timestamp,
}

/// What stands behind the secret of this hash, in one query.
///
/// # Errors
/// [`StorageError`].
pub async fn by_secret_hash(conn: &mut Conn, hash: TokenHash) -> Result<Option<PublishedFeed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(PUBLISHED_FEED).bind(&hash.0[..]).fetch_optional(c).await)?)
}

/// Notes what is given out from `since` on, unless it was noted already.
///
/// # Errors
/// [`StorageError`].
pub async fn note_state(conn: &mut Conn, id: FeedId, state: &str, since: Timestamp) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(NOTE_STATE).bind(id.0).bind(state).bind(Micros::floor(since)).execute(c).await.map(drop))?;
    Ok(())
}

row!(PublishedFeed { id, user_id, name, detail, version, uid_key, timezone, email_key, calendars, state, state_since });

const PUBLISHED_FEED: &str = "SELECT feeds.id, feeds.user_id, feeds.name, feeds.detail, feeds.version, feeds.uid_key, \
    users.timezone, users.email_key, feeds.state, feeds.state_since, COALESCE((SELECT \
    string_agg(CAST(calendars.id AS TEXT) || ':' || CAST(calendars.version AS TEXT), ' ' ORDER BY calendars.id) \
    FROM calendars WHERE calendars.user_id = feeds.user_id AND (feeds.all_calendars OR EXISTS \
    (SELECT 1 FROM feed_calendars WHERE feed_id = feeds.id AND calendar_id = calendars.id))), '') AS calendars \
    FROM feeds JOIN users ON users.id = feeds.user_id WHERE feeds.secret_hash = $1";
const NOTE_STATE: &str = "UPDATE feeds SET state = $2, state_since = $3 WHERE id = $1 AND state <> $2";
