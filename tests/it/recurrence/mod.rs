//! Recurrence sets against independent programs, the RFC's examples, and their own laws.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hostile;
mod laws;
mod random;
mod tables;
pub mod vectors;

use convene::limits::Limits;
use convene::recurrence::{RecurrenceSet, Span};
use convene::time::{DateOrTime, Period, Timestamp, Zone};

/// A set of a start, a length of an hour and the given rules.
fn set(start: &str, rules: &[&str]) -> RecurrenceSet {
    let start: DateOrTime = start.parse().unwrap();
    let span = if start.is_date() { Span::days(1) } else { Span::seconds(3600) };
    RecurrenceSet {
        rules: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
        ..RecurrenceSet::single(start, span)
    }
}

fn period(start: i64, end: i64) -> Period {
    Period::new(Timestamp::from_second(start).unwrap(), Timestamp::from_second(end).unwrap()).unwrap()
}

/// The starts of all occurrences in a window, in epoch seconds.
fn starts(set: &RecurrenceSet, window: Period) -> Vec<i64> {
    let occurrences = set.expand(&Zone::utc(), window, &Limits::default()).unwrap();
    occurrences.iter().map(|occurrence| occurrence.starts_at.as_second()).collect()
}
