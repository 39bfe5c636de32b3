#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ops::{ControlFlow, Range};

use proptest::prelude::*;

use super::super::rule::Rule;
use super::super::wall::{self, Day, END_OF_TIME, day_number};
use super::{Budget, clock, library, periods};

/// What the `rrule` crate and our own walk find.
fn both(rule: &Rule, start: i64, range: Range<i64>) -> Option<(Vec<i64>, Vec<i64>)> {
    if !library::knows(rule, start) {
        return None;
    }
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    let mut add = |wall| {
        theirs.push(wall);
        ControlFlow::Continue(())
    };
    let _ended =
        library::walk(rule, start, &range, &mut Budget::new(1_000_000), &mut add).expect("the crate takes it").unwrap();
    let mut add = |wall| {
        ours.push(wall);
        ControlFlow::Continue(())
    };
    let _ended = periods::walk(rule, start, range, &mut Budget::new(1_000_000), &mut add).unwrap();
    Some((theirs, ours))
}

fn rule_text() -> impl Strategy<Value = String> {
    let days = prop::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..4);
    let day_part = prop_oneof![
        3 => Just(String::new()),
        3 => days.prop_map(|days| format!(";BYDAY={}", days.join(","))),
        1 => (-4_i32..=4, "(MO|TH|SU)").prop_filter("a number", |(n, _)| *n != 0).prop_map(|(n, day)| format!(";BYDAY={n}{day}")),
        1 => (-4_i32..=4, "(MO|TH|SU)").prop_filter("a number", |(n, _)| *n != 0).prop_map(|(n, day)| format!(";BYDAY=WE,{n}{day}")),
        1 => (-28_i32..=28, 1..=28).prop_filter("a day", |(n, _)| *n != 0).prop_map(|(n, m)| format!(";BYMONTHDAY={n},{m}")),
    ];
    let others = prop_oneof![
        3 => Just(""), 1 => Just(";BYMONTH=2,11"), 1 => Just(";BYSETPOS=-1"), 1 => Just(";BYSETPOS=2,-3"),
        1 => Just(";BYHOUR=1,23;BYMINUTE=0,30"), 1 => Just(";WKST=SU"),
    ];
    ("(DAILY|WEEKLY|MONTHLY|YEARLY)", 1..6, day_part, others)
        .prop_map(|(frequency, interval, days, others)| format!("FREQ={frequency};INTERVAL={interval}{days}{others}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Two independent generators say the same of every rule that the crate is given, from any window on.
    #[test]
    fn the_crate_and_our_own_walk_agree(text in rule_text(), start in 0_i64..2_000_000_000, later in 0_i64..1_500_000_000, days in 1_i64..1500) {
        if let Ok(rule) = Rule::parse(&text) {
            let from = start + later;
            if let Some((theirs, ours)) = both(&rule, start, from.max(start)..from + days * wall::DAY) {
                prop_assert_eq!(theirs, ours);
            }
        }
    }
    /// In the years 0 to 9999 too, up to the last second of them.
    #[test]
    fn the_crate_holds_to_the_ends_of_the_calendar(text in rule_text(), start in -62_167_219_200_i64..END_OF_TIME, later in 0_i64..100_000_000_000) {
        if let Ok(rule) = Rule::parse(&text) {
            let from = (start + later).min(END_OF_TIME - 1);
            if let Some((theirs, ours)) = both(&rule, start, from..(from + 40 * 366 * wall::DAY).min(END_OF_TIME)) {
                prop_assert_eq!(theirs, ours);
            }
        }
    }
}

#[test]
fn days_and_numbers_agree_with_jiff() {
    for number in (-800_000..2_900_000).step_by(97) {
        let day = Day::from_number(number);
        assert_eq!(day_number(day.year, day.month, day.day), number);
        let local = wall::date_time(number * wall::DAY + 3_661);
        assert_eq!(wall::seconds(local), number * wall::DAY + 3_661);
        assert_eq!(i64::from(local.weekday().to_monday_zero_offset()), day.weekday());
        assert_eq!(i64::from(local.date().day_of_year()), day.of_year());
        let iso = local.date().iso_week_date();
        assert_eq!(i64::from(iso.week()), day.week(0).0, "{local}");
        assert_eq!(i64::from(iso.weeks_in_year()), day.week(0).0 - day.week(0).1 - 1, "{local}");
    }
}

#[test]
fn the_clock_walk_starts_where_the_range_does() {
    let rule = Rule::parse("FREQ=SECONDLY;INTERVAL=7").unwrap();
    let mut found = Vec::new();
    let mut add = |wall| {
        found.push(wall);
        ControlFlow::Continue(())
    };
    let _ended = clock::walk(&rule, 3, 7_000_000_000..7_000_000_010, &mut Budget::new(4), &mut add).unwrap();
    assert!(found.iter().all(|wall| wall % 7 == 3) && !found.is_empty());
    assert_eq!(wall::seconds(wall::date_time(END_OF_TIME - 1)), END_OF_TIME - 1);
}
