//! Whose free time may be asked about by whom, and what free-busy and find-slots make of each kind of event.

use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::on_both;

const SLOTS: &str = "/api/scheduling/find-slots/";
const BUSY: &str = "/api/scheduling/free-busy/";

/// A Monday.
fn day(user_ids: &[i64]) -> Value {
    json!({ "user_ids": user_ids, "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z" })
}

fn slots(user_ids: &[i64], more: Value) -> Value {
    let mut body = day(user_ids);
    body["duration_minutes"] = json!(60);
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn visible(client: &Client, visibility: &str) {
    client.patch("/api/auth/profile/", &json!({ "free_busy_visibility": visibility })).await.is(200);
}

async fn add(client: &Client, start: &str, end: &str, more: Value) -> Value {
    let at = |time: &str| format!("2026-01-05T{time}:00Z");
    let mut body = json!({ "title": "Secret", "start_time": at(start), "end_time": at(end) });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    client.post("/api/events/", &body).await.is(201)
}

/// The busy periods of the first person asked about: `09:00-10:00 busy`.
async fn busy(asking: &Client, user: i64) -> Vec<String> {
    let answer = asking.post(BUSY, &day(&[user])).await.is(200);
    let time = |value: &Value| value.as_str().unwrap()[11..16].to_owned();
    let periods = answer["users"][0]["busy_periods"].as_array().unwrap();
    periods
        .iter()
        .map(|it| format!("{}-{} {}", time(&it["start_time"]), time(&it["end_time"]), it["type"].as_str().unwrap()))
        .collect()
}

async fn starts(asking: &Client, question: &Value) -> Vec<String> {
    let answer = asking.post(SLOTS, question).await.is(200);
    let found = answer["available_slots"].as_array().unwrap();
    found.iter().map(|slot| slot["start_time"].as_str().unwrap()[11..16].to_owned()).collect()
}

#[tokio::test]
async fn who_may_ask_about_whom() {
    on_both(async |server| {
        let (public, users, private) =
            (server.user("public").await, server.user("users").await, server.user("private").await);
        visible(&public, "public").await;
        visible(&private, "private").await;
        let (stranger, asking) = (server.stranger(), server.user("asking").await);
        // Who asks, about whom, and the answer.
        let cases: &[(&Client, &[&Client], u16)] = &[
            (&stranger, &[&public], 200),
            (&stranger, &[&users], 401),
            (&stranger, &[&private], 401),
            (&stranger, &[&public, &users], 401),
            (&asking, &[&public, &users], 200),
            (&asking, &[&asking], 200),
            (&asking, &[&private], 403),
            (&asking, &[&users, &private], 403),
            (&private, &[&private], 200),
            (&private, &[&private, &users], 200),
            (&users, &[&users], 200),
        ];
        for (client, about, status) in cases {
            let ids: Vec<i64> = about.iter().map(|person| person.id).collect();
            for answer in [client.post(SLOTS, &slots(&ids, json!({}))).await, client.post(BUSY, &day(&ids)).await] {
                let body = answer.is(*status);
                if *status == 403 {
                    let detail = body["detail"].as_str().unwrap();
                    assert!(detail.contains(&private.id.to_string()), "{detail}");
                }
                if *status != 200 {
                    assert!(!answer.text.contains("start_time"), "{answer:#?}");
                }
            }
        }
        // Every role of a search is asked about.
        for more in [
            json!({ "optional_user_ids": [private.id] }),
            json!({ "groups": [{ "user_ids": [private.id, users.id], "need": 1 }] }),
        ] {
            asking.post(SLOTS, &slots(&[asking.id], more.clone())).await.is(403);
            stranger.post(SLOTS, &slots(&[public.id], more)).await.is(401);
        }
        visible(&private, "users").await;
        asking.post(SLOTS, &slots(&[private.id], json!({}))).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn the_shape_of_free_busy() {
    on_both(async |server| {
        let (alice, bob) = (server.user("alice").await, server.user_in("bob", "America/New_York").await);
        add(&alice, "09:00", "10:00", json!({})).await;
        let mut question = day(&[bob.id, alice.id, bob.id]);
        question["timezone"] = json!("Europe/Berlin");
        let answer = bob.post(BUSY, &question).await.is(200);
        let expected = json!({
            "start": "2026-01-05T01:00:00+01:00",
            "end": "2026-01-06T01:00:00+01:00",
            "users": [
                {
                    "user_id": alice.id,
                    "busy_periods": [
                        { "start_time": "2026-01-05T10:00:00+01:00", "end_time": "2026-01-05T11:00:00+01:00", "type": "busy" }
                    ],
                    "working_periods": [
                        { "start_time": "2026-01-05T10:00:00+01:00", "end_time": "2026-01-05T18:00:00+01:00" }
                    ]
                },
                {
                    "user_id": bob.id,
                    "busy_periods": [],
                    "working_periods": [
                        { "start_time": "2026-01-05T15:00:00+01:00", "end_time": "2026-01-05T23:00:00+01:00" }
                    ]
                }
            ]
        });
        assert_eq!(answer, expected);
        assert_eq!(keys(&answer), ["start", "end", "users"]);
    })
    .await;
}

#[tokio::test]
async fn what_blocks_and_what_does_not() {
    on_both(async |server| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let aside = alice.post("/api/calendars/", &json!({ "name": "Aside", "counts_as_busy": false })).await.is(201);
        add(&alice, "09:00", "10:00", json!({})).await;
        add(&alice, "09:30", "10:30", json!({})).await;
        add(&alice, "11:00", "12:00", json!({ "event_type": "free" })).await;
        add(&alice, "11:00", "12:00", json!({ "status": "cancelled" })).await;
        add(&alice, "11:00", "12:00", json!({ "calendar_id": aside["id"] })).await;
        add(&alice, "13:00", "14:00", json!({ "status": "tentative" })).await;
        let answer = bob.post(BUSY, &day(&[alice.id])).await;
        assert!(!answer.text.contains("Secret"), "never a word of the event");
        assert_eq!(busy(&bob, alice.id).await, ["09:00-10:30 busy", "13:00-14:00 tentative"]);

        let both = slots(&[alice.id, bob.id], json!({ "step_minutes": 60 }));
        assert_eq!(starts(&bob, &both).await, ["11:00", "12:00", "14:00", "15:00", "16:00"]);
        let lenient = slots(&[alice.id, bob.id], json!({ "step_minutes": 60, "tentative": "free" }));
        assert_eq!(starts(&bob, &lenient).await, ["11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]);
        alice.patch(&format!("/api/calendars/{}/", aside["id"]), &json!({ "counts_as_busy": true })).await.is(200);
        assert_eq!(busy(&bob, alice.id).await, ["09:00-10:30 busy", "11:00-12:00 busy", "13:00-14:00 tentative"]);
    })
    .await;
}

/// Busy time is half-open, and buffers keep a distance to it.
#[tokio::test]
async fn a_meeting_may_start_when_another_ends() {
    on_both(async |server| {
        let client = server.user("alice").await;
        add(&client, "10:00", "11:00", json!({})).await;
        let find = async |more: Value| starts(&client, &slots(&[client.id], more)).await;
        let all = find(json!({})).await;
        assert_eq!(all[..4], ["09:00", "11:00", "11:30", "12:00"]);
        assert_eq!(find(json!({ "buffer_before_minutes": 30 })).await[..2], ["09:00", "11:30"]);
        assert_eq!(find(json!({ "buffer_after_minutes": 1 })).await[..2], ["11:00", "11:30"]);
        assert_eq!(
            find(json!({ "buffer_after_minutes": 60 })).await.last().unwrap(),
            "16:00",
            "hours need not cover it"
        );
    })
    .await;
}

/// Only the asking person's own events can be looked through.
#[tokio::test]
async fn only_ones_own_events_are_looked_through() {
    on_both(async |server| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let of_alice = add(&alice, "09:00", "17:00", json!({})).await["id"].clone();
        let of_bob = add(&bob, "09:00", "16:00", json!({})).await["id"].clone();
        let both = json!({ "exclude_event_ids": [of_alice, of_bob, 999_999] });
        assert_eq!(starts(&alice, &slots(&[alice.id], both.clone())).await.len(), 15);
        assert_eq!(starts(&bob, &slots(&[alice.id], both.clone())).await, [""; 0]);
        assert_eq!(starts(&alice, &slots(&[alice.id, bob.id], both.clone())).await, ["16:00"]);
        visible(&alice, "public").await;
        assert_eq!(starts(&server.stranger(), &slots(&[alice.id], both)).await, [""; 0]);
        assert_eq!(starts(&alice, &slots(&[alice.id], json!({}))).await, [""; 0], "and remembered as busy");
    })
    .await;
}

#[tokio::test]
async fn several_windows_and_the_limit() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let window = |from: &str, to: &str| json!({ "start": format!("2026-01-05T{from}:00Z"), "end": format!("2026-01-05T{to}:00Z") });
        let question = json!({
            "user_ids": [client.id], "duration_minutes": 60,
            "windows": [window("14:00", "15:30"), window("09:00", "10:00"), window("14:30", "16:00")]
        });
        assert_eq!(starts(&client, &question).await, ["09:00", "14:00", "14:30", "15:00"]);
        let mut limited = question.clone();
        limited["limit"] = json!(2);
        let answer = client.post(SLOTS, &limited).await.is(200);
        assert_eq!((answer["available_slots"].as_array().unwrap().len(), &answer["total_slots_found"]), (2, &json!(4)));
        let mut twice = question;
        twice["start"] = json!("2026-01-05T09:00:00Z");
        client.post(SLOTS, &twice).await.names("windows");
    })
    .await;
}
