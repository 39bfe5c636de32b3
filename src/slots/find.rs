use std::borrow::Cow;

use jiff::Timestamp;

use super::explain::explain;
use super::rank::Ranking;
use super::search::{Search, distinct, slot_at};
use super::starts::Cursor;
use super::{Answer, Order, Query, Score, Slot};
use crate::ids::UserId;
use crate::time::PeriodSet;

/// When all of them can meet.
///
/// The same question has the same answer, whatever the order in which people, groups' members and windows are named.
pub fn find_slots(query: &Query) -> Answer {
    let search = Search::new(query);
    let starts = search.starts();
    let mut total = 0;
    let chosen = match query.order {
        Order::Time => earliest(&search, &starts, &mut total),
        Order::Score => best(&search, &starts, &mut total),
    };
    let slots = slots(&search, chosen);
    let explanation = (query.explain || total == 0).then(|| explain(&search, total));
    Answer { slots, total, explanation }
}

/// How many slots a question has that is much like another.
pub(super) fn count_slots(like: &Search, query: &Query) -> usize {
    let search = like.again(query);
    search.grid().candidates(&search.starts()).count()
}

type Chosen = (Timestamp, Option<Score>);

fn earliest(search: &Search, starts: &PeriodSet, total: &mut usize) -> Vec<Chosen> {
    let mut chosen = Vec::new();
    for candidate in search.grid().candidates(starts) {
        *total += 1;
        if chosen.len() < search.query.limit {
            chosen.push((candidate.start, None));
        }
    }
    chosen
}

fn best(search: &Search, starts: &PeriodSet, total: &mut usize) -> Vec<Chosen> {
    let mut ranking = Ranking::new(search);
    let mut all: Vec<(Timestamp, Score)> =
        search.grid().candidates(starts).map(|candidate| (candidate.start, ranking.score(candidate))).collect();
    *total = all.len();
    all.sort_unstable_by(|(a, good), (b, better)| better.mean.total_cmp(&good.mean).then(a.cmp(b)));
    all.into_iter().take(search.query.limit).map(|(start, score)| (start, Some(score))).collect()
}

fn slots(search: &Search, chosen: Vec<Chosen>) -> Vec<Slot> {
    let query = search.query;
    let named = distinct(query.optional.iter().chain(query.groups.iter().flat_map(|g| &g.people)).copied());
    let whoever = Presence::new(search, &named, &chosen);
    let slot = |(index, (start, score)): (usize, Chosen)| {
        let (available, unavailable) = whoever.at(index);
        Some(Slot { period: slot_at(start, search.duration())?, available, unavailable, score })
    };
    chosen.iter().copied().enumerate().filter_map(slot).collect()
}

/// Who of some people is free at each of the chosen slots.
struct Presence<'a> {
    people: &'a [UserId],
    /// Slot by slot, person by person.
    free: Vec<bool>,
}

impl<'a> Presence<'a> {
    fn new(search: &Search, people: &'a [UserId], chosen: &[Chosen]) -> Self {
        let mut free = vec![false; people.len() * chosen.len()];
        let mut by_time: Vec<usize> = (0..chosen.len()).collect();
        by_time.sort_unstable_by_key(|index| chosen[*index].0);
        for (column, id) in people.iter().enumerate() {
            let mut cursor = Cursor::new(Cow::Owned(search.own_starts(*id)));
            for index in &by_time {
                free[index * people.len() + column] = cursor.find(chosen[*index].0).is_some();
            }
        }
        Self { people, free }
    }

    fn at(&self, slot: usize) -> (Vec<UserId>, Vec<UserId>) {
        let row = &self.free[slot * self.people.len()..][..self.people.len()];
        let who = |wanted: bool| {
            let picked = self.people.iter().zip(row).filter(move |(_, free)| **free == wanted);
            picked.map(|(id, _)| *id).collect()
        };
        (who(true), who(false))
    }
}
