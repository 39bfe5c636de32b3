use jiff::Timestamp;

use crate::slots::search::{Level, Search};
use crate::slots::starts::starts_in;
use crate::slots::{Blocker, Party};
use crate::time::PeriodSet;

/// Who stands in the way of a search.
pub(super) struct Obstacles {
    /// How many candidate starts the windows have.
    pub(super) candidates: usize,
    /// Those who rule out any of them, the worst first.
    pub(super) blockers: Vec<Blocker>,
    /// For each party that has any: the starts (grid or not) that only they rule out.
    pub(super) alone: Vec<(Party, PeriodSet)>,
}

impl Obstacles {
    pub(super) fn of(search: &Search) -> Self {
        let room = starts_in(&search.windows, search.duration());
        let candidates: Vec<Timestamp> = search.grid().candidates(&room).map(|candidate| candidate.start).collect();
        let parties = parties(search);
        let left: Vec<PeriodSet> = parties.iter().map(|party| left_by(search, *party, Level::Buffers)).collect();
        let only_they = by_one_alone(&room, &left);
        let blocker = |index: usize| {
            let ruled_out = |left: &PeriodSet| candidates.len() - count_in(left, &candidates);
            let all = ruled_out(&left[index]);
            let mut by = [all; 3];
            for (level, count) in [Level::Hours, Level::Busy, Level::Tentative].into_iter().zip(&mut by) {
                // Where no later level can rule out more, all is counted already.
                if all > 0 && search.has_more_after(level) {
                    *count = ruled_out(&left_by(search, parties[index], level));
                }
            }
            Blocker {
                who: parties[index],
                outside_working_hours: by[0],
                busy: by[1] - by[0],
                tentative: by[2] - by[1],
                buffer: all - by[2],
                only_they: count_in(&only_they[index], &candidates),
            }
        };
        let mut blockers: Vec<Blocker> = (0..parties.len()).map(blocker).filter(|b| b.ruled_out() > 0).collect();
        blockers.sort_by_key(|blocker| (std::cmp::Reverse(blocker.ruled_out()), blocker.who));
        let alone = parties.into_iter().zip(only_they).filter(|(_, starts)| !starts.is_empty()).collect();
        Self { candidates: candidates.len(), blockers, alone }
    }
}

impl Blocker {
    /// How many candidate starts they rule out, for any of the four reasons.
    pub fn ruled_out(&self) -> usize {
        self.outside_working_hours + self.busy + self.tentative + self.buffer
    }
}

fn parties(search: &Search) -> Vec<Party> {
    let people = search.required.iter().map(|id| Party::Person(*id));
    people.chain((0..search.query.groups.len()).map(Party::Group)).collect()
}

fn left_by(search: &Search, party: Party, level: Level) -> PeriodSet {
    match party {
        Party::Person(id) => search.person_starts(id, &search.windows, level),
        Party::Group(index) => search.group_starts(&search.query.groups[index], &search.windows, level),
    }
}

/// How many of the sorted instants lie in the set.
fn count_in(set: &PeriodSet, instants: &[Timestamp]) -> usize {
    let mut ahead = instants;
    let mut count = 0;
    for period in set.iter() {
        ahead = &ahead[passed(ahead, period.start())..];
        let inside = passed(ahead, period.end());
        ahead = &ahead[inside..];
        count += inside;
    }
    count
}

/// How many of the sorted instants lie before `edge`, found by doubling steps: it is near.
fn passed(instants: &[Timestamp], edge: Timestamp) -> usize {
    let mut reach = 1;
    while instants.get(reach - 1).is_some_and(|instant| *instant < edge) {
        reach *= 2;
    }
    let (near, far) = (reach / 2, reach.min(instants.len()));
    near + instants[near..far].partition_point(|instant| *instant < edge)
}

/// For each party, the starts that all others leave and they do not: what is common to those before and those after.
fn by_one_alone(room: &PeriodSet, left: &[PeriodSet]) -> Vec<PeriodSet> {
    let mut after = vec![room.clone()];
    for set in left.iter().skip(1).rev() {
        after.push(after.last().map_or(PeriodSet::EMPTY, |common| common & set));
    }
    let mut before = room.clone();
    let mut alone = Vec::with_capacity(left.len());
    for (set, after) in left.iter().zip(after.iter().rev()) {
        alone.push(&(&before & after) - set);
        before = &before & set;
    }
    alone
}
