//! What a feed with all details says.

use serde_json::json;

use super::{advance, events, make, meeting, path, publish, publish_full, read, values};
use crate::http::server::on_both;

#[tokio::test]
async fn a_feed_tells_programs_how_to_show_and_refresh_it() {
    on_both(async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let feed = publish(&alice, json!({ "name": "Work; café, \"all\"" })).await;
        let text = read(&server.stranger(), &path(&feed)).await;
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:PUBLISH",
            "NAME:Work\\; café\\, \"all\"",
            "X-WR-CALNAME:Work\\; café\\, \"all\"",
            "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
            "X-PUBLISHED-TTL:PT15M",
            "COLOR:steelblue",
            "X-APPLE-CALENDAR-COLOR:#3a87ad",
            &format!("SOURCE;VALUE=URI:{}", feed["url"].as_str().unwrap()),
            "END:VCALENDAR",
        ] {
            assert_eq!(text.split("\r\n").filter(|it| *it == line).count(), 1, "{line} in {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_property_of_an_event_is_in_it() {
    on_both(async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let event = json!({
            "title": "Weekly, with café",
            "description": "two\nlines",
            "location": "Room; 1",
            "start_time": "2026-01-05T09:00:00",
            "end_time": "2026-01-05T10:00:00",
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=10"]
        });
        let made = make(&alice, event).await;
        let path = publish_full(&alice).await;
        let text = read(&server.stranger(), &path).await;
        let [event] = &events(&text)[..] else { panic!("{text}") };
        for line in [
            "SUMMARY:Weekly\\, with café",
            "DESCRIPTION:two\\nlines",
            "LOCATION:Room\\; 1",
            "DTSTART;TZID=Europe/Berlin:20260105T090000",
            "RRULE:FREQ=WEEKLY;COUNT=10",
            "SEQUENCE:0",
            "LAST-MODIFIED:20251218T120000Z",
            &format!("UID:{}", made["uid"].as_str().unwrap()),
        ] {
            assert!(event.contains(&line), "{line} in {event:#?}");
        }
        assert_eq!(values(&text, "TZID"), ["Europe/Berlin"]);

        advance(server, 60);
        let one = format!("/api/events/{}/", made["id"]);
        alice
            .patch(&one, &json!({ "start_time": "2026-01-05T11:00:00", "end_time": "2026-01-05T12:00:00" }))
            .await
            .is(200);
        let text = read(&server.stranger(), &path).await;
        assert_eq!((values(&text, "SEQUENCE"), values(&text, "LAST-MODIFIED")), (vec!["1"], vec!["20251218T120100Z"]));
        alice.delete(&one).await.is(204);
        assert_eq!(events(&read(&server.stranger(), &path).await), Vec::<Vec<String>>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_cancelled_leaves() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let mut daily = meeting("Daily");
        daily["recurrence"] = json!(["RRULE:FREQ=DAILY;COUNT=5"]);
        let daily = make(&alice, daily).await;
        let single = make(&alice, meeting("Single")).await;
        let path = publish_full(&alice).await;
        let occurrence = |day: &str| format!("/api/events/{}/occurrences/202601{day}T090000Z/", daily["id"]);
        alice.delete(&occurrence("06")).await.is(204);
        alice.patch(&occurrence("07"), &json!({ "status": "cancelled" })).await.is(200);
        alice.patch(&occurrence("08"), &json!({ "title": "Other" })).await.is(200);
        alice.patch(&format!("/api/events/{}/", single["id"]), &json!({ "status": "cancelled" })).await.is(200);
        let text = read(&server.stranger(), &path).await;
        assert_eq!(values(&text, "SUMMARY"), ["Daily", "Other"]);
        assert_eq!(values(&text, "EXDATE"), ["20260106T090000Z", "20260107T090000Z"]);
        assert_eq!(values(&text, "RECURRENCE-ID"), ["20260108T090000Z"]);
        assert!(!text.contains("CANCELLED"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn it_has_its_calendars_and_no_uid_twice() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let calendar =
            async |name: &str| alice.post("/api/calendars/", &json!({ "name": name })).await.is(201)["id"].clone();
        let (one, two) = (calendar("One").await, calendar("Two").await);
        for (calendar, title) in [(&one, "First"), (&two, "Second")] {
            let mut event = meeting(title);
            (event["calendar_id"], event["uid"]) = (calendar.clone(), json!("same"));
            make(&alice, event).await;
        }
        make(&alice, meeting("Default")).await;
        let of = async |calendars: serde_json::Value| {
            let feed = publish(&alice, json!({ "name": "x", "calendar_ids": calendars })).await;
            read(&server.stranger(), &path(&feed)).await
        };
        assert_eq!(values(&of(json!([two])).await, "SUMMARY"), ["Second"]);
        assert_eq!(values(&of(json!([two])).await, "UID"), ["same"]);
        let both = of(json!([two, one])).await;
        assert_eq!(values(&both, "SUMMARY"), ["First", "Second"]);
        let uids = values(&both, "UID");
        assert!(uids[0] == "same" && uids[1] != "same", "{uids:?}");
        let all = publish_full(&alice).await;
        assert_eq!(values(&read(&server.stranger(), &all).await, "SUMMARY"), ["Default", "First", "Second"]);
        alice.delete(&format!("/api/calendars/{one}/")).await.is(204);
        assert_eq!(values(&read(&server.stranger(), &all).await, "SUMMARY"), ["Default", "Second"]);
    })
    .await;
}

#[tokio::test]
async fn it_shows_one_year_back_and_all_ahead_or_the_window_asked_for() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        for day in ["2023-05-05", "2024-11-30", "2024-12-01", "2025-12-01", "2030-01-01", "2300-01-01"] {
            let (start, end) = (format!("{day}T22:00:00Z"), format!("{day}T23:00:00Z"));
            make(&alice, json!({ "title": day, "start_time": start, "end_time": end })).await;
        }
        let mut daily = meeting("series");
        (daily["start_time"], daily["end_time"]) = (json!("2020-01-01T00:00:00Z"), json!("2020-01-01T01:00:00Z"));
        daily["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
        make(&alice, daily).await;
        let path = publish_full(&alice).await;
        let in_window = async |query: &str| {
            let text = read(&server.stranger(), &format!("{path}{query}")).await;
            values(&text, "SUMMARY").join(" ")
        };
        assert_eq!(in_window("").await, "series 2024-12-01 2025-12-01 2030-01-01 2300-01-01");
        assert_eq!(in_window("?start=2025-12-01T23:00:00Z").await, "series 2030-01-01 2300-01-01");
        assert_eq!(in_window("?end=2025-12-01T22:00:00Z").await, "series 2024-12-01");
        let narrow = "?start=2023-01-01T00:00:00Z&end=2024-11-30T22:00:01Z";
        assert_eq!(in_window(narrow).await, "series 2023-05-05 2024-11-30");
        let text = read(&server.stranger(), &format!("{path}{narrow}")).await;
        assert!(values(&text, "SOURCE;VALUE=URI")[0].ends_with(narrow), "{text}");
        for (query, field) in [("?start=x", "start"), ("?end=2025", "end"), ("?end=2020-01-01T00:00:00Z", "end")] {
            server.stranger().get(&format!("{path}{query}")).await.names(field);
            server.stranger().get(&format!("/feeds/unknown.ics{query}")).await.names(field);
        }
    })
    .await;
}
