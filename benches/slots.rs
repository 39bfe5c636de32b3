//! The pure core of a search, busy time being at hand: U people in 8 zones, each with 200 single events in the year, two
//! daily and 18 weekly series laid out over the window; 60 minutes, every 30, respecting working hours.

#![allow(clippy::expect_used)]

use std::num::NonZeroU32;
use std::sync::Arc;

use convene::ids::UserId;
use convene::slots::{Align, Order, Person, Query, Tentative, find_slots};
use convene::time::{Date, Days, Period, PeriodSet, SignedDuration, Time, Timestamp, WorkingHours, Zone};
use divan::Bencher;

const JOBS: [(u64, i64); 4] = [(10, 7), (50, 90), (100, 7), (500, 366)];

fn main() {
    divan::main();
}

#[divan::bench(args = JOBS)]
fn by_time(bencher: Bencher, (people, days): (u64, i64)) {
    let query = job(people, days, Diary::Light);
    bencher.bench(|| find_slots(divan::black_box(&query)));
}

#[divan::bench(args = JOBS)]
fn by_score(bencher: Bencher, (people, days): (u64, i64)) {
    let query = Query { order: Order::Score, ..job(people, days, Diary::Light) };
    bencher.bench(|| find_slots(divan::black_box(&query)));
}

#[divan::bench(args = JOBS)]
fn with_buffers(bencher: Bencher, (people, days): (u64, i64)) {
    let job = job(people, days, Diary::Light);
    let query = Query { buffer_before_minutes: 10, buffer_after_minutes: 10, ..job };
    bencher.bench(|| find_slots(divan::black_box(&query)));
}

#[divan::bench(args = JOBS)]
fn explained(bencher: Bencher, (people, days): (u64, i64)) {
    let query = Query { explain: true, ..job(people, days, Diary::Light) };
    bencher.bench(|| find_slots(divan::black_box(&query)));
}

/// Everybody's events lie anywhere in the working day: nothing is found, and the answer says why.
#[divan::bench(args = JOBS)]
fn nothing_found(bencher: Bencher, (people, days): (u64, i64)) {
    let query = job(people, days, Diary::Full);
    bencher.bench(|| find_slots(divan::black_box(&query)));
}

/// Where events lie: mostly outside the hours that all zones share, or all over the day.
#[derive(Clone, Copy, PartialEq)]
enum Diary {
    Light,
    Full,
}

const ZONES: [&str; 8] = [
    "Europe/Lisbon",
    "Europe/London",
    "Africa/Casablanca",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Athens",
    "Africa/Cairo",
    "Europe/Helsinki",
];

fn job(people: u64, days: i64, diary: Diary) -> Query {
    let start = Zone::utc().resolve(Date::constant(2026, 1, 5).at(0, 0, 0, 0));
    let window = Period::new(start, start + hours(24 * days)).expect("days are positive");
    let ids: Vec<UserId> = (1..=people.cast_signed()).map(UserId).collect();
    let mut random = Random(1);
    Query {
        windows: vec![window],
        duration_minutes: NonZeroU32::MIN.saturating_add(59),
        step_minutes: NonZeroU32::MIN.saturating_add(29),
        align: Align::Clock,
        zone: Zone::utc(),
        people: ids.iter().map(|id| (*id, person(*id, window, diary, &mut random))).collect(),
        required: ids,
        optional: Vec::new(),
        groups: Vec::new(),
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        tentative: Tentative::Busy,
        order: Order::Time,
        limit: 1000,
        explain: false,
        known_until: None,
    }
}

fn person(id: UserId, window: Period, diary: Diary, random: &mut Random) -> Person {
    let time = |hour| Time::constant(hour, 0, 0, 0);
    let zone = Zone::iana(ZONES[id.0.unsigned_abs() as usize % ZONES.len()]).expect("a zone of the database");
    let working = WorkingHours { start: time(9), end: time(17), days: Days::ALL, zone };
    let mut busy = Vec::new();
    for _ in 0..200 {
        busy.push(event(window.start() + hours(24 * random.below(365)), diary, random));
    }
    for series in 0..20 {
        let every = if series < 2 { 1 } else { 7 };
        let first = event(window.start() + hours(24 * random.below(every)), diary, random);
        let days = window.duration().as_hours() / 24;
        busy.extend((0..days / every).map(|n| moved(first, hours(24 * every * n))));
    }
    let busy: PeriodSet = busy.into_iter().collect();
    Person { working: Some(working), busy: Arc::new(busy), tentative: Arc::default() }
}

/// Between 6 and 18 UTC, half an hour to an hour and a half; a light diary leaves 11 to 13 alone.
fn event(day: Timestamp, diary: Diary, random: &mut Random) -> Period {
    let half_hours = match diary {
        Diary::Full => 12 + random.below(24),
        Diary::Light if random.below(2) == 0 => 12 + random.below(7),
        Diary::Light => 26 + random.below(10),
    };
    let start = day + SignedDuration::from_mins(30 * half_hours);
    Period::new(start, start + SignedDuration::from_mins(30 * (1 + random.below(3)))).expect("some minutes")
}

fn moved(period: Period, by: SignedDuration) -> Period {
    Period::new(period.start() + by, period.end() + by).expect("as long as before")
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// The same numbers at every run (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.unsigned_abs()).cast_signed()
    }
}
