//! The requests of the original description of the API, word for word, with and without their trailing slashes: the status,
//! the fields in their order, and the values that it shows.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::{TestServer, on_both};

/// The path with its slash, and without.
const FORMS: [fn(&str) -> String; 2] = [|path| format!("{path}/"), str::to_owned];

fn alice() -> Value {
    json!({
        "username": "alice_dev",
        "password": "securePass123",
        "email": "alice@example.com",
        "timezone": "America/Los_Angeles"
    })
}

#[tokio::test]
async fn registration() {
    for form in FORMS {
        on_both(async |server| {
            let answer = server.stranger().post(&form("/api/auth/register"), &alice()).await;
            let body = answer.is(201);
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
            let id = body["user"]["id"].as_i64().unwrap();
            let expected = json!({
                "message": "User registered successfully",
                "user": {
                    "id": id,
                    "username": "alice_dev",
                    "email": "alice@example.com",
                    "timezone": "America/Los_Angeles",
                    "working_hours_start": "09:00:00",
                    "working_hours_end": "17:00:00"
                }
            });
            assert_eq!(answer.text, expected.to_string());
        })
        .await;
    }
}

async fn with_alice(test: impl AsyncFn(&TestServer, &Client, i64)) {
    on_both(async |server| {
        let client = server.stranger();
        let body = client.post("/api/auth/register/", &alice()).await.is(201);
        test(server, &client, body["user"]["id"].as_i64().unwrap()).await;
    })
    .await;
}

#[tokio::test]
async fn login_and_logout() {
    with_alice(async |server, _, id| {
        for form in FORMS {
            let client = server.stranger();
            let login = json!({ "username": "alice_dev", "password": "securePass123" });
            let answer = client.post(&form("/api/auth/login"), &login).await;
            answer.is(200);
            let user = json!({
                "id": id,
                "username": "alice_dev",
                "email": "alice@example.com",
                "timezone": "America/Los_Angeles"
            });
            assert_eq!(answer.text, json!({ "message": "Login successful", "user": user }).to_string());

            let answer = client.send(Method::POST, &form("/api/auth/logout"), None).await;
            assert_eq!(answer.is(200), json!({ "message": "Logout successful" }));
            client.get(&form("/api/auth/profile")).await.is(401);
        }
    })
    .await;
}

#[tokio::test]
async fn profile() {
    with_alice(async |_, client, id| {
        for form in FORMS {
            client.put(&form("/api/auth/profile"), &json!({ "timezone": "America/Los_Angeles" })).await.is(200);
            let shown = client.get(&form("/api/auth/profile")).await.is(200);
            let mut expected = json!({
                "id": id,
                "username": "alice_dev",
                "email": "alice@example.com",
                "timezone": "America/Los_Angeles",
                "working_hours_start": "09:00:00",
                "working_hours_end": "17:00:00",
                "working_days": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"],
                "free_busy_visibility": "users"
            });
            assert_eq!(shown, expected);
            let documented = ["id", "username", "email", "timezone", "working_hours_start", "working_hours_end"];
            assert_eq!(keys(&shown)[..6], documented);
            expected["timezone"] = json!("Europe/London");
            let changed = client.put(&form("/api/auth/profile"), &json!({ "timezone": "Europe/London" })).await;
            assert_eq!(changed.is(200), expected);
            assert_eq!(client.get(&form("/api/auth/profile")).await.is(200), expected);
        }
    })
    .await;
}

fn kickoff() -> Value {
    json!({
        "title": "Project Kickoff",
        "start_time": "2025-12-30T14:00:00Z",
        "end_time": "2025-12-30T15:30:00Z",
        "event_type": "busy",
        "description": "Meeting with the client"
    })
}

#[tokio::test]
async fn events() {
    with_alice(async |_, client, _| {
        for form in FORMS {
            let made = client.post(&form("/api/events"), &kickoff()).await.is(201);
            for (field, value) in kickoff().as_object().unwrap() {
                assert_eq!(made[field], *value, "{field}");
            }
            let id = made["id"].as_i64().unwrap();
            let path = form(&format!("/api/events/{id}"));
            assert_eq!(client.get(&path).await.is(200), made);
            assert_eq!(client.get(&form("/api/events")).await.is(200), json!([made]));

            let update = json!({
                "title": "Project Kickoff, moved",
                "start_time": "2025-12-30T16:00:00Z",
                "end_time": "2025-12-30T17:00:00Z",
                "event_type": "free",
                "description": ""
            });
            let updated = client.put(&path, &update).await.is(200);
            for (field, value) in update.as_object().unwrap() {
                assert_eq!(updated[field], *value, "{field}");
            }
            assert_eq!(updated["id"], id);
            let deleted = client.delete(&path).await;
            assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
            client.get(&path).await.is(404);
            client.delete(&path).await.is(404);
            assert_eq!(client.get(&form("/api/events")).await.is(200), json!([]));
        }
    })
    .await;
}

/// Fifteen starts on each of seven days: 09:00, 09:30, …, 16:00.
#[tokio::test]
async fn find_slots() {
    on_both(async |server| {
        let (one, two) = (server.user("one").await, server.user("two").await);
        for form in FORMS {
            let question = json!({
                "user_ids": [one.id, two.id],
                "duration_minutes": 60,
                "start": "2025-12-29T00:00:00Z",
                "end": "2026-01-05T00:00:00Z"
            });
            let answer = one.post(&form("/api/scheduling/find-slots"), &question).await.is(200);
            let documented = ["available_slots", "user_ids", "duration_minutes", "total_slots_found", "start", "end"];
            assert_eq!(keys(&answer), documented);
            let slots = answer["available_slots"].as_array().unwrap();
            let first = json!([
                { "start_time": "2025-12-29T09:00:00+00:00", "end_time": "2025-12-29T10:00:00+00:00" },
                { "start_time": "2025-12-29T09:30:00+00:00", "end_time": "2025-12-29T10:30:00+00:00" }
            ]);
            assert_eq!(json!(slots[..2]), first);
            let expected: Vec<String> = (29..36)
                .flat_map(|day| (0..15).map(move |half| (day, half)))
                .map(|(day, half)| {
                    let date = if day <= 31 { format!("2025-12-{day}") } else { format!("2026-01-{:02}", day - 31) };
                    format!("{date}T{:02}:{:02}:00+00:00", 9 + half / 2, half % 2 * 30)
                })
                .collect();
            let starts: Vec<&str> = slots.iter().map(|slot| slot["start_time"].as_str().unwrap()).collect();
            assert_eq!(starts, expected);
            assert_eq!(starts.len(), 105);
            assert_eq!(answer["total_slots_found"], 105);
            assert_eq!(answer["user_ids"], json!([one.id, two.id]));
            assert_eq!(answer["duration_minutes"], 60);
        }
    })
    .await;
}

/// As it stands there, without a window: now and the seven days after. The clock shows noon of a Thursday.
#[tokio::test]
async fn find_slots_from_now_on() {
    on_both(async |server| {
        let (one, two) = (server.user("one").await, server.user("two").await);
        let question = json!({ "user_ids": [one.id, two.id], "duration_minutes": 60 });
        let answer = one.post("/api/scheduling/find-slots/", &question).await.is(200);
        assert_eq!(answer["available_slots"][0]["start_time"], "2025-12-18T12:00:00+00:00");
        assert_eq!(answer["start"], "2025-12-18T12:00:00+00:00");
        assert_eq!(answer["end"], "2025-12-25T12:00:00+00:00");
        // 12:00 to 16:00 on the first day, six whole days, 09:00 to 11:00 on the last.
        assert_eq!(answer["total_slots_found"], 9 + 6 * 15 + 5);
    })
    .await;
}
