//! What an event blocks, state by state.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use convene::freebusy::{BusySource, BusyState, BusyType, Status, Transparency};
use convene::limits::Limits;
use convene::recurrence::{ExpandError, Override, RecurrenceSet, Span};
use convene::time::{DateOrTime, Period, Zone};

/// 5 to 7 January 2026, 09:00 to 10:00 UTC, with the given components besides the master.
fn source(states: Vec<BusyState>, overrides: Vec<Override>) -> BusySource {
    let single = RecurrenceSet::single(value("20260105T090000Z"), Span::seconds(3600));
    let set = RecurrenceSet { rules: vec!["FREQ=DAILY;COUNT=3".parse().unwrap()], overrides, ..single };
    BusySource { set, states }
}

fn value(text: &str) -> DateOrTime {
    text.parse().unwrap()
}

/// An override that changes nothing but its state.
fn same_time(day: i8, following: bool) -> Override {
    let at = value(&format!("202601{day:02}T090000Z"));
    Override { recurrence_id: at.clone(), following, start: at, span: Span::seconds(3600) }
}

fn state(status: Status, transparency: Transparency, declined_by: &[&str]) -> BusyState {
    BusyState { status, transparency, declined_by: declined_by.iter().map(|&email| email.to_owned()).collect() }
}

fn plain() -> BusyState {
    BusyState::default()
}

fn cancelled() -> BusyState {
    state(Status::Cancelled, Transparency::Opaque, &[])
}

fn january() -> Period {
    Period::new("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap()).unwrap()
}

/// The blocked days, with `?` where tentatively and `*` where by a whole-day event.
#[track_caller]
fn check(source: &BusySource, expected: &str) {
    let json = serde_json::to_string(source).unwrap();
    let source: BusySource = serde_json::from_str(&json).unwrap();
    let times = source
        .busy_times(
            &Zone::utc(),
            "Ann@Example.org",
            january(),
            convene::freebusy::AllDay::default(),
            &Limits::default(),
        )
        .unwrap();
    let found: Vec<String> = times
        .iter()
        .map(|time| {
            let tentative = if time.kind == BusyType::Tentative { "?" } else { "" };
            let all_day = if time.all_day { "*" } else { "" };
            format!("{}{tentative}{all_day}", time.period.start().strftime("%-d"))
        })
        .collect();
    assert_eq!(found.join(" "), expected);
}

#[test]
fn a_series_blocks_its_occurrences_by_the_state_of_its_master() {
    let with = |state| source(vec![state], vec![]);
    check(&source(vec![], vec![]), "5 6 7");
    check(&with(plain()), "5 6 7");
    check(&with(state(Status::Tentative, Transparency::Opaque, &[])), "5? 6? 7?");
    check(&with(state(Status::Confirmed, Transparency::Transparent, &[])), "");
    check(&with(cancelled()), "");
    check(&with(state(Status::Confirmed, Transparency::Opaque, &["bob@example.org"])), "5 6 7");
    check(&with(state(Status::Confirmed, Transparency::Opaque, &["bob@example.org", "ANN@example.ORG"])), "");
}

#[test]
fn an_override_speaks_for_its_occurrence_only() {
    let with = |master: BusyState, other: BusyState| source(vec![master, other], vec![same_time(6, false)]);
    check(&with(plain(), cancelled()), "5 7");
    check(&with(plain(), state(Status::Confirmed, Transparency::Opaque, &["ann@example.org"])), "5 7");
    check(&with(plain(), state(Status::Tentative, Transparency::Opaque, &[])), "5 6? 7");
    let free = state(Status::Confirmed, Transparency::Transparent, &[]);
    check(&with(free.clone(), plain()), "6");
    check(&with(state(Status::Tentative, Transparency::Opaque, &["ann@example.org"]), plain()), "6");
    check(&source(vec![plain(), free], vec![same_time(6, true)]), "5");
    check(&source(vec![plain(), cancelled()], vec![same_time(6, true)]), "5");
}

#[test]
fn a_cancelled_master_cancels_the_whole_set() {
    check(&source(vec![cancelled(), plain()], vec![same_time(6, false)]), "");
    let mut alone = source(vec![cancelled(), plain()], vec![same_time(6, false)]);
    alone.set.has_master = false;
    check(&alone, "6");
}

#[test]
fn no_time_blocks_nothing_and_days_are_all_day() {
    let mut none = source(vec![plain()], vec![]);
    none.set.span = Span::ZERO;
    check(&none, "");
    let mut days = source(vec![plain(), plain()], vec![same_time(6, false)]);
    days.set.start = value("20260105");
    days.set.span = Span::days(1);
    check(&days, "5* 6 7*");
}

#[test]
fn a_bound_is_an_error_and_not_a_shorter_list() {
    let limits = Limits { occurrences_per_window: 2, ..Limits::default() };
    let found = source(vec![plain()], vec![]).busy_times(
        &Zone::utc(),
        "",
        january(),
        convene::freebusy::AllDay::default(),
        &limits,
    );
    assert_eq!(found, Err(ExpandError::TooManyOccurrences { limit: 2 }));
}
