//! Instants, dates, times and days on the wire, the same for every call.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use poem_openapi::{ApiResponse, Enum};

use crate::time::Zone;

/// A day of the week, by the first two letters of its English name (RFC 5545 section 3.3.10).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[oai(rename = "Day")]
pub enum DayOut {
    /// Monday.
    MO,
    /// Tuesday.
    TU,
    /// Wednesday.
    WE,
    /// Thursday.
    TH,
    /// Friday.
    FR,
    /// Saturday.
    SA,
    /// Sunday.
    SU,
}

impl DayOut {
    /// Monday to Sunday.
    pub const WEEK: [Self; 7] = [Self::MO, Self::TU, Self::WE, Self::TH, Self::FR, Self::SA, Self::SU];

    /// The wire form of a day.
    pub fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::MO,
            Weekday::Tuesday => Self::TU,
            Weekday::Wednesday => Self::WE,
            Weekday::Thursday => Self::TH,
            Weekday::Friday => Self::FR,
            Weekday::Saturday => Self::SA,
            Weekday::Sunday => Self::SU,
        }
    }

    /// The day.
    pub fn weekday(self) -> Weekday {
        match self {
            Self::MO => Weekday::Monday,
            Self::TU => Weekday::Tuesday,
            Self::WE => Weekday::Wednesday,
            Self::TH => Weekday::Thursday,
            Self::FR => Weekday::Friday,
            Self::SA => Weekday::Saturday,
            Self::SU => Weekday::Sunday,
        }
    }
}

/// The answer where there is nothing to show.
#[derive(ApiResponse)]
pub enum NoContent {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// Why a text is no instant, date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTime {
    /// No instant.
    #[error("is not a date-time; use RFC 3339 such as 2025-12-30T14:00:00Z, or leave the offset out for local time")]
    Instant,
    /// No date.
    #[error("is not a date; use YYYY-MM-DD")]
    Date,
    /// No time of day.
    #[error("is not a time of day; use HH:MM or HH:MM:SS, from 00:00 to 23:59:59")]
    Time,
    /// A real instant, but so far away that zones have no meaning.
    #[error("is out of range; years from 1 to 9998 are known")]
    OutOfRange,
}

/// An instant of RFC 3339 with any offset; without one, local time in `zone`. Fractions of a second are cut off, as
/// iCalendar has whole seconds.
///
/// # Errors
/// [`NotTime::Instant`], [`NotTime::OutOfRange`].
pub fn parse_instant(text: &str, zone: &Zone) -> Result<Timestamp, NotTime> {
    // jiff reads, and drops, the zone in brackets that RFC 9557 adds.
    if text.contains('[') {
        return Err(NotTime::Instant);
    }
    let instant = if has_offset(text) {
        text.parse::<Timestamp>().map_err(|_| NotTime::Instant)?
    } else {
        zone.resolve(parse_local(text)?)
    };
    in_range(instant)
}

/// `YYYY-MM-DD`.
///
/// # Errors
/// [`NotTime::Date`], [`NotTime::OutOfRange`].
pub fn parse_date(text: &str) -> Result<Date, NotTime> {
    let date: Date =
        if text.len() == 10 { text.parse().map_err(|_| NotTime::Date)? } else { return Err(NotTime::Date) };
    if (1..=9998).contains(&date.year()) { Ok(date) } else { Err(NotTime::OutOfRange) }
}

/// `HH:MM` or `HH:MM:SS`.
///
/// # Errors
/// [`NotTime::Time`].
pub fn parse_time(text: &str) -> Result<Time, NotTime> {
    let mut parts = text.split(':').map(|part| {
        let two_digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if two_digits { part.parse::<i8>().map_err(|_| NotTime::Time) } else { Err(NotTime::Time) }
    });
    let mut next = || parts.next().transpose();
    let (hour, minute) = (next()?.ok_or(NotTime::Time)?, next()?.ok_or(NotTime::Time)?);
    let second = next()?.unwrap_or(0);
    if next()?.is_some() {
        return Err(NotTime::Time);
    }
    Time::new(hour, minute, second, 0).map_err(|_| NotTime::Time)
}

/// `2025-12-30T14:00:00Z`.
pub fn instant_out(instant: Timestamp) -> String {
    let whole = Timestamp::from_second(instant.as_second()).unwrap_or(instant);
    whole.to_string()
}

/// An instant with the offset of a zone: `2025-12-29T09:00:00+00:00`.
pub fn instant_in(instant: Timestamp, zone: &Zone) -> String {
    let offset = Offset::from_seconds(zone.offset_seconds(instant)).unwrap_or(Offset::UTC);
    let local = zone.local(instant);
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.unsigned_abs() / 3600, seconds.unsigned_abs() / 60 % 60);
    format!("{}{sign}{hours:02}:{minutes:02}", local_out(local))
}

/// `2025-12-30`.
pub fn date_out(date: Date) -> String {
    date.to_string()
}

/// `09:00:00`.
pub fn time_out(time: Time) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

fn local_out(local: DateTime) -> String {
    format!("{}T{}", local.date(), time_out(local.time()))
}

fn in_range(instant: Timestamp) -> Result<Timestamp, NotTime> {
    let whole = Timestamp::from_second(instant.as_second()).map_err(|_| NotTime::OutOfRange)?;
    let year = Zoned::new(whole, jiff::tz::TimeZone::UTC).year();
    if (1..=9998).contains(&year) { Ok(whole) } else { Err(NotTime::OutOfRange) }
}

/// Whether the time part ends in `Z` or an offset.
fn has_offset(text: &str) -> bool {
    let time = text.get(10..).unwrap_or_default();
    time.ends_with(['Z', 'z']) || time.contains(['+', '-'])
}

fn parse_local(text: &str) -> Result<DateTime, NotTime> {
    let shaped = text.len() >= 16 && matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '));
    if shaped { text.parse().map_err(|_| NotTime::Instant) } else { Err(NotTime::Instant) }
}
