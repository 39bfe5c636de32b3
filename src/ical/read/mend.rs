//! One VEVENT of a file, made into a component that reads.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::dates::{Place, mend_dates, mend_tzid};
use super::outline::RawComponent;
use super::report::{ComponentError, Report};
use super::zones::Zones;
use crate::ical::component::{Boundary, Component, boundary};
use crate::ical::event::VEvent;
use crate::ical::line::{ContentLine, split_outside_quotes};
use crate::ical::make::{raw_line, text_line};
use crate::ical::recurrence::Recurrence;
use crate::ical::value::{self, PropertyError, date_or_time_line};
use crate::limits::Limits;
use crate::recurrence::Rule;
use crate::time::{DateOrTime, Zone};

/// A VEVENT that reads.
#[derive(Debug)]
pub struct ReadEvent {
    pub component: Component,
    pub uid: String,
    pub index: usize,
    pub line: usize,
    /// Whether it has a RECURRENCE-ID.
    pub is_override: bool,
    /// Whether it has an RRULE, RDATE or EXDATE.
    pub is_recurring: bool,
}

/// Reads one VEVENT.
///
/// # Errors
/// What makes it unusable, with the line.
pub fn mend_event(
    raw: &RawComponent,
    zones: &mut Zones<'_>,
    limits: &Limits,
    report: &mut Report,
) -> Result<ReadEvent, ComponentError> {
    let uid = uid_of(&raw.text);
    let error = |line: usize, message: String| ComponentError { index: raw.index, uid: uid.clone(), line, message };
    if let Some((line, message)) = &raw.fault {
        return Err(error(*line, message.clone()));
    }
    let mut mending = Mending {
        raw,
        zones,
        report,
        uid: uid.as_deref(),
        text: String::with_capacity(raw.text.len() + 64),
        values_left: limits.recurrence_values,
        seen: [false; ONCE.len()],
    };
    mending.lines().map_err(|(line, message)| error(line, message))?;
    let (seen, is_recurring) = (mending.seen, mending.values_left < limits.recurrence_values);
    let mut component = Component::from_checked_text(mending.text);
    let begin = raw.numbers.first().copied().unwrap_or(0) as usize;
    let uid_text = uid.clone().unwrap_or_else(|| made_uid(&digest(&component)));
    if uid.is_none() {
        component.replace_one("UID", Some(text_line("UID", &[], &uid_text)));
        report.warn(begin, Some(&uid_text), "the event has no UID; one is made from its content".to_owned());
    }
    if seen[DTEND] && seen[DURATION] {
        component.replace(&["DURATION"], Vec::new());
        report.warn(begin, Some(&uid_text), "DURATION stands beside DTEND, which counts".to_owned());
    }
    let event = VEvent::of(&component);
    check(&event).map_err(|e| error(line_of(raw, &e.property), e.to_string()))?;
    let (end, stamp) = (aligned_end(&event), missing_stamp(&event));
    if let Some(end) = end {
        component.replace_one("DTEND", Some(date_or_time_line("DTEND", &end)));
        check(&VEvent::of(&component)).map_err(|e| error(line_of(raw, &e.property), e.to_string()))?;
    }
    if let Some(stamp) = stamp {
        component.push(&raw_line("DTSTAMP", &[], &value::utc_text(stamp)));
        report.warn(begin, Some(&uid_text), "the event has no DTSTAMP; one is made".to_owned());
    }
    let is_override = seen[RECURRENCE_ID];
    Ok(ReadEvent { component, uid: uid_text, index: raw.index, line: begin, is_override, is_recurring })
}

/// What RFC 5545 section 3.6.1 allows once only, among what is read here; of several the first counts.
const ONCE: [&str; 5] = ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "DTSTAMP"];
/// The places in [`ONCE`].
const DTEND: usize = 1;
const DURATION: usize = 2;
const RECURRENCE_ID: usize = 3;

/// A VEVENT on the way.
struct Mending<'a, 'z> {
    raw: &'a RawComponent,
    zones: &'a mut Zones<'z>,
    report: &'a mut Report,
    uid: Option<&'a str>,
    text: String,
    /// How many more RRULE, RDATE and EXDATE values may come.
    values_left: usize,
    /// Which of [`ONCE`] have been there.
    seen: [bool; ONCE.len()],
}

type Fault = (usize, String);

impl<'a> Mending<'a, '_> {
    fn lines(&mut self) -> Result<(), Fault> {
        let (mut depth, mut has_uid, raw) = (0_usize, false, self.raw);
        for (text, number) in raw.text.lines().zip(&raw.numbers) {
            let Some(line) = ContentLine::parse(text).or_else(|| ContentLine::parse(text.trim_start())) else {
                continue;
            };
            let boundary = boundary(line);
            depth += usize::from(boundary == Some(Boundary::Begin));
            let number = *number as usize;
            let mended = if depth == 1 && boundary.is_none() {
                // A second UID line goes, and so does an empty one.
                let spare_uid = line.is("UID") && (has_uid || line.value().trim().is_empty());
                has_uid |= line.is("UID") && !spare_uid;
                if spare_uid { None } else { self.own_line(line, number)? }
            } else {
                Some(self.other_line(line, number))
            };
            depth = depth.saturating_sub(usize::from(boundary == Some(Boundary::End)));
            if let Some(mended) = mended {
                self.text.push_str(&mended);
                self.text.push('\n');
            }
        }
        Ok(())
    }

    /// The line as it is kept, or `None` where it is left out.
    fn own_line(&mut self, line: ContentLine<'a>, number: usize) -> Result<Option<Cow<'a, str>>, Fault> {
        if let Some(place) = ONCE.iter().position(|name| line.is(name))
            && std::mem::replace(&mut self.seen[place], true)
        {
            self.warn(number, format!("{} stands there twice; the first counts", line.name()));
            return Ok(None);
        }
        if Recurrence::NAMES.iter().any(|name| line.is(name)) {
            let commas = if line.is("RRULE") { 0 } else { line.value().bytes().filter(|b| *b == b',').count() };
            let left = self.values_left.checked_sub(commas + 1);
            self.values_left =
                left.ok_or((number, "the event has too many RRULE, RDATE and EXDATE values".to_owned()))?;
        }
        if line.is("DURATION") {
            let trimmed = line.value().trim();
            let same = trimmed.len() == line.value().len();
            let mended = if same { Cow::Borrowed(line.raw()) } else { Cow::Owned(format!("DURATION:{trimmed}")) };
            return Ok(Some(mended));
        }
        let place = Place { calendar: self.raw.calendar, number, year: PRESENT };
        if DATES.iter().any(|name| line.is(name)) {
            let mended = mend_dates(line, self.zones, place, self.report);
            return match mended {
                Ok(mended) => Ok(Some(mended)),
                // The other occurrences are worth more than none at all.
                Err(message) if line.is("EXDATE") || line.is("RDATE") => {
                    self.warn(number, format!("{}: {message}; the line is left out", line.name()));
                    Ok(None)
                }
                Err(message) => Err((number, format!("{}: {message}", line.name().to_ascii_uppercase()))),
            };
        }
        if line.is("RRULE") {
            return self.rule(line, number).map(Some);
        }
        if line.is("EXRULE") {
            self.warn(number, "EXRULE is not applied: RFC 5545 has no such property any more".to_owned());
        }
        let stamps = ["DTSTAMP", "CREATED", "LAST-MODIFIED"];
        if stamps.iter().any(|name| line.is(name)) && !is_instant(line) {
            let mended = super::dates::lenient(line.value());
            let Some(mended) = mended else {
                self.warn(number, format!("{} cannot be read; it is left out", line.name()));
                return Ok(None);
            };
            let text = raw_line(line.name(), &[], &value::utc_text(mended.instant(&Zone::utc())));
            return Ok(Some(Cow::Owned(text)));
        }
        Ok(Some(self.other_line(line, number)))
    }

    fn other_line(&mut self, line: ContentLine<'a>, number: usize) -> Cow<'a, str> {
        if line.raw_params().is_empty() {
            return Cow::Borrowed(line.raw());
        }
        let place = Place { calendar: self.raw.calendar, number, year: PRESENT };
        let Some(whole) = with_whole_params(line) else { return mend_tzid(line, self.zones, place, self.report) };
        let mended =
            ContentLine::parse(&whole).map(|line| mend_tzid(line, self.zones, place, self.report).into_owned());
        Cow::Owned(mended.unwrap_or(whole))
    }

    fn rule(&mut self, line: ContentLine<'a>, number: usize) -> Result<Cow<'a, str>, Fault> {
        if Rule::parse(line.value()).is_ok() {
            return Ok(Cow::Borrowed(line.raw()));
        }
        let (rule, warnings) = Rule::repair(line.value()).map_err(|e| (number, format!("RRULE: {e}")))?;
        warnings.into_iter().for_each(|warning| self.warn(number, warning));
        Ok(Cow::Owned(format!("{}{}:{rule}", line.name(), line.raw_params())))
    }

    fn warn(&mut self, number: usize, message: String) {
        self.report.warn(number, self.uid, message);
    }
}

/// The year of a line that says none: rules of today are meant.
const PRESENT: i16 = 9999;

const DATES: [&str; 5] = ["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"];

/// The line with its parameters put right where a value has a semicolon outside of quotes, `X-TITLE=1\; Linz`, which makes
/// a parameter without a name of what follows.
fn with_whole_params(line: ContentLine<'_>) -> Option<String> {
    let parts = || split_outside_quotes(line.raw_params(), b';').skip(1);
    if parts().all(|part| part.contains('=')) {
        return None;
    }
    let mut whole: Vec<(String, bool)> = Vec::new();
    for part in parts() {
        match whole.last_mut() {
            Some((last, quoted)) if !part.contains('=') && !part.is_empty() => {
                last.truncate(last.trim_end_matches('\\').len());
                last.push_str(&format!(";{part}"));
                *quoted = true;
            }
            _ if part.contains('=') => whole.push((part.to_owned(), false)),
            _ => {}
        }
    }
    let params = whole.into_iter().filter_map(|(param, quoted)| {
        let (name, value) = param.split_once('=')?;
        Some(if quoted { format!(";{name}=\"{}\"", value.replace('"', "")) } else { format!(";{param}") })
    });
    Some(format!("{}{}:{}", line.name(), params.collect::<String>(), line.value()))
}

/// Whether a stamp reads; there is no year 0.
fn is_instant(line: ContentLine<'_>) -> bool {
    value::instant(line).is_some_and(|at| Zone::utc().local(at).year() > 0)
}

/// UID, unless it is missing or empty.
fn uid_of(text: &str) -> Option<String> {
    let mut uids = own_lines(text).filter(|line| line.is("UID"));
    uids.find(|line| !line.value().trim().is_empty()).map(ContentLine::text)
}

fn own_lines(text: &str) -> impl Iterator<Item = ContentLine<'_>> {
    let mut depth = 0_usize;
    text.lines().filter_map(ContentLine::parse).filter(move |line| {
        depth += usize::from(line.is("BEGIN"));
        let own = depth == 1;
        depth = depth.saturating_sub(usize::from(line.is("END")));
        own
    })
}

/// DTEND in the kind of DTSTART, where it is not: programs mix dates and times, and forget the zone of the one or the other.
fn aligned_end(event: &VEvent<'_>) -> Option<DateOrTime> {
    let start = event.start().ok()?;
    let end = event.property("DTEND").and_then(|line| value::date_or_time(line).ok())?;
    match (&start, &end) {
        (DateOrTime::Date(_), DateOrTime::Floating(local) | DateOrTime::Zoned { local, .. }) => {
            let midnight = local.time() == jiff::civil::Time::midnight();
            Some(DateOrTime::Date(if midnight {
                local.date()
            } else {
                local.date().tomorrow().unwrap_or(local.date())
            }))
        }
        (DateOrTime::Floating(_) | DateOrTime::Zoned { .. }, DateOrTime::Date(_)) => {
            Some(start.with_local(end.local()))
        }
        (DateOrTime::Zoned { zone, .. }, DateOrTime::Floating(local)) => {
            Some(DateOrTime::Zoned { local: *local, zone: zone.clone() })
        }
        _ => None,
    }
}

/// DTSTAMP where there is none: another stamp of the event, or a fixed one, so that the next import makes the same.
fn missing_stamp(event: &VEvent<'_>) -> Option<jiff::Timestamp> {
    let present = event.property("DTSTAMP").is_some();
    (!present).then(|| event.last_modified().or(event.created()).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

/// What must read: times, by themselves and together.
fn check(event: &VEvent<'_>) -> Result<(), PropertyError> {
    event.span()?;
    event.recurrence_id()?;
    Ok(())
}

/// The hash of what it says, without its stamps: equal for the same event exported twice.
pub fn digest(component: &Component) -> [u8; 32] {
    let volatile = ["DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE"];
    let mut hash = Sha256::new();
    for line in component.text().lines() {
        let is_volatile = ContentLine::parse(line).is_some_and(|line| volatile.iter().any(|name| line.is(name)));
        if !is_volatile {
            hash.update(line);
            hash.update("\n");
        }
    }
    hash.finalize().into()
}

/// A UID from what an event says.
pub fn made_uid(digest: &[u8; 32]) -> String {
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}@made.convene")
}

/// The line of the first property with that name, else the component's own.
fn line_of(raw: &RawComponent, name: &str) -> usize {
    let lines = raw.text.lines().zip(&raw.numbers);
    let found = lines.filter_map(|(line, number)| ContentLine::parse(line.trim_start()).map(|line| (line, *number)));
    let first = raw.numbers.first().copied().unwrap_or(0);
    found.into_iter().find(|(line, _)| line.is(name)).map_or(first, |(_, number)| number) as usize
}
