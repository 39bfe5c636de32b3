//! Busy blocks: of any event, nothing but when it blocks its owner's time.

use convene::ical::{BusyBlocks, CalendarHead, CalendarObject, write};
use convene::limits::Limits;
use convene::time::{DateOrTime, Zone};

/// The blocks of an event that Berlin's alice@example.org owns.
fn blocks(components: &[&str]) -> Vec<CalendarObject> {
    let head = "UID:secret\nDTSTAMP:20250101T000000Z\nSUMMARY:Surgery\nLOCATION:Ward 3\n";
    let text: String = components
        .iter()
        .map(|lines| {
            format!(
                "BEGIN:VEVENT\n{head}{}\nBEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\n",
                lines.replace('|', "\n")
            )
        })
        .collect();
    let limits = Limits::default();
    let source = CalendarObject::from_text(&text).unwrap().busy_source(&limits).unwrap();
    let blocks = BusyBlocks {
        source: &source,
        owner: &Zone::iana("Europe/Berlin").unwrap(),
        owner_email: "alice@example.org",
        sequence: 3,
        changed_at: "2026-01-02T03:04:05Z".parse().unwrap(),
    };
    blocks.objects(|id: Option<&DateOrTime>| id.map_or("all".to_owned(), |id| format!("one {id}")))
}

const ALWAYS: [&str; 6] = ["DTSTAMP", "SUMMARY", "X-MICROSOFT-CDO-BUSYSTATUS", "SEQUENCE", "LAST-MODIFIED", "TRANSP"];

/// Each component on a line of its own: its properties, without those that every block has.
#[track_caller]
fn check(components: &[&str], expected: &[&str]) {
    let objects = blocks(components);
    let text: String = objects.iter().map(CalendarObject::to_text).collect();
    for word in ["Surgery", "Ward", "secret", "VALARM", "ATTENDEE", "ORGANIZER"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let component = |block: &str| {
        let lines = block.lines().filter(|line| !line.starts_with("END:"));
        let own = lines.filter(|line| !ALWAYS.contains(&line.split([':', ';']).next().unwrap()));
        own.collect::<Vec<_>>().join("|")
    };
    let found: Vec<String> = text.split("BEGIN:VEVENT\n").skip(1).map(component).collect();
    assert_eq!(found, expected, "{components:?}");
    for object in &objects {
        let components = CalendarObject::from_text(&object.to_text()).unwrap().components().len();
        assert_eq!(components, object.components().len());
    }
}

#[test]
fn a_single_event_is_a_block_in_utc() {
    check(
        &["DTSTART;TZID=Europe/Berlin:20260105T090000|DTEND;TZID=Europe/Berlin:20260105T100000"],
        &["UID:all|DTSTART:20260105T080000Z|DTEND:20260105T090000Z|STATUS:CONFIRMED"],
    );
    check(
        &["DTSTART:20260705T090000|DURATION:P1DT1H"],
        &["UID:all|DTSTART:20260705T070000Z|DTEND:20260706T080000Z|STATUS:CONFIRMED"],
    );
    check(
        &["DTSTART;VALUE=DATE:20260105"],
        &["UID:all|DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260106|STATUS:CONFIRMED"],
    );
}

#[test]
fn every_block_says_busy_and_its_revision_and_nothing_else() {
    let objects = blocks(&["DTSTART:20260105T090000Z|DTEND:20260105T100000Z|STATUS:TENTATIVE|PRIORITY:1|X-A:b"]);
    let expected = "BEGIN:VEVENT\nUID:all\nDTSTAMP:20260102T030405Z\nDTSTART:20260105T090000Z\nDTEND:20260105T100000Z\n\
        SUMMARY:Busy\nSTATUS:TENTATIVE\nTRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\nSEQUENCE:3\n\
        LAST-MODIFIED:20260102T030405Z\nEND:VEVENT\n";
    assert_eq!(objects[0].to_text(), expected);
}

#[test]
fn what_blocks_nothing_is_no_block() {
    let times = "DTSTART:20260105T090000Z|DTEND:20260105T100000Z|";
    check(&[&format!("{times}TRANSP:TRANSPARENT")], &[]);
    check(&[&format!("{times}STATUS:CANCELLED")], &[]);
    check(&[&format!("{times}ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@example.org")], &[]);
    check(
        &[&format!("{times}ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org")],
        &["UID:all|DTSTART:20260105T090000Z|DTEND:20260105T100000Z|STATUS:CONFIRMED"],
    );
    check(&["DTSTART:20260105T090000Z"], &[]);
    check(&["DTSTART:20260105T090000Z|RRULE:FREQ=DAILY"], &[]);
}

#[test]
fn a_series_stays_one() {
    check(
        &["DTSTART;TZID=Europe/Berlin:20260105T090000|DTEND;TZID=Europe/Berlin:20260105T100000|\
           RRULE:FREQ=WEEKLY;COUNT=10|RDATE;TZID=Europe/Berlin:20260106T090000|EXDATE:20260112T080000Z"],
        &["UID:all|DTSTART;TZID=Europe/Berlin:20260105T090000|DTEND;TZID=Europe/Berlin:20260105T100000|\
           RRULE:FREQ=WEEKLY;COUNT=10|RDATE;TZID=Europe/Berlin:20260106T090000|\
           EXDATE;TZID=Europe/Berlin:20260112T090000|STATUS:CONFIRMED"],
    );
    check(
        &["DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260107|RRULE:FREQ=YEARLY;UNTIL=20300101"],
        &["UID:all|DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260107|RRULE:FREQ=YEARLY;UNTIL=20300101|\
           STATUS:CONFIRMED"],
    );
    check(
        &["DTSTART:20260105T090000Z|DURATION:P1D|RRULE:FREQ=DAILY;INTERVAL=2"],
        &["UID:all|DTSTART:20260105T090000Z|DURATION:P1D|RRULE:FREQ=DAILY;INTERVAL=2|STATUS:CONFIRMED"],
    );
}

#[test]
fn times_without_a_zone_are_the_owners() {
    check(
        &[
            "DTSTART:20260105T090000|DTEND:20260105T100000|RRULE:FREQ=DAILY;UNTIL=20260110T090000|EXDATE:20260106T090000",
        ],
        &["UID:all|DTSTART;TZID=Europe/Berlin:20260105T090000|DTEND;TZID=Europe/Berlin:20260105T100000|\
           RRULE:FREQ=DAILY;UNTIL=20260110T080000Z|EXDATE;TZID=Europe/Berlin:20260106T090000|STATUS:CONFIRMED"],
    );
}

const DAILY: &str = "DTSTART:20260105T090000Z|DTEND:20260105T100000Z|RRULE:FREQ=DAILY;COUNT=9";

#[test]
fn an_occurrence_that_blocks_otherwise_is_an_override_or_an_exception() {
    let master = "UID:all|DTSTART:20260105T090000Z|DTEND:20260105T100000Z|RRULE:FREQ=DAILY;COUNT=9|";
    check(
        &[DAILY, "RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z|STATUS:TENTATIVE"],
        &[
            &format!("{master}STATUS:CONFIRMED"),
            "UID:all|RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z|STATUS:TENTATIVE",
        ],
    );
    let end = "|DTSTART:20260106T090000Z|DTEND:20260106T100000Z|";
    for free in ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.org"] {
        check(
            &[DAILY, &format!("RECURRENCE-ID:20260106T090000Z{end}{free}")],
            &[&format!("{master}EXDATE:20260106T090000Z|STATUS:CONFIRMED")],
        );
    }
    check(
        &[DAILY, "RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T090000Z"],
        &[&format!("{master}EXDATE:20260106T090000Z|STATUS:CONFIRMED")],
    );
}

#[test]
fn what_blocks_where_its_series_does_not_stands_alone() {
    let free = format!("{DAILY}|TRANSP:TRANSPARENT");
    let busy = "RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z";
    let alone = "UID:one 20260106T090000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z|STATUS:CONFIRMED";
    check(&[&free, busy], &[alone]);
    check(&[busy], &[alone]);
    check(&[&free], &[]);
    check(&[&format!("{DAILY}|STATUS:CANCELLED"), busy], &[]);
    check(&[&format!("{free}|EXDATE:20260106T090000Z"), busy], &[]);
}

#[test]
fn a_range_stays_one() {
    check(
        &[DAILY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T090000Z|DTSTART:20260107T090000Z|STATUS:CANCELLED"],
        &[
            "UID:all|DTSTART:20260105T090000Z|DTEND:20260105T100000Z|RRULE:FREQ=DAILY;COUNT=9|STATUS:CONFIRMED",
            "UID:all|RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T090000Z|DTSTART:20260107T090000Z|\
             DTEND:20260107T090000Z|STATUS:CANCELLED",
        ],
    );
}

/// The object as a feed shows it, on one line.
#[track_caller]
fn check_published(components: &[&str], expected: &[&str]) {
    let text: String =
        components.iter().map(|lines| format!("BEGIN:VEVENT\n{}\nEND:VEVENT\n", lines.replace('|', "\n"))).collect();
    let object = CalendarObject::from_text(&text).unwrap();
    let published = object.published("2026-01-02T03:04:05Z".parse().unwrap());
    let text = published.map(|object| object.to_text()).unwrap_or_default();
    let component = |block: &str| block.lines().filter(|line| !line.starts_with("END:")).collect::<Vec<_>>().join("|");
    let found: Vec<String> = text.split("BEGIN:VEVENT\n").skip(1).map(component).collect();
    assert_eq!(found, expected, "{components:?}");
}

#[test]
fn cancelled_occurrences_leave_the_published_object() {
    let revision = "|DTSTAMP:20250101T000000Z|LAST-MODIFIED:20250101T000000Z|SEQUENCE:2";
    let master = format!("UID:a|DTSTART;TZID=Europe/Berlin:20260105T090000|RRULE:FREQ=DAILY{revision}");
    let cancelled = format!("UID:a|RECURRENCE-ID:20260106T080000Z|DTSTART:20260106T090000Z|STATUS:Cancelled{revision}");
    let other =
        format!("UID:a|RECURRENCE-ID:20260107T080000Z|DTSTART:20260107T090000Z|SUMMARY:Not CANCELLED{revision}");
    let excepted = format!("{master}|EXDATE;TZID=Europe/Berlin:20260106T090000");
    check_published(&[&master, &cancelled, &other], &[&excepted, &other]);
    check_published(&[&format!("{master}|STATUS:CANCELLED"), &other], &[]);
    check_published(&[&cancelled], &[]);
    check_published(&[&cancelled, &other], &[&other]);
    check_published(&[&master], &[&master]);
}

#[test]
fn each_published_component_tells_its_revision() {
    check_published(
        &["UID:a|DTSTART:20260106T090000Z", "UID:a|RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T100000Z|SEQUENCE:4"],
        &[
            "UID:a|DTSTART:20260106T090000Z|DTSTAMP:20260102T030405Z|LAST-MODIFIED:20260102T030405Z|SEQUENCE:0",
            "UID:a|RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T100000Z|SEQUENCE:4|DTSTAMP:20260102T030405Z|\
             LAST-MODIFIED:20260102T030405Z",
        ],
    );
}

#[test]
fn a_head_tells_color_and_source() {
    let head =
        CalendarHead { color: Some("#3a87ad"), source: Some("https://x.example/a.ics?b=c"), ..CalendarHead::default() };
    let text = write(&head, []);
    for line in ["COLOR:steelblue", "X-APPLE-CALENDAR-COLOR:#3a87ad", "SOURCE;VALUE=URI:https://x.example/a.ics?b=c"] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
    }
}
