use jiff::Timestamp;

use crate::slots::search::{Level, Search};
use crate::slots::starts::starts_in;
use crate::slots::{Blocker, Party};
use crate::time::{Period, PeriodSet};

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
        let ruled_out: Vec<PeriodSet> = left.iter().map(|left| &room - left).collect();
        let only_they = by_one_alone(&ruled_out);
        let blocker = |index: usize| {
            let count = |level| candidates.len() - count_in(&left_by(search, parties[index], level), &candidates);
            let (hours, busy, tentative) = (count(Level::Hours), count(Level::Busy), count(Level::Tentative));
            let all = candidates.len() - count_in(&left[index], &candidates);
            Blocker {
                who: parties[index],
                outside_working_hours: hours,
                busy: busy - hours,
                tentative: tentative - busy,
                buffer: all - tentative,
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
    let before = |edge: Timestamp| instants.partition_point(|instant| *instant < edge);
    set.iter().map(|period| before(period.end()) - before(period.start())).sum()
}

/// For each set, the instants that no other set has: one sweep over all edges. The sum of the indexes of the sets that
/// are open names the set where only one is.
fn by_one_alone(sets: &[PeriodSet]) -> Vec<PeriodSet> {
    let mut edges: Vec<(Timestamp, bool, usize)> = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        edges.extend(set.iter().flat_map(|p| [(p.start(), true, index), (p.end(), false, index)]));
    }
    edges.sort_unstable();
    let mut alone: Vec<Vec<Period>> = vec![Vec::new(); sets.len()];
    let (mut open, mut sum, mut since) = (0_usize, 0_usize, Timestamp::MIN);
    for (at, begins, index) in edges {
        if open == 1 {
            alone[sum].extend(Period::new(since, at));
        }
        (open, sum) = if begins { (open + 1, sum + index) } else { (open - 1, sum - index) };
        since = at;
    }
    alone.into_iter().map(|periods| periods.into_iter().collect()).collect()
}
