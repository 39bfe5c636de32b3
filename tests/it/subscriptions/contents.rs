//! What a calendar elsewhere says, and what becomes of it here.

use serde_json::json;

use super::{
    answers, calendar_of, counted, ctag, days, event, events, read, refresh, refresh_later, subscribe, subscribed,
    titles, with_elsewhere,
};
use crate::elsewhere::Answer;

#[tokio::test]
async fn a_calendar_elsewhere_becomes_one_here() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let made = subscribe(&alice, &elsewhere.url("/c.ics")).await;
        assert_eq!(
            (&made["last_status"], &made["event_count"], &made["stale"]),
            (&"pending".into(), &0.into(), &true.into())
        );
        assert_eq!(made["next_refresh_at"], "2025-12-18T12:00:00Z");
        assert_eq!(made.get("last_refreshed_at"), None);
        assert_eq!(refresh(server).await, 1);
        let seen = read(&alice, &made).await;
        assert_eq!(
            (&seen["last_status"], &seen["event_count"], &seen["stale"]),
            (&"ok".into(), &2.into(), &false.into())
        );
        assert_eq!(seen["last_refreshed_at"], "2025-12-18T12:00:00Z");
        assert_eq!(seen.get("last_error"), None);
        assert_eq!(titles(&alice, &made).await, ["Day 5", "Day 6"]);
        let calendar = alice.get(&format!("/api/calendars/{}/", made["calendar_id"])).await.is(200);
        assert_eq!((&calendar["kind"], &calendar["is_default"]), (&"subscription".into(), &false.into()));
        let [asked] = &elsewhere.asked()[..] else { panic!("asked once") };
        assert_eq!((asked.method.as_str(), asked.header("if-none-match")), ("GET", None));
    })
    .await;
}

#[tokio::test]
async fn it_can_only_be_read() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5]));
        let made = subscribed(server, &alice, elsewhere).await;
        let id = events(&alice, &made).await[0]["id"].clone();
        let (event, calendar) = (format!("/api/events/{id}/"), &made["calendar_id"]);
        alice.patch(&event, &json!({ "title": "x" })).await.is(403);
        alice.delete(&event).await.is(403);
        let new = json!({ "title": "x", "calendar_id": calendar, "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" });
        alice.post("/api/events/", &new).await.is(403);
        let file = calendar_of(&super::event("u", "20260105T090000Z", "x")).into_bytes();
        let path = format!("/api/calendars/{calendar}/import/");
        alice.send_raw(reqwest::Method::POST, &path, Some("text/calendar"), file).await.is(403);
        assert_eq!(titles(&alice, &made).await, ["Day 5"]);
    })
    .await;
}

#[tokio::test]
async fn what_did_not_change_is_neither_read_nor_written() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let made = subscribed(server, &alice, elsewhere).await;
        let (before, tag) = (counted(server), ctag(&alice, &made).await);
        // A server that knows validators; one that does not; one that stamps its events anew each time.
        let stamped = days(&[5, 6]).replace("DTSTAMP:20251201", "DTSTAMP:20251218");
        let plain = Answer::calendar(&days(&[5, 6]), &[]);
        for answer in [None, Some(plain), Some(Answer::calendar(&stamped, &[("Last-Modified", "x")]))] {
            if let Some(answer) = answer {
                elsewhere.answer("/c.ics", answer);
            }
            assert_eq!(refresh_later(server).await, 1);
            let seen = read(&alice, &made).await;
            assert_eq!((&seen["last_status"], &seen["stale"]), (&"ok".into(), &false.into()));
            let now = convene::time::Clock::now(&*server.clock).to_string();
            assert_eq!(seen["last_refreshed_at"], now);
        }
        assert_eq!((counted(server), ctag(&alice, &made).await), (before, tag));
        assert_eq!(answers(server), [3, 1, 0]);
        assert!(elsewhere.asked()[1].header("if-none-match").is_some());
    })
    .await;
}

#[tokio::test]
async fn only_what_differs_is_written() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        elsewhere.publish("/c.ics", &days(&[5, 6, 7]));
        let made = subscribed(server, &alice, elsewhere).await;
        let first = events(&alice, &made).await;
        assert_eq!(counted(server), (1, 3));
        for (now, expected, written) in [
            // One is called something else, one is new, one is gone.
            (days(&[5, 6, 7]).replace("Day 6", "Other"), vec!["Day 5", "Day 7", "Other"], 1),
            (days(&[5, 6, 7, 8]), vec!["Day 5", "Day 6", "Day 7", "Day 8"], 2),
            (days(&[5, 6, 8]), vec!["Day 5", "Day 6", "Day 8"], 1),
            // Another order is no change, nor are the marks of a revision.
            (days(&[8, 6, 5]), vec!["Day 5", "Day 6", "Day 8"], 0),
            (
                days(&[8, 6, 5]).replace("SUMMARY", "SEQUENCE:5\r\nLAST-MODIFIED:20260101T000000Z\r\nSUMMARY"),
                vec!["Day 5", "Day 6", "Day 8"],
                0,
            ),
            // A calendar that has become empty.
            (calendar_of(""), vec![], 3),
        ] {
            let (before, tag) = (counted(server), ctag(&alice, &made).await);
            elsewhere.publish("/c.ics", &now);
            assert_eq!(refresh_later(server).await, 1);
            assert_eq!(titles(&alice, &made).await, expected);
            assert_eq!(counted(server), (before.0 + 1, before.1 + written), "{now}");
            assert_eq!(ctag(&alice, &made).await != tag, written > 0, "the calendar changed when its events did");
            assert_eq!(read(&alice, &made).await["event_count"], expected.len());
            let kept = events(&alice, &made).await;
            let same = |event: &&serde_json::Value| event["title"] == "Day 5";
            if let Some(event) = kept.iter().find(same) {
                assert_eq!(Some(event), first.iter().find(same), "what did not change is as it was");
            }
        }
    })
    .await;
}

/// RFC 5545 section 3.8.4.7 wants a UID to stay; some servers make one up whenever they are asked.
#[tokio::test]
async fn events_whose_uids_change_are_known_by_what_they_say() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user("alice").await;
        let with_uids = |n: usize| days(&[5, 6, 7]).replace("@x", &format!("-{n}@x"));
        elsewhere.publish("/c.ics", &with_uids(0));
        let made = subscribed(server, &alice, elsewhere).await;
        let (before, tag) = (events(&alice, &made).await, ctag(&alice, &made).await);
        for n in 1..4 {
            elsewhere.publish("/c.ics", &with_uids(n).replace("DTSTAMP:20251201", &format!("DTSTAMP:2025120{n}")));
            assert_eq!(refresh_later(server).await, 1);
        }
        assert_eq!((events(&alice, &made).await, ctag(&alice, &made).await), (before, tag));
        assert_eq!(counted(server), (4, 3));
        // One changes: the old one goes and the new one comes.
        elsewhere.publish("/c.ics", &with_uids(9).replace("Day 6", "Other"));
        refresh_later(server).await;
        assert_eq!(
            (titles(&alice, &made).await, counted(server)),
            (vec!["Day 5".into(), "Day 7".into(), "Other".into()], (5, 5))
        );
        // Two that say the same stay two.
        let twins = calendar_of(&(event("a", "20260105T090000Z", "Twin") + &event("b", "20260105T090000Z", "Twin")));
        for uids in ["", "2"] {
            elsewhere.publish("/c.ics", &twins.replace("UID:", &format!("UID:{uids}")));
            refresh_later(server).await;
            assert_eq!(titles(&alice, &made).await, ["Twin", "Twin"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_series_keeps_its_overrides_and_times_without_a_zone_are_those_of_the_feed_or_its_reader() {
    with_elsewhere(async |server, elsewhere| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let series = "BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20251201T000000Z\r\nDTSTART:20260105T090000\r\nDURATION:PT1H\r\n\
            RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Series\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20251201T000000Z\r\n\
            RECURRENCE-ID:20260106T090000\r\nDTSTART:20260106T150000\r\nDURATION:PT1H\r\nSUMMARY:Moved\r\nEND:VEVENT\r\n";
        let unknown = series.replace(":20260", ";TZID=Nowhere:20260");
        let new_york = format!("X-WR-TIMEZONE:America/New_York\r\n{unknown}");
        let berlin = ["08", "14", "08"];
        for (head, hours) in [("", berlin), (unknown.as_str(), berlin), (new_york.as_str(), ["14", "20", "14"])] {
            elsewhere.publish("/c.ics", &calendar_of(if head.is_empty() { series } else { head }));
            let made = match head {
                "" => subscribed(server, &alice, elsewhere).await,
                _ => {
                    refresh_later(server).await;
                    alice.get(super::SUBSCRIPTIONS).await.is(200)[0].clone()
                }
            };
            let path = format!(
                "/api/events/?calendar_id={}&expand=true&start=2026-01-05T00:00:00Z&end=2026-01-09T00:00:00Z",
                made["calendar_id"]
            );
            let found = alice.get(&path).await.is(200);
            let starts: Vec<&str> = found.as_array().unwrap().iter().map(|it| &it["start_time"].as_str().unwrap()[11..13]).collect();
            assert_eq!(starts, hours, "{head}");
        }
    })
    .await;
}

#[tokio::test]
async fn many_subscribers_share_one_request_and_one_reading() {
    with_elsewhere(async |server, elsewhere| {
        elsewhere.publish("/c.ics", &days(&[5, 6]));
        let mut all = Vec::new();
        for name in ["alice", "bob", "carol"] {
            let client = server.user(name).await;
            let made = subscribe(&client, &elsewhere.url("/c.ics")).await;
            all.push((client, made));
        }
        assert_eq!((refresh(server).await, elsewhere.asked().len()), (1, 1));
        assert_eq!(counted(server), (1, 6));
        // Who comes later gets all of it, although it did not change.
        let late = server.user("late").await;
        let made = subscribe(&late, &elsewhere.url("/c.ics")).await;
        assert_eq!(read(&late, &made).await["last_status"], "pending");
        let tag = ctag(&all[0].0, &all[0].1).await;
        assert_eq!((refresh(server).await, counted(server)), (1, (2, 8)));
        assert_eq!(ctag(&all[0].0, &all[0].1).await, tag);
        all.push((late, made));
        for (client, made) in &all {
            assert_eq!(titles(client, made).await, ["Day 5", "Day 6"]);
            assert_eq!(read(client, made).await["last_status"], "ok");
        }
        assert_eq!((refresh_later(server).await, counted(server)), (1, (2, 8)));
        assert!(elsewhere.asked()[2].header("if-none-match").is_some(), "all have it, so it is asked for changes only");
    })
    .await;
}
