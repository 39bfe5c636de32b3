use jiff::Timestamp;

use super::{Conn, Freshness, Micros, StorageError, Subscription, row};
use crate::ids::RemoteFeedId;
use crate::storage::column::words;

words! {
    /// What became of an address when it was last asked.
    RemoteStatus {
        /// It was not asked yet.
        Pending = "pending",
        /// What it says is what the calendars show.
        Good = "ok",
        /// It said nothing that can be used; the calendars show what it said before.
        Failed = "failed",
        /// It said that there will be nothing any more.
        Gone = "gone",
    }
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// What two of them are the same by.
    pub hash: &'a [u8; 32],
    /// Without user name and password.
    pub url: &'a str,
    /// User name and password, sealed.
    pub credentials: Option<&'a [u8]>,
    /// Now.
    pub created_at: Timestamp,
}

/// What is to be asked, and what it said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFeed {
    /// Never used again.
    pub id: RemoteFeedId,
    /// See [`Address::hash`].
    pub address_hash: Vec<u8>,
    /// Without user name and password.
    pub url: String,
    /// User name and password, sealed.
    pub credentials: Option<Vec<u8>>,
    /// ETag of the last good answer.
    pub etag: Option<String>,
    /// Last-Modified of the last good answer.
    pub last_modified: Option<String>,
    /// What the last good answer is the same by.
    pub content_hash: Option<Vec<u8>>,
    /// One more with every good answer that differs from the one before; 0 before the first.
    pub content_version: i64,
    /// How often it wants to be asked, in minutes.
    pub feed_minutes: Option<i64>,
    /// How often in a row it failed.
    pub failures: i64,
    /// What should be known of the last good answer.
    pub notice: Option<String>,
    /// When it last gave a good answer.
    pub last_good_at: Option<Timestamp>,
    /// The number of the present lease.
    pub lease: i64,
}

/// The state of an address, as its subscribers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteState {
    /// Without user name and password.
    pub url: String,
    /// See [`RemoteFeed::content_version`].
    pub content_version: i64,
    /// How often it wants to be asked, in minutes.
    pub feed_minutes: Option<i64>,
    /// What became of it when it was last asked.
    pub last_status: RemoteStatus,
    /// Why that failed.
    pub last_error: Option<String>,
    /// What should be known of the last good answer.
    pub notice: Option<String>,
    /// When it was last asked.
    pub last_tried_at: Option<Timestamp>,
    /// When it last gave a good answer.
    pub last_good_at: Option<Timestamp>,
    /// When it will be asked next; none: not by itself any more.
    pub next_due_at: Option<Timestamp>,
    /// Until when somebody may be asking it.
    pub leased_until: Option<Timestamp>,
}

/// What an address answered last, where that was good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAnswer {
    /// What its reading found, as JSON; none before the first.
    pub report: Option<String>,
    /// See [`RemoteFeed::etag`].
    pub etag: Option<String>,
    /// See [`RemoteFeed::last_modified`].
    pub last_modified: Option<String>,
}

/// Answers the id of an address, which is added where it is new, and holds it against everybody else.
///
/// # Errors
/// [`StorageError`].
pub async fn put_remote(conn: &mut Conn, address: &Address<'_>) -> Result<RemoteFeedId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(PUT_REMOTE)
        .bind(&address.hash[..])
        .bind(address.url)
        .bind(address.credentials)
        .bind(Micros::floor(address.created_at))
        .fetch_one(c)
        .await)?;
    Ok(RemoteFeedId(id))
}

/// Holds an address against everybody else until the transaction ends; false: it is gone.
///
/// # Errors
/// [`StorageError`].
pub async fn lock_remote(conn: &mut Conn, id: RemoteFeedId) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(LOCK_REMOTE).bind(id.0).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The state of an address.
///
/// # Errors
/// [`StorageError`].
pub async fn state(conn: &mut Conn, id: RemoteFeedId) -> Result<Option<RemoteState>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(REMOTE_STATE).bind(id.0).fetch_optional(c).await)?)
}

/// What an address answered last.
///
/// # Errors
/// [`StorageError`].
pub async fn last_answer(conn: &mut Conn, id: RemoteFeedId) -> Result<Option<LastAnswer>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(LAST_ANSWER).bind(id.0).fetch_optional(c).await)?)
}

/// Forgets an address that nobody subscribes to any more. [`lock_remote`] first, or somebody may be about to.
///
/// # Errors
/// [`StorageError`].
pub async fn forget_unused(conn: &mut Conn, id: RemoteFeedId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(FORGET_UNUSED).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}

impl Subscription {
    /// When the calendar was last known to show what its address says.
    pub fn refreshed_at(&self, remote: &RemoteState) -> Option<Timestamp> {
        if self.mirrored_version == remote.content_version { remote.last_good_at } else { self.mirrored_at }
    }

    /// How far the calendar can be relied upon.
    pub fn freshness(&self, remote: &RemoteState) -> Freshness {
        Freshness {
            refreshed_at: self.refreshed_at(remote),
            minutes: self.wanted_minutes.or(remote.feed_minutes),
            is_gone: remote.last_status == RemoteStatus::Gone,
        }
    }
}

row!(RemoteFeed {
    id,
    address_hash,
    url,
    credentials,
    etag,
    last_modified,
    content_hash,
    content_version,
    feed_minutes,
    failures,
    notice,
    last_good_at,
    lease,
});
row!(RemoteState {
    url,
    content_version,
    feed_minutes,
    last_status,
    last_error,
    notice,
    last_tried_at,
    last_good_at,
    next_due_at,
    leased_until,
});

row!(LastAnswer { report, etag, last_modified });

/// The columns of a [`RemoteFeed`].
macro_rules! remote_columns {
    () => {
        "id, address_hash, url, credentials, etag, last_modified, content_hash, content_version, \
         refresh_minutes AS feed_minutes, failures, notice, last_good_at, lease"
    };
}
pub(super) use remote_columns;

/// The columns of a [`RemoteState`].
macro_rules! remote_state_columns {
    () => {
        "remote_feeds.url, remote_feeds.content_version, remote_feeds.refresh_minutes AS feed_minutes, \
         remote_feeds.last_status, remote_feeds.last_error, remote_feeds.notice, remote_feeds.last_tried_at, \
         remote_feeds.last_good_at, remote_feeds.next_due_at, remote_feeds.leased_until"
    };
}
pub(super) use remote_state_columns;

const PUT_REMOTE: &str = "INSERT INTO remote_feeds (address_hash, url, credentials, last_status, created_at) \
    VALUES ($1, $2, $3, 'pending', $4) \
    ON CONFLICT (address_hash) DO UPDATE SET address_hash = excluded.address_hash RETURNING id";
const LOCK_REMOTE: &str = "UPDATE remote_feeds SET address_hash = address_hash WHERE id = $1";
const REMOTE_STATE: &str = concat!("SELECT ", remote_state_columns!(), " FROM remote_feeds WHERE id = $1");
const LAST_ANSWER: &str = "SELECT report, etag, last_modified FROM remote_feeds WHERE id = $1";
const FORGET_UNUSED: &str = "DELETE FROM remote_feeds WHERE id = $1 \
    AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE remote_feed_id = remote_feeds.id)";
