//! Who may make, see and read feeds.

use convene::metrics::FeedAnswer;
use serde_json::{Value, json};

use super::{FEEDS, advance, make, meeting, path, publish, publish_full, read};
use crate::http::client::keys;
use crate::http::server::{Settings, on_both, on_both_with};

const FIELDS: [&str; 7] = ["id", "name", "calendar_ids", "all_calendars", "detail", "created_at", "use_count"];

#[tokio::test]
async fn a_feed_is_made_with_an_address_that_is_shown_once() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let own = alice.get("/api/calendars/").await.is(200)[0]["id"].clone();
        let made = publish(&alice, json!({ "name": "Café, all of it" })).await;
        assert_eq!(keys(&made), [&FIELDS[..], &["url", "webcal_url"]].concat());
        assert_eq!((&made["name"], &made["detail"]), (&json!("Café, all of it"), &json!("full")));
        assert_eq!((&made["calendar_ids"], &made["all_calendars"]), (&json!([own]), &json!(true)));
        assert_eq!((&made["use_count"], &made["created_at"]), (&json!(0), &json!("2025-12-18T12:00:00Z")));
        let (url, webcal) = (made["url"].as_str().unwrap(), made["webcal_url"].as_str().unwrap());
        assert_eq!(url.strip_prefix("http:"), webcal.strip_prefix("webcal:"));
        let secret = path(&made).replace("/feeds/", "").replace(".ics", "");
        assert_eq!(secret.len(), 43, "256 bits in base64");
        let listed = alice.get(FEEDS).await;
        assert!(!listed.text.contains(&secret) && !listed.text.contains("url"), "{listed:?}");
        assert_eq!(keys(&listed.is(200)[0]), FIELDS);

        let other = alice.post("/api/calendars/", &json!({ "name": "Other" })).await.is(201)["id"].clone();
        let some = json!({ "name": "x", "calendar_ids": [other], "detail": "busy" });
        let some = publish(&alice, some).await;
        assert_eq!((&some["calendar_ids"], &some["all_calendars"]), (&json!([other]), &json!(false)));
        let listed = alice.get(FEEDS).await.is(200);
        assert_eq!(listed[0]["calendar_ids"], json!([own, other]), "a later calendar is in it too");
        assert_ne!(path(&some), path(&made));
        let page = alice.get(&format!("{FEEDS}?limit=1")).await;
        assert_eq!(page.is(200).as_array().unwrap().len(), 1);
        assert_eq!(alice.get(&page.next().unwrap()).await.is(200), json!([listed[1]]));
    })
    .await;
}

#[tokio::test]
async fn what_a_feed_may_not_be() {
    on_both_with(Settings { arguments: &["--max-feeds=2"], ..Settings::default() }, async |server| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let bobs = bob.get("/api/calendars/").await.is(200)[0]["id"].clone();
        let long = "x".repeat(256);
        for (body, field) in [
            (json!({}), "name"),
            (json!({ "name": "" }), "name"),
            (json!({ "name": " " }), "name"),
            (json!({ "name": long }), "name"),
            (json!({ "name": "x", "detail": "some" }), "detail"),
            (json!({ "name": "x", "calendar_ids": [] }), "calendar_ids"),
            (json!({ "name": "x", "calendar_ids": [bobs] }), "calendar_ids"),
            (json!({ "name": "x", "calendar_ids": [0] }), "calendar_ids"),
            (json!({ "name": "x", "url": "http://x" }), "url"),
        ] {
            alice.post(FEEDS, &body).await.names(field);
        }
        for _ in 0..2 {
            publish_full(&alice).await;
        }
        alice.post(FEEDS, &json!({ "name": "x" })).await.is(409);
        publish_full(&bob).await;
    })
    .await;
}

#[tokio::test]
async fn only_its_owner_manages_a_feed_and_with_a_token_that_may_write() {
    on_both(async |server| {
        let (alice, bob, stranger) = (server.user("alice").await, server.user("bob").await, server.stranger());
        let feed = publish(&alice, json!({ "name": "x" })).await;
        let (one, rotate) = (format!("{FEEDS}{}/", feed["id"]), format!("{FEEDS}{}/rotate/", feed["id"]));
        assert_eq!(bob.get(FEEDS).await.is(200), json!([]));
        bob.delete(&one).await.is(404);
        bob.post(&rotate, &Value::Null).await.is(404);
        for answer in
            [stranger.get(FEEDS).await, stranger.delete(&one).await, stranger.post(&rotate, &Value::Null).await]
        {
            answer.is(401);
        }
        let token = alice.post("/api/auth/tokens/", &json!({ "name": "t", "scope": "read" })).await.is(201);
        let reader = alice.bearing(token["token"].as_str().unwrap());
        assert_eq!(reader.get(FEEDS).await.is(200)[0]["id"], feed["id"]);
        reader.post(FEEDS, &json!({ "name": "y" })).await.is(403);
        reader.delete(&one).await.is(403);
        reader.post(&rotate, &Value::Null).await.is(403);
        read(&stranger, &path(&feed)).await;
    })
    .await;
}

#[tokio::test]
async fn another_address_or_an_end_kills_the_old_one() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        make(&alice, meeting("Kickoff")).await;
        let feed = publish(&alice, json!({ "name": "x" })).await;
        let (one, rotate) = (format!("{FEEDS}{}/", feed["id"]), format!("{FEEDS}{}/rotate/", feed["id"]));
        let first = app.get(&path(&feed)).await;
        let rotated = alice.post(&rotate, &Value::Null).await.is(200);
        assert_ne!(path(&feed), path(&rotated));
        let known = app.with("if-none-match", first.tag());
        let gone = known.get(&path(&feed)).await;
        let unknown = app.get(&format!("/feeds/{}.ics", "A".repeat(43))).await;
        gone.is(404);
        let without_id = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(without_id(&gone.text), without_id(&unknown.text), "as if it had never been");
        let text = read(&known, &path(&rotated)).await;
        assert!(text.contains(&path(&rotated)) && !text.contains(&path(&feed)), "{text}");
        alice.delete(&one).await.is(204);
        alice.delete(&one).await.is(404);
        app.get(&path(&rotated)).await.is(404);
        for wrong in ["/feeds/", "/feeds/x", "/feeds/x.ics", "/feeds/.ics", "/feeds/%00.ics", "/feeds/x.ics/y"] {
            app.get(wrong).await.is(404);
        }
        let text = path(&rotated).replace(".ics", "");
        app.get(&text).await.is(404);
    })
    .await;
}

#[tokio::test]
async fn only_reading_is_known_at_the_address() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let path = publish_full(&alice).await;
        let refused = server.stranger().post(&path, &json!({})).await;
        refused.is(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
        // Some programs and people add something so that nothing on the way answers from its memory.
        read(&server.stranger(), &format!("{path}?nocache=17&x")).await;
        read(&server.stranger(), &format!("{path}/")).await;
    })
    .await;
}

#[tokio::test]
async fn uses_are_counted_without_a_write_for_each() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let path = publish_full(&alice).await;
        let app = server.stranger().with("user-agent", "Reader/1.0");
        let answer = app.get(&path).await;
        let poll = app.with("if-none-match", answer.tag());
        let id = convene::ids::FeedId(alice.get(FEEDS).await.is(200)[0]["id"].as_i64().unwrap());
        for _ in 0..3 {
            assert_eq!(poll.get(&path).await.status, 304);
        }
        advance(server, 59);
        server.stranger().with("user-agent", "Other/2.0").with("if-none-match", answer.tag()).get(&path).await;
        let shown = alice.get(FEEDS).await.is(200)[0].clone();
        assert_eq!((&shown["use_count"], &shown["last_used_by"]), (&json!(5), &json!("Other/2.0")));
        assert_eq!(shown["last_used_at"], "2025-12-18T12:00:59Z");
        let noted = async || {
            let mut conn = server.app.db.read().await.unwrap();
            let feed = convene::storage::feeds::by_id(&mut conn, id).await.unwrap().unwrap();
            (feed.use_count, feed.last_used_by)
        };
        assert_eq!(noted().await, (0, None), "nothing is written within a minute");
        advance(server, 1);
        poll.get(&path).await;
        assert_eq!(noted().await, (6, Some("Reader/1.0".to_owned())));
        poll.get(&path).await;
        convene::publishing::flush_uses(&server.app).await.unwrap();
        assert_eq!(alice.get(FEEDS).await.is(200)[0]["use_count"], 7);
        assert_eq!(
            (server.app.metrics.feeds(FeedAnswer::Made), server.app.metrics.feeds(FeedAnswer::Unchanged)),
            (1, 6)
        );
        let metrics = app.get("/metrics").await.text;
        assert!(metrics.contains("convene_feed_answers_total{took=\"unchanged\"} 6\n"), "{metrics}");
    })
    .await;
}
