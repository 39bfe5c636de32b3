//! Subscriptions: calendars whose events come from an address elsewhere. A user has one for each address; the address
//! itself, which many may subscribe to, is a row of its own: see `remote`. When it is asked is kept with it: see `schedule`.
//!
//! What stands at the address, and what becomes of it, is decided above.

mod freshness;
mod remote;
mod schedule;

pub use freshness::{DEFAULT_MINUTES, Freshness};
use jiff::Timestamp;
pub use remote::{
    Address, LastAnswer, RemoteFeed, RemoteState, RemoteStatus, forget_unused, last_answer, lock_remote, put_remote,
    state,
};
pub use schedule::{
    Claim, Failed, Good, Lease, claim_due, claim_one, due_by, finish_failed, finish_good, give_back, hold, is_any_due,
    release_all,
};

use super::column::{Micros, row};
use super::{Conn, StorageError};
use crate::ids::{CalendarId, RemoteFeedId, SubscriptionId, UserId};
use crate::time::Zone;

/// A stored subscription, with what its calendar says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Never used again after a deletion.
    pub id: SubscriptionId,
    /// Whose.
    pub user_id: UserId,
    /// Where the events are kept.
    pub calendar_id: CalendarId,
    /// Where they come from.
    pub remote_feed_id: RemoteFeedId,
    /// Whether its owner gave it the name that it has.
    pub is_named: bool,
    /// How often its owner wants it refreshed, in minutes; none: as the feed says.
    pub wanted_minutes: Option<i64>,
    /// Which [`RemoteFeed::content_version`] the calendar shows; 0: none of them in full.
    pub mirrored_version: i64,
    /// The zone in which that was read.
    pub mirrored_zone: Option<String>,
    /// When that was.
    pub mirrored_at: Option<Timestamp>,
    /// How many events the calendar has.
    pub event_count: i64,
    /// Why the calendar does not show the present content.
    pub mirror_error: Option<String>,
    /// See [`super::calendars::Calendar::name`].
    pub name: String,
    /// See [`super::calendars::Calendar::color`].
    pub color: String,
    /// See [`super::calendars::Calendar::timezone`].
    pub zone: Zone,
    /// See [`super::calendars::Calendar::counts_as_busy`].
    pub counts_as_busy: bool,
}

/// A subscription with the state of its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// The subscription.
    pub subscription: Subscription,
    /// Its address.
    pub remote: RemoteState,
}

/// A subscription to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubscription {
    /// Whose.
    pub user_id: UserId,
    /// Where the events are to be kept.
    pub calendar_id: CalendarId,
    /// Where they come from.
    pub remote_feed_id: RemoteFeedId,
    /// See [`Subscription::is_named`].
    pub is_named: bool,
    /// See [`Subscription::wanted_minutes`].
    pub wanted_minutes: Option<i64>,
    /// Now.
    pub created_at: Timestamp,
}

/// What a calendar shows after it was made the same as its feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored<'a> {
    /// See [`Subscription::mirrored_version`].
    pub version: i64,
    /// See [`Subscription::mirrored_zone`].
    pub zone: &'a str,
    /// Now.
    pub at: Timestamp,
    /// See [`Subscription::event_count`].
    pub event_count: i64,
}

/// Adds a subscription.
///
/// # Errors
/// `Unique(Subscription)`; `Orphan` where user, calendar or address are gone.
pub async fn insert(conn: &mut Conn, new: &NewSubscription) -> Result<SubscriptionId, StorageError> {
    let (id,) = on!(conn, c => sqlx::query_as(NEW_SUBSCRIPTION)
        .bind(new.user_id.0)
        .bind(new.calendar_id.0)
        .bind(new.remote_feed_id.0)
        .bind(new.is_named)
        .bind(new.wanted_minutes)
        .bind(Micros::floor(new.created_at))
        .fetch_one(c)
        .await)?;
    Ok(SubscriptionId(id))
}

/// The subscription of this id, whosever it is.
///
/// # Errors
/// [`StorageError`].
pub async fn by_id(conn: &mut Conn, id: SubscriptionId) -> Result<Option<Subscribed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(SUBSCRIBED_BY_ID).bind(id.0).fetch_optional(c).await)?)
}

/// The subscription that fills a calendar.
///
/// # Errors
/// [`StorageError`].
pub async fn of_calendar(conn: &mut Conn, calendar: CalendarId) -> Result<Option<Subscribed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(SUBSCRIBED_OF_CALENDAR).bind(calendar.0).fetch_optional(c).await)?)
}

/// The subscriptions of a user, in the order in which they were made.
///
/// # Errors
/// [`StorageError`].
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Subscribed>, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(SUBSCRIBED_OF_USER).bind(user.0).fetch_all(c).await)?)
}

/// How many subscriptions a user has.
///
/// # Errors
/// [`StorageError`].
pub async fn count(conn: &mut Conn, user: UserId) -> Result<i64, StorageError> {
    let (count,) = on!(conn, c => sqlx::query_as(COUNT_SUBSCRIPTIONS).bind(user.0).fetch_one(c).await)?;
    Ok(count)
}

/// The addresses that a user subscribes to, in the order of their ids.
///
/// # Errors
/// [`StorageError`].
pub async fn remotes_of(conn: &mut Conn, user: UserId) -> Result<Vec<RemoteFeedId>, StorageError> {
    let rows: Vec<(i64,)> = on!(conn, c => sqlx::query_as(REMOTES_OF).bind(user.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id,)| RemoteFeedId(id)).collect())
}

/// A place among the subscriptions to an address: those of one zone stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    zone: String,
    id: i64,
}

impl Subscription {
    /// Its place.
    pub fn place(&self) -> Place {
        Place { zone: self.zone.name().to_owned(), id: self.id.0 }
    }
}

/// At most `limit` of the subscriptions to an address that come after a place, in their order.
///
/// # Errors
/// [`StorageError`].
pub async fn of_remote(
    conn: &mut Conn,
    remote: RemoteFeedId,
    after: &Place,
    limit: i64,
) -> Result<Vec<Subscription>, StorageError> {
    let rows = on!(conn, c => sqlx::query_as(SUBSCRIPTIONS_OF_REMOTE)
        .bind(remote.0)
        .bind(&after.zone)
        .bind(after.id)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    Ok(rows)
}

/// What the subscribers to an address want of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// How many there are.
    pub subscribers: i64,
    /// How many leave it to the feed how often it is refreshed.
    pub easy: i64,
    /// The shortest interval that the others want, in minutes.
    pub shortest: Option<i64>,
    /// How many have a calendar that does not show this version, or as it was read in another zone than it has now.
    pub behind: i64,
}

/// What the subscribers to an address want of it, whose content has this version.
///
/// # Errors
/// [`StorageError`].
pub async fn wishes(conn: &mut Conn, remote: RemoteFeedId, version: i64) -> Result<Wishes, StorageError> {
    Ok(on!(conn, c => sqlx::query_as(WISHES).bind(remote.0).bind(version).fetch_one(c).await)?)
}

/// Changes how often a subscription is to be refreshed, and whether its name is its owner's.
///
/// # Errors
/// [`StorageError`].
pub async fn update(
    conn: &mut Conn,
    id: SubscriptionId,
    wanted_minutes: Option<i64>,
    is_named: bool,
) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(UPDATE_SUBSCRIPTION).bind(id.0).bind(wanted_minutes).bind(is_named).execute(c).await
        .map(drop))?;
    Ok(())
}

/// Makes a subscription one to another address. It keeps its name and its events; nothing of them is known to be what that
/// address says.
///
/// # Errors
/// `Unique(Subscription)`.
pub async fn change_remote(conn: &mut Conn, id: SubscriptionId, remote: RemoteFeedId) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(CHANGE_REMOTE).bind(id.0).bind(remote.0).bind(true).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes what the calendar shows, where it is still as it was when `before` was read; false: somebody else was at it.
///
/// # Errors
/// [`StorageError`].
pub async fn note_mirrored(
    conn: &mut Conn,
    before: &Subscription,
    mirrored: &Mirrored<'_>,
) -> Result<bool, StorageError> {
    let done = on!(conn, c => sqlx::query(NOTE_MIRRORED)
        .bind(before.id.0)
        .bind(before.mirrored_version)
        .bind(before.mirrored_at.map(Micros::floor))
        .bind(mirrored.version)
        .bind(mirrored.zone)
        .bind(Micros::floor(mirrored.at))
        .bind(mirrored.event_count)
        .bind(before.remote_feed_id.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Notes why the calendar does not show what its feed says, and until when it did, where it is still that feed's.
///
/// # Errors
/// [`StorageError`].
pub async fn note_unmirrored(
    conn: &mut Conn,
    subscription: &Subscription,
    until: Option<Timestamp>,
    error: &str,
) -> Result<(), StorageError> {
    on!(conn, c => sqlx::query(NOTE_UNMIRRORED)
        .bind(subscription.id.0)
        .bind(until.map(Micros::floor))
        .bind(error)
        .bind(subscription.remote_feed_id.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

row!(Subscription {
    id,
    user_id,
    calendar_id,
    remote_feed_id,
    is_named,
    wanted_minutes,
    mirrored_version,
    mirrored_zone,
    mirrored_at,
    event_count,
    mirror_error,
    name,
    color,
    zone,
    counts_as_busy,
});
row!(Subscribed { + subscription + remote });
row!(Wishes { subscribers, easy, shortest, behind });

/// The columns of a [`Subscription`], of `subscriptions JOIN calendars`.
macro_rules! subscription_columns {
    () => {
        "subscriptions.id, subscriptions.user_id, subscriptions.calendar_id, subscriptions.remote_feed_id, \
         subscriptions.is_named, subscriptions.refresh_minutes AS wanted_minutes, subscriptions.mirrored_version, \
         subscriptions.mirrored_zone, subscriptions.mirrored_at, subscriptions.event_count, subscriptions.mirror_error, \
         calendars.name, calendars.color, calendars.timezone AS zone, calendars.counts_as_busy"
    };
}

/// A [`Subscribed`].
macro_rules! subscribed {
    ($where:literal) => {
        concat!(
            "SELECT ",
            subscription_columns!(),
            ", ",
            remote::remote_state_columns!(),
            " FROM subscriptions JOIN calendars ON calendars.id = subscriptions.calendar_id \
             JOIN remote_feeds ON remote_feeds.id = subscriptions.remote_feed_id WHERE ",
            $where
        )
    };
}

const NEW_SUBSCRIPTION: &str = "INSERT INTO subscriptions (user_id, calendar_id, remote_feed_id, is_named, \
    refresh_minutes, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
const SUBSCRIBED_BY_ID: &str = subscribed!("subscriptions.id = $1");
const SUBSCRIBED_OF_CALENDAR: &str = subscribed!("subscriptions.calendar_id = $1");
const SUBSCRIBED_OF_USER: &str = subscribed!("subscriptions.user_id = $1 ORDER BY subscriptions.id");
const COUNT_SUBSCRIPTIONS: &str = "SELECT COUNT(*) FROM subscriptions WHERE user_id = $1";
const SUBSCRIPTIONS_OF_REMOTE: &str = concat!(
    "SELECT ",
    subscription_columns!(),
    " FROM subscriptions JOIN calendars ON calendars.id = subscriptions.calendar_id \
     WHERE subscriptions.remote_feed_id = $1 AND (calendars.timezone, subscriptions.id) > ($2, $3) \
     ORDER BY calendars.timezone, subscriptions.id LIMIT $4"
);
const REMOTES_OF: &str = "SELECT remote_feed_id FROM subscriptions WHERE user_id = $1 ORDER BY remote_feed_id";
const WISHES: &str = "SELECT COUNT(*) AS subscribers, COUNT(*) - COUNT(subscriptions.refresh_minutes) AS easy, \
    MIN(subscriptions.refresh_minutes) AS shortest, COUNT(CASE WHEN subscriptions.mirrored_version <> $2 \
        OR subscriptions.mirrored_zone IS DISTINCT FROM calendars.timezone THEN 1 END) AS behind \
    FROM subscriptions JOIN calendars ON calendars.id = subscriptions.calendar_id WHERE subscriptions.remote_feed_id = $1";
const UPDATE_SUBSCRIPTION: &str = "UPDATE subscriptions SET refresh_minutes = $2, is_named = $3 WHERE id = $1";
const NOTE_MIRRORED: &str = "UPDATE subscriptions SET mirrored_version = $4, mirrored_zone = $5, mirrored_at = $6, \
    event_count = $7, mirror_error = NULL \
    WHERE id = $1 AND mirrored_version = $2 AND mirrored_at IS NOT DISTINCT FROM $3 AND remote_feed_id = $8";
const NOTE_UNMIRRORED: &str = "UPDATE subscriptions SET mirrored_version = 0, mirrored_at = $2, mirror_error = $3 \
    WHERE id = $1 AND remote_feed_id = $4";
const CHANGE_REMOTE: &str = "UPDATE subscriptions SET remote_feed_id = $2, is_named = $3, mirrored_version = 0, \
    mirrored_zone = NULL, mirrored_at = NULL, mirror_error = NULL WHERE id = $1";
