//! What a subscription is called, and how often it is refreshed.

use serde_json::json;

use super::{
    SUBSCRIPTIONS, calendar_of, days, path, read, refresh, refresh_later, subscribe, subscribed, with_elsewhere,
};

#[tokio::test]
async fn it_is_called_what_it_calls_itself_unless_its_owner_calls_it_something() {
    with_elsewhere(async |server, elsewhere| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        elsewhere.publish("/c.ics", &calendar_of("X-WR-CALNAME:Holidays\\, all\r\n"));
        let named = json!({ "url": elsewhere.url("/c.ics"), "name": "Mine", "color": "#E67C73" });
        let named = bob.post(SUBSCRIPTIONS, &named).await.is(201);
        assert_eq!((&named["name"], &named["color"]), (&"Mine".into(), &"#e67c73".into()));
        assert_eq!(subscribe(&alice, &elsewhere.url("/c.ics")).await["name"], "127.0.0.1");
        refresh(server).await;
        let own = alice.get(SUBSCRIPTIONS).await.is(200)[0].clone();
        assert_eq!((&own["name"], &read(&bob, &named).await["name"]), (&"Holidays, all".into(), &"Mine".into()));
        // From then on it is its owner's.
        alice.patch(&format!("/api/calendars/{}/", own["calendar_id"]), &json!({ "name": "Other" })).await.is(200);
        elsewhere.publish("/c.ics", &calendar_of("X-WR-CALNAME:New\r\n"));
        refresh_later(server).await;
        assert_eq!(read(&alice, &own).await["name"], "Other");
    })
    .await;
}

#[tokio::test]
async fn it_is_refreshed_as_often_as_its_owner_or_else_the_feed_says() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        for (head, minutes) in [
            ("REFRESH-INTERVAL;VALUE=DURATION:PT30M\r\n", 30),
            ("X-PUBLISHED-TTL:PT12H\r\n", 720),
            ("X-PUBLISHED-TTL:PT1S\r\n", 5),
            ("X-PUBLISHED-TTL:P1000D\r\n", 10_080),
            ("", 60),
        ] {
            elsewhere.publish("/c.ics", &calendar_of(head));
            let made = subscribed(server, &alice, elsewhere).await;
            assert_eq!(made["refresh_minutes"], minutes, "{head}");
            due_in(&made, minutes);
            alice.delete(&path(&made)).await.is(204);
        }
        elsewhere.publish("/c.ics", &calendar_of("X-PUBLISHED-TTL:PT12H\r\n"));
        let made = json!({ "url": elsewhere.url("/c.ics"), "refresh_minutes": 15 });
        let made = alice.post(SUBSCRIPTIONS, &made).await.is(201);
        refresh(server).await;
        assert_eq!(read(&alice, &made).await["refresh_minutes"], 15);
        due_in(&read(&alice, &made).await, 15);
        // Sooner is at once, later is from the next time on.
        due_in(&alice.patch(&path(&made), &json!({ "refresh_minutes": 600 })).await.is(200), 15);
        let sooner = alice.patch(&path(&made), &json!({ "refresh_minutes": 10 })).await.is(200);
        assert_eq!(sooner["next_refresh_at"], "2025-12-18T12:10:00Z");
    })
    .await;
}

#[tokio::test]
async fn its_owner_can_leave_it_to_the_feed_again_how_often_it_is_refreshed() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        for (head, minutes) in [("X-PUBLISHED-TTL:PT30M\r\n", 30), ("", 60), ("X-PUBLISHED-TTL:PT12H\r\n", 720)] {
            elsewhere.publish("/c.ics", &calendar_of(head));
            let made = json!({ "url": elsewhere.url("/c.ics"), "refresh_minutes": 600 });
            let made = alice.post(SUBSCRIPTIONS, &made).await.is(201);
            refresh(server).await;
            // What is left out stays.
            let renamed = alice.patch(&path(&made), &json!({ "name": "x" })).await.is(200);
            assert_eq!(renamed["refresh_minutes"], 600);
            let left = alice.patch(&path(&made), &json!({ "refresh_minutes": null })).await.is(200);
            assert_eq!((&left["refresh_minutes"], &left["name"]), (&json!(minutes), &json!("x")));
            // Sooner is at once, later is from the next time on.
            due_in(&left, minutes.min(600));
            assert_eq!(read(&alice, &made).await, left);
            alice.delete(&path(&made)).await.is(204);
        }
        let made = subscribed(server, &alice, elsewhere).await;
        for wrong in [json!("60"), json!(4), json!(10_081), json!([null])] {
            alice.patch(&path(&made), &json!({ "refresh_minutes": wrong })).await.names("refresh_minutes");
        }
        // Other fields have nothing to go back to.
        for field in ["name", "color", "counts_as_busy"] {
            alice.patch(&path(&made), &json!({ field: null })).await.names(field);
        }
        alice.post(SUBSCRIPTIONS, &json!({ "url": "https://example.org/", "refresh_minutes": null })).await.is(400);
    })
    .await;
}

/// Counted from the beginning, and with a tenth more by chance.
#[track_caller]
fn due_in(subscription: &serde_json::Value, minutes: i64) {
    let due: convene::time::Timestamp = subscription["next_refresh_at"].as_str().unwrap().parse().unwrap();
    let late = due.duration_since("2025-12-18T12:00:00Z".parse().unwrap()).as_secs_f64() / 60.0;
    let minutes = minutes as f64;
    assert!((minutes..minutes * 1.1).contains(&late), "{late} of {minutes}: {subscription:#}");
}

#[tokio::test]
async fn whether_its_events_block_time_can_be_changed() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        let question =
            json!({ "user_ids": [alice.id], "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z" });
        for counts in [true, false, true] {
            let changed = alice.patch(&path(&made), &json!({ "counts_as_busy": counts })).await.is(200);
            assert_eq!(changed["counts_as_busy"], counts);
            let found = alice.post("/api/scheduling/free-busy/", &question).await.is(200);
            assert_eq!(found["users"][0]["busy_periods"].as_array().unwrap().len(), usize::from(counts));
        }
    })
    .await;
}
