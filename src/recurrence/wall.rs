//! Wall-clock readings as numbers: seconds from 1970-01-01T00:00:00 on the same wall, without any zone; and the days,
//! months and weeks of the proleptic Gregorian calendar.

use crate::time::{DateOrTime, DateTime, Weekday};

pub(super) const DAY: i64 = 86_400;

/// The first reading after the last one that RFC 5545 can write, 9999-12-31T23:59:59.
pub(super) const END_OF_TIME: i64 = 253_402_300_800;

/// The reading as a number.
pub(super) fn seconds(local: DateTime) -> i64 {
    let day = day_number(i64::from(local.year()), i64::from(local.month()), i64::from(local.day()));
    day * DAY + i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second())
}

/// The reading of a date (midnight), floating or zoned time as a number.
pub(super) fn reading(value: &DateOrTime) -> i64 {
    seconds(value.local())
}

/// The number as a reading, within the years -9999 to 9999.
pub(super) fn date_time(wall: i64) -> DateTime {
    let (day, second) = (wall.div_euclid(DAY), wall.rem_euclid(DAY));
    let Day { year, month, day, .. } = Day::from_number(day);
    let (Ok(year), Ok(month), Ok(day)) = (i16::try_from(year), i8::try_from(month), i8::try_from(day)) else {
        return if wall < 0 { DateTime::MIN } else { DateTime::MAX };
    };
    // A second of a day is below 86,400, so none of these is lost.
    let clock = |number: i64| i8::try_from(number).unwrap_or(0);
    DateTime::new(year, month, day, clock(second / 3600), clock(second / 60 % 60), clock(second % 60), 0)
        .unwrap_or(if wall < 0 { DateTime::MIN } else { DateTime::MAX })
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Days since 1970-01-01.
    pub(super) number: i64,
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// Of the month, from 1.
    pub(super) day: i64,
}

impl Day {
    /// The day so many days after 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    pub(super) fn from_number(number: i64) -> Self {
        let shifted = number + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { number, year, month, day }
    }

    pub(super) fn month_length(self) -> i64 {
        month_length(self.year, self.month)
    }

    /// From 1.
    pub(super) fn of_year(self) -> i64 {
        self.number - day_number(self.year, 1, 1) + 1
    }

    /// Monday is 0.
    pub(super) fn weekday(self) -> i64 {
        weekday(self.number)
    }

    /// The year that the day's week belongs to: week 1 is the first with at least four days in its year.
    pub(super) fn week_year(self, week_start: i64) -> i64 {
        match self.year {
            year if self.number >= first_week(year + 1, week_start) => year + 1,
            year if self.number >= first_week(year, week_start) => year,
            year => year - 1,
        }
    }

    /// The number of the week, from the start of its own year and from the end (RFC 5545 section 3.3.10, BYWEEKNO).
    pub(super) fn week(self, week_start: i64) -> (i64, i64) {
        let year = self.week_year(week_start);
        let (first, next) = (first_week(year, week_start), first_week(year + 1, week_start));
        ((self.number - first) / 7 + 1, -((next - 1 - self.number) / 7 + 1))
    }
}

/// Days from 1970-01-01 to a date.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Monday is 0.
pub(super) fn weekday(day_number: i64) -> i64 {
    (day_number + 3).rem_euclid(7)
}

/// Monday is 0.
pub(super) fn weekday_number(weekday: Weekday) -> i64 {
    i64::from(weekday.to_monday_zero_offset())
}

pub(super) fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

pub(super) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The first day of week 1 of a year, which may lie in the December before.
pub(super) fn first_week(year: i64, week_start: i64) -> i64 {
    let fourth = day_number(year, 1, 4);
    fourth - (weekday(fourth) - week_start).rem_euclid(7)
}
