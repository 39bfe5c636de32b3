//! The same question answered by looking at every half minute of every person. It shares the question's type with `slots`,
//! and no code: zones are jiff's own, days are walked one by one, a set of people is counted by counting them.

use std::collections::BTreeSet;

use convene::ids::UserId;
use convene::slots::{Align, Order, Party, Person, Query, Tentative, find_slots};
use convene::time::{Timestamp, WorkingHours};
use jiff::ToSpan;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;

use super::questions::any_question;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn find_slots_equals_a_minute_by_minute_oracle(query in any_question()) {
        let oracle = Oracle::new(&query);
        let answer = find_slots(&query);
        let mut starts: Vec<Timestamp> = answer.slots.iter().map(|slot| slot.period.start()).collect();
        starts.sort();
        prop_assert_eq!(&starts, &oracle.starts());
        prop_assert_eq!(answer.total, starts.len());
        let strict = Query { tentative: Tentative::Busy, ..query.clone() };
        let strict = Oracle::new(&strict);
        for slot in &answer.slots {
            let tick = oracle.tick_of(slot.period.start());
            let named: BTreeSet<UserId> = query.optional.iter().chain(query.groups.iter().flat_map(|g| &g.people)).copied().collect();
            let (free, taken): (Vec<UserId>, Vec<UserId>) = named.iter().partition(|id| oracle.can(**id, tick));
            prop_assert_eq!((&slot.available, &slot.unavailable), (&free, &taken));
            if let Some(score) = slot.score {
                prop_assert_eq!(score.parts.tentative == 1.0, strict.all_can(tick));
                let optional: BTreeSet<UserId> = query.optional.iter().copied().collect();
                let came = optional.iter().filter(|id| oracle.can(**id, tick)).count();
                let share = if optional.is_empty() { 1.0 } else { came as f64 / optional.len() as f64 };
                prop_assert!((score.parts.optional - share).abs() < 0.0001);
            }
        }
        prop_assert!(answer.slots.iter().all(|slot| slot.score.is_some() == (query.order == Order::Score)));
    }
}

const TICK: i64 = 30;

pub struct Oracle<'q> {
    query: &'q Query,
    first: i64,
    ticks: usize,
    /// Up to each tick, how many ticks were outside all windows.
    outside: Vec<u32>,
    people: Vec<(UserId, Sums)>,
}

/// Up to each tick, how many ticks were not worked, and how many had an event.
struct Sums {
    idle: Vec<u32>,
    taken: Vec<u32>,
}

impl<'q> Oracle<'q> {
    pub fn new(query: &'q Query) -> Self {
        // Room for the buffers.
        let margin = 3600;
        let first = query.windows.iter().map(|w| w.start().as_second()).min().unwrap().div_euclid(60) * 60 - margin;
        let last = query.windows.iter().map(|w| w.end().as_second()).max().unwrap() + margin;
        let ticks = ((last - first) / TICK) as usize;
        let windows: Vec<_> = query.windows.iter().map(|w| (w.start().as_second(), w.end().as_second())).collect();
        let outside = sums(first, ticks, |from, to| !windows.iter().any(|w| w.0 <= from && to <= w.1));
        let people = query.people.iter().map(|(id, person)| {
            let worked = person.working.as_ref().map(|hours| worked(hours, first, last));
            let events = events(person, query.tentative);
            let idle = sums(first, ticks, |from, to| {
                worked.as_ref().is_some_and(|periods| !periods.iter().any(|p| p.0 <= from && to <= p.1))
            });
            let taken = sums(first, ticks, |from, to| events.iter().any(|e| e.0 < to && from < e.1));
            (*id, Sums { idle, taken })
        });
        Self { query, first, ticks, outside, people: people.collect() }
    }

    pub fn starts(&self) -> Vec<Timestamp> {
        self.starts_where(|tick| self.all_can(tick))
    }

    /// All candidate starts, whoever may be free.
    pub fn candidates(&self) -> Vec<Timestamp> {
        self.starts_where(|tick| self.in_window(tick))
    }

    pub fn all_can(&self, tick: usize) -> bool {
        self.in_window(tick)
            && self.query.required.iter().all(|id| self.can(*id, tick))
            && (0..self.query.groups.len()).all(|group| self.party_can(Party::Group(group), tick))
    }

    pub fn party_can(&self, party: Party, tick: usize) -> bool {
        match party {
            Party::Person(id) => self.can(id, tick),
            Party::Group(index) => {
                let group = &self.query.groups[index];
                let people: BTreeSet<UserId> = group.people.iter().copied().collect();
                people.iter().filter(|id| self.can(**id, tick)).count() >= group.need
            }
        }
    }

    pub fn can(&self, id: UserId, tick: usize) -> bool {
        let sums = &self.people.iter().find(|(known, _)| *known == id).unwrap().1;
        let before = self.query.buffer_before_minutes as usize * 60 / TICK as usize;
        let after = self.query.buffer_after_minutes as usize * 60 / TICK as usize;
        let end = tick + self.length();
        none(&sums.idle, tick, end) && none(&sums.taken, tick - before, end + after)
    }

    pub fn tick_of(&self, start: Timestamp) -> usize {
        ((start.as_second() - self.first) / TICK) as usize
    }

    fn starts_where(&self, possible: impl Fn(usize) -> bool) -> Vec<Timestamp> {
        let tz = tz(self.query.zone.name());
        let step = i64::from(self.query.step_minutes.get());
        let mut found = Vec::new();
        let mut since = None;
        for tick in 0..self.ticks.saturating_sub(self.length()) {
            if !possible(tick) {
                since = None;
                continue;
            }
            let begun = *since.get_or_insert(tick);
            let start = Timestamp::from_second(self.first + tick as i64 * TICK).unwrap();
            let wanted = match self.query.align {
                Align::Free => ((tick - begun) as i64 * TICK) % (step * 60) == 0,
                Align::Clock => {
                    let local = tz.to_datetime(start);
                    local.second() == 0 && (i64::from(local.hour()) * 60 + i64::from(local.minute())) % step == 0
                }
            };
            if wanted {
                found.push(start);
            }
        }
        found
    }

    fn in_window(&self, tick: usize) -> bool {
        none(&self.outside, tick, tick + self.length())
    }

    fn length(&self) -> usize {
        self.query.duration_minutes.get() as usize * 60 / TICK as usize
    }
}

/// The worked periods, in seconds; all begin and end on whole minutes, so that no tick lies across two.
fn worked(hours: &WorkingHours, first: i64, last: i64) -> Vec<(i64, i64)> {
    let tz = tz(hours.zone.name());
    let second =
        |local: jiff::civil::DateTime| tz.to_ambiguous_zoned(local).compatible().unwrap().timestamp().as_second();
    let mut day = tz.to_datetime(Timestamp::from_second(first).unwrap()).date() - 3.days();
    let until = tz.to_datetime(Timestamp::from_second(last).unwrap()).date() + 2.days();
    let mut periods = Vec::new();
    while day <= until {
        let exists = tz.to_datetime(Timestamp::from_second(second(day.at(0, 0, 0, 0))).unwrap()).date() == day;
        let end_day = if hours.end <= hours.start { day.tomorrow().unwrap() } else { day };
        if exists && hours.days.contains(day.weekday()) {
            periods.push((second(day.to_datetime(hours.start)), second(end_day.to_datetime(hours.end))));
        }
        day = day.tomorrow().unwrap();
    }
    periods
}

fn events(person: &Person, tentative: Tentative) -> Vec<(i64, i64)> {
    let counted = person.tentative.iter().filter(|_| tentative == Tentative::Busy);
    person.busy.iter().chain(counted).map(|p| (p.start().as_second(), p.end().as_second())).collect()
}

fn sums(first: i64, ticks: usize, bad: impl Fn(i64, i64) -> bool) -> Vec<u32> {
    let mut sums = vec![0];
    for tick in 0..ticks as i64 {
        let from = first + tick * TICK;
        sums.push(sums[tick as usize] + u32::from(bad(from, from + TICK)));
    }
    sums
}

fn none(sums: &[u32], from: usize, to: usize) -> bool {
    sums[from] == sums[to]
}

fn tz(name: &str) -> TimeZone {
    static BUNDLED: std::sync::LazyLock<TimeZoneDatabase> = std::sync::LazyLock::new(TimeZoneDatabase::bundled);
    BUNDLED.get(name).unwrap()
}
