use convene::time::{DateTime, Timestamp, Zone};
use proptest::prelude::*;

#[test]
fn names_are_read_in_any_case_and_told_in_the_database_s_own() {
    assert_eq!(Zone::iana("europe/berlin").unwrap().name(), "Europe/Berlin");
    assert_eq!(Zone::iana("utc").unwrap(), Zone::utc());
    for wrong in ["Mars/Olympus", "", "Europe", "local", "../etc/passwd", "Etc/Unknown", "+01:00", "CET-1CEST"] {
        assert!(Zone::iana(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn names_of_all_forms_find_their_zone_again() {
    let rule = Zone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    for zone in [Zone::utc(), Zone::fixed(19_800).unwrap(), Zone::fixed(-1).unwrap(), rule] {
        assert_eq!(zone.name().parse::<Zone>().unwrap(), zone);
    }
    assert_eq!(Zone::fixed(-19_800).unwrap().name(), "UTC-05:30");
    assert_eq!(Zone::fixed(0).unwrap(), Zone::utc());
    for name in Zone::iana_names() {
        let zone = Zone::iana(name).unwrap();
        assert_eq!(zone.name(), name);
        assert!(zone.is_iana());
    }
}

#[test]
fn an_offset_is_less_than_a_day() {
    assert!(Zone::fixed(86_399).is_some() && Zone::fixed(-86_399).is_some());
    assert!(Zone::fixed(86_400).is_none() && Zone::fixed(-86_400).is_none());
    for wrong in ["UTC+24:00", "UTC+5:30", "UTC++5:30", "UTC+05:60", "UTC+05", "UTC05:30", "UTC+05:30:00:00", "UTC+"] {
        assert!(wrong.parse::<Zone>().is_err(), "{wrong}");
    }
}

/// RFC 5545 section 3.3.5.
#[test]
fn a_skipped_time_has_the_offset_before_and_a_repeated_one_is_the_first() {
    check("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z");
    check("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z");
    check("America/New_York", "2007-03-11T02:30", "2007-03-11T07:30Z");
    check("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z");
    check("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z");
    check("America/Vancouver", "2026-12-15T12:00", "2026-12-15T19:00Z");
    check("America/Vancouver", "2100-07-15T12:00", "2100-07-15T19:00Z");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_instant_is_its_local_time_less_its_offset(zone in 0..600_usize, second in -5_000_000_000..15_000_000_000_i64) {
        let names = Zone::iana_names();
        let zone = Zone::iana(&names[zone % names.len()]).unwrap();
        let instant = Timestamp::from_second(second).unwrap();
        let local = zone.local(instant);
        let back = zone.resolve(local);
        // The same instant, or the first of two with this local time.
        prop_assert!(back <= instant);
        prop_assert_eq!(zone.local(back), local);
        prop_assert_eq!(Zone::utc().resolve(local).as_second() - second, i64::from(zone.offset_seconds(instant)));
    }

    #[test]
    fn offsets_change_at_transitions_and_nowhere_else(zone in 0..600_usize, second in -5_000_000_000..5_000_000_000_i64, later in 0..40_000_000_i64) {
        let names = Zone::iana_names();
        let zone = Zone::iana(&names[zone % names.len()]).unwrap();
        let (from, to) = (Timestamp::from_second(second).unwrap(), Timestamp::from_second(second + later).unwrap());
        let last = zone.transitions(from).take_while(|change| change.at <= to).last();
        let offset = last.map_or(zone.offset_seconds(from), |change| change.offset_seconds);
        prop_assert_eq!(offset, zone.offset_seconds(to));
    }
}

#[test]
fn the_ends_of_time_are_no_panic() {
    for zone in [Zone::utc(), Zone::iana("Pacific/Apia").unwrap(), Zone::fixed(-86_399).unwrap()] {
        for local in [DateTime::MIN, DateTime::MAX] {
            let instant = zone.resolve(local);
            assert!(zone.local(instant) <= DateTime::MAX);
        }
        assert!(zone.local(Timestamp::MIN) < zone.local(Timestamp::MAX));
        assert!(zone.transitions(Timestamp::MAX).next().is_none());
    }
}

#[track_caller]
fn check(zone: &str, local: &str, instant: &str) {
    assert_eq!(Zone::iana(zone).unwrap().resolve(local.parse().unwrap()), instant.parse().unwrap());
}

/// The questions of the slot tests lie around changes of clocks: here is that the database has them.
#[test]
fn clocks_change_where_the_slot_tests_say() {
    for (name, near) in crate::slots::MOMENTS.iter().filter(|(name, _)| !matches!(*name, "UTC" | "Asia/Kathmandu")) {
        let near: Timestamp = near.parse().unwrap();
        let from = near - jiff::SignedDuration::from_hours(3);
        let change = Zone::iana(name).unwrap().transitions(from).next().unwrap();
        assert!(change.at <= near + jiff::SignedDuration::from_hours(3), "{name}: {near} {change:?}");
    }
}
