//! What goes in, and what the report says of it.

use serde_json::{Value, json};

use super::{calendar, counts, event, export, import, upload};
use crate::http::client::Client;
use crate::http::server::{Settings, on_both, on_both_with};

const STAMP: &str = "DTSTAMP:20260101T000000Z";

#[tokio::test]
async fn a_file_goes_in_and_what_is_broken_is_told_with_its_line() {
    let file = calendar(&[
        &event("good", &format!("SUMMARY:Good\n{STAMP}")),
        "BEGIN:VTODO\nUID:todo\nEND:VTODO\nBEGIN:VTODO\nUID:todo-2\nEND:VTODO\nBEGIN:VJOURNAL\nUID:j\nEND:VJOURNAL\n",
        &format!("BEGIN:VEVENT\nUID:bad\n{STAMP}\nDTSTART:20260105T090000Z\nDTEND:20260104T090000Z\nEND:VEVENT\n"),
        &event("also good", STAMP),
    ].concat());
    on_both(async |server| {
        let ann = server.user("ann").await;
        let report = import(&ann, file.clone()).await;
        assert_eq!(counts(&report), [2, 0, 0, 1], "{report:#}");
        let line = file.lines().position(|line| line.starts_with("DTEND:20260104")).unwrap() + 1;
        let error = &report["errors"][0];
        assert_eq!((&error["index"], &error["uid"], &error["line"]), (&json!(1), &json!("bad"), &json!(line)));
        assert!(error["message"].as_str().unwrap().contains("DTEND is before DTSTART"), "{error}");
        assert_eq!(report["ignored_components"], json!({ "VJOURNAL": 1, "VTODO": 2 }));
        let listed = ann.get("/api/events/").await.is(200);
        let uids: Vec<&str> = listed.as_array().unwrap().iter().map(|event| event["uid"].as_str().unwrap()).collect();
        assert_eq!(uids, ["good", "also good"]);
    })
    .await;
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_neither_does_a_dry_run() {
    let file = calendar(&[event("one", ""), event("two", STAMP), event("three", "RRULE:FREQ=DAILY")].concat());
    on_both(async |server| {
        let ann = server.user("ann").await;
        let tag = async || ann.get("/api/calendars/").await.is(200)[0]["ctag"].clone();
        let before = tag().await;
        let dry = upload(&ann, "/api/events/import/?dry_run=true", file.clone()).await.is(200);
        assert_eq!(counts(&dry), [3, 0, 0, 0]);
        assert_eq!((tag().await, ann.get("/api/events/").await.is(200)), (before, json!([])));
        let first = import(&ann, file.clone()).await;
        let mut kept = first;
        for field in ["id", "report_url"] {
            assert!(kept.as_object_mut().unwrap().remove(field).is_some(), "{kept:#}");
        }
        assert_eq!(kept, dry);
        let (after, text) = (tag().await, export(&ann).await);
        assert_eq!(counts(&import(&ann, file.clone()).await), [0, 0, 3, 0]);
        assert_eq!((tag().await, export(&ann).await), (after, text));
    })
    .await;
}

/// What becomes of an event when a file with the second stamps follows one with the first.
async fn check(client: &Client, first: &str, second: &str, expected: &str) {
    let file =
        |title: &str, stamps: &str| calendar(&event("it", &format!("SUMMARY:{title}\n{}", stamps.replace(' ', "\n"))));
    let made = import(client, file("Old", first)).await;
    assert_eq!(counts(&made), [1, 0, 0, 0]);
    let report = import(client, file("New", second)).await;
    let event = &client.get("/api/events/").await.is(200)[0];
    let found = match counts(&report) {
        [0, 1, 0, 0] => "updated",
        [0, 0, 1, 0] => "unchanged",
        other => panic!("{other:?}"),
    };
    assert_eq!(found, expected, "{first} then {second}: {report:#}");
    assert_eq!(event["title"], if expected == "updated" { "New" } else { "Old" });
    let warned = report["warnings"].as_array().unwrap().iter().any(|warning| {
        warning["message"].as_str().unwrap().contains("newer version") && warning["uid"] == "it" && warning["line"] == 4
    });
    assert_eq!(warned, expected == "unchanged", "{report:#}");
    client.delete(&format!("/api/events/{}/", event["id"])).await.is(204);
}

#[tokio::test]
async fn the_newer_version_stays() {
    let (old, new) = ("DTSTAMP:20260101T000000Z", "DTSTAMP:20260102T000000Z");
    on_both(async |server| {
        let ann = server.user("ann").await;
        for (first, second, expected) in [
            // SEQUENCE decides before any stamp does (RFC 5546 section 2.1.5).
            (format!("SEQUENCE:1 {new}"), format!("SEQUENCE:2 {old}"), "updated"),
            (format!("SEQUENCE:2 {old}"), format!("SEQUENCE:1 {new}"), "unchanged"),
            (format!("SEQUENCE:1 {old}"), new.to_owned(), "unchanged"),
            (format!("SEQUENCE:1 {old}"), format!("SEQUENCE:1 {new}"), "updated"),
            (old.to_owned(), new.to_owned(), "updated"),
            (new.to_owned(), old.to_owned(), "unchanged"),
            (
                format!("{old} LAST-MODIFIED:20251201T000000Z"),
                format!("{old} LAST-MODIFIED:20251202T000000Z"),
                "updated",
            ),
            (
                format!("{old} LAST-MODIFIED:20251202T000000Z"),
                format!("{old} LAST-MODIFIED:20251201T000000Z"),
                "unchanged",
            ),
            // A program that stamps each export anew says by LAST-MODIFIED when the event changed.
            (
                format!("{old} LAST-MODIFIED:20251202T000000Z"),
                format!("{new} LAST-MODIFIED:20251201T000000Z"),
                "unchanged",
            ),
            // Changed by hand, or by a program without stamps.
            (format!("SEQUENCE:1 {old}"), format!("SEQUENCE:1 {old}"), "updated"),
            (String::new(), String::new(), "updated"),
        ] {
            check(&ann, &first, &second, expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_here_is_newer_than_the_file_that_it_came_from() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let file = calendar(&event("it", &format!("SUMMARY:Theirs\n{}", "DTSTAMP:20250101T000000Z")));
        import(&ann, file.clone()).await;
        let id = ann.get("/api/events/").await.is(200)[0]["id"].clone();
        ann.patch(&format!("/api/events/{id}/"), &json!({ "title": "Ours" })).await.is(200);
        let again = import(&ann, file).await;
        assert_eq!(counts(&again), [0, 0, 1, 0]);
        assert_eq!(ann.get(&format!("/api/events/{id}/")).await.is(200)["title"], "Ours");
    })
    .await;
}

#[tokio::test]
async fn a_new_exception_of_a_series_updates_it_and_a_series_planned_anew_may_lose_its_exceptions() {
    let master = |sequence: u8| event("series", &format!("SEQUENCE:{sequence}\nRRULE:FREQ=DAILY;COUNT=5\n{STAMP}"));
    let moved = "BEGIN:VEVENT\nUID:series\nRECURRENCE-ID:20260106T090000Z\nDTSTART:20260106T150000Z\nSEQUENCE:3\n\
        DTEND:20260106T160000Z\nDTSTAMP:20260102T000000Z\nEND:VEVENT\n";
    on_both(async |server| {
        let ann = server.user("ann").await;
        assert_eq!(counts(&import(&ann, calendar(&master(0))).await), [1, 0, 0, 0]);
        let with_exception = calendar(&format!("{}{moved}", master(0)));
        assert_eq!(counts(&import(&ann, with_exception.clone()).await), [0, 1, 0, 0]);
        assert_eq!(counts(&import(&ann, with_exception).await), [0, 0, 1, 0]);
        assert_eq!(counts(&import(&ann, calendar(&master(1))).await), [0, 1, 0, 0]);
        assert!(!export(&ann).await.contains("RECURRENCE-ID"));
    })
    .await;
}

#[tokio::test]
async fn a_series_beyond_the_bounds_is_an_error_line_and_the_rest_goes_in() {
    let dates: Vec<String> = (1..=11).map(|day| format!("202602{day:02}T090000Z")).collect();
    let many = event("many", &format!("RDATE:{}\n{STAMP}", dates.join(",")));
    let count = event(
        "counted",
        &format!("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,1;BYDAY=MO;BYHOUR=1;BYSETPOS=2;COUNT=9\n{STAMP}"),
    );
    let settings = Settings {
        arguments: &["--max-recurrence-values", "10", "--max-recurrence-work", "1000"],
        ..Settings::default()
    };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        let report =
            import(&ann, calendar(&[event("a", STAMP), many.clone(), count.clone(), event("b", STAMP)].concat())).await;
        assert_eq!(report["created"], 2, "{report:#}");
        let errors = report["errors"].as_array().unwrap();
        assert_eq!(report["skipped"], errors.len());
        let uids: Vec<&Value> = errors.iter().map(|error| &error["uid"]).collect();
        assert_eq!(uids, ["many", "counted"], "{report:#}");
        assert_eq!(errors[0]["index"], 1);
        assert!(errors.iter().all(|error| error["line"].as_u64().unwrap() > 4), "{report:#}");
    })
    .await;
}

#[tokio::test]
async fn a_full_account_takes_nothing_more() {
    let settings = Settings { arguments: &["--max-events", "2"], ..Settings::default() };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        let three = calendar(&[event("1", ""), event("2", ""), event("3", "")].concat());
        upload(&ann, "/api/events/import/", three).await.is(409);
        assert_eq!(ann.get("/api/events/").await.is(200), json!([]));
        let two = calendar(&[event("1", ""), event("2", "")].concat());
        assert_eq!(counts(&import(&ann, two.clone()).await), [2, 0, 0, 0]);
        assert_eq!(counts(&import(&ann, two).await), [0, 0, 2, 0]);
        upload(&ann, "/api/events/import/", calendar(&event("3", ""))).await.is(409);
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_into_the_calendar_that_is_named_if_it_is_ones_own() {
    on_both(async |server| {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        let work = ann.post("/api/calendars/", &json!({ "name": "Work", "timezone": "Asia/Tokyo" })).await.is(201);
        let path = format!("/api/calendars/{}/import/", work["id"]);
        // An unknown zone is read as that of the calendar.
        let file = calendar(
            "BEGIN:VEVENT\nUID:x\nDTSTART;TZID=Nowhere:20260105T090000\nDTEND;TZID=Nowhere:20260105T100000\nEND:VEVENT",
        );
        let report = upload(&ann, &path, file.clone()).await.is(200);
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        let event = &ann.get("/api/events/").await.is(200)[0];
        assert_eq!((&event["calendar_id"], &event["start_time"]), (&work["id"], &json!("2026-01-05T00:00:00Z")));
        assert_eq!(upload(&bob, &path, file.clone()).await.status, 404);
        assert_eq!(upload(&server.stranger(), &path, file.clone()).await.status, 401);
        assert_eq!(upload(&ann, "/api/calendars/999/import/", file.clone()).await.status, 404);
        let token = ann.post("/api/auth/tokens/", &json!({ "name": "t", "scope": "read" })).await.is(201);
        let reader = ann.bearing(token["token"].as_str().unwrap());
        assert_eq!(upload(&reader, &path, file).await.status, 403);
        assert_eq!(reader.get(&format!("/api/calendars/{}/export/", work["id"])).await.status, 200);
    })
    .await;
}
