use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::Zone;

/// When something is, as iCalendar writes it (RFC 5545 sections 3.3.4 and 3.3.5): a date, a local time in whatever zone
/// the reader is in, or a local time in a zone. UTC times are zoned ones, in [`Zone::utc`].
///
/// As text: `20260105`, `20260105T090000`, `20260105T090000Z`, `Europe/Berlin:20260105T090000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateOrTime {
    /// A whole day (`VALUE=DATE`).
    Date(Date),
    /// A local time without a zone.
    Floating(DateTime),
    /// A local time in a zone.
    Zoned {
        /// The wall-clock reading.
        local: DateTime,
        /// Where the wall is.
        zone: Zone,
    },
}

impl DateOrTime {
    /// An instant, written in UTC.
    pub fn utc(instant: Timestamp) -> Self {
        Self::at(instant, Zone::utc())
    }

    /// An instant, written in a zone.
    pub fn at(instant: Timestamp, zone: Zone) -> Self {
        Self::Zoned { local: zone.local(instant), zone }
    }

    /// An instant, written on the wall clock of a zone; in UTC where that clock shows the same time twice and means the first.
    pub fn written(instant: Timestamp, zone: &Zone) -> Self {
        let local = Self::at(instant, zone.clone());
        if local.instant(zone) == instant { local } else { Self::utc(instant) }
    }

    /// The wall-clock reading; midnight for a date.
    pub fn local(&self) -> DateTime {
        match self {
            Self::Date(date) => date.to_datetime(jiff::civil::Time::midnight()),
            Self::Floating(local) | Self::Zoned { local, .. } => *local,
        }
    }

    /// The same kind of value with another wall-clock reading; a date keeps the day of it.
    #[must_use]
    pub fn with_local(&self, local: DateTime) -> Self {
        match self {
            Self::Date(_) => Self::Date(local.date()),
            Self::Floating(_) => Self::Floating(local),
            Self::Zoned { zone, .. } => Self::Zoned { local, zone: zone.clone() },
        }
    }

    /// Its own zone, or the owner's for a date or floating time.
    pub fn zone<'a>(&'a self, owner: &'a Zone) -> &'a Zone {
        match self {
            Self::Zoned { zone, .. } => zone,
            Self::Date(_) | Self::Floating(_) => owner,
        }
    }

    /// The instant, with `owner` as the zone of dates and floating times.
    pub fn instant(&self, owner: &Zone) -> Timestamp {
        self.zone(owner).resolve(self.local())
    }

    /// Whether it is a whole day.
    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }
}

impl fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write_date(f, *date),
            Self::Floating(local) => write_local(f, *local),
            Self::Zoned { local, zone } if *zone == Zone::utc() => {
                write_local(f, *local)?;
                f.write_str("Z")
            }
            Self::Zoned { local, zone } => {
                write!(f, "{zone}:")?;
                write_local(f, *local)
            }
        }
    }
}

/// Text that is no [`DateOrTime`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a date (20260105) or date-time (20260105T090000, 20260105T090000Z)")]
pub struct NotADateOrTime(pub String);

impl FromStr for DateOrTime {
    type Err = NotADateOrTime;

    fn from_str(text: &str) -> Result<Self, NotADateOrTime> {
        let wrong = || NotADateOrTime(text.chars().take(100).collect());
        // Zone names hold colons (`UTC+05:30`), the digits after the last one do not.
        if let Some((name, digits)) = text.rsplit_once(':') {
            let zone: Zone = name.parse().map_err(|_| wrong())?;
            return Ok(Self::Zoned { local: parse_local(digits).ok_or_else(wrong)?, zone });
        }
        if let Some(digits) = text.strip_suffix('Z') {
            return Ok(Self::Zoned { local: parse_local(digits).ok_or_else(wrong)?, zone: Zone::utc() });
        }
        if text.len() == 8 {
            return parse_date(text).map(Self::Date).ok_or_else(wrong);
        }
        parse_local(text).map(Self::Floating).ok_or_else(wrong)
    }
}

impl Serialize for DateOrTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateOrTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn write_date(f: &mut fmt::Formatter<'_>, date: Date) -> fmt::Result {
    match date.year() {
        year @ 0..=9999 => {
            f.write_str(two_digits(year / 100))?;
            f.write_str(two_digits(year % 100))?;
        }
        before_christ => write!(f, "{before_christ:04}")?,
    }
    f.write_str(two_digits(date.month().into()))?;
    f.write_str(two_digits(date.day().into()))
}

fn write_local(f: &mut fmt::Formatter<'_>, local: DateTime) -> fmt::Result {
    write_date(f, local.date())?;
    f.write_str("T")?;
    f.write_str(two_digits(local.hour().into()))?;
    f.write_str(two_digits(local.minute().into()))?;
    f.write_str(two_digits(local.second().into()))
}

/// A number below a hundred, in two digits: feeds have so many of these that to format each would be most of the work.
fn two_digits(number: i16) -> &'static str {
    let at = 2 * usize::from(number.unsigned_abs() % 100);
    &HUNDRED[at..at + 2]
}

const HUNDRED: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

fn parse_date(digits: &str) -> Option<Date> {
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()
}

/// `20260105T090000`; a leap second (`:60`) is the second before it, as RFC 5545 section 3.3.12 lets programs without leap
/// seconds do.
fn parse_local(digits: &str) -> Option<DateTime> {
    let (date, time) = digits.split_once('T')?;
    if time.len() != 6 || !time.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = parse_date(date)?;
    let (hour, minute, second) = (time[..2].parse().ok()?, time[2..4].parse().ok()?, time[4..].parse::<i8>().ok()?);
    let second = if second == 60 { 59 } else { second };
    date.at(0, 0, 0, 0).with().hour(hour).minute(minute).second(second).build().ok()
}
