//! Random questions around changes of clocks, and a builder for written ones.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use convene::ids::UserId;
use convene::slots::{Align, Group, Order, Person, Query, Tentative};
use convene::time::{Days, Period, PeriodSet, SignedDuration, Time, Timestamp, WorkingHours, Zone};
use proptest::collection::vec;
use proptest::prelude::*;

/// Zones, each with an instant near which something happens to its clocks (or nothing, in UTC and Kathmandu).
pub const MOMENTS: &[(&str, &str)] = &[
    ("UTC", "2026-01-05T00:00:00Z"),
    ("Asia/Kathmandu", "2026-07-15T00:00:00Z"),
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Africa/Casablanca", "2026-03-22T02:00:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
    ("Antarctica/Troll", "2026-10-25T01:00:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00:00Z"),
    ("Africa/Cairo", "2026-10-29T21:00:00Z"),
    ("America/Havana", "2026-03-08T05:00:00Z"),
    ("America/Havana", "2025-11-02T05:00:00Z"),
];

/// Wall-clock hours: offices, night shifts, whole days, odd ones, ones that begin or end inside a change of clocks.
const HOURS: &[(i8, i8, i8, i8)] = &[
    (9, 0, 17, 0),
    (9, 0, 17, 0),
    (8, 30, 16, 45),
    (22, 0, 6, 0),
    (0, 0, 0, 0),
    (0, 0, 0, 0),
    (2, 30, 10, 0),
    (18, 0, 2, 30),
    (13, 0, 13, 0),
    (0, 30, 23, 59),
    (0, 0, 12, 0),
    (2, 15, 2, 45),
];

const STEPS: &[u32] = &[1, 5, 7, 15, 30, 30, 45, 60, 100, 720, 1440];

/// A question with everything in it that a question can have.
pub fn any_question() -> impl Strategy<Value = Query> {
    (question(0..4, 1..150), any::<bool>()).prop_map(|(query, score)| {
        let order = if score { Order::Score } else { Order::Time };
        Query { order, ..query }
    })
}

/// A question that tends to have few slots or none.
pub fn hard_question() -> impl Strategy<Value = Query> {
    (question(3..9, 60..500), 0..4_i64).prop_map(|(query, days)| {
        let end = query.windows.iter().map(|w| w.end()).max().unwrap();
        let known_until = (days > 0).then(|| end + SignedDuration::from_hours(24 * days));
        let groups = query.groups.into_iter().take(1).collect();
        Query { known_until, groups, explain: true, ..query }
    })
}

fn question(events: std::ops::Range<usize>, duration: std::ops::Range<u32>) -> impl Strategy<Value = Query> {
    let moment = (prop::sample::select(MOMENTS), -36 * 60..24 * 60_i64);
    let shape = (duration, prop::sample::select(STEPS), any::<bool>(), any::<bool>(), 0..60_i64);
    let buffers = (prop_oneof![Just(0), 0..50_u32], prop_oneof![Just(0), 0..50_u32]);
    let windows = vec((-300..1500_i64, 10..2500_i64), 1..4);
    let people = vec(person(events), 1..6);
    let roles = (1..4_usize, 0..3_usize, vec((vec(0..6_usize, 1..5), 0..4_usize), 0..3));
    (moment, shape, buffers, windows, people, roles).prop_map(|(moment, shape, buffers, windows, people, roles)| {
        let ((zone, change), shift) = moment;
        let (duration, step, free, tentative_free, second) = shape;
        let origin = at(change) + minutes(shift);
        // Stretches that begin at odd seconds are for the grid that starts on whole minutes; the other would follow them.
        let second = SignedDuration::from_secs(if free || windows.len() > 1 { 0 } else { second });
        let period = |(start, length): (i64, i64)| {
            let start = origin + minutes(start) + second;
            Period::new(start, start + minutes(length)).unwrap()
        };
        let count = people.len();
        let people = people.into_iter().enumerate().map(|(index, raw)| {
            let set =
                |events: &[(i64, i64)]| Arc::new(events.iter().map(|event| period(*event)).collect::<PeriodSet>());
            let name = if index == 0 { zone } else { raw.zone };
            let working = raw.hours.map(|hours| working(hours, raw.days, name));
            (UserId(index as i64), Person { working, busy: set(&raw.busy), tentative: set(&raw.tentative) })
        });
        let id = |index: usize| UserId((index % count) as i64);
        let (required, optional, groups) = roles;
        Query {
            windows: windows.iter().map(|window| period(*window)).collect(),
            duration_minutes: NonZeroU32::new(duration).unwrap(),
            step_minutes: NonZeroU32::new(step).unwrap(),
            align: if free { Align::Free } else { Align::Clock },
            zone: Zone::iana(zone).unwrap(),
            people: people.collect(),
            required: (0..required).map(id).collect(),
            optional: (0..optional).map(|index| id(index + 2)).collect(),
            groups: groups
                .into_iter()
                .map(|(people, need)| Group { people: people.into_iter().map(id).collect(), need })
                .collect(),
            buffer_before_minutes: buffers.0,
            buffer_after_minutes: buffers.1,
            tentative: if tentative_free { Tentative::Free } else { Tentative::Busy },
            ..plain(0)
        }
    })
}

#[derive(Clone, Debug)]
struct RawPerson {
    zone: &'static str,
    hours: Option<(i8, i8, i8, i8)>,
    days: u8,
    busy: Vec<(i64, i64)>,
    tentative: Vec<(i64, i64)>,
}

fn person(events: std::ops::Range<usize>) -> impl Strategy<Value = RawPerson> {
    let event = (-400..4000_i64, prop_oneof![1..90_i64, 1..700_i64]);
    let hours = prop::option::weighted(0.8, prop::sample::select(HOURS));
    let days = prop_oneof![4 => Just(127_u8), 1 => 0..128_u8];
    (prop::sample::select(MOMENTS), hours, days, vec(event.clone(), events), vec(event, 0..2))
        .prop_map(|((zone, _), hours, days, busy, tentative)| RawPerson { zone, hours, days, busy, tentative })
}

/// A question in UTC about people 1 to `people`, who work from 9 to 17 on all days and have no events: 60 minutes, every
/// 30, from 2025-12-29 for 7 days.
pub fn plain(people: i64) -> Query {
    let working = Some(working((9, 0, 17, 0), 127, "UTC"));
    let person = Person { working, ..Person::default() };
    let people: BTreeMap<UserId, Person> = (1..=people).map(|id| (UserId(id), person.clone())).collect();
    Query {
        windows: vec![span("2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")],
        duration_minutes: NonZeroU32::new(60).unwrap(),
        step_minutes: NonZeroU32::new(30).unwrap(),
        align: Align::Clock,
        zone: Zone::utc(),
        required: people.keys().copied().collect(),
        people,
        optional: Vec::new(),
        groups: Vec::new(),
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        tentative: Tentative::Busy,
        order: Order::Time,
        limit: usize::MAX,
        explain: false,
        known_until: None,
    }
}

pub fn working((h, m, until_h, until_m): (i8, i8, i8, i8), days: u8, zone: &str) -> WorkingHours {
    let time = |h, m| Time::new(h, m, 0, 0).unwrap();
    WorkingHours {
        start: time(h, m),
        end: time(until_h, until_m),
        days: Days::from_bits(days),
        zone: Zone::iana(zone).unwrap(),
    }
}

pub fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

pub fn span(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end)).unwrap()
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}
