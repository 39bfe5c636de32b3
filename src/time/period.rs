use jiff::{SignedDuration, Timestamp};

/// A stretch of time `[start, end)`: the start belongs to it, the end does not, and it is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    start: Timestamp,
    end: Timestamp,
}

/// The refusal of [`Period::new`]: the end is not after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the end ({end}) is not after the start ({start})")]
pub struct EmptyPeriod {
    /// The start that was given.
    pub start: Timestamp,
    /// The end that was given.
    pub end: Timestamp,
}

impl Period {
    /// The period from `start` up to, and without, `end`.
    ///
    /// # Errors
    /// [`EmptyPeriod`] when `end <= start`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, EmptyPeriod> {
        if start < end { Ok(Self { start, end }) } else { Err(EmptyPeriod { start, end }) }
    }

    /// The first instant of the period.
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant after the period.
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// The exact length.
    pub fn duration(self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Whether the two share any time; touching ends share none.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn encloses(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The time that both have, if any.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }

    /// The period made longer by `before` at its start and `after` at its end (neither negative), within the range of
    /// [`Timestamp`].
    #[must_use]
    pub fn widened(self, before: SignedDuration, after: SignedDuration) -> Self {
        let start = self.start.checked_sub(before).unwrap_or(Timestamp::MIN);
        let end = self.end.checked_add(after).unwrap_or(Timestamp::MAX);
        Self { start: start.min(self.start), end: end.max(self.end) }
    }
}
