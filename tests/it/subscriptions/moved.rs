//! Calendars that move: what a permanent redirect says is told to the owner, who gives the subscription its new address.

use serde_json::{Value, json};

use super::{
    SUBSCRIPTIONS, calendar_of, ctag, days, event, events, path, read, refresh, refresh_later, subscribe, subscribed,
    titles, with_elsewhere,
};
use crate::elsewhere::{Answer, Elsewhere};
use crate::http::client::Client;

/// What is said of it, and where it has moved to.
async fn said(client: &Client, subscription: &Value) -> (Value, Value) {
    let report = client.get(&format!("{}report/", path(subscription))).await.is(200);
    assert_eq!((&report["last_status"], &report["stale"]), (&json!("ok"), &json!(false)), "{report:#}");
    (report["last_error"].clone(), report["moved_to"].clone())
}

#[tokio::test]
async fn its_owner_is_told_where_it_has_moved_to_for_good() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/new.ics", &days(&[5]));
        elsewhere.answer("/c.ics", Answer::redirect(302, "/new.ics"));
        let made = subscribed(server, &alice, elsewhere).await;
        assert_eq!(said(&alice, &made).await, (Value::Null, Value::Null), "it may come back");
        // The calendar is the same as before, and the answer 304.
        for code in [301, 308] {
            elsewhere.answer("/c.ics", Answer::redirect(code, "/new.ics"));
            refresh_later(server).await;
            let (sentence, moved_to) = said(&alice, &made).await;
            assert_eq!(moved_to, elsewhere.url("/new.ics"));
            assert!(sentence.as_str().unwrap().ends_with(&elsewhere.url("/new.ics")), "{sentence}");
        }
        refresh_later(server).await;
        assert_eq!(said(&alice, &made).await.1, elsewhere.url("/new.ics"), "it stays said");
        elsewhere.publish("/new.ics", &days(&[5, 6]));
        refresh_later(server).await;
        assert_eq!(said(&alice, &made).await.1, elsewhere.url("/new.ics"), "with new content too");
        elsewhere.answer("/c.ics", Answer::redirect(307, "/new.ics"));
        refresh_later(server).await;
        assert_eq!(said(&alice, &made).await, (Value::Null, Value::Null), "it was taken back");
        assert_eq!(titles(&alice, &made).await, ["Day 5", "Day 6"]);
        assert_eq!(read(&alice, &made).await["url"], elsewhere.url("/c.ics"), "a server does not decide that");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_said_beside_it_and_after_it() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        let broken = event("bad", "20261350T090000Z", "Broken");
        elsewhere.publish("/new.ics", &calendar_of(&broken));
        elsewhere.answer("/c.ics", Answer::redirect(308, "/new.ics"));
        let made = subscribed(server, &alice, elsewhere).await;
        let both = said(&alice, &made).await.0;
        let both = both.as_str().unwrap();
        assert!(both.starts_with("One event cannot be read") && both.ends_with("/new.ics"), "{both}");
        elsewhere.publish("/c.ics", &calendar_of(&broken));
        refresh_later(server).await;
        let one = said(&alice, &made).await.0;
        assert!(one.as_str().unwrap().starts_with("One event cannot be read"), "{one}");
        assert!(!one.as_str().unwrap().contains("/new.ics"), "{one}");
    })
    .await;
}

#[tokio::test]
async fn no_user_name_and_password_are_in_it() {
    with_elsewhere(async |server, elsewhere| {
        if server.app.db.file().is_none() {
            return;
        }
        let (alice, third) = (server.user("alice").await, Elsewhere::start_at([127, 0, 0, 2].into()).await);
        third.publish("/c.ics", &days(&[5]));
        let there = third.url("/c.ics").replace("http://", "http://eve:s3same@");
        elsewhere.answer("/c.ics", Answer::redirect(301, &there));
        let made = subscribe(&alice, &elsewhere.url("/c.ics").replace("http://", "http://alice:p4ss@")).await;
        refresh(server).await;
        let (sentence, moved_to) = said(&alice, &made).await;
        assert_eq!(moved_to, third.url("/c.ics"));
        assert!(!["p4ss", "s3same"].iter().any(|secret| sentence.as_str().unwrap().contains(secret)), "{sentence}");
        // Nor does it get them with its new address, unless its owner says so.
        alice.patch(&path(&made), &json!({ "url": moved_to })).await.is(200);
        refresh(server).await;
        assert!(third.asked().iter().all(|asked| asked.header("authorization").is_none()));
    })
    .await;
}

#[tokio::test]
async fn with_another_address_it_stays_the_subscription_that_it_is() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let made = subscribed(server, &alice, elsewhere).await;
        let before = events(&alice, &made).await;
        elsewhere.publish("/new.ics", &days(&[5, 6]));
        let moved = alice.patch(&path(&made), &json!({ "url": elsewhere.url("/new.ics") })).await.is(200);
        for field in ["id", "calendar_id", "name", "color", "event_count", "refresh_minutes"] {
            assert_eq!(moved[field], made[field], "{field}");
        }
        assert_eq!((&moved["url"], &moved["last_status"]), (&elsewhere.url("/new.ics").into(), &json!("pending")));
        assert_eq!(moved["stale"], true, "nobody knows yet whether the new address says the same");
        let version = ctag(&alice, &made).await;
        assert_eq!(events(&alice, &made).await, before, "until then they stay");
        assert_eq!(refresh(server).await, 1, "at once");
        let seen = read(&alice, &made).await;
        assert_eq!((&seen["last_status"], &seen["stale"], &seen["name"]), (&json!("ok"), &json!(false), &made["name"]));
        assert_eq!((events(&alice, &made).await, ctag(&alice, &made).await), (before, version), "and are the same");
        elsewhere.publish("/new.ics", &days(&[6, 7]));
        refresh_later(server).await;
        assert_eq!(titles(&alice, &made).await, ["Day 6", "Day 7"]);
        assert_eq!(elsewhere.times_asked("/c.ics"), 1, "nobody subscribes to the old address");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_others_have_too_is_left_and_joined() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        elsewhere.publish("/c.ics", &days(&[5]));
        elsewhere.publish("/new.ics", &days(&[6]));
        let hers = subscribed(server, &alice, elsewhere).await;
        let his = subscribe(&bob, &elsewhere.url("/c.ics")).await;
        let new = subscribe(&bob, &elsewhere.url("/new.ics")).await;
        refresh(server).await;
        let taken = bob.patch(&path(&his), &json!({ "url": elsewhere.url("/new.ics"), "name": "x" })).await;
        assert!(taken.is(409)["errors"]["url"].is_array(), "{taken:#?}");
        assert_eq!((&read(&bob, &his).await["url"], &read(&bob, &his).await["name"]), (&his["url"], &his["name"]));
        bob.patch(&path(&hers), &json!({ "url": elsewhere.url("/new.ics") })).await.is(404);
        alice.patch(&path(&hers), &json!({ "url": elsewhere.url("/new.ics") })).await.is(200);
        refresh(server).await;
        assert_eq!(
            (titles(&alice, &hers).await, titles(&bob, &his).await),
            (vec!["Day 6".into()], vec!["Day 5".into()])
        );
        bob.delete(&path(&new)).await.is(204);
        elsewhere.publish("/new.ics", &days(&[7]));
        refresh_later(server).await;
        assert_eq!(
            (titles(&alice, &hers).await, titles(&bob, &his).await),
            (vec!["Day 7".into()], vec!["Day 5".into()])
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_of_the_old_address_that_comes_late_is_not_shown() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        let (open, opened) = tokio::sync::watch::channel(false);
        elsewhere.answer("/c.ics", Answer::status(200).then_when(&opened).body(days(&[5])));
        elsewhere.publish("/new.ics", &days(&[6]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        let moving = async {
            elsewhere.until_asked("/c.ics", 1).await;
            alice.patch(&path(&made), &json!({ "url": elsewhere.url("/new.ics") })).await.is(200);
            open.send_replace(true);
        };
        tokio::join!(refresh(server), moving);
        refresh(server).await;
        assert_eq!(titles(&alice, &made).await, ["Day 6"]);
        assert_eq!(read(&alice, &made).await["last_status"], "ok");
    })
    .await;
}

#[tokio::test]
async fn the_address_that_is_shown_changes_nothing_and_a_wrong_one_neither() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        assert_eq!(alice.patch(&path(&made), &json!({ "url": made["url"] })).await.is(200), made);
        for wrong in ["", "ftp://example.org/", "https://", "x"] {
            alice.patch(&path(&made), &json!({ "url": wrong, "name": "y" })).await.names("url");
        }
        assert_eq!(read(&alice, &made).await, made);
        if server.app.db.file().is_some() {
            // With a user name it is another address, and the user name stays where the shown address is sent back.
            let secret = elsewhere.url("/c.ics").replace("http://", "http://alice:p4ss@");
            let changed = alice.patch(&path(&made), &json!({ "url": secret })).await.is(200);
            assert_eq!(changed["url"], made["url"]);
            alice.patch(&path(&made), &json!({ "url": made["url"] })).await.is(200);
            refresh(server).await;
            assert!(elsewhere.asked().last().unwrap().header("authorization").is_some());
        }
        assert_eq!(alice.get(SUBSCRIPTIONS).await.is(200).as_array().unwrap().len(), 1);
    })
    .await;
}
