//! What independent programs make of a feed. `make tools` installs them.

use serde_json::{Value, json};

use super::{make, publish_busy, publish_full};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on};
use crate::program::{project, python_tool, succeed};

fn python(script: &str, arguments: &[&str]) -> String {
    succeed(python_tool("python").arg(project("tests/programs").join(script)).args(arguments))
}

fn timed(title: &str, start: &str, end: &str, zone: &str, recurrence: &[&str]) -> Value {
    json!({ "title": title, "start_time": start, "end_time": end, "timezone": zone, "recurrence": recurrence })
}

/// A calendar with what calendars have: single and all-day events, series in many zones with exceptions and overrides.
async fn fill(client: &Client) {
    let berlin = "Europe/Berlin";
    for (title, start, end, zone, rule) in [
        ("Single", "2026-01-05T09:00:00", "2026-01-05T10:00:00", berlin, ""),
        ("Over midnight", "2025-03-29T22:00:00", "2025-03-30T04:00:00", berlin, ""),
        ("Long ago, still on", "2019-01-07T18:00:00", "2019-01-07T18:45:00", "America/New_York", "RRULE:FREQ=WEEKLY"),
        ("Workdays", "2024-01-01T08:15:00", "2024-01-01T08:30:00", berlin, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("Last Friday", "2024-01-26T16:00:00", "2024-01-26T17:00:00", "Asia/Tokyo", "RRULE:FREQ=MONTHLY;BYDAY=-1FR"),
        ("In the gap", "2024-01-01T02:30:00", "2024-01-01T02:45:00", "UTC", "RRULE:FREQ=DAILY;INTERVAL=10"),
        ("South", "2024-02-01T12:00:00", "2024-02-01T13:00:00", "America/Sao_Paulo", "RRULE:FREQ=MONTHLY;COUNT=40"),
        (
            "Ended",
            "2024-06-01T07:00:00",
            "2024-06-01T07:30:00",
            "Africa/Cairo",
            "RRULE:FREQ=DAILY;UNTIL=20250601T000000Z",
        ),
        (
            "Quarterly",
            "2024-01-31T09:00:00",
            "2024-01-31T10:00:00",
            "Australia/Lord_Howe",
            "RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1",
        ),
    ] {
        let lines: Vec<&str> = std::iter::once(rule).filter(|rule| !rule.is_empty()).collect();
        make(client, timed(title, start, end, zone, &lines)).await;
    }
    let all_day = |title: &str, start: &str, end: &str, rule: &[&str]| json!({ "title": title, "all_day": true, "start_date": start, "end_date": end, "recurrence": rule });
    make(client, all_day("Holiday", "2026-05-01", "2026-05-02", &[])).await;
    make(client, all_day("Birthday", "2024-02-29", "2024-03-01", &["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"])).await;
    let rules = ["RRULE:FREQ=DAILY;COUNT=30", "EXDATE:20260310T090000", "RDATE:20260401T090000"];
    let made = make(client, timed("Daily", "2026-03-08T09:00:00", "2026-03-08T10:00:00", berlin, &rules)).await;
    let occurrence = |id: &str| format!("/api/events/{}/occurrences/{id}/", made["id"]);
    let moved = json!({ "title": "Moved", "start_time": "2026-03-12T20:00:00Z", "end_time": "2026-03-12T23:30:00Z" });
    client.patch(&occurrence("20260312T080000Z"), &moved).await.is(200);
    client.patch(&occurrence("20260313T080000Z"), &json!({ "title": "Renamed", "status": "tentative" })).await.is(200);
    client.patch(&occurrence("20260314T080000Z"), &json!({ "status": "cancelled" })).await.is(200);
    client.delete(&occurrence("20260315T080000Z")).await.is(204);
    let later = json!({ "start_time": "2026-03-30T11:00:00Z", "end_time": "2026-03-30T12:00:00Z" });
    client.patch(&format!("{}?range=following", occurrence("20260330T070000Z")), &later).await.is(200);
    let rules = ["RRULE:FREQ=WEEKLY;COUNT=5", "RDATE:20260624T080000Z", "RDATE;TZID=Europe/Berlin:20260625T100000"];
    make(client, timed("Extra", "2026-05-20T10:00:00", "2026-05-20T10:30:00", berlin, &rules)).await;
    let mut free = timed("Free", "2026-03-08T09:00:00", "2026-03-08T10:00:00", berlin, &["RRULE:FREQ=WEEKLY;COUNT=9"]);
    free["event_type"] = json!("free");
    let free = make(client, free).await;
    let path = format!("/api/events/{}/occurrences/20260315T080000Z/", free["id"]);
    client.patch(&path, &json!({ "event_type": "busy" })).await.is(200);
    let mut cancelled = super::meeting("Cancelled");
    cancelled["status"] = json!("cancelled");
    make(client, cancelled).await;
}

/// A feed with all that there is, in a file.
async fn saved(server: &TestServer, path: &str, folder: &tempfile::TempDir) -> (String, String) {
    let answer = server.stranger().get(&format!("{path}?start=2000-01-01T00:00:00Z")).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    let file = folder.path().join("feed.ics").display().to_string();
    std::fs::write(&file, &answer.text).unwrap();
    (file, answer.text)
}

#[tokio::test]
async fn four_parsers_read_a_feed_without_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let module = ical_js();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let paths = [publish_full(&alice).await, publish_busy(&alice).await];
        for filled in [false, true] {
            for path in &paths {
                let (file, text) = saved(server, path, &folder).await;
                let count = text.matches("BEGIN:VEVENT").count();
                assert_eq!(count > 10, filled);
                let said = python("calendar_parsers.py", &[&file, &module]);
                let expected = ["libical", "icalendar", "ical", "ical.js"].map(|name| format!("{name} {count}"));
                assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{text}");
            }
            if !filled {
                fill(&alice).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_feed_has_the_occurrences_of_the_api() {
    let folder = tempfile::tempdir().unwrap();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        fill(&alice).await;
        let (full, busy) = (publish_full(&alice).await, publish_busy(&alice).await);
        let own = occurrences(&alice).await;
        assert!(own.len() > 2000);

        let of = |it: &Value, title: &str| {
            format!("{} {} {} {title}", word(it, "start_time"), word(it, "end_time"), word(it, "status"))
        };
        let shown: Vec<&Value> = own.iter().filter(|it| it["status"] != "cancelled").collect();
        let in_full: Vec<String> = shown.iter().map(|it| of(it, word(it, "title"))).collect();
        let is_busy = |it: &&&Value| it["event_type"] == "busy";
        let in_busy: Vec<String> = shown.iter().filter(is_busy).map(|it| of(it, "Busy")).collect();
        for (path, expected) in [(&full, in_full), (&busy, in_busy)] {
            let (file, _) = saved(server, path, &folder).await;
            for reader in READERS {
                same(reader, read(reader, &file), expected.clone());
            }
        }
    })
    .await;
}

/// Programs that expand series by themselves: `icalendar` of Python through its `recurring-ical-events`.
const READERS: [&str; 4] = ["icalendar", "ical", "ical.js", "libical"];

/// Where a program is known to be wrong: what it shows although it should not, and what it should show and does not.
struct Fault {
    reader: &'static str,
    shows: &'static [&'static str],
    lacks: &'static [&'static str],
    why: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        reader: "ical.js",
        shows: &["2026-04-01T11:00:00Z 2026-04-01T12:00:00Z confirmed"],
        lacks: &[],
        why: "an RDATE that the rule gives too counts twice; RFC 5545, 3.8.5.2: duplicates are ignored",
    },
    Fault {
        reader: "libical",
        shows: &[
            "2026-04-01T13:00:00Z 2026-04-01T14:00:00Z confirmed",
            "2026-06-24T10:00:00Z 2026-06-24T10:30:00Z confirmed",
            "2026-06-25T10:00:00Z 2026-06-25T10:30:00Z confirmed",
        ],
        lacks: &[
            "2026-06-24T08:00:00Z 2026-06-24T08:30:00Z confirmed",
            "2026-06-25T08:00:00Z 2026-06-25T08:30:00Z confirmed",
        ],
        why: "the time of an RDATE counts as UTC, whatever its TZID (RFC 5545, 3.2.19, 3.8.5.2)",
    },
];

/// The same occurrences, but for the known faults, each of which must still be one.
#[track_caller]
fn same(reader: &str, mut theirs: Vec<String>, mut ours: Vec<String>) {
    for fault in FAULTS.iter().filter(|fault| fault.reader == reader) {
        fault.shows.iter().for_each(|line| take(&mut theirs, line, fault));
        fault.lacks.iter().for_each(|line| take(&mut ours, line, fault));
    }
    let without =
        |a: &[String], b: &[String]| -> Vec<String> { a.iter().filter(|it| !b.contains(it)).cloned().collect() };
    let differing = (without(&theirs, &ours), without(&ours, &theirs));
    assert_eq!(differing, (Vec::new(), Vec::new()), "{reader}: theirs alone, ours alone");
    theirs.sort();
    ours.sort();
    assert_eq!(theirs, ours, "{reader}");
}

/// Takes one line that begins so, which must be there.
#[track_caller]
fn take(lines: &mut Vec<String>, beginning: &str, fault: &Fault) {
    let at = lines.iter().position(|line| line.starts_with(beginning));
    lines.remove(at.unwrap_or_else(|| panic!("{beginning}: it is not so any more that {}", fault.why)));
}

fn read(reader: &str, file: &str) -> Vec<String> {
    let window = ["Europe/Berlin", "2024-01-01", "2031-01-01", file];
    if reader == "icalendar" {
        let said = python("occurrences.py", &window);
        return said.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect();
    }
    let module = ical_js();
    let said = python("expansions.py", &[&[reader], &window[..], &[&module]].concat());
    said.lines().map(str::to_owned).collect()
}

/// Where ical.js is.
fn ical_js() -> String {
    let module = project(".cache/node/node_modules/ical.js/dist/ical.js");
    assert!(module.exists(), "{} is not there: `make tools` installs it", module.display());
    module.display().to_string()
}

fn word<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap()
}

/// All occurrences of 2024 to 2030.
async fn occurrences(client: &Client) -> Vec<Value> {
    let window = "expand=true&limit=5000&start=2024-01-01T00:00:00Z&end=2031-01-01T00:00:00Z";
    let (mut found, mut next) = (Vec::new(), Some(format!("/api/events/?{window}")));
    while let Some(path) = next {
        let page = client.get(&path).await;
        found.extend(page.is(200).as_array().unwrap().iter().cloned());
        next = page.next();
    }
    found
}
