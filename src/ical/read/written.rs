//! In which ways dates and times are written otherwise than RFC 5545 has it: for the report alone, as `dates` puts them right.

use jiff::civil::Time;

use super::dates::{Place, lenient};
use super::remarks;
use super::report::Report;
use crate::ical::line::{ContentLine, Param};
use crate::time::{DateOrTime, Zone};

/// How a date or time can be written otherwise than RFC 5545 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// `2026-01-05 09:00`
    Otherwise,
    /// A date without VALUE=DATE.
    DateUnmarked,
    /// A date with a TZID.
    DateInZone,
    /// VALUE=DATE on midnight.
    Midnight,
    /// VALUE=DATE on another time.
    TimeAsDate,
    /// A `Z` beside a TZID.
    UtcInZone,
    /// TZID=UTC.
    ZoneOfUtc,
    /// Dates and times in one line.
    Mixed,
    /// An unquoted TZID with a colon in it.
    CutZone,
    /// Parameters that do not fit.
    Parameters,
}

/// Says in which ways the line is written otherwise; its value may begin later than it says, behind a TZID with a colon.
pub fn tell((line, value): (ContentLine<'_>, &str), zone: Option<&Zone>, place: Place, report: &mut Report) {
    let mut told: Vec<(Written, &str)> = Vec::new();
    if value.len() < line.value().len() {
        told.push((Written::CutZone, line.raw()));
    }
    let value_type = value_type(line);
    let says_utc = line.param("TZID").is_some_and(|tzid| tzid.trim().eq_ignore_ascii_case("UTC"));
    let mut kinds = [false; 2];
    for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let start = item.split_once('/').map_or(item, |(start, _)| start);
        let Some(meant) = lenient(start) else { continue };
        kinds[usize::from(meant.is_date())] = true;
        let is_strict = !start.contains(':') && start.parse::<DateOrTime>().is_ok();
        let otherwise = (!is_strict).then_some(Written::Otherwise);
        for how in otherwise.into_iter().chain(misfit(&meant, (&value_type, says_utc), zone)) {
            if !told.iter().any(|(known, _)| *known == how) {
                told.push((how, item));
            }
        }
    }
    if kinds == [true, true] {
        told.push((Written::Mixed, value));
    }
    let is_nameless = |param: Param<'_>| param.name.is_empty();
    if told.is_empty() && line.params().any(is_nameless) {
        told.push((Written::Parameters, line.raw()));
    }
    for (how, words) in told {
        report.remark(place.number, remarks::written(line.name(), how, words));
    }
}

/// How a value fits its parameters.
fn misfit(meant: &DateOrTime, (value_type, says_utc): (&str, bool), zone: Option<&Zone>) -> Option<Written> {
    let says_date = value_type == "DATE";
    match meant {
        DateOrTime::Date(_) if zone.is_some() => Some(Written::DateInZone),
        DateOrTime::Date(_) => (!says_date).then_some(Written::DateUnmarked),
        DateOrTime::Floating(local) if says_date && local.time() == Time::midnight() => Some(Written::Midnight),
        _ if says_date => Some(Written::TimeAsDate),
        DateOrTime::Zoned { .. } => zone.is_some().then_some(Written::UtcInZone),
        DateOrTime::Floating(_) => says_utc.then_some(Written::ZoneOfUtc),
    }
}

fn value_type(line: ContentLine<'_>) -> String {
    let found = line.params().find(|param| param.name.eq_ignore_ascii_case("VALUE"));
    found.map(|param| param.raw.trim_matches('"').to_ascii_uppercase()).unwrap_or_default()
}
