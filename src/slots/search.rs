use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use super::grid::Grid;
use super::starts::{at_least, starts_in};
use super::{Group, Query, Tentative};
use crate::ids::UserId;
use crate::time::{Period, PeriodSet, WorkingHours};

/// What can rule out a start, in the order in which reasons are told: each level holds the ones before it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Hours,
    Busy,
    Tentative,
    Buffers,
}

/// A query made ready: its windows merged and everybody's working periods laid out, each kind of hours once.
pub(super) struct Search<'q> {
    pub(super) query: &'q Query,
    pub(super) windows: PeriodSet,
    pub(super) required: Vec<UserId>,
    hours: Rc<LaidOutHours>,
}

/// The working periods of each kind of hours, for some stretch of time.
#[derive(Default)]
struct LaidOutHours {
    within: Option<Period>,
    kinds: Vec<(WorkingHours, PeriodSet)>,
}

impl<'q> Search<'q> {
    pub(super) fn new(query: &'q Query) -> Self {
        Self::like(query, &Rc::default())
    }

    /// A search that takes over the hours laid out for another one, if they are all that it needs.
    pub(super) fn again<'r>(&self, query: &'r Query) -> Search<'r> {
        Search::like(query, &self.hours)
    }

    fn like(query: &'q Query, known: &Rc<LaidOutHours>) -> Self {
        let windows: PeriodSet = query.windows.iter().copied().collect();
        let required = distinct(query.required.iter().copied());
        let mut search = Self { query, windows, required, hours: Rc::clone(known) };
        if let Some(hull) = search.hull().filter(|hull| !known.serves(query, *hull)) {
            search.hours = Rc::new(LaidOutHours::new(query, hull));
        }
        search
    }

    /// From the beginning of the first window to the end of the last.
    pub(super) fn hull(&self) -> Option<Period> {
        let (first, last) = (self.windows.iter().next()?, self.windows.iter().next_back()?);
        Period::new(first.start(), last.end()).ok()
    }

    pub(super) fn duration(&self) -> SignedDuration {
        minutes(self.query.duration_minutes.get())
    }

    pub(super) fn grid(&self) -> Grid {
        Grid::new(self.query, self.hull())
    }

    /// All starts at which the meeting can be, the grid aside.
    pub(super) fn starts(&self) -> PeriodSet {
        let common = self.common_free_time();
        let mut starts = starts_in(&common, self.duration());
        for group in &self.query.groups {
            if starts.is_empty() {
                break;
            }
            starts = &starts & &self.group_starts(group, &common, Level::Buffers);
        }
        starts
    }

    /// The starts at which somebody could come to the meeting, the others aside.
    pub(super) fn own_starts(&self, id: UserId) -> PeriodSet {
        self.person_starts(id, &self.windows, Level::Buffers)
    }

    /// The working periods of required people, each kind of hours once.
    pub(super) fn required_days(&self) -> impl Iterator<Item = &PeriodSet> {
        let of_required = |hours: &_| self.required.iter().any(|id| hours_of(self.query, *id) == Some(hours));
        self.hours.kinds.iter().filter(move |(hours, _)| of_required(hours)).map(|(_, periods)| periods)
    }

    /// Whether any level after this one can rule out more than it.
    pub(super) fn has_more_after(&self, level: Level) -> bool {
        let query = self.query;
        let buffers = (query.buffer_before_minutes, query.buffer_after_minutes) != (0, 0);
        let tentative = query.tentative == Tentative::Busy && query.people.values().any(|p| !p.tentative.is_empty());
        match level {
            Level::Hours => true,
            Level::Busy => tentative || buffers,
            Level::Tentative => buffers,
            Level::Buffers => false,
        }
    }

    /// The starts that a person alone leaves.
    pub(super) fn person_starts(&self, id: UserId, within: &PeriodSet, level: Level) -> PeriodSet {
        starts_in(&self.free(id, within, level), self.duration())
    }

    /// The starts that a group alone leaves: those that enough of its people have.
    pub(super) fn group_starts(&self, group: &Group, within: &PeriodSet, level: Level) -> PeriodSet {
        if group.need == 0 {
            return starts_in(within, self.duration());
        }
        let members = distinct(group.people.iter().copied());
        let starts: Vec<PeriodSet> = members.iter().map(|id| self.person_starts(*id, within, level)).collect();
        at_least(group.need, &starts)
    }

    /// A person's working periods, which go on for a while beyond the windows; `None` where any time will do.
    pub(super) fn working(&self, id: UserId) -> Option<&PeriodSet> {
        self.hours.of(hours_of(self.query, id)?)
    }

    fn common_free_time(&self) -> PeriodSet {
        let mut common = self.windows.clone();
        // Working hours first: many people share them, and what they leave is small.
        for periods in self.required_days() {
            common = &common & periods;
        }
        for id in &self.required {
            if common.is_empty() {
                break;
            }
            common = self.free_of_events(*id, common, Level::Buffers);
        }
        common
    }

    fn free(&self, id: UserId, within: &PeriodSet, level: Level) -> PeriodSet {
        let worked = self.working(id).map_or_else(|| within.clone(), |working| within & working);
        self.free_of_events(id, worked, level)
    }

    /// What is left of some time when a person's events are taken out, with the buffers around them. Somebody who is not
    /// known has no free time.
    fn free_of_events(&self, id: UserId, within: PeriodSet, level: Level) -> PeriodSet {
        let Some(person) = self.query.people.get(&id) else { return PeriodSet::EMPTY };
        let mut free = within;
        if level >= Level::Busy {
            free = self.take_out(free, &person.busy, level);
        }
        if level >= Level::Tentative && self.query.tentative == Tentative::Busy {
            free = self.take_out(free, &person.tentative, level);
        }
        free
    }

    fn take_out(&self, free: PeriodSet, events: &PeriodSet, level: Level) -> PeriodSet {
        let (before, after) = (self.query.buffer_before_minutes, self.query.buffer_after_minutes);
        if events.is_empty() {
            return free;
        }
        if level < Level::Buffers || (before, after) == (0, 0) {
            return &free - events;
        }
        let (before, after) = (minutes(before), minutes(after));
        let Some(reach) = self.hull().map(|hull| hull.widened(before, after)) else { return free };
        // A meeting keeps clear of an event by its buffers just when it keeps clear of the event made longer by them.
        &free - &events.clipped(reach).iter().map(|event| event.widened(after, before)).collect()
    }
}

impl LaidOutHours {
    fn new(query: &Query, hull: Period) -> Self {
        let mut hours = Self { within: Some(hull), kinds: Vec::new() };
        for kind in all_hours(query) {
            if hours.of(kind).is_none() {
                // Beyond the hull, so that the edge of a window is not taken for the edge of somebody's day.
                hours.kinds.push((kind.clone(), kind.within(hull.widened(EDGE_SIGHT, EDGE_SIGHT))));
            }
        }
        hours
    }

    fn serves(&self, query: &Query, hull: Period) -> bool {
        self.within.is_some_and(|within| within.encloses(hull)) && all_hours(query).all(|kind| self.of(kind).is_some())
    }

    fn of(&self, hours: &WorkingHours) -> Option<&PeriodSet> {
        self.kinds.iter().find(|(known, _)| known == hours).map(|(_, periods)| periods)
    }
}

fn all_hours(query: &Query) -> impl Iterator<Item = &WorkingHours> {
    let groups = query.groups.iter().flat_map(|group| &group.people);
    query.required.iter().chain(&query.optional).chain(groups).filter_map(|id| hours_of(query, *id))
}

fn hours_of(query: &Query, id: UserId) -> Option<&WorkingHours> {
    query.people.get(&id)?.working.as_ref()
}

/// How far beyond the windows working periods are laid out; nothing asks for more than the distance at which an edge of
/// the working day stops to matter.
const EDGE_SIGHT: SignedDuration = SignedDuration::from_hours(4);

pub(super) fn minutes(count: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(count) * 60)
}

/// Each id once, in order.
pub(super) fn distinct(ids: impl Iterator<Item = UserId>) -> Vec<UserId> {
    let mut ids: Vec<UserId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The slot that begins at `start`; none at the end of representable time.
pub(super) fn slot_at(start: Timestamp, duration: SignedDuration) -> Option<Period> {
    Period::new(start, start.checked_add(duration).ok()?).ok()
}
