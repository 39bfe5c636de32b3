use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};

use super::FeedError;
use crate::fields::FieldErrors;
use crate::storage::feeds::PublishedFeed;
use crate::time::{Period, Zone, tzdb_version};

/// Which text a feed has at present, told without making it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedVersion {
    /// Differs as soon as one byte of the text does.
    pub tag: String,
    /// Since when the text is as it is, in whole seconds, and never after the second that passes at present. A feed that
    /// has just changed shows the second before: by whole seconds nobody could tell it from another change within this one.
    pub modified_at: Timestamp,
    /// Whether `modified_at` tells this text from every other: not in the very second in which it changed.
    pub is_settled: bool,
}

/// What of its calendars a feed shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FeedWindow {
    /// Events with time from then on; none: from the beginning of the month one year ago.
    pub start: Option<Timestamp>,
    /// Events with time before; none: everything ahead.
    pub end: Option<Timestamp>,
}

/// The state of a feed in a word: all that its text depends on, but for the window asked for.
pub(super) fn state_of(feed: &PublishedFeed, public_url: &str, now: Timestamp) -> String {
    let month = first_month(now).to_string();
    let (id, version) = (feed.id.to_string(), feed.version.to_string());
    digest(&[
        env!("CARGO_PKG_VERSION"),
        tzdb_version(),
        public_url,
        &id,
        &version,
        feed.detail.as_str(),
        &feed.name,
        feed.timezone.name(),
        &feed.email_key,
        &feed.calendars,
        &month,
    ])
}

impl FeedVersion {
    /// The version of the text of a feed in this state since `since`.
    pub(super) fn of(state: &str, window: FeedWindow, since: Timestamp, now: Timestamp) -> Self {
        let edge = |edge: Option<Timestamp>| edge.map_or_else(String::new, |edge| edge.to_string());
        let second = |instant: Timestamp| instant.as_millisecond().div_euclid(1000);
        let is_settled = second(since) < second(now);
        let shown = if is_settled { second(since) } else { second(now) - 1 };
        Self {
            tag: digest(&[state, &edge(window.start), &edge(window.end)]),
            modified_at: Timestamp::from_second(shown).unwrap_or(Timestamp::UNIX_EPOCH),
            is_settled,
        }
    }
}

impl FeedWindow {
    /// The time that is shown.
    ///
    /// # Errors
    /// `Invalid`, under `end`.
    pub(super) fn period(self, now: Timestamp) -> Result<Period, FeedError> {
        let start = self.start.unwrap_or_else(|| Zone::utc().resolve(first_month(now).at(0, 0, 0, 0)));
        let end = self.end.unwrap_or(Timestamp::MAX);
        Period::new(start, end).map_err(|_| FieldErrors::one("end", "must be after start").into())
    }
}

/// The beginning of the month one year ago, in UTC: so that a feed's text changes once a month by itself, rather than with
/// every second.
fn first_month(now: Timestamp) -> Date {
    let today = Zone::utc().local(now).date();
    today.saturating_sub(1.year()).first_of_month()
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update("\n");
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
