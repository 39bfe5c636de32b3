//! Polls that find nothing new cost next to nothing; those that do are answered from memory.

use std::io::Read;

use convene::metrics::FeedAnswer;
use poem::http::Method;
use serde_json::json;

use super::{advance, make, meeting, publish_busy, publish_full, read};
use crate::http::client::Answer;
use crate::http::server::{Settings, TestServer, on_both, on_both_with};
use crate::program::http_client;

fn took(server: &TestServer) -> [u64; 3] {
    [FeedAnswer::Made, FeedAnswer::Remembered, FeedAnswer::Unchanged].map(|answer| server.app.metrics.feeds(answer))
}

#[track_caller]
fn unchanged(answer: &Answer) {
    assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{answer:#?}");
    for name in ["etag", "last-modified", "cache-control", "vary"] {
        assert!(answer.header(name).is_some(), "{name}: {answer:#?}");
    }
}

#[tokio::test]
async fn an_unchanged_feed_is_not_read_or_written_again() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        let made = make(&alice, meeting("Kickoff")).await;
        let path = publish_full(&alice).await;
        let first = app.get(&path).await;
        assert_eq!(first.header("vary"), Some("Accept-Encoding"));
        let caching = first.header("cache-control").unwrap();
        assert!(caching.starts_with("private, max-age="), "{caching}");
        assert!(first.tag().starts_with('"'), "a strong tag: {}", first.tag());
        for _ in 0..3 {
            unchanged(&app.with("if-none-match", first.tag()).get(&path).await);
        }
        unchanged(&app.with("if-none-match", format!("\"x\", W/{}", first.tag())).get(&path).await);
        unchanged(&app.with("if-none-match", "*").get(&path).await);
        assert_eq!(took(server), [1, 0, 5]);
        let again = app.with("if-none-match", "\"x\"").get(&path).await;
        assert_eq!((again.text.as_str(), again.tag()), (first.text.as_str(), first.tag()));
        assert_eq!(took(server), [1, 1, 5]);

        advance(server, 1);
        alice.patch(&format!("/api/events/{}/", made["id"]), &json!({ "title": "Changed" })).await.is(200);
        let changed = app.with("if-none-match", first.tag()).get(&path).await;
        assert!(changed.status == 200 && changed.text.contains("SUMMARY:Changed"), "{changed:#?}");
        assert_ne!(changed.tag(), first.tag());
        assert_eq!(took(server), [2, 1, 5]);
        unchanged(&app.with("if-none-match", changed.tag()).get(&path).await);
    })
    .await;
}

#[tokio::test]
async fn whatever_the_text_depends_on_changes_the_tag() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        let made = make(&alice, meeting("Kickoff")).await;
        let (full, busy) = (publish_full(&alice).await, publish_busy(&alice).await);
        let mut seen = Vec::new();
        let mut is_new = async |path: &str| {
            let tag = app.get(path).await.tag();
            let is_new = !seen.contains(&tag);
            seen.push(tag);
            is_new
        };
        assert!(is_new(&full).await && is_new(&busy).await);
        assert!(is_new(&format!("{full}?start=2025-01-01T00:00:00Z")).await);
        assert!(is_new(&format!("{full}?end=2035-01-01T00:00:00Z")).await);
        assert!(!is_new(&full).await);
        alice.patch("/api/auth/profile/", &json!({ "timezone": "Asia/Tokyo" })).await.is(200);
        assert!(is_new(&full).await && is_new(&busy).await);
        let calendar = alice.get("/api/calendars/").await.is(200)[0]["id"].clone();
        alice.patch(&format!("/api/calendars/{calendar}/"), &json!({ "color": "#ff0000" })).await.is(200);
        assert!(is_new(&full).await);
        alice.post("/api/calendars/", &json!({ "name": "New" })).await.is(201);
        assert!(is_new(&full).await);
        alice.delete(&format!("/api/events/{}/", made["id"])).await.is(204);
        assert!(is_new(&full).await && !is_new(&full).await);
        // The window moves with the months.
        advance(server, 20 * 86_400);
        assert!(is_new(&full).await && !is_new(&full).await);
        advance(server, 86_400);
        assert!(!is_new(&full).await);
        // What concerns no feed changes none.
        server.user("bob").await;
        assert!(!is_new(&full).await);
    })
    .await;
}

#[tokio::test]
async fn a_date_tells_as_much_as_whole_seconds_can() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        let made = make(&alice, meeting("Kickoff")).await;
        let path = publish_full(&alice).await;
        let first = app.get(&path).await;
        let shown = |answer: &Answer| answer.header("last-modified").unwrap().to_owned();
        // In the second in which the text changed, another change could not be told from it.
        assert_eq!(shown(&first), "Thu, 18 Dec 2025 11:59:59 GMT");
        assert_eq!(app.with("if-modified-since", shown(&first)).get(&path).await.status, 200);
        advance(server, 10);
        let second = app.with("if-modified-since", shown(&first)).get(&path).await;
        assert_eq!((second.status, shown(&second).as_str()), (200, "Thu, 18 Dec 2025 12:00:00 GMT"));
        unchanged(&app.with("if-modified-since", shown(&second)).get(&path).await);
        unchanged(&app.with("if-modified-since", "Fri, 19 Dec 2025 00:00:00 GMT").get(&path).await);
        for wrong in ["Wed, 17 Dec 2025 00:00:00 GMT", "yesterday", "2025-12-18"] {
            assert_eq!(app.with("if-modified-since", wrong).get(&path).await.status, 200, "{wrong}");
        }
        let both = app.with("if-modified-since", shown(&second)).with("if-none-match", "\"other\"");
        assert_eq!(both.get(&path).await.status, 200, "a tag that does not match decides");
        alice.patch(&format!("/api/events/{}/", made["id"]), &json!({ "title": "Changed" })).await.is(200);
        advance(server, 10);
        let third = app.with("if-modified-since", shown(&second)).get(&path).await;
        assert_eq!(third.status, 200);
        advance(server, 10);
        let third = app.get(&path).await;
        assert_eq!(shown(&third), "Thu, 18 Dec 2025 12:00:20 GMT", "since it was first seen");
        unchanged(&app.with("if-modified-since", shown(&third)).get(&path).await);
    })
    .await;
}

#[tokio::test]
async fn a_head_is_that_of_the_text() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        make(&alice, meeting("Kickoff")).await;
        let path = publish_full(&alice).await;
        let head = app.send(Method::HEAD, &path, None).await;
        let whole = app.get(&path).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        for name in ["etag", "last-modified", "content-type", "content-length", "cache-control", "vary"] {
            assert_eq!(head.header(name), whole.header(name), "{name}");
        }
        assert_eq!(head.header("content-length"), Some(whole.text.len().to_string().as_str()));
        unchanged(&app.with("if-none-match", head.tag()).send(Method::HEAD, &path, None).await);
        app.send(Method::HEAD, "/feeds/unknown.ics", None).await;
    })
    .await;
}

#[tokio::test]
async fn gzip_has_a_tag_of_its_own_and_the_same_text() {
    on_both(async |server| {
        let (alice, app) = (server.user("alice").await, server.stranger());
        make(&alice, meeting(&"Kickoff ".repeat(30))).await;
        let path = publish_full(&alice).await;
        let plain = app.get(&path).await;
        let url = format!("http://{}{path}", server.address);
        let asked = |coding: &str| http_client().get(&url).header("accept-encoding", coding);
        for coding in ["gzip", "br, GZIP;q=0.5", "deflate,gzip ; q=1"] {
            let answer = asked(coding).send().await.unwrap();
            assert_eq!(answer.headers()["content-encoding"], "gzip", "{coding}");
            let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
            assert_ne!(tag, plain.tag());
            assert_eq!(answer.headers()["vary"], "Accept-Encoding");
            let body = answer.bytes().await.unwrap();
            assert!(body.len() < plain.text.len());
            let mut text = String::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
            assert_eq!(text, plain.text);
            let again = asked(coding).header("if-none-match", &tag).send().await.unwrap();
            assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, tag.as_str()));
        }
        for coding in ["", "identity", "br", "gzip;q=0", "gzip;q=0.0", "notgzip"] {
            let answer = asked(coding).send().await.unwrap();
            assert_eq!(answer.headers().get("content-encoding"), None, "{coding}");
        }
        assert_eq!(took(server)[0], 1);
    })
    .await;
}

#[tokio::test]
async fn many_who_ask_at_once_have_it_made_once() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        make(&alice, meeting("Kickoff")).await;
        let path = publish_full(&alice).await;
        let polls = (0..20).map(|_| {
            let (app, path) = (server.stranger(), path.clone());
            tokio::spawn(async move { app.get(&path).await.tag() })
        });
        let polls: Vec<_> = polls.collect();
        let mut tags = Vec::new();
        for poll in polls {
            tags.push(poll.await.unwrap());
        }
        tags.dedup();
        assert_eq!((tags.len(), took(server)), (1, [1, 19, 0]));
    })
    .await;
}

#[tokio::test]
async fn what_memory_does_not_hold_is_made_again() {
    on_both_with(Settings::default(), async |server| {
        let alice = server.user("alice").await;
        make(&alice, meeting("Kickoff")).await;
        let path = publish_full(&alice).await;
        for year in 1990..2000 {
            let window = format!("{path}?start={year}-01-01T00:00:00Z");
            assert_eq!(read(&server.stranger(), &window).await, read(&server.stranger(), &window).await);
        }
        assert_eq!(took(server), [10, 10, 0]);
    })
    .await;
}
