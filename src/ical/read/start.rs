//! When an event starts that has no DTSTART which can be read. RFC 5545 section 3.6.1 asks for one, but a time that stands
//! elsewhere in the event says enough not to lose it.

use super::unknown_end::beginning_of_day;
use crate::ical::component::Component;
use crate::ical::event::VEvent;
use crate::ical::line::ContentLine;
use crate::ical::value::{self, rdates};
use crate::recurrence::Rdate;
use crate::time::{DateOrTime, Zone};

/// The start, and the property that it is made from: the occurrence that an override replaces, the first of the extra
/// dates, or the end, less DURATION where it is there. `None` where the event has no time at all.
pub fn made_start(component: &Component, owner: &Zone) -> Option<(DateOrTime, &'static str)> {
    let event = VEvent::of(component);
    let end = event.property("DTEND").and_then(|line| value::date_or_time(line).ok());
    let is_before_end = |start: &DateOrTime| end.as_ref().is_none_or(|end| start.instant(owner) < end.instant(owner));
    let id = event.recurrence_id().ok().flatten().map(|id| (id, "RECURRENCE-ID"));
    id.or_else(|| first_date(&event).map(|start| (start, "RDATE")))
        .filter(|(start, _)| is_before_end(start))
        .or_else(|| from_end(&event, owner))
}

fn first_date(event: &VEvent<'_>) -> Option<DateOrTime> {
    let all = event.properties("RDATE").filter_map(|line| rdates(line).ok()).flatten().map(|rdate| match rdate {
        Rdate::At(start) | Rdate::Period { start, .. } => start,
    });
    all.min_by_key(DateOrTime::local)
}

fn from_end(event: &VEvent<'_>, owner: &Zone) -> Option<(DateOrTime, &'static str)> {
    let (line, name) = ["DTEND", "DUE"].into_iter().find_map(|name| event.property(name).map(|line| (line, name)))?;
    let end = value::date_or_time(line).ok()?;
    let length = event.property("DURATION").map(ContentLine::value).and_then(|text| value::duration(text.trim()));
    let days = match (&end, length) {
        (_, Some(length)) => length.days,
        // The end of a day is the next one (RFC 5545 section 3.6.1).
        (DateOrTime::Date(_), None) if name == "DTEND" => 1,
        // What ends takes time, though nobody knows how much.
        (_, None) if name == "DTEND" => return beginning_of_day(&end, owner).map(|start| (start, DAY_OF_END)),
        _ => 0,
    };
    let back = jiff::Span::new().try_days(days).ok()?.try_seconds(length.map_or(0, |length| length.seconds)).ok()?;
    Some((end.with_local(end.local().checked_sub(back).ok()?), name))
}

const DAY_OF_END: &str = "DTEND, and the event begins with the day that it ends on";
