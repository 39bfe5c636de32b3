//! The repaired file: valid, whole, and with the same occurrences.

use std::collections::BTreeMap;

use convene::ical::{ReadContext, Severity, read};
use convene::limits::Limits;
use convene::time::{Period, Zone};
use proptest::prelude::*;

use super::{calendar, event, examined, said};
use crate::program::project;

/// When the events of a file occur in the years 2020 to 2030, by UID.
fn occurrences(file: &[u8]) -> BTreeMap<String, Vec<String>> {
    let (utc, limits) = (Zone::utc(), Limits::default());
    let window = Period::new("2020-01-01T00:00:00Z".parse().unwrap(), "2030-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let read = read(file, &ReadContext { calendar_zone: &utc, limits: &limits }).unwrap();
    let of = |object: &convene::ical::CalendarObject| {
        let set = object.recurrence_set(&limits).ok()?;
        let found = set.expand(&utc, window, &limits).ok()?;
        Some(found.into_iter().map(|occurrence| format!("{occurrence:?}")).collect::<Vec<_>>())
    };
    read.objects.iter().filter_map(|it| Some((it.uid.clone(), of(&it.object)?))).collect()
}

/// The file is understood alike when it is repaired, and then nothing is left to be repaired; answers the repaired file.
#[track_caller]
fn check(file: &[u8]) -> String {
    let (_, repaired) = examined(file);
    let (again, twice) = examined(repaired.as_str());
    let left: Vec<String> =
        again.findings.iter().filter(|finding| finding.severity != Severity::Note).map(said).collect();
    assert_eq!(left, Vec::<String>::new(), "{repaired}");
    assert_eq!(twice, repaired);
    assert_eq!(occurrences(repaired.as_bytes()), occurrences(file), "{repaired}");
    repaired
}

#[test]
fn it_has_what_rfc_5545_asks_for() {
    let bad =
        event("UID-\nDTSTAMP-\nDTSTART;TZID=Romance Standard Time:20260105T090000\nRRULE:FREQ=DAILY;UNTIL=20260110");
    let worse = event("UID:worse\nDTSTART-");
    let repaired = check(calendar(&format!("METHOD:REQUEST\nX-WR-CALNAME:Team\n{bad}{worse}")).as_bytes());
    let lines: Vec<&str> = repaired.split("\r\n").collect();
    assert_eq!(lines[..4], ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Convene//Convene//EN", "CALSCALE:GREGORIAN"]);
    let count = |line: &str| lines.iter().filter(|it| **it == line).count();
    assert_eq!((count("BEGIN:VEVENT"), count("TZID:Europe/Paris"), count("X-WR-CALNAME:Team")), (1, 1, 1));
    assert!(lines.contains(&"DTSTART;TZID=Europe/Paris:20260105T090000"), "{repaired}");
    assert!(lines.contains(&"RRULE:FREQ=DAILY;UNTIL=20260110T225959Z"), "{repaired}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("UID:") || line.starts_with("DTSTAMP:")).count(), 2);
    assert!(!repaired.contains("METHOD") && repaired.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"), "{repaired}");
    assert!(lines.iter().all(|line| line.len() <= 75 && !line.contains('\n')));
}

#[test]
fn the_files_of_this_project_are_understood_alike() {
    let mut count = 0;
    for folder in ["tests/data/ical", "tests/data/transfer"] {
        for entry in std::fs::read_dir(project(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "ics") {
                check(&std::fs::read(&path).unwrap());
                count += 1;
            }
        }
    }
    assert!(count >= 6, "{count} files");
}

#[test]
fn real_files_are_understood_alike() {
    let Some(folder) = std::env::var_os("CONVENE_CORPUS") else {
        println!("NOT TESTED: no real files; CONVENE_CORPUS names no folder of them");
        return;
    };
    let files: Vec<_> = std::fs::read_dir(std::path::Path::new(&folder).join("files")).unwrap().collect();
    println!("{} files", files.len());
    for entry in files {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&std::fs::read(path).unwrap());
    }
}

/// What programs write, well and badly, of each part of an event.
fn odd_event() -> impl Strategy<Value = String> {
    let start = prop::sample::select(vec![
        "DTSTART:20260105T090000Z",
        "DTSTART:2026-01-05 09:00",
        "DTSTART:20260105",
        "DTSTART;VALUE=DATE:20260105",
        "DTSTART;VALUE=DATE:20260105T000000",
        "DTSTART;TZID=Europe/Berlin:20260105T090000",
        "DTSTART;TZID=Europe/Berlin:20260105T090000Z",
        "DTSTART;TZID=Eastern Standard Time 1:20260105T090000",
        "DTSTART;TZID=\"(UTC+07:00) Bangkok, Hanoi, Jakarta\":20260105T090000",
        "DTSTART;TZID=GMT+0530:20260105T090000",
        "DTSTART;TZID=Nowhere:20260105T090000",
        "DTSTART:20260105T090000",
    ]);
    let end = prop::sample::select(vec![
        "",
        "DTEND:20260105T100000Z",
        "DTEND:20260106",
        "DTEND;VALUE=DATE:20260107",
        "DTEND:20260105T100000",
        "DURATION: PT1H",
        "DTEND:20260106T090000Z\nDURATION:PT1H",
    ]);
    let rule = prop::sample::select(vec![
        "",
        "RRULE:FREQ=DAILY;UNTIL=20260110",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,XX;COUNT=5",
        "RRULE:FREQ=DAILY;COUNT=4;UNTIL=20260110T000000Z",
        "RRULE:FREQ=MONTHLY;BYDAY=1MON;COUNT=3;",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    ]);
    let dates = prop::sample::select(vec![
        "",
        "EXDATE:20260106T090000Z",
        "EXDATE;VALUE=DATE:20260106",
        "EXDATE:20260106T090000,20260107",
        "RDATE:20260201T090000\nRDATE:sometime",
        "EXDATE;TZID=Romance Standard Time:20260107T090000",
    ]);
    let rest =
        prop::sample::select(vec!["", "UID-", "DTSTAMP-", "UID:\nDTSTAMP:now", "X-A;B=1\\; c:d", "SUMMARY:a\x0bb"]);
    (start, end, rule, dates, rest).prop_map(|parts| event(&[parts.0, parts.1, parts.2, parts.3, parts.4].join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_a_program_writes(events in prop::collection::vec(odd_event(), 1..4)) {
        let numbered = events.iter().enumerate().map(|(n, event)| event.replace("UID:it", &format!("UID:{n}")));
        check(calendar(&numbered.collect::<String>()).as_bytes());
    }
}
