//! Edits of series: overrides, exceptions, splits, moves. Each is judged by the occurrences that the object then has.

use convene::ical::{CalendarObject, SeriesError};
use convene::limits::Limits;
use convene::recurrence::Occurrence;
use convene::time::{DateOrTime, Period, Zone};

const SERIES: &str = "\
BEGIN:VEVENT
UID:s
DTSTAMP:20260101T000000Z
SUMMARY:Weekly
DTSTART;TZID=Europe/Berlin:20260105T090000
DTEND;TZID=Europe/Berlin:20260105T100000
RRULE:FREQ=WEEKLY;COUNT=6
EXDATE;TZID=Europe/Berlin:20260112T090000
X-KEEP:1
BEGIN:VALARM
TRIGGER:-PT5M
ACTION:DISPLAY
DESCRIPTION:x
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:s
DTSTAMP:20260101T000000Z
SUMMARY:Moved
RECURRENCE-ID;TZID=Europe/Berlin:20260202T090000
DTSTART;TZID=Europe/Berlin:20260202T110000
DTEND;TZID=Europe/Berlin:20260202T120000
END:VEVENT
";

fn series() -> CalendarObject {
    CalendarObject::from_text(SERIES).unwrap()
}

fn owner() -> Zone {
    "America/New_York".parse().unwrap()
}

fn occurrences(object: &CalendarObject) -> Vec<Occurrence> {
    let window = Period::new("2025-01-01T00:00:00Z".parse().unwrap(), "2028-01-01T00:00:00Z".parse().unwrap()).unwrap();
    object.recurrence_set(&Limits::default()).unwrap().expand(&owner(), window, &Limits::default()).unwrap()
}

fn starts(object: &CalendarObject) -> Vec<String> {
    occurrences(object).iter().map(|o| o.start.to_string().replace("Europe/Berlin:", "")).collect()
}

fn at(object: &CalendarObject, id: &str) -> Occurrence {
    let id: DateOrTime = id.parse().unwrap();
    occurrences(object).into_iter().find(|o| o.recurrence_id.instant(&owner()) == id.instant(&owner())).unwrap()
}

const ALL: [&str; 5] = ["20260105T090000", "20260119T090000", "20260126T090000", "20260202T110000", "20260209T090000"];

#[test]
fn the_series_is_what_it_says() {
    assert_eq!(starts(&series()), ALL);
    let source = series().busy_source(&Limits::default()).unwrap();
    assert_eq!((source.states.len(), source.set.overrides.len()), (2, 1));
}

#[test]
fn an_override_is_a_copy_without_recurrence() {
    let mut object = series();
    let occurrence = at(&object, "20260119T080000Z");
    let component = object.override_mut(&occurrence, &owner()).unwrap();
    component.set_text("SUMMARY", Some("Other"));
    let text = object.to_text();
    assert!(text.starts_with(&SERIES[..SERIES.find("END:VEVENT").unwrap()]), "the master stays");
    assert!(text.ends_with(
        "BEGIN:VEVENT\nUID:s\nDTSTAMP:20260101T000000Z\nSUMMARY:Other\nDTSTART;TZID=Europe/Berlin:20260119T090000\n\
         DTEND;TZID=Europe/Berlin:20260119T100000\nX-KEEP:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260119T090000\n\
         BEGIN:VALARM\nTRIGGER:-PT5M\nACTION:DISPLAY\nDESCRIPTION:x\nEND:VALARM\nEND:VEVENT\n"
    ));
    assert_eq!(starts(&object), ALL);
}

#[test]
fn an_override_that_is_there_is_edited() {
    let mut object = series();
    let occurrence = at(&object, "20260202T080000Z");
    let (start, end) =
        ("Europe/Berlin:20260202T150000".parse().unwrap(), "Europe/Berlin:20260202T160000".parse().unwrap());
    object.override_mut(&occurrence, &owner()).unwrap().set_times(&start, &end);
    assert_eq!(object.components().len(), 2);
    assert_eq!(starts(&object)[3], "20260202T150000");
    assert!(object.remove_override(&occurrence.recurrence_id, &owner()));
    assert_eq!(starts(&object)[3], "20260202T090000");
    assert!(!object.remove_override(&occurrence.recurrence_id, &owner()));
}

#[test]
fn a_cancelled_occurrence_is_an_exdate_like_the_start() {
    let mut object = series();
    object.cancel_occurrence(&"20260202T080000Z".parse().unwrap(), &owner()).unwrap();
    assert!(object.to_text().contains("\nEXDATE;TZID=Europe/Berlin:20260202T090000\n"));
    assert_eq!(object.components().len(), 1);
    assert_eq!(starts(&object), [ALL[0], ALL[1], ALL[2], ALL[4]]);
}

#[test]
fn an_all_day_exception_is_a_date() {
    let text = "BEGIN:VEVENT\nUID:s\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n";
    let mut object = CalendarObject::from_text(text).unwrap();
    object.cancel_occurrence(&"20260106".parse().unwrap(), &owner()).unwrap();
    assert!(object.to_text().contains("\nEXDATE;VALUE=DATE:20260106\n"));
    assert_eq!(starts(&object), ["20260105", "20260107"]);
}

#[test]
fn a_split_loses_and_adds_nothing() {
    for index in 1..ALL.len() {
        let mut object = series();
        let occurrence = occurrences(&object).remove(index);
        let rest = object.split(&occurrence, "s2", &owner(), &Limits::default()).unwrap();
        assert_eq!(starts(&object), ALL[..index]);
        assert_eq!(starts(&rest), ALL[index..]);
        assert_eq!((object.uid(), rest.uid()), ("s".to_owned(), "s2".to_owned()));
        assert!(rest.components().iter().all(|component| component.text().contains("\nUID:s2\n")));
        assert!(rest.to_text().contains("X-KEEP:1\nBEGIN:VALARM"));
    }
}

#[test]
fn a_split_of_an_endless_series_with_extra_dates() {
    let text = "BEGIN:VEVENT\nUID:s\nDTSTART:20260105T090000Z\nRRULE:FREQ=MONTHLY;INTERVAL=2\n\
        RDATE:20260106T090000Z,20270106T090000Z\nEND:VEVENT\n";
    let mut object = CalendarObject::from_text(text).unwrap();
    let before = starts(&object);
    let occurrence = at(&object, "20260705T090000Z");
    let rest = object.split(&occurrence, "s2", &owner(), &Limits::default()).unwrap();
    let text = object.to_text();
    assert!(text.contains("UNTIL=20260705T085959Z") && text.contains("\nRDATE:20260106T090000Z\n"), "{text}");
    let both: Vec<String> = starts(&object).into_iter().chain(starts(&rest)).collect();
    assert_eq!(both, before);
}

#[test]
fn a_split_of_an_all_day_series() {
    let text = "BEGIN:VEVENT\nUID:s\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;UNTIL=20260110\nEND:VEVENT\n";
    let mut object = CalendarObject::from_text(text).unwrap();
    let occurrence = at(&object, "20260108");
    let rest = object.split(&occurrence, "s2", &owner(), &Limits::default()).unwrap();
    assert_eq!(starts(&object), ["20260105", "20260106", "20260107"]);
    assert_eq!(starts(&rest), ["20260108", "20260109", "20260110"]);
    assert!(object.to_text().contains("UNTIL=20260107\n"));
}

#[test]
fn there_is_no_split_at_the_start() {
    let mut object = series();
    let first = occurrences(&object).remove(0);
    let error = object.split(&first, "s2", &owner(), &Limits::default()).unwrap_err();
    assert_eq!(error, SeriesError::NothingBefore);
    assert_eq!(object.to_text(), SERIES);
}

#[test]
fn a_moved_series_takes_its_exceptions_along() {
    let mut object = series();
    let (start, end) = ("Asia/Tokyo:20260106T140000".parse().unwrap(), "Asia/Tokyo:20260106T150000".parse().unwrap());
    object.reschedule(&start, &end, &Limits::default()).unwrap();
    let text = object.to_text();
    assert!(text.contains("\nEXDATE;TZID=Asia/Tokyo:20260113T140000\n"), "{text}");
    assert!(text.contains("\nRECURRENCE-ID;TZID=Asia/Tokyo:20260203T140000\n"), "{text}");
    let starts = starts(&object);
    assert_eq!(starts.len(), 5);
    assert!(starts.contains(&"20260202T110000".to_owned()), "the moved one stays where it was put");
}

#[track_caller]
fn moved(text: &str, to: (&str, &str), lines: &[&str]) -> CalendarObject {
    let mut object = CalendarObject::from_text(text).unwrap();
    let before = occurrences(&object).len();
    object.reschedule(&to.0.parse().unwrap(), &to.1.parse().unwrap(), &Limits::default()).unwrap();
    for line in lines {
        assert!(object.to_text().contains(&format!("\n{line}\n")), "{line} is missing in {}", object.to_text());
    }
    assert_eq!(occurrences(&object).len(), before);
    object
}

const DAILY: &str = "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260105T100000\n\
    RRULE:FREQ=DAILY;UNTIL=20260110T080000Z\nEXDATE;TZID=Europe/Berlin:20260107T090000\nEND:VEVENT\n";

#[test]
fn a_later_series_keeps_its_last_occurrence() {
    moved(
        DAILY,
        ("Europe/Berlin:20260105T140000", "Europe/Berlin:20260105T150000"),
        &["RRULE:FREQ=DAILY;UNTIL=20260110T130000Z", "EXDATE;TZID=Europe/Berlin:20260107T140000"],
    );
}

#[test]
fn a_series_becomes_all_day_and_back() {
    let all_day =
        moved(DAILY, ("20260105", "20260106"), &["RRULE:FREQ=DAILY;UNTIL=20260110", "EXDATE;VALUE=DATE:20260107"]);
    moved(
        &all_day.to_text(),
        ("Europe/Berlin:20260105T090000", "Europe/Berlin:20260105T100000"),
        &["RRULE:FREQ=DAILY;UNTIL=20260110T080000Z", "EXDATE;TZID=Europe/Berlin:20260107T090000"],
    );
}

#[test]
fn an_override_of_the_title_alone_moves_with_its_series() {
    let mut object = series();
    let occurrence = at(&object, "20260119T080000Z");
    object.override_mut(&occurrence, &owner()).unwrap().set_text("SUMMARY", Some("Other"));
    let moved = moved(
        &object.to_text(),
        ("Europe/Berlin:20260105T140000", "Europe/Berlin:20260105T143000"),
        &["SUMMARY:Other"],
    );
    let starts = starts(&moved);
    assert_eq!(starts[1], "20260119T140000");
    assert_eq!(starts[3], "20260202T110000");
    assert_eq!(occurrences(&moved)[1].end.to_string(), "Europe/Berlin:20260119T143000");
}
