//! Reading foreign files. Bytes first (encoding, line ends, folds), then the outline (which lines belong to which
//! component), then each VEVENT by itself, then the objects. One bad component is a line in the report; the rest goes in.

mod dates;
mod decode;
mod foreign_zone;
mod group;
mod mend;
mod outline;
mod report;
mod zones;

use std::collections::BTreeMap;

pub use report::{ComponentError, NotACalendar, Warning};

use super::calendar_object::CalendarObject;
use super::line::ContentLine;
use super::value::duration;
use crate::limits::Limits;
use crate::time::Zone;
use outline::{Outline, RawCalendar, outline};
use report::Report;
use zones::Zones;

/// What a file is read with.
#[derive(Clone, Copy, Debug)]
pub struct ReadContext<'a> {
    /// The zone of the calendar that the events go into: for a TZID that nobody knows.
    pub calendar_zone: &'a Zone,
    /// The bounds: `import_components`, `ical_depth`, `ical_line_bytes`, `ical_event_lines`,
    /// `recurrence_values`.
    pub limits: &'a Limits,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct ReadCalendar {
    /// The events, one object for each UID, in the order in which the UIDs appear.
    pub objects: Vec<ReadObject>,
    /// The VEVENTs that cannot be read.
    pub errors: Vec<ComponentError>,
    /// How many components of other kinds there are, by name: `VTODO`, `VJOURNAL`, ….
    pub ignored_components: BTreeMap<String, usize>,
    /// What is read otherwise than it is written; at most 1,000.
    pub warnings: Vec<Warning>,
    /// How many warnings are left out.
    pub warnings_left_out: usize,
    /// NAME or X-WR-CALNAME.
    pub name: Option<String>,
    /// DESCRIPTION or X-WR-CALDESC.
    pub description: Option<String>,
    /// The zone that X-WR-TIMEZONE names.
    pub timezone: Option<Zone>,
    /// METHOD, in upper case.
    pub method: Option<String>,
    /// REFRESH-INTERVAL or X-PUBLISHED-TTL, in minutes.
    pub refresh_minutes: Option<i64>,
}

/// One object of a file, and where it stands.
#[derive(Clone, Debug)]
pub struct ReadObject {
    /// The object.
    pub object: CalendarObject,
    /// Its UID.
    pub uid: String,
    /// The place of its first component among the VEVENTs of the file, from 0 on.
    pub index: usize,
    /// The line on which that begins.
    pub line: usize,
}

/// Reads a file of calendar data, whatever program wrote it.
///
/// # Errors
/// [`NotACalendar`] when there is neither a VCALENDAR nor any component that belongs in one, or there are too many
/// components. What is wrong with single events is in [`ReadCalendar::errors`].
pub fn read(bytes: &[u8], context: &ReadContext<'_>) -> Result<ReadCalendar, NotACalendar> {
    let mut report = Report::default();
    let Outline { calendars, events, ignored } = outline(bytes, context.limits, &mut report)?;
    let mut zones = Zones::new(&calendars, context.calendar_zone);
    let mut readable = Vec::with_capacity(events.len());
    for raw in events {
        match mend::mend_event(&raw, &mut zones, context.limits, &mut report) {
            Ok(event) => readable.push(event),
            Err(error) => report.errors.push(error),
        }
    }
    let timezone = (0..calendars.len()).find_map(|calendar| zones.default_of(calendar));
    let objects = group::group(readable, context.calendar_zone, &mut report);
    let mut read = ReadCalendar { objects, ignored_components: ignored, timezone, ..ReadCalendar::default() };
    read_head(&mut read, &calendars, &mut report);
    (read.errors, read.warnings, read.warnings_left_out) = (report.errors, report.warnings, report.left_out);
    Ok(read)
}

/// Whether a file goes on to the end of its last VCALENDAR: one that was cut off on the way tells of fewer events than there
/// are.
pub fn is_whole(bytes: &[u8]) -> bool {
    let text = decode::without_bom(bytes);
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let is = |line: &[u8], text: &[u8]| line.eq_ignore_ascii_case(text);
    let mut edges = lines.filter(|line| is(line, b"BEGIN:VCALENDAR") || is(line, b"END:VCALENDAR"));
    edges.next_back().is_some_and(|line| is(line, b"END:VCALENDAR"))
}

fn read_head(read: &mut ReadCalendar, calendars: &[RawCalendar], report: &mut Report) {
    let lines = || calendars.iter().flat_map(|calendar| calendar.properties.lines()).filter_map(ContentLine::parse);
    let first = |names: &[&str]| {
        let found = names.iter().find_map(|name| lines().find(|line| line.is(name)));
        found.map(ContentLine::text).filter(|text| !text.trim().is_empty())
    };
    read.name = first(&["NAME", "X-WR-CALNAME"]);
    read.description = first(&["DESCRIPTION", "X-WR-CALDESC"]);
    read.method = first(&["METHOD"]).map(|method| method.trim().to_ascii_uppercase());
    let refresh = first(&["REFRESH-INTERVAL", "X-PUBLISHED-TTL"]);
    let refresh = refresh.and_then(|text| duration(text.trim()));
    read.refresh_minutes = refresh.map(|span| span.days * 24 * 60 + span.seconds / 60);
    if let Some(method) = read.method.as_deref().filter(|method| *method != "PUBLISH") {
        let message = format!("METHOD:{} is not answered; the file is read as data", super::value::shorten(method));
        report.warn(1, None, message);
    }
    let calscale = lines().find(|line| line.is("CALSCALE")).map(|line| line.value().trim());
    if let Some(scale) = calscale.filter(|scale| !scale.eq_ignore_ascii_case("GREGORIAN")) {
        report.warn(
            1,
            None,
            format!("CALSCALE {} is not known; dates are read as Gregorian", super::value::shorten(scale)),
        );
    }
}
