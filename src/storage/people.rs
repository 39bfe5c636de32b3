//! The state of people in a few numbers: as long as these stay, so does everything that a search knows of them.

use sqlx::QueryBuilder;

use super::column::row;
use super::ids_in::push_ids;
use super::subscriptions::Freshness;
use super::{Conn, StorageError};
use crate::ids::{CalendarId, SubscriptionId, UserId};
use crate::time::Timestamp;

/// The version of somebody, and of one of the calendars of theirs that count as busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonVersion {
    /// Who.
    pub user_id: UserId,
    /// See [`super::accounts::User::version`].
    pub user_version: i64,
    /// Which calendar; none where the user has none that counts.
    pub calendar_id: Option<CalendarId>,
    /// See [`super::calendars::Calendar::version`].
    pub calendar_version: Option<i64>,
    /// Which subscription fills it; none where it is filled by its owner.
    pub subscription_id: Option<SubscriptionId>,
    /// See [`Freshness::refreshed_at`].
    pub refreshed_at: Option<Timestamp>,
    /// See [`Freshness::minutes`].
    pub refresh_minutes: Option<i64>,
    /// See [`Freshness::is_gone`].
    pub is_gone: Option<bool>,
}

impl PersonVersion {
    /// How far the calendar can be relied upon, where it is a subscription.
    pub fn freshness(&self) -> Option<Freshness> {
        self.subscription_id.map(|_| Freshness {
            refreshed_at: self.refreshed_at,
            minutes: self.refresh_minutes,
            is_gone: self.is_gone.unwrap_or_default(),
        })
    }
}

/// The versions of these users and of all their calendars that count as busy, in the order of user and calendar: in one
/// statement, so all at one moment.
///
/// # Errors
/// [`StorageError`].
pub async fn versions(conn: &mut Conn, users: &[UserId]) -> Result<Vec<PersonVersion>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(VERSIONS_OF);
        push_ids(&mut query, users.iter().map(|id| id.0));
        query.push(IN_ORDER).build_query_as().fetch_all(c).await
    })?)
}

row!(PersonVersion {
    user_id,
    user_version,
    calendar_id,
    calendar_version,
    subscription_id,
    refreshed_at,
    refresh_minutes,
    is_gone,
});

const VERSIONS_OF: &str = "SELECT users.id AS user_id, users.version AS user_version, calendars.id AS calendar_id, \
    calendars.version AS calendar_version, subscriptions.id AS subscription_id, \
    CASE WHEN subscriptions.mirrored_version = remote_feeds.content_version THEN remote_feeds.last_good_at \
        ELSE subscriptions.mirrored_at END AS refreshed_at, \
    COALESCE(subscriptions.refresh_minutes, remote_feeds.refresh_minutes) AS refresh_minutes, \
    remote_feeds.last_status = 'gone' AS is_gone FROM users \
    LEFT JOIN calendars ON calendars.user_id = users.id AND calendars.counts_as_busy \
    LEFT JOIN subscriptions ON subscriptions.calendar_id = calendars.id \
    LEFT JOIN remote_feeds ON remote_feeds.id = subscriptions.remote_feed_id WHERE users.id IN ";
const IN_ORDER: &str = " ORDER BY users.id, calendars.id";
