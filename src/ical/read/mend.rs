//! One VEVENT of a file, made into a component that reads.

use std::borrow::Cow;

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::dates::{Place, mend_dates, mend_tzid, readable_part};
use super::method::Method;
use super::outline::RawComponent;
use super::remark::Remark;
use super::remarks;
use super::report::Report;
use super::settle::{About, Fault, Faults, settle_times};
use super::zones::Zones;
use crate::ical::component::{Boundary, Component, boundary, lines_of};
use crate::ical::event::VEvent;
use crate::ical::line::{ContentLine, is_name_byte, split_outside_quotes};
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
    /// Whether it has an RRULE, RDATE, EXDATE or EXRULE.
    pub is_recurring: bool,
    /// Whether its DTSTART is made from another property.
    pub start_is_made: bool,
    /// Whether its end cannot be read, and nothing else says how long it lasts.
    pub end_is_taken: bool,
    /// Whose word it is.
    pub method: Method,
}

/// Reads one VEVENT.
///
/// # Errors
/// What makes it unusable, behind the line.
pub fn mend_event(
    raw: &RawComponent,
    zones: &mut Zones<'_>,
    limits: &Limits,
    report: &mut Report,
) -> Result<ReadEvent, Fault> {
    let uid = uid_of(&raw.text);
    if let Some(fault) = &raw.fault {
        return Err(Fault::clone(fault));
    }
    let error =
        |error: PropertyError| (line_of(raw, &error.property), remarks::unreadable(&error.property, error.to_string()));
    let mut mending = Mending {
        raw,
        zones,
        report,
        uid: uid.as_deref(),
        text: String::with_capacity(raw.text.len() + 64),
        values_left: limits.recurrence_values,
        seen: [false; ONCE.len()],
        faults: Faults::default(),
    };
    mending.lines()?;
    let (seen, is_recurring) = (mending.seen, mending.values_left < limits.recurrence_values);
    let (mut component, faults) = (Component::from_checked_text(mending.text), mending.faults);
    let begin = raw.numbers.first().copied().unwrap_or(0) as usize;
    let uid_text = own_uid((raw, uid.as_deref()), &mut component, &faults, report);
    let about = About { uid: &uid_text, line: begin, owner: zones.owner(), has_duration: seen[DURATION] };
    let start_is_made = !seen[DTSTART];
    let end_is_taken = settle_times(&mut component, faults, &about, report)?;
    let event = VEvent::of(&component);
    check(&event).map_err(error)?;
    remark_on(raw, &event, begin, report);
    let (end, stamp) = (aligned_end(&event), missing_stamp(&event));
    if let Some(end) = end {
        let was_date =
            event.property("DTEND").is_some_and(|line| value::date_or_time(line).is_ok_and(|it| it.is_date()));
        report.remark(line_of(raw, "DTEND"), remarks::mended_end(end.is_date(), was_date));
        component.replace_one("DTEND", Some(date_or_time_line("DTEND", &end)));
        check(&VEvent::of(&component)).map_err(error)?;
    }
    if let Some(stamp) = stamp {
        component.push(&raw_line("DTSTAMP", &[], &value::utc_text(stamp)));
        report.warn(begin, Some(&uid_text), remarks::no_stamp());
    }
    let is_override = seen[RECURRENCE_ID];
    let (index, method) = (raw.index, Method::Version);
    Ok(ReadEvent {
        component,
        uid: uid_text,
        index,
        line: begin,
        is_override,
        is_recurring,
        start_is_made,
        end_is_taken,
        method,
    })
}

/// What RFC 5545 section 3.6.1 allows once only, among what is read here; of several the first counts.
const ONCE: [&str; 5] = ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "DTSTAMP"];
/// The places in [`ONCE`].
const DTSTART: usize = 0;
const DURATION: usize = 2;
const RECURRENCE_ID: usize = 3;

/// A VEVENT on the way.
struct Mending<'a, 'z> {
    raw: &'a RawComponent,
    zones: &'a mut Zones<'z>,
    report: &'a mut Report,
    uid: Option<&'a str>,
    text: String,
    /// How many more RRULE, RDATE, EXDATE and EXRULE values may come.
    values_left: usize,
    /// Which of [`ONCE`] have been there.
    seen: [bool; ONCE.len()],
    faults: Faults,
}

impl<'a> Mending<'a, '_> {
    fn lines(&mut self) -> Result<(), Fault> {
        let (mut depth, mut has_uid, raw) = (0_usize, false, self.raw);
        for (text, number) in lines_of(&raw.text).zip(&raw.numbers) {
            let Some(line) = ContentLine::parse(text).or_else(|| ContentLine::parse(text.trim_start())) else {
                continue;
            };
            let boundary = boundary(line);
            depth += usize::from(boundary == Some(Boundary::Begin));
            let number = *number as usize;
            if text.starts_with(char::is_whitespace) {
                self.report.remark(number, remarks::indented());
            }
            let mended = if depth == 1 && boundary.is_none() {
                // A second UID line goes, and so does an empty one.
                let is_empty = line.value().trim().is_empty();
                let spare_uid = line.is("UID") && (has_uid || is_empty);
                if spare_uid {
                    self.report.remark(number, remarks::spare_uid(is_empty));
                }
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
            self.warn(number, remarks::twice(line.name()));
            return Ok(None);
        }
        if Recurrence::NAMES.iter().any(|name| line.is(name)) {
            let commas = if line.is("RRULE") || line.is("EXRULE") {
                0
            } else {
                line.value().bytes().filter(|b| *b == b',').count()
            };
            let left = self.values_left.checked_sub(commas + 1);
            self.values_left = left.ok_or_else(|| (number, remarks::too_many_values()))?;
        }
        if line.is("DURATION") {
            let trimmed = line.value().trim();
            if value::duration(trimmed).is_none() && !trimmed.starts_with('-') {
                self.unsee("DURATION");
                self.faults.end.get_or_insert((number, remarks::unreadable_duration(trimmed)));
                return Ok(None);
            }
            if trimmed.len() == line.value().len() {
                return Ok(Some(Cow::Borrowed(line.raw())));
            }
            self.report.remark(number, remarks::mended_duration());
            return Ok(Some(Cow::Owned(format!("DURATION:{trimmed}"))));
        }
        let place = Place { calendar: self.raw.calendar, number, local: PRESENT };
        if DATES.iter().any(|name| line.is(name)) {
            let mended = mend_dates(line, self.zones, place, self.report);
            return match mended {
                Ok(mended) => Ok(Some(mended)),
                Err(message) => Ok(self.without_dates(line, place, &message)),
            };
        }
        if line.is("RRULE") {
            return self.rule(line, number).map(Some);
        }
        if line.is("EXRULE") {
            return Ok(self.rule(line, number).map(Some).unwrap_or_else(|(_, reason)| {
                self.warn(number, remarks::left_out_exrule(&reason));
                None
            }));
        }
        let stamps = ["DTSTAMP", "CREATED", "LAST-MODIFIED"];
        if stamps.iter().any(|name| line.is(name)) && !is_instant(line) {
            let mended = super::dates::lenient(line.value());
            let Some(mended) = mended else {
                self.warn(number, remarks::unreadable_stamp(line.name()));
                return Ok(None);
            };
            self.report.remark(number, remarks::mended_stamp(line.name(), line.value()));
            let text = raw_line(line.name(), &[], &value::utc_text(mended.instant(&Zone::utc())));
            return Ok(Some(Cow::Owned(text)));
        }
        Ok(Some(self.other_line(line, number)))
    }

    /// What is kept of a line with a date that cannot be read: the other occurrences are worth more than none at all, and so is
    /// an event whose start or end is known.
    fn without_dates(&mut self, line: ContentLine<'a>, place: Place, message: &str) -> Option<Cow<'a, str>> {
        let (name, number) = (line.name().to_ascii_uppercase(), place.number);
        self.unsee(&name);
        let said = format!("{name}: {message}");
        match name.as_str() {
            "DTSTART" => drop(self.faults.start.get_or_insert((number, remarks::unreadable("DTSTART", said)))),
            "DTEND" => drop(self.faults.end.get_or_insert((number, remarks::unreadable_end(said)))),
            "RECURRENCE-ID" => drop(self.faults.id.get_or_insert((number, remarks::unreadable_id(said)))),
            _ => {
                self.warn(number, remarks::left_out_dates(&name, said));
                let readable = readable_part(line, self.zones.owner())?;
                let rest = ContentLine::parse(&readable)?;
                return mend_dates(rest, self.zones, place, self.report).ok().map(|rest| Cow::Owned(rest.into_owned()));
            }
        }
        None
    }

    /// The next line of that name counts.
    fn unsee(&mut self, name: &str) {
        if let Some(place) = ONCE.iter().position(|known| *known == name) {
            self.seen[place] = false;
        }
    }

    fn other_line(&mut self, line: ContentLine<'a>, number: usize) -> Cow<'a, str> {
        if line.raw_params().is_empty() {
            return Cow::Borrowed(line.raw());
        }
        let place = Place { calendar: self.raw.calendar, number, local: PRESENT };
        let Some(whole) = with_whole_params(line) else { return mend_tzid(line, self.zones, place, self.report) };
        self.report.remark(number, remarks::mended_params(line.name()));
        let mended =
            ContentLine::parse(&whole).map(|line| mend_tzid(line, self.zones, place, self.report).into_owned());
        Cow::Owned(mended.unwrap_or(whole))
    }

    fn rule(&mut self, line: ContentLine<'a>, number: usize) -> Result<Cow<'a, str>, Fault> {
        if Rule::parse(line.value()).is_ok() {
            return Ok(Cow::Borrowed(line.raw()));
        }
        let (rule, warnings) = Rule::repair(line.value()).map_err(|error| {
            let name = line.name().to_ascii_uppercase();
            (number, remarks::unreadable("RRULE", format!("{name}: {error}")))
        })?;
        warnings.iter().for_each(|warning| self.warn(number, remarks::rule(warning)));
        Ok(Cow::Owned(format!("{}{}:{rule}", line.name(), line.raw_params())))
    }

    fn warn(&mut self, number: usize, remark: impl Into<Remark>) {
        self.report.warn(number, self.uid, remark);
    }
}

/// The UID, made where there is none. What replaces an occurrence that cannot be told is no version of its series, so it gets
/// a UID of its own.
fn own_uid(
    (raw, uid): (&RawComponent, Option<&str>),
    component: &mut Component,
    faults: &Faults,
    report: &mut Report,
) -> String {
    if let Some(uid) = uid.filter(|_| faults.id.is_none()) {
        return uid.to_owned();
    }
    let made = made_uid(&digest(component));
    component.replace_one("UID", Some(text_line("UID", &[], &made)));
    match &faults.id {
        Some((number, remark)) => report.warn(*number, uid, remark.clone()),
        None => report.warn(raw.numbers.first().copied().unwrap_or(0) as usize, Some(&made), remarks::no_uid()),
    };
    made
}

/// The time of a line that says none: rules of today are meant.
const PRESENT: DateTime = DateTime::MAX;

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
        let name: String = name.chars().filter(|c| u8::try_from(*c).is_ok_and(is_name_byte)).collect();
        let sound = !quoted && split_outside_quotes(value, b',').all(is_sound);
        let value = if sound { value.to_owned() } else { format!("\"{}\"", value.replace('"', "")) };
        (!name.is_empty()).then(|| format!(";{name}={value}"))
    });
    Some(format!("{}{}:{}", line.name(), params.collect::<String>(), line.value()))
}

/// Whether one value of a parameter stands in quotes, or needs none (RFC 5545 section 3.1, param-value).
fn is_sound(value: &str) -> bool {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => !inside.contains('"'),
        None => !value.contains(['"', ';', ':']),
    }
}

/// Whether a stamp reads; there is no year 0.
fn is_instant(line: ContentLine<'_>) -> bool {
    value::instant(line).is_some_and(|at| Zone::utc().local(at).year() > 0)
}

/// An event that takes more than this is worth a word.
const LARGE: usize = 256 << 10;

/// What says whether an event takes time, its words (RFC 5545 sections 3.8.1.11 and 3.8.2.7, and the other spelling), and what
/// any other word is taken for.
const WORDS: [(&str, &[&str], &str); 2] = [
    ("STATUS", &["TENTATIVE", "CONFIRMED", "CANCELLED", "CANCELED"], "the event counts as confirmed"),
    ("TRANSP", &["OPAQUE", "TRANSPARENT"], "the event counts as busy"),
];

/// What is worth knowing of an event that reads.
fn remark_on(raw: &RawComponent, event: &VEvent<'_>, line: usize, report: &mut Report) {
    if raw.text.len() > LARGE {
        report.remark(line, remarks::large_event(raw.text.len()));
    }
    if matches!(event.start(), Ok(DateOrTime::Floating(_))) {
        report.remark(line, remarks::no_zone_for_times());
    }
    for (name, words, taken) in WORDS {
        let other = event.property(name).map(|line| line.value().trim());
        if let Some(word) = other.filter(|other| !words.iter().any(|word| other.eq_ignore_ascii_case(word))) {
            report.remark(line_of(raw, name), remarks::unknown_word(name, word, taken));
        }
    }
}

/// What a person knows an event by: its UID and its title.
pub fn names(text: &str) -> (Option<String>, Option<String>) {
    let title = own_lines(text).find(|line| line.is("SUMMARY")).map(ContentLine::text);
    (uid_of(text), title.filter(|title| !title.trim().is_empty()))
}

/// UID, unless it is missing or empty.
pub fn uid_of(text: &str) -> Option<String> {
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
        // It is exclusive; who ends a day on that day means all of it.
        (DateOrTime::Date(first), DateOrTime::Date(last)) if first == last => {
            last.tomorrow().ok().map(DateOrTime::Date)
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
