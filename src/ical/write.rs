use std::collections::BTreeMap;

use super::calendar_object::CalendarObject;
use super::color::nearest_name;
use super::component::Component;
use super::fold::push_folded;
use super::line::ContentLine;
use super::make::{raw_line, text_line};
use super::reach::Reach;
use super::tzid::zone_of;
use super::vtimezone::vtimezone_lines;

/// What a VCALENDAR says about itself (RFC 5545 section 3.7, RFC 7986 section 5, and what calendar programs look for).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarHead<'a> {
    /// NAME and X-WR-CALNAME.
    pub name: Option<&'a str>,
    /// DESCRIPTION and X-WR-CALDESC.
    pub description: Option<&'a str>,
    /// X-WR-TIMEZONE: an IANA name.
    pub timezone: Option<&'a str>,
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
    zones: BTreeMap<String, Reach>,
}

/// What PRODID says (RFC 5545 section 3.7.3).
pub const PRODID: &str = "-//Convene//Convene//EN";

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
            note_zones(&mut self.zones, component);
            component.text().lines().for_each(|line| push_folded(&mut self.body, line));
        }
    }

    /// The whole VCALENDAR, as [`write`](super::write()) makes it.
    pub fn finish(self, head: &CalendarHead<'_>) -> String {
        let mut out = String::with_capacity(self.body.len() + 1024 * (self.zones.len() + 1));
        self.push_beginning(&mut out, head);
        out.push_str(&self.body);
        out.push_str(self.ending());
        out
    }

    /// How many bytes of objects are written and not taken.
    pub fn waiting(&self) -> usize {
        self.body.len()
    }

    /// Takes out what is written of the objects, for a stream whose beginning is made when all of them are known.
    pub fn take_written(&mut self) -> String {
        std::mem::take(&mut self.body)
    }

    /// What stands before the objects: what the VCALENDAR says of itself, and its VTIMEZONEs.
    pub fn beginning(&self, head: &CalendarHead<'_>) -> String {
        let mut out = String::new();
        self.push_beginning(&mut out, head);
        out
    }

    /// What stands behind the objects.
    pub fn ending(&self) -> &'static str {
        "END:VCALENDAR\r\n"
    }

    fn push_beginning(&self, out: &mut String, head: &CalendarHead<'_>) {
        head_lines(head).iter().for_each(|line| push_folded(out, line));
        for (tzid, reach) in &self.zones {
            if let Some(zone) = zone_of(tzid) {
                vtimezone_lines(tzid, &zone, *reach).iter().for_each(|line| push_folded(out, line));
            }
        }
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
    for (value, names) in [
        (head.name, ["NAME", "X-WR-CALNAME"].as_slice()),
        (head.description, &["DESCRIPTION", "X-WR-CALDESC"]),
        (head.timezone, &["X-WR-TIMEZONE"]),
    ] {
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

/// Notes each TZID that a line of the component names, alarms included, with the years that it is used for.
fn note_zones(zones: &mut BTreeMap<String, Reach>, component: &Component) {
    let lines = component.text().lines().filter(|line| line.contains("TZID=")).filter_map(ContentLine::parse);
    let mut endless = None;
    for line in lines {
        let Some(param) = line.params().find(|param| param.name.eq_ignore_ascii_case("TZID")) else { continue };
        let tzid = param.raw.trim().trim_matches('"');
        let endless = *endless.get_or_insert_with(|| Reach::is_endless(component));
        let reach = Reach::of(line, endless);
        match zones.get_mut(tzid) {
            Some(known) => *known = known.with(reach),
            None => {
                zones.insert(tzid.to_owned(), reach);
            }
        }
    }
}
