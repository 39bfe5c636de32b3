//! Files that are made to hurt: each gets a clear answer, and the server goes on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::uploads::gzip;
use super::{calendar, counts, event, upload};
use crate::http::client::Client;
use crate::http::server::on_both;

const PATH: &str = "/api/events/import/";

/// Far more than a build without optimisation needs on a busy machine.
const SOON: Duration = Duration::from_secs(60);

async fn send(client: &Client, file: impl Into<Vec<u8>>) -> (u16, Value) {
    let began = Instant::now();
    let answer = upload(client, PATH, file).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    (answer.status, answer.is(answer.status))
}

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
    let line = format!("DESCRIPTION:{}", "x".repeat(20 << 20));
    let file = calendar(&[event("good", ""), event("long", &line)].concat());
    on_both(async |server| {
        let ann = server.user("ann").await;
        let (status, report) = send(&ann, file.clone()).await;
        assert_eq!((status, &report["created"]), (200, &json!(1)), "{status} {report:#}");
        assert_eq!(only_error(&report).1, "long");
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
