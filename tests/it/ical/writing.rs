//! RFC 5545 to the letter.

use convene::ical::{CLOSING, CalendarHead, CalendarObject, NewEvent, ZoneUses, push_stored, write};
use convene::time::{DateOrTime, DateTime, Timestamp, Zone};

fn event(start: &str, end: &str, lines: &str) -> CalendarObject {
    let at = |text: &str| text.parse::<DateOrTime>().unwrap();
    let object = CalendarObject::create(&NewEvent::new("u", "x", at(start), at(end), Timestamp::UNIX_EPOCH));
    let text = object.to_text().replace("SUMMARY:x\n", &format!("SUMMARY:x\n{lines}"));
    CalendarObject::from_text(&text).unwrap()
}

fn vtimezone(start: &str, lines: &str) -> String {
    let out = write(&CalendarHead::default(), [&event(start, start, lines)]);
    let (from, to) = (out.find("BEGIN:VTIMEZONE").unwrap(), out.find("END:VTIMEZONE").unwrap());
    out[from..to].replace("\r\n ", "").replace("\r\n", "\n")
}

#[test]
fn the_frame_is_there() {
    let head = CalendarHead { name: Some("A, B"), refresh_minutes: Some(60), ..CalendarHead::default() };
    assert_eq!(
        write(&head, []),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Convene//Convene//EN\r\nCALSCALE:GREGORIAN\r\nNAME:A\\, B\r\n\
         X-WR-CALNAME:A\\, B\r\nREFRESH-INTERVAL;VALUE=DURATION:PT60M\r\nX-PUBLISHED-TTL:PT60M\r\nEND:VCALENDAR\r\n"
    );
}

#[test]
fn lines_fold_at_75_octets_and_never_inside_a_character() {
    for length in 60..90 {
        for letter in ["a", "ü", "語", "😀"] {
            let text = format!("X-T:{}{}", "b".repeat(length % 4), letter.repeat(length));
            let out = write(&CalendarHead::default(), [&event("20260105", "20260106", &format!("{text}\n"))]);
            assert!(out.split("\r\n").all(|line| line.len() <= 75), "{out}");
            assert!(out.replace("\r\n ", "").contains(&text));
            assert!(!out.replace("\r\n", "").contains(['\r', '\n']));
        }
    }
}

#[test]
fn a_rule_zone_is_small() {
    assert_eq!(
        vtimezone("Europe/Berlin:20260105T090000", "RRULE:FREQ=WEEKLY\n"),
        "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\n\
         BEGIN:DAYLIGHT\nDTSTART:20250330T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
         RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n\
         BEGIN:STANDARD\nDTSTART:20251026T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
         RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\n"
    );
}

#[test]
fn a_zone_without_changes_has_one_observance() {
    assert_eq!(
        vtimezone("Asia/Kolkata:20260105T090000", ""),
        "BEGIN:VTIMEZONE\nTZID:Asia/Kolkata\nBEGIN:STANDARD\nDTSTART:20250101T000000\nTZOFFSETFROM:+0530\n\
         TZOFFSETTO:+0530\nEND:STANDARD\n"
    );
}

#[test]
fn utc_and_dates_need_no_vtimezone() {
    let out = write(&CalendarHead::default(), [&event("20260105T090000Z", "20260105T100000Z", "")]);
    assert!(!out.contains("VTIMEZONE"));
}

/// The onsets of a VTIMEZONE with the offset that each begins, by RFC 5545 section 3.6.5: the offset at a local time is that
/// of the last onset before it. Reads the rules by their own definition, day by day.
fn onsets_of(vtimezone: &str, last_year: i16) -> Vec<(DateTime, String)> {
    let mut all = Vec::new();
    for observance in vtimezone.split("BEGIN:").skip(2) {
        let value = |name: &str| observance.lines().find_map(|l| l.strip_prefix(name)).map(str::to_owned);
        let start: DateTime = value("DTSTART:").unwrap().parse().unwrap();
        let mut onsets = vec![start];
        for rdate in value("RDATE:").iter().flat_map(|list| list.split(',')) {
            onsets.push(rdate.parse().unwrap());
        }
        if let Some(rule) = value("RRULE:") {
            onsets.extend(yearly(&rule, start, &value("TZOFFSETFROM:").unwrap(), last_year));
        }
        all.extend(onsets.into_iter().map(|onset| (onset, value("TZOFFSETTO:").unwrap())));
    }
    all.sort();
    all
}

fn yearly(rule: &str, start: DateTime, from: &str, last_year: i16) -> Vec<DateTime> {
    let part = |key: &str| rule.split(';').find_map(|p| p.strip_prefix(key)).map(str::to_owned);
    let month: Option<i8> = part("BYMONTH=").map(|month| month.parse().unwrap());
    let year_days: Option<Vec<i16>> =
        part("BYYEARDAY=").map(|days| days.split(',').map(|d| d.parse().unwrap()).collect());
    let monthdays: Option<Vec<i8>> =
        part("BYMONTHDAY=").map(|days| days.split(',').map(|d| d.parse().unwrap()).collect());
    let until = part("UNTIL=").map(|until| until.parse::<DateOrTime>().unwrap().instant(&Zone::utc()));
    let from = Zone::from_offset(from);
    let mut found = Vec::new();
    for year in start.year()..=last_year {
        for date in jiff::civil::date(year, 1, 1).series(jiff::Span::new().days(1)).take_while(|d| d.year() == year) {
            if month.is_some_and(|month| month != date.month()) {
                continue;
            }
            let (day, days) = (date.day(), date.days_in_month());
            let from_end = date.day_of_year() - date.days_in_year() - 1;
            if year_days.as_ref().is_some_and(|list| !list.contains(&from_end)) {
                continue;
            }
            let at = date.to_datetime(start.time());
            let weekday = format!("{:?}", date.weekday())[..2].to_uppercase();
            let fits_day = part("BYDAY=").is_none_or(|by| match by.strip_suffix(&weekday) {
                Some("") => true,
                Some("-1") => day + 7 > days,
                Some(n) => (day - 1) / 7 + 1 == n.parse::<i8>().unwrap(),
                None => false,
            });
            let fits_monthday = monthdays.as_ref().is_none_or(|list| list.contains(&day));
            let fits_until = until.is_none_or(|until| from.resolve(at) <= until);
            if fits_day && fits_monthday && fits_until && at >= start {
                found.push(at);
            }
        }
    }
    found
}

trait FromOffset {
    fn from_offset(offset: &str) -> Zone;
}

impl FromOffset for Zone {
    fn from_offset(offset: &str) -> Zone {
        let seconds: i32 = offset[1..3].parse::<i32>().unwrap() * 3600 + offset[3..5].parse::<i32>().unwrap() * 60;
        Zone::fixed(if offset.starts_with('-') { -seconds } else { seconds }).unwrap()
    }
}

#[track_caller]
fn vtimezone_is_right(zone: &str, from: i16, to: i16, lines: &str) {
    let text = vtimezone(&format!("{zone}:{from:04}0105T090000"), lines);
    let zone: Zone = zone.parse().unwrap();
    let onsets = onsets_of(&text, to);
    for year in from..=to {
        for day in 0..73 {
            let date = jiff::civil::date(year, 1, 1) + jiff::Span::new().days(day * 5);
            let local = date.at(12, 0, 0, 0);
            let seconds = zone.offset_seconds(zone.resolve(local));
            let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
            let expected = format!("{sign}{:02}{:02}", size / 3600, size / 60 % 60);
            let before = onsets.partition_point(|(onset, _)| *onset <= local);
            assert_eq!(onsets[before - 1].1, expected, "{local} {zone}\n{text}");
        }
    }
}

#[test]
fn vtimezones_hold_in_all_years_that_are_reached() {
    for zone in [
        "Europe/Berlin",
        "America/New_York",
        "America/Vancouver",
        "Africa/Casablanca",
        "Africa/Cairo",
        "Asia/Tehran",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Asia/Gaza",
        "America/Santiago",
        "Asia/Kolkata",
        "Pacific/Apia",
        "Posix/<-05>5<-04>,M3.2.0,M11.1.0",
        "UTC+05:30",
        "America/Sao_Paulo",
        "Asia/Jerusalem",
        "Europe/Moscow",
    ] {
        vtimezone_is_right(zone, 2026, 2026, "");
        vtimezone_is_right(zone, 1999, 2120, "RRULE:FREQ=DAILY\n");
        vtimezone_is_right(
            zone,
            2005,
            2011,
            "RDATE:20111231T000000\n".replace("RDATE:", &format!("RDATE;TZID={}:", tzid(zone))).as_str(),
        );
    }
}

fn tzid(zone: &str) -> String {
    if zone.starts_with("UTC+") { zone.replace(':', "") } else { zone.replace(',', "_") }
}

#[test]
fn the_same_content_is_the_same_bytes() {
    let one = event("Europe/Berlin:20260105T090000", "Europe/Berlin:20260105T100000", "");
    let two = event("America/New_York:20260105T090000", "America/New_York:20260105T100000", "");
    assert_eq!(write(&CalendarHead::default(), [&one, &two]), write(&CalendarHead::default(), [&one, &two]));
}

/// Names of parameters have no case (RFC 5545 section 2), and a TZID without its VTIMEZONE is nothing to go by.
#[test]
fn a_zone_is_written_out_in_whatever_case_it_is_named() {
    let object = event("20260105T090000Z", "20260105T090000Z", "X-A;Tzid=Asia/Kolkata:20260105T090000\n");
    let out = write(&CalendarHead::default(), [&object]);
    assert!(out.contains("TZID:Asia/Kolkata\r\nBEGIN:STANDARD\r\n"), "{out}");
}

/// What is written from stored text is what is written from objects.
#[test]
fn stored_text_is_written_as_the_object_is() {
    let objects = [
        event("Europe/Berlin:20260105T090000", "Europe/Berlin:20260105T100000", "RRULE:FREQ=WEEKLY\n"),
        event(
            "America/New_York:20010105T090000",
            "UTC:20010105T190000",
            "BEGIN:VALARM\nX-A;TZID=Asia/Tokyo:2050\nEND:VALARM\n",
        ),
        event("20260105", "20260106", &format!("DESCRIPTION:{}\n", "ü".repeat(100))),
    ];
    let (mut zones, mut body) = (ZoneUses::default(), String::new());
    for object in &objects {
        zones.note_stored(&object.to_text()).unwrap();
        push_stored(&mut body, &object.to_text()).unwrap();
        assert_eq!(object.clone().into_text(), object.to_text());
    }
    let head = CalendarHead { name: Some("It"), ..CalendarHead::default() };
    let out = head.opening(&zones) + &body + CLOSING;
    assert_eq!(out, write(&head, &objects));
    assert_eq!(out.matches("BEGIN:VTIMEZONE").count(), 3);
    for text in [
        "",
        "BEGIN:VEVENT\n",
        "UID:u\n",
        "BEGIN:VEVENT\nEND:VALARM\n",
        "BEGIN:VEVENT\nnothing\nEND:VEVENT\n",
        "BEGIN:VEVENT\nEND:VEVENT",
    ] {
        assert!(push_stored(&mut String::new(), text).is_err(), "{text:?}");
        assert!(ZoneUses::default().note_stored(text).is_err(), "{text:?}");
        assert!(CalendarObject::from_text(text).is_err(), "{text:?}");
    }
}
