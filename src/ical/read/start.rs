//! When an event starts that has no DTSTART which can be read. RFC 5545 section 3.6.1 asks for one, but a time that stands
//! elsewhere in the event says enough not to lose it.

use crate::ical::component::Component;
use crate::ical::event::VEvent;
use crate::ical::line::ContentLine;
use crate::ical::value::{self, rdates};
use crate::recurrence::Rdate;
use crate::time::DateOrTime;

/// The start, and the property that it is made from: the occurrence that an override replaces, the first of the extra
/// dates, or the end, less DURATION where it is there. `None` where the event has no time at all.
pub fn made_start(component: &Component) -> Option<(DateOrTime, &'static str)> {
    let event = VEvent::of(component);
    let id = event.recurrence_id().ok().flatten().map(|id| (id, "RECURRENCE-ID"));
    id.or_else(|| first_date(&event).map(|start| (start, "RDATE"))).or_else(|| from_end(&event))
}

fn first_date(event: &VEvent<'_>) -> Option<DateOrTime> {
    let all = event.properties("RDATE").filter_map(|line| rdates(line).ok()).flatten().map(|rdate| match rdate {
        Rdate::At(start) | Rdate::Period { start, .. } => start,
    });
    all.min_by_key(DateOrTime::local)
}

fn from_end(event: &VEvent<'_>) -> Option<(DateOrTime, &'static str)> {
    let (line, name) = ["DTEND", "DUE"].into_iter().find_map(|name| event.property(name).map(|line| (line, name)))?;
    let end = value::date_or_time(line).ok()?;
    let length = event.property("DURATION").map(ContentLine::value).and_then(|text| value::duration(text.trim()));
    let days = match (&end, length) {
        (_, Some(length)) => length.days,
        // The end of a day is the next one (RFC 5545 section 3.6.1).
        (DateOrTime::Date(_), None) if name == "DTEND" => 1,
        _ => 0,
    };
    let back = jiff::Span::new().try_days(days).ok()?.try_seconds(length.map_or(0, |length| length.seconds)).ok()?;
    Some((end.with_local(end.local().checked_sub(back).ok()?), name))
}
