use convene::time::{DateOrTime, DateTime, Timestamp, Zone};
use proptest::prelude::*;

#[test]
fn each_form_has_its_own_meaning() {
    check("20260105", "2026-01-04T23:00Z");
    check("20260705", "2026-07-04T22:00Z");
    check("20260105T090000", "2026-01-05T08:00Z");
    check("20260105T090000Z", "2026-01-05T09:00Z");
    check("America/New_York:20260105T090000", "2026-01-05T14:00Z");
    check("UTC+05:30:20260105T090000", "2026-01-05T03:30Z");
    check("Posix/EST5EDT,M3.2.0,M11.1.0:20260705T090000", "2026-07-05T13:00Z");
    // A leap second is the second before it.
    check("20161231T235960Z", "2016-12-31T23:59:59Z");
}

#[test]
fn what_is_no_date_or_time_is_refused() {
    for wrong in [
        "",
        "2026-01-05",
        "2026010",
        "202601051",
        "20260230",
        "20261301",
        "20260105T",
        "20260105T0900",
        "20260105T240000",
        "20260105T096000",
        "20260105T090061",
        "20260105t090000",
        "20260105Z",
        "20260105T090000ZZ",
        "Mars/Olympus:20260105T090000",
        ":20260105T090000",
        "Europe/Berlin:20260105",
        "Europe/Berlin:20260105T090000Z",
        "+026-105T090000",
        "２０２６0105",
    ] {
        let refusal = wrong.parse::<DateOrTime>().expect_err(wrong);
        assert!(refusal.to_string().contains("is not a date"), "{refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_is_read_back(second in 0..200_000_000_000_i64, form in 0..4_u8, zone in 0..600_usize) {
        let names = Zone::iana_names();
        let zone = Zone::iana(&names[zone % names.len()]).unwrap();
        let local: DateTime = Zone::utc().local(Timestamp::from_second(second).unwrap());
        let value = match form {
            0 => DateOrTime::Date(local.date()),
            1 => DateOrTime::Floating(local),
            2 => DateOrTime::Zoned { local, zone },
            _ => DateOrTime::utc(Timestamp::from_second(second).unwrap()),
        };
        prop_assert_eq!(value.to_string().parse::<DateOrTime>().unwrap(), value.clone());
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<DateOrTime>(&json).unwrap(), value);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        if let Ok(value) = text.parse::<DateOrTime>() {
            prop_assert_eq!(value.to_string().parse::<DateOrTime>(), Ok(value));
        }
        if let Ok(zone) = text.parse::<Zone>() {
            prop_assert_eq!(zone.name().parse::<Zone>(), Ok(zone.clone()));
        }
    }
}

#[test]
fn another_reading_keeps_the_kind() {
    let other: DateTime = "2026-02-03T04:05:06".parse().unwrap();
    let moved = |text: &str| text.parse::<DateOrTime>().unwrap().with_local(other).to_string();
    assert_eq!(moved("20260105"), "20260203");
    assert_eq!(moved("20260105T090000"), "20260203T040506");
    assert_eq!(moved("20260105T090000Z"), "20260203T040506Z");
    assert_eq!(moved("Europe/Berlin:20260105T090000"), "Europe/Berlin:20260203T040506");
}

/// The instant for an owner in Berlin.
#[track_caller]
fn check(text: &str, instant: &str) {
    let value: DateOrTime = text.parse().unwrap();
    let instant: Timestamp = instant.parse().unwrap();
    assert_eq!(value.instant(&Zone::iana("Europe/Berlin").unwrap()), instant);
}
