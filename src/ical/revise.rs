//! What a message about a part of an event does to the whole (RFC 5546 section 3.2): the parts that it does not speak of
//! stay as they are.

use jiff::Timestamp;

use super::calendar_object::CalendarObject;
use super::component::Component;
use super::event::VEvent;
use super::read::{align_recurrence_id, stamp};
use crate::freebusy::Status;
use crate::time::Zone;

impl CalendarObject {
    /// Puts the overrides of `other` in the place of those of the same occurrences, or beside the others; an older one than
    /// what is here is left out. Answers how many were left out.
    pub fn take_overrides(&mut self, other: &Self, owner: &Zone) -> usize {
        let start = self.master().and_then(|master| master.start().ok());
        let mut older = 0;
        for component in other.components() {
            let mut new = component.clone();
            if let Some(start) = &start {
                align_recurrence_id(&mut new, start);
            }
            let name = name_of(&new, owner);
            let known = self.components().iter().position(|known| name.is_some() && name_of(known, owner) == name);
            let is_older = match known {
                Some(place) => stamp(&VEvent::of(&new)) < stamp(&VEvent::of(&self.components()[place])),
                None => self.master().is_some_and(|master| VEvent::of(&new).sequence() < master.sequence()),
            };
            match known {
                _ if is_older => older += 1,
                Some(place) => self.components_mut()[place] = new,
                None => self.components_mut().push(new),
            }
        }
        older
    }

    /// Cancels all of the event, as `message` does, whose revision it then has.
    pub fn cancel_like(&mut self, message: &Self) {
        let said = message.representative();
        for component in self.components_mut() {
            component.set_status(Status::Cancelled);
            if let Some(at) = said.dtstamp() {
                let sequence = VEvent::of(component).sequence().max(said.sequence());
                component.touch(at, Some(sequence));
            }
        }
    }
}

/// Which occurrence an override is of, and whether of all later ones too.
fn name_of(component: &Component, owner: &Zone) -> Option<(Timestamp, bool)> {
    let event = VEvent::of(component);
    let id = event.recurrence_id().ok().flatten()?;
    Some((id.instant(owner), event.is_following()))
}
