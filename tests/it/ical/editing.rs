//! An edit writes the lines of what changes, and no other.

use convene::freebusy::{Status, Transparency};
use convene::ical::{CalendarObject, NewEvent, Participant, ParticipationStatus, Recurrence, VEvent};
use convene::limits::Limits;
use convene::recurrence::Span;
use convene::time::DateOrTime;

const RICH: &str = "\
BEGIN:VEVENT
UID:rich@example.org
DTSTAMP:20260101T000000Z
X-FIRST;X-P=\"a;b:c\";FOO=bar:one\\, two
SUMMARY;LANGUAGE=de;ALTREP=\"cid:1\":Jour fixe
DTSTART;TZID=Europe/Berlin:20260105T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY;BYDAY=MO
EXDATE;TZID=Europe/Berlin:20260112T090000
RELATED-TO:one
RELATED-TO;RELTYPE=CHILD:two
ORGANIZER;CN=\"Doe, Ann\":mailto:Ann@Example.org
ATTENDEE;CN=\"Müller; Bob\";RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org
ATTENDEE;PARTSTAT=DECLINED:MAILTO:Carl@example.org
CATEGORIES:A,B\\, C
CATEGORIES:D
TRANSP:OPAQUE
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Büro:geo:1,2
BEGIN:VALARM
ACTION:DISPLAY
SUMMARY:not of the event
TRIGGER:-PT15M
END:VALARM
END:VEVENT
";

fn object(text: &str) -> CalendarObject {
    CalendarObject::from_text(text).unwrap()
}

/// After the edit, exactly the lines `gone` are missing and the lines `come` are new, and all others stand in their order.
#[track_caller]
fn check(edit: impl FnOnce(&mut convene::ical::Component), gone: &[&str], come: &[&str]) {
    let mut edited = object(RICH);
    edit(edited.master_mut().unwrap());
    let (before, after) = (RICH.to_owned(), edited.to_text());
    let kept: Vec<&str> = before.lines().filter(|line| !gone.contains(line)).collect();
    let stayed: Vec<&str> = after.lines().filter(|line| !come.contains(line)).collect();
    assert_eq!(kept, stayed);
    for line in come {
        assert!(after.lines().any(|l| l == *line), "{line} is missing in\n{after}");
    }
    CalendarObject::from_text(&after).unwrap();
}

#[test]
fn storage_text_comes_back_as_it_went() {
    assert_eq!(object(RICH).to_text(), RICH);
}

#[test]
fn storage_text_that_is_none_is_refused() {
    for text in [
        "",
        "BEGIN:VEVENT\n",
        "END:VEVENT\n",
        "BEGIN:VEVENT\nEND:VEVENT",
        "BEGIN:VEVENT\nno colon\nEND:VEVENT\n",
        "BEGIN:VEVENT\nBEGIN:VALARM\nEND:VEVENT\nEND:VALARM\n",
        "SUMMARY:x\nBEGIN:VEVENT\nEND:VEVENT\n",
    ] {
        assert!(CalendarObject::from_text(text).is_err(), "{text:?}");
    }
}

#[test]
fn an_event_reads() {
    let object = object(RICH);
    let event = object.master().unwrap();
    assert_eq!(event.uid(), "rich@example.org");
    assert_eq!(event.summary().as_deref(), Some("Jour fixe"));
    assert_eq!(event.start().unwrap(), "Europe/Berlin:20260105T090000".parse().unwrap());
    assert_eq!(event.end().unwrap(), "Europe/Berlin:20260105T100000".parse().unwrap());
    assert_eq!(event.span().unwrap(), Span::seconds(3600));
    assert_eq!(event.categories(), ["A", "B, C", "D"]);
    assert_eq!(event.organizer().unwrap().name.as_deref(), Some("Doe, Ann"));
    assert_eq!(event.organizer().unwrap().email.as_deref(), Some("ann@example.org"));
    assert_eq!(event.attendees()[0].name.as_deref(), Some("Müller; Bob"));
    assert_eq!(event.attendees()[1].status, ParticipationStatus::Declined);
    assert_eq!(event.busy_state().declined_by, ["carl@example.org"]);
    assert_eq!(event.recurrence_lines().len(), 2);
    assert_eq!((event.status(), event.transparency()), (Status::Confirmed, Transparency::Opaque));
}

#[test]
fn a_new_title_keeps_every_other_line() {
    check(
        |event| event.set_text("SUMMARY", Some("Stand-up, daily; really\\\nyes")),
        &["SUMMARY;LANGUAGE=de;ALTREP=\"cid:1\":Jour fixe"],
        &["SUMMARY;LANGUAGE=de:Stand-up\\, daily\\; really\\\\\\nyes"],
    );
}

#[test]
fn the_same_title_changes_nothing() {
    check(|event| event.set_text("SUMMARY", Some("Jour fixe")), &[], &[]);
}

#[test]
fn a_text_that_was_not_there_is_added_before_the_alarms() {
    let mut edited = object(RICH);
    edited.master_mut().unwrap().set_text("LOCATION", Some("Room 1"));
    assert!(edited.to_text().contains("LOCATION:Room 1\nBEGIN:VALARM\n"));
    edited.master_mut().unwrap().set_text("LOCATION", None);
    assert_eq!(edited.to_text(), RICH);
}

#[test]
fn control_characters_cannot_make_lines() {
    let mut edited = object(RICH);
    edited.master_mut().unwrap().set_text("LOCATION", Some("a\r\nATTACH:evil\rb\u{0}c"));
    edited.master_mut().unwrap().set_raw("URL", Some("http://x/\r\nATTACH:evil"));
    edited.master_mut().unwrap().add_attendee(&Participant::new("d@example.org", Some("D\r\nX:\"evil\"^")));
    let text = edited.to_text();
    assert!(text.contains("LOCATION:a\\nATTACH:evil\\nbc\n"), "{text}");
    assert!(text.contains("URL:http://x/ATTACH:evil\n"), "{text}");
    assert!(text.contains("ATTENDEE;CN=\"D^nX:^'evil^'^^\";PARTSTAT=NEEDS-ACTION:mailto:d@example.org\n"), "{text}");
    let name = VEvent::of(&edited.components()[0]).attendees()[2].name.clone();
    assert_eq!(name.as_deref(), Some("D\nX:\"evil\"^"));
}

#[test]
fn new_times_replace_the_duration() {
    check(
        |event| {
            event.set_times(
                &"Asia/Tokyo:20260105T090000".parse().unwrap(),
                &"Asia/Tokyo:20260105T093000".parse().unwrap(),
            )
        },
        &["DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H"],
        &["DTSTART;TZID=Asia/Tokyo:20260105T090000", "DTEND;TZID=Asia/Tokyo:20260105T093000"],
    );
}

#[test]
fn the_same_times_keep_the_duration() {
    check(
        |event| {
            let at = |text: &str| text.parse::<DateOrTime>().unwrap();
            event.set_times(&at("Europe/Berlin:20260105T090000"), &at("Europe/Berlin:20260105T100000"));
        },
        &[],
        &[],
    );
}

#[test]
fn an_all_day_event_is_written_in_dates() {
    check(
        |event| event.set_times(&"20260105".parse().unwrap(), &"20260106".parse().unwrap()),
        &["DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H"],
        &["DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106"],
    );
}

#[test]
fn utc_is_written_with_z() {
    check(
        |event| event.set_times(&"20260105T080000Z".parse().unwrap(), &"20260105T083000Z".parse().unwrap()),
        &["DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H"],
        &["DTSTART:20260105T080000Z", "DTEND:20260105T083000Z"],
    );
}

#[test]
fn an_answer_changes_one_parameter() {
    check(
        |event| assert!(event.set_participation("BOB@example.org", ParticipationStatus::Accepted)),
        &["ATTENDEE;CN=\"Müller; Bob\";RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org"],
        &["ATTENDEE;CN=\"Müller; Bob\";RSVP=TRUE;PARTSTAT=ACCEPTED:mailto:bob@example.org"],
    );
}

#[test]
fn categories_become_one_line() {
    check(
        |event| event.set_categories(&["B, C", "E"]),
        &["CATEGORIES:A,B\\, C", "CATEGORIES:D"],
        &["CATEGORIES:B\\, C,E"],
    );
    check(|event| event.set_categories(&["A", "B, C", "D"]), &[], &[]);
}

#[test]
fn status_and_transparency_are_set() {
    check(
        |event| {
            event.set_status(Status::Tentative);
            event.set_transparency(Transparency::Transparent);
        },
        &["TRANSP:OPAQUE"],
        &["STATUS:TENTATIVE", "TRANSP:TRANSPARENT"],
    );
}

#[test]
fn a_change_is_stamped() {
    check(
        |event| event.touch("2026-02-03T04:05:06Z".parse().unwrap(), Some(3)),
        &["DTSTAMP:20260101T000000Z"],
        &["DTSTAMP:20260203T040506Z", "LAST-MODIFIED:20260203T040506Z", "SEQUENCE:3"],
    );
}

#[test]
fn recurrence_lines_are_replaced_as_a_group() {
    let start: DateOrTime = "Europe/Berlin:20260105T090000".parse().unwrap();
    let lines = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260106T080000Z", "RDATE;VALUE=PERIOD:20260201T080000Z/PT2H"];
    let recurrence = Recurrence::parse(&lines, &start, &Limits::default()).unwrap();
    check(
        |event| event.set_recurrence(&recurrence, &Limits::default()),
        &["RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE;TZID=Europe/Berlin:20260112T090000"],
        &[
            "RRULE:FREQ=DAILY;COUNT=3",
            "RDATE;TZID=Europe/Berlin;VALUE=PERIOD:20260201T090000/PT2H",
            "EXDATE;TZID=Europe/Berlin:20260106T090000",
        ],
    );
}

#[track_caller]
fn refused(line: &str, start: &str, part: &str) {
    let error = Recurrence::parse(&[line], &start.parse().unwrap(), &Limits::default()).unwrap_err().to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn what_the_rfc_forbids_is_named() {
    let timed = "Europe/Berlin:20260105T090000";
    refused("SUMMARY:x", timed, "SUMMARY:x");
    refused("RRULE:FREQ=DAILY;INTERVAL=0", timed, "INTERVAL");
    refused("RRULE:FREQ=DAILY;UNTIL=20260110", timed, "UNTIL");
    refused("RRULE:FREQ=DAILY;UNTIL=20260110T000000Z", "20260105", "UNTIL");
    refused("EXDATE;VALUE=DATE:20260106", timed, "EXDATE");
    refused("EXDATE:20260106T090000", "20260105", "EXDATE");
    refused("EXDATE;TZID=Mars/Olympus:20260106T090000", timed, "Mars/Olympus");
    refused("RDATE:tomorrow", timed, "RDATE");
    refused("RRULE:FREQ=DAILY\r\nATTACH:x", timed, "recurrence");
}

#[test]
fn a_new_event_has_all_that_an_event_needs() {
    let mut event = NewEvent::new(
        "u1",
        "Lunch",
        "Europe/Berlin:20260105T120000".parse().unwrap(),
        "Europe/Berlin:20260105T130000".parse().unwrap(),
        "2026-01-01T00:00:00Z".parse().unwrap(),
    );
    event.organizer = Some(Participant::new("ann@example.org", Some("Ann, A.")));
    event.attendees = vec![Participant::new("bob@example.org", None)];
    let object = CalendarObject::create(&event);
    assert_eq!(
        object.to_text(),
        "BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nCREATED:20260101T000000Z\nLAST-MODIFIED:20260101T000000Z\n\
         SEQUENCE:0\nDTSTART;TZID=Europe/Berlin:20260105T120000\nDTEND;TZID=Europe/Berlin:20260105T130000\n\
         SUMMARY:Lunch\nSTATUS:CONFIRMED\nTRANSP:OPAQUE\nORGANIZER;CN=\"Ann, A.\":mailto:ann@example.org\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org\nEND:VEVENT\n"
    );
}
