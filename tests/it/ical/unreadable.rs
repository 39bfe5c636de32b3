//! What of an event's times cannot be read: to call an hour free that is not is worse than the other way round. Each case also
//! says what a person is told, and the file as it is understood means the same when it is read again.

use convene::freebusy::AllDay;
use convene::ical::{CalendarHead, Diagnosis, ReadCalendar, write};
use convene::limits::Limits;
use convene::time::{Period, Timestamp, Zone};

use super::reading::read_bytes;

/// What blocks time in January 2026, in the time of Vienna, where the calendar's owner is: `05 09:00-05 10:00`.
fn busy(read: &ReadCalendar) -> Vec<String> {
    let vienna: Zone = "Europe/Vienna".parse().unwrap();
    let [start, end]: [Timestamp; 2] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"].map(|it| it.parse().unwrap());
    let (january, limits) = (Period::new(start, end).unwrap(), Limits::default());
    let shown = |at: Timestamp| vienna.local(at).strftime("%d %H:%M").to_string();
    let mut found = Vec::new();
    for object in &read.objects {
        let source = object.object.busy_source(&limits).unwrap();
        let times = source.busy_times(&vienna, "", january, AllDay::Transparency, &limits).unwrap();
        found.extend(times.iter().map(|it| format!("{}-{}", shown(it.period.start()), shown(it.period.end()))));
    }
    found.sort();
    found
}

/// VEVENTs of one UID with these lines each block this, and something is said of them.
#[track_caller]
fn check(events: &[&str], expected: &[&str], said: &str) {
    let events = events.iter().map(|lines| {
        let lines = lines.replace(' ', "\n").replace('_', " ");
        format!("BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT\n")
    });
    let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}END:VCALENDAR\n", events.collect::<String>());
    let mut read = read_bytes(file.as_bytes());
    assert_eq!(busy(&read), expected, "{:?}", read.warnings);
    let repaired = write(&CalendarHead::default(), read.objects.iter().map(|read| &read.object));
    let again = read_bytes(repaired.as_bytes());
    assert_eq!((busy(&again), &again.errors[..], &again.warnings[..]), (busy(&read), &[][..], &[][..]), "{repaired}");
    let found: Vec<String> = Diagnosis::of(&mut read).findings.iter().map(|finding| finding.sentence()).collect();
    assert!(found.iter().any(|sentence| sentence.contains(said)), "{said}: {found:#?}");
}

const UNTIL_DAY_ENDS: &str = "the event is taken to last until its day ends, and an hour at least";
const THAT_DAY: &str = "the event is taken to last that day";
const OTHER: &str = "what else says it counts";

#[test]
fn an_end() {
    for (lines, expected, said) in [
        ("DTSTART;TZID=Europe/Vienna:20260105T090000 DTEND:None", "05 09:00-06 00:00", UNTIL_DAY_ENDS),
        ("DTSTART;TZID=Europe/Vienna:20260105T090000 DTEND:", "05 09:00-06 00:00", "DTEND: it has no value"),
        ("DTSTART;TZID=Europe/Vienna:20260105T090000 DTEND:None", "05 09:00-06 00:00", "DTEND: \"None\" is no date"),
        ("DTSTART;TZID=Europe/Vienna:20260105T090000 DURATION:an_hour", "05 09:00-06 00:00", UNTIL_DAY_ENDS),
        ("DTSTART;TZID=Europe/Vienna:20260105T090000 DURATION:1:00", "05 09:00-06 00:00", "DURATION: \"1:00\" is no"),
        // An hour at least.
        ("DTSTART;TZID=Europe/Vienna:20260105T233000 DTEND:x", "05 23:30-06 00:30", UNTIL_DAY_ENDS),
        ("DTSTART;TZID=Europe/Vienna:20260105T000000 DTEND:x", "05 00:00-06 00:00", UNTIL_DAY_ENDS),
        ("DTSTART:20260105T090000 DTEND:x", "05 09:00-06 00:00", UNTIL_DAY_ENDS),
        // The day of a UTC time is the owner's, that of another zone is its own.
        ("DTSTART:20260105T223000Z DTEND:x", "05 23:30-06 00:30", UNTIL_DAY_ENDS),
        ("DTSTART:20260105T233000Z DTEND:x", "06 00:30-07 00:00", UNTIL_DAY_ENDS),
        ("DTSTART;TZID=America/New_York:20260105T180000 DTEND:x", "06 00:00-06 06:00", UNTIL_DAY_ENDS),
        ("DTSTART;VALUE=DATE:20260105 DTEND;VALUE=DATE:x", "05 00:00-06 00:00", THAT_DAY),
        ("DTSTART;VALUE=DATE:20260105 DURATION:x", "05 00:00-06 00:00", THAT_DAY),
        // What can be read counts.
        ("DTSTART:20260105T090000Z DTEND:x DURATION:PT2H", "05 10:00-05 12:00", OTHER),
        ("DTSTART:20260105T090000Z DURATION:x DTEND:20260105T100000Z", "05 10:00-05 11:00", OTHER),
        ("DTSTART:20260105T090000Z DTEND:x DTEND:20260105T100000Z", "05 10:00-05 11:00", OTHER),
        ("DTSTART:20260105T090000Z DURATION:x DURATION:PT1H", "05 10:00-05 11:00", OTHER),
    ] {
        check(&[lines], &[expected], said);
    }
}

/// Without an end that anybody meant to write, RFC 5545 section 3.6.1 says how long it is.
#[test]
fn no_end_at_all_is_no_unreadable_one() {
    for (lines, expected) in [("DTSTART:20260105T090000Z", &[][..]), ("DTSTART:20260105", &["05 00:00-06 00:00"])] {
        let read = read_bytes(format!("BEGIN:VEVENT\nUID:u\n{lines}\nEND:VEVENT\n").as_bytes());
        assert_eq!(busy(&read), expected);
    }
}

#[test]
fn a_start() {
    for (lines, expected, said) in [
        ("DTSTART:x DTEND:20260105T100000Z DURATION:PT1H", "05 10:00-05 11:00", "it is made from DTEND"),
        ("DTSTART:x DTSTART:20260105T090000Z DTEND:20260105T100000Z", "05 10:00-05 11:00", OTHER),
        ("DTSTART:x DTEND;VALUE=DATE:20260106", "05 00:00-06 00:00", "it is made from DTEND"),
        // It begins with the day that it ends on, an hour before its end at least.
        ("DTSTART:x DTEND:20260105T100000Z", "05 00:00-05 11:00", "the event begins with the day that it ends on"),
        ("DTSTART:x DTEND;TZID=Europe/Vienna:20260105T003000", "04 23:30-05 00:30", "it is made from DTEND"),
        ("DTSTART:x DTEND;TZID=Europe/Vienna:20260105T000000", "04 00:00-05 00:00", "it is made from DTEND"),
    ] {
        check(&[lines], &[expected], said);
    }
    check(&["DTSTART:x"], &[], "DTSTART: \"x\" is no date");
}

#[test]
fn of_a_series() {
    let series = "DTSTART;TZID=Europe/Vienna:20260105T090000 RRULE:FREQ=DAILY;COUNT=3";
    check(
        &[&format!("{series} DTEND:x")],
        &["05 09:00-06 00:00", "06 09:00-07 00:00", "07 09:00-08 00:00"],
        UNTIL_DAY_ENDS,
    );
    // A rule that cannot be read leaves the series out, which is said loudly: nobody knows when it takes place.
    check(&["DTSTART:20260105T090000Z DURATION:PT1H RRULE:FREQ=SOMETIMES"], &[], "RRULE: FREQ must be");
    let hours = format!("{series} DURATION:PT1H");
    for (lines, expected, said) in [
        ("EXDATE:soon", &["05 09:00-05 10:00", "06 09:00-06 10:00", "07 09:00-07 10:00"][..], "stays"),
        ("EXDATE;TZID=Europe/Vienna:soon,20260106T090000", &["05 09:00-05 10:00", "07 09:00-07 10:00"], "\"soon\""),
        (
            "RDATE;TZID=Europe/Vienna:20260110T090000,soon",
            &["05 09:00-05 10:00", "06 09:00-06 10:00", "07 09:00-07 10:00", "10 09:00-10 10:00"],
            "no time is taken for it",
        ),
        (
            "RDATE;VALUE=PERIOD;TZID=Europe/Vienna:20260110T090000/x,20260111T090000/PT2H",
            &["05 09:00-05 10:00", "06 09:00-06 10:00", "07 09:00-07 10:00", "10 09:00-11 00:00", "11 09:00-11 11:00"],
            "RDATE: \"20260110T090000/x\" is no date",
        ),
    ] {
        check(&[&format!("{hours} {lines}")], expected, said);
    }
}

#[test]
fn of_a_changed_occurrence() {
    let series = "DTSTART;TZID=Europe/Vienna:20260105T090000 DURATION:PT1H RRULE:FREQ=DAILY;COUNT=2";
    let id = "RECURRENCE-ID;TZID=Europe/Vienna:20260106T090000";
    for (lines, expected, said) in [
        (format!("{id} DTSTART:20260110T090000Z DTEND:x"), "10 10:00-11 00:00", UNTIL_DAY_ENDS),
        (format!("{id} DTSTART:x"), "06 09:00-06 10:00", "it is made from RECURRENCE-ID"),
        (format!("{id} DTSTART:x DTEND:x"), "06 09:00-07 00:00", UNTIL_DAY_ENDS),
        (format!("{id} DTSTART:x DTEND;TZID=Europe/Vienna:20260106T113000"), "06 09:00-06 11:30", "RECURRENCE-ID"),
        // It was moved to an earlier time.
        (format!("{id} DTSTART:x DTEND;TZID=Europe/Vienna:20260106T083000"), "06 00:00-06 08:30", "made from DTEND"),
    ] {
        check(&[series, &lines], &["05 09:00-05 10:00", expected], said);
    }
    // Which one it replaces nobody knows, so that one stays.
    let moved = "RECURRENCE-ID:x DTSTART:20260110T090000Z DURATION:PT1H";
    let expected = ["05 09:00-05 10:00", "06 09:00-06 10:00", "10 10:00-10 11:00"];
    check(&[series, moved], &expected, "is kept as an event of its own");
    check(&[series, &moved.replace(":x", ":")], &expected, "RECURRENCE-ID: it has no value");
    // Days are not cut to one.
    let days = "DTSTART;VALUE=DATE:20260105 DURATION:P3D RRULE:FREQ=WEEKLY;COUNT=2";
    let changed = "RECURRENCE-ID;VALUE=DATE:20260112 DTSTART;VALUE=DATE:20260113 DTEND:x";
    check(&[days, changed], &["05 00:00-08 00:00", "13 00:00-16 00:00"], "DTEND: \"x\" is no date");
}

#[test]
fn of_an_occurrence_without_its_series() {
    check(&["RECURRENCE-ID:20260105T090000Z"], &["05 10:00-06 00:00"], UNTIL_DAY_ENDS);
    check(&["RECURRENCE-ID:20260105T090000Z DTSTART:x"], &["05 10:00-06 00:00"], "nothing says how long");
    check(&["RECURRENCE-ID;VALUE=DATE:20260105"], &["05 00:00-06 00:00"], THAT_DAY);
    check(&["RECURRENCE-ID:20260105T090000Z STATUS:CANCELLED"], &[], "it is made from RECURRENCE-ID");
}

#[test]
fn whether_it_takes_time() {
    let hour = "DTSTART:20260105T090000Z DURATION:PT1H";
    for (line, said) in [
        ("STATUS:", "STATUS is \"\", which RFC 5545 does not know of an event; the event counts as confirmed"),
        ("STATUS:COMPLETED", "STATUS is \"COMPLETED\", which RFC 5545 does not know"),
        ("STATUS:no", "the event counts as confirmed"),
        ("TRANSP:FREE", "TRANSP is \"FREE\", which RFC 5545 does not know of an event; the event counts as busy"),
        ("TRANSP:", "the event counts as busy"),
    ] {
        check(&[&format!("{hour} {line}")], &["05 10:00-05 11:00"], said);
    }
}

/// An answer to all that is asked of it: how often each thing was taken for granted, and where.
#[test]
fn each_event_is_named() {
    let event =
        |uid: &str| format!("BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{uid}\nDTSTART:20260105T090000Z\nDTEND:x\nEND:VEVENT\n");
    let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}{}END:VCALENDAR\n", event("a"), event("b"));
    let mut read = read_bytes(file.as_bytes());
    let warned: Vec<_> = read.warnings.iter().map(|it| (it.uid.as_deref(), it.line)).collect();
    assert!(warned.contains(&(Some("a"), 7)) && warned.contains(&(Some("b"), 13)), "{:?}", read.warnings);
    let diagnosis = Diagnosis::of(&mut read);
    let finding = diagnosis.findings.iter().find(|it| it.sentence().contains(UNTIL_DAY_ENDS)).unwrap();
    let places: Vec<_> = finding.places.iter().map(|it| (it.line, it.title.as_deref())).collect();
    assert_eq!((finding.count, places), (2, vec![(7, Some("a")), (13, Some("b"))]));
    assert!(finding.advice.is_some());
}
