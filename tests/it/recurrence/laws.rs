//! What holds for every set and window.

use convene::limits::Limits;
use convene::recurrence::{Occurrence, Override, Rdate, RecurrenceSet, Span};
use convene::time::{DateOrTime, Period, SignedDuration, Timestamp, Zone};
use proptest::prelude::*;

use super::set;

const ZONES: [&str; 9] = [
    "Europe/Berlin",
    "America/Havana",
    "Africa/Cairo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/Santiago",
    "UTC",
    "Asia/Beirut",
    "UTC+05:30",
];

fn rule() -> impl Strategy<Value = String> {
    let frequency = prop_oneof![
        4 => Just("DAILY"), 4 => Just("WEEKLY"), 4 => Just("MONTHLY"), 3 => Just("YEARLY"),
        1 => Just("HOURLY;BYHOUR=1,2,3"), 1 => Just("MINUTELY;BYHOUR=2;BYMINUTE=0,30"), 1 => Just("SECONDLY;BYHOUR=0;BYMINUTE=30;BYSECOND=0"),
    ];
    let part = prop_oneof![
        4 => Just(""), 2 => Just(";BYDAY=MO,WE,SU"), 1 => Just(";BYMONTHDAY=-1,15,31"), 1 => Just(";BYMONTH=3,10,12"),
        1 => Just(";BYDAY=TU;BYMONTHDAY=1,2,3,4,5,6,7"), 1 => Just(";BYDAY=-1SU,5TU"), 1 => Just(";BYDAY=MO,TU;BYSETPOS=-1,3"),
        1 => Just(";BYWEEKNO=1,53,-1"), 1 => Just(";BYYEARDAY=60,-1,200"), 1 => Just(";BYMONTH=2;BYMONTHDAY=29"),
    ];
    let end = prop_oneof![3 => Just(String::new()), 1 => (1..400).prop_map(|n| format!(";COUNT={n}")), 1 => (2012..2030).prop_map(|y| format!(";UNTIL={y}0329T010000Z"))];
    (frequency, 1..5, part, end)
        .prop_map(|(frequency, interval, part, end)| format!("FREQ={frequency};INTERVAL={interval}{part}{end}"))
}

fn start() -> impl Strategy<Value = String> {
    let zoned =
        (prop::sample::select(ZONES.to_vec()), 2008..2013, 1..=12, 1..=28, 0..=5, prop::sample::select(vec![0, 30]))
            .prop_map(|(zone, y, m, d, hour, minute)| format!("{zone}:{y}{m:02}{d:02}T{hour:02}{minute:02}00"));
    prop_oneof![8 => zoned, 1 => Just("20100131".to_owned()), 1 => Just("20111229T003000".to_owned())]
}

/// A set with a rule, some of its own occurrences taken away or moved, and some more.
fn any_set() -> impl Strategy<Value = RecurrenceSet> {
    (start(), rule(), prop::collection::vec((0_i64..1500, -90_i64..90, 0_u8..6), 0..6), 0_i64..60).prop_filter_map(
        "a rule",
        |(start, rule, changes, hours)| {
            rule.parse::<convene::recurrence::Rule>().ok()?;
            let mut set = set(&start, &[&rule]);
            set.resolve(&Limits::default()).ok()?;
            if !set.start.is_date() {
                set.span = if hours % 7 == 0 { Span::days(hours / 7) } else { Span::seconds(hours * 3600) };
            }
            let plain = set.clone();
            for (day, hours, kind) in changes {
                change(&mut set, &plain, day, hours, kind);
            }
            Some(set)
        },
    )
}

fn change(set: &mut RecurrenceSet, plain: &RecurrenceSet, day: i64, hours: i64, kind: u8) {
    let near = Timestamp::from_second(1_280_000_000 + day * 86_400).unwrap();
    let window = Period::new(near, near + SignedDuration::from_hours(24 * 40)).unwrap();
    let Some(one) = plain.expand(&owner(), window, &Limits::default()).unwrap().into_iter().next() else { return };
    let moved = DateOrTime::at(one.starts_at + SignedDuration::from_hours(hours), owner());
    match kind {
        0 => set.exdates.push(DateOrTime::utc(one.starts_at)),
        1 => set.exdates.push(one.start),
        2 => set.rdates.push(Rdate::At(moved)),
        3 => set.rdates.push(Rdate::Period { start: moved, span: Span::seconds(7200) }),
        4 if !set.overrides.iter().any(|known| known.recurrence_id == one.start) => {
            set.overrides.push(Override {
                recurrence_id: one.start,
                following: false,
                start: moved,
                span: Span::seconds(600),
            });
        }
        5 if !set.overrides.iter().any(|known| known.recurrence_id == one.start) => {
            set.overrides.push(Override {
                recurrence_id: one.start,
                following: true,
                start: moved,
                span: Span::seconds(600),
            });
        }
        _ => {}
    }
}

fn owner() -> Zone {
    Zone::iana("America/New_York").unwrap()
}

fn expand(set: &RecurrenceSet, from: i64, to: i64) -> Vec<Occurrence> {
    let limits = Limits { occurrences_per_window: 1_000_000, recurrence_work: 3_000_000, ..Limits::default() };
    set.expand(&owner(), super::period(from, to), &limits).unwrap()
}

/// Short windows on both sides of every change of clocks, missing days and half hours among them, show what the whole
/// shows there.
#[test]
fn a_window_at_a_change_of_clocks_shows_what_the_whole_series_has_there() {
    let limits = Limits::default();
    for name in ZONES {
        let zone: Zone = name.parse().unwrap();
        let from = Timestamp::from_second(1_280_000_000).unwrap();
        for change in zone.transitions(from).take(6) {
            let mut set = set(&format!("{name}:20100101T000000"), &["FREQ=MINUTELY;INTERVAL=15"]);
            set.span = Span::seconds(900);
            let near = change.at.as_second();
            let whole = set.expand(&owner(), super::period(near - 300_000, near + 300_000), &limits).unwrap();
            for step in -110..110 {
                let window = super::period(near + step * 900 - 10, near + step * 900 + 1_000);
                let shown = set.expand(&owner(), window, &limits).unwrap();
                let expected = whole.iter().filter(|one| one.starts_at < window.end() && window.start() < one.ends_at);
                assert!(shown.iter().eq(expected), "{name} {window:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// A window is a filter of the whole series, wherever it is.
    #[test]
    fn a_window_shows_what_the_whole_series_has_there(set in any_set(), from in 1_200_000_000_i64..1_700_000_000, days in 1_i64..120) {
        let to = from + days * 86_400;
        let window = super::period(from, to);
        let whole = expand(&set, 1_100_000_000, 1_720_000_000);
        let expected: Vec<Occurrence> = whole
            .into_iter()
            .filter(|one| {
                let inside = window.start() <= one.starts_at && one.starts_at < window.end();
                inside || one.starts_at < window.end() && window.start() < one.ends_at
            })
            .collect();
        prop_assert_eq!(expand(&set, from, to), expected);
    }

    /// Sorted, no occurrence twice, and each found again by its recurrence identifier.
    #[test]
    fn occurrences_are_ordered_and_found_by_name(set in any_set(), from in 1_200_000_000_i64..1_500_000_000) {
        let found = expand(&set, from, from + 86_400 * 100);
        prop_assert!(found.is_sorted_by_key(|one| one.starts_at));
        for one in found.iter().take(20) {
            let named = set.occurrence_at(&owner(), &one.recurrence_id, &Limits::default()).unwrap();
            prop_assert_eq!(named.as_ref(), Some(one));
        }
        let mut names: Vec<_> = found.iter().map(|one| one.recurrence_id.to_string()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), found.len());
    }

    /// Nothing occurs outside the bounds, whoever owns the set.
    #[test]
    fn bounds_hold_for_every_owner(set in any_set(), owner in prop::sample::select(vec!["Pacific/Kiritimati", "Etc/GMT+12", "UTC-23:59"])) {
        let bounds = set.bounds();
        let owner: Zone = owner.parse().unwrap();
        let limits = Limits { occurrences_per_window: 1_000_000, recurrence_work: 3_000_000, ..Limits::default() };
        let all = set.expand(&owner, super::period(1_100_000_000, 2_000_000_000), &limits).unwrap();
        for one in all {
            prop_assert!(bounds.first_start <= one.starts_at, "{bounds:?} {one:?}");
            prop_assert!(bounds.last_end.is_none_or(|last| one.ends_at <= last), "{bounds:?} {one:?}");
        }
    }

    /// The index that is stored is the set.
    #[test]
    fn json_keeps_everything(set in any_set()) {
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<RecurrenceSet>(&json).unwrap(), set);
    }
}
