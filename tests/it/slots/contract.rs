//! Written examples: the contract's own, and one per clause of the question. Times of day are those of 2025-12-29, a
//! Monday, unless a date stands with them.

use std::num::NonZeroU32;
use std::sync::Arc;

use convene::ids::UserId;
use convene::slots::{Align, Change, EmptyReason, Group, Order, Party, Query, Score, Tentative, find_slots};
use convene::time::{Period, PeriodSet, SignedDuration, Timestamp, Zone};

use super::questions::{at, plain, span, working};

#[test]
fn two_free_people_have_15_slots_a_day_for_a_week() {
    let answer = find_slots(&plain(2));
    assert_eq!(answer.total, 105);
    assert_eq!(answer.slots.len(), 105);
    assert_eq!(answer.slots[0].period, span("2025-12-29T09:00:00Z", "2025-12-29T10:00:00Z"));
    assert_eq!(answer.slots[1].period, span("2025-12-29T09:30:00Z", "2025-12-29T10:30:00Z"));
    assert_eq!(answer.slots[14].period.end(), at("2025-12-29T17:00:00Z"));
    assert_eq!(answer.explanation, None);
}

#[test]
fn events_block_half_open() {
    let busy = |events: &[&str]| one_day(|query| set_busy(query, 1, events));
    check(&busy(&["10:00-16:00"]), "09:00 16:00");
    check(&busy(&["10:00-11:00", "11:00-16:00"]), "09:00 16:00");
    check(&busy(&["09:59-16:01"]), "");
    check(&busy(&["00:00-09:00", "11:00-24:00"]), "09:00 09:30 10:00");
}

#[test]
fn buffers_are_kept_free_of_events_but_not_of_leisure() {
    let buffers = |before, after| {
        one_day(|query| {
            set_busy(query, 1, &["08:00-08:45", "11:00-24:00"]);
            (query.buffer_before_minutes, query.buffer_after_minutes) = (before, after);
        })
    };
    check(&buffers(0, 0), "09:00 09:30 10:00");
    check(&buffers(15, 0), "09:00 09:30 10:00");
    check(&buffers(16, 0), "09:30 10:00");
    check(&buffers(0, 30), "09:00 09:30");
    check(&buffers(16, 31), "");
}

#[test]
fn touching_windows_are_one_and_others_are_not() {
    let windows = |second: &str| one_day(|query| query.windows = vec![day("09:00-10:00"), day(second)]);
    check(&windows("10:00-11:00"), "09:00 09:30 10:00");
    check(&windows("10:01-12:01"), "09:00 10:30 11:00");
}

#[test]
fn stretches_have_their_own_beginnings() {
    let free = |events: &[&str]| {
        one_day(|query| {
            query.align = Align::Free;
            set_busy(query, 1, events);
        })
    };
    check(&free(&["09:00-09:10", "11:00-15:00"]), "09:10 09:40 15:00 15:30 16:00");
}

#[test]
fn a_group_needs_enough_who_stay_for_the_whole_slot() {
    let group = |need| {
        one_day(|query| {
            query.required.clear();
            query.groups = vec![Group { people: vec![UserId(1), UserId(2)], need }];
            set_busy(query, 1, &["09:30-16:00"]);
            set_busy(query, 2, &["09:00-09:30", "10:30-24:00"]);
        })
    };
    check(&group(1), "09:30 16:00");
    check(&group(2), "");
    assert_eq!(find_slots(&group(0)).total, 47, "the whole day, nobody being needed");
    assert_eq!(find_slots(&group(3)).total, 0);
    let first = &find_slots(&group(1)).slots[0];
    assert_eq!((&first.available[..], &first.unavailable[..]), (&[UserId(2)][..], &[UserId(1)][..]));
}

#[test]
fn night_shifts_and_whole_days_run_on() {
    let hours = |hours| {
        one_day(|query| {
            query.windows = vec![span("2025-12-29T21:00:00Z", "2025-12-30T02:00:00Z")];
            query.people.get_mut(&UserId(1)).unwrap().working = Some(working(hours, 127, "UTC"));
            query.people.get_mut(&UserId(2)).unwrap().working = None;
        })
    };
    check(&hours((22, 0, 1, 0)), "22:00 22:30 23:00 23:30 00:00");
    check(&hours((0, 0, 0, 0)), "21:00 21:30 22:00 22:30 23:00 23:30 00:00 00:30 01:00");
}

#[test]
fn a_repeated_hour_has_its_starts_twice_and_a_skipped_one_none() {
    let berlin = |start, end, step| {
        one_day(|query| {
            query.windows = vec![span(start, end)];
            query.people.values_mut().for_each(|person| person.working = None);
            query.zone = Zone::iana("Europe/Berlin").unwrap();
            query.step_minutes = NonZeroU32::new(step).unwrap();
        })
    };
    check(&berlin("2026-10-24T23:00:00Z", "2026-10-25T04:00:00Z", 60), "23:00 00:00 01:00 02:00 03:00");
    // The window is 01:00 to 05:00 of the wall clock; 02:00 does not exist, and 03:00 comes right after 02:00 would have.
    check(&berlin("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", 60), "00:00 01:00 02:00");
    check(&berlin("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", 120), "02:00");
    check(&berlin("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", 180), "01:00");
    // 100 minutes do not divide the day: 23:20 local is followed by midnight.
    check(&berlin("2026-01-05T22:00:00Z", "2026-01-06T02:00:00Z", 100), "22:20 23:00 00:40");
    check(&berlin("2026-01-05T22:00:00Z", "2026-01-07T02:00:00Z", 1440), "23:00 23:00");
}

#[test]
fn lord_howe_moves_its_clock_by_half_an_hour() {
    let query = one_day(|query| {
        query.windows = vec![span("2026-04-04T14:00:00Z", "2026-04-04T17:00:00Z")];
        query.people.values_mut().for_each(|person| person.working = None);
        query.zone = Zone::iana("Australia/Lord_Howe").unwrap();
        query.step_minutes = NonZeroU32::new(60).unwrap();
    });
    // 01:00 (+11), then 02:00 is 01:30 again: 02:00 (+10:30) comes 90 minutes later.
    check(&query, "14:00 15:30");
}

#[test]
fn somebody_of_whom_nothing_is_known_is_never_free() {
    let mut query = plain(2);
    query.required.push(UserId(9));
    let answer = find_slots(&query);
    assert_eq!(answer.total, 0);
    let without = answer.explanation.unwrap().relaxations;
    assert_eq!((without[0].change, without[0].total), (Change::WithoutUser(UserId(9)), 105));
    query.required.pop();
    query.optional.push(UserId(9));
    assert_eq!(find_slots(&query).slots[0].unavailable, [UserId(9)]);
}

#[test]
fn each_empty_answer_says_why() {
    let reason = |change: &dyn Fn(&mut Query)| {
        let answer = find_slots(&one_day(change));
        answer.explanation.unwrap().empty_reason.unwrap()
    };
    let hours = |query: &mut Query, of, hours, days| {
        query.people.get_mut(&UserId(of)).unwrap().working = Some(working(hours, days, "UTC"));
    };
    assert_eq!(reason(&|query| query.windows = vec![day("09:00-09:59")]), EmptyReason::WindowTooShort);
    assert_eq!(reason(&|query| query.windows = vec![day("09:01-10:29")]), EmptyReason::WindowTooShort);
    assert_eq!(reason(&|query| query.windows.clear()), EmptyReason::WindowTooShort);
    assert_eq!(reason(&|query| hours(query, 2, (9, 0, 17, 0), 0b111_1110)), EmptyReason::NoWorkingDays);
    assert_eq!(reason(&|query| hours(query, 2, (17, 0, 23, 0), 127)), EmptyReason::NoCommonWorkingHours);
    assert_eq!(reason(&|query| set_busy(query, 2, &["09:00-16:01"])), EmptyReason::Busy);
}

#[test]
fn an_explanation_names_who_and_what_and_the_change_that_helps() {
    let query = one_day(|query| {
        query.windows = vec![day("09:00-17:00")];
        query.people.get_mut(&UserId(2)).unwrap().tentative = set(&["09:00-17:00"]);
        set_busy(query, 1, &["09:00-16:15"]);
    });
    let explanation = find_slots(&query).explanation.unwrap();
    assert_eq!(explanation.candidates, 15);
    assert_eq!(
        explanation.summary,
        "There is no slot; user 1 rules out most, 15 of 15 candidate starts (mostly: busy)."
    );
    let user_2 = explanation.blockers.iter().find(|blocker| blocker.who == Party::Person(UserId(2))).unwrap();
    assert_eq!((user_2.outside_working_hours, user_2.busy, user_2.tentative, user_2.only_they), (0, 0, 15, 0));
    // Each of the two alone fills the day.
    assert_eq!(explanation.relaxations, []);

    let query = one_day(|query| {
        set_busy(query, 1, &["09:00-16:15"]);
        query.known_until = Some(at("2026-01-05T00:00:00Z"));
    });
    let explanation = find_slots(&query).explanation.unwrap();
    assert_eq!(
        explanation.summary,
        "There is no slot; user 1 rules out most within working hours, 15 of 47 candidate starts (mostly: busy)."
    );
    let told: Vec<(Change, usize)> = explanation.relaxations.iter().map(|r| (r.change, r.total)).collect();
    let end = at("2025-12-31T00:00:00Z");
    assert_eq!(
        told,
        [
            (Change::WithoutUser(UserId(1)), 15),
            (Change::Shorter { minutes: 30 }, 1),
            (Change::WiderHours { earlier_minutes: 60, later_minutes: 0 }, 1),
            (Change::WiderHours { earlier_minutes: 0, later_minutes: 30 }, 1),
            (Change::LaterEnd { days: 1, end }, 15),
        ]
    );
}

#[test]
fn the_best_slot_comes_first() {
    let query = one_day(|query| {
        query.order = Order::Score;
        query.tentative = Tentative::Free;
        query.windows = vec![day("09:00-17:00")];
        query.people.get_mut(&UserId(2)).unwrap().tentative = set(&["12:00-13:00"]);
        query.optional = vec![UserId(2)];
        query.required = vec![UserId(1), UserId(2)];
    });
    let answer = find_slots(&query);
    // Comfortable from 11:00 on, and before 12:00; sooner is better.
    assert_eq!(answer.slots[0].period, day("11:00-12:00"));
    let Score { mean, parts } = answer.slots[0].score.unwrap();
    assert_eq!(
        (parts.optional, parts.comfort, parts.tentative, parts.stretches, parts.soon),
        (1.0, 1.0, 1.0, 1.0, 0.75)
    );
    assert_eq!(mean, 0.95);
    let hit = answer.slots.iter().find(|slot| slot.period == day("12:30-13:30")).unwrap();
    assert_eq!(hit.score.unwrap().parts.tentative, 0.0);
}

#[test]
fn the_edge_of_a_window_is_not_the_edge_of_a_working_day() {
    let mut query = plain(1);
    query.order = Order::Score;
    query.windows = vec![day("12:00-13:00")];
    assert_eq!(find_slots(&query).slots[0].score.unwrap().parts.comfort, 1.0);
}

#[test]
fn a_group_sends_those_who_are_most_comfortable() {
    let comfort = |need| {
        let mut query = plain(3);
        query.order = Order::Score;
        query.required.clear();
        query.windows = vec![day("15:00-16:00")];
        query.people.get_mut(&UserId(2)).unwrap().working = Some(working((15, 0, 23, 0), 127, "UTC"));
        query.people.get_mut(&UserId(3)).unwrap().working = None;
        query.groups = vec![Group { people: vec![UserId(1), UserId(2), UserId(3)], need }];
        find_slots(&query).slots[0].score.unwrap().parts.comfort
    };
    assert_eq!([comfort(1), comfort(2), comfort(3)], [1.0, 0.5, 0.0]);
}

#[test]
fn the_worst_off_decides_across_zones() {
    let mut query = plain(2);
    query.order = Order::Score;
    query.windows = vec![day("00:00-24:00")];
    query.people.get_mut(&UserId(2)).unwrap().working = Some(working((9, 0, 17, 0), 127, "America/New_York"));
    // Common hours are 14:00 to 17:00 UTC: at 15:00 both are an hour from an edge, elsewhere one is nearer to theirs.
    let comfort: Vec<f64> = {
        let mut slots = find_slots(&query).slots;
        slots.sort_by_key(|slot| slot.period);
        slots.iter().map(|slot| slot.score.unwrap().parts.comfort).collect()
    };
    assert_eq!(comfort, [0.0, 0.25, 0.5, 0.25, 0.0]);
}

#[test]
fn the_ends_of_time_and_the_largest_numbers_are_no_panic() {
    let day = SignedDuration::from_hours(24);
    let ends = [
        Period::new(Timestamp::MIN, Timestamp::MIN + day * 9).unwrap(),
        Period::new(Timestamp::MAX - day * 9, Timestamp::MAX).unwrap(),
    ];
    for (window, align) in ends.into_iter().flat_map(|end| [(end, Align::Clock), (end, Align::Free)]) {
        let mut query = plain(2);
        query.windows = vec![window];
        query.align = align;
        query.order = Order::Score;
        query.explain = true;
        query.known_until = Some(Timestamp::MAX);
        query.zone = Zone::iana("Pacific/Apia").unwrap();
        set_busy(&mut query, 1, &["10:00-11:00"]);
        assert!(find_slots(&query).total > 50);
        query.people.get_mut(&UserId(1)).unwrap().busy = Arc::new(PeriodSet::from(window));
        (query.buffer_before_minutes, query.buffer_after_minutes) = (u32::MAX, u32::MAX);
        assert_eq!(find_slots(&query).total, 0);
        query.duration_minutes = NonZeroU32::MAX;
        query.step_minutes = NonZeroU32::MAX;
        assert_eq!(find_slots(&query).total, 0);
    }
}

#[track_caller]
fn check(query: &Query, starts: &str) {
    let found: Vec<String> =
        find_slots(query).slots.iter().map(|slot| slot.period.start().strftime("%H:%M").to_string()).collect();
    assert_eq!(found.join(" "), starts);
}

/// Two people's question about one day, changed.
fn one_day(change: impl Fn(&mut Query)) -> Query {
    let mut query = plain(2);
    query.windows = vec![day("00:00-24:00")];
    change(&mut query);
    query
}

fn set_busy(query: &mut Query, id: i64, events: &[&str]) {
    query.people.get_mut(&UserId(id)).unwrap().busy = set(events);
}

fn set(events: &[&str]) -> Arc<PeriodSet> {
    Arc::new(events.iter().map(|event| day(event)).collect())
}

fn day(hours: &str) -> Period {
    let (start, end) = hours.split_once('-').unwrap();
    let instant = |time: &str| match time {
        "24:00" => at("2025-12-30T00:00:00Z"),
        time => at(&format!("2025-12-29T{time}:00Z")),
    };
    Period::new(instant(start), instant(end)).unwrap()
}
