use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::ids::UserId;
use crate::slots::search::minutes;
use crate::slots::{Change, Person, Query, Tentative};
use crate::time::Period;

impl Query {
    /// The same question with one change.
    #[must_use]
    pub fn with(&self, change: Change) -> Self {
        let mut changed = self.clone();
        match change {
            Change::WithoutUser(id) => changed.required.retain(|required| *required != id),
            Change::Shorter { minutes } => {
                changed.duration_minutes = NonZeroU32::new(minutes).unwrap_or(NonZeroU32::MIN)
            }
            Change::WiderHours { earlier_minutes, later_minutes } => {
                widen_hours(&mut changed.people, earlier_minutes, later_minutes);
            }
            Change::LaterEnd { end, .. } => lengthen_last(&mut changed.windows, end),
            Change::SmallerBuffer { before_minutes, after_minutes } => {
                changed.buffer_before_minutes = before_minutes;
                changed.buffer_after_minutes = after_minutes;
            }
            Change::TentativeAsFree => changed.tentative = Tentative::Free,
        }
        changed
    }
}

fn widen_hours(people: &mut BTreeMap<UserId, Person>, earlier: u32, later: u32) {
    for hours in people.values_mut().filter_map(|person| person.working.as_mut()) {
        *hours = hours.widened(minutes(earlier), minutes(later));
    }
}

fn lengthen_last(windows: &mut [Period], end: Timestamp) {
    let Some(last) = windows.iter_mut().max_by_key(|window| window.end()) else { return };
    if let Ok(longer) = Period::new(last.start(), end) {
        *last = longer;
    }
}
