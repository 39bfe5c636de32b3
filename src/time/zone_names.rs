//! Which zone is meant by a name that other programs write.

use super::Zone;
use super::zone_names_data::{SHOWN, WINDOWS};

/// The zone that a name means which some program writes: an IANA name in any case, in quotes, behind a vendor's prefix
/// (`/mozilla.org/20070129_1/America/New_York`) or with other separators (`US-Eastern`), or a Windows name in one of its
/// variants (`Eastern Standard Time 1`, `Eastern Daylight Time`, `(UTC+07:00) Bangkok, Hanoi, Jakarta`).
pub fn zone_named(name: &str) -> Option<Zone> {
    zone_known_as(name).map(|(zone, _)| zone)
}

/// Whose name it is that some program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOf {
    /// IANA's, written otherwise or behind a prefix.
    Iana,
    /// Microsoft's, which CLDR has a table of.
    Windows,
}

/// As [`zone_named`], with whose name it is.
pub fn zone_known_as(name: &str) -> Option<(Zone, NameOf)> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let name = name.replace('\\', "");
    let name = name.trim().trim_matches('"').trim();
    let by_iana = by_iana_name(name).map(|zone| (zone, NameOf::Iana));
    by_iana.or_else(|| by_windows_name(name).map(|zone| (zone, NameOf::Windows)))
}

/// No name of any program is longer, and hostile ones are not worth the search.
const LONGEST_NAME: usize = 200;

fn by_iana_name(name: &str) -> Option<Zone> {
    if name.is_empty() {
        return None;
    }
    if let Ok(zone) = Zone::iana(name) {
        return Some(zone);
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    let shortest = if name.starts_with('/') { 1 } else { 2 };
    for kept in (shortest..=3).rev() {
        let behind = parts.len().checked_sub(kept).map(|from| parts[from..].join("/"));
        if let Some(zone) = behind.and_then(|suffix| Zone::iana(&suffix).ok()) {
            return Some(zone);
        }
    }
    let other = name.replace(' ', "_");
    Zone::iana(&other).or_else(|_| Zone::iana(&other.replacen('-', "/", 1))).ok()
}

fn by_windows_name(name: &str) -> Option<Zone> {
    let behind_offset = name.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(_, text)| text.trim());
    let plain = behind_offset.filter(|text| !text.is_empty()).unwrap_or(name);
    let without_number = plain.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let standard = without_number.replace("Daylight Time", "Standard Time").replace("Summer Time", "Standard Time");
    [plain, without_number, &standard].into_iter().find_map(|name| {
        let windows = look_up(SHOWN, &spaced(name)).unwrap_or(name);
        look_up(WINDOWS, windows).and_then(|iana| Zone::iana(iana).ok())
    })
}

/// The tables put one space behind each comma, semicolon and colon; not every program does.
fn spaced(name: &str) -> String {
    if name.contains("://") {
        return name.to_owned();
    }
    let apart = name.replace(',', ", ").replace(';', "; ").replace(':', ": ");
    apart.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn look_up(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// The zones that stand for the others with the same rules: those of CLDR's table.
pub fn chief_zones() -> impl Iterator<Item = Zone> {
    FIRST.iter().chain(WINDOWS.iter().map(|(_, iana)| iana)).filter_map(|name| Zone::iana(name).ok())
}

/// Where many zones have the same rules, these are the likeliest.
const FIRST: [&str; 12] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Australia/Sydney",
    "Asia/Dubai",
];
