//! A calendar object as those see it who subscribe to the calendar.

use jiff::Timestamp;

use super::calendar_object::CalendarObject;
use super::component::Component;
use super::event::VEvent;
use super::make::raw_line;
use super::recurrence::like_start;
use super::value::{date_or_time_line, utc_text};
use crate::freebusy::Status;

impl CalendarObject {
    /// The object without what is cancelled, so that it leaves every program alike: one that knows STATUS and one that shows
    /// whatever is there. A cancelled occurrence is an EXDATE of its master; of an event that is cancelled as a whole
    /// nothing is left. Each component says when it was last changed and in which revision it is, by which programs decide
    /// whether to take an update.
    ///
    /// `RANGE=THISANDFUTURE` that cancels stays as it is: no EXDATE says as much.
    #[must_use]
    pub fn published(mut self, changed_at: Timestamp) -> Option<Self> {
        if self.components().iter().any(is_cancelled) {
            self = self.without_cancelled()?;
        }
        for component in self.components_mut() {
            component.state_revision(changed_at);
        }
        Some(self)
    }

    fn without_cancelled(self) -> Option<Self> {
        if self.has_master() && is_cancelled(self.first()) {
            return None;
        }
        let leaves = |component: &&Component| is_cancelled(component) && !VEvent::of(component).is_following();
        let (left, mut kept): (Vec<&Component>, Vec<&Component>) = self.components().iter().partition(leaves);
        let mut master = kept.first().filter(|_| self.has_master()).map(|master| (*master).clone());
        if let Some(master) = &mut master {
            except(master, &left);
            kept.remove(0);
        }
        Self::of(master.into_iter().chain(kept.into_iter().cloned()).collect())
    }
}

impl Component {
    fn state_revision(&mut self, changed_at: Timestamp) {
        let has = |name: &str| self.property(name).is_some();
        let mut lines = Vec::new();
        for name in ["DTSTAMP", "LAST-MODIFIED"] {
            if !has(name) {
                lines.push(raw_line(name, &[], &utc_text(changed_at)));
            }
        }
        if !has("SEQUENCE") {
            lines.push(raw_line("SEQUENCE", &[], "0"));
        }
        for line in lines {
            self.push(&line);
        }
    }
}

/// Adds an EXDATE for each of these overrides that can be named beside the master's start.
fn except(master: &mut Component, overrides: &[&Component]) {
    let Ok(start) = VEvent::of(master).start() else { return };
    for component in overrides {
        let id = VEvent::of(component).recurrence_id().ok().flatten();
        if let Some(exdate) = id.and_then(|id| like_start("EXDATE", &id, &start).ok()) {
            master.push(&date_or_time_line("EXDATE", &exdate));
        }
    }
}

fn is_cancelled(component: &Component) -> bool {
    // Most events do not say the word at all.
    let says = component.text().as_bytes().windows(9).any(|nine| nine.eq_ignore_ascii_case(b"CANCELLED"));
    says && VEvent::of(component).status() == Status::Cancelled
}
