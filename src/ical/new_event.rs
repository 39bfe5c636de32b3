use jiff::Timestamp;

use super::calendar_object::CalendarObject;
use super::component::Component;
use super::edit::{status_word, transparency_word};
use super::make::{raw_line, text_line};
use super::participant::Participant;
use super::recurrence::Recurrence;
use super::text;
use super::value::{date_or_time_line, utc_text};
use crate::freebusy::{Status, Transparency};
use crate::time::DateOrTime;

/// What a new event says. Texts are as they are meant; empty ones are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// UID.
    pub uid: String,
    /// SUMMARY.
    pub summary: String,
    /// DESCRIPTION.
    pub description: String,
    /// LOCATION.
    pub location: String,
    /// URL.
    pub url: String,
    /// CATEGORIES.
    pub categories: Vec<String>,
    /// DTSTART.
    pub start: DateOrTime,
    /// DTEND, of the same kind as the start.
    pub end: DateOrTime,
    /// STATUS.
    pub status: Status,
    /// TRANSP.
    pub transparency: Transparency,
    /// RRULE, RDATE, EXDATE.
    pub recurrence: Recurrence,
    /// ORGANIZER.
    pub organizer: Option<Participant>,
    /// ATTENDEEs.
    pub attendees: Vec<Participant>,
    /// CREATED, DTSTAMP and LAST-MODIFIED.
    pub now: Timestamp,
}

impl NewEvent {
    /// An event with nothing but what every event has.
    pub fn new(uid: &str, summary: &str, start: DateOrTime, end: DateOrTime, now: Timestamp) -> Self {
        Self {
            uid: uid.to_owned(),
            summary: summary.to_owned(),
            description: String::new(),
            location: String::new(),
            url: String::new(),
            categories: Vec::new(),
            start,
            end,
            status: Status::Confirmed,
            transparency: Transparency::Opaque,
            recurrence: Recurrence::default(),
            organizer: None,
            attendees: Vec::new(),
            now,
        }
    }
}

impl CalendarObject {
    /// The object of one new VEVENT.
    pub fn create(event: &NewEvent) -> Self {
        let mut lines = head(event);
        let texts = [("SUMMARY", &event.summary), ("DESCRIPTION", &event.description), ("LOCATION", &event.location)];
        let texts = texts.into_iter().filter(|(_, value)| !value.is_empty());
        lines.extend(texts.map(|(name, value)| text_line(name, &[], value)));
        if !event.url.is_empty() {
            lines.push(raw_line("URL", &[], &event.url));
        }
        if !event.categories.is_empty() {
            let list: Vec<String> = event.categories.iter().map(|category| text::escape(category)).collect();
            lines.push(raw_line("CATEGORIES", &[], &list.join(",")));
        }
        lines.push(raw_line("STATUS", &[], status_word(event.status)));
        lines.push(raw_line("TRANSP", &[], transparency_word(event.transparency)));
        lines.extend(event.organizer.iter().map(Participant::organizer_line));
        lines.extend(event.attendees.iter().map(Participant::attendee_line));
        let mut component = Component::new("VEVENT");
        component.replace(&[], lines);
        Self::of_one(component)
    }
}

fn head(event: &NewEvent) -> Vec<String> {
    let now = utc_text(event.now);
    let mut lines = vec![
        text_line("UID", &[], &event.uid),
        raw_line("DTSTAMP", &[], &now),
        raw_line("CREATED", &[], &now),
        raw_line("LAST-MODIFIED", &[], &now),
        raw_line("SEQUENCE", &[], "0"),
        date_or_time_line("DTSTART", &event.start),
        date_or_time_line("DTEND", &event.end),
    ];
    lines.extend(event.recurrence.to_lines());
    lines
}
