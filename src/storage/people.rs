//! The state of people in a few numbers: as long as these stay, so does everything that a search knows of them.

use sqlx::QueryBuilder;

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
/// statement, so all at one moment. They come as one text, as every row that a database sends costs more than all of its
/// numbers; searches ask this each time.
///
/// # Errors
/// [`StorageError`].
pub async fn versions(conn: &mut Conn, users: &[UserId]) -> Result<Vec<PersonVersion>, StorageError> {
    let (text,): (Option<String>,) = on!(conn, c => {
        let mut query = QueryBuilder::new(VERSIONS_OF);
        push_ids(&mut query, users.iter().map(|id| id.0));
        query.build_query_as().fetch_one(c).await
    })?;
    let text = text.unwrap_or_default();
    let parsed: Option<Vec<PersonVersion>> = text.split_ascii_whitespace().map(parsed).collect();
    parsed.ok_or_else(|| StorageError::Corrupt("the versions of people".to_owned()))
}

/// One of `1:4:7:12::::`, or `1:4::::::` where there is no calendar; behind that, what fills the calendar.
fn parsed(text: &str) -> Option<PersonVersion> {
    let mut numbers = text.split(':');
    let mut next = || numbers.next().map(|number| number.parse::<i64>().ok());
    let (user, user_version, calendar, calendar_version) = (next()??, next()??, next()?, next()?);
    let (subscription, refreshed_at, refresh_minutes, is_gone) = (next()?, next()?, next()?, next()?);
    Some(PersonVersion {
        user_id: UserId(user),
        user_version,
        calendar_id: calendar.map(CalendarId),
        calendar_version,
        subscription_id: subscription.map(SubscriptionId),
        refreshed_at: refreshed_at.and_then(|micros| Timestamp::from_microsecond(micros).ok()),
        refresh_minutes,
        is_gone: is_gone.map(|gone| gone != 0),
    })
}

const VERSIONS_OF: &str = "SELECT string_agg(CAST(users.id AS TEXT) || ':' || CAST(users.version AS TEXT) || ':' || \
    COALESCE(CAST(calendars.id AS TEXT), '') || ':' || COALESCE(CAST(calendars.version AS TEXT), '') || ':' || \
    CASE WHEN subscriptions.id IS NULL THEN ':::' ELSE CAST(subscriptions.id AS TEXT) || ':' || \
    COALESCE(CAST(CASE WHEN subscriptions.mirrored_version = remote_feeds.content_version \
        THEN remote_feeds.last_good_at ELSE subscriptions.mirrored_at END AS TEXT), '') || ':' || \
    COALESCE(CAST(COALESCE(subscriptions.refresh_minutes, remote_feeds.refresh_minutes) AS TEXT), '') || ':' || \
    CASE WHEN remote_feeds.last_status = 'gone' THEN '1' ELSE '0' END END, ' ' \
    ORDER BY users.id, calendars.id) FROM users \
    LEFT JOIN calendars ON calendars.user_id = users.id AND calendars.counts_as_busy \
    LEFT JOIN subscriptions ON subscriptions.calendar_id = calendars.id \
    LEFT JOIN remote_feeds ON remote_feeds.id = subscriptions.remote_feed_id WHERE users.id IN ";
