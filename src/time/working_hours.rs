use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan, civil};

use super::zone::Transition;
use super::{Period, PeriodSet, Zone};

/// When somebody works: from `start` to `end` of the wall clock of `zone`, on `days`. Hours belong to the day on which they
/// start; an end at or before the start runs into the next day, so 22:00–06:00 is a night shift and 00:00–00:00 the
/// whole day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingHours {
    /// Wall-clock time at which work starts.
    pub start: Time,
    /// Wall-clock time at which work ends.
    pub end: Time,
    /// The days on which work starts.
    pub days: Days,
    /// Whose wall clock.
    pub zone: Zone,
}

impl WorkingHours {
    /// The working periods inside `window`, cut to it.
    pub fn within(&self, window: Period) -> PeriodSet {
        let first = self.zone.local(window.start()).date().saturating_sub(2.days());
        let last = self.zone.local(window.end()).date().saturating_add(1.days());
        let offsets = Offsets::around(&self.zone, window);
        let mut midnight = Zone::utc().resolve(first.at(0, 0, 0, 0)).as_second();
        let mut periods = Vec::new();
        let mut day = first;
        while day <= last {
            if self.days.contains(day.weekday()) {
                let period = match offsets.steady_at(midnight) {
                    Some(offset) => self.counted_from(midnight - offset),
                    None => self.of(day),
                };
                periods.extend(period.and_then(|p| p.intersection(window)));
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
            midnight += DAY.as_secs();
        }
        periods.into_iter().collect()
    }

    /// These hours, starting earlier by `before` and ending later by `after` (neither negative), but never longer than a
    /// day. Hours that then start before midnight belong to the day before.
    #[must_use]
    pub fn widened(&self, before: SignedDuration, after: SignedDuration) -> Self {
        let (start, end) = (since_midnight(self.start), since_midnight(self.end));
        let length = if end <= start { end + DAY - start } else { end - start };
        let before = before.min(DAY - length);
        let after = after.min(DAY - length - before);
        let days = if start < before { self.days.one_earlier() } else { self.days };
        Self {
            start: self.start.wrapping_sub(before),
            end: self.end.wrapping_add(after),
            days,
            zone: self.zone.clone(),
        }
    }

    /// The working period that starts on `day`; none where a change of clocks swallows it whole.
    fn of(&self, day: Date) -> Option<Period> {
        let end_day = if self.end <= self.start { day.tomorrow().ok()? } else { day };
        let instant = |date: Date, time: Time| self.zone.resolve(civil::DateTime::from_parts(date, time));
        let period = Period::new(instant(day, self.start), instant(end_day, self.end)).ok()?;
        (!self.is_skipped(day, period)).then_some(period)
    }

    /// The working period of a day that begins at that second and on which no clock changes.
    fn counted_from(&self, second: i64) -> Option<Period> {
        let (start, end) = (since_midnight(self.start), since_midnight(self.end));
        let end = if end <= start { end + DAY } else { end };
        let midnight = Timestamp::from_second(second).ok()?;
        Period::new(midnight.checked_add(start).ok()?, midnight.checked_add(end).ok()?).ok()
    }

    /// Whether the zone has no such day, having jumped over the date line (Apia, 2011-12-30): nobody works on it, while
    /// RFC 5545 would read its times as those of the day after.
    fn is_skipped(&self, day: Date, period: Period) -> bool {
        let midnight = || self.zone.resolve(civil::DateTime::from_parts(day, Time::midnight()));
        self.zone.local(period.start()).date() > day && self.zone.local(midnight()).date() > day
    }
}

/// A set of weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days(u8);

impl Days {
    /// Monday to Sunday.
    pub const ALL: Self = Self(0b111_1111);
    /// No day.
    pub const NONE: Self = Self(0);

    /// Whether `day` is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// These days and `day`.
    #[must_use]
    pub fn with(self, day: Weekday) -> Self {
        Self(self.0 | bit(day))
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days, from Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(7).filter(move |day| self.contains(*day))
    }

    /// The day before each of these.
    #[must_use]
    pub fn one_earlier(self) -> Self {
        Self((self.0 >> 1) | ((self.0 & bit(Weekday::Monday)) << 6))
    }

    /// As a bit set, Monday the lowest bit: 0 to 127.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// From a bit set; bits above Sunday's are ignored.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }
}

impl FromIterator<Weekday> for Days {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::NONE, Self::with)
    }
}

/// A zone's offsets around a window, laid out so that a year of days asks the zone about a handful of them.
struct Offsets {
    first: i32,
    changes: Vec<Transition>,
}

impl Offsets {
    fn around(zone: &Zone, window: Period) -> Self {
        let reach = window.widened(DAY * 7, DAY * 7);
        let changes = zone.transitions(reach.start()).take_while(|change| change.at <= reach.end()).collect();
        Self { first: zone.offset_seconds(reach.start()), changes }
    }

    /// The offset around a local midnight (in seconds, as if it were UTC), if no clock changes for days on both sides.
    fn steady_at(&self, midnight: i64) -> Option<i64> {
        let passed = self.changes.partition_point(|change| change.at.as_second() <= midnight);
        let (before, after) = self.changes.split_at(passed);
        let near = |change: &&Transition| (change.at.as_second() - midnight).abs() < 3 * DAY.as_secs();
        if before.last().filter(near).or(after.first().filter(near)).is_some() {
            return None;
        }
        Some(i64::from(before.last().map_or(self.first, |change| change.offset_seconds)))
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn since_midnight(time: Time) -> SignedDuration {
    time.duration_since(Time::midnight())
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}
