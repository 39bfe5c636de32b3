//! What a feed says that tells when its owner is busy, and nothing else.

use serde_json::json;

use super::{advance, events, make, meeting, path, publish, publish_busy, publish_full, read, values};
use crate::http::server::on_both;

#[tokio::test]
async fn nothing_of_an_event_is_in_it_but_its_time() {
    on_both(async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let event = json!({
            "title": "Surgery",
            "description": "Ward",
            "location": "Hospital",
            "url": "https://hospital.example",
            "categories": ["HEALTH"],
            "uid": "surgery@hospital",
            "start_time": "2026-01-05T09:00:00",
            "end_time": "2026-01-05T10:00:00",
            "status": "tentative"
        });
        let made = make(&alice, event).await;
        let text = read(&server.stranger(), &publish_busy(&alice).await).await;
        for word in ["surgery", "ward", "hospital", "health", "berlin", "valarm", "attendee", "organizer", "created"] {
            assert!(!text.to_lowercase().contains(word), "{word} in {text}");
        }
        let [event] = &events(&text)[..] else { panic!("{text}") };
        let uid = values(&text, "UID")[0];
        assert_eq!(
            event[..],
            [
                "DTEND:20260105T090000Z",
                "DTSTART:20260105T080000Z",
                "LAST-MODIFIED:20251218T120000Z",
                "SEQUENCE:0",
                "STATUS:TENTATIVE",
                "SUMMARY:Busy",
                "TRANSP:OPAQUE",
                &format!("UID:{uid}"),
                "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
            ]
        );
        assert!(!uid.contains(&made["id"].to_string()) || uid.len() == 36, "{uid}");
    })
    .await;
}

#[tokio::test]
async fn uids_stay_as_they_are_and_lead_nowhere() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let made = make(&alice, meeting("x")).await;
        let feed = publish(&alice, json!({ "name": "Busy", "detail": "busy" })).await;
        let other = publish_busy(&alice).await;
        let uid = async |path: &str| values(&read(&server.stranger(), path).await, "UID")[0].to_owned();
        let first = uid(&path(&feed)).await;
        assert_ne!(first, made["uid"]);
        assert_ne!(first, uid(&other).await, "two feeds cannot be laid side by side");
        assert_eq!(uuid::Uuid::parse_str(&first).unwrap().get_version_num(), 4);
        advance(server, 5);
        let change = json!({ "start_time": "2026-02-05T09:00:00Z", "end_time": "2026-02-05T10:00:00Z" });
        alice.patch(&format!("/api/events/{}/", made["id"]), &change).await.is(200);
        assert_eq!(uid(&path(&feed)).await, first);
        let rotated = alice.post(&format!("/api/feeds/{}/rotate/", feed["id"]), &json!(null)).await.is(200);
        assert_eq!(uid(&path(&rotated)).await, first);
    })
    .await;
}

#[tokio::test]
async fn what_blocks_nothing_is_not_in_it() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        for (field, value) in [("event_type", "free"), ("status", "cancelled")] {
            let mut event = meeting("x");
            event[field] = json!(value);
            make(&alice, event).await;
        }
        let birthdays = json!({ "name": "Birthdays", "counts_as_busy": false });
        let birthdays = alice.post("/api/calendars/", &birthdays).await.is(201)["id"].clone();
        let mut event = meeting("Birthday");
        event["calendar_id"] = birthdays.clone();
        make(&alice, event).await;
        let path = publish_busy(&alice).await;
        assert_eq!(events(&read(&server.stranger(), &path).await), Vec::<Vec<String>>::new());
        alice.patch(&format!("/api/calendars/{birthdays}/"), &json!({ "counts_as_busy": true })).await.is(200);
        assert_eq!(events(&read(&server.stranger(), &path).await).len(), 1);
        assert_eq!(values(&read(&server.stranger(), &publish_full(&alice).await).await, "SUMMARY").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_series_stays_a_series_with_its_exceptions() {
    on_both(async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let daily = json!({
            "title": "Daily",
            "start_time": "2026-01-05T09:00:00",
            "end_time": "2026-01-05T10:00:00",
            "recurrence": ["RRULE:FREQ=DAILY"]
        });
        let daily = make(&alice, daily).await;
        let occurrence = |day: &str| format!("/api/events/{}/occurrences/202601{day}T080000Z/", daily["id"]);
        alice.delete(&occurrence("06")).await.is(204);
        alice.patch(&occurrence("07"), &json!({ "event_type": "free" })).await.is(200);
        let moved = json!({ "start_time": "2026-01-08T12:00:00", "end_time": "2026-01-08T13:00:00" });
        alice.patch(&occurrence("08"), &moved).await.is(200);
        let text = read(&server.stranger(), &publish_busy(&alice).await).await;
        assert_eq!(values(&text, "DTSTART;TZID=Europe/Berlin"), ["20260105T090000", "20260108T120000"]);
        assert!(values(&text, "RRULE").contains(&"FREQ=DAILY"), "{text}");
        assert_eq!(values(&text, "EXDATE;TZID=Europe/Berlin"), ["20260106T090000,20260107T090000"]);
        assert_eq!(values(&text, "RECURRENCE-ID;TZID=Europe/Berlin"), ["20260108T090000"]);
        let uids = values(&text, "UID");
        assert!(uids.len() == 2 && uids[0] == uids[1], "{uids:?}");
        assert_eq!(values(&text, "TZID"), ["Europe/Berlin"]);
    })
    .await;
}
