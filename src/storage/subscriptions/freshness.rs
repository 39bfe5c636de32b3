use jiff::{SignedDuration, Timestamp};

/// How often a feed is refreshed that nobody says anything about, in minutes.
pub const DEFAULT_MINUTES: i64 = 60;

/// How far what a calendar shows of a feed can be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When it was last known to be what the feed says; none: it never was.
    pub refreshed_at: Option<Timestamp>,
    /// How often it is refreshed, in minutes; none: nobody says.
    pub minutes: Option<i64>,
    /// Whether the feed is gone for good.
    pub is_gone: bool,
}

impl Freshness {
    /// Whether it may well be out of date: it is older than three refreshes take, or there will be none.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let patience = SignedDuration::from_mins(self.minutes.unwrap_or(DEFAULT_MINUTES).saturating_mul(REFRESHES));
        self.is_gone || self.refreshed_at.is_none_or(|at| now.duration_since(at) > patience)
    }
}

const REFRESHES: i64 = 3;
