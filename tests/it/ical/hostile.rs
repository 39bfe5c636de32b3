//! Hostile files: bounded time and memory, and a clear answer.

use convene::ical::{CalendarHead, CalendarObject, NotACalendar, ReadCalendar, ReadContext, read, read_pieces, write};
use convene::limits::Limits;
use convene::time::Zone;
use proptest::prelude::*;

fn try_read(bytes: &[u8]) -> Result<ReadCalendar, NotACalendar> {
    let zone = Zone::utc();
    read(bytes, &ReadContext { calendar_zone: &zone, limits: &Limits::default() })
}

fn event(lines: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\nDTSTART:20260105T090000Z\n{lines}END:VEVENT\nEND:VCALENDAR\n")
        .into_bytes()
}

#[test]
fn nesting_without_end() {
    let deep = event(&("BEGIN:VALARM\n".repeat(99_000) + &"END:VALARM\n".repeat(99_000)));
    let read = try_read(&deep).unwrap();
    assert!(read.errors[0].message.contains("nested deeper than 8"), "{:?}", read.errors[0]);
    assert!(try_read(&event(&"BEGIN:VALARM\n".repeat(200_000))).unwrap_err().message.contains("components"));
    assert!(try_read("BEGIN:VCALENDAR\n".repeat(100_000).as_bytes()).unwrap().objects.is_empty());
}

#[test]
fn a_line_without_end() {
    let read = try_read(&event(&format!("SUMMARY:{}\n", "x".repeat(50 << 20)))).unwrap();
    assert_eq!(read.errors[0].line, 6);
    assert!(read.errors[0].message.contains("SUMMARY is longer than"), "{:?}", read.errors[0]);
    let folded = format!("SUMMARY:{}\n", "x\n ".repeat(5 << 20));
    assert!(try_read(&event(&folded)).unwrap().errors[0].message.contains("SUMMARY is longer than"));
    let pasted = format!("DESCRIPTION:x\n{}", "more\n".repeat(1 << 20));
    assert!(try_read(&event(&pasted)).unwrap().objects.len() == 1);
}

#[test]
fn a_million_dates() {
    let lines = try_read(&event(&"RDATE:20260105T090000Z\n".repeat(1_000_000))).unwrap();
    assert!(lines.errors[0].message.contains("more than 50000 lines"), "{:?}", lines.errors);
    let fewer = try_read(&event(&"RDATE:20260105T090000Z\n".repeat(20_000))).unwrap();
    assert!(fewer.errors[0].message.contains("too many"), "{:?}", fewer.errors);
    let one = event(&format!("RDATE:20260105T090000Z{}\n", ",20260105T090000Z".repeat(1_000_000)));
    assert!(try_read(&one).unwrap().errors[0].message.contains("RDATE is longer than"));
}

#[test]
fn a_million_names() {
    let many = try_read(&event(&"A:\n".repeat(1_000_000))).unwrap();
    assert!(many.errors[0].message.contains("more than 50000 lines"), "{:?}", many.errors);
    let lines: String = (0..40_000).map(|i| format!("X-A;TZID=Zone{i}:20260105T090000\n")).collect();
    let read = try_read(&event(&lines)).unwrap();
    assert_eq!(read.warnings.len(), 1000);
    assert!(read.warnings_left_out > 0);
    let zones: String = (0..2000)
        .map(|i| {
            format!(
                "BEGIN:VTIMEZONE\nTZID:Z{i}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\n\
                 TZOFFSETTO:+0{}00\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2TU\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
                 DTSTART:19700101T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=4\nEND:DAYLIGHT\nEND:VTIMEZONE\n",
                i % 9
            )
        })
        .collect();
    let uses: String = (0..2000).map(|i| format!("EXDATE;TZID=Z{i}:20260105T090000\n")).collect();
    let file = String::from_utf8(event(&uses)).unwrap().replace("BEGIN:VEVENT", &format!("{zones}BEGIN:VEVENT"));
    try_read(file.as_bytes()).unwrap();
}

#[test]
fn many_events_of_one_uid() {
    let big = format!("DESCRIPTION:{}\n", "x".repeat(1 << 20));
    let mut file = String::from_utf8(event(&big)).unwrap();
    file.push_str("BEGIN:VCALENDAR\n");
    for i in 0..50_000 {
        file.push_str(&format!("BEGIN:VEVENT\nUID:u\nDTSTART:20260105T090000Z\nSUMMARY:{i}\nEND:VEVENT\n"));
    }
    file.push_str("END:VCALENDAR\n");
    assert_eq!(try_read(file.as_bytes()).unwrap().objects.len(), 50_001);
}

#[test]
fn nul_and_invalid_utf8() {
    let mut bytes = event("SUMMARY:a@b\n");
    for b in &mut bytes {
        *b = if *b == b'@' { 0 } else { *b };
    }
    assert!(try_read(&bytes).unwrap().objects[0].object.to_text().contains("SUMMARY:ab\n"));
    assert!(try_read(&[0; 1000]).is_err());
    assert!(try_read(&[0xff; 1000]).is_err());
}

const PIECES: [&str; 35] = [
    "BEGIN:VCALENDAR\n",
    "END:VCALENDAR\n",
    "BEGIN:VEVENT\n",
    "END:VEVENT\n",
    "BEGIN:VALARM\n",
    "END:VALARM\n",
    "BEGIN:VTIMEZONE\n",
    "END:VTIMEZONE\n",
    "BEGIN:STANDARD\n",
    "END:STANDARD\n",
    "UID:u\n",
    "UID:\n",
    "DTSTART:20260105\n",
    "DTSTART;TZID=Europe/Berlin:20260105T090000\n",
    "DTSTART;TZID=Odd:20260105T090000\n",
    "DTEND:20260106T090000Z\n",
    "DURATION:PT1H\n",
    "RRULE:FREQ=DAILY;UNTIL=20260201\n",
    "RRULE:FREQ=DAILY;COUNT=3\n",
    "EXDATE:20260106\n",
    "EXDATE:20260106T090000\n",
    "RDATE;VALUE=PERIOD:20260110T090000/PT2H\n",
    "RECURRENCE-ID:20260106\n",
    "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=\"Eastern Standard Time\":20260107T090000\n",
    "SEQUENCE:2\n",
    "TZID:Odd\n",
    "TZOFFSETTO:+0130\n",
    "SUMMARY:ü語😀\\, x\n",
    "X-A;B=\"c:d\":e\n",
    "  folded\n",
    "stray text\n",
    "DTSTAMP:20260101T000000Z\n",
    "\r",
    "LAST-MODIFIED:20260101T000000Z\n",
    "X-A;END;TZID=\"W. Europe Standard D;TZID=Europe/Berlin:1\n",
];

/// The pieces with the noise between them.
fn mixed(pieces: &[&str], noise: &[&str]) -> String {
    let longest = pieces.len().max(noise.len());
    (0..longest).flat_map(|i| [pieces.get(i), noise.get(i)]).flatten().copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever the bytes are, what is read from them comes back unchanged when it is written and read again.
    #[test]
    fn what_is_read_once_is_read_the_same_again(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40)) {
        let file = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\n{}", pieces.concat());
        let Ok(once) = try_read(file.as_bytes()) else { return Ok(()) };
        let out = write(&CalendarHead::default(), once.objects.iter().map(|o| &o.object));
        prop_assert!(out.split("\r\n").all(|line| line.len() <= 75));
        let again = try_read(out.as_bytes()).unwrap();
        prop_assert_eq!(&again.errors, &[]);
        let texts = |read: &ReadCalendar| read.objects.iter().map(|o| o.object.to_text()).collect::<Vec<_>>();
        prop_assert_eq!(texts(&once), texts(&again));
        for text in texts(&once) {
            prop_assert_eq!(CalendarObject::from_text(&text).unwrap().to_text(), text);
        }
    }

    /// In whatever pieces a file comes, it says the same; and a line is a line whatever ends it.
    #[test]
    fn pieces_make_no_difference(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        noise in prop::collection::vec(prop::sample::select(vec!["\r\n", "\r", "\n", "\r\n ", "\n\n\t", "\0", "ü"]), 0..20),
        size in 1_usize..9,
        form in 0..4,
    ) {
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\n{}", mixed(&pieces, &noise));
        let units: Vec<u16> = text.encode_utf16().collect();
        let bytes: Vec<u8> = match form {
            0 => text.into_bytes(),
            1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            2 => [vec![0xff, 0xfe], units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat(),
            _ => units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        };
        let (zone, limits) = (Zone::utc(), Limits { ical_line_bytes: 40, ..Limits::default() });
        let context = ReadContext { calendar_zone: &zone, limits: &limits };
        let told = |read: Result<ReadCalendar, NotACalendar>| format!("{read:?}");
        prop_assert_eq!(told(read(&bytes, &context)), told(read_pieces(bytes.chunks(size), &context)));
    }

    /// No bytes make it panic.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:".to_vec();
        file.extend(&bytes);
        file.extend(b"\nEND:VEVENT\nEND:VCALENDAR\n");
        let read = try_read(&file);
        prop_assert!(read.is_ok() || bytes.len() > 1);
        drop(try_read(&bytes));
    }
}
