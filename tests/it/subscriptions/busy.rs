//! Subscriptions in searches: their events take time, and one that is out of date is told of.

use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::{calendar_of, days, path, read, refresh, refresh_later, subscribe, subscribed, with_elsewhere};
use crate::elsewhere::Answer;
use crate::http::client::Client;

/// A search on 5 January 2026 for an hour of these people.
async fn search(client: &Client, users: &[i64]) -> Value {
    let question = json!({
        "user_ids": users, "duration_minutes": 60, "step_minutes": 60,
        "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"
    });
    client.post("/api/scheduling/find-slots/", &question).await.is(200)
}

async fn free_busy(client: &Client, users: &[i64]) -> Value {
    let question = json!({ "user_ids": users, "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z" });
    client.post("/api/scheduling/free-busy/", &question).await.is(200)
}

/// About whom both kinds of answers warn.
async fn warned_about(client: &Client, users: &[i64]) -> Vec<i64> {
    let of = |answer: Value| -> Vec<i64> {
        let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
        assert!(warnings.iter().all(|it| it["message"].as_str().unwrap().contains("could not be refreshed")));
        warnings.iter().map(|it| it["user_id"].as_i64().unwrap()).collect()
    };
    let (search, busy) = (of(search(client, users).await), of(free_busy(client, users).await));
    assert_eq!(search, busy);
    search
}

#[tokio::test]
async fn events_of_subscriptions_take_time_from_the_refresh_on() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        assert_eq!(search(&bob, &[alice.id]).await["total_slots_found"], 8);
        refresh(server).await;
        assert_eq!(search(&bob, &[alice.id]).await["total_slots_found"], 7);
        assert_eq!(
            free_busy(&bob, &[alice.id]).await["users"][0]["busy_periods"][0]["start_time"],
            "2026-01-05T09:00:00+00:00"
        );
        elsewhere.publish("/c.ics", &days(&[5]).replace("T090000Z", "T080000Z"));
        refresh_later(server).await;
        assert_eq!(search(&bob, &[alice.id]).await["total_slots_found"], 8);
        elsewhere.publish("/c.ics", &days(&[5]).replace("SUMMARY", "TRANSP:TRANSPARENT\r\nSUMMARY"));
        refresh_later(server).await;
        assert_eq!(free_busy(&bob, &[alice.id]).await["users"][0]["busy_periods"], json!([]));
        alice.delete(&path(&made)).await.is(204);
    })
    .await;
}

#[tokio::test]
async fn an_answer_says_when_it_used_a_calendar_that_is_out_of_date() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let both = [alice.id, bob.id];
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        assert_eq!(warned_about(&bob, &both).await, [alice.id], "never read, so nobody knows");
        refresh(server).await;
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0]);
        elsewhere.answer("/c.ics", Answer::status(500).body(""));
        server.clock.advance(SignedDuration::from_hours(3));
        refresh(server).await;
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0], "three intervals are not over");
        server.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(warned_about(&bob, &both).await, [alice.id], "by the clock alone");
        assert_eq!(read(&alice, &made).await["stale"], true);
        assert_eq!(warned_about(&bob, &[bob.id]).await, [] as [i64; 0], "nobody asked about her");
        assert!(!search(&bob, &both).await.to_string().contains("127.0.0.1"), "what she subscribes to is her own");
        alice.patch(&path(&made), &json!({ "counts_as_busy": false })).await.is(200);
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0], "it says nothing of her time");
        alice.patch(&path(&made), &json!({ "counts_as_busy": true, "refresh_minutes": 1440 })).await.is(200);
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0], "it is refreshed once a day only");
        alice.patch(&path(&made), &json!({ "refresh_minutes": 60 })).await.is(200);
        elsewhere.publish("/c.ics", &days(&[5]));
        server.clock.advance(SignedDuration::from_hours(24));
        refresh(server).await;
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0]);
        elsewhere.answer("/c.ics", Answer::status(410).body(""));
        refresh_later(server).await;
        assert_eq!(warned_about(&bob, &both).await, [alice.id], "it will not be read again");
        assert_eq!(search(&bob, &both).await["total_slots_found"], 7, "the last good copy counts");
        alice.delete(&path(&made)).await.is(204);
        assert_eq!(warned_about(&bob, &both).await, [] as [i64; 0]);
    })
    .await;
}

#[tokio::test]
async fn an_empty_calendar_is_known_and_an_unread_one_is_not() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &calendar_of(""));
        let made = subscribed(server, &alice, elsewhere).await;
        assert_eq!((&made["event_count"], &made["last_status"]), (&0.into(), &"ok".into()));
        assert_eq!(warned_about(&alice, &[alice.id]).await, [] as [i64; 0]);
        elsewhere.answer("/other.ics", Answer::calendar("<html>", &[]));
        subscribe(&alice, &elsewhere.url("/other.ics")).await;
        refresh(server).await;
        assert_eq!(warned_about(&alice, &[alice.id]).await, [alice.id]);
    })
    .await;
}
