//! Each kind of finding, with the words for it.

use super::{calendar, event, examined, said};

/// What is said of a file: this, behind the severity and the kind, and nothing else but notes that are not asked for.
#[track_caller]
fn check(file: impl Into<Vec<u8>>, expected: &[&str]) {
    let (diagnosis, _) = examined(file);
    let found: Vec<String> = diagnosis.findings.iter().map(said).collect();
    let wanted = |found: &&String| !found.starts_with("note ") || expected.iter().any(|it| it.starts_with("note "));
    let found: Vec<&String> = found.iter().filter(wanted).collect();
    assert_eq!(found, expected);
    for finding in &diagnosis.findings {
        assert!(finding.count > 0 && !finding.places.is_empty() && finding.places[0].line > 0, "{finding:?}");
    }
}

/// As [`check`], of one event with these lines.
#[track_caller]
fn check_event(lines: &str, expected: &[&str]) {
    check(calendar(&event(lines)), expected);
}

#[test]
fn a_sound_file_has_none() {
    check_event("", &[]);
    let (diagnosis, _) = examined(calendar(&event("")));
    assert_eq!(diagnosis.findings, []);
    assert_eq!(diagnosis.summary(), "1 event was read; nothing had to be repaired.");
    assert_eq!(diagnosis.program.as_deref(), Some("-//test//EN"));
}

#[test]
fn time_zones() {
    let start = |tzid: &str| event(&format!("DTSTART;TZID={tzid}:20260105T090000"));
    let cases = [
        ("Europe/Berlin", None),
        (
            "W. Europe Standard Time",
            Some(
                "repaired time_zone: TZID \"W. Europe Standard Time\" is no IANA name; it is read as Europe/Berlin (CLDR's table of Windows names)",
            ),
        ),
        (
            "/mozilla.org/20070129_1/Europe/Paris",
            Some(
                "repaired time_zone: TZID \"/mozilla.org/20070129_1/Europe/Paris\" is no IANA name; it is read as Europe/Paris (the IANA name that is in it)",
            ),
        ),
        (
            "europe/rome",
            Some(
                "repaired time_zone: TZID \"europe/rome\" is no IANA name; it is read as Europe/Rome (an IANA name in another spelling)",
            ),
        ),
        (
            "UTC+11",
            Some(
                "guessed time_zone: TZID \"UTC+11\" is no known zone and has no VTIMEZONE; it is read as the offset UTC+11:00",
            ),
        ),
        (
            "Office",
            Some(
                "guessed time_zone: TZID \"Office\" is no known zone and has no usable VTIMEZONE; the zone of the calendar, UTC, is taken",
            ),
        ),
    ];
    for (tzid, expected) in cases {
        let expected: Vec<&str> = expected.into_iter().collect();
        // A zone without a name of its own goes into the calendar's, in which times are written with Z.
        check(calendar(&start(tzid)), &expected);
    }
    let x_wr = format!("X-WR-TIMEZONE:Europe/Madrid\n{}", start("Office"));
    check(
        calendar(&x_wr),
        &[
            "guessed time_zone: TZID \"Office\" is no known zone and has no usable VTIMEZONE; the file's X-WR-TIMEZONE, Europe/Madrid, is taken",
        ],
    );
    let unknown = format!("X-WR-TIMEZONE:Mars/Olympus\n{}", event(""));
    check(
        calendar(&unknown),
        &[
            "guessed time_zone: X-WR-TIMEZONE \"Mars/Olympus\" is no known zone; the zone of the calendar is taken where the file names none",
        ],
    );
}

#[test]
fn a_vtimezone_is_told_by_what_it_was_matched() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Head office\nBEGIN:STANDARD\nDTSTART:19961027T030000\nTZOFFSETFROM:+0200\n\
        TZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
        DTSTART:19810329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n\
        END:DAYLIGHT\nEND:VTIMEZONE\n";
    let file = format!("{zone}{}", event("DTSTART;TZID=Head office:20260105T090000"));
    check(
        calendar(&file),
        &[
            "guessed time_zone: TZID \"Head office\" is no known zone; by its rules, its VTIMEZONE is read as Europe/Berlin",
        ],
    );
    let broken = "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE\n";
    check(
        calendar(&format!("{broken}{}", event(""))),
        &["repaired time_zone: a VTIMEZONE cannot be read; its TZID is looked up by name"],
    );
    check(
        calendar(&format!("{zone}{zone}{}", event(""))),
        &["note time_zone: TZID \"Head office\" has several VTIMEZONEs; the first counts"],
    );
}

#[test]
fn identity_and_stamps() {
    check_event("UID-", &["repaired uid: the event has no UID; one is made from its content"]);
    check_event("UID:it\nUID:other", &["repaired uid: the event has a second UID; the line is left out"]);
    check_event("DTSTAMP-", &["repaired stamp: the event has no DTSTAMP; one is made"]);
    check_event(
        "DTSTAMP:2026-01-01T00:00:00Z",
        &["repaired stamp: DTSTAMP is no time in UTC, such as \"2026-01-01T00:00:00Z\"; it is written as one"],
    );
    check_event("CREATED:yesterday", &["repaired stamp: CREATED cannot be read; it is left out"]);
}

#[test]
fn dates_and_their_types() {
    let cases = [
        (
            "DTSTART:2026-01-05T09:00:00",
            "repaired dates: DTSTART is not written as RFC 5545 has it, such as \"2026-01-05T09:00:00\"; it is read as the time that it says",
        ),
        (
            "DTSTART:20260105",
            "repaired value_type: DTSTART is a date without VALUE=DATE, such as \"20260105\"; it is read as a date",
        ),
        (
            "DTSTART;VALUE=DATE;TZID=Europe/Berlin:20260105",
            "repaired value_type: DTSTART is a date with a TZID, such as \"20260105\"; it is read as a date, which has no zone",
        ),
        (
            "DTSTART;VALUE=DATE:20260105T000000",
            "repaired value_type: DTSTART says VALUE=DATE but has a time, such as \"20260105T000000\"; midnight is read as the day",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T090000Z",
            "repaired dates: DTSTART has both Z and a TZID, such as \"20260105T090000Z\"; it is read as UTC, and written in the zone",
        ),
        (
            "DTSTART;VALUE=DATE:20260105\nDTEND:20260106T000000Z",
            "repaired value_type: DTEND is a time where DTSTART is a date; it is read in the kind of DTSTART",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND:20260105T100000",
            "repaired value_type: DTEND is not of the kind of DTSTART: a date, or without its zone; it is read in the kind of DTSTART",
        ),
        (
            "DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105",
            "repaired dates: DTEND is the day of DTSTART; the event takes that whole day",
        ),
        ("DTEND:20260105T100000Z\nDURATION:PT1H", "guessed dates: DURATION stands beside DTEND; DTEND counts"),
        (
            "DTSTART:20260105T090000Z\nDTSTART:20260106T090000Z",
            "guessed structure: DTSTART stands there twice; the first counts",
        ),
        ("DURATION: PT1H ", "repaired dates: DURATION has blanks around its value; they are left out"),
        ("DTEND:20260104T090000Z", "error dates: DTEND: DTEND is before DTSTART"),
        ("DTSTART-", "error dates: DTSTART: it is missing"),
    ];
    for (lines, expected) in cases {
        check_event(lines, &[expected]);
    }
    check_event(
        "DTSTART:20260105T090000",
        &[
            "note time_zone: the times of the event have no zone; they are that wall-clock time wherever the calendar's owner is",
        ],
    );
}

#[test]
fn series() {
    let cases = [
        (
            "RRULE:FREQ=WEEKLY;BYDAY=XX,MO",
            "guessed recurrence: RRULE: BYDAY must hold weekdays (MO, TU, WE, TH, FR, SA, SU) with or without a number from 1 to 53 or -53 to -1, not \"XX\"; the value is ignored",
        ),
        ("RRULE:BYDAY=MO", "error recurrence: RRULE: FREQ is missing"),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY;UNTIL=20260110",
            "repaired value_type: UNTIL is not of the kind of DTSTART: a date, a time, or a time in UTC; it is read in the kind of DTSTART",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260106",
            "repaired value_type: EXDATE is not of the kind of DTSTART: a date, or without its zone; it is read in the kind of DTSTART",
        ),
        (
            "RRULE:FREQ=DAILY\nEXDATE:soon",
            "guessed recurrence: EXDATE: \"soon\" is no date (20260105) or date-time (20260105T090000); the date is left out, and the occurrence that it takes away stays",
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "note recurrence: the rule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 never makes an occurrence; the event takes place once, when it starts",
        ),
        (
            "RECURRENCE-ID:20260105T090000Z",
            "note recurrence: the file has single occurrences of a series, but not the series; they are kept as they are",
        ),
    ];
    for (lines, expected) in cases {
        check_event(lines, &[expected]);
    }
    let moved = event("RECURRENCE-ID;VALUE=DATE:20260106\nDTSTART:20260106T100000Z");
    check(
        calendar(&format!("{}{moved}", event("RRULE:FREQ=DAILY"))),
        &[
            "repaired value_type: RECURRENCE-ID is not of the kind of the series' DTSTART: a date, or without its zone; it is read in the kind of DTSTART",
        ],
    );
}

#[test]
fn one_event_twice() {
    let newer = event("DTSTAMP:20260102T000000Z\nSEQUENCE:1\nSUMMARY:Review, moved");
    check(
        calendar(&format!("{}{newer}", event(""))),
        &["guessed duplicate: the UID stands on two versions of the event; the newer one is kept"],
    );
    check(calendar(&event("").repeat(2)), &["repaired duplicate: the event stands in the file twice; it is kept once"]);
    let (diagnosis, _) =
        examined(calendar(&format!("{}{}", event(""), event("SUMMARY:Lunch\nDTSTART:20260105T120000Z"))));
    let finding = said(&diagnosis.findings[0]);
    assert!(
        finding.starts_with("repaired duplicate: the UID stands on another event too; this one gets the UID "),
        "{finding}"
    );
    assert_eq!(diagnosis.findings[0].places[0].title.as_deref(), Some("Lunch"));
}

#[test]
fn lines_components_and_characters() {
    check(
        calendar(&event("DESCRIPTION:one\n<two>")),
        &["repaired structure: this is no content line; it is taken for the rest of the line before it"],
    );
    check(calendar(&format!("{}END:VALARM\n", event(""))), &["repaired structure: END:VALARM has no BEGIN"]);
    check(event("").replace('\n', "\r\n"), &["repaired structure: VEVENT stands outside of any VCALENDAR"]);
    check(
        calendar(&event("BEGIN:VALARM\nACTION:DISPLAY")),
        &["repaired structure: VALARM has no END; it ends with what is around it"],
    );
    let cut = calendar(&event(""));
    check(
        cut.trim_end().trim_end_matches("END:VCALENDAR"),
        &["repaired structure: VCALENDAR has no END; it ends with what is around it"],
    );
    check(
        cut.split("DTSTART").next().unwrap(),
        &[
            "error structure: the VEVENT that begins in line 4 is not ended before the file ends",
            "repaired structure: VCALENDAR has no END; it ends with what is around it",
        ],
    );
    check(
        calendar(&event("X-A;X-TITLE=1\\; Linz:x")),
        &["repaired structure: X-A has a parameter with a semicolon outside of quotes; the parameter is quoted"],
    );
    check(
        cut.replace("SUMMARY:Review", "SUMMARY:a\x07b"),
        &["repaired encoding: a line has control characters; they are left out"],
    );
    let latin: Vec<u8> = cut.replace("Review", "R\u{e9}union").chars().map(|c| c as u8).collect();
    check(latin, &["guessed encoding: the file is not UTF-8; it is read as Windows-1252"]);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(cut.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    check(utf16, &["repaired encoding: the file is UTF-16; it is read as such"]);
    check(cut.replace("\r\n", "\n"), &["note structure: lines end in LF, not in CRLF; they are read all the same"]);
}

#[test]
fn the_file_as_a_whole() {
    check(
        calendar(&format!("METHOD:REQUEST\n{}", event(""))),
        &["note method: METHOD:REQUEST is not answered; the file is read as data"],
    );
    check(
        calendar(&format!("CALSCALE:HEBREW\n{}", event(""))),
        &["guessed dates: CALSCALE HEBREW is not known; dates are read as Gregorian"],
    );
    let without = calendar(&event("")).replace("VERSION:2.0\r\n", "");
    check(without, &["note structure: the file has no VERSION; it is read as 2.0"]);
    let todo = "BEGIN:VTODO\nUID:t\nEND:VTODO\n";
    check(calendar(&format!("{}{}", event(""), todo.repeat(3))), &["note ignored: VTODO is no event; it is left out"]);
    let (diagnosis, _) = examined(calendar(&format!("{}{}", event(""), todo.repeat(3))));
    assert_eq!((diagnosis.findings[0].count, diagnosis.components["VTODO"]), (3, 3));
    let picture = format!("ATTACH;ENCODING=BASE64;VALUE=BINARY:{}", "QUJD".repeat(100_000));
    check(calendar(&event(&picture)), &["note size: an event takes more than 256 KiB"]);
}

#[test]
fn the_same_in_many_events_is_one_finding_with_the_first_places() {
    let events: String = (0..5000)
        .map(|n| {
            event(&format!(
                "UID:{n}\nSUMMARY:Number {n}\nDTSTART;TZID=W. Europe Standard Time:20260105T090000\n\
                 DTEND;TZID=W. Europe Standard Time:20260105T100000"
            ))
        })
        .collect();
    let (diagnosis, _) = examined(calendar(&format!("{events}{}", event("DTSTART-"))));
    assert_eq!(diagnosis.summary(), "5,000 events were read; 1 was left out, 5,000 were repaired.");
    let [error, zone] = diagnosis.findings.as_slice() else { panic!("{:#?}", diagnosis.findings) };
    assert_eq!((error.count, error.places[0].title.as_deref()), (1, Some("Review")));
    // In each event once, however many of its lines name the zone.
    assert_eq!((zone.count, zone.places.len()), (5000, 5));
    let second = &zone.places[1];
    assert_eq!((second.uid.as_deref(), second.title.as_deref(), second.line), (Some("1"), Some("Number 1"), 15));
    assert!(zone.advice.as_deref().unwrap().contains("IANA"), "{zone:?}");
}

#[test]
fn whatever_the_file_the_report_is_bounded() {
    let events: String = (0..3000)
        .map(|n| {
            event(&format!(
                "UID:{n}{}\nSUMMARY:{}\nDTSTART;TZID=Zone {n}:20260105T090000",
                "u".repeat(900),
                "t".repeat(900)
            ))
        })
        .collect();
    let broken: String = (0..2000).map(|n| event(&format!("DTSTART:wrong{n}"))).collect();
    let (diagnosis, _) = examined(calendar(&format!("{events}{broken}")));
    assert_eq!((diagnosis.events_read, diagnosis.events_left_out), (3000, 2000));
    assert_eq!(diagnosis.findings.len(), 1000);
    assert!(diagnosis.findings_left_out > 3000);
    assert!(serde_json::to_string(&diagnosis).unwrap().len() < 1 << 20);
}
