//! How long an event is taken to last whose start can be read and whose end cannot. To call an hour free that is not is worse
//! than the other way round, so the end is put late: it lasts until its day ends, and an hour at least. A date is a day (RFC
//! 5545 section 3.6.1).

use jiff::civil::{DateTime, Time};

use crate::ical::component::Component;
use crate::ical::event::VEvent;
use crate::ical::value::{date_or_time_line, duration, duration_text};
use crate::time::{DateOrTime, Zone};

/// What an event is taken to last, when DTEND or DURATION cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// As long as the other property says.
    AsSaid,
    /// The day that it starts on: its start is a date.
    OneDay,
    /// Until its day ends.
    UntilDayEnds,
}

/// Gives an event an end whose own cannot be read. The day of a UTC time is the one of the calendar's owner.
pub fn settle_end(component: &mut Component, owner: &Zone) -> Taken {
    if says_its_length(component) {
        return Taken::AsSaid;
    }
    let start = VEvent::of(component).start().ok();
    match start.and_then(|start| end_of_day(&start, owner)) {
        Some(end) => {
            component.push(&date_or_time_line("DTEND", &end));
            Taken::UntilDayEnds
        }
        None => Taken::OneDay,
    }
}

/// Makes an override as long as its series, if it says nothing of its length, or if that is taken to be shorter.
pub fn last_as_long(component: &mut Component, master: &Component, owner: &Zone) {
    let (Ok(span), Ok(start)) = (VEvent::of(master).span(), VEvent::of(component).start()) else { return };
    let zone = start.zone(owner);
    let ends_at = |span: crate::recurrence::Span| span.end(start.local(), start.instant(zone), zone);
    let is_as_long = VEvent::of(component).span().is_ok_and(|own| ends_at(own) >= ends_at(span));
    let text = duration_text(span);
    // What lasts longer than a DURATION can say is not read again.
    if (!says_its_length(component) || !is_as_long) && duration(&text).is_some() {
        component.replace(&["DTEND", "DURATION"], vec![format!("DURATION:{text}")]);
    }
}

/// Whether DTEND or DURATION is there.
pub fn says_its_length(component: &Component) -> bool {
    ["DTEND", "DURATION"].iter().any(|name| component.property(name).is_some())
}

/// When the day ends that something starts on, an hour later at least; none for a date, which is a day.
pub fn end_of_day(start: &DateOrTime, owner: &Zone) -> Option<DateOrTime> {
    if start.is_date() {
        return None;
    }
    on_the_wall(start, owner, |local| {
        let midnight = local.date().tomorrow().ok()?.to_datetime(Time::midnight());
        Some(midnight.max(local.checked_add(AN_HOUR).ok()?))
    })
}

/// When the day begins that something ends on, an hour earlier at least. Midnight is the end of the day before it.
pub fn beginning_of_day(end: &DateOrTime, owner: &Zone) -> Option<DateOrTime> {
    on_the_wall(end, owner, |local| {
        let before = local.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?;
        Some(before.date().to_datetime(Time::midnight()).min(local.checked_sub(AN_HOUR).ok()?))
    })
}

const AN_HOUR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// The time that `change` makes of what a clock shows: the one of the owner for a UTC time, which says nothing of days.
fn on_the_wall(
    time: &DateOrTime,
    owner: &Zone,
    change: impl FnOnce(DateTime) -> Option<DateTime>,
) -> Option<DateOrTime> {
    match time {
        DateOrTime::Zoned { zone, .. } if *zone == Zone::utc() => {
            Some(DateOrTime::utc(owner.resolve(change(owner.local(time.instant(owner)))?)))
        }
        other => Some(other.with_local(change(other.local())?)),
    }
}
