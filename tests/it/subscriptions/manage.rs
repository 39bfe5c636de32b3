//! Subscriptions made, changed and ended over HTTP.

use convene::ids::{RemoteFeedId, SubscriptionId};
use convene::storage::subscriptions;
use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::{
    SETTINGS, SUBSCRIPTIONS, days, events, path, read, refresh, refresh_later, subscribe, subscribed, titles,
    with_elsewhere,
};
use crate::http::client::keys;
use crate::http::server::{PASSWORD, Settings, TestServer, on_both_with};

#[tokio::test]
async fn a_subscription_has_these_fields() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        let expected = [
            "id",
            "url",
            "name",
            "color",
            "refresh_minutes",
            "counts_as_busy",
            "calendar_id",
            "last_refreshed_at",
            "next_refresh_at",
            "last_status",
            "event_count",
            "stale",
        ];
        assert_eq!(keys(&made), expected);
        assert_eq!(alice.get(SUBSCRIPTIONS).await.is(200), json!([made]));
        assert_eq!(made["url"], elsewhere.url("/c.ics"));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field_and_leaves_nothing() {
    with_elsewhere(async |server, _| {
        let alice = server.user("alice").await;
        let url = "https://example.org/c.ics";
        for (body, field) in [
            (json!({}), "url"),
            (json!({ "url": "" }), "url"),
            (json!({ "url": "example.org/c.ics" }), "url"),
            (json!({ "url": "ftp://example.org/c.ics" }), "url"),
            (json!({ "url": "file:///etc/passwd" }), "url"),
            (json!({ "url": "https://" }), "url"),
            (json!({ "url": "https://exa mple.org/" }), "url"),
            (json!({ "url": format!("https://example.org/{}", "x".repeat(5000)) }), "url"),
            (json!({ "url": url, "name": "" }), "name"),
            (json!({ "url": url, "name": "  " }), "name"),
            (json!({ "url": url, "color": "red" }), "color"),
            (json!({ "url": url, "refresh_minutes": 4 }), "refresh_minutes"),
            (json!({ "url": url, "refresh_minutes": 10081 }), "refresh_minutes"),
            (json!({ "url": url, "interval": 5 }), "interval"),
        ] {
            let answer = alice.post(SUBSCRIPTIONS, &body).await;
            assert!(answer.is(400)["errors"][field].is_array(), "{body}: {answer:#?}");
        }
        assert_eq!(alice.get(SUBSCRIPTIONS).await.is(200), json!([]));
        assert_eq!(alice.get("/api/calendars/").await.is(200).as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_subscribed_to_once_by_each() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        subscribe(&alice, &elsewhere.url("/c.ics")).await;
        for same in [elsewhere.url("/c.ics"), format!(" {} ", elsewhere.url("/c.ics")), elsewhere.url("/c.ics#x")] {
            let again = alice.post(SUBSCRIPTIONS, &json!({ "url": same })).await;
            assert!(again.is(409)["errors"]["url"].is_array(), "{same}");
        }
        subscribe(&bob, &elsewhere.url("/c.ics")).await;
        subscribe(&alice, &elsewhere.url("/d.ics")).await;
        // Another user name is another calendar.
        if server.app.db.file().is_some() {
            subscribe(&alice, &elsewhere.url("/c.ics").replace("http://", "http://alice:a@")).await;
            subscribe(&alice, &elsewhere.url("/c.ics").replace("http://", "http://alice:b@")).await;
            let same = json!({ "url": elsewhere.url("/c.ics").replace("http://", "http://alice:b@") });
            alice.post(SUBSCRIPTIONS, &same).await.is(409);
        }
        assert_eq!(alice.get("/api/calendars/").await.is(200).as_array().unwrap().len(), 1 + list(&alice).await);
    })
    .await;
}

async fn list(client: &crate::http::client::Client) -> usize {
    client.get(SUBSCRIPTIONS).await.is(200).as_array().unwrap().len()
}

#[tokio::test]
async fn there_is_a_bound_of_its_own_that_leaves_calendars_their_room() {
    let few = Settings { arguments: &["--max-subscriptions=2", "--max-calendars=2"], ..SETTINGS };
    on_both_with(few, async |server| {
        let alice = server.user("alice").await;
        for n in 0..2 {
            subscribe(&alice, &format!("https://example.org/{n}.ics")).await;
        }
        let third = alice.post(SUBSCRIPTIONS, &json!({ "url": "https://example.org/3.ics" })).await;
        assert!(
            third.is(409)["detail"].as_str().unwrap().contains("at most 2 subscriptions")
                || third.is(409)["detail"].as_str().unwrap().contains("At most 2 subscriptions")
        );
        alice.post("/api/calendars/", &json!({ "name": "Own" })).await.is(201);
        alice.post("/api/calendars/", &json!({ "name": "One more" })).await.is(409);
    })
    .await;
}

/// Whether the address of a subscription, by the order in which they were made, is still known.
async fn is_known(server: &TestServer, address: i64) -> bool {
    let mut conn = server.app.db.read().await.unwrap();
    subscriptions::state(&mut conn, RemoteFeedId(address)).await.unwrap().is_some()
}

#[tokio::test]
async fn it_ends_with_its_calendar_in_every_way_and_its_address_with_the_last_of_them() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        elsewhere.publish("/c.ics", &days(&[5]));
        let (hers, his) =
            (subscribe(&alice, &elsewhere.url("/c.ics")).await, subscribe(&bob, &elsewhere.url("/c.ics")).await);
        refresh(server).await;
        bob.delete(&path(&hers)).await.is(404);
        alice.delete(&path(&hers)).await.is(204);
        alice.get(&path(&hers)).await.is(404);
        alice.get(&format!("/api/calendars/{}/", hers["calendar_id"])).await.is(404);
        assert!(is_known(server, 1).await);
        assert_eq!(titles(&bob, &his).await, ["Day 5"]);
        // Through its calendar.
        bob.delete(&format!("/api/calendars/{}/", his["calendar_id"])).await.is(204);
        bob.get(&path(&his)).await.is(404);
        assert!(!is_known(server, 1).await);
        // Through the account.
        let made = subscribe(&bob, &elsewhere.url("/c.ics")).await;
        let mut conn = server.app.db.read().await.unwrap();
        let id = SubscriptionId(made["id"].as_i64().unwrap());
        let address = subscriptions::by_id(&mut conn, id).await.unwrap().unwrap().subscription.remote_feed_id;
        drop(conn);
        bob.send(reqwest::Method::DELETE, "/api/auth/profile/", Some(&json!({ "password": PASSWORD }))).await.is(204);
        assert!(!is_known(server, address.0).await);
        let asked = elsewhere.asked().len();
        assert_eq!((refresh_later(server).await, elsewhere.asked().len()), (0, asked));
    })
    .await;
}

#[tokio::test]
async fn refreshing_asks_now_and_answers_what_came_of_it() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        let refresh_path = format!("{}refresh/", path(&made));
        let first = alice.post(&refresh_path, &Value::Null).await.is(200);
        assert_eq!((&first["last_status"], &first["event_count"]), (&"ok".into(), &1.into()));
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let second = alice.post(&refresh_path, &Value::Null).await.is(200);
        assert_eq!((&second["last_status"], &second["event_count"]), (&"ok".into(), &2.into()));
        assert_eq!(events(&alice, &made).await.len(), 2);
        elsewhere.answer("/c.ics", crate::elsewhere::Answer::status(500).body(""));
        let third = alice.post(&refresh_path, &Value::Null).await.is(200);
        assert_eq!((&third["last_status"], &third["event_count"]), (&"failed".into(), &2.into()));
        server.user("bob").await.post(&refresh_path, &Value::Null).await.is(404);
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_the_server_ask_again_and_again() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        let refresh_path = format!("{}refresh/", path(&made));
        for _ in 0..19 {
            alice.post(&refresh_path, &Value::Null).await.is(200);
        }
        let refused = alice.post(&refresh_path, &Value::Null).await;
        refused.is(429);
        assert_eq!(refused.header("retry-after"), Some("6"));
        assert_eq!(elsewhere.asked().len(), 19);
        // To subscribe anew is no way around it.
        alice.delete(&path(&made)).await.is(204);
        let anew = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        assert_eq!((refresh(server).await, elsewhere.asked().len()), (0, 19));
        assert_eq!(read(&alice, &anew).await["last_status"], "pending");
        let others = subscribe(&bob, &elsewhere.url("/d.ics")).await;
        bob.post(&format!("{}refresh/", path(&others)), &Value::Null).await.is(200);
        server.clock.advance(SignedDuration::from_secs(6));
        assert_eq!(refresh(server).await, 1);
        alice.post(&format!("{}refresh/", path(&anew)), &Value::Null).await.is(200);
    })
    .await;
}
