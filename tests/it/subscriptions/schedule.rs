//! Who asks when: nothing is lost and nothing is asked twice, whatever becomes of a server.

use convene::storage::subscriptions::{self, Claim};
use convene::time::{Clock, SignedDuration};
use serde_json::Value;

use super::{SETTINGS, answers, days, path, read, refresh, refresh_later, subscribe, subscribed, with_elsewhere};
use crate::http::server::TestServer;

fn claim(server: &TestServer, minutes: i64) -> Claim {
    let now = server.clock.now();
    Claim { by: 4711, now, until: now.checked_add(SignedDuration::from_mins(minutes)).unwrap() }
}

#[tokio::test]
async fn nothing_is_asked_before_it_is_due() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        subscribed(server, &alice, elsewhere).await;
        assert_eq!(refresh(server).await, 0);
        server.clock.advance(SignedDuration::from_mins(60) - SignedDuration::from_secs(1));
        assert_eq!(refresh(server).await, 0);
        server.clock.advance(SignedDuration::from_mins(6));
        assert_eq!((refresh(server).await, refresh(server).await, elsewhere.asked().len()), (1, 0, 2));
        // After a long sleep it is asked once, not once for each interval.
        server.clock.advance(SignedDuration::from_hours(24 * 30));
        assert_eq!((refresh(server).await, refresh(server).await, elsewhere.asked().len()), (1, 0, 3));
    })
    .await;
}

#[tokio::test]
async fn a_server_that_was_killed_loses_its_claims_after_a_while() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        // It claims, and is never heard of again.
        let mut conn = server.app.db.write().await.unwrap();
        let lost = subscriptions::claim_due(&mut conn, &claim(server, 10), 5).await.unwrap();
        assert_eq!(lost.len(), 1);
        conn.commit().await.unwrap();
        assert_eq!((refresh(server).await, elsewhere.asked().len()), (0, 0));
        server.clock.advance(SignedDuration::from_mins(10));
        assert_eq!((refresh(server).await, elsewhere.asked().len()), (1, 1));
        assert_eq!(read(&alice, &made).await["last_status"], "ok");
        // Should it come back to life, it writes nothing.
        let mut conn = server.app.db.write().await.unwrap();
        let lease = subscriptions::Lease { remote: lost[0].id, number: lost[0].lease };
        assert!(!subscriptions::hold(&mut conn, lease, server.clock.now()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stops_gives_back_what_it_claimed() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        subscribe(&alice, &elsewhere.url("/c.ics")).await;
        let mut conn = server.app.db.write().await.unwrap();
        subscriptions::claim_due(&mut conn, &claim(server, 10), 5).await.unwrap();
        conn.commit().await.unwrap();
        convene::subscriptions::release(&server.app).await.unwrap();
        assert_eq!(refresh(server).await, 0, "that is another server's");
        let mut conn = server.app.db.write().await.unwrap();
        subscriptions::release_all(&mut conn, 4711).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(refresh(server).await, 1);
    })
    .await;
}

#[tokio::test]
async fn who_wants_it_now_waits_for_whoever_asks_already() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        let id = convene::ids::RemoteFeedId(1);
        let mut conn = server.app.db.write().await.unwrap();
        let claimed = subscriptions::claim_one(&mut conn, id, &claim(server, 10)).await.unwrap().unwrap();
        conn.commit().await.unwrap();
        let refresh_path = format!("{}refresh/", path(&made));
        let waiting = alice.post(&refresh_path, &Value::Null);
        let finishing = async {
            // By the time of the last of these answers, the one that came first has long seen that it has to wait.
            for _ in 0..30 {
                read(&alice, &made).await;
            }
            let mut conn = server.app.db.write().await.unwrap();
            let lease = subscriptions::Lease { remote: id, number: claimed.lease };
            let failed = subscriptions::Failed {
                status: subscriptions::RemoteStatus::Failed,
                error: "Said by the other one.",
                failures: 1,
                next_due_at: None,
            };
            subscriptions::finish_failed(&mut conn, lease, &failed).await.unwrap();
            conn.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(waiting, finishing);
        assert_eq!(answer.is(200)["last_error"], "Said by the other one.");
        assert_eq!(elsewhere.asked().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn all_who_refresh_at_once_share_what_is_asked() {
    with_elsewhere(async |server, elsewhere| {
        let mut clients = Vec::new();
        elsewhere.publish("/c.ics", &days(&[5]));
        for n in 0..6 {
            let client = server.user(&format!("user{n}")).await;
            let made = subscribe(&client, &elsewhere.url("/c.ics")).await;
            clients.push((client, format!("{}refresh/", path(&made))));
        }
        let all = clients.iter().map(|(client, path)| client.post(path, &Value::Null));
        for answer in futures_util::future::join_all(all).await {
            assert_eq!((&answer.is(200)["last_status"], &answer.is(200)["event_count"]), (&"ok".into(), &1.into()));
        }
        assert_eq!(server.app.metrics.subscription_events_written(), 6);
        assert_eq!(answers(server)[2], 0);
        assert!(elsewhere.asked().len() <= 6);
    })
    .await;
}

#[tokio::test]
async fn two_servers_on_one_database_share_the_work() {
    with_elsewhere(async |server, elsewhere| {
        let other = server.beside(SETTINGS).await;
        let alice = server.user("alice").await;
        for n in 0..19 {
            elsewhere.publish(&format!("/{n}.ics"), &days(&[5]));
            subscribe(&alice, &elsewhere.url(&format!("/{n}.ics"))).await;
        }
        for round in 1..=3 {
            let (one, two) = tokio::join!(refresh(server), refresh(&other));
            assert_eq!((one + two, elsewhere.asked().len()), (19, 19 * round));
            assert!(one > 0 && two > 0, "{one} and {two}");
            server.clock.advance(SignedDuration::from_mins(66));
        }
        let all = alice.get(super::SUBSCRIPTIONS).await.is(200);
        assert!(all.as_array().unwrap().iter().all(|it| it["last_status"] == "ok" && it["event_count"] == 1));
        other.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_begun_and_not_finished_is_done_again_whole() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        // A server shows new content in the calendar, and is killed before it notes that.
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let mut conn = server.app.db.write().await.unwrap();
        let id = convene::ids::SubscriptionId(made["id"].as_i64().unwrap());
        let before = subscriptions::by_id(&mut conn, id).await.unwrap().unwrap().subscription;
        let mirrored = subscriptions::Mirrored { version: 2, zone: "UTC", at: server.clock.now(), event_count: 1 };
        assert!(subscriptions::note_mirrored(&mut conn, &before, &mirrored).await.unwrap());
        conn.commit().await.unwrap();
        elsewhere.publish("/c.ics", &days(&[5, 7]));
        refresh_later(server).await;
        assert_eq!(super::titles(&alice, &made).await, ["Day 5", "Day 7"]);
        elsewhere.publish("/c.ics", &days(&[5]));
        refresh_later(server).await;
        assert_eq!(super::titles(&alice, &made).await, ["Day 5"]);
    })
    .await;
}
