//! What stands in which component: the outline of a file, before anything is understood.

use std::collections::BTreeMap;

use super::decode::{Lines, LogicalLine, text_of};
use super::finding::Severity;
use super::mend::names;
use super::remark::Remark;
use super::remarks;
use super::report::{NotACalendar, Report};
use crate::ical::component::{Boundary, boundary};
use crate::ical::line::ContentLine;
use crate::limits::Limits;

/// A component directly inside a VCALENDAR, line by line.
#[derive(Debug, Default)]
pub struct RawComponent {
    /// Its unfolded lines, each ended by `\n`.
    pub text: String,
    /// The number of the physical line on which each of them begins.
    pub numbers: Vec<u32>,
    /// Its place among the VEVENTs of the file, from 0 on.
    pub index: usize,
    /// In which VCALENDAR of the file it stands.
    pub calendar: usize,
    /// What makes it unusable as a whole, and where.
    pub fault: Option<Box<(usize, Remark)>>,
}

/// One VCALENDAR: its own properties and zones.
#[derive(Debug, Default)]
pub struct RawCalendar {
    /// Its own properties, each ended by `\n`.
    pub properties: String,
    /// Its VTIMEZONEs.
    pub zones: Vec<RawComponent>,
}

/// The outline of a file.
#[derive(Debug, Default)]
pub struct Outline {
    /// The VCALENDARs.
    pub calendars: Vec<RawCalendar>,
    /// The VEVENTs of all of them.
    pub events: Vec<RawComponent>,
    /// How many components of other kinds there are.
    pub ignored: BTreeMap<String, usize>,
    /// How large the file is.
    pub size_bytes: usize,
    /// Whether its last VCALENDAR is ended.
    pub is_whole: bool,
}

/// Reads the outline.
///
/// # Errors
/// There is no VCALENDAR, and no component that belongs in one, or there are too many components.
pub fn outline<P: AsRef<[u8]>>(
    pieces: impl Iterator<Item = P>,
    limits: &Limits,
    report: &mut Report,
) -> Result<Outline, NotACalendar> {
    let mut lines = Lines::new(pieces, limits.ical_line_bytes);
    let mut walk = Walk {
        outline: Outline::default(),
        open: Vec::new(),
        current: None,
        components: 0,
        skipped: 0,
        previous_part: 0,
        in_calendar: false,
        mended: None,
        stray_end: None,
        limits,
    };
    let (mut first_wrong, mut last, mut count) = (None, 0, 0);
    let most = limits.import_components.saturating_mul(LINES_EACH);
    while let Some(line) = lines.next_line() {
        last = line.number;
        count += 1;
        if count > most {
            return Err(NotACalendar { line: last, message: format!("the file has more than {most} lines") });
        }
        let read = walk.take(line, report)?;
        walk.previous_part = line.last_part;
        if !read && walk.outline.calendars.is_empty() && first_wrong.is_none() {
            first_wrong =
                Some((line.number, String::from_utf8_lossy(&line.bytes[..line.bytes.len().min(60)]).into_owned()));
        }
    }
    walk.close_all(last, "the file ends", report);
    walk.outline.size_bytes = lines.size_bytes();
    if lines.are_utf16() {
        report.remark(1, remarks::utf16());
    }
    if let Some(end) = lines.odd_end() {
        report.remark(1, remarks::line_ends(end));
    }
    if walk.in_calendar {
        report.remark(last, remarks::unclosed("VCALENDAR"));
    }
    if walk.outline.calendars.is_empty() {
        let (line, found) = first_wrong.unwrap_or((1, String::new()));
        let message = if found.is_empty() {
            "the file is empty; BEGIN:VCALENDAR is expected".to_owned()
        } else {
            format!("BEGIN:VCALENDAR is expected, \"{found}\" is there")
        };
        return Err(NotACalendar { line, message });
    }
    Ok(walk.outline)
}

/// Where the walk over the lines is.
struct Walk<'a> {
    outline: Outline,
    /// The names of the open components inside the VCALENDAR, upper case, at most as many as the depth allows.
    open: Vec<String>,
    current: Option<Kept>,
    components: usize,
    /// How many BEGINs deeper than allowed are open.
    skipped: usize,
    /// How long the last physical line was.
    previous_part: usize,
    /// Whether a VCALENDAR has begun and not ended.
    in_calendar: bool,
    /// The finding that says that the file is no UTF-8, and whether it says that characters are broken.
    mended: Option<(bool, Option<usize>)>,
    /// The last END without a BEGIN, and the finding that says so.
    stray_end: Option<(String, usize)>,
    limits: &'a Limits,
}

/// A component that is kept, in the making.
struct Kept {
    component: RawComponent,
    is_event: bool,
    /// Where its last line begins, and what that is.
    last_start: usize,
    last: Last,
}

/// What a line is for one that goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Boundary,
    Text,
    Other,
}

impl Walk<'_> {
    /// Takes one line; answers whether it means anything.
    fn take(&mut self, line: LogicalLine<'_>, report: &mut Report) -> Result<bool, NotACalendar> {
        let text = match text_of(line.bytes) {
            Ok(text) => text,
            Err(mended) => {
                let is_broken = mended.contains(char::REPLACEMENT_CHARACTER);
                self.say_mended(is_broken, line.number, report);
                mended.into()
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let cleaned: String;
        let text = if text.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f) {
            report.remark(line.number, remarks::controls());
            cleaned = text.chars().filter(|c| !crate::ical::text::is_control(*c)).collect();
            &cleaned
        } else {
            text
        };
        // Text that was indented as a whole has its blanks before the name.
        let parsed = ContentLine::parse(text).or_else(|| ContentLine::parse(text.trim_start()));
        if line.too_long {
            let name = parsed.map_or("a line", ContentLine::name);
            self.fault(line.number, remarks::too_long(name, self.limits.ical_line_bytes), report);
            return Ok(parsed.is_some());
        }
        let Some(parsed) = parsed else {
            self.continue_line(text, line, report);
            return Ok(false);
        };
        if self.is_stray_text(parsed) {
            self.continue_line(text, line, report);
            return Ok(false);
        }
        match boundary(parsed) {
            Some(Boundary::Begin) => self.begin(parsed.value().trim(), line.number, report)?,
            Some(Boundary::End) => self.end(parsed.value().trim(), line.number, report),
            None if self.skipped > 0 => {}
            None => self.property(parsed, line.number, report),
        }
        Ok(true)
    }

    /// Says that the file is no UTF-8: one warning is enough.
    fn say_mended(&mut self, is_broken: bool, number: usize, report: &mut Report) {
        if let Some((known, Some(finding))) = self.mended
            && known == is_broken
        {
            return report.findings.again(finding, number);
        }
        let remark = if is_broken { remarks::broken_utf8() } else { remarks::windows_1252() };
        let finding = match self.mended {
            None => report.warn(number, None, remark),
            Some(_) => report.remark(number, remark),
        };
        self.mended = Some((is_broken, finding));
    }

    fn say_stray_end(&mut self, name: String, number: usize, report: &mut Report) {
        let known = self.stray_end.as_ref().filter(|(known, _)| *known == name);
        if !known.is_some_and(|(_, finding)| report.warn_again(*finding, number)) {
            let finding = report.warn(number, None, remarks::end_without_begin(&name));
            self.stray_end = finding.map(|finding| (name, finding));
        }
    }

    fn begin(&mut self, name: &str, number: usize, report: &mut Report) -> Result<(), NotACalendar> {
        let name = name.to_ascii_uppercase();
        let most = self.limits.import_components;
        if name == "VCALENDAR" {
            if self.outline.calendars.len() >= most {
                return Err(NotACalendar { line: number, message: format!("the file has more than {most} calendars") });
            }
            self.close_all(number, "VCALENDAR begins", report);
            self.outline.is_whole = false;
            if std::mem::replace(&mut self.in_calendar, true) {
                report.remark(number, remarks::unclosed("VCALENDAR"));
            }
            self.outline.calendars.push(RawCalendar::default());
            return Ok(());
        }
        if self.outline.calendars.is_empty() {
            if !KNOWN.contains(&name.as_str()) {
                return Ok(());
            }
            report.warn(number, None, remarks::outside(&name));
            self.outline.calendars.push(RawCalendar::default());
        }
        self.components += 1;
        if self.components > most {
            return Err(NotACalendar { line: number, message: format!("the file has more than {most} components") });
        }
        if name == "VEVENT" && !self.open.is_empty() {
            self.close_all(number, "another VEVENT begins", report);
        }
        if self.open.len() + 1 >= self.limits.ical_depth || self.skipped > 0 {
            self.skipped += 1;
            self.fault(number, remarks::too_deep(self.limits.ical_depth), report);
            return Ok(());
        }
        if self.open.is_empty() {
            self.begin_kept(&name, report);
        }
        self.push_line(&format!("BEGIN:{name}"), number, Last::Boundary);
        self.open.push(name);
        Ok(())
    }

    fn begin_kept(&mut self, name: &str, report: &mut Report) {
        let (calendar, index) = (self.outline.calendars.len() - 1, self.outline.events.len());
        let is_event = name == "VEVENT";
        if is_event {
            report.findings.enter(index);
        }
        if is_event || name == "VTIMEZONE" {
            let component = RawComponent { calendar, index, ..RawComponent::default() };
            self.current = Some(Kept { component, is_event, last_start: 0, last: Last::Boundary });
        } else {
            let known = self.outline.ignored.len() < MOST_KINDS && name.len() <= 40;
            *self.outline.ignored.entry(if known { name.to_owned() } else { "other".to_owned() }).or_default() += 1;
        }
    }

    fn end(&mut self, name: &str, number: usize, report: &mut Report) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let name = name.to_ascii_uppercase();
        if name == "VCALENDAR" {
            self.close_all(number, "the VCALENDAR ends", report);
            self.in_calendar = false;
            self.outline.is_whole = true;
            return;
        }
        let Some(depth) = self.open.iter().rposition(|open| *open == name) else {
            self.say_stray_end(name, number, report);
            return;
        };
        // Components inside that nobody closed end here too.
        while self.open.len() > depth {
            let closed = self.open.pop().unwrap_or_default();
            if self.open.len() > depth {
                report.remark(number, remarks::unclosed(&closed));
            }
            self.push_line(&format!("END:{closed}"), number, Last::Boundary);
        }
        if self.open.is_empty() {
            self.keep(report);
        }
    }

    fn keep(&mut self, report: &mut Report) {
        let Some(mut kept) = self.current.take() else { return };
        // All of a file's events are in memory at once.
        kept.component.text.shrink_to_fit();
        kept.component.numbers.shrink_to_fit();
        if kept.is_event {
            report.findings.leave(|| names(&kept.component.text));
            self.outline.events.push(kept.component);
        } else if let Some(calendar) = self.outline.calendars.last_mut() {
            calendar.zones.push(kept.component);
        }
    }

    fn property(&mut self, line: ContentLine<'_>, number: usize, report: &mut Report) {
        if self.open.is_empty() {
            // A VCALENDAR has some ten properties of its own; what is more is not worth keeping.
            let Some(calendar) = self.outline.calendars.last_mut() else { return };
            if calendar.properties.len() >= MOST_HEAD || line.raw().len() > MOST_HEAD {
                report.remark(number, remarks::long_head());
            }
            if calendar.properties.len() < MOST_HEAD {
                calendar.properties.push_str(&line.raw()[..line.raw().floor_char_boundary(MOST_HEAD)]);
                calendar.properties.push('\n');
            }
        } else {
            let is_text = TEXTS.iter().any(|name| line.is(name));
            self.push_line(line.raw(), number, if is_text { Last::Text } else { Last::Other });
        }
    }

    fn push_line(&mut self, line: &str, number: usize, last: Last) {
        if let Some(kept) = &mut self.current {
            if kept.component.numbers.len() >= self.limits.ical_event_lines {
                let most = self.limits.ical_event_lines;
                kept.component.fault.get_or_insert_with(|| Box::new((number, remarks::too_many_lines(most))));
                kept.last = Last::Boundary;
                return;
            }
            kept.last_start = kept.component.text.len();
            kept.last = last;
            kept.component.text.push_str(line);
            kept.component.text.push('\n');
            kept.component.numbers.push(u32::try_from(number).unwrap_or(u32::MAX));
        }
    }

    /// A line that is no content line: the rest of the one before it, which was pasted without its fold, or written with a
    /// raw line end in a text.
    fn continue_line(&mut self, text: &str, line: LogicalLine<'_>, report: &mut Report) {
        let Some(kept) = self.current.as_mut().filter(|_| self.skipped == 0) else {
            if !self.outline.calendars.is_empty() {
                report.warn(line.number, None, remarks::stray_line(""));
            }
            return;
        };
        let was_folded = FOLDED_PARTS.contains(&self.previous_part);
        let is_bounded = kept.component.text.len() - kept.last_start + text.len() <= self.limits.ical_line_bytes;
        let takes_more = is_bounded && (kept.last == Last::Text || (kept.last == Last::Other && was_folded));
        if !takes_more {
            report.warn(line.number, None, remarks::stray_line("it is left out"));
            return;
        }
        kept.component.text.pop();
        if kept.last == Last::Text && !was_folded {
            kept.component.text.push_str("\\n");
        }
        kept.component.text.push_str(text.trim_end());
        kept.component.text.push('\n');
        report.warn(line.number, None, remarks::stray_line("it is taken for the rest of the line before it"));
    }

    /// Whether a line with a colon is rather the rest of a text with raw line ends: `Agenda: the budget`.
    fn is_stray_text(&self, line: ContentLine<'_>) -> bool {
        let name = line.name();
        let looks_like_a_name =
            !name.bytes().any(|b| b.is_ascii_lowercase()) || name.len() > 2 && name[..2].eq_ignore_ascii_case("x-");
        if looks_like_a_name || boundary(line).is_some() || self.current.is_none() {
            return false;
        }
        !PROPERTIES.iter().any(|known| line.is(known))
    }

    fn fault(&mut self, number: usize, remark: Remark, report: &mut Report) {
        match &mut self.current {
            Some(kept) => {
                kept.component.fault.get_or_insert_with(|| Box::new((number, remark)));
            }
            // What it stands in is no event: nothing of that is left out.
            None => {
                report.warn(number, None, Remark { severity: Severity::Note, ..remark });
            }
        }
    }

    /// Ends what is open, because the file says that something else begins or ends.
    fn close_all(&mut self, number: usize, why: &str, report: &mut Report) {
        self.skipped = 0;
        if self.open.is_empty() {
            return;
        }
        while let Some(closed) = self.open.pop() {
            self.push_line(&format!("END:{closed}"), number, Last::Boundary);
        }
        if let Some(kept) = &mut self.current {
            let begun = kept.component.numbers.first().copied().unwrap_or(0);
            let name = if kept.is_event { "VEVENT" } else { "VTIMEZONE" };
            kept.component.fault.get_or_insert_with(|| Box::new((number, remarks::not_ended(name, begun, why))));
        }
        self.keep(report);
    }
}

/// So many lines a file may have for each component that it may have; in real files it is half as many.
const LINES_EACH: usize = 50;
const MOST_KINDS: usize = 50;
const MOST_HEAD: usize = 64 << 10;
/// A physical line as long as this was perhaps cut by a fold.
const FOLDED_PARTS: std::ops::RangeInclusive<usize> = 70..=78;
const KNOWN: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "VTIMEZONE"];
const TEXTS: [&str; 6] = ["DESCRIPTION", "SUMMARY", "LOCATION", "COMMENT", "CONTACT", "X-ALT-DESC"];
/// What of RFC 5545 may be written in lower case.
const PROPERTIES: [&str; 44] = [
    "ATTACH",
    "CATEGORIES",
    "CLASS",
    "COMMENT",
    "DESCRIPTION",
    "GEO",
    "LOCATION",
    "PRIORITY",
    "RESOURCES",
    "STATUS",
    "SUMMARY",
    "DTEND",
    "DTSTART",
    "DURATION",
    "TRANSP",
    "TZID",
    "TZNAME",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZURL",
    "ATTENDEE",
    "CONTACT",
    "ORGANIZER",
    "RECURRENCE-ID",
    "RELATED-TO",
    "URL",
    "UID",
    "EXDATE",
    "EXRULE",
    "RDATE",
    "RRULE",
    "ACTION",
    "REPEAT",
    "TRIGGER",
    "CREATED",
    "DTSTAMP",
    "LAST-MODIFIED",
    "SEQUENCE",
    "REQUEST-STATUS",
    "COLOR",
    "IMAGE",
    "CONFERENCE",
    "ACKNOWLEDGED",
    "PROXIMITY",
];
