use std::collections::BTreeSet;

use convene::time::{Period, PeriodSet, SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn algebra_is_that_of_sets_of_instants(a in periods(), b in periods()) {
        let (x, y) = (set(&a), set(&b));
        let (p, q) = (instants(&a), instants(&b));
        for found in [&x, &y, &(&x | &y), &(&x & &y), &(&x - &y)] {
            prop_assert!(found.as_slice().windows(2).all(|pair| pair[0].end() < pair[1].start()), "{:?}", found);
        }
        prop_assert_eq!(seconds(&x), p.clone());
        prop_assert_eq!(seconds(&(&x | &y)), &p | &q);
        prop_assert_eq!(seconds(&(&x & &y)), &p & &q);
        prop_assert_eq!(seconds(&(&x - &y)), &p - &q);
    }

    #[test]
    fn questions_about_a_period_are_those_about_its_instants(a in periods(), start in 0..SPAN, length in 1..40_i64) {
        let (x, p) = (set(&a), instants(&a));
        let asked: BTreeSet<i64> = (start..start + length).collect();
        let window = period(&(start, length));
        prop_assert_eq!(x.encloses(window), asked.is_subset(&p));
        prop_assert_eq!(x.overlaps(window), !asked.is_disjoint(&p));
        prop_assert_eq!(seconds(&x.clipped(window)), &asked & &p);
        prop_assert_eq!(x.clipped(window), &x & &PeriodSet::from(window));
    }

    #[test]
    fn laws(a in periods(), b in periods(), c in periods()) {
        let (a, b, c) = (set(&a), set(&b), set(&c));
        prop_assert_eq!(&a | &b, &b | &a);
        prop_assert_eq!(&a & &b, &b & &a);
        prop_assert_eq!(&(&a & &b) & &c, &a & &(&b & &c));
        prop_assert_eq!(&a & &(&b | &c), &(&a & &b) | &(&a & &c));
        prop_assert_eq!(&(&a - &b) - &c, &a - &(&b | &c));
        prop_assert_eq!(&(&a - &b) & &b, PeriodSet::EMPTY);
        prop_assert_eq!(&(&a - &b) | &(&a & &b), a.clone());
        prop_assert_eq!(a.iter().rev().collect::<PeriodSet>(), a);
    }
}

#[test]
fn a_period_is_never_empty() {
    let at = |second| Timestamp::from_second(second).unwrap();
    assert!(Period::new(at(1), at(1)).is_err());
    assert!(Period::new(at(2), at(1)).is_err());
    assert!(Period::new(at(1), at(2)).is_ok());
}

#[test]
fn touching_periods_share_no_time_and_become_one() {
    let (a, b) = (period(&(0, 10)), period(&(10, 5)));
    assert!(!a.overlaps(b) && !b.overlaps(a));
    assert_eq!(a.intersection(b), None);
    assert_eq!([b, a].into_iter().collect::<PeriodSet>().as_slice(), [period(&(0, 15))]);
    assert_eq!(&PeriodSet::from(a) | &PeriodSet::from(b), PeriodSet::from(period(&(0, 15))));
    assert_eq!(&PeriodSet::from(a) - &PeriodSet::from(b), PeriodSet::from(a));
}

#[test]
fn widening_stops_at_the_ends_of_time() {
    let all = Period::new(Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(all.widened(SignedDuration::from_secs(5), SignedDuration::MAX), all);
    let minute = period(&(60, 60));
    let wider = minute.widened(SignedDuration::from_secs(1), SignedDuration::from_secs(2));
    assert_eq!((wider.start().as_second(), wider.end().as_second()), (59, 122));
}

const SPAN: i64 = 200;

/// Many short ones, a few long ones, some that touch.
fn periods() -> impl Strategy<Value = Vec<(i64, i64)>> {
    vec((0..SPAN, prop_oneof![4 => 1..4_i64, 1 => 1..60_i64]), 0..40)
}

fn period((start, length): &(i64, i64)) -> Period {
    let at = |second| Timestamp::from_second(second).unwrap();
    Period::new(at(*start), at(start + length)).unwrap()
}

fn set(periods: &[(i64, i64)]) -> PeriodSet {
    periods.iter().map(period).collect()
}

fn instants(periods: &[(i64, i64)]) -> BTreeSet<i64> {
    periods.iter().flat_map(|(start, length)| *start..start + length).collect()
}

fn seconds(set: &PeriodSet) -> BTreeSet<i64> {
    set.iter().flat_map(|p| p.start().as_second()..p.end().as_second()).collect()
}
