//! Values of time: DATE, DATE-TIME, DURATION, PERIOD, as content lines hold them.

use jiff::Timestamp;

use super::line::ContentLine;
use super::make::raw_line;
use super::tzid::{tzid_of, zone_of};
use crate::recurrence::{Rdate, Span};
use crate::time::{DateOrTime, Zone};

/// A property whose value cannot be used, or properties that contradict one another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{property}: {message}")]
pub struct PropertyError {
    /// The property's name.
    pub property: String,
    /// What is wrong with it, as a sentence part.
    pub message: String,
}

impl PropertyError {
    /// The error of that property.
    pub fn new(property: &str, message: impl Into<String>) -> Self {
        Self { property: property.to_owned(), message: message.into() }
    }
}

/// The zone that the line's own TZID names; `None` where it has no TZID.
///
/// # Errors
/// A TZID that is neither an IANA name nor one of our own.
pub fn zone_of_line(line: ContentLine<'_>) -> Result<Option<Zone>, PropertyError> {
    if !line.raw_params().as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"TZID")) {
        return Ok(None);
    }
    let Some(tzid) = line.param("TZID") else { return Ok(None) };
    let zone = zone_of(&tzid);
    zone.map(Some).ok_or_else(|| PropertyError::new(line.name(), format!("unknown TZID \"{}\"", shorten(&tzid))))
}

/// The one date or time of a line.
///
/// # Errors
/// A value that is none, or an unknown TZID.
pub fn date_or_time(line: ContentLine<'_>) -> Result<DateOrTime, PropertyError> {
    one_value(line, line.value(), zone_of_line(line)?.as_ref())
}

/// All dates or times of a line, separated by commas.
///
/// # Errors
/// As [`date_or_time`].
pub fn dates_or_times(line: ContentLine<'_>) -> Result<Vec<DateOrTime>, PropertyError> {
    let zone = zone_of_line(line)?;
    line.value().split(',').map(|value| one_value(line, value, zone.as_ref())).collect()
}

/// All values of an RDATE line, periods among them (RFC 5545 section 3.8.5.2).
///
/// # Errors
/// As [`date_or_time`], or a period that is none.
pub fn rdates(line: ContentLine<'_>) -> Result<Vec<Rdate>, PropertyError> {
    let zone = zone_of_line(line)?;
    line.value().split(',').map(|value| rdate(line, value, zone.as_ref())).collect()
}

fn rdate(line: ContentLine<'_>, value: &str, zone: Option<&Zone>) -> Result<Rdate, PropertyError> {
    let Some((start, end)) = value.split_once('/') else {
        return one_value(line, value, zone).map(Rdate::At);
    };
    let start = one_value(line, start, zone)?;
    let span = if end.trim_start_matches('+').starts_with('P') {
        duration(end).ok_or_else(|| PropertyError::new(line.name(), format!("\"{}\" is no duration", shorten(end))))?
    } else {
        span_between(&start, &one_value(line, end, zone)?)
            .ok_or_else(|| PropertyError::new(line.name(), "a period ends before it starts"))?
    };
    Ok(Rdate::Period { start, span })
}

fn one_value(line: ContentLine<'_>, value: &str, zone: Option<&Zone>) -> Result<DateOrTime, PropertyError> {
    let wrong = || {
        let message = format!("\"{}\" is no date (20260105) or date-time (20260105T090000)", shorten(value));
        PropertyError::new(line.name(), message)
    };
    if value.contains(':') {
        return Err(wrong());
    }
    match (value.parse().map_err(|_| wrong())?, zone) {
        (DateOrTime::Floating(local), Some(zone)) => Ok(DateOrTime::Zoned { local, zone: zone.clone() }),
        (value, _) => Ok(value),
    }
}

/// An instant as DTSTAMP and its like have it (RFC 5545 section 3.8.7.2): UTC; a local time is taken for UTC.
pub fn instant(line: ContentLine<'_>) -> Option<Timestamp> {
    date_or_time(line).ok().map(|value| value.instant(&Zone::utc()))
}

/// How long it is from `start` to `end`, as DTEND means it: exact time, whole days between two dates, or what the wall clock
/// shows between two floating times. `None` when the end is before the start.
pub fn span_between(start: &DateOrTime, end: &DateOrTime) -> Option<Span> {
    let utc = Zone::utc();
    let span = match (start, end) {
        (DateOrTime::Date(from), DateOrTime::Date(to)) => Span::days(i64::from(from.until(*to).ok()?.get_days())),
        (DateOrTime::Floating(from), DateOrTime::Floating(to)) => {
            Span { wall: from.duration_until(*to).as_secs(), ..Span::ZERO }
        }
        // A floating value beside a zoned one is read in the other's zone, and so is a date.
        _ => {
            let zone = start.zone(end.zone(&utc)).clone();
            Span::seconds(end.instant(&zone).as_second() - start.instant(&zone).as_second())
        }
    };
    (span.days >= 0 && span.seconds >= 0 && span.wall >= 0).then_some(span)
}

/// A DURATION value (RFC 5545 section 3.3.6) that is not negative. Weeks beside other parts are let pass.
pub fn duration(text: &str) -> Option<Span> {
    let body = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    if body.is_empty() || body.len() > 40 {
        return None;
    }
    let (mut span, mut in_time, mut number) = (Span::ZERO, false, None::<i64>);
    for c in body.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        if c == 'T' && !in_time && number.is_none() {
            in_time = true;
            continue;
        }
        let count = number.take().filter(|count| *count <= LONGEST_SECONDS)?;
        match (c, in_time) {
            ('W', false) => span.days += count * 7,
            ('D', false) => span.days += count,
            ('H', true) => span.seconds += count * 3600,
            ('M', true) => span.seconds += count * 60,
            ('S', true) => span.seconds += count,
            _ => return None,
        }
    }
    let in_bounds = span.days <= LONGEST_SECONDS / 86_400 && span.seconds <= LONGEST_SECONDS;
    (number.is_none() && !body.ends_with('T') && in_bounds).then_some(span)
}

/// A thousand years: longer is no meeting, and sums of such lengths never overflow.
const LONGEST_SECONDS: i64 = 1000 * 366 * 86_400;

/// A DURATION value.
pub fn duration_text(span: Span) -> String {
    let exact = span.seconds.saturating_add(span.wall);
    let (hours, minutes, seconds) = (exact / 3600, exact / 60 % 60, exact % 60);
    let mut text = "P".to_owned();
    if span.days > 0 {
        text.push_str(&format!("{}D", span.days));
    }
    if exact > 0 || span.days == 0 {
        text.push('T');
    }
    for (count, unit) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text == "PT" { "PT0S".to_owned() } else { text }
}

/// The line that says `value` under that name: with `VALUE=DATE`, or TZID, or `Z`.
pub fn date_or_time_line(name: &str, value: &DateOrTime) -> String {
    date_list_line(name, &[], std::slice::from_ref(value))
}

/// The line that lists `values`, all of the kind and zone of the first, with `params` before what belongs to that kind.
pub fn date_list_line(name: &str, params: &[(&str, &str)], values: &[DateOrTime]) -> String {
    let digits: Vec<String> = values.iter().map(digits).collect();
    let mut params = params.to_vec();
    let tzid;
    match values.first() {
        Some(DateOrTime::Date(_)) => params.push(("VALUE", "DATE")),
        Some(DateOrTime::Zoned { zone, .. }) if *zone != Zone::utc() => {
            tzid = tzid_of(zone);
            params.push(("TZID", &tzid));
        }
        _ => {}
    }
    raw_line(name, &params, &digits.join(","))
}

/// The digits of a value, without its zone: `20260105`, `20260105T090000`, `20260105T090000Z`.
pub fn digits(value: &DateOrTime) -> String {
    match value {
        DateOrTime::Zoned { local, zone } if *zone != Zone::utc() => DateOrTime::Floating(*local).to_string(),
        other => other.to_string(),
    }
}

/// An instant as DTSTAMP has it.
pub fn utc_text(instant: Timestamp) -> String {
    DateOrTime::utc(instant).to_string()
}

/// The beginning of a text for an error message.
pub fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}
