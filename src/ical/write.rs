use std::collections::BTreeMap;

use super::calendar_object::CalendarObject;
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
}

/// What PRODID says (RFC 5545 section 3.7.3).
pub const PRODID: &str = "-//Convene//Convene//EN";

/// The VCALENDAR of these objects, in their order: CRLF, folded at 75 octets, with one VTIMEZONE for each TZID that a line
/// names and that we know. The same objects give the same bytes.
pub fn write<'a>(head: &CalendarHead<'_>, objects: impl IntoIterator<Item = &'a CalendarObject>) -> String {
    let (mut body, mut zones) = (String::new(), BTreeMap::new());
    for component in objects.into_iter().flat_map(CalendarObject::components) {
        note_zones(&mut zones, component);
        component.text().lines().for_each(|line| push_folded(&mut body, line));
    }
    let mut out = String::with_capacity(body.len() + 512 * (zones.len() + 1));
    head_lines(head).iter().for_each(|line| push_folded(&mut out, line));
    for (tzid, reach) in zones {
        if let Some(zone) = zone_of(tzid) {
            vtimezone_lines(tzid, &zone, reach).iter().for_each(|line| push_folded(&mut out, line));
        }
    }
    out.push_str(&body);
    out.push_str("END:VCALENDAR\r\n");
    out
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
    lines
}

/// Notes each TZID that a line of the component names, alarms included, with the years that it is used for.
fn note_zones<'a>(zones: &mut BTreeMap<&'a str, Reach>, component: &'a Component) {
    let endless = Reach::is_endless(component);
    for line in component.text().lines().filter(|line| line.contains("TZID=")).filter_map(ContentLine::parse) {
        let Some(param) = line.params().find(|param| param.name.eq_ignore_ascii_case("TZID")) else { continue };
        let tzid = param.raw.trim().trim_matches('"');
        let reach = Reach::of(line, endless);
        zones.entry(tzid).and_modify(|known| *known = known.with(reach)).or_insert(reach);
    }
}
