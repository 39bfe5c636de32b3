//! Foreign files: what is odd in them is read as meant, and what cannot be read is told with its line.

use convene::ical::{CalendarHead, ReadCalendar, ReadContext, VEvent, read, write};
use convene::limits::Limits;
use convene::time::Zone;

pub fn read_bytes(bytes: &[u8]) -> ReadCalendar {
    let zone: Zone = "Europe/Vienna".parse().unwrap();
    read(bytes, &ReadContext { calendar_zone: &zone, limits: &Limits::default() }).unwrap()
}

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\n{lines}END:VEVENT\nEND:VCALENDAR\n"
    )
}

/// The lines of the one event that are not in every event.
fn lines_of(read: &ReadCalendar) -> Vec<String> {
    assert_eq!(read.errors, []);
    let text = read.objects[0].object.to_text();
    let usual = ["BEGIN:VEVENT", "END:VEVENT", "UID:u", "DTSTAMP:20260101T000000Z"];
    text.lines().filter(|line| !usual.contains(line)).map(str::to_owned).collect()
}

/// The event with these lines is kept with those.
#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    assert_eq!(lines_of(&read_bytes(event(lines).as_bytes())), expected);
}

/// What comes in correctly stays as it is, byte for byte.
#[track_caller]
fn stays(lines: &str) {
    check(lines, &lines.lines().collect::<Vec<_>>());
}

/// The event is refused, with this line and message.
#[track_caller]
fn refused(lines: &str, line: usize, message: &str) {
    let read = read_bytes(event(lines).as_bytes());
    assert_eq!(read.objects.len(), 0);
    let error = &read.errors[0];
    assert_eq!((error.index, error.uid.as_deref(), error.line), (0, Some("u"), line));
    assert!(error.message.contains(message), "{}", error.message);
}

#[test]
fn correct_lines_stay_byte_for_byte() {
    stays("DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=America/New_York:20260105T090000\n");
    stays("DTSTART;VALUE=DATE:20260105\nEXDATE;VALUE=DATE:20260106,20260107\nRRULE:FREQ=DAILY;UNTIL=20260201\n");
    stays("DTSTART:20260105T090000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260106T090000Z/PT2H\n");
    stays("DTSTART:20260105T090000\nX-A;X-B=\"q;:,\":v\\,w\nATTENDEE;CN=\"A, B\";X-C=1:mailto:a@b.c\n");
    stays(
        "DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY;UNTIL=20260201T080000Z\nRRULE:INTERVAL=2;FREQ=WEEKLY\n",
    );
}

#[test]
fn the_odd_ways_to_write_a_time() {
    for (odd, right) in [
        ("DTSTART:20260105", "DTSTART;VALUE=DATE:20260105"),
        ("DTSTART;VALUE=DATE:20260105T000000", "DTSTART;VALUE=DATE:20260105"),
        ("DTSTART;VALUE=DATE:20260105T090000", "DTSTART:20260105T090000"),
        ("DTSTART;VALUE=DATE;TZID=Europe/Berlin:20260105", "DTSTART;VALUE=DATE:20260105"),
        ("DTSTART:2026-01-05T09:00:00Z", "DTSTART:20260105T090000Z"),
        ("DTSTART:2026-01-05T09:00:00.000+01:00", "DTSTART:20260105T080000Z"),
        ("DTSTART:20260105t090000z", "DTSTART:20260105T090000Z"),
        ("DTSTART:20260105T0900", "DTSTART:20260105T090000"),
        ("DTSTART:20260105T240000", "DTSTART:20260106T000000"),
        ("DTSTART;TZID=UTC:20260105T090000", "DTSTART:20260105T090000Z"),
        ("DTSTART;TZID=Europe/Berlin:20260105T080000Z", "DTSTART;TZID=Europe/Berlin:20260105T090000"),
        (
            "DTSTART;TZID=\"europe/berlin\";X-A=\"b\":20260105T090000",
            "DTSTART;TZID=Europe/Berlin;X-A=\"b\":20260105T090000",
        ),
        ("DTSTART;TZID=:20260105T090000", "DTSTART:20260105T090000"),
        ("DTSTART:20260105T235960Z", "DTSTART:20260105T235960Z"),
        ("DTSTART:20260105T18300", "DTSTART:20260105T183000"),
        ("DTSTART:16010101T000000Z", "DTSTART:16010101T000000Z"),
        ("DTSTART:99991231T235959Z", "DTSTART:99991231T235959Z"),
        ("DTSTART;VALUE=DATE:00010101", "DTSTART;VALUE=DATE:00010101"),
        ("DTSTART;TZID=Europe/Berlin:21500701T090000", "DTSTART;TZID=Europe/Berlin:21500701T090000"),
    ] {
        check(&format!("{odd}\n"), &[right]);
    }
}

#[test]
fn what_is_there_twice_or_beside_its_rival() {
    check("DTSTART:20260105T090000Z\nDTSTART:20260106T090000Z\n", &["DTSTART:20260105T090000Z"]);
    check(
        "DTSTART:20260105T090000Z\nDURATION:PT2H\nDTEND:20260105T100000Z\n",
        &["DTSTART:20260105T090000Z", "DTEND:20260105T100000Z"],
    );
    check("DTSTART:20260105T090000Z\nDURATION:PT2H \n", &["DTSTART:20260105T090000Z", "DURATION:PT2H"]);
    check("DTSTART:20260105T090000Z\nCREATED:00001231T000000Z\n", &["DTSTART:20260105T090000Z"]);
    check(
        "DTSTART:20260105T090000Z\nX-A;X-TITLE=Street 1\\; Linz;X-R=1;:v\n",
        &["DTSTART:20260105T090000Z", "X-A;X-TITLE=\"Street 1; Linz\";X-R=1:v"],
    );
}

#[test]
fn a_time_elsewhere_makes_a_start() {
    check(
        "RDATE;TZID=Europe/Berlin:20260107T090000,20260106T090000\n",
        &["RDATE;TZID=Europe/Berlin:20260107T090000,20260106T090000", "DTSTART;TZID=Europe/Berlin:20260106T090000"],
    );
    check(
        "RDATE;VALUE=PERIOD:20260107T090000Z/PT2H\n",
        &["RDATE;VALUE=PERIOD:20260107T090000Z/PT2H", "DTSTART:20260107T090000Z"],
    );
    check(
        "RECURRENCE-ID:20260107T090000Z\n",
        &["RECURRENCE-ID:20260107T090000Z", "DTSTART:20260107T090000Z", "DTEND:20260107T230000Z"],
    );
    check("DTEND:20260107T090000Z\n", &["DTEND:20260107T090000Z", "DTSTART:20260106T230000Z"]);
    check("DTEND;VALUE=DATE:20260107\n", &["DTEND;VALUE=DATE:20260107", "DTSTART;VALUE=DATE:20260106"]);
    check(
        "DTSTART:soon\nDTEND:20260107T090000Z\nDURATION:PT1H\n",
        &["DTEND:20260107T090000Z", "DTSTART:20260107T080000Z"],
    );
    check("DUE:20260107T090000Z\n", &["DUE:20260107T090000Z", "DTSTART:20260107T090000Z"]);
    check("DTSTART:20260107T090000Z\nDTEND:None\n", &["DTSTART:20260107T090000Z", "DTEND:20260107T230000Z"]);
    check("DTSTART:20260107T090000Z\nDURATION:an hour\n", &["DTSTART:20260107T090000Z", "DTEND:20260107T230000Z"]);
    let read = read_bytes(event("DTEND:20260107T090000Z\n").as_bytes());
    assert!(read.warnings[0].message.contains("made from DTEND"), "{:?}", read.warnings);
}

#[test]
fn an_exrule_that_cannot_be_read_goes_and_others_are_kept() {
    stays("DTSTART:20260105T090000Z\nRRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU\n");
    check(
        "DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY\nEXRULE:FREQ=SOMETIMES\nEXRULE:FREQ=WEEKLY;UNTIL=20260201\n",
        &[
            "DTSTART;TZID=Europe/Berlin:20260105T090000",
            "RRULE:FREQ=DAILY",
            "EXRULE:FREQ=WEEKLY;UNTIL=20260201T225959Z",
        ],
    );
}

#[test]
fn names_of_other_programs_are_never_stored() {
    for (tzid, zone) in [
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/mozilla.org/20070129_1/America/New_York", "America/New_York"),
        ("/softwarestudio.org/Olson_20011030_5/Pacific/Auckland", "Pacific/Auckland"),
        ("US-Eastern", "US/Eastern"),
        ("America/New York", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("eastern standard time", "America/New_York"),
        ("Eastern Standard Time 1", "America/New_York"),
        ("Eastern Daylight Time", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("\"(UTC+07:00) Bangkok, Hanoi, Jakarta\"", "Asia/Bangkok"),
        ("\"(GMT+10:00) Canberra, Melbourne, Sydney\"", "Australia/Sydney"),
        ("\"(UTC-05:00) Eastern Time (US & Canada)\"", "America/New_York"),
        ("\"Pacific Time (US & Canada), Tijuana\"", "America/Los_Angeles"),
        ("Pacific Time (US & Canada)\\, Tijuana", "America/Los_Angeles"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("Greenwich Mean Time:Dublin; Edinburgh; Lisbon; London", "Europe/London"),
        ("\"Greenwich Mean Time:Dublin; Edinburgh; Lisbon; London\"", "Europe/London"),
        ("India Standard Time", "Asia/Kolkata"),
        ("FLE Standard Time", "Europe/Kyiv"),
        ("Russia TZ 2 Standard Time", "Europe/Moscow"),
        ("Malay Peninsula Standard Time", "Asia/Singapore"),
        ("\"(UTC+03:00) Moscow, St Petersburg\"", "Europe/Moscow"),
        ("\"(GMT+01.00) Sarajevo/Skopje/Warsaw/Zagreb\"", "Europe/Warsaw"),
        ("\"(GMT-08.00) Pacific Time (US & Canada) / Tijuana\"", "America/Los_Angeles"),
        ("\"(UTC-05:00) Eastern Time (US &amp; Canada)\"", "America/New_York"),
        ("\"(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London\"", "Europe/London"),
        ("W. Europe", "Europe/Berlin"),
        ("E. South America", "America/Sao_Paulo"),
        ("\"GMT +0100 (Standard) / GMT +0200 (Daylight)\"", "Europe/Berlin"),
        ("\"GMT -0500 (Standard) / GMT -0400 (Daylight)\"", "America/New_York"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("UTC+11", "UTC+1100"),
        ("(GMT-03:00)", "UTC-0300"),
        ("Customized Time Zone", "Europe/Vienna"),
    ] {
        let read = read_bytes(event(&format!("DTSTART;TZID={tzid}:20260105T090000\n")).as_bytes());
        assert_eq!(lines_of(&read), [format!("DTSTART;TZID={zone}:20260105T090000")], "{tzid}");
        let guessed = matches!(tzid, "UTC+11" | "(GMT-03:00)" | "Customized Time Zone") || tzid.contains("(Daylight)");
        assert_eq!(read.warnings.len(), usize::from(guessed), "{tzid}: {:?}", read.warnings);
    }
}

#[test]
fn every_windows_name_has_a_zone() {
    for name in ["AUS Central Standard Time", "Yukon Standard Time", "Morocco Standard Time", "UTC", "UTC-11", "UTC+13"]
    {
        assert!(convene::time::zone_named(name).is_some(), "{name}");
    }
    assert_eq!(convene::time::zone_named("UTC").unwrap(), Zone::utc());
    assert_eq!(convene::time::zone_named("Customized Time Zone"), None);
    assert_eq!(convene::time::zone_named(""), None);
}

fn with_vtimezone(observances: &str) -> String {
    let zone = format!("BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n{observances}END:VTIMEZONE\nEND:VCALENDAR");
    event("DTSTART;TZID=Customized Time Zone:20260105T090000\n").replace("END:VCALENDAR", &zone)
}

const EU: &str = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\n\
    TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n";

#[test]
fn a_vtimezone_is_known_by_its_rules() {
    let own = EU.replace("=10\n", "=9\n");
    let fixed = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\n";
    for (observances, tzid) in [
        (EU, "Europe/Berlin"),
        (own.as_str(), "Posix/<+0100>-1~00<+0200>-2~00_M3.5.0/2~00~00_M9.5.0/3~00~00"),
        (fixed, "UTC+0530"),
    ] {
        let read = read_bytes(with_vtimezone(observances).as_bytes());
        assert_eq!(lines_of(&read), [format!("DTSTART;TZID={tzid}:20260105T090000")]);
        assert_eq!(read.warnings.len(), 1);
        assert!(read.warnings[0].message.contains("VTIMEZONE"), "{:?}", read.warnings);
        let again = read_bytes(write(&CalendarHead::default(), [&read.objects[0].object]).as_bytes());
        assert_eq!(again.objects[0].object, read.objects[0].object);
        assert_eq!(again.warnings, []);
    }
}

#[test]
fn a_vtimezone_that_lists_its_changes_is_known_by_them() {
    let change = |kind: &str, at: &str, from: &str, to: &str| {
        format!("BEGIN:{kind}\nDTSTART:{at}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\nEND:{kind}\n")
    };
    let new_york = change("DAYLIGHT", "20260308T020000", "-0500", "-0400")
        + &change("STANDARD", "20261101T020000", "-0400", "-0500");
    let read = read_bytes(with_vtimezone(&new_york).as_bytes());
    assert_eq!(lines_of(&read), ["DTSTART;TZID=America/New_York:20260105T090000"]);
    // Nowhere on earth.
    let ship = change("STANDARD", "20260104T000000", "+1000", "+1200")
        + &change("DAYLIGHT", "20260505T080000", "+1200", "+1030");
    let file = with_vtimezone(&ship);
    for (local, offset) in [
        ("20260103T090000", "UTC+1000"),
        ("20260105T090000", "UTC+1200"),
        ("20260505T070001", "UTC+1200"),
        ("20260505T080001", "UTC+1030"),
    ] {
        let read = read_bytes(file.replace("20260105T090000", local).as_bytes());
        assert_eq!(lines_of(&read), [format!("DTSTART;TZID={offset}:{local}")]);
        assert_eq!(read.warnings.len(), 1, "{:?}", read.warnings);
    }
    let both = file.replace("END:VCALENDAR\n", "BEGIN:VEVENT\nUID:v\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Customized Time Zone:20260701T090000\nEND:VEVENT\nEND:VCALENDAR\n");
    let read = read_bytes(both.as_bytes());
    assert!(read.objects[1].object.to_text().contains("DTSTART;TZID=UTC+1030:20260701T090000"));
    assert!(read.objects[0].object.to_text().contains("DTSTART;TZID=UTC+1200:20260105T090000"));
}

#[test]
fn x_wr_timezone_comes_before_the_calendars_zone() {
    let file = event("DTSTART;TZID=Nowhere:20260105T090000\n").replace("VERSION", "X-WR-TIMEZONE:Asia/Tokyo\nVERSION");
    let read = read_bytes(file.as_bytes());
    assert_eq!(lines_of(&read), ["DTSTART;TZID=Asia/Tokyo:20260105T090000"]);
    assert_eq!(read.timezone.unwrap().name(), "Asia/Tokyo");
}

#[test]
fn every_property_has_its_own_zone() {
    stays(
        "DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Asia/Tokyo:20260105T180000\nRRULE:FREQ=DAILY\n\
         EXDATE;TZID=America/New_York:20260106T030000\nRDATE;TZID=Asia/Tokyo:20260301T090000\n",
    );
}

#[test]
fn value_types_follow_the_start() {
    check(
        "DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY;UNTIL=20260201\nEXDATE;VALUE=DATE:20260106\nEXDATE:20260107T090000\n",
        &[
            "DTSTART;TZID=Europe/Berlin:20260105T090000",
            "RRULE:FREQ=DAILY;UNTIL=20260201T225959Z",
            "EXDATE;TZID=Europe/Berlin:20260106T090000",
            "EXDATE;TZID=Europe/Berlin:20260107T090000",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20260105\nDTEND:20260106T120000\nRRULE:FREQ=DAILY;UNTIL=20260201T225959Z\nEXDATE:20260106T000000\n",
        &[
            "DTSTART;VALUE=DATE:20260105",
            "DTEND;VALUE=DATE:20260107",
            "RRULE:FREQ=DAILY;UNTIL=20260201",
            "EXDATE;VALUE=DATE:20260106",
        ],
    );
}

#[test]
fn a_recurrence_id_follows_the_start_of_its_series() {
    let file = event("DTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=DAILY\n").replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;VALUE=DATE:20260106\n\
         DTSTART;TZID=Europe/Berlin:20260106T100000\nEND:VEVENT\nEND:VCALENDAR",
    );
    let read = read_bytes(file.as_bytes());
    assert_eq!(read.objects.len(), 1);
    assert!(read.objects[0].object.to_text().contains("\nRECURRENCE-ID;TZID=Europe/Berlin:20260106T090000\n"));
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    refused("SUMMARY:no time\n", 3, "DTSTART: it is missing");
    refused("DTSTART:20260105T090000Z\nDTEND:20260105T080000Z\n", 7, "DTEND is before DTSTART");
    refused("DTSTART:tomorrow\n", 6, "tomorrow");
    refused("DTSTART:20260105T090000Z\nDURATION:-PT1H\n", 7, "DURATION");
    refused("DTSTART:20260105T090000Z\nRRULE:FREQ=NEVER\n", 7, "FREQ");
    refused("DTSTART:20260105T090000Z\nRRULE:RSCALE=HEBREW;FREQ=YEARLY\n", 7, "RSCALE");
}

#[test]
fn one_bad_event_does_not_sink_the_others() {
    let read = read_bytes(include_bytes!("../../data/ical/one_bad_event.ics"));
    assert_eq!(read.objects.iter().map(|o| o.uid.as_str()).collect::<Vec<_>>(), ["good-1", "good-2"]);
    assert_eq!(read.objects[1].index, 2);
    assert_eq!((read.errors[0].index, read.errors[0].line), (1, 15));
    assert_eq!(read.ignored_components.get("VTODO"), Some(&1));
    assert_eq!(read.name.as_deref(), Some("A, B"));
}

#[test]
fn not_a_calendar() {
    let zone = Zone::utc();
    let context = ReadContext { calendar_zone: &zone, limits: &Limits::default() };
    for (text, line) in [("", 1), ("\n\n<html>\n", 3), ("hello", 1), ("SUMMARY:x\n", 1)] {
        let error = read(text.as_bytes(), &context).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
    }
}

fn summary(bytes: &[u8]) -> String {
    let read = read_bytes(bytes);
    assert_eq!(read.errors, []);
    VEvent::of(&read.objects[0].object.components()[0]).summary().unwrap()
}

#[test]
fn encodings_and_line_ends() {
    let file = event("DTSTART:20260105T090000Z\nSUMMARY:Büro – 語\n");
    for ends in ["\n", "\r\n", "\r", "\r\r\n"] {
        assert_eq!(summary(file.replace('\n', ends).as_bytes()), "Büro – 語");
    }
    let utf16 = |order: fn(u16) -> [u8; 2], bom: &str| {
        format!("{bom}{file}").encode_utf16().flat_map(order).collect::<Vec<u8>>()
    };
    for bom in ["", "\u{feff}"] {
        assert_eq!(summary(&utf16(u16::to_le_bytes, bom)), "Büro – 語");
        assert_eq!(summary(&utf16(u16::to_be_bytes, bom)), "Büro – 語");
    }
    assert_eq!(summary(format!("\u{feff}{file}").as_bytes()), "Büro – 語");
    let latin: Vec<u8> =
        event("DTSTART:20260105T090000Z\nSUMMARY:B@ro\n").bytes().map(|b| if b == b'@' { 0xfc } else { b }).collect();
    assert_eq!(summary(&latin), "Büro");
}

#[test]
fn folds_inside_characters() {
    let file = event("DTSTART:20260105T090000Z\nSUMMARY:Büro 語\n");
    for at in file.find("SUMMARY:").unwrap() + 1..file.find("語").unwrap() + 3 {
        for fold in [&b"\r\n "[..], b"\n\t", b"\r "] {
            let mut bytes = file.as_bytes().to_vec();
            bytes.splice(at..at, fold.iter().copied());
            assert_eq!(summary(&bytes), "Büro 語");
        }
    }
}

#[test]
fn pasted_text() {
    let raw = event("DTSTART:20260105T090000Z\nSUMMARY:One\nTwo\nNote: three\nhttps://x.example/\n");
    assert_eq!(summary(raw.as_bytes()), "One\nTwo\nNote: three\nhttps://x.example/");
    let long = "a".repeat(67);
    let unfolded = event(&format!("DTSTART:20260105T090000Z\nSUMMARY:{long}\nbbb\n"));
    assert_eq!(summary(unfolded.as_bytes()), format!("{long}bbb"));
    let stray = read_bytes(event("DTSTART:20260105T090000Z\nnonsense\nSUMMARY:x\n").as_bytes());
    assert_eq!(lines_of(&stray), ["DTSTART:20260105T090000Z", "SUMMARY:x"]);
    assert_eq!(stray.warnings[0].line, 7);
}

#[test]
fn several_calendars_in_one_file() {
    let two = format!(
        "{}{}",
        event("DTSTART:20260105T090000Z\n"),
        event("DTSTART:20260105T090000Z\n").replace("UID:u", "UID:v")
    );
    assert_eq!(read_bytes(two.as_bytes()).objects.len(), 2);
}

#[test]
fn a_truncated_file_keeps_what_is_whole() {
    let two =
        event("DTSTART:20260105T090000Z\n").replace("END:VCALENDAR\n", "BEGIN:VEVENT\nUID:v\nDTSTART:20260106T0900");
    let read = read_bytes(two.as_bytes());
    assert_eq!(read.objects.len(), 1);
    assert_eq!(read.errors[0].uid.as_deref(), Some("v"));
    assert!(read.errors[0].message.contains("not ended"));
}

#[test]
fn a_missing_uid_is_made_from_the_content() {
    let file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260105T090000Z\nSUMMARY:a\nEND:VEVENT\n\
        BEGIN:VEVENT\nDTSTART:20260105T090000Z\nSUMMARY:b\nEND:VEVENT\nEND:VCALENDAR\n";
    let (one, two) = (
        read_bytes(file.as_bytes()),
        read_bytes(file.replace("SUMMARY:a", "DTSTAMP:20260101T000000Z\nSUMMARY:a").as_bytes()),
    );
    assert_eq!(one.objects.len(), 2);
    assert_eq!(one.objects[0].uid, two.objects[0].uid);
    assert_ne!(one.objects[0].uid, one.objects[1].uid);
    let exported = write(&CalendarHead::default(), one.objects.iter().map(|o| &o.object));
    assert_eq!(read_bytes(exported.as_bytes()).objects[0].object, one.objects[0].object);
}

#[test]
fn of_two_versions_the_newer_one_is_kept() {
    let (old, new) = ("SEQUENCE:1\nSUMMARY:old\n", "SEQUENCE:2\nSUMMARY:new\n");
    for (first, second) in [(old, new), (new, old)] {
        let file = event(&format!("DTSTART:20260105T090000Z\n{first}"))
            + &event(&format!("DTSTART:20260105T090000Z\n{second}"));
        let read = read_bytes(file.as_bytes());
        assert_eq!(read.objects.len(), 1);
        assert!(read.objects[0].object.to_text().contains("SUMMARY:new"));
        assert_eq!(read.warnings.len(), 1);
    }
}

#[test]
fn other_events_under_the_same_uid_are_kept_too() {
    let file = event("DTSTART:20260105T090000Z\n") + &event("DTSTART:20260106T090000Z\n");
    let read = read_bytes(file.as_bytes());
    assert_eq!(read.objects.len(), 2);
    assert_ne!(read.objects[0].uid, read.objects[1].uid);
    let twice = event("DTSTART:20260105T090000Z\n").repeat(2);
    let read = read_bytes(twice.as_bytes());
    assert_eq!((read.objects.len(), read.warnings.len()), (1, 0));
}

#[test]
fn what_went_in_comes_out() {
    let file = include_str!("../../data/ical/rich.ics");
    let read = read_bytes(file.as_bytes());
    assert_eq!((read.errors.as_slice(), read.warnings.as_slice()), (&[][..], &[][..]));
    let mut object = read.objects[0].object.clone();
    object.master_mut().unwrap().set_text("SUMMARY", Some("Changed"));
    let unfold = |text: &str| text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let out = unfold(&write(&CalendarHead::default(), [&object]));
    let body = |text: &str| {
        let from = text.find("BEGIN:VEVENT").unwrap();
        text[from..text.find("END:VCALENDAR").unwrap()].to_owned()
    };
    let expected = body(&unfold(file)).replacen("SUMMARY;LANGUAGE=de:Jour fixe", "SUMMARY;LANGUAGE=de:Changed", 1);
    assert_eq!(body(&out), expected);
}

/// A line whose parameters are put right is then read like any other, so that the next import reads the same.
#[test]
fn parameters_that_are_put_right_have_their_zone_put_right_too() {
    check(
        "DTSTART:20260105T090000Z\nX-A;END;TZID=\"W. Europe Standard D;TZID=x:1\n",
        &["DTSTART:20260105T090000Z", "X-A;TZID=Europe/Vienna:1"],
    );
    check(
        "DTSTART:20260105T090000Z\nX-A;B;TZID=Eastern Standard Time:1\n",
        &["DTSTART:20260105T090000Z", "X-A;TZID=America/New_York:1"],
    );
    check(
        "DTSTART:20260105T090000Z\nATTENDEE;CN\"D=\"oe, Jane;PARn\":x\";ROLE=CHAIR:mailto:a@example.com\n",
        &["DTSTART:20260105T090000Z", "ATTENDEE;CND=\"oe, Jane;PARn:x\";ROLE=CHAIR:mailto:a@example.com"],
    );
    // A quote that nobody closes is a character like others.
    check("DTSTART:20260105T090000Z\nX-A;B;C\";D=E;F;G=H:1\n", &["DTSTART:20260105T090000Z", "X-A;CD=\"E;F;G=H\":1"]);
}

#[test]
fn a_length_that_no_duration_can_say_is_not_written_into_an_override() {
    let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n\
        DTSTART:02260105T090000Z\r\nDTEND:20260105T100000Z\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:u\r\n\
        DTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260119T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let (zone, limits) = (Zone::utc(), Limits::default());
    let context = ReadContext { calendar_zone: &zone, limits: &limits };
    let once = read(file.as_bytes(), &context).unwrap();
    let again =
        read(write(&CalendarHead::default(), once.objects.iter().map(|o| &o.object)).as_bytes(), &context).unwrap();
    assert_eq!(once.objects[0].object.to_text(), again.objects[0].object.to_text());
}
