use convene::time::{Date, Days, Period, SignedDuration, Time, Timestamp, WorkingHours, Zone};
use jiff::civil::Weekday;
use proptest::prelude::*;

#[test]
fn office_hours() {
    check("mon,tue 09:00-17:00 UTC", "2026-01-05 7d", "2026-01-05T09:00Z/8h 2026-01-06T09:00Z/8h");
    check("all 09:00-17:00 Asia/Kathmandu", "2026-01-05 1d", "2026-01-05T03:15Z/8h");
    check("none 09:00-17:00 UTC", "2026-01-05 7d", "");
}

#[test]
fn night_shifts_belong_to_the_day_on_which_they_start() {
    check("fri 22:00-06:00 UTC", "2026-01-05 7d", "2026-01-09T22:00Z/8h");
    check("sun 22:00-06:00 UTC", "2026-01-05 1d", "2026-01-05T00:00Z/6h");
}

#[test]
fn whole_days_run_on() {
    check("all 00:00-00:00 Europe/Berlin", "2026-03-27 4d", "2026-03-27T00:00Z/96h");
    check("mon 00:00-00:00 UTC", "2026-01-04 3d", "2026-01-05T00:00Z/24h");
    check("mon,tue 13:00-13:00 UTC", "2026-01-05 4d", "2026-01-05T13:00Z/48h");
    // Midnight itself is skipped, then repeated.
    check("sat,sun 00:00-00:00 America/Havana", "2026-03-06 5d", "2026-03-07T05:00Z/47h");
    check("sat,sun 00:00-00:00 America/Havana", "2025-10-31 5d", "2025-11-01T04:00Z/49h");
}

#[test]
fn a_change_of_clocks_stretches_and_shrinks_the_night() {
    check("all 22:00-06:00 Europe/Berlin", "2026-03-28T12 1d", "2026-03-28T21:00Z/7h");
    check("all 22:00-06:00 Europe/Berlin", "2026-10-24T12 1d", "2026-10-24T20:00Z/9h");
    check("all 22:00-06:00 Australia/Lord_Howe", "2026-04-04T02 1d", "2026-04-04T11:00Z/8h30m");
}

#[test]
fn a_skipped_time_is_read_by_the_offset_before_and_a_repeated_one_is_the_first() {
    check("sun 02:30-10:00 Europe/Berlin", "2026-03-28T12 1d", "2026-03-29T01:30Z/6h30m");
    check("sun 02:30-10:00 Europe/Berlin", "2026-10-24T12 1d", "2026-10-25T00:30Z/8h30m");
    // 02:15 to 02:45 become 03:15 to 03:45; 02:30 to 03:15 would end before it starts.
    check("sun 02:15-02:45 Europe/Berlin", "2026-03-28T12 1d", "2026-03-29T01:15Z/30m");
    check("sun 02:30-03:15 Europe/Berlin", "2026-03-28T12 1d", "");
}

#[test]
fn nobody_works_on_a_day_that_apia_never_had() {
    check("fri 09:00-17:00 Pacific/Apia", "2011-12-29 4d", "");
    check("all 09:00-17:00 Pacific/Apia", "2011-12-29T12 2d", "2011-12-29T19:00Z/8h 2011-12-30T19:00Z/8h");
    // The night of the 29th ends at 06:00 of the 31st, the next morning.
    check("thu 22:00-06:00 Pacific/Apia", "2011-12-29 4d", "2011-12-30T08:00Z/8h");
    check("all 00:00-00:00 Pacific/Apia", "2011-12-29 4d", "2011-12-29T00:00Z/96h");
}

#[test]
fn wider_hours_never_pass_a_day_and_may_begin_the_day_before() {
    let widened = |hours: &str, before, after| {
        let wider = read(hours).widened(SignedDuration::from_mins(before), SignedDuration::from_mins(after));
        let days: Vec<Weekday> = wider.days.iter().collect();
        (wider.start.strftime("%H:%M").to_string(), wider.end.strftime("%H:%M").to_string(), days)
    };
    let case = |start: &str, end: &str, days: &[Weekday]| (start.to_owned(), end.to_owned(), days.to_vec());
    use Weekday::{Monday, Sunday, Tuesday};
    assert_eq!(widened("mon 09:00-17:00 UTC", 60, 0), case("08:00", "17:00", &[Monday]));
    assert_eq!(widened("mon 09:00-17:00 UTC", 0, 480), case("09:00", "01:00", &[Monday]));
    assert_eq!(widened("mon 09:00-17:00 UTC", 0, 5000), case("09:00", "09:00", &[Monday]));
    assert_eq!(widened("mon 01:00-09:00 UTC", 60, 0), case("00:00", "09:00", &[Monday]));
    assert_eq!(widened("mon,tue 01:00-09:00 UTC", 120, 0), case("23:00", "09:00", &[Monday, Sunday]));
    assert_eq!(widened("tue 01:00-23:30 UTC", 120, 30), case("23:30", "23:30", &[Monday]));
    assert_eq!(widened("mon 22:00-06:00 UTC", 60, 60), case("21:00", "07:00", &[Monday]));
    assert_eq!(widened("tue 00:00-00:00 UTC", 60, 60), case("00:00", "00:00", &[Tuesday]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn widened_hours_are_the_hours_made_longer(start in 0..96_i8, end in 0..96_i8, days in 0..128_u8, before in 0..1500_i64, after in 0..1500_i64) {
        let time = |quarter: i8| Time::new(quarter / 4, quarter % 4 * 15, 0, 0).unwrap();
        let hours = WorkingHours { start: time(start), end: time(end), days: Days::from_bits(days), zone: Zone::utc() };
        let length = if end <= start { i64::from(end - start) * 15 + 1440 } else { i64::from(end - start) * 15 };
        let before = before.min(1440 - length);
        let after = after.min(1440 - length - before);
        let window = window("2026-01-05 14d");
        let (before, after) = (SignedDuration::from_mins(before), SignedDuration::from_mins(after));
        let inside = |hours: &WorkingHours, window: Period| hours.within(window);
        let week = SignedDuration::from_hours(24 * 7);
        let expected = inside(&hours, window.widened(week, week)).iter().map(|p| p.widened(before, after)).collect::<convene::time::PeriodSet>().clipped(window);
        prop_assert_eq!(inside(&hours.widened(before, after), window), expected);
    }

    #[test]
    fn a_part_of_the_window_has_that_part_of_the_hours(zone in 0..600_usize, start in 0..1440_i64, end in 0..1440_i64, from in 0..400_i64, days in 0..20_i64) {
        let names = Zone::iana_names();
        let time = |minute: i64| Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap();
        let zone = Zone::iana(&names[zone % names.len()]).unwrap();
        let hours = WorkingHours { start: time(start), end: time(end), days: Days::ALL, zone };
        let day = SignedDuration::from_hours(24);
        let origin = at("2026-01-01T00:00Z") + day * i32::try_from(from).unwrap();
        let part = Period::new(origin, origin + day * i32::try_from(days).unwrap() + SignedDuration::from_mins(start + 1)).unwrap();
        let whole = part.widened(day * 9, day * 9);
        prop_assert_eq!(hours.within(part), hours.within(whole).clipped(part));
    }
}

/// `hours`: days, wall-clock times and zone; `window`: a UTC date (and hour) and a length; `expected`: starts and lengths.
#[track_caller]
fn check(hours: &str, asked: &str, expected: &str) {
    let found = read(hours).within(window(asked));
    let told: Vec<(Timestamp, SignedDuration)> = found.iter().map(|p| (p.start(), p.duration())).collect();
    let expected: Vec<(Timestamp, SignedDuration)> = expected
        .split_whitespace()
        .map(|period| period.split_once('/').unwrap())
        .map(|(start, length)| (at(start), length.parse().unwrap()))
        .collect();
    assert_eq!(told, expected);
}

fn read(hours: &str) -> WorkingHours {
    let [days, times, zone] = hours.split(' ').collect::<Vec<_>>()[..] else { panic!("{hours}") };
    let (start, end) = times.split_once('-').unwrap();
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let bits = names.iter().enumerate().filter(|(_, name)| days.contains(**name)).map(|(bit, _)| 1 << bit).sum();
    let days = if days == "all" { Days::ALL } else { Days::from_bits(bits) };
    WorkingHours { start: start.parse().unwrap(), end: end.parse().unwrap(), days, zone: Zone::iana(zone).unwrap() }
}

fn window(asked: &str) -> Period {
    let (start, days) = asked.split_once(' ').unwrap();
    let (date, hour) = start.split_once('T').unwrap_or((start, "0"));
    let date: Date = date.parse().unwrap();
    let start = Zone::utc().resolve(date.at(hour.parse().unwrap(), 0, 0, 0));
    let days: i64 = days.trim_end_matches('d').parse().unwrap();
    let end = start + SignedDuration::from_hours(24 * days);
    Period::new(start, end).unwrap()
}

fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}
