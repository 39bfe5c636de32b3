//! From one of our servers to another: what the one publishes, the other subscribes to.

use serde_json::{Value, json};

use super::{SETTINGS, SUBSCRIPTIONS, calendar_of, counted, event, path, read, refresh, refresh_later};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::TestServer;

const EVENTS: usize = 10_000;

#[tokio::test]
async fn ten_thousand_events_arrive_and_one_that_changes_is_one_that_is_written() {
    for kind in Kind::ALL {
        let (a, b) = (TestServer::start(kind, SETTINGS).await, TestServer::start(kind, SETTINGS).await);
        let (alice, bob) = (a.user("alice").await, b.user("bob").await);
        import(&alice).await;
        let feed = alice.post("/api/feeds/", &json!({ "name": "Alice" })).await.is(201);
        let address = feed["url"].as_str().unwrap();
        let url = format!("http://{}{}", a.address, &address[address.find("/feeds/").unwrap()..]);
        let made = bob.post(SUBSCRIPTIONS, &json!({ "url": url })).await.is(201);
        assert_eq!(refresh(&b).await, 1);
        let seen = read(&bob, &made).await;
        assert_eq!(
            (&seen["last_status"], &seen["event_count"], &seen["name"]),
            (&"ok".into(), &EVENTS.into(), &"Alice".into()),
            "{seen:#}"
        );
        assert_eq!(counted(&b), (1, EVENTS as u64));
        // One at nine on every day: eight hours, of which seven are free.
        assert_eq!(slots(&bob).await, 7);
        assert_eq!(refresh_later(&b).await, 1);
        assert_eq!(counted(&b), (1, EVENTS as u64), "304: nothing was read");
        let day = alice.get("/api/events/?start=2026-01-05T00:00:00Z&end=2026-01-06T00:00:00Z").await.is(200);
        let change = json!({ "end_time": "2026-01-05T12:00:00Z" });
        alice.patch(&format!("/api/events/{}/", day[0]["id"]), &change).await.is(200);
        let seen = bob.post(&format!("{}refresh/", path(&made)), &Value::Null).await.is(200);
        assert_eq!(seen["last_status"], "ok", "{seen:#}");
        assert_eq!(counted(&b), (2, EVENTS as u64 + 1), "one event was written");
        assert_eq!(slots(&bob).await, 5);
        a.stop().await;
        b.stop().await;
    }
}

/// An event of an hour on each of many days; most lie in the past, which a feed gives one year of, so they are all ahead.
async fn import(client: &Client) {
    let first: jiff::civil::Date = "2026-01-01".parse().unwrap();
    let events = (0..EVENTS).map(|n| {
        let day = first.checked_add(jiff::Span::new().days(i64::try_from(n).unwrap())).unwrap();
        event(&format!("{n}@a"), &day.strftime("%Y%m%dT090000Z").to_string(), &format!("Event {n}"))
    });
    let file = calendar_of(&events.collect::<String>()).into_bytes();
    let done = client.send_raw(reqwest::Method::POST, "/api/events/import/", Some("text/calendar"), file).await.is(200);
    assert_eq!(done["created"], EVENTS);
}

/// How many hours of 5 January 2026 are free.
async fn slots(client: &Client) -> u64 {
    let question = json!({
        "user_ids": [client.id], "duration_minutes": 60, "step_minutes": 60,
        "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"
    });
    client.post("/api/scheduling/find-slots/", &question).await.is(200)["total_slots_found"].as_u64().unwrap()
}
