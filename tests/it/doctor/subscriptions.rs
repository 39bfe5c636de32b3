//! The report about a calendar elsewhere, and that calendar as it was understood.

use convene::subscriptions::refresh_due;
use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::{calendar, event};
use crate::elsewhere::{Answer, Elsewhere};
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on_both_with};

const SETTINGS: Settings = Settings { arguments: &["--fetch-allow=127.0.0.0/8"], limits_logins: false };

async fn subscribed(server: &TestServer, client: &Client, elsewhere: &Elsewhere) -> Value {
    let body = json!({ "url": elsewhere.url("/c.ics") });
    let made = client.post("/api/subscriptions/", &body).await.is(201)["id"].clone();
    refresh(server).await;
    made
}

async fn refresh(server: &TestServer) {
    refresh_due(&server.app).await.unwrap();
}

async fn refresh_later(server: &TestServer) {
    server.clock.advance(SignedDuration::from_hours(24));
    refresh(server).await;
}

async fn report(client: &Client, id: &Value) -> Value {
    client.get(&format!("/api/subscriptions/{id}/report/")).await.is(200)
}

fn odd(more: &str) -> String {
    let good = event("UID-\nDTSTART;TZID=W. Europe Standard Time:20260105T090000");
    let bad = event("UID:bad\nSUMMARY:Broken\nDTSTART-");
    calendar(&format!("REFRESH-INTERVAL;VALUE=DURATION:PT2H\n{good}{bad}{more}"))
}

#[tokio::test]
async fn it_tells_of_the_file_and_of_how_it_is_served() {
    on_both_with(SETTINGS, async |server| {
        let (ann, bob, elsewhere) = (server.user("ann").await, server.user("bob").await, Elsewhere::start().await);
        let file = odd("");
        elsewhere.answer("/c.ics", Answer::calendar(&file, &[("ETag", "\"1\"")]));
        let id = subscribed(server, &ann, &elsewhere).await;
        let said = report(&ann, &id).await;
        assert_eq!((&said["last_status"], &said["answers_conditionally"]), (&json!("ok"), &json!(true)), "{said:#}");
        let about = &said["file"];
        assert_eq!(about["summary"], "1 event was read; 1 was left out, 1 was repaired.");
        assert_eq!((&about["size_bytes"], &about["refresh_minutes"]), (&json!(file.len()), &json!(120)));
        assert_eq!(about["findings"][0]["title"], "Broken");
        let repaired = format!("/api/subscriptions/{id}/repaired.ics");
        let got = ann.get(&repaired).await;
        assert_eq!(got.header("content-type"), Some("text/calendar; charset=utf-8"));
        assert!(got.text.contains("DTSTART;TZID=Europe/Berlin:20260105T090000\r\n"), "{}", got.text);
        assert_eq!(ann.with("if-none-match", got.tag()).get(&repaired).await.status, 304);
        bob.get(&repaired).await.is(404);
        bob.get(&format!("/api/subscriptions/{id}/report/")).await.is(404);
        // What fails later is told, and what was found before stays.
        elsewhere.answer("/c.ics", Answer::status(500));
        refresh_later(server).await;
        let after = report(&ann, &id).await;
        assert_eq!((&after["last_status"], &after["file"]), (&json!("failed"), about), "{after:#}");
        assert!(after["last_error"].is_string(), "{after:#}");
    })
    .await;
}

#[tokio::test]
async fn it_tells_of_uids_that_change_and_of_a_server_that_sends_all_of_it_each_time() {
    on_both_with(SETTINGS, async |server| {
        let (ann, elsewhere) = (server.user("ann").await, Elsewhere::start().await);
        let file = |uid: &str| {
            calendar(&format!("{}{}", event(&format!("UID:{uid}-1")), event(&format!("UID:{uid}-2\nSUMMARY:b"))))
        };
        elsewhere.answer("/c.ics", Answer::calendar(&file("a"), &[]));
        let id = subscribed(server, &ann, &elsewhere).await;
        let first = report(&ann, &id).await;
        assert_eq!((&first["answers_conditionally"], &first["changed_uids"]), (&json!(false), &json!(0)), "{first:#}");
        elsewhere.answer("/c.ics", Answer::calendar(&file("b"), &[]));
        refresh_later(server).await;
        assert_eq!(report(&ann, &id).await["changed_uids"], 2);
    })
    .await;
}

#[tokio::test]
async fn before_the_first_answer_there_is_nothing_to_tell() {
    on_both_with(SETTINGS, async |server| {
        let (ann, elsewhere) = (server.user("ann").await, Elsewhere::start().await);
        elsewhere.answer("/c.ics", Answer::status(404));
        let id = subscribed(server, &ann, &elsewhere).await;
        let said = report(&ann, &id).await;
        assert!(said.get("file").is_none() && said["last_status"] == "failed", "{said:#}");
        let repaired = ann.get(&format!("/api/subscriptions/{id}/repaired.ics")).await;
        assert!(repaired.status == 200 && !repaired.text.contains("VEVENT"), "{repaired:#?}");
    })
    .await;
}
