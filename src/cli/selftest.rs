//! `convene selftest`: whether this binary, on this machine, counts recurrences and zones as it should.

use std::fmt::Display;

use crate::limits::Limits;
use crate::recurrence::{RecurrenceSet, Rule, Span};
use crate::time::{DateOrTime, Period, Timestamp, Zone, tzdb_version, zone_named};

/// What was found.
pub struct Verdict {
    /// What was compared, and how each part came out, for people.
    pub report: String,
    /// Whether all was as it should be.
    pub passed: bool,
}

/// Compares all vectors that the binary carries.
pub fn run() -> Verdict {
    judge(VECTORS)
}

const VECTORS: &str = include_str!("selftest.tsv");

/// Each kind of vector, and what it is about.
const KINDS: [(&str, &str); 4] = [
    ("rule", "recurrence rules, the examples of RFC 5545 section 3.8.5.3"),
    ("local", "local times, in gaps and repeated hours too"),
    ("instant", "instants on the wall clock"),
    ("name", "names of zones in foreign files"),
];

/// The window ends so many seconds after the last start that is expected of an endless rule.
const ONE: i64 = 1;

fn judge(vectors: &str) -> Verdict {
    let (mut report, mut failures) = (format!("tz database {}\n", tzdb_version()), Vec::new());
    for (kind, about) in KINDS {
        let lines = vectors.lines().filter_map(|line| line.split_once('\t')).filter(|(first, _)| *first == kind);
        let (mut count, before) = (0, failures.len());
        for (_, vector) in lines {
            count += 1;
            failures.extend(check(kind, vector).err().map(|difference| format!("{kind} {difference}")));
        }
        let equal = count - (failures.len() - before);
        report.push_str(&format!("{about}: {equal} of {count} equal\n"));
    }
    let passed = failures.is_empty();
    for failure in &failures {
        report.push_str(&format!("differs: {failure}\n"));
    }
    report.push_str(if passed { "all is well" } else { "this binary gives wrong answers on this machine" });
    Verdict { report, passed }
}

fn check(kind: &str, vector: &str) -> Result<(), String> {
    let fields: Vec<&str> = vector.split('\t').collect();
    match (kind, fields.as_slice()) {
        ("rule", [name, start, zone, rule, complete, times]) => {
            let expected = unpacked(times).ok_or("has unreadable times")?;
            let found = starts(&format!("{zone}:{start}"), rule, &expected, *complete == ".")?;
            same(name, &listed(&found), &listed(&expected))
        }
        ("local", [zone, local, instant]) => {
            let local = local.parse().map_err(|error| format!("{local}: {error}"))?;
            same(zone, &iana(zone)?.resolve(local), instant)
        }
        ("instant", [zone, instant, local]) => {
            let instant: Timestamp = instant.parse().map_err(|error| format!("{instant}: {error}"))?;
            same(zone, &iana(zone)?.local(instant), local)
        }
        ("name", [written, expected]) => {
            let found = zone_named(written);
            same(written, &found.as_ref().map_or("nothing", Zone::name), expected)
        }
        _ => Err(format!("{vector}: is no vector")),
    }
}

fn same(what: &str, found: &impl Display, expected: &impl Display) -> Result<(), String> {
    let (found, expected) = (found.to_string(), expected.to_string());
    if found == expected { Ok(()) } else { Err(format!("{what}: {found} rather than {expected}")) }
}

fn iana(name: &str) -> Result<Zone, String> {
    Zone::iana(name).map_err(|error| error.to_string())
}

/// The starts of the series, in seconds since the epoch: all of them, or those up to the last one expected.
fn starts(start: &str, rule: &str, expected: &[i64], complete: bool) -> Result<Vec<i64>, String> {
    let limits = Limits::default();
    let start: DateOrTime = start.parse().map_err(|error| format!("{start}: {error}"))?;
    let mut set = RecurrenceSet::single(start.clone(), Span::ZERO);
    set.rules = vec![Rule::parse(rule).map_err(|error| error.to_string())?];
    let (Some(first), Some(last)) = (expected.first(), expected.last()) else {
        return Err("expects nothing".to_owned());
    };
    let utc = Zone::utc();
    let out_of_step = start.instant(&utc).as_second() != *first;
    if out_of_step {
        // DTSTART is an occurrence whatever the rule makes; the vector lists the rule's alone.
        set.exdates.push(start);
    }
    set.resolve(&limits).map_err(|error| error.to_string())?;
    let instant = |second: i64| Timestamp::from_second(second).map_err(|error| error.to_string());
    let end = if complete { FAR } else { last + ONE };
    let window = Period::new(instant(*first)?, instant(end)?).map_err(|error| error.to_string())?;
    let found = set.expand(&utc, window, &limits).map_err(|error| error.to_string())?;
    Ok(found.iter().map(|occurrence| occurrence.starts_at.as_second()).collect())
}

/// After every series that ends: the year 2286.
const FAR: i64 = 10_000_000_000;

fn unpacked(times: &str) -> Option<Vec<i64>> {
    let mut words = times.split(' ');
    let mut now: i64 = words.next()?.parse().ok()?;
    let mut all = vec![now];
    for word in words {
        let (step, repeats) = word.split_once('*').unwrap_or((word, "1"));
        let (step, repeats): (i64, usize) = (step.parse().ok()?, repeats.parse().ok()?);
        for _ in 0..repeats {
            now += step;
            all.push(now);
        }
    }
    Some(all)
}

fn listed(times: &[i64]) -> String {
    times.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn this_binary_passes() {
        let verdict = run();
        assert!(verdict.passed, "{}", verdict.report);
        assert!(verdict.report.contains("42 of 42 equal"), "{}", verdict.report);
    }

    #[test]
    fn each_kind_of_difference_is_told() {
        for vector in [
            "rule\tx\t20260105T090000\tUTC\tFREQ=DAILY;COUNT=2\t.\t1767603600 86401*1",
            "rule\tx\t20260105T090000\tUTC\tFREQ=DAILY;COUNT=3\t.\t1767603600 86400*1",
            "local\tEurope/Berlin\t2026-01-05T09:00:00\t2026-01-05T09:00:00Z",
            "instant\tEurope/Berlin\t2026-01-05T09:00:00Z\t2026-01-05T09:00:00",
            "name\tTokyo Standard Time\tAsia/Seoul",
            "name\tnowhere at all\tAsia/Seoul",
            "local\tgarbage",
        ] {
            let verdict = judge(vector);
            assert!(!verdict.passed && verdict.report.contains("differs: "), "{vector}: {}", verdict.report);
        }
    }
}
