//! Date and time properties as the wild writes them, brought to what RFC 5545 and this program write.

use std::borrow::Cow;

use jiff::civil::{DateTime, Time};

use super::report::Report;
use super::unknown_end::end_of_day;
use super::written;
use super::zones::{Found, Zones};
use crate::ical::line::ContentLine;
use crate::ical::tzid::tzid_of;
use crate::ical::value::{digits, duration, shorten};
use crate::time::{DateOrTime, Zone};

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The VCALENDAR in the file.
    pub calendar: usize,
    /// The physical line.
    pub number: usize,
    /// The first time that the line says.
    pub local: DateTime,
}

/// A DTSTART, DTEND, RECURRENCE-ID, EXDATE or RDATE line with the TZID that we know its zone by, UTC as `Z`, and VALUE=DATE on
/// dates. A line that is so already is answered as it stands; one with values of several kinds becomes several lines.
///
/// # Errors
/// A value that is no date or time.
pub fn mend_dates<'l>(
    line: ContentLine<'l>,
    zones: &mut Zones<'_>,
    place: Place,
    report: &mut Report,
) -> Result<Cow<'l, str>, String> {
    let (tzid, value) = tzid_and_value(line);
    let found = tzid.as_deref().and_then(|tzid| {
        let first = value.split([',', '/']).next().and_then(lenient);
        let local = first.map_or(place.local, |first| first.local());
        zones.find(tzid, Place { local, ..place }, report)
    });
    if is_canonical(line, found) {
        return Ok(Cow::Borrowed(line.raw()));
    }
    let zone = found.map(|found| &found.zone);
    written::tell((line, value), zone, place, report);
    let wants_date = line.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE"));
    let mut groups: Vec<(Kind, Vec<String>)> = Vec::new();
    for item in value.split(',').filter(|item| !item.trim().is_empty()) {
        let (kind, text) = mend_item(item, zone, wants_date)
            .ok_or_else(|| format!("\"{}\" is no date (20260105) or date-time (20260105T090000)", shorten(item)))?;
        match groups.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, values)) => values.push(text),
            None => groups.push((kind, vec![text])),
        }
    }
    if groups.is_empty() {
        return Err("it has no value".to_owned());
    }
    let lines: Vec<String> = groups.into_iter().map(|(kind, values)| kind.line(line, &values)).collect();
    Ok(Cow::Owned(lines.join("\n")))
}

/// An EXDATE or RDATE line with those of its values only that can be read; a period whose end cannot be lasts until its day
/// ends. None where there is no such value.
pub fn readable_part(line: ContentLine<'_>, owner: &Zone) -> Option<String> {
    let (_, value) = tzid_and_value(line);
    let values: Vec<String> = value.split(',').filter_map(|item| readable(item, owner)).collect();
    let head = line.raw().strip_suffix(value)?;
    (!values.is_empty()).then(|| format!("{head}{}", values.join(",")))
}

fn readable(item: &str, owner: &Zone) -> Option<String> {
    if mend_item(item, None, false).is_some() {
        return Some(item.to_owned());
    }
    let start = timed(lenient(item.split_once('/')?.0)?);
    Some(format!("{}/{}", digits(&start), digits(&end_of_day(&start, owner)?)))
}

/// The line with the TZID that we know its zone by; for properties that are not read otherwise.
pub fn mend_tzid<'l>(line: ContentLine<'l>, zones: &mut Zones<'_>, place: Place, report: &mut Report) -> Cow<'l, str> {
    let Some(tzid) = line.param("TZID") else { return Cow::Borrowed(line.raw()) };
    let found = zones.find(&tzid, place, report);
    match found.filter(|found| found.tzid != *tzid) {
        Some(found) => Cow::Owned(crate::ical::edit::with_param(line, "TZID", &found.tzid)),
        None => Cow::Borrowed(line.raw()),
    }
}

/// How a group of values is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    value_type: Option<&'static str>,
    tzid: Option<String>,
}

impl Kind {
    fn line(&self, line: ContentLine<'_>, values: &[String]) -> String {
        let mut raw = line.name().to_owned();
        if let Some(value_type) = self.value_type {
            raw.push_str(&format!(";VALUE={value_type}"));
        }
        if let Some(tzid) = &self.tzid {
            raw.push_str(&format!(";TZID={tzid}"));
        }
        for param in line.params() {
            let is_ours = ["VALUE", "TZID"].iter().any(|name| param.name.eq_ignore_ascii_case(name));
            if !is_ours && !param.raw.is_empty() {
                raw.push_str(&format!(";{}={}", param.name, param.raw));
            }
        }
        format!("{raw}:{}", values.join(","))
    }
}

/// TZID and value, put right where an unquoted TZID with colons in it was cut at the first of them:
/// `TZID=Greenwich Mean Time:Dublin; London:20260105T090000`.
fn tzid_and_value(line: ContentLine<'_>) -> (Option<String>, &str) {
    let tzid = line.param("TZID").map(Cow::into_owned);
    let value = line.value();
    if let (Some(begin), Some((rest, last))) = (&tzid, value.rsplit_once(':')) {
        let is_cut = lenient(value.split(',').next().unwrap_or("")).is_none()
            && lenient(last.split(',').next().unwrap_or("")).is_some();
        if is_cut {
            return (Some(format!("{}:{rest}", begin.trim_matches('"')).trim_end_matches('"').to_owned()), last);
        }
    }
    (tzid, value)
}

fn is_canonical(line: ContentLine<'_>, zone: Option<&Found>) -> bool {
    let mut value_type = None;
    for param in line.params() {
        if param.name.eq_ignore_ascii_case("TZID") {
            let known = zone.is_some_and(|found| found.tzid == param.raw && found.tzid != "UTC");
            if !known {
                return false;
            }
        } else if param.name.eq_ignore_ascii_case("VALUE") {
            value_type = Some(param.raw);
        } else if param.name.is_empty() {
            return false;
        }
    }
    line.value().split(',').all(|item| match item.parse::<DateOrTime>() {
        // There is no year 0 (ISO 8601 has one, most programs do not).
        Ok(value) if value.local().year() == 0 => false,
        Ok(DateOrTime::Date(_)) => zone.is_none() && value_type == Some("DATE"),
        Ok(DateOrTime::Zoned { .. }) => {
            zone.is_none() && !item.contains(':') && matches!(value_type, None | Some("DATE-TIME"))
        }
        Ok(DateOrTime::Floating(_)) => matches!(value_type, None | Some("DATE-TIME")),
        Err(_) => value_type == Some("PERIOD") && is_canonical_period(item, zone),
    })
}

fn is_canonical_period(item: &str, zone: Option<&Found>) -> bool {
    let Some((start, end)) = item.split_once('/') else { return false };
    let time = |text: &str| match text.parse() {
        Ok(DateOrTime::Zoned { .. }) => zone.is_none() && !text.contains(':'),
        Ok(DateOrTime::Floating(_)) => true,
        _ => false,
    };
    time(start) && (time(end) || duration(end).is_some())
}

fn mend_item(item: &str, zone: Option<&Zone>, wants_date: bool) -> Option<(Kind, String)> {
    let Some((start, end)) = item.split_once('/') else {
        let value = placed(lenient(item)?, zone, wants_date);
        return Some((Kind { value_type: value.is_date().then_some("DATE"), tzid: tzid_for(&value) }, digits(&value)));
    };
    let start = placed(timed(lenient(start)?), zone, false);
    let end = match lenient(end).map(timed) {
        Some(end) => digits(&crate::ical::recurrence::in_zone(&placed(end, zone, false), start.zone(&Zone::utc()))),
        None => duration(end.trim()).map(crate::ical::value::duration_text)?,
    };
    Some((Kind { value_type: Some("PERIOD"), tzid: tzid_for(&start) }, format!("{}/{end}", digits(&start))))
}

/// The value in the zone of its line. `VALUE=DATE` on midnight means the day; a UTC time beside a TZID is that instant in the
/// zone.
fn placed(value: DateOrTime, zone: Option<&Zone>, wants_date: bool) -> DateOrTime {
    match (value, zone) {
        (DateOrTime::Floating(local), _) if wants_date && local.time() == Time::midnight() => {
            DateOrTime::Date(local.date())
        }
        (DateOrTime::Floating(local), Some(zone)) => DateOrTime::Zoned { local, zone: zone.clone() },
        (value @ DateOrTime::Zoned { .. }, Some(zone)) => DateOrTime::at(value.instant(zone), zone.clone()),
        (value, _) => value,
    }
}

/// A period has no dates: the day begins at midnight.
fn timed(value: DateOrTime) -> DateOrTime {
    match value {
        DateOrTime::Date(_) => DateOrTime::Floating(value.local()),
        other => other,
    }
}

fn tzid_for(value: &DateOrTime) -> Option<String> {
    match value {
        DateOrTime::Zoned { zone, .. } if *zone != Zone::utc() => Some(tzid_of(zone)),
        _ => None,
    }
}

/// A date or time in what programs write besides RFC 5545: lower case, ISO 8601 with its dashes and colons, without seconds,
/// with fractions of them, with an offset, with 24:00.
pub fn lenient(text: &str) -> Option<DateOrTime> {
    let text = text.trim().trim_matches('"').trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if text.starts_with("0000") {
        return None;
    }
    if let Some(value) = text.parse::<DateOrTime>().ok().filter(|_| !text.contains(':')) {
        return Some(value);
    }
    let upper = text.to_ascii_uppercase();
    let (date, rest) = upper.split_once(['T', ' ']).unwrap_or((&upper, ""));
    let date = date.replace('-', "");
    let Ok(DateOrTime::Date(date)) = date.parse::<DateOrTime>() else { return None };
    if rest.is_empty() {
        return Some(DateOrTime::Date(date));
    }
    let clock_end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (clock, behind) = rest.split_at(clock_end);
    let behind = behind.trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit());
    let local = clock_of(&clock.replace(':', ""), date.to_datetime(Time::midnight()))?;
    match behind {
        "" => Some(DateOrTime::Floating(local)),
        "Z" => Some(DateOrTime::Zoned { local, zone: Zone::utc() }),
        offset => {
            let east = crate::ical::tzid::offset_seconds(offset)?;
            let utc = local.checked_sub(jiff::Span::new().seconds(east)).ok()?;
            Some(DateOrTime::Zoned { local: utc, zone: Zone::utc() })
        }
    }
}

fn clock_of(digits: &str, midnight: DateTime) -> Option<DateTime> {
    // `18300` has lost the last digit of its seconds.
    let digits = if digits.len() == 5 { &format!("{digits}0") } else { digits };
    let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), |two| two.parse::<i64>().ok());
    if !matches!(digits.len(), 2 | 4 | 6) {
        return None;
    }
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?.min(59));
    let in_day = hours < 24 || (hours, minutes, seconds) == (24, 0, 0);
    let span = jiff::Span::new().hours(hours).minutes(minutes).seconds(seconds);
    (in_day && minutes < 60).then(|| midnight.checked_add(span).ok()).flatten()
}
