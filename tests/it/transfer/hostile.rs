//! Files that are made to hurt: each gets a clear answer, and the server goes on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::uploads::gzip;
use super::{calendar, counts, event, upload};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, on, on_both};

const PATH: &str = "/api/events/import/";

/// Far more than a build without optimisation needs on a busy machine.
const SOON: Duration = Duration::from_secs(60);

async fn send(client: &Client, file: impl Into<Vec<u8>>) -> (u16, Value) {
    let began = Instant::now();
    let answer = upload(client, PATH, file).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    (answer.status, answer.is(answer.status))
}

/// Nearly as long as an upload may be.
const LARGE: usize = (50 << 20) - 1000;

/// The message of the only error line, and its UID.
#[track_caller]
fn only_error(report: &Value) -> (&str, &Value) {
    let errors = report["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &report["skipped"]), (1, &json!(1)), "{report:#}");
    assert!(errors[0]["line"].as_u64().unwrap() > 0);
    (errors[0]["message"].as_str().unwrap(), &errors[0]["uid"])
}

#[tokio::test]
async fn nesting_without_end_is_one_error_line() {
    let deep = format!(
        "{}BEGIN:VEVENT\nUID:deep\nDTSTART:20260105T090000Z\n{}{}END:VEVENT\n",
        event("good", ""),
        "BEGIN:X-A\n".repeat(90_000),
        "END:X-A\n".repeat(90_000)
    );
    let deeper = format!("BEGIN:VEVENT\nUID:deep\n{}", "BEGIN:VALARM\n".repeat(100_000));
    let unclosed = format!("{}BEGIN:VEVENT\nUID:deep\n{}", event("good", ""), "BEGIN:VEVENT\n".repeat(90_000));
    on_both(async |server| {
        let ann = server.user("ann").await;
        let (status, report) = send(&ann, calendar(&deep)).await;
        assert_eq!((status, &report["created"]), (200, &json!(1)), "{status} {report:#}");
        assert_eq!(only_error(&report).1, "deep");
        let (status, problem) = send(&ann, calendar(&deeper)).await;
        assert_eq!(status, 400, "{problem:#}");
        assert!(problem["errors"]["file"][0].as_str().unwrap().contains("line "), "{problem:#}");
        let (status, _) = send(&ann, calendar(&unclosed)).await;
        assert!([200, 400].contains(&status), "{status}");
    })
    .await;
}

#[tokio::test]
async fn series_without_bounds_go_in_or_are_refused_and_no_search_calls_them_free() {
    let every = |list: std::ops::Range<u32>| list.map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let minutes = every(0..60);
    let rules = [
        ("secondly", "RRULE:FREQ=SECONDLY;UNTIL=20360105T090000Z".to_owned()),
        ("counted", "RRULE:FREQ=SECONDLY;COUNT=300000000".to_owned()),
        ("exploding", format!("RRULE:FREQ=YEARLY;BYSECOND={minutes};BYMINUTE={minutes};BYHOUR={}", every(0..24))),
        ("never", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30".to_owned()),
    ];
    on_both(async |server| {
        let ann = server.user("ann").await;
        for (uid, rule) in &rules {
            let file = calendar(&[event(uid, rule), event(&format!("beside {uid}"), "")].concat());
            let (status, report) = send(&ann, file).await;
            assert_eq!(status, 200, "{report:#}");
            let [created, .., skipped] = counts(&report);
            assert_eq!(created + skipped, 2, "{report:#}");
            assert!(created > 0, "{report:#}");
        }
        let week = "start=2027-03-01T00:00:00Z&end=2027-03-08T00:00:00Z";
        let listed = ann.get(&format!("/api/events/?expand=true&{week}")).await;
        assert_eq!(listed.status, 400, "{listed:#?}");
        let question = json!({ "user_ids": [ann.id], "duration_minutes": 30, "start": "2027-03-01T00:00:00Z", "end": "2027-03-08T00:00:00Z" });
        let found = ann.post("/api/scheduling/find-slots/", &question).await;
        assert_eq!(found.is(200)["available_slots"], json!([]), "{found:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_million_extra_dates_are_one_error_line() {
    let dates: Vec<String> =
        (0..1_000_000_u32).map(|i| format!("{:08}T{:06}Z", 20_260_101 + i % 28, i % 24 * 10_000)).collect();
    let file = calendar(&[event("good", ""), event("dates", &format!("RDATE:{}", dates.join(",")))].concat());
    let split = dates.chunks(100).map(|some| format!("RDATE:{}\n", some.join(","))).collect::<String>();
    let lines = calendar(&[event("fine", ""), event("dates", &split)].concat());
    on_both(async |server| {
        let ann = server.user("ann").await;
        for file in [file.clone(), lines.clone()] {
            let (status, report) = send(&ann, file).await;
            assert_eq!((status, &report["created"]), (200, &json!(1)), "{report:#}");
            assert!(!only_error(&report).0.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn a_line_without_end_is_refused_in_its_event_or_with_the_file() {
    let line = format!("DESCRIPTION:{}", "x".repeat(LARGE));
    let file = calendar(&[event("good", ""), event("long", &line)].concat());
    let folded = file.replace(&"x".repeat(60), &format!("{}\r\n ", "x".repeat(57)));
    on_both(async |server| {
        let ann = server.user("ann").await;
        for (created, file) in [(1, &file), (0, &folded)] {
            let (status, report) = send(&ann, file.clone()).await;
            assert_eq!((status, &report["created"]), (200, &json!(created)), "{status} {report:#}");
            let (message, uid) = only_error(&report);
            assert_eq!((message, uid.as_str()), ("DESCRIPTION is longer than 4194304 bytes", Some("long")));
        }
        let (status, problem) = send(&ann, "x".repeat(20 << 20)).await;
        assert_eq!(status, 400);
        assert!(problem["errors"]["file"][0].as_str().unwrap().len() < 500, "{problem}");
    })
    .await;
}

#[tokio::test]
async fn a_bomb_is_not_unpacked_beyond_the_bound() {
    let bomb = gzip(&vec![b'x'; 60 << 20]);
    on_both(async |server| {
        let ann = server.user("ann").await.with("content-encoding", "gzip");
        assert_eq!(send(&ann, bomb.clone()).await.0, 413);
    })
    .await;
}

#[tokio::test]
async fn bytes_that_are_no_text_neither_stop_a_file_nor_reach_the_database() {
    let cases: [(&str, &[u8]); 5] = [
        ("nul in a text", b"SUMMARY:a\0b"),
        ("nul in a name", b"X-A\0B:c"),
        ("broken UTF-8", b"SUMMARY:\xff\xfe\xc3("),
        ("surrogates", b"SUMMARY:\xed\xa0\x80"),
        ("controls", b"SUMMARY:\x01\x02\x7f\x1b[31m"),
    ];
    on_both(async |server| {
        let ann = server.user("ann").await;
        for (name, line) in cases {
            let mut file = Vec::new();
            for part in calendar(&event(name, "HERE")).split_inclusive("HERE") {
                file.extend_from_slice(part.strip_suffix("HERE").unwrap_or(part).as_bytes());
                if part.ends_with("HERE") {
                    file.extend_from_slice(line);
                }
            }
            let (status, report) = send(&ann, file).await;
            assert_eq!((status, counts(&report)), (200, [1, 0, 0, 0]), "{name}: {report:#}");
        }
        assert_eq!(ann.get("/api/events/").await.is(200).as_array().unwrap().len(), cases.len());
        let (status, _) = send(&ann, vec![0; 1 << 20]).await;
        assert_eq!(status, 400);
        let nul_uid = calendar("BEGIN:VEVENT\nUID:a\0b\nDTSTART:20260105T090000Z\nEND:VEVENT");
        assert_eq!(send(&ann, nul_uid).await.0, 200);
        let long = calendar(&[event(&"u".repeat(5000), ""), event("short", "")].concat());
        let (_, report) = send(&ann, long).await;
        assert_eq!(report["created"], 1);
        assert!(only_error(&report).0.contains("UID"));
    })
    .await;
}

#[tokio::test]
async fn numbers_at_the_ends_of_their_range_are_kept_and_can_be_edited() {
    let file = calendar(&event("it", "SEQUENCE:9223372036854775807\nPRIORITY:99999999999999999999"));
    on_both(async |server| {
        let ann = server.user("ann").await;
        assert_eq!(counts(&send(&ann, file.clone()).await.1), [1, 0, 0, 0]);
        let id = ann.get("/api/events/").await.is(200)[0]["id"].clone();
        let later = json!({ "start_time": "2026-01-06T09:00:00Z", "end_time": "2026-01-06T10:00:00Z" });
        ann.patch(&format!("/api/events/{id}/"), &later).await.is(200);
    })
    .await;
}

/// What is expected of a file: how many events go in and how many do not, or the words of the refusal of all of it.
enum Expected {
    Report(u64, u64),
    Refusal(&'static str),
}

/// Files that stay away from the database, or bring one event to it: what they cost is the reader's.
#[tokio::test]
async fn files_that_are_large_in_one_way_each_have_their_answer() {
    use Expected::{Refusal, Report};
    let filled = |unit: &str| unit.repeat(LARGE / unit.len());
    let (good, many) = (event("good", ""), "the file has more than 100000 components");
    let zone = |tzid: usize, observances: usize| {
        let one = "BEGIN:STANDARD\nDTSTART:19701101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:STANDARD\n";
        format!("BEGIN:VTIMEZONE\nTZID:Z{tzid}\n{}END:VTIMEZONE\n", one.repeat(observances))
    };
    let (zones, uses) = ((0..40_000).map(|n| zone(n, 1)).collect::<String>(), |tzid| event(tzid, "X-A;TZID=Z7:x"));
    let tzids: String = (0..40_000).map(|n| format!("X-A;TZID=Zone{n}:1\n")).collect();
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: Vec<(&str, Vec<u8>, Expected)> = vec![
        ("events without end", filled("BEGIN:VEVENT\r\n").into(), Refusal(many)),
        (
            "calendars without end",
            filled("BEGIN:VCALENDAR\r\n").into(),
            Refusal("the file has more than 100000 calendars"),
        ),
        ("a million empty events", calendar(&"BEGIN:VEVENT\nEND:VEVENT\n".repeat(1_000_000)).into(), Refusal(many)),
        ("ends without a beginning", calendar(&(good.clone() + &"END:X\n".repeat(300_000))).into(), Report(1, 0)),
        ("lines", filled("A:\n").into(), Refusal("the file has more than 5000000 lines")),
        ("no line end", filled("x").into(), Refusal("BEGIN:VCALENDAR is expected")),
        ("line ends", (calendar(&good) + &"\r".repeat(LARGE / 5)).into(), Report(1, 0)),
        ("NULs", vec![0; LARGE], Refusal("the file is empty")),
        ("a name", calendar(&format!("{good}BEGIN:VEVENT\nUID:it\n{}:\nEND:VEVENT", filled("X"))).into(), Report(1, 1)),
        ("parameters", calendar(&event("it", &format!("X-A{}:d", ";B=c".repeat(900_000)))).into(), Report(1, 0)),
        ("more parameters", calendar(&event("it", &format!("X-A{}:d", ";B=c".repeat(2_000_000)))).into(), Report(0, 1)),
        (
            "nameless parameters",
            calendar(&event("it", &format!("X-A;B=c{}:d", ";x".repeat(900_000)))).into(),
            Report(1, 0),
        ),
        ("open quotes", calendar(&event("it", &"X-A;B=\"c:d\n".repeat(40_000))).into(), Report(1, 0)),
        ("one open quote", calendar(&event("it", &format!("X-A;B=\"{}", filled("c:d;e=")))).into(), Report(0, 1)),
        ("zones", calendar(&(zones + &uses("it"))).into(), Report(1, 0)),
        ("observances", calendar(&(zone(7, 90_000) + &uses("it"))).into(), Report(1, 0)),
        ("TZIDs", calendar(&event("it", &tzids)).into(), Report(1, 0)),
        (
            "bytes that are no UTF-8",
            [calendar(&good).into_bytes(), b"X-A:\xff\xfe(\r\n".repeat(200_000)].concat(),
            Report(1, 0),
        ),
        ("UTF-16", utf_16(&calendar(&event("it", &format!("X-A:{}", "€".repeat(LARGE / 2 - 500))))), Report(0, 1)),
    ];
    on(Kind::Sqlite, Settings::default(), async |server| {
        for (index, (name, file, expected)) in cases.iter().enumerate() {
            println!("{name}");
            let somebody = server.user(&format!("user{index}")).await;
            let (status, answer) = send(&somebody, file.clone()).await;
            match expected {
                Report(created, skipped) => {
                    assert_eq!((status, counts(&answer)), (200, [*created, 0, 0, *skipped]), "{name}: {answer:#}");
                }
                Refusal(words) => {
                    assert_eq!(status, 400, "{name}: {answer:#}");
                    let said = answer["errors"]["file"][0].as_str().unwrap();
                    assert!(said.starts_with("line ") && said.contains(words) && said.len() < 500, "{name}: {said}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn gzip_in_countless_members_is_refused() {
    let file = calendar(&event("it", ""));
    let members: Vec<u8> = file.as_bytes().chunks(2).flat_map(gzip).collect();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let ann = server.user("ann").await.with("content-encoding", "gzip");
        let (status, report) = send(&ann, members.clone()).await;
        assert_eq!((status, counts(&report)), (200, [1, 0, 0, 0]), "{report:#}");
        let (status, problem) = send(&ann, gzip(b"").repeat(100_000)).await;
        assert_eq!((status, problem["errors"]["body"].is_array()), (400, true), "{problem:#}");
    })
    .await;
}

/// A file's series are counted out with so many steps together, and a few for each beyond.
#[tokio::test]
async fn series_that_are_long_to_count_go_in_until_the_file_has_had_its_share() {
    let far: String =
        (0..50).map(|n| event(&format!("far {n}"), "RRULE:FREQ=SECONDLY;BYDAY=MO;COUNT=3000000")).collect();
    let near: String = (0..50).map(|n| event(&format!("near {n}"), "RRULE:FREQ=DAILY;COUNT=500")).collect();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let ann = server.user("ann").await;
        let (status, report) = send(&ann, calendar(&(far.clone() + &near))).await;
        assert_eq!((status, counts(&report)), (200, [4 + 50, 0, 0, 46]), "{report:#}");
        let message = report["errors"][1]["message"].as_str().unwrap();
        assert!(message.contains("use UNTIL instead of COUNT; or import it in a smaller file"), "{message}");
    })
    .await;
}

/// What is asked of many series at once has so many steps together; what is not found out then counts as busy.
#[tokio::test]
async fn series_that_are_long_to_search_are_searched_within_bounds_together() {
    let series: String = (0..400).map(|n| event(&n.to_string(), "RRULE:FREQ=MINUTELY;INTERVAL=6;BYMINUTE=5")).collect();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let ann = server.user("ann").await;
        assert_eq!(counts(&send(&ann, calendar(&series)).await.1), [400, 0, 0, 0]);
        let window = "start=2027-01-01T00:00:00Z&end=2028-01-01T00:00:00Z";
        let listed = ann.get(&format!("/api/events/?expand=true&{window}")).await;
        listed.is(400);
        assert!(listed.text.contains("steps"), "{listed:#?}");
        // Too many to be told are some.
        let exported = ann.get(&format!("/api/events/export/?{window}")).await;
        assert!(exported.text.matches("BEGIN:VEVENT").count() > 50, "{}", exported.text.len());
        let asked = json!({ "user_ids": [ann.id], "start": "2027-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z", "duration_minutes": 30 });
        assert_eq!(ann.post("/api/scheduling/find-slots/", &asked).await.is(200)["available_slots"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_series_has_so_many_changed_occurrences_and_no_more() {
    let changed = |count: usize| -> String {
        let id = |n: usize| {
            format!("RECURRENCE-ID:{}{:02}{:02}T{:02}0000Z", 2026 + n / 8064, n / 672 % 12 + 1, n / 24 % 28 + 1, n % 24)
        };
        let master = event("it", "RRULE:FREQ=HOURLY");
        (0..count).fold(master, |file, n| file + &event("it", &id(n)))
    };
    let (fitting, more) = (calendar(&changed(2_000)), calendar(&(changed(10_001) + &event("good", ""))));
    on(Kind::Sqlite, Settings::default(), async |server| {
        let ann = server.user("ann").await;
        assert_eq!(counts(&send(&ann, fitting.clone()).await.1), [1, 0, 0, 0]);
        let (status, report) = send(&server.user("bob").await, more.clone()).await;
        assert_eq!((status, &report["created"]), (200, &json!(1)), "{report:#}");
        assert!(only_error(&report).0.contains("10001 RRULE, RDATE and EXDATE values and changed occurrences"));
    })
    .await;
}
