use jiff::civil::{DateTime, Weekday};

use crate::time::{DateOrTime, Timestamp, Zone};

/// A change of a zone's offset, as VTIMEZONE writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Onset {
    /// The wall clock by the old offset at the moment of the change.
    pub local: DateTime,
    /// The old offset, in seconds east of UTC.
    pub from: i32,
    /// The new offset.
    pub to: i32,
    /// Whether daylight saving time begins.
    pub is_dst: bool,
}

/// A yearly date, as an RRULE can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The last such weekday of the month.
    Last(Weekday, i8),
    /// The n-th such weekday of the month, n from 1 to 4.
    Nth(i8, Weekday, i8),
    /// Always the same day of the month.
    Day(i8, i8),
    /// The first such weekday on or after a day of the month.
    OnOrAfter(i8, Weekday, i8),
    /// The first such weekday on or after a day that is counted from the end of the year (-1 is 31 December): for seven days
    /// that lie in two months, such as the day after the last Thursday of October.
    OnOrAfterFromEnd(i16, Weekday),
}

impl Onset {
    /// Whether `next` may be the same change a year later.
    pub fn precedes(&self, next: &Self) -> bool {
        self.is_like(next) && self.local.year() + 1 == next.local.year() && self.local.time() == next.local.time()
    }

    /// Whether both change the same offsets.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.from, self.to, self.is_dst) == (other.from, other.to, other.is_dst)
    }

    /// The instant.
    pub fn instant(&self) -> Timestamp {
        Zone::utc().resolve(self.local.saturating_sub(jiff::Span::new().seconds(self.from)))
    }

    /// The instant, as UNTIL wants it in a VTIMEZONE: UTC (RFC 5545 section 3.3.10).
    pub fn instant_text(&self) -> String {
        DateOrTime::utc(self.instant()).to_string()
    }
}

impl Pattern {
    /// All patterns that a date fits, the plainest first.
    pub fn all_of(local: DateTime) -> Vec<Self> {
        let (weekday, month, day) = (local.weekday(), local.month(), local.day());
        let mut patterns = Vec::with_capacity(10);
        if day + 7 > local.date().days_in_month() {
            patterns.push(Self::Last(weekday, month));
        }
        if day <= 28 {
            patterns.push(Self::Nth((day - 1) / 7 + 1, weekday, month));
        }
        patterns.push(Self::Day(day, month));
        let earliest = (day - 6).max(1);
        let latest = day.min(local.date().days_in_month() - 6);
        patterns.extend((earliest..=latest).map(|from| Self::OnOrAfter(from, weekday, month)));
        // Counted from the end, a day from March on is the same in leap years.
        let from_end = local.date().day_of_year() - local.date().days_in_year() - 1;
        if month > 2 && (day < 7 || day + 6 > local.date().days_in_month()) {
            patterns.extend((from_end - 6..=from_end.min(-7)).map(|from| Self::OnOrAfterFromEnd(from, weekday)));
        }
        patterns
    }

    /// The RRULE value.
    pub fn rule(self, until: Option<&str>) -> String {
        let rule = match self {
            Self::Last(weekday, month) => format!("BYMONTH={month};BYDAY=-1{}", word(weekday)),
            Self::Nth(n, weekday, month) => format!("BYMONTH={month};BYDAY={n}{}", word(weekday)),
            Self::Day(day, month) => format!("BYMONTH={month};BYMONTHDAY={day}"),
            Self::OnOrAfter(from, weekday, month) => {
                let days: Vec<String> = (from..from + 7).map(|day| day.to_string()).collect();
                format!("BYMONTH={month};BYMONTHDAY={};BYDAY={}", days.join(","), word(weekday))
            }
            Self::OnOrAfterFromEnd(from, weekday) => {
                let days: Vec<String> = (from..from + 7).map(|day| day.to_string()).collect();
                format!("BYYEARDAY={};BYDAY={}", days.join(","), word(weekday))
            }
        };
        let until = until.map(|until| format!(";UNTIL={until}")).unwrap_or_default();
        format!("FREQ=YEARLY;{rule}{until}")
    }
}

fn word(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
