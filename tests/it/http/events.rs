//! `/api/events/`: one event, its fields, its tags.

use convene::time::SignedDuration;
use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::on_both;

const EVENTS: &str = "/api/events/";

fn path(event: &Value) -> String {
    format!("/api/events/{}/", event["id"])
}

fn timed() -> Value {
    json!({ "title": "x", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" })
}

fn all_day() -> Value {
    json!({ "title": "Holiday", "all_day": true, "start_date": "2026-03-28", "end_date": "2026-03-30" })
}

fn with(mut body: Value, fields: Value) -> Value {
    for (field, value) in fields.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(EVENTS, &body).await.is(201)
}

#[tokio::test]
async fn an_event_has_these_fields_and_defaults() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let calendar = client.get("/api/calendars/").await.is(200)[0]["id"].clone();
        let made = make(&client, timed()).await;
        let expected = json!({
            "id": made["id"],
            "calendar_id": calendar,
            "uid": made["uid"],
            "title": "x",
            "description": "",
            "location": "",
            "url": "",
            "categories": [],
            "start_time": "2026-01-05T09:00:00Z",
            "end_time": "2026-01-05T10:00:00Z",
            "all_day": false,
            "timezone": "Europe/Berlin",
            "event_type": "busy",
            "status": "confirmed",
            "recurrence": [],
            "sequence": 0,
            "created_at": "2025-12-18T12:00:00Z",
            "updated_at": "2025-12-18T12:00:00Z"
        });
        assert_eq!(made, expected);
        assert!(made["id"].is_i64() && made["uid"].as_str().is_some_and(|uid| uid.len() >= 32));
        assert_ne!(make(&client, timed()).await["uid"], made["uid"]);
    })
    .await;
}

fn full() -> Value {
    json!({
        "uid": "kickoff-1@example.com",
        "title": "Kickoff, \"grand\"; part\\1 📅",
        "description": "Line one\nLine two\n\n; , \\ end — ünï",
        "location": "Room 1, 2nd floor; left",
        "url": "https://example.org/?a=1,2;b",
        "categories": ["Work", "a,b;c\\d", "日本"],
        "start_time": "2026-01-05T10:00:00+01:00",
        "end_time": "2026-01-05T11:30:00+01:00",
        "timezone": "Asia/Kathmandu",
        "event_type": "free",
        "status": "tentative",
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260112T090000Z"]
    })
}

fn instants_in_utc(body: Value) -> Value {
    with(body, json!({ "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:30:00Z" }))
}

#[tokio::test]
async fn every_field_comes_back_as_it_went_in() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let made = make(&client, full()).await;
        for (field, value) in instants_in_utc(full()).as_object().unwrap() {
            if field != "recurrence" {
                assert_eq!(made[field], *value, "{field}");
            }
        }
        assert_eq!(made["recurrence"][0], "RRULE:FREQ=WEEKLY;COUNT=3");
        assert_eq!(made["recurrence"].as_array().unwrap().len(), 2);
        assert_eq!(client.get(&path(&made)).await.is(200), made);
        let plain = make(&client, timed()).await;
        let body = with(full(), json!({ "uid": plain["uid"] }));
        let put = client.put(&path(&plain), &body).await.is(200);
        for field in keys(&full()) {
            let expected = if field == "uid" { &plain[field] } else { &made[field] };
            assert_eq!(put[field], *expected, "{field}");
        }
    })
    .await;
}

#[tokio::test]
async fn patch_changes_one_field_and_put_gives_defaults_to_the_rest() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let mut known = make(&client, full()).await;
        let one = path(&known);
        let changes = [
            ("title", json!("New"), false),
            ("description", json!(""), false),
            ("location", json!("Elsewhere"), false),
            ("url", json!(""), false),
            ("categories", json!([]), false),
            ("event_type", json!("busy"), false),
            ("status", json!("cancelled"), true),
            ("recurrence", json!(["RRULE:FREQ=DAILY;COUNT=2"]), true),
            ("end_time", json!("2026-01-05T12:00:00Z"), true),
            ("start_time", json!("2026-01-05T09:30:00Z"), true),
            ("timezone", json!("America/New_York"), true),
        ];
        for (field, value, counts) in changes {
            server.clock.advance(SignedDuration::from_secs(60));
            let patched = client.patch(&one, &json!({ field: value })).await.is(200);
            known[field] = value;
            known["sequence"] = json!(known["sequence"].as_i64().unwrap() + i64::from(counts));
            assert_ne!(patched["updated_at"], known["updated_at"]);
            known["updated_at"] = patched["updated_at"].clone();
            assert_eq!(patched, known, "{field}");
            assert_eq!(client.get(&one).await.is(200), known, "{field}");
        }
        let put = client.put(&one, &timed()).await.is(200);
        let bare = make(&client, timed()).await;
        for field in keys(&bare) {
            if !["id", "uid", "sequence", "created_at", "updated_at"].contains(&field) {
                assert_eq!(put[field], bare[field], "{field}");
            }
        }
        assert_eq!(put["uid"], "kickoff-1@example.com");
    })
    .await;
}

/// Dates belong to the owner's zone, where the last Sunday of March has 23 hours.
#[tokio::test]
async fn an_all_day_event_has_dates_and_midnights() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let made = make(&client, all_day()).await;
        let times = |event: &Value| {
            ["start_time", "end_time", "start_date", "end_date"].map(|field| event[field].as_str().unwrap().to_owned())
        };
        assert_eq!(made["all_day"], true);
        let berlin = ["2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-28", "2026-03-30"];
        assert_eq!(times(&made), berlin);

        let single = make(&client, json!({ "title": "x", "all_day": true, "start_date": "2026-01-01" })).await;
        assert_eq!(single["end_date"], "2026-01-02");
        client.patch("/api/auth/profile/", &json!({ "timezone": "Pacific/Auckland" })).await.is(200);
        let seen = client.get(&path(&made)).await.is(200);
        assert_eq!(times(&seen), ["2026-03-27T11:00:00Z", "2026-03-29T11:00:00Z", "2026-03-28", "2026-03-30"]);

        let moved = client.patch(&path(&made), &json!({ "end_date": "2026-04-01" })).await.is(200);
        assert_eq!((&moved["start_date"], &moved["end_date"]), (&json!("2026-03-28"), &json!("2026-04-01")));
        let timed_now =
            json!({ "all_day": false, "start_time": "2026-04-01T09:00:00Z", "end_time": "2026-04-01T10:00:00Z" });
        let timed_now = client.patch(&path(&made), &timed_now).await.is(200);
        assert!(timed_now.get("start_date").is_none() && timed_now["start_time"] == "2026-04-01T09:00:00Z");
        let back = client.patch(&path(&made), &json!({ "all_day": true, "start_date": "2026-05-01" })).await.is(200);
        assert_eq!((&back["start_date"], &back["end_date"]), (&json!("2026-05-01"), &json!("2026-05-02")));
    })
    .await;
}

/// Where an all-day event's instants move with the owner's zone, its entity tag does too.
#[tokio::test]
async fn a_move_of_the_owner_changes_the_tag_of_dates() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let (dates, times) = (make(&client, all_day()).await, make(&client, timed()).await);
        let (of_dates, of_times) = (client.get(&path(&dates)).await.tag(), client.get(&path(&times)).await.tag());
        client.patch("/api/auth/profile/", &json!({ "timezone": "Asia/Tokyo" })).await.is(200);
        assert_ne!(client.get(&path(&dates)).await.tag(), of_dates);
        assert_eq!(client.get(&path(&times)).await.tag(), of_times);
        client.with("if-none-match", of_dates).get(&path(&dates)).await.is(200);
        let now = client.get(&path(&dates)).await.tag();
        client.with("if-match", now).patch(&path(&dates), &json!({ "title": "y" })).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_and_changes_nothing() {
    on_both(async |server| {
        let client = server.user_in("alice", "America/New_York").await;
        let weekly = json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"] });
        let bodies = [
            timed(),
            all_day(),
            full(),
            with(timed(), weekly.clone()),
            with(all_day(), weekly.clone()),
            with(timed(), json!({ "timezone": "Asia/Tokyo", "recurrence": ["RRULE:FREQ=DAILY", "RDATE:20260301T120000Z", "EXDATE;TZID=Asia/Tokyo:20260106T180000"] })),
            // Twice a year: the second passing of 01:30 in New York.
            json!({ "title": "x", "start_time": "2026-11-01T06:30:00Z", "end_time": "2026-11-01T06:45:00Z" }),
        ];
        for body in bodies {
            let made = make(&client, body).await;
            let one = path(&made);
            let tag = client.get(&one).await.tag();
            server.clock.advance(SignedDuration::from_secs(60));
            assert_eq!(client.put(&one, &made).await.is(200), made);
            assert_eq!(client.patch(&one, &made).await.is(200), made);
            assert_eq!(client.get(&one).await.tag(), tag);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_read_of_a_series_with_overrides_can_be_sent_back() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let made = make(&client, with(timed(), json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"] }))).await;
        let one = path(&made);
        let occurrence = format!("{one}occurrences/20260106T090000Z/");
        client.patch(&occurrence, &json!({ "title": "Special" })).await.is(200);
        client.delete(&format!("{one}occurrences/20260107T090000Z/")).await.is(204);
        let (read, listed) = (client.get(&one).await.is(200), client.get(&format!("{one}occurrences/")).await.is(200));
        assert_eq!(client.put(&one, &read).await.is(200), read);
        assert_eq!(client.get(&format!("{one}occurrences/")).await.is(200), listed);
        assert_eq!(listed.as_array().unwrap().len(), 4);
        assert_eq!(client.put(&occurrence, &listed[1]).await.is(200), listed[1]);
    })
    .await;
}

#[tokio::test]
async fn a_uid_is_unique_in_a_calendar_and_stays() {
    on_both(async |server| {
        let (client, other) = (server.user("alice").await, server.user("bob").await);
        let work = client.post("/api/calendars/", &json!({ "name": "Work" })).await.is(201);
        let body = with(timed(), json!({ "uid": "one@example.com" }));
        let first = make(&client, body.clone()).await;
        let refused = client.post(EVENTS, &body).await.is(409);
        assert_eq!(keys(&refused["errors"]), ["uid"]);
        make(&other, body.clone()).await;
        let second = make(&client, with(body.clone(), json!({ "calendar_id": work["id"] }))).await;
        client.patch(&path(&second), &json!({ "calendar_id": first["calendar_id"] })).await.is(409);
        assert_eq!(client.get(&path(&second)).await.is(200), second);
        client.patch(&path(&first), &json!({ "uid": "two@example.com" })).await.names("uid");
        for uid in ["", " x", "x\ny", "x\u{7f}"] {
            client.post(EVENTS, &with(timed(), json!({ "uid": uid }))).await.names("uid");
        }
        client.delete(&path(&first)).await.is(204);
        client.patch(&path(&second), &json!({ "calendar_id": first["calendar_id"] })).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn an_event_moves_between_calendars_with_all_that_it_has() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let work = client.post("/api/calendars/", &json!({ "name": "Work", "counts_as_busy": false })).await.is(201);
        let made = make(&client, full()).await;
        let moved = client.patch(&path(&made), &json!({ "calendar_id": work["id"] })).await.is(200);
        assert_eq!(moved, with(made.clone(), json!({ "calendar_id": work["id"] })));
        let inside = async |calendar: &Value| {
            client.get(&format!("/api/events/?calendar_id={calendar}")).await.is(200).as_array().unwrap().len()
        };
        assert_eq!((inside(&work["id"]).await, inside(&made["calendar_id"]).await), (1, 0));
        let put = client.put(&path(&made), &timed()).await.is(200);
        assert_eq!(put["calendar_id"], work["id"], "a full update leaves it where it is");
        client.patch(&path(&made), &json!({ "calendar_id": 999_999 })).await.is(404);
        client.post(EVENTS, &with(timed(), json!({ "calendar_id": 999_999 }))).await.is(404);
    })
    .await;
}

#[tokio::test]
async fn an_event_has_an_entity_tag() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let answer = client.post(EVENTS, &timed()).await;
        let (made, first) = (answer.is(201), answer.tag());
        let one = path(&made);
        assert_eq!(client.get(&one).await.tag(), first);
        for known in [first.clone(), format!("W/{first}"), format!("\"x\", {first}"), "*".to_owned()] {
            let answer = client.with("if-none-match", known).get(&one).await;
            assert_eq!((answer.status, answer.text.as_str(), answer.tag()), (304, "", first.clone()));
        }
        let late = client.with("if-match", first.clone());
        let changed = late.patch(&one, &json!({ "title": "y" })).await;
        changed.is(200);
        assert_ne!(changed.tag(), first);
        late.patch(&one, &json!({ "title": "z" })).await.is(412);
        late.put(&one, &timed()).await.is(412);
        late.delete(&one).await.is(412);
        assert_eq!(client.get(&one).await.is(200)["title"], "y");
        client.with("if-match", changed.tag()).delete(&one).await.is(204);
        let ics = make(&client, timed()).await;
        let answer = client.get(&format!("{}ics/", path(&ics))).await;
        let known = client.with("if-none-match", answer.tag()).get(&format!("{}ics/", path(&ics))).await;
        assert_eq!((known.status, answer.header("content-type")), (304, Some("text/calendar; charset=utf-8")));
    })
    .await;
}

#[tokio::test]
async fn local_times_are_in_the_requests_zone_or_the_profiles() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let start = async |start: &str, timezone: Option<&str>| {
            let mut body = json!({ "title": "x", "start_time": start, "end_time": "2027-01-01T00:00:00Z" });
            if let Some(timezone) = timezone {
                body["timezone"] = json!(timezone);
            }
            make(&client, body).await["start_time"].as_str().unwrap().to_owned()
        };
        assert_eq!(start("2026-01-05T09:00:00", None).await, "2026-01-05T08:00:00Z");
        assert_eq!(start("2026-01-05T09:00", Some("Asia/Tokyo")).await, "2026-01-05T00:00:00Z");
        assert_eq!(start("2026-01-05T09:00:00-05:00", Some("Asia/Tokyo")).await, "2026-01-05T14:00:00Z");
        // RFC 5545 section 3.3.5: in a gap the offset before it applies, in an overlap the first of the two.
        assert_eq!(start("2026-03-29T02:30:00", None).await, "2026-03-29T01:30:00Z");
        assert_eq!(start("2026-10-25T02:30:00", None).await, "2026-10-25T00:30:00Z");
        assert_eq!(start("2026-10-25T02:30:00+01:00", None).await, "2026-10-25T01:30:00Z");
        assert_eq!(start("2011-12-30T12:00:00", Some("Pacific/Apia")).await, "2011-12-30T22:00:00Z");
    })
    .await;
}
