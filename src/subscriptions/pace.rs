//! When an address is asked next.
//!
//! Never sooner than in its interval, which is what the most eager of its subscribers wants; a little later by chance, so that
//! what was asked at once once is not asked at once for ever; after failures later and later, up to a day.

use sha2::{Digest, Sha256};

use crate::ids::RemoteFeedId;
use crate::storage::subscriptions::{DEFAULT_MINUTES, Wishes};
use crate::time::{SignedDuration, Timestamp};

/// The chance by which addresses are spread.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The same numbers come of the same seed.
    pub seed: u64,
}

/// One asking of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which address.
    pub remote: RemoteFeedId,
    /// Which asking of it.
    pub nth: i64,
    /// Its interval, in minutes.
    pub minutes: i64,
    /// Now.
    pub now: Timestamp,
}

/// What an interval can be, in minutes: from five to a week.
pub const MINUTES: std::ops::RangeInclusive<i64> = 5..=10_080;

/// The interval of an address: the shortest that its subscribers want. Who leaves it to the feed gets what that says, within
/// bounds.
pub fn interval(wishes: &Wishes, feed_minutes: Option<i64>) -> i64 {
    let own = (wishes.easy > 0).then(|| feed_minutes.unwrap_or(DEFAULT_MINUTES));
    own.into_iter().chain(wishes.shortest).min().map_or(DEFAULT_MINUTES, within_bounds)
}

/// The nearest interval that is allowed.
pub fn within_bounds(minutes: i64) -> i64 {
    minutes.clamp(*MINUTES.start(), *MINUTES.end())
}

impl Pace {
    /// When to ask again after a good answer.
    pub fn after_good(&self, turn: Turn) -> Timestamp {
        self.later(turn, SignedDuration::from_mins(turn.minutes))
    }

    /// When to ask again after the last `failures` askings in a row failed: twice as late each time, a day later at most
    /// (or its interval, where that is longer), and not before the server wants it, within a week.
    pub fn after_failure(&self, turn: Turn, failures: i64, retry_after: Option<Timestamp>) -> Timestamp {
        let doublings = failures.saturating_sub(1).clamp(0, MOST_DOUBLINGS);
        let minutes = turn.minutes.saturating_mul(1 << doublings).min(DAY.max(turn.minutes));
        let ours = self.later(turn, SignedDuration::from_mins(minutes));
        let patience = SignedDuration::from_mins(*MINUTES.end());
        let most = turn.now.checked_add(patience).unwrap_or(Timestamp::MAX);
        retry_after.map_or(ours, |theirs| ours.max(theirs.min(most)))
    }

    fn later(&self, turn: Turn, by: SignedDuration) -> Timestamp {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        let more = self.part(turn) % (micros / SPREAD).unsigned_abs().max(1);
        let more = SignedDuration::from_micros(i64::try_from(more).unwrap_or_default());
        turn.now.checked_add(by).and_then(|due| due.checked_add(more)).unwrap_or(Timestamp::MAX)
    }

    fn part(&self, turn: Turn) -> u64 {
        let hash = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(turn.remote.0.to_be_bytes())
            .chain_update(turn.nth.to_be_bytes())
            .finalize();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// Up to a tenth of the interval later.
const SPREAD: i64 = 10;
const DAY: i64 = 24 * 60;
const MOST_DOUBLINGS: i64 = 10;

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
