//! A start and a rule, a line each: the rule is read or refused, means the same when it is written and read again, and makes
//! no more than its bounds allow; a window holds what its halves hold.

#![no_main]

use floors::limits::Limits;
use floors::recurrence::{RecurrenceSet, Rule, Span};
use floors::time::{DateOrTime, Period, Timestamp, Zone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((start, rule)) = text.split_once('\n') else { return };
    let Ok(start) = start.parse::<DateOrTime>() else { return };
    let repaired = Rule::repair(rule).map(|(rule, _)| rule);
    if let Ok(parsed) = Rule::parse(rule) {
        assert_eq!(repaired.as_ref(), Ok(&parsed), "a rule that is right needs no repair");
    }
    let Ok(rule) = repaired else { return };
    assert_eq!(Rule::parse(&rule.to_string()).as_ref(), Ok(&rule), "{rule}");
    check(start, rule);
});

fn check(start: DateOrTime, rule: Rule) {
    let limits = Limits { recurrence_work: 10_000, occurrences_per_window: 1_000, ..Limits::default() };
    let zone = Zone::utc();
    let mut set = RecurrenceSet { rules: vec![rule], ..RecurrenceSet::single(start, Span::seconds(60)) };
    if set.resolve(&limits).is_err() {
        return;
    }
    let _idle = set.idle_rule(&limits);
    let (first, bounds) = (set.start.instant(&zone).as_second(), set.bounds());
    for from in [first - 86_400, 1_767_225_600, 1_767_225_600 + 9 * 365 * 86_400] {
        let starts = |from: i64, to: i64| {
            let window = Period::new(Timestamp::from_second(from).ok()?, Timestamp::from_second(to).ok()?).ok()?;
            let found = set.expand(&zone, window, &limits).ok()?;
            assert!(found.len() <= limits.occurrences_per_window);
            assert!(found.is_sorted_by(|a, b| a.starts_at < b.starts_at), "{set:?}");
            for it in &found {
                assert!(it.starts_at < window.end() && it.ends_at > window.start(), "{it:?} {set:?}");
                assert!(it.starts_at >= bounds.first_start, "{it:?} {bounds:?} {set:?}");
                assert!(bounds.last_end.is_none_or(|last| it.ends_at <= last), "{it:?} {bounds:?} {set:?}");
            }
            Some(found.iter().map(|it| it.starts_at).collect::<Vec<_>>())
        };
        let (middle, end) = (from + 40 * 86_400, from + 366 * 86_400);
        let (whole, left, right) = (starts(from, end), starts(from, middle), starts(middle, end));
        if let (Some(whole), Some(left), Some(right)) = (whole, left, right) {
            // What lies across the middle is in both halves.
            let mut halves = [left, right].concat();
            halves.dedup();
            assert_eq!(whole, halves, "{set:?}");
        }
    }
}
