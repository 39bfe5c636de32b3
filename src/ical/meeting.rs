//! What several people's copies of one meeting have in common, and what of each is its owner's (RFC 5546 section 2.1.5).

use super::calendar_object::CalendarObject;
use super::component::{Boundary, Component, Rewrite, boundary};
use super::event::VEvent;
use super::line::ContentLine;
use super::participant::{ParticipationStatus, email_of};
use crate::freebusy::Status;
use crate::time::Timestamp;

impl CalendarObject {
    /// This object as a participant has it whose copy is `own`: what the organizer says, with the participant's own alarms
    /// and TRANSP, component by component. A component that the participant does not have yet takes those of the copy's
    /// master.
    #[must_use]
    pub fn as_copy(&self, own: &Self) -> Self {
        let mut copy = self.clone();
        for component in copy.components_mut() {
            let same = |known: &&Component| recurrence_id(known) == recurrence_id(component);
            let own = own.components().iter().find(same).unwrap_or(own.first());
            component.set_transparency(VEvent::of(own).transparency());
            component.set_alarms(&own.alarms());
        }
        copy
    }

    /// Sets PARTSTAT of the ATTENDEE with that e-mail address in every component. Answers whether there is one.
    pub fn set_participation(&mut self, email: &str, status: ParticipationStatus) -> bool {
        let mut found = false;
        for component in self.components_mut() {
            found |= component.set_participation(email, status);
        }
        found
    }

    /// The answer of the ATTENDEE with that e-mail address.
    pub fn participation_of(&self, email: &str) -> Option<ParticipationStatus> {
        let attendees = self.representative().attendees();
        attendees.iter().find(|attendee| attendee.email.as_deref() == Some(email)).map(|attendee| attendee.status)
    }

    /// This object with the ORGANIZER and the ATTENDEEs of another one, component by component; a component that the other
    /// one does not have takes those of its master.
    #[must_use]
    pub fn with_participants_of(&self, other: &Self) -> Self {
        let mut object = self.clone();
        for component in object.components_mut() {
            let same = |known: &&Component| recurrence_id(known) == recurrence_id(component);
            let known = other.components().iter().find(same).unwrap_or(other.first());
            for name in ["ORGANIZER", "ATTENDEE"] {
                let lines = known.properties().filter(|line| line.is(name)).map(|line| line.raw().to_owned());
                component.replace(&[name], lines.collect());
            }
        }
        object
    }

    /// Writes the new e-mail address of the ORGANIZER or ATTENDEE who had the old one (in lower case).
    pub fn readdress(&mut self, old: &str, new: &str) {
        for component in self.components_mut() {
            component.rewrite(|line| {
                let is_theirs = line.is("ORGANIZER") || line.is("ATTENDEE");
                if !is_theirs || email_of(line).as_deref() != Some(old) {
                    return Rewrite::Keep;
                }
                Rewrite::Replace(format!("{}{}:mailto:{new}", line.name(), line.raw_params()))
            });
        }
    }

    /// Has everybody but the organizer answer again: what they answered to has changed (RFC 5546 section 3.2.2.1).
    pub fn ask_again(&mut self) {
        let organizer = self.representative().organizer().and_then(|organizer| organizer.email);
        let attendees = self.representative().attendees().into_iter().filter_map(|attendee| attendee.email);
        let asked: Vec<String> = attendees.filter(|email| Some(email) != organizer.as_ref()).collect();
        for email in asked {
            self.set_participation(&email, ParticipationStatus::NeedsAction);
        }
    }

    /// Sets STATUS of every component, as a new revision (RFC 5546 section 2.1.4).
    pub fn set_status(&mut self, status: Status, now: Timestamp) {
        for component in self.components_mut() {
            let sequence = VEvent::of(component).sequence() + 1;
            component.set_status(status);
            component.touch(now, Some(sequence));
        }
    }

    /// Whether `other` takes place at other times, or another number of times, or not at all: what only the organizer of a
    /// meeting may change.
    pub fn takes_place_otherwise(&self, other: &Self) -> bool {
        let times = |object: &Self| -> Vec<_> {
            let of = |component: &Component| {
                let event = VEvent::of(component);
                let span = (event.start().ok(), event.end().ok(), event.recurrence_id().ok());
                (span, event.recurrence_lines(), event.status())
            };
            object.components().iter().map(of).collect()
        };
        times(self) != times(other)
    }
}

impl Component {
    /// The VALARMs inside, as text.
    fn alarms(&self) -> String {
        self.split_alarms().1
    }

    /// Puts these VALARMs in the place of those inside.
    fn set_alarms(&mut self, alarms: &str) {
        let (mut text, _) = self.split_alarms();
        let end = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        text.insert_str(end, alarms);
        *self = Self::from_checked_text(text);
    }

    /// The lines outside of any VALARM, and those inside.
    fn split_alarms(&self) -> (String, String) {
        let (mut rest, mut alarms, mut depth, mut alarm_at) = (String::new(), String::new(), 0_usize, None);
        for line in self.text().split_inclusive('\n') {
            let parsed = ContentLine::parse(line.trim_end_matches('\n'));
            let edge = parsed.and_then(|line| boundary(line).map(|edge| (edge, line.value())));
            if let Some((Boundary::Begin, name)) = edge {
                if alarm_at.is_none() && name.eq_ignore_ascii_case("VALARM") {
                    alarm_at = Some(depth);
                }
                depth += 1;
            }
            if alarm_at.is_some() { &mut alarms } else { &mut rest }.push_str(line);
            if let Some((Boundary::End, _)) = edge {
                depth = depth.saturating_sub(1);
                alarm_at = alarm_at.filter(|at| *at < depth);
            }
        }
        (rest, alarms)
    }
}

fn recurrence_id(component: &Component) -> Option<&str> {
    component.property("RECURRENCE-ID").map(ContentLine::raw)
}
