//! What METHOD says about the events of a VCALENDAR (RFC 5546 section 1.4). No message is answered here: a file is data,
//! and METHOD only tells whose word it is.

use super::mend::ReadEvent;
use super::outline::RawCalendar;
use super::remarks;
use super::report::Report;
use crate::freebusy::Status;
use crate::ical::event::VEvent;
use crate::ical::line::ContentLine;
use crate::ical::value::date_or_time_line;

/// Whose word the events of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// PUBLISH, REQUEST, anything else, or no METHOD: a version of the event.
    #[default]
    Version,
    /// ADD: a further occurrence of a series that is elsewhere.
    Addition,
    /// CANCEL: what is named does not take place.
    Cancellation,
    /// REPLY, REFRESH, COUNTER, DECLINECOUNTER: what one attendee answers or asks, with as much of the event as their
    /// program found worth repeating.
    Answer,
}

impl Method {
    /// The method of a VCALENDAR.
    pub fn of(calendar: &RawCalendar) -> Self {
        let line = calendar.properties.lines().filter_map(ContentLine::parse).find(|line| line.is("METHOD"));
        match line.map(|line| line.value().trim().to_ascii_uppercase()).as_deref() {
            Some("ADD") => Self::Addition,
            Some("CANCEL") => Self::Cancellation,
            Some("REPLY" | "REFRESH" | "COUNTER" | "DECLINECOUNTER") => Self::Answer,
            _ => Self::Version,
        }
    }

    /// Says in the event itself what METHOD says of it, so that it is still said when the file is gone.
    ///
    /// RFC 5546 section 3.2.5: STATUS may be missing in a CANCEL, where it takes single attendees off the list; for them, who
    /// alone get it, the event does not take place either. Section 3.2.4: what an ADD brings is an occurrence of its own.
    pub fn mark(self, event: &mut ReadEvent, report: &mut Report) {
        match self {
            Self::Cancellation if VEvent::of(&event.component).status() != Status::Cancelled => {
                event.component.set_status(Status::Cancelled);
                report.warn(event.line, Some(&event.uid), remarks::cancelled());
            }
            Self::Addition if !event.is_override && !event.is_recurring => {
                let Ok(start) = VEvent::of(&event.component).start() else { return };
                event.component.push(&date_or_time_line("RECURRENCE-ID", &start));
                event.is_override = true;
            }
            _ => {}
        }
    }
}
