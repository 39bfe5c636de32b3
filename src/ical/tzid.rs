//! A zone's name as the TZID that stands in a stored object: the IANA name, or, since a TZID parameter cannot be quoted
//! (RFC 5545 section 3.2.19), a spelling of our own other zones without colon, comma and semicolon.

use crate::time::Zone;

/// The TZID for a zone: `Europe/Berlin`, `UTC+0530`, `Posix/EST5EDT_M3.2.0_M11.1.0`.
pub fn tzid_of(zone: &Zone) -> String {
    if zone.name().starts_with(FIXED) {
        zone.name().replace(':', "")
    } else {
        zone.name().replace(',', "_").replace(':', "~")
    }
}

/// The zone that [`tzid_of`] named so, or the IANA zone of that name.
pub fn zone_of(tzid: &str) -> Option<Zone> {
    if let Some(rule) = tzid.strip_prefix(POSIX) {
        return Zone::posix(&rule.replace('_', ",").replace('~', ":"));
    }
    match tzid.strip_prefix(FIXED) {
        Some(offset) if !offset.is_empty() => fixed(offset),
        _ => Zone::iana(tzid).ok(),
    }
}

const FIXED: &str = "UTC";
const POSIX: &str = "Posix/";

/// `+hhmm` or `+hhmmss` (RFC 5545 section 3.3.14); colons between the parts are let pass.
pub fn fixed(offset: &str) -> Option<Zone> {
    offset_seconds(offset).and_then(Zone::fixed)
}

/// Seconds east of UTC of a UTC-OFFSET value (RFC 5545 section 3.3.14).
pub fn offset_seconds(offset: &str) -> Option<i32> {
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = offset[1..].replace(':', "");
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

/// A UTC-OFFSET value: `+0530`, `-003650`.
pub fn offset_text(seconds_east: i32) -> String {
    let sign = if seconds_east < 0 { '-' } else { '+' };
    let size = seconds_east.unsigned_abs();
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    if seconds == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{seconds:02}")
    }
}
