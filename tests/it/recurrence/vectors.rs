//! 1,242 rules with the occurrences on which at least two of python-dateutil, libical and rrule-temporal agree; the
//! `rfc` ones are the examples of RFC 5545 section 3.8.5.3.

use super::{period, set, starts};
use convene::limits::Limits;

const VECTORS: &str = include_str!("../../data/recurrence_vectors.tsv");

/// Long after every complete case.
const FAR: i64 = 253_000_000_000;

/// Cases whose DTSTART the rule does not make. It is an occurrence all the same, which is why the RFC's own example
/// (`rfc29`) has `EXDATE:19970902T090000` beside its rule; the expectations are the rule's times alone.
const OUT_OF_STEP: [&str; 4] = ["rfc29", "s1-254", "s1-399", "s1-863"];

pub struct Case {
    pub id: &'static str,
    /// `zone:local time`
    pub start: String,
    pub rule: &'static str,
    /// Whether these are all occurrences, rather than the first ones.
    pub complete: bool,
    /// In seconds since the epoch.
    pub expected: Vec<i64>,
}

pub fn cases() -> impl Iterator<Item = Case> {
    VECTORS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<&'static str> = line.split('\t').collect();
        let [id, start, zone, rule, complete, times] = fields[..] else { panic!("{line}") };
        Case { id, start: format!("{zone}:{start}"), rule, complete: complete == ".", expected: unpack(times) }
    })
}

fn unpack(times: &str) -> Vec<i64> {
    let mut words = times.split(' ');
    let mut now: i64 = words.next().unwrap().parse().unwrap();
    let mut all = vec![now];
    for word in words {
        let (step, repeats) = word.split_once('*').unwrap_or((word, "1"));
        for _ in 0..repeats.parse().unwrap() {
            now += step.parse::<i64>().unwrap();
            all.push(now);
        }
    }
    all
}

fn failure(case: &Case, window: (i64, i64), expected: &[i64]) -> Option<String> {
    let mut set = set(&case.start, &[case.rule]);
    set.span = convene::recurrence::Span::ZERO;
    if OUT_OF_STEP.contains(&case.id) {
        set.exdates.push(set.start.clone());
    }
    set.resolve(&Limits::default()).unwrap();
    let found = starts(&set, period(window.0, window.1));
    (found != expected)
        .then(|| format!("{} {} {}\n expected {expected:?}\n found    {found:?}", case.id, case.start, case.rule))
}

#[test]
fn all_vectors_hold() {
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases() {
        count += 1;
        let (first, last) = (case.expected[0], *case.expected.last().unwrap());
        let end = if case.complete { FAR } else { last + 1 };
        failures.extend(failure(&case, (first - 86_400 * 366, end), &case.expected));
    }
    assert_eq!(count, 1_242);
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
}

/// A window that begins in the middle of the expected occurrences finds the rest of them.
#[test]
fn all_vectors_hold_from_their_middle() {
    let failures: Vec<String> = cases()
        .filter_map(|case| {
            let middle = case.expected[case.expected.len() / 2];
            let last = *case.expected.last().unwrap();
            let rest: Vec<i64> = case.expected.iter().copied().filter(|time| *time >= middle).collect();
            failure(&case, (middle, last + 1), &rest)
        })
        .collect();
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
