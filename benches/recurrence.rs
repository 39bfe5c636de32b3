//! What it costs to find the occurrences of a series in one week: the same, however long ago it began.

#![allow(clippy::expect_used)]

use convene::limits::Limits;
use convene::recurrence::{RecurrenceSet, Span};
use convene::time::{Date, DateOrTime, Period, SignedDuration, Zone};
use divan::Bencher;

fn main() {
    divan::main();
}

const BEGINNINGS: [i16; 3] = [2026, 2001, 1];

#[divan::bench(args = BEGINNINGS)]
fn daily(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=DAILY");
}

#[divan::bench(args = BEGINNINGS)]
fn daily_until(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=DAILY;UNTIL=20301231T000000Z");
}

#[divan::bench(args = BEGINNINGS)]
fn daily_counted(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=DAILY;COUNT=1000000");
}

#[divan::bench(args = BEGINNINGS)]
fn workdays(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
}

#[divan::bench(args = BEGINNINGS)]
fn second_tuesday(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=MONTHLY;BYDAY=2TU");
}

#[divan::bench(args = BEGINNINGS)]
fn every_ten_minutes(bencher: Bencher, since: i16) {
    week(bencher, since, "FREQ=MINUTELY;INTERVAL=10");
}

/// The week that begins on 5 January 2026, of a series that began on the fourth of January of some year.
fn week(bencher: Bencher, since: i16, rule: &str) {
    let (zone, limits) = (Zone::iana("Europe/Berlin").expect("a zone of the database"), Limits::default());
    let start = DateOrTime::Zoned { local: Date::constant(since, 1, 4).at(9, 0, 0, 0), zone: zone.clone() };
    let rules = vec![rule.parse().expect("a rule")];
    let mut set = RecurrenceSet { rules, ..RecurrenceSet::single(start, Span::seconds(3600)) };
    set.resolve(&limits).expect("it can be counted out");
    let from = Zone::utc().resolve(Date::constant(2026, 1, 5).at(0, 0, 0, 0));
    let window = Period::new(from, from + SignedDuration::from_hours(7 * 24)).expect("a week");
    bencher.bench(|| set.expand(&zone, divan::black_box(window), &limits));
}
