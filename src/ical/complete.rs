use super::calendar_object::CalendarObject;
use super::component::Component;
use super::event::VEvent;
use crate::time::{Timestamp, Zone};

impl CalendarObject {
    /// The object with those components of `before` that it has nothing in the place of: the master, or the override of the
    /// same RECURRENCE-ID. For an object of which some could not be read.
    #[must_use]
    pub fn completed_from(&self, before: &Self) -> Self {
        let own: Vec<Place> = self.components().iter().map(place).collect();
        let missing = before.components().iter().filter(|component| !own.contains(&place(component)));
        Self::of(missing.chain(self.components()).cloned().collect()).unwrap_or_else(|| self.clone())
    }
}

/// Which occurrence a component is about, and whether all from there on; none for the master.
type Place = Option<(Timestamp, bool)>;

fn place(component: &Component) -> Place {
    let event = VEvent::of(component);
    let id = event.recurrence_id().ok().flatten()?;
    Some((id.instant(&Zone::utc()), event.is_following()))
}
