use std::time::Duration;

use super::{Pace, RefreshAttempts};
use crate::time::SignedDuration;

/// What the refreshing of subscriptions shares within one server.
pub struct Refreshing {
    /// By whose name this server claims addresses.
    pub(super) server: i64,
    /// When addresses are asked.
    pub(super) pace: Pace,
    /// How many addresses are worked on at once.
    pub(super) at_once: usize,
    /// How long an address is claimed at a time.
    pub(super) lease: SignedDuration,
    /// What users asked for of late.
    pub(super) attempts: RefreshAttempts,
}

impl Refreshing {
    /// At most so many at once, of which each takes so long at the most; `seed` makes the chances, and tells this server from
    /// others on the same database.
    pub fn new(at_once: usize, longest_fetch: Duration, seed: u64) -> Self {
        let fetch = SignedDuration::try_from(longest_fetch).unwrap_or(SignedDuration::from_hours(1));
        Self {
            server: i64::from_ne_bytes(seed.to_ne_bytes()),
            pace: Pace { seed },
            at_once: at_once.max(1),
            // Also the reading has its time, and the wait for its turn.
            lease: fetch * 2 + SignedDuration::from_mins(5),
            attempts: RefreshAttempts::default(),
        }
    }
}
