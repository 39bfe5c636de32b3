//! Extra dates, exceptions and overrides, and the days on which clocks change, case by case.

use convene::limits::Limits;
use convene::recurrence::{Occurrence, Override, Rdate, RecurrenceSet, Span};
use convene::time::{DateOrTime, Period, Zone};

use super::set;

fn value(text: &str) -> DateOrTime {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn window(text: &str) -> Period {
    let (from, to) = text.split_once(' ').unwrap();
    Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

fn expand(set: &RecurrenceSet, owner: &str, within: &str) -> Vec<Occurrence> {
    set.expand(&zone(owner), window(within), &Limits::default()).unwrap()
}

fn moved(recurrence_id: &str, start: &str, minutes: i64) -> Override {
    Override {
        recurrence_id: value(recurrence_id),
        following: false,
        start: value(start),
        span: Span::seconds(minutes * 60),
    }
}

fn following(recurrence_id: &str, start: &str, minutes: i64) -> Override {
    Override { following: true, ..moved(recurrence_id, start, minutes) }
}

/// The occurrences as `start/end component`, in UTC.
#[track_caller]
fn check(set: &RecurrenceSet, owner: &str, within: &str, expected: &[&str]) {
    let found: Vec<String> = expand(set, owner, within)
        .iter()
        .map(|one| {
            let part = if one.component > 0 { format!(" {}", one.component) } else { String::new() };
            format!("{}/{}{part}", one.starts_at.strftime("%m-%dT%H:%M"), one.ends_at.strftime("%m-%dT%H:%M"))
        })
        .collect();
    assert_eq!(found, expected);
}

const JANUARY: &str = "2026-01-01T00:00:00Z 2026-02-01T00:00:00Z";

/// 5 to 7 January 2026, 09:00 to 10:00 in Berlin.
fn three_days() -> RecurrenceSet {
    set("Europe/Berlin:20260105T090000", &["FREQ=DAILY;COUNT=3"])
}

#[test]
fn exceptions_match_by_instant_in_whatever_zone_and_by_local_date() {
    let (first, second, third) = ("01-05T08:00/01-05T09:00", "01-06T08:00/01-06T09:00", "01-07T08:00/01-07T09:00");
    for exception in [
        "Europe/Berlin:20260106T090000",
        "20260106T080000Z",
        "America/New_York:20260106T030000",
        "20260106T090000",
        "20260106",
    ] {
        let mut set = three_days();
        set.exdates.push(value(exception));
        check(&set, "UTC", JANUARY, &[first, third]);
    }
    for other in ["20260106T090000Z", "Europe/Berlin:20260106T090001", "20260108"] {
        let mut set = three_days();
        set.exdates.push(value(other));
        check(&set, "UTC", JANUARY, &[first, second, third]);
    }
    let mut set = three_days();
    set.exdates.push(value("20260105"));
    check(&set, "UTC", JANUARY, &[second, third]);
    let mut hourly = set_of_hours();
    hourly.exdates.push(value("20260106"));
    assert_eq!(expand(&hourly, "UTC", JANUARY).len(), 24);
}

fn set_of_hours() -> RecurrenceSet {
    super::set("Asia/Kathmandu:20260105T000000", &["FREQ=HOURLY;COUNT=48"])
}

#[test]
fn exceptions_of_whole_days_match_dates_however_they_are_written() {
    for exception in
        ["20260106", "20260106T000000", "20260106T000000Z", "Europe/Berlin:20260106T000000", "20260105T230000Z"]
    {
        let mut set = set("20260105", &["FREQ=DAILY;COUNT=2"]);
        set.exdates.push(value(exception));
        check(&set, "Europe/Berlin", JANUARY, &["01-04T23:00/01-05T23:00"]);
    }
}

#[test]
fn extra_dates_come_once_and_bring_their_length() {
    let mut set = three_days();
    set.rdates = vec![
        Rdate::At(value("20260106T080000Z")),
        Rdate::At(value("America/New_York:20260110T030000")),
        Rdate::At(value("20260112")),
        Rdate::Period { start: value("20260107T080000Z"), span: Span::seconds(7200) },
        Rdate::Period { start: value("20251220T080000Z"), span: Span::days(14) },
    ];
    check(
        &set,
        "UTC",
        JANUARY,
        &[
            "12-20T08:00/01-03T08:00",
            "01-05T08:00/01-05T09:00",
            "01-06T08:00/01-06T09:00",
            "01-07T08:00/01-07T10:00",
            "01-10T08:00/01-10T09:00",
            "01-12T08:00/01-12T09:00",
        ],
    );
    set.exdates = vec![value("20260110T080000Z"), value("20260105")];
    assert_eq!(expand(&set, "UTC", JANUARY).len(), 4);
}

#[test]
fn the_start_is_an_occurrence_even_where_no_rule_makes_it() {
    let set = set("UTC:20260101T090000", &["FREQ=WEEKLY;BYDAY=MO;COUNT=2"]);
    check(&set, "UTC", JANUARY, &["01-01T09:00/01-01T10:00", "01-05T09:00/01-05T10:00", "01-12T09:00/01-12T10:00"]);
}

#[test]
fn overrides_match_by_instant_in_whatever_zone_they_are_written() {
    for name in [
        "Europe/Berlin:20260106T090000",
        "20260106T080000Z",
        "Asia/Tokyo:20260106T170000",
        "20260106T090000",
        "20260106",
    ] {
        let mut set = three_days();
        set.overrides.push(moved(name, "Asia/Tokyo:20260106T200000", 30));
        let expected = ["01-05T08:00/01-05T09:00", "01-06T11:00/01-06T11:30 1", "01-07T08:00/01-07T09:00"];
        check(&set, "America/New_York", JANUARY, &expected);
        let found = set.occurrence_at(&zone("UTC"), &value(name), &Limits::default()).unwrap().unwrap();
        assert_eq!(found.recurrence_id, value("Europe/Berlin:20260106T090000"));
        assert_eq!(found.start, value("Asia/Tokyo:20260106T200000"));
        assert_eq!(found.end, value("Asia/Tokyo:20260106T203000"));
    }
}

#[test]
fn an_override_moved_into_the_window_is_found_and_one_moved_out_is_not() {
    let mut set = three_days();
    set.overrides.push(moved("20260106T080000Z", "20260301T080000Z", 60));
    check(&set, "UTC", "2026-01-06T00:00:00Z 2026-01-07T00:00:00Z", &[]);
    check(&set, "UTC", "2026-03-01T08:30:00Z 2026-03-01T08:31:00Z", &["03-01T08:00/03-01T09:00 1"]);
    check(&set, "UTC", "2026-03-01T09:00:00Z 2026-03-02T00:00:00Z", &[]);
}

#[test]
fn an_override_of_no_occurrence_occurs_and_one_of_an_exception_does_not() {
    let mut set = three_days();
    set.overrides.push(moved("20260109T080000Z", "20260109T100000Z", 60));
    set.overrides.push(moved("20260106T080000Z", "20260106T100000Z", 60));
    set.exdates.push(value("20260106T080000Z"));
    let expected = ["01-05T08:00/01-05T09:00", "01-07T08:00/01-07T09:00", "01-09T10:00/01-09T11:00 1"];
    check(&set, "UTC", JANUARY, &expected);
    assert_eq!(set.occurrence_at(&zone("UTC"), &value("20260106T080000Z"), &Limits::default()), Ok(None));
    assert_eq!(set.occurrence_at(&zone("UTC"), &value("20260110T080000Z"), &Limits::default()), Ok(None));
}

#[test]
fn without_a_master_only_the_overrides_occur() {
    let mut set = three_days();
    set.has_master = false;
    set.overrides.push(moved("20260106T080000Z", "20260106T100000Z", 60));
    set.exdates.push(value("20260106T080000Z"));
    check(&set, "UTC", JANUARY, &["01-06T10:00/01-06T11:00 1"]);
    assert!(set.bounds().first_start.to_string().starts_with("2026-01-06T10:00"));
}

#[test]
fn this_and_future_moves_what_follows_up_to_the_next_and_spares_single_overrides() {
    let mut set = set("Europe/Berlin:20260323T090000", &["FREQ=DAILY;COUNT=10"]);
    set.overrides = vec![
        following("20260325T080000Z", "Europe/Berlin:20260325T113000", 30),
        moved("20260327T080000Z", "20260327T060000Z", 15),
        following("Europe/Berlin:20260330T090000", "20260329T220000Z", 60),
    ];
    check(
        &set,
        "UTC",
        "2026-03-20T00:00:00Z 2026-05-01T00:00:00Z",
        &[
            "03-23T08:00/03-23T09:00",
            "03-24T08:00/03-24T09:00",
            "03-25T10:30/03-25T11:00 1",
            "03-26T10:30/03-26T11:00 1",
            "03-27T06:00/03-27T06:15 2",
            "03-28T10:30/03-28T11:00 1",
            // The clocks went forward: the wall says 11:30 as before.
            "03-29T09:30/03-29T10:00 1",
            // Written in UTC, meant in the zone of the series: midnight there.
            "03-29T22:00/03-29T23:00 3",
            "03-30T22:00/03-30T23:00 3",
            "03-31T22:00/03-31T23:00 3",
        ],
    );
    let found = set.occurrence_at(&zone("UTC"), &value("20260331T070000Z"), &Limits::default()).unwrap().unwrap();
    assert_eq!((found.component, found.start), (3, value("Europe/Berlin:20260331T000000")));
    let only = "2026-03-30T22:30:00Z 2026-03-30T22:31:00Z";
    check(&set, "UTC", only, &["03-30T22:00/03-30T23:00 3"]);
}

#[test]
fn this_and_future_into_another_zone_stays_on_that_wall() {
    let mut set = set("Europe/Berlin:20260301T150000", &["FREQ=WEEKLY"]);
    set.overrides = vec![following("Europe/Berlin:20260308T150000", "America/New_York:20260308T100000", 60)];
    let weeks = "2026-03-01T00:00:00Z 2026-03-31T00:00:00Z";
    let expected = [
        "03-01T14:00/03-01T15:00",
        "03-08T14:00/03-08T15:00 1",
        "03-15T14:00/03-15T15:00 1",
        "03-22T14:00/03-22T15:00 1",
        "03-29T14:00/03-29T15:00 1",
    ];
    check(&set, "UTC", weeks, &expected);
}

#[test]
fn windows_are_half_open_and_events_without_length_belong_to_their_start() {
    let mut set = set("UTC:20260105T090000", &[]);
    check(&set, "UTC", "2026-01-05T10:00:00Z 2026-01-05T11:00:00Z", &[]);
    check(&set, "UTC", "2026-01-05T08:00:00Z 2026-01-05T09:00:00Z", &[]);
    check(&set, "UTC", "2026-01-05T09:59:00Z 2026-01-05T10:00:00Z", &["01-05T09:00/01-05T10:00"]);
    set.span = Span::ZERO;
    check(&set, "UTC", "2026-01-05T09:00:00Z 2026-01-05T09:01:00Z", &["01-05T09:00/01-05T09:00"]);
    check(&set, "UTC", "2026-01-05T08:00:00Z 2026-01-05T09:00:00Z", &[]);
    check(&set, "UTC", "2026-01-05T09:00:01Z 2026-01-05T10:00:00Z", &[]);
}

#[test]
fn days_and_floating_times_are_the_owners() {
    let days = set("20260105", &["FREQ=DAILY;COUNT=2"]);
    check(&days, "Asia/Tokyo", JANUARY, &["01-04T15:00/01-05T15:00", "01-05T15:00/01-06T15:00"]);
    check(&days, "America/New_York", JANUARY, &["01-05T05:00/01-06T05:00", "01-06T05:00/01-07T05:00"]);
    let floating = set("20260105T090000", &["FREQ=DAILY;UNTIL=20260106T090000Z"]);
    check(&floating, "Asia/Tokyo", JANUARY, &["01-05T00:00/01-05T01:00", "01-06T00:00/01-06T01:00"]);
    assert_eq!(expand(&days, "UTC", JANUARY)[1].end, value("20260107"));
}

#[test]
fn until_is_read_as_meant() {
    for (until, count) in [
        ("20260107", 3),
        ("20260107T090000", 3),
        ("20260107T080000Z", 3),
        ("20260107T075959Z", 2),
        ("20260107T085959", 2),
        ("20260104", 1),
    ] {
        let set = set("Europe/Berlin:20260105T090000", &[&format!("FREQ=DAILY;UNTIL={until}")]);
        assert_eq!(expand(&set, "Asia/Tokyo", JANUARY).len(), count, "{until}");
    }
    for (until, count) in [("20260107", 3), ("20260107T000000Z", 3), ("20260107T120000", 3), ("20260106T230000Z", 2)] {
        let set = set("20260105", &[&format!("FREQ=DAILY;UNTIL={until}")]);
        assert_eq!(expand(&set, "Asia/Tokyo", JANUARY).len(), count, "{until}");
    }
}

#[test]
fn a_missing_midnight_is_the_first_instant_of_the_day() {
    // Cairo went from 23:59:59 on 23 April 2026 to 01:00 on the 24th; Havana skips the first hour of 8 March 2026.
    let cairo = set("Africa/Cairo:20260423T000000", &["FREQ=DAILY;COUNT=3"]);
    let week = "2026-04-20T00:00:00Z 2026-04-28T00:00:00Z";
    check(&cairo, "UTC", week, &["04-22T22:00/04-22T23:00", "04-23T22:00/04-23T23:00", "04-24T21:00/04-24T22:00"]);
    let havana = set("America/Havana:20260307T000000", &["FREQ=DAILY;COUNT=3"]);
    let week = "2026-03-01T00:00:00Z 2026-03-15T00:00:00Z";
    check(&havana, "UTC", week, &["03-07T05:00/03-07T06:00", "03-08T05:00/03-08T06:00", "03-09T04:00/03-09T05:00"]);
    let days = set("20260307", &["FREQ=DAILY;COUNT=3"]);
    let expected = ["03-07T05:00/03-08T05:00", "03-08T05:00/03-09T04:00", "03-09T04:00/03-10T04:00"];
    check(&days, "America/Havana", week, &expected);
}

#[test]
fn a_day_that_apia_did_not_have_is_the_next_one_once() {
    let set = set("Pacific/Apia:20111229T090000", &["FREQ=DAILY;COUNT=4"]);
    let week = "2011-12-28T00:00:00Z 2012-01-05T00:00:00Z";
    // The 30th at 09:00 is, by the offset before the gap, the instant of the 31st at 09:00.
    check(&set, "UTC", week, &["12-29T19:00/12-29T20:00", "12-30T19:00/12-30T20:00", "12-31T19:00/12-31T20:00"]);
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    let mut set = set("Australia/Lord_Howe:20261003T020000", &["FREQ=MINUTELY;INTERVAL=15;BYHOUR=2;COUNT=8"]);
    set.span = Span::ZERO;
    let days = "2026-10-02T00:00:00Z 2026-10-05T00:00:00Z";
    let found: Vec<String> =
        expand(&set, "UTC", days).iter().map(|one| one.starts_at.strftime("%dT%H:%M").to_string()).collect();
    // 02:00 and 02:15 on the 4th do not exist and are 02:30 and 02:45, which the rule makes besides.
    assert_eq!(found, ["02T15:30", "02T15:45", "02T16:00", "02T16:15", "03T15:30", "03T15:45"]);
}

#[test]
fn nominal_days_keep_the_wall_clock_and_exact_seconds_the_length() {
    let over = "2026-03-28T00:00:00Z 2026-03-30T12:00:00Z";
    let mut set = set("Europe/Berlin:20260328T120000", &[]);
    set.span = Span::days(1);
    check(&set, "UTC", over, &["03-28T11:00/03-29T10:00"]);
    set.span = Span::seconds(86_400);
    check(&set, "UTC", over, &["03-28T11:00/03-29T11:00"]);
    set.span = Span { days: 1, seconds: 3600, wall: 0 };
    check(&set, "UTC", over, &["03-28T11:00/03-29T11:00"]);
}

#[test]
fn between_two_floating_times_is_what_the_clock_on_the_wall_shows() {
    let mut night = set("20260328T230000", &["FREQ=DAILY;COUNT=2"]);
    night.span = Span { wall: 8 * 3600, ..Span::ZERO };
    let week = "2026-03-28T00:00:00Z 2026-03-31T00:00:00Z";
    check(&night, "Europe/Berlin", week, &["03-28T22:00/03-29T05:00", "03-29T21:00/03-30T05:00"]);
    check(&night, "UTC", week, &["03-28T23:00/03-29T07:00", "03-29T23:00/03-30T07:00"]);
    night.start = value("20261024T230000");
    let week = "2026-10-24T00:00:00Z 2026-10-27T00:00:00Z";
    check(&night, "Europe/Berlin", week, &["10-24T21:00/10-25T06:00", "10-25T22:00/10-26T06:00"]);
    // An exact length is exact on that wall, too.
    night.span = Span::seconds(8 * 3600);
    check(&night, "Europe/Berlin", week, &["10-24T21:00/10-25T05:00", "10-25T22:00/10-26T06:00"]);
}

#[test]
fn exrule_takes_away_what_it_makes() {
    let mut weekdays = set("Europe/Berlin:20260105T090000", &["FREQ=DAILY;COUNT=7"]);
    weekdays.exrules = vec!["FREQ=WEEKLY;BYDAY=SA,SU".parse().unwrap()];
    weekdays.rdates.push(Rdate::At(value("Europe/London:20260117T080000")));
    weekdays.resolve(&Limits::default()).unwrap();
    let days = |set: &RecurrenceSet| -> Vec<i8> {
        expand(set, "UTC", JANUARY).iter().map(|one| one.start.local().day()).collect()
    };
    // The 17th is a Saturday, too, and written in another zone.
    assert_eq!(days(&weekdays), [5, 6, 7, 8, 9]);
    weekdays.exrules = vec!["FREQ=DAILY;INTERVAL=2;COUNT=2".parse().unwrap()];
    weekdays.resolve(&Limits::default()).unwrap();
    assert_eq!(days(&weekdays), [6, 8, 9, 10, 11, 17]);
    let named = |day: &str| weekdays.occurrence_at(&Zone::utc(), &value(day), &Limits::default()).unwrap();
    assert!(named("20260105T080000Z").is_none() && named("20260106T080000Z").is_some());
    let mut days_off = set("20260105", &["FREQ=DAILY;COUNT=4"]);
    days_off.exrules = vec!["FREQ=MONTHLY;BYMONTHDAY=6;UNTIL=20260110".parse().unwrap()];
    assert_eq!(days(&days_off), [5, 7, 8]);
}

#[test]
fn the_second_of_two_equal_hours_can_be_named_in_utc() {
    let mut set = set("Europe/Berlin:20261024T023000", &["FREQ=DAILY;COUNT=2"]);
    set.rdates.push(Rdate::At(value("20261025T013000Z")));
    let days = "2026-10-24T00:00:00Z 2026-10-26T00:00:00Z";
    check(&set, "UTC", days, &["10-24T00:30/10-24T01:30", "10-25T00:30/10-25T01:30", "10-25T01:30/10-25T02:30"]);
    set.exdates.push(value("20261025T003000Z"));
    check(&set, "UTC", days, &["10-24T00:30/10-24T01:30", "10-25T01:30/10-25T02:30"]);
}

#[test]
fn bounds_are_as_documented() {
    let bounds = |set: &RecurrenceSet| {
        let bounds = set.bounds();
        (bounds.first_start.to_string(), bounds.last_end.map(|last| last.to_string()))
    };
    let single = set("Europe/Berlin:20260105T090000", &[]);
    assert_eq!(bounds(&single), ("2026-01-05T08:00:00Z".to_owned(), Some("2026-01-05T09:00:00Z".to_owned())));
    assert_eq!(bounds(&set("Europe/Berlin:20260105T090000", &["FREQ=DAILY"])).1, None);
    let mut counted = three_days();
    assert_eq!(bounds(&counted).1, None);
    counted.resolve(&Limits::default()).unwrap();
    let last = counted.bounds().last_end.unwrap();
    assert!(last.to_string().starts_with("2026-01-07T09:00"), "{last}");
    counted.overrides.push(moved("20260105T080000Z", "20270105T080000Z", 60));
    assert_eq!(bounds(&counted).1.unwrap(), "2027-01-05T09:00:00Z");
    // A day anywhere on earth, and its longest.
    let day = set("20260105", &[]);
    assert!(bounds(&day).0.starts_with("2026-01-03T22:00"));
    assert!(day.bounds().last_end.unwrap() >= "2026-01-07T02:00:00Z".parse().unwrap());
}

/// RFC 5545 section 3.3.10: weeks are numbered within a year as ISO 8601 does, so week 1 of 2032 (its week -53) begins on 29
/// December 2031 and is one of 2032. The days are those on which libical and rrule-temporal agree.
#[test]
fn a_week_of_a_year_may_begin_in_the_december_before() {
    let days = |start: &str, rule: &str, within: &str| -> Vec<String> {
        expand(&set(start, &[rule]), "UTC", within).iter().map(|one| one.starts_at.strftime("%F").to_string()).collect()
    };
    assert_eq!(
        days(
            "20121106T233000",
            "FREQ=YEARLY;INTERVAL=5;BYWEEKNO=-53,-8,52;BYDAY=TU",
            "2027-01-01T00:00:00Z 2037-01-01T00:00:00Z"
        ),
        ["2027-11-09", "2027-12-28", "2031-12-30", "2032-11-09", "2032-12-21", "2036-12-30"]
    );
    assert_eq!(
        days(
            "20200106T020000",
            "FREQ=YEARLY;INTERVAL=4;BYWEEKNO=-52,-49,-12;BYDAY=MO,SU,SA",
            "2024-09-01T00:00:00Z 2028-01-20T00:00:00Z"
        ),
        ["2024-10-07", "2024-10-12", "2024-10-13", "2028-01-03", "2028-01-08", "2028-01-09"]
    );
}

/// RFC 5545 section 3.3.10: BYDAY is a list, so a day is of the rule that is any of its weekdays, numbered or not.
#[test]
fn weekdays_with_and_without_a_number_are_both_meant() {
    let series = set("20260105T090000", &["FREQ=MONTHLY;BYDAY=MO,-1FR"]);
    let found = expand(&series, "UTC", JANUARY);
    let days: Vec<String> = found.iter().map(|one| one.starts_at.strftime("%m-%d").to_string()).collect();
    assert_eq!(days, ["01-05", "01-12", "01-19", "01-26", "01-30"]);
}
