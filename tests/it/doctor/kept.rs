//! Imports that are kept, on both databases: what is there for whom, and for how long.

use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::{calendar, event};
use crate::http::client::{Answer, Client, keys};
use crate::http::server::{Settings, TestServer, on_both, on_both_with};

const IMPORT: &str = "/api/events/import/";

async fn upload(client: &Client, path: &str, file: &str) -> Answer {
    client.send_raw(reqwest::Method::POST, path, Some("text/calendar"), file.as_bytes().to_vec()).await
}

async fn import(client: &Client, file: &str) -> Value {
    upload(client, IMPORT, file).await.is(200)
}

async fn listed(client: &Client) -> Vec<Value> {
    client.get("/api/imports/").await.is(200).as_array().unwrap().clone()
}

/// The file of the examples: an event that is repaired, and one that cannot be read.
fn odd() -> String {
    let good = event("UID-\nDTSTART;TZID=W. Europe Standard Time:20260105T090000");
    calendar(&format!("X-WR-TIMEZONE:Europe/Berlin\n{good}{}", event("UID:bad\nSUMMARY:Broken\nDTSTART-")))
}

#[tokio::test]
async fn an_import_has_a_report_and_a_repaired_file() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let answer = import(&ann, &odd()).await;
        let id = answer["id"].as_i64().unwrap();
        let path = format!("/api/imports/{id}/report/");
        assert_eq!(answer["report_url"], format!("{}{path}", server.app.public_url));
        assert_eq!(answer["summary"], "1 event was read; 1 was left out, 1 was repaired.");
        let report = ann.get(&path).await.is(200);
        for field in ["summary", "findings", "findings_left_out", "created", "updated", "unchanged", "skipped"] {
            assert_eq!(report[field], answer[field], "{field}");
        }
        let calendar_id = ann.get("/api/calendars/").await.is(200)[0]["id"].clone();
        assert_eq!((&report["id"], &report["calendar_id"]), (&json!(id), &calendar_id));
        assert_eq!(report["created_at"], "2025-12-18T12:00:00Z");
        assert_eq!((&report["size_bytes"], &report["program"]), (&json!(odd().len()), &json!("-//test//EN")));
        assert_eq!((&report["timezone"], &report["events_read"]), (&json!("Europe/Berlin"), &json!(1)));
        assert_eq!(report["components"], json!({ "VCALENDAR": 1, "VEVENT": 2 }));
        let error = &report["findings"][0];
        let fields = ["severity", "kind", "found", "advice", "count", "line", "uid", "title", "others"];
        assert_eq!(keys(error), fields);
        assert_eq!(
            (&error["severity"], &error["kind"], &error["title"]),
            (&json!("error"), &json!("dates"), &json!("Broken"))
        );
        let told = report["findings"].as_array().unwrap().iter().map(|finding| finding["kind"].as_str().unwrap());
        assert_eq!(told.collect::<Vec<_>>(), ["dates", "uid", "time_zone"]);
        check_file(&ann, id).await;
    })
    .await;
}

/// Less than all of it must not pass for the file.
#[tokio::test]
async fn a_repaired_file_that_is_damaged_is_not_sent() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let path = format!("/api/imports/{}/repaired.ics", import(&ann, &odd()).await["id"]);
        let whole = ann.get(&path).await;
        assert_eq!(whole.header("content-length"), Some(whole.text.len().to_string().as_str()));
        server.change_database("UPDATE imports SET repaired = substr(repaired, 1, length(repaired) - 20)").await;
        assert_eq!(ann.stream(&path).await.status(), 500);
    })
    .await;
}

async fn check_file(ann: &Client, id: i64) {
    let path = format!("/api/imports/{id}/repaired.ics");
    let file = ann.get(&path).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"repaired.ics\""));
    assert!(file.text.contains("DTSTART;TZID=Europe/Berlin:20260105T090000\r\n"), "{}", file.text);
    assert!(file.text.contains("TZID:Europe/Berlin\r\n") && !file.text.contains("UID:bad"), "{}", file.text);
    let tag = file.tag();
    assert_eq!(ann.get(&format!("{path}/")).await.text, file.text);
    let again = ann.with("if-none-match", tag.clone()).get(&path).await;
    assert_eq!((again.status, again.text.as_str(), again.tag()), (304, "", tag));
    let imported = import(ann, &file.text).await;
    assert_eq!((&imported["unchanged"], &imported["findings"]), (&json!(1), &json!([])), "{imported:#}");
}

#[tokio::test]
async fn only_its_owner_sees_it_and_may_forget_it() {
    on_both(async |server| {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        let id = import(&ann, &odd()).await["id"].clone();
        for path in [format!("/api/imports/{id}/report/"), format!("/api/imports/{id}/repaired.ics")] {
            bob.get(&path).await.is(404);
            server.stranger().get(&path).await.is(401);
            ann.get(&path).await.is_success();
        }
        bob.delete(&format!("/api/imports/{id}/")).await.is(404);
        assert_eq!((listed(&ann).await.len(), listed(&bob).await.len()), (1, 0));
        ann.delete(&format!("/api/imports/{id}/")).await.is(204);
        ann.delete(&format!("/api/imports/{id}/")).await.is(404);
        ann.get(&format!("/api/imports/{id}/report/")).await.is(404);
        assert_eq!(ann.get("/api/events/").await.is(200).as_array().unwrap().len(), 1, "its event stays");
    })
    .await;
}

#[tokio::test]
async fn the_latest_few_are_kept_and_listed_latest_first() {
    let settings = Settings { arguments: &["--kept-imports", "3"], ..Settings::default() };
    on_both_with(settings, async |server| {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        import(&bob, &odd()).await;
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(import(&ann, &calendar(&event(&format!("UID:{n}")))).await["id"].clone());
            server.clock.advance(SignedDuration::from_secs(60));
        }
        let found: Vec<Value> = listed(&ann).await.iter().map(|import| import["id"].clone()).collect();
        assert_eq!(found, [ids[4].clone(), ids[3].clone(), ids[2].clone()]);
        ann.get(&format!("/api/imports/{}/report/", ids[1])).await.is(404);
        assert_eq!(listed(&bob).await.len(), 1);
        let first = ann.get("/api/imports/?limit=2").await;
        assert_eq!(first.is(200).as_array().unwrap().len(), 2);
        let rest = ann.get(&first.next().unwrap()).await;
        assert_eq!((rest.is(200)[0]["id"].clone(), rest.next()), (ids[2].clone(), None));
        let fields = [
            "id",
            "calendar_id",
            "created_at",
            "created",
            "updated",
            "unchanged",
            "skipped",
            "report_url",
            "repaired_url",
        ];
        assert_eq!(keys(&rest.is(200)[0]), fields);
    })
    .await;
}

#[tokio::test]
async fn they_take_no_more_room_than_allowed_but_for_the_latest() {
    let settings = Settings { arguments: &["--kept-import-bytes", "3000"], ..Settings::default() };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        for n in 0..9 {
            import(&ann, &calendar(&event(&format!("UID:{n}")))).await;
        }
        let kept = listed(&ann).await.len();
        assert!((2..9).contains(&kept), "{kept}");
        // What cannot be packed is the latest, and larger than all that may be kept.
        let noise: String = (0..4000_u32).map(|n| format!("{:08x}", n.wrapping_mul(2_654_435_761))).collect();
        let id = import(&ann, &calendar(&event(&format!("UID:large\nDESCRIPTION:{noise}")))).await["id"].clone();
        assert_eq!(listed(&ann).await.iter().map(|import| &import["id"]).collect::<Vec<_>>(), [&id]);
    })
    .await;
}

#[tokio::test]
async fn none_is_kept_where_none_is_wanted_or_nothing_was_done() {
    let settings = Settings { arguments: &["--kept-imports", "0"], ..Settings::default() };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        let answer = import(&ann, &odd()).await;
        assert!(answer.get("id").is_none() && answer.get("report_url").is_none(), "{answer:#}");
        assert_eq!(answer["findings"].as_array().unwrap().len(), 3);
        assert_eq!(listed(&ann).await, Vec::<Value>::new());
    })
    .await;
    on_both(async |server| {
        let ann = server.user("ann").await;
        let dry = upload(&ann, &format!("{IMPORT}?dry_run=true"), &odd()).await.is(200);
        assert!(dry.get("id").is_none() && dry["findings"].as_array().unwrap().len() == 3, "{dry:#}");
        upload(&ann, IMPORT, "hello").await.is(400);
        assert_eq!(listed(&ann).await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn an_import_that_fails_leaves_all_as_it_was() {
    let settings = Settings { arguments: &["--max-events", "2"], ..Settings::default() };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        let file =
            |range: std::ops::Range<u8>| calendar(&range.map(|n| event(&format!("UID:{n}"))).collect::<String>());
        import(&ann, &file(0..2)).await;
        let before = state(&ann).await;
        upload(&ann, IMPORT, &file(2..5)).await.is(409);
        assert_eq!(state(&ann).await, before);
        // Where all is as it was the calendar's version stays too; that there was an import is kept.
        import(&ann, &file(0..2)).await;
        let after = state(&ann).await;
        assert_eq!((after.0, after.2.len()), (before.0, 2));
    })
    .await;
}

/// The calendar, its events, and the imports.
async fn state(client: &Client) -> (Value, Value, Vec<Value>) {
    let calendars = client.get("/api/calendars/").await.is(200);
    (calendars, client.get("/api/events/").await.is(200), listed(client).await)
}

#[tokio::test]
async fn a_report_outlives_its_calendar_and_goes_with_its_owner() {
    on_both(async |server: &TestServer| {
        let ann = server.user("ann").await;
        let calendar_id = ann.post("/api/calendars/", &json!({ "name": "Second" })).await.is(201)["id"].clone();
        let answer = upload(&ann, &format!("/api/calendars/{calendar_id}/import/"), &odd()).await.is(200);
        let path = format!("/api/imports/{}/report/", answer["id"]);
        assert_eq!(ann.get(&path).await.is(200)["calendar_id"], calendar_id);
        ann.delete(&format!("/api/calendars/{calendar_id}/")).await.is(204);
        let report = ann.get(&path).await.is(200);
        assert!(report.get("calendar_id").is_none() && report["skipped"] == 1, "{report:#}");
        let gone = json!({ "password": crate::http::server::PASSWORD });
        ann.send(reqwest::Method::DELETE, "/api/auth/profile/", Some(&gone)).await.is(204);
        let mut conn = server.app.db.read().await.unwrap();
        let left = convene::storage::imports::list(&mut conn, convene::ids::UserId(ann.id)).await.unwrap();
        assert_eq!(left, []);
    })
    .await;
}
