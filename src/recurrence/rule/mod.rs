mod check;
mod parse;
#[cfg(test)]
mod tests;
mod text;

use crate::time::{DateOrTime, Weekday};

/// The value of an RRULE property (RFC 5545 section 3.3.10), valid by construction.
///
/// As text, and in serde, it is the canonical value: `FREQ` first, numbers in order, nothing that says the default. Two
/// rules with the same canonical text are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u32,
    pub(super) count: Option<u32>,
    pub(super) until: Option<DateOrTime>,
    pub(super) by_month: Vec<i16>,
    pub(super) by_week_no: Vec<i16>,
    pub(super) by_year_day: Vec<i16>,
    pub(super) by_month_day: Vec<i16>,
    pub(super) by_day: Vec<NumberedDay>,
    pub(super) by_hour: Vec<i16>,
    pub(super) by_minute: Vec<i16>,
    pub(super) by_second: Vec<i16>,
    pub(super) by_set_pos: Vec<i16>,
    pub(super) week_start: Weekday,
}

/// FREQ: the unit of a rule's interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// `SECONDLY`
    Secondly,
    /// `MINUTELY`
    Minutely,
    /// `HOURLY`
    Hourly,
    /// `DAILY`
    Daily,
    /// `WEEKLY`
    Weekly,
    /// `MONTHLY`
    Monthly,
    /// `YEARLY`
    Yearly,
}

/// One value of BYDAY: a weekday, or the n-th one of the month or year (`-1FR` is the last Friday).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedDay {
    /// 1 is the first, -1 the last, 0 every one.
    pub number: i16,
    /// The weekday.
    pub weekday: Weekday,
}

/// Why a text is no rule. The sentence names the part and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);

impl Rule {
    /// FREQ.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// INTERVAL, at least 1.
    pub fn interval(&self) -> u32 {
        self.interval
    }

    /// COUNT, at least 1. Never there beside [`Rule::until`].
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// UNTIL, inclusive: a date, a floating time or one in UTC.
    pub fn until(&self) -> Option<&DateOrTime> {
        self.until.as_ref()
    }

    /// The same rule with another end in place of its COUNT or UNTIL: to write UNTIL in the value type of DTSTART, or
    /// to end a series before one of its occurrences. A zoned `until` is written in UTC.
    #[must_use]
    pub fn with_until(mut self, until: &DateOrTime) -> Self {
        self.count = None;
        self.until = Some(match until {
            DateOrTime::Zoned { local, zone } => DateOrTime::utc(zone.resolve(*local)),
            other => other.clone(),
        });
        self
    }
}
