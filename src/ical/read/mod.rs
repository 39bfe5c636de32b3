//! Reading foreign files. Bytes first (encoding, line ends, folds), then the outline (which lines belong to which
//! component), then each VEVENT by itself, then the objects. One bad component is a line in the report; the rest goes in.

mod dates;
mod decode;
mod diagnosis;
mod finding;
mod foreign_zone;
mod group;
mod mend;
mod method;
mod outline;
mod remark;
mod remarks;
mod report;
mod settle;
mod start;
mod unknown_end;
mod written;
mod zones;

use std::collections::BTreeMap;

pub use diagnosis::Diagnosis;
pub use finding::{Finding, FindingKind, FindingPlace, Findings, Severity};
pub(super) use group::{align_recurrence_id, stamp};
pub use method::Method;
pub use remark::Remark;
pub use report::{ComponentError, NotACalendar, Warning};

use super::calendar_object::CalendarObject;
use super::line::ContentLine;
use super::value::duration;
use crate::limits::Limits;
use crate::time::Zone;
use outline::{Outline, RawCalendar, outline};
use report::{MOST_WARNINGS, Report};
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
    /// PRODID: which program wrote the file.
    pub program: Option<String>,
    /// How large the file is.
    pub size_bytes: usize,
    /// How many components of each kind stand in its VCALENDARs, by name.
    pub components: BTreeMap<String, usize>,
    /// Whether its last VCALENDAR is ended: a file that is cut off says nothing of what is missing.
    pub is_whole: bool,
    /// All that there is to say of it, the errors and warnings too.
    pub findings: Findings,
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
    /// Whose word it is.
    pub method: Method,
}

/// Reads a file of calendar data, whatever program wrote it.
///
/// # Errors
/// [`NotACalendar`] when there is neither a VCALENDAR nor any component that belongs in one, or there are too many
/// components. What is wrong with single events is in [`ReadCalendar::errors`].
pub fn read(bytes: &[u8], context: &ReadContext<'_>) -> Result<ReadCalendar, NotACalendar> {
    read_pieces(bytes.chunks(PIECE), context)
}

/// As [`read`], a file that is in memory in pieces. Each is let go once it is read, so that the file and what it holds are
/// not there both at once.
///
/// # Errors
/// As [`read`].
pub fn read_pieces<P: AsRef<[u8]>>(
    pieces: impl IntoIterator<Item = P>,
    context: &ReadContext<'_>,
) -> Result<ReadCalendar, NotACalendar> {
    let mut report = Report::default();
    let Outline { calendars, events, ignored, size_bytes, is_whole } =
        outline(pieces.into_iter(), context.limits, &mut report)?;
    let mut zones = Zones::new(&calendars, context.calendar_zone, &mut report);
    let methods: Vec<Method> = calendars.iter().map(Method::of).collect();
    let mut readable = Vec::with_capacity(events.len());
    let components = counted(&calendars, events.len(), &ignored);
    for raw in events {
        report.findings.enter(raw.index);
        match mend::mend_event(&raw, &mut zones, context.limits, &mut report) {
            Ok(mut event) => {
                event.method = methods.get(raw.calendar).copied().unwrap_or_default();
                event.method.mark(&mut event, &mut report);
                readable.push(event);
            }
            Err((line, remark)) => report.fail((raw.index, mend::uid_of(&raw.text)), line, remark),
        }
        report.findings.leave(|| mend::names(&raw.text));
    }
    let timezone = (0..calendars.len()).find_map(|calendar| zones.default_of(calendar));
    let objects = group::group(readable, context.calendar_zone, &mut report);
    let mut read = ReadCalendar {
        objects,
        ignored_components: ignored,
        timezone,
        components,
        size_bytes,
        is_whole,
        ..ReadCalendar::default()
    };
    read_head(&mut read, &calendars, &mut report);
    remark_on_whole(&read, &mut report);
    (read.errors, read.warnings, read.warnings_left_out) = (report.errors, report.warnings, report.left_out);
    read.findings = report.findings;
    Ok(read)
}

impl ReadCalendar {
    /// Leaves out an object that was read, for what the remark says.
    pub fn reject(&mut self, object: &ReadObject, remark: Remark) {
        let uid: String = object.uid.chars().take(LONGEST_UID).collect();
        let message = remark.found.clone().into_owned();
        self.errors.push(ComponentError { index: object.index, uid: Some(uid), line: object.line, message });
        self.remark(object, remark);
    }

    /// Leaves out an event that was read, for what the remark says; the errors keep the order of the file.
    pub fn fail(&mut self, place: EventPlace<'_>, remark: Remark) {
        let (index, line, uid) = (place.index, place.line, Some(place.uid.to_owned()));
        let at = self.errors.partition_point(|known| known.index <= index);
        self.errors.insert(at, ComponentError { index, uid, line, message: remark.found.clone().into_owned() });
        self.findings.enter(index);
        self.findings.add(line, remark);
        self.findings.leave(|| (Some(place.uid.to_owned()), Some(place.title.to_owned())));
    }

    /// Says something of an object that was read.
    pub fn remark(&mut self, object: &ReadObject, remark: Remark) {
        self.findings.enter(object.index);
        self.findings.add(object.line, remark);
        self.findings.leave(|| (Some(object.uid.clone()), object.object.representative().summary()));
    }

    /// Warns of something about an event that was read.
    pub fn warn(&mut self, place: EventPlace<'_>, remark: Remark) {
        if self.warnings.len() < MOST_WARNINGS {
            let (message, uid, line) = (remark.sentence(), Some(place.uid.to_owned()), place.line);
            self.warnings.push(Warning { message, uid, line });
        } else {
            self.warnings_left_out += 1;
        }
        self.findings.enter(place.index);
        self.findings.add(place.line, remark);
        self.findings.leave(|| (Some(place.uid.to_owned()), Some(place.title.to_owned())));
    }
}

/// Where an event stands in a file, and what a person knows it by.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace<'a> {
    /// Its place among the VEVENTs of the file, from 0 on.
    pub index: usize,
    /// The line on which it begins.
    pub line: usize,
    /// Its UID.
    pub uid: &'a str,
    /// Its title.
    pub title: &'a str,
}

const LONGEST_UID: usize = 1000;

fn counted(calendars: &[RawCalendar], events: usize, ignored: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let mut components = ignored.clone();
    let zones = calendars.iter().map(|calendar| calendar.zones.len()).sum();
    for (name, count) in [("VCALENDAR", calendars.len()), ("VEVENT", events), ("VTIMEZONE", zones)] {
        components.insert(name.to_owned(), count);
    }
    components.retain(|_, count| *count > 0);
    components
}

/// A file that is larger than this is worth a word.
const LARGE: usize = 5 << 20;

fn remark_on_whole(read: &ReadCalendar, report: &mut Report) {
    if read.size_bytes > LARGE {
        report.remark(1, remarks::large_file(read.size_bytes));
    }
    for (name, count) in &read.ignored_components {
        report.findings.add_many(1, remarks::ignored(name), *count);
    }
}

const LONGEST_PROGRAM: usize = 200;
const PIECE: usize = 64 << 10;

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
    read.program = first(&["PRODID"]).map(|program| program.chars().take(LONGEST_PROGRAM).collect());
    let version = first(&["VERSION"]);
    if version.as_deref().map(str::trim) != Some("2.0") {
        report.remark(1, remarks::not_version_2(version.as_deref()));
    }
    read.refresh_minutes = refresh.map(|span| span.days * 24 * 60 + span.seconds / 60);
    if let Some(method) = read.method.as_deref().filter(|method| *method != "PUBLISH") {
        report.warn(1, None, remarks::method(method));
    }
    let calscale = lines().find(|line| line.is("CALSCALE")).map(|line| line.value().trim());
    if let Some(scale) = calscale.filter(|scale| !scale.eq_ignore_ascii_case("GREGORIAN")) {
        report.warn(1, None, remarks::calendar_scale(scale));
    }
}
