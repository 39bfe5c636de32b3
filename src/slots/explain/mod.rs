//! What stands in the way of a meeting, and which single change would help.

mod blockers;
mod changes;
mod relaxations;
mod summary;

use blockers::Obstacles;

use super::search::{Level, Search, distinct};
use super::starts::starts_in;
use super::{EmptyReason, Explanation, Group};
use crate::time::{PeriodSet, Time, WorkingHours};

/// Explains why the search has `total` slots and no more.
pub(super) fn explain(search: &Search, total: usize) -> Explanation {
    let obstacles = Obstacles::of(search);
    let empty_reason = (total == 0).then(|| empty_reason(search, &obstacles));
    Explanation {
        summary: summary::sentence(total, &obstacles, empty_reason),
        candidates: obstacles.candidates,
        relaxations: relaxations::relaxations(search, &obstacles, total),
        blockers: obstacles.blockers,
        empty_reason,
    }
}

fn empty_reason(search: &Search, obstacles: &Obstacles) -> EmptyReason {
    if obstacles.candidates == 0 {
        EmptyReason::WindowTooShort
    } else if !all_have_a_working_day(search) {
        EmptyReason::NoWorkingDays
    } else if search.grid().candidates(&starts_within_hours(search)).next().is_none() {
        EmptyReason::NoCommonWorkingHours
    } else {
        EmptyReason::Busy
    }
}

/// Whether each person who is needed, and enough of each group, have a working day that meets a window.
fn all_have_a_working_day(search: &Search) -> bool {
    let has_one = |id: &_| {
        let Some(hours) = search.query.people.get(id).and_then(|person| person.working.as_ref()) else { return true };
        let midnight = Time::midnight();
        let days = WorkingHours { start: midnight, end: midnight, ..hours.clone() };
        let meets = |working: &PeriodSet| !(working & &search.windows).is_empty();
        search.working(*id).is_some_and(meets) || search.hull().is_some_and(|hull| meets(&days.within(hull)))
    };
    let enough =
        |group: &Group| distinct(group.people.iter().copied()).iter().filter(|id| has_one(id)).count() >= group.need;
    search.required.iter().all(has_one) && search.query.groups.iter().all(enough)
}

/// The starts that working hours leave, whatever the events.
fn starts_within_hours(search: &Search) -> PeriodSet {
    let mut common = search.windows.clone();
    for days in search.required_days() {
        common = &common & days;
    }
    let mut starts = starts_in(&common, search.duration());
    for group in &search.query.groups {
        starts = &starts & &search.group_starts(group, &common, Level::Hours);
    }
    starts
}
