//! Rules made to hurt: each is answered, or refused, within a bounded time.

use std::time::{Duration, Instant};

use convene::limits::Limits;
use convene::recurrence::{ExpandError, Occurrence, Override, Rdate, Rule, Span};
use convene::time::{Period, SignedDuration, Timestamp, Zone};

use super::{period, set};

/// A second of CPU is the bound of a release build on a free core; this is for a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

fn list(to: usize) -> String {
    (0..to).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

#[track_caller]
fn expanded(start: &str, rule: &str, window: Period) -> Result<Vec<Occurrence>, ExpandError> {
    let began = Instant::now();
    let mut set = set(start, &[rule]);
    let result = set.resolve(&Limits::default()).and_then(|()| set.expand(&Zone::utc(), window, &Limits::default()));

    assert!(began.elapsed() < PATIENCE, "{rule} took {:?}", began.elapsed());
    result
}

#[track_caller]
fn check(start: &str, rule: &str, seconds: i64, expected: usize) {
    let found = expanded(start, rule, period(NOW, NOW + seconds)).unwrap();
    assert_eq!(found.len(), expected, "{rule}");
}

#[track_caller]
fn refused(start: &str, rule: &str, seconds: i64, expected: &str) {
    let error = expanded(start, rule, period(NOW, NOW + seconds)).unwrap_err().to_string();
    assert!(error.contains(expected), "{rule}: {error}");
}

const YEAR: i64 = 366 * 86_400;

#[test]
fn a_product_of_all_times_costs_what_the_window_holds() {
    let every_second =
        format!("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR={};BYMINUTE={};BYSECOND={}", list(24), list(60), list(60));
    let short = super::set("UTC:20000101T000000", &[&every_second]);
    let short = convene::recurrence::RecurrenceSet { span: Span::ZERO, ..short };
    let found = short.expand(&Zone::utc(), period(NOW + 10, NOW + 20), &Limits::default()).unwrap();
    assert_eq!(found.len(), 10);
    refused("UTC:20000101T000000", &every_second, 86_400, "more than 10000 occurrences");
    refused("UTC:20000101T000000", &every_second, 300 * 86_400, "more than 10000 occurrences");
    let last = format!("{every_second};BYSETPOS=-1");
    check("UTC:20000101T000000", &last, 300 * 86_400, 1);
    let daily = format!("FREQ=DAILY;BYHOUR={};BYMINUTE={};BYSECOND={}", list(24), list(60), list(60));
    refused("UTC:20000101T000000", &daily, YEAR, "steps");
    refused("UTC:20000101T000000", &format!("FREQ=HOURLY;BYMINUTE={};BYSECOND={}", list(60), list(60)), YEAR, "steps");
}

#[test]
fn a_rule_of_every_second_is_as_old_as_it_likes() {
    let mut every = set("UTC:20160101T000000", &["FREQ=SECONDLY"]);
    every.span = Span::ZERO;
    let found = every.expand(&Zone::utc(), period(NOW, NOW + 60), &Limits::default()).unwrap();
    assert_eq!(found.len(), 60);
    refused("UTC:20160101T000000", "FREQ=SECONDLY", 10 * YEAR, "steps");
    refused("UTC:20160101T000000", "FREQ=SECONDLY", 86_400 / 2, "more than 10000 occurrences");
    check("UTC:20160101T000000", "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=0;BYSECOND=0", YEAR, 366);
    check("UTC:20160101T000000", "FREQ=MINUTELY;BYDAY=TU;BYHOUR=3;BYMINUTE=0", YEAR, 52);
}

#[test]
fn a_rule_that_never_yields_is_its_start() {
    for frequency in ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "MONTHLY", "YEARLY"] {
        let rule = format!("FREQ={frequency};BYMONTH=2;BYMONTHDAY=30");
        check("UTC:20260101T000000", &rule, 10 * YEAR, 1);
        check("UTC:20260101T000000", &format!("{rule};COUNT=5"), 10 * YEAR, 1);
        check("UTC:20000101T000000", &rule, YEAR, 0);
    }
    check("UTC:20260105T000000", "FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=3", YEAR, 1);
    check("UTC:20260105T000000", "FREQ=HOURLY;INTERVAL=24;BYHOUR=5;COUNT=3", YEAR, 1);
    check("UTC:20260105T000000", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300", YEAR, 1);
    refused("UTC:20260105T000000", "FREQ=MINUTELY;INTERVAL=60;BYMINUTE=5;COUNT=3", YEAR, "use UNTIL instead of COUNT");
}

#[test]
fn the_longest_lists_cost_little_each() {
    let signed = |to: i32| (1..=to).flat_map(|n| [n.to_string(), (-n).to_string()]).collect::<Vec<_>>().join(",");
    let days: Vec<String> = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .flat_map(|day| (1..=53).flat_map(move |n| [format!("{n}{day}"), format!("-{n}{day}")]))
        .collect();
    let days = format!("FREQ=YEARLY;BYDAY={}", days.join(","));
    check("UTC:20260101T000000", &days, YEAR, 366);
    check("UTC:20260101T000000", &format!("{days};COUNT=2900000"), YEAR, 366);
    check("UTC:20260101T000000", &format!("FREQ=YEARLY;BYYEARDAY={};COUNT=2900000", signed(366)), YEAR, 366);
    let weeks = format!("FREQ=YEARLY;BYWEEKNO={};BYDAY=MO;COUNT=2900000", signed(53));
    check("UTC:20260105T000000", &weeks, YEAR, 52);
    let beyond: Vec<String> = (2..=366).map(|n| n.to_string()).collect();
    let never = format!("FREQ=HOURLY;BYMINUTE=0;BYSETPOS={};COUNT=3", beyond.join(","));
    refused("UTC:20260101T000000", &never, YEAR, "use UNTIL instead of COUNT");
}

#[test]
fn numbers_at_their_ends() {
    check("UTC:20260101T000000", "FREQ=SECONDLY;INTERVAL=4294967295", YEAR, 1);
    for frequency in ["MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"] {
        check("UTC:20260101T000000", &format!("FREQ={frequency};INTERVAL=4294967295"), YEAR, 1);
        check("UTC:20260101T000000", &format!("FREQ={frequency};INTERVAL=4294967295;COUNT=4294967295"), YEAR, 1);
    }
    refused("UTC:20260101T000000", "FREQ=SECONDLY;BYDAY=MO;COUNT=4294967295", YEAR, "use UNTIL instead of COUNT");
    // The calendar ends before the count does.
    check("UTC:20260101T000000", "FREQ=MONTHLY;COUNT=4294967295", YEAR, 13);
    let end = Period::new("9999-01-01T00:00:00Z".parse().unwrap(), Timestamp::MAX).unwrap();
    assert_eq!(expanded("UTC:20260101T000000", "FREQ=DAILY", end).unwrap().len(), 364);
    assert_eq!(expanded("99991231T235959", "FREQ=DAILY", end).unwrap().len(), 0);
    let everything = Period::new(Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(expanded("Europe/Berlin:99991230T000000", "FREQ=YEARLY", everything).unwrap().len(), 1);
    assert_eq!(expanded("00000101", "FREQ=YEARLY", everything).unwrap().len(), 10_000);
    assert!(expanded("00000101", "FREQ=DAILY", everything).is_err());
    let mut long = set("UTC:20200101T000000", &["FREQ=YEARLY"]);
    for span in
        [Span::days(i64::MAX), Span::seconds(i64::MAX), Span { days: i64::MAX, seconds: i64::MAX, wall: i64::MAX }]
    {
        long.span = span;
        assert_eq!(long.expand(&Zone::utc(), period(NOW, NOW + 1), &Limits::default()).unwrap().len(), 7);
        assert_eq!(long.bounds().last_end, None);
    }
    long.span = Span { days: i64::MIN, seconds: i64::MIN, wall: i64::MIN };
    assert_eq!(long.expand(&Zone::utc(), period(NOW, NOW + 1), &Limits::default()).unwrap().len(), 1);
}

#[test]
fn many_values_are_bounded_together() {
    let limits = Limits::default();
    let mut many = set("UTC:20200101T000000", &["FREQ=DAILY"]);
    many.rules = vec![many.rules[0].clone(); limits.recurrence_values + 1];
    assert!(matches!(many.resolve(&limits), Err(ExpandError::TooManyValues { .. })));
    let secondly: Rule = "FREQ=SECONDLY;BYDAY=MO;COUNT=1000000".parse().unwrap();
    many.rules = vec![secondly; limits.recurrence_values];
    let began = Instant::now();
    assert!(matches!(many.resolve(&limits), Err(ExpandError::CountOutOfReach { .. })));
    assert!(many.expand(&Zone::utc(), period(NOW, NOW + 1), &limits).is_err());
    let daily: Rule = "FREQ=DAILY".parse().unwrap();
    many.rules = vec![daily; limits.recurrence_values];
    many.last_starts.clear();
    assert_eq!(many.expand(&Zone::utc(), period(NOW, NOW + 86_400), &limits).unwrap().len(), 1);
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn a_crowd_of_overrides_and_exceptions_is_bounded() {
    let began = Instant::now();
    let mut crowd = set("UTC:20200101T000000", &["FREQ=HOURLY"]);
    let first = crowd.start.instant(&Zone::utc());
    for hour in 0..10_000 {
        let at = convene::time::DateOrTime::utc(first + SignedDuration::from_hours(hour));
        crowd.overrides.push(Override {
            recurrence_id: at.clone(),
            following: true,
            start: at.clone(),
            span: Span::seconds(60),
        });
        crowd.exdates.push(at.clone());
        crowd.rdates.push(Rdate::At(at));
    }
    let window = Period::new(first, first + SignedDuration::from_hours(24)).unwrap();
    let refused = crowd.expand(&Zone::utc(), window, &Limits::default());
    assert!(matches!(refused, Err(ExpandError::TooMuchWork { .. })));
    crowd.exdates.clear();
    crowd.rdates.clear();
    assert_eq!(crowd.expand(&Zone::utc(), window, &Limits::default()).unwrap().len(), 24);
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn rules_from_many_years_ago_cost_no_more() {
    for rule in [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,FR",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTHDAY=29",
        "FREQ=MINUTELY;INTERVAL=7",
    ] {
        let limits = Limits { recurrence_work: 3_000, ..Limits::default() };
        let old = set("Europe/Berlin:00010101T000000", &[rule]);
        old.expand(&Zone::utc(), period(NOW, NOW + 7 * 86_400), &limits).unwrap();
    }
}
