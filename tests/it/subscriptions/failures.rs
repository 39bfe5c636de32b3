//! What a server elsewhere can do wrong, none of which turns busy time into free time.

use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::{
    SETTINGS, SUBSCRIPTIONS, answers, calendar_of, counted, ctag, days, event, events, path, read, refresh,
    refresh_later, subscribe, subscribed, titles, with_elsewhere,
};
use crate::elsewhere::Answer;
use crate::http::client::Client;
use crate::http::server::{Settings, on_both_with};

#[tokio::test]
async fn an_answer_that_is_no_calendar_changes_nothing() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let made = subscribed(server, &alice, elsewhere).await;
        let tag = ctag(&alice, &made).await;
        let whole = days(&[5]);
        let cut = |bytes: usize| Answer::calendar(&whole[..bytes], &[]);
        let cases: Vec<(Answer, &str)> = vec![
            (Answer::calendar("<html><body>Please sign in</body></html>", &[]), "no calendar that can be read"),
            (Answer::calendar("", &[]), "the file is empty"),
            (Answer::calendar("\r\n\r\n", &[]), "the file is empty"),
            // A server that hangs up in the midst of it, and does not say how long it was to be.
            (cut(whole.len() - 10), "cut off"),
            (cut(whole.len() / 2), "cut off"),
            (Answer::calendar(&(whole.clone() + &whole[..100]), &[]), "cut off"),
            (Answer::status(200).with("Content-Length", "100000").end().then(whole.clone()), "broke before all"),
            (Answer::status(500).body("trouble"), "answers 500"),
            (Answer::status(404).body("nothing"), "answers 404"),
            (Answer::status(401).body("who are you"), "user name and password"),
            (Answer::status(204).end(), "answers 204"),
            (Answer::redirect(302, "http://10.0.0.1/c.ics"), "not on the public internet"),
            (Answer::status(200).with("Content-Encoding", "gzip").body("no gzip"), "decompressed"),
        ];
        let count = cases.len() as u64;
        for (answer, said) in cases {
            elsewhere.answer("/c.ics", answer);
            server.clock.advance(SignedDuration::from_hours(30));
            assert_eq!(refresh(server).await, 1);
            let seen = read(&alice, &made).await;
            let error = seen["last_error"].as_str().unwrap_or_else(|| panic!("{said}: {seen:#}"));
            assert!(error.contains(said) && error.ends_with('.'), "{said}: {error}");
            assert!(error.starts_with(char::is_uppercase), "{error}");
            assert_eq!((&seen["last_status"], &seen["event_count"]), (&"failed".into(), &2.into()));
            assert_eq!(seen["last_refreshed_at"], "2025-12-18T12:00:00Z");
            assert_eq!(
                (titles(&alice, &made).await, ctag(&alice, &made).await),
                (vec!["Day 5".into(), "Day 6".into()], tag.clone())
            );
        }
        assert_eq!(answers(server), [0, 1, count]);
        elsewhere.publish("/c.ics", &days(&[5]));
        server.clock.advance(SignedDuration::from_hours(30));
        refresh(server).await;
        let seen = read(&alice, &made).await;
        assert_eq!(
            (&seen["last_status"], seen.get("last_error"), titles(&alice, &made).await),
            (&"ok".into(), None, vec!["Day 5".into()])
        );
    })
    .await;
}

#[tokio::test]
async fn an_event_that_cannot_be_read_any_more_stays_as_it_was() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let made = subscribed(server, &alice, elsewhere).await;
        elsewhere.publish("/c.ics", &days(&[5, 6]).replace("DTSTART:20260106T090000Z", "DTSTART:broken"));
        refresh_later(server).await;
        let seen = read(&alice, &made).await;
        assert_eq!((&seen["last_status"], &seen["event_count"]), (&"ok".into(), &2.into()));
        assert!(seen["last_error"].as_str().unwrap().starts_with("One event cannot be read"), "{seen:#}");
        assert_eq!((titles(&alice, &made).await, counted(server)), (vec!["Day 5".into(), "Day 6".into()], (2, 2)));
        // That stays known while nothing changes.
        refresh_later(server).await;
        assert!(read(&alice, &made).await["last_error"].is_string());
        elsewhere.publish("/c.ics", &days(&[5]));
        refresh_later(server).await;
        assert_eq!(
            (read(&alice, &made).await.get("last_error"), titles(&alice, &made).await),
            (None, vec!["Day 5".into()])
        );
    })
    .await;
}

/// Days with UIDs that begin like this; nothing: without UIDs.
fn days_named(name: Option<&str>, which: &[u32]) -> String {
    match name {
        Some(name) => days(which).replace("UID:", &format!("UID:{name}")),
        None => days(which).split_inclusive("\r\n").filter(|line| !line.starts_with("UID:")).collect(),
    }
}

#[tokio::test]
async fn so_does_one_whose_uid_does_not_tell_which_it_was() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        // Some feeds have no UIDs, and some have other ones at every fetch.
        for names in [[None; 3], [Some("a"), Some("b"), Some("c")]] {
            elsewhere.publish("/c.ics", &days_named(names[0], &[5, 6, 7]));
            let made = subscribed(server, &alice, elsewhere).await;
            let broken = days_named(names[1], &[5, 6, 7]).replace("DTSTART:20260106T090000Z", "DTSTART:broken");
            elsewhere.publish("/c.ics", &broken);
            refresh_later(server).await;
            let seen = read(&alice, &made).await;
            assert!(seen["last_error"].as_str().unwrap().starts_with("One event cannot be read"), "{seen:#}");
            assert_eq!(titles(&alice, &made).await, ["Day 5", "Day 6", "Day 7"], "{names:?}");
            assert_eq!(seen["event_count"], 3);
            elsewhere.publish("/c.ics", &days_named(names[2], &[5, 7]));
            refresh_later(server).await;
            assert_eq!(titles(&alice, &made).await, ["Day 5", "Day 7"], "now it is gone, for sure");
            alice.delete(&path(&made)).await.is(204);
        }
        // What never could be read keeps nothing else from going.
        let never = event("never", "broken", "Never");
        let with = |which: &[u32]| days(which).replace("END:VCALENDAR", &format!("{never}END:VCALENDAR"));
        elsewhere.publish("/c.ics", &with(&[5, 6]));
        let made = subscribed(server, &alice, elsewhere).await;
        elsewhere.publish("/c.ics", &with(&[5]));
        refresh_later(server).await;
        assert_eq!(titles(&alice, &made).await, ["Day 5"]);
    })
    .await;
}

/// When the one event begins in the first week of January 2026.
async fn starts(client: &Client, subscription: &Value) -> Vec<String> {
    let id = events(client, subscription).await[0]["id"].clone();
    let path = format!("/api/events/{id}/occurrences/?start=2026-01-05T00:00:00Z&end=2026-01-09T00:00:00Z");
    let found = client.get(&path).await.is(200);
    let start = |it: &Value| it["start_time"].as_str().unwrap()[5..16].to_owned();
    found.as_array().unwrap().iter().map(start).collect()
}

#[tokio::test]
async fn a_part_of_a_series_that_cannot_be_read_any_more_stays_as_it_was() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        let master = event("s", "20260105T090000Z", "Daily").replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY");
        let moved =
            event("s", "20260106T150000Z", "Moved").replace("DTSTART", "RECURRENCE-ID:20260106T090000Z\r\nDTSTART");
        let later = master.replace("T090000Z", "T100000Z").replace("Daily", "Later");
        let no_master = master.replace("FREQ=DAILY", "FREQ=SOMETIMES");
        let no_moved = moved.replace("SUMMARY", "RRULE:FREQ=SOMETIMES\r\nSUMMARY");
        let both = ["01-05T09:00", "01-06T15:00", "01-07T09:00"];
        for (now, expected) in [
            ([master.clone(), no_moved.clone()], both),
            ([no_master, moved.clone()], both),
            // What can be read is read.
            ([master.replace("COUNT=3", "COUNT=2"), no_moved], ["01-05T09:00", "01-06T15:00", ""]),
        ] {
            elsewhere.publish("/c.ics", &calendar_of(&format!("{master}{moved}")));
            let made = subscribed(server, &alice, elsewhere).await;
            assert_eq!(starts(&alice, &made).await, both);
            let mut written = Vec::new();
            for round in 0..2 {
                elsewhere.publish("/c.ics", &calendar_of(&format!("X-ROUND:{round}\r\n{}", now.concat())));
                refresh_later(server).await;
                written.push(counted(server).1);
                let seen = read(&alice, &made).await;
                assert!(seen["last_error"].as_str().unwrap().starts_with("One event cannot be read"), "{seen:#}");
                assert_eq!((&seen["event_count"], &seen["last_status"]), (&json!(1), &json!("ok")));
                let expected: Vec<&str> = expected.into_iter().filter(|start| !start.is_empty()).collect();
                assert_eq!(starts(&alice, &made).await, expected);
            }
            assert_eq!(written[0], written[1], "what is as it was is not written");
            // Once all of it can be read, it is as it says.
            elsewhere.publish("/c.ics", &calendar_of(&later));
            refresh_later(server).await;
            assert_eq!(starts(&alice, &made).await, ["01-05T10:00", "01-06T10:00", "01-07T10:00"]);
            alice.delete(&path(&made)).await.is(204);
        }
    })
    .await;
}

#[tokio::test]
async fn failures_make_it_wait_longer_each_time_and_a_good_answer_ends_that() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.answer("/c.ics", Answer::status(500).body(""));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        for hours in [1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 24.0] {
            assert_eq!(refresh(server).await, 1);
            let wait = hours_until_next(server, &read(&alice, &made).await);
            assert!((hours..hours * 1.1).contains(&wait), "{wait} hours, not {hours}");
            server.clock.advance(SignedDuration::from_secs((wait * 3600.0) as i64 - 1));
            assert_eq!(refresh(server).await, 0, "not before");
            server.clock.advance(SignedDuration::from_secs(3));
        }
        elsewhere.publish("/c.ics", &days(&[5]));
        assert_eq!(refresh(server).await, 1);
        assert!(hours_until_next(server, &read(&alice, &made).await) < 1.1);
    })
    .await;
}

fn hours_until_next(server: &crate::http::server::TestServer, subscription: &Value) -> f64 {
    let due: convene::time::Timestamp = subscription["next_refresh_at"].as_str().unwrap().parse().unwrap();
    due.duration_since(convene::time::Clock::now(&*server.clock)).as_secs_f64() / 3600.0
}

#[tokio::test]
async fn a_server_that_says_when_to_come_back_is_not_asked_before() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        for (said, hours) in [("36000", 10.0), ("Thu, 18 Dec 2025 18:00:00 GMT", 6.0), ("999999999999", 168.0)] {
            elsewhere.answer("/c.ics", Answer::status(503).with("Retry-After", said).body(""));
            let made = subscribed(server, &alice, elsewhere).await;
            assert_eq!(hours_until_next(server, &made), hours, "{said}");
            alice.delete(&path(&made)).await.is(204);
        }
    })
    .await;
}

#[tokio::test]
async fn a_calendar_that_is_gone_for_good_is_not_asked_any_more_unless_somebody_wants_it() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        elsewhere.answer("/c.ics", Answer::status(410).body("gone"));
        refresh_later(server).await;
        let seen = read(&alice, &made).await;
        assert_eq!(
            (&seen["last_status"], &seen["stale"], seen.get("next_refresh_at")),
            (&"gone".into(), &true.into(), None)
        );
        assert!(seen["last_error"].as_str().unwrap().contains("gone for good"));
        assert_eq!(titles(&alice, &made).await, ["Day 5"]);
        server.clock.advance(SignedDuration::from_hours(24 * 13));
        assert_eq!(refresh(server).await, 0);
        alice.patch(&path(&made), &json!({ "refresh_minutes": 5, "name": "x" })).await.is(200);
        assert_eq!(refresh(server).await, 0);
        // The owner may look whether it is back.
        elsewhere.publish("/c.ics", &days(&[6]));
        let seen = alice.post(&format!("{}refresh/", path(&made)), &Value::Null).await.is(200);
        assert_eq!((&seen["last_status"], &seen["stale"]), (&"ok".into(), &false.into()));
        assert!(seen["next_refresh_at"].is_string());
        assert_eq!(titles(&alice, &made).await, ["Day 6"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_much_for_one_subscriber_stops_no_other() {
    let few = Settings { arguments: &["--fetch-allow=127.0.0.0/8", "--max-events=3"], ..SETTINGS };
    on_both_with(few, async |server| {
        let elsewhere = crate::elsewhere::Elsewhere::start().await;
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let own = json!({ "title": "Own", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" });
        let own = alice.post("/api/events/", &own).await.is(201);
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let (hers, his) =
            (subscribe(&alice, &elsewhere.url("/c.ics")).await, subscribe(&bob, &elsewhere.url("/c.ics")).await);
        refresh(server).await;
        elsewhere.publish("/c.ics", &days(&[5, 6, 7]));
        refresh_later(server).await;
        assert_eq!(titles(&alice, &hers).await, ["Day 5", "Day 6"]);
        assert_eq!(titles(&bob, &his).await, ["Day 5", "Day 6", "Day 7"]);
        let seen = read(&alice, &hers).await;
        assert_eq!((&seen["last_status"], &seen["event_count"]), (&"failed".into(), &2.into()));
        assert!(seen["last_error"].as_str().unwrap().contains("more than the 3 events"), "{seen:#}");
        assert_eq!(seen["last_refreshed_at"], "2025-12-18T12:00:00Z");
        assert_eq!((&read(&bob, &his).await["last_status"], seen["stale"].clone()), (&"ok".into(), false.into()));
        server.clock.advance(SignedDuration::from_hours(3));
        assert_eq!(read(&alice, &hers).await["stale"], true);
        // Once there is room, the calendar is put right, although nothing changed elsewhere.
        alice.delete(&format!("/api/events/{}/", own["id"])).await.is(204);
        refresh(server).await;
        assert_eq!(titles(&alice, &hers).await, ["Day 5", "Day 6", "Day 7"]);
        let seen = read(&alice, &hers).await;
        assert_eq!((&seen["last_status"], seen.get("last_error"), &seen["stale"]), (&"ok".into(), None, &false.into()));
    })
    .await;
}

#[tokio::test]
async fn a_calendar_that_is_too_large_or_redirects_for_ever_is_refused() {
    let small = Settings { arguments: &["--fetch-allow=127.0.0.0/8", "--fetch-max-bytes=2000"], ..SETTINGS };
    on_both_with(small, async |server| {
        let elsewhere = crate::elsewhere::Elsewhere::start().await;
        let alice = server.user("alice").await;
        let many: String = (0..50).map(|n| event(&format!("{n}"), "20260105T090000Z", "x")).collect();
        elsewhere.publish("/large.ics", &calendar_of(&many));
        elsewhere.answer("/round.ics", Answer::redirect(302, "/round.ics"));
        for (path, said) in [("/large.ics", "too large"), ("/round.ics", "redirects more than 5 times")] {
            let made = subscribe(&alice, &elsewhere.url(path)).await;
            refresh(server).await;
            let seen = read(&alice, &made).await;
            assert_eq!((&seen["last_status"], &seen["stale"]), (&"failed".into(), &true.into()));
            assert!(seen["last_error"].as_str().unwrap().contains(said), "{seen:#}");
        }
        assert_eq!(alice.get(SUBSCRIPTIONS).await.is(200).as_array().unwrap().len(), 2);
    })
    .await;
}

/// Whoever sends a file slowly holds the room that it needs.
#[tokio::test]
async fn uploads_that_take_all_room_hold_up_no_refresh() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        let _all = server.app.imports.admit_coming(usize::MAX).await.unwrap();
        elsewhere.publish("/c.ics", &days(&[6]));
        refresh_later(server).await;
        assert_eq!(titles(&alice, &made).await, ["Day 6"]);
    })
    .await;
}
