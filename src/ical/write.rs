use super::calendar_object::{CalendarObject, NotAnObject};
use super::color::nearest_name;
use super::fold::push_folded;
use super::make::{raw_line, text_line};
use super::shape::walk;
use super::tzid::zone_of;
use super::vtimezone::vtimezone_lines;
use super::zone_uses::ZoneUses;

/// What a VCALENDAR says about itself (RFC 5545 section 3.7, RFC 7986 section 5, and what calendar programs look for). Not
/// X-WR-TIMEZONE: some programs then take a series in UTC for one in that zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarHead<'a> {
    /// NAME and X-WR-CALNAME.
    pub name: Option<&'a str>,
    /// DESCRIPTION and X-WR-CALDESC.
    pub description: Option<&'a str>,
    /// REFRESH-INTERVAL and X-PUBLISHED-TTL, in minutes.
    pub refresh_minutes: Option<u32>,
    /// METHOD, such as `PUBLISH`.
    pub method: Option<&'a str>,
    /// X-APPLE-CALENDAR-COLOR, `#rrggbb`; COLOR is its nearest name (RFC 7986 section 5.9 takes names only).
    pub color: Option<&'a str>,
    /// SOURCE: where the calendar is to be fetched again (RFC 7986 section 5.8).
    pub source: Option<&'a str>,
}

/// A VCALENDAR in the making, object by object, so that they need not all be in memory.
#[derive(Debug, Default)]
pub struct CalendarWriter {
    body: String,
    zones: ZoneUses,
}

/// What PRODID says (RFC 5545 section 3.7.3).
pub const PRODID: &str = "-//Convene//Convene//EN";

/// The last line of a VCALENDAR.
pub const CLOSING: &str = "END:VCALENDAR\r\n";

/// The VCALENDAR of these objects, in their order: CRLF, folded at 75 octets, with one VTIMEZONE for each TZID that a line
/// names and that we know. The same objects give the same bytes.
pub fn write<'a>(head: &CalendarHead<'_>, objects: impl IntoIterator<Item = &'a CalendarObject>) -> String {
    let mut writer = CalendarWriter::default();
    objects.into_iter().for_each(|object| writer.push(object));
    writer.finish(head)
}

impl CalendarWriter {
    /// Appends an object.
    pub fn push(&mut self, object: &CalendarObject) {
        for component in object.components() {
            self.zones.note(component);
            component.text().lines().for_each(|line| push_folded(&mut self.body, line));
        }
    }

    /// The whole VCALENDAR, as [`write`](super::write()) makes it.
    pub fn finish(self, head: &CalendarHead<'_>) -> String {
        let (opening, mut text) = (head.opening(&self.zones), self.body);
        // In place: the text of a large calendar is not to be in memory twice.
        text.reserve_exact(opening.len() + CLOSING.len());
        text.insert_str(0, &opening);
        text.push_str(CLOSING);
        text
    }

    /// How many bytes of objects are written and not taken.
    pub fn waiting(&self) -> usize {
        self.body.len()
    }

    /// Takes out what is written of the objects, for a stream whose beginning is made when all of them are known.
    pub fn take_written(&mut self) -> String {
        std::mem::take(&mut self.body)
    }

    /// What stands before the objects: see [`CalendarHead::opening`].
    pub fn opening(&self, head: &CalendarHead<'_>) -> String {
        head.opening(&self.zones)
    }
}

/// Appends an object as it is stored (see [`CalendarObject::to_text`]) to the body of a VCALENDAR.
///
/// # Errors
/// [`NotAnObject`]: the text is no object. Then some of it may have been appended.
pub fn push_stored(body: &mut String, text: &str) -> Result<(), NotAnObject> {
    walk(text, |placed| push_folded(body, placed.line.raw()))
}

impl CalendarHead<'_> {
    /// The beginning of a VCALENDAR, up to its first object: its own properties, and a VTIMEZONE for each zone in use.
    pub fn opening(&self, zones: &ZoneUses) -> String {
        let mut out = String::new();
        head_lines(self).iter().for_each(|line| push_folded(&mut out, line));
        for (tzid, reach) in zones.iter() {
            if let Some(zone) = zone_of(tzid) {
                vtimezone_lines(tzid, &zone, reach).iter().for_each(|line| push_folded(&mut out, line));
            }
        }
        out
    }
}

pub(super) fn head_lines(head: &CalendarHead<'_>) -> Vec<String> {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        text_line("PRODID", &[], PRODID),
        "CALSCALE:GREGORIAN".to_owned(),
    ];
    lines.extend(head.method.map(|method| raw_line("METHOD", &[], method)));
    for (value, names) in
        [(head.name, ["NAME", "X-WR-CALNAME"].as_slice()), (head.description, &["DESCRIPTION", "X-WR-CALDESC"])]
    {
        lines.extend(value.into_iter().flat_map(|value| names.iter().map(move |name| text_line(name, &[], value))));
    }
    if let Some(minutes) = head.refresh_minutes {
        let duration = format!("PT{minutes}M");
        lines.push(raw_line("REFRESH-INTERVAL", &[("VALUE", "DURATION")], &duration));
        lines.push(raw_line("X-PUBLISHED-TTL", &[], &duration));
    }
    if let Some(color) = head.color {
        lines.extend(nearest_name(color).map(|name| raw_line("COLOR", &[], name)));
        lines.push(raw_line("X-APPLE-CALENDAR-COLOR", &[], color));
    }
    lines.extend(head.source.map(|source| raw_line("SOURCE", &[("VALUE", "URI")], source)));
    lines
}
