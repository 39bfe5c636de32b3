//! Typed editing of one component. Only the lines of the property that changes are written anew, and only when it reads
//! differently from before: everything else stays byte for byte.

use jiff::Timestamp;

use super::component::{Component, Rewrite};
use super::event::VEvent;
use super::make::{raw_line, text_line};
use super::participant::{Participant, ParticipationStatus, email_of, status_of};
use super::text;
use super::value::{date_or_time_line, utc_text};
use crate::freebusy::{Status, Transparency};
use crate::recurrence::Span;
use crate::time::DateOrTime;

impl Component {
    /// Sets a property with a TEXT value (SUMMARY, DESCRIPTION, LOCATION, …), or removes it. A LANGUAGE that it has stays;
    /// other renderings of the old text (ALTREP, and X-ALT-DESC beside DESCRIPTION) go.
    pub fn set_text(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(text::plain);
        let old = self.property(name);
        if old.map(super::ContentLine::text).as_deref() == value.as_deref() {
            return;
        }
        let language = old.and_then(|line| line.param("LANGUAGE")).map(|language| language.into_owned());
        let params: Vec<(&str, &str)> = language.iter().map(|language| ("LANGUAGE", language.as_str())).collect();
        self.replace_one(name, value.map(|value| text_line(name, &params, &value)));
        if name.eq_ignore_ascii_case("DESCRIPTION") {
            self.replace(&["X-ALT-DESC"], Vec::new());
        }
    }

    /// Sets a property whose value is no TEXT (URL, CLASS, PRIORITY, COLOR, …), or removes it.
    pub fn set_raw(&mut self, name: &str, value: Option<&str>) {
        if self.property(name).map(super::ContentLine::value) != value {
            self.replace_one(name, value.map(|value| raw_line(name, &[], value)));
        }
    }

    /// Sets CATEGORIES, as one line; without any it goes.
    pub fn set_categories<S: AsRef<str>>(&mut self, categories: &[S]) {
        let same = VEvent::of(self).categories().iter().eq(categories.iter().map(|c| c.as_ref()));
        if same {
            return;
        }
        let list: Vec<String> = categories.iter().map(|category| text::escape(category.as_ref())).collect();
        let line = (!list.is_empty()).then(|| raw_line("CATEGORIES", &[], &list.join(",")));
        self.replace_one("CATEGORIES", line);
    }

    /// Sets DTSTART and DTEND, each with the value type and TZID of its value, in place of DURATION too. Nothing changes
    /// where start and length are the same already.
    pub fn set_times(&mut self, start: &DateOrTime, end: &DateOrTime) {
        let old = VEvent::of(self);
        let same_start = old.start().is_ok_and(|old| old == *start);
        let same_end = old.end().is_ok_and(|old| old == *end);
        if !same_start {
            self.replace_one("DTSTART", Some(date_or_time_line("DTSTART", start)));
        }
        if !same_start || !same_end {
            self.replace(&["DTEND", "DURATION"], vec![date_or_time_line("DTEND", end)]);
        }
    }

    /// Moves DTSTART and, if it is there, DTEND, so that it starts at `start` and lasts `span`; DURATION stays as it is.
    pub(super) fn move_to(&mut self, start: &DateOrTime, span: Span) {
        self.replace_one("DTSTART", Some(date_or_time_line("DTSTART", start)));
        if self.property("DTEND").is_some() {
            let utc = crate::time::Zone::utc();
            let zone = start.zone(&utc);
            let ends_at = span.end(start.local(), start.instant(zone), zone);
            let end = span.end_as_written(start, ends_at, zone);
            self.replace_one("DTEND", Some(date_or_time_line("DTEND", &end)));
        }
    }

    /// Sets STATUS. Confirmed is also what no STATUS means, so then nothing is written.
    pub fn set_status(&mut self, status: Status) {
        if VEvent::of(self).status() != status {
            self.replace_one("STATUS", Some(raw_line("STATUS", &[], status_word(status))));
        }
    }

    /// Sets TRANSP. Opaque is also what no TRANSP means, so then nothing is written.
    pub fn set_transparency(&mut self, transparency: Transparency) {
        if VEvent::of(self).transparency() != transparency {
            self.replace_one("TRANSP", Some(raw_line("TRANSP", &[], transparency_word(transparency))));
        }
    }

    /// Marks a change: LAST-MODIFIED and DTSTAMP say `now`, and SEQUENCE is one more where the change is one that RFC 5546
    /// section 2.1.4 counts (times, recurrence, status), or `sequence` says which number it is.
    pub fn touch(&mut self, now: Timestamp, sequence: Option<i64>) {
        for name in ["DTSTAMP", "LAST-MODIFIED"] {
            self.replace_one(name, Some(raw_line(name, &[], &utc_text(now))));
        }
        if let Some(sequence) = sequence.filter(|sequence| *sequence != VEvent::of(self).sequence()) {
            self.replace_one("SEQUENCE", Some(raw_line("SEQUENCE", &[], &sequence.to_string())));
        }
    }

    /// Sets PARTSTAT of the ATTENDEE with that e-mail address, keeping the line's other parameters. Answers whether there
    /// is such an attendee.
    pub fn set_participation(&mut self, email: &str, status: ParticipationStatus) -> bool {
        let (email, mut found) = (email.to_lowercase(), false);
        self.rewrite(|line| {
            if !line.is("ATTENDEE") || email_of(line).as_deref() != Some(&*email) {
                return Rewrite::Keep;
            }
            found = true;
            if status_of(line) == status && line.param("PARTSTAT").is_some() {
                return Rewrite::Keep;
            }
            Rewrite::Replace(with_param(line, "PARTSTAT", status.as_str()))
        });
        found
    }

    /// Sets ORGANIZER, or removes it.
    pub fn set_organizer(&mut self, organizer: Option<&Participant>) {
        if VEvent::of(self).organizer().as_ref() != organizer {
            self.replace_one("ORGANIZER", organizer.map(Participant::organizer_line));
        }
    }

    /// Adds an ATTENDEE, unless one has that address already.
    pub fn add_attendee(&mut self, attendee: &Participant) {
        let known = VEvent::of(self).attendees().iter().any(|known| known.address == attendee.address);
        if !known {
            self.push(&attendee.attendee_line());
        }
    }

    /// Removes every ATTENDEE with that e-mail address.
    pub fn remove_attendee(&mut self, email: &str) {
        let email = email.to_lowercase();
        self.rewrite(|line| {
            let is_theirs = line.is("ATTENDEE") && email_of(line).as_deref() == Some(&*email);
            if is_theirs { Rewrite::Drop } else { Rewrite::Keep }
        });
    }

    /// Puts a line behind the last property.
    pub(super) fn push(&mut self, line: &str) {
        self.replace(&[], vec![line.to_owned()]);
    }

    /// Puts a line in the place of the first property with that name; further ones go.
    pub(super) fn replace_one(&mut self, name: &str, line: Option<String>) {
        self.replace(&[name], line.into_iter().collect());
    }
}

/// The word for STATUS.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    }
}

/// The word for TRANSP.
pub(super) fn transparency_word(transparency: Transparency) -> &'static str {
    match transparency {
        Transparency::Opaque => "OPAQUE",
        Transparency::Transparent => "TRANSPARENT",
    }
}

/// The line with one parameter set (its value must need no quotes), the others as they were written.
pub(super) fn with_param(line: super::ContentLine<'_>, name: &str, value: &str) -> String {
    let mut raw = String::with_capacity(line.raw().len() + name.len() + value.len() + 2);
    let push = |raw: &mut String, name: &str, value: &str| [";", name, "=", value].map(|part| raw.push_str(part));
    raw.push_str(line.name());
    let mut done = false;
    for param in line.params() {
        if !param.name.eq_ignore_ascii_case(name) {
            push(&mut raw, param.name, param.raw);
        } else if !done {
            push(&mut raw, name, value);
            done = true;
        }
    }
    if !done {
        push(&mut raw, name, value);
    }
    raw.push(':');
    raw.push_str(line.value());
    raw
}
