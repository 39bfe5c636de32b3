//! Requests at the same time: what must happen once happens once, and nobody is sent away for having come together.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::client::Answer;
use super::server::{PASSWORD, Settings, on_both, on_both_with};

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut all: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    all.sort_unstable();
    all
}

fn event(uid: &str) -> Value {
    json!({
        "title": "x", "uid": uid, "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z"
    })
}

/// One status of the first kind, all others of the second.
fn once(first: u16, rest: u16, count: usize) -> Vec<u16> {
    let mut all = vec![rest; count];
    all[0] = first;
    all
}

#[tokio::test]
async fn a_name_is_registered_once() {
    on_both(async |server| {
        let strangers: Vec<_> = (0..8).map(|_| server.stranger()).collect();
        let body = json!({ "username": "alice", "password": PASSWORD, "email": "alice@example.com" });
        let answers = join_all(strangers.iter().map(|stranger| stranger.post("/api/auth/register/", &body))).await;
        assert_eq!(statuses(&answers), once(201, 409, 8));
        let winner = strangers.iter().zip(&answers).find(|(_, answer)| answer.status == 201).unwrap().0;
        assert_eq!(winner.get("/api/calendars/").await.is(200).as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_uid_is_taken_once() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = event("one@example.com");
        let answers = join_all((0..8).map(|_| client.post("/api/events/", &body))).await;
        assert_eq!(statuses(&answers), once(201, 409, 8));
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_of_one_version_one_wins() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let answer = client.post("/api/events/", &event("one")).await;
        let late = client.with("if-match", answer.tag());
        let path = format!("/api/events/{}/", answer.is(201)["id"]);
        let changes: Vec<Value> = (0..8).map(|index| json!({ "title": format!("change {index}") })).collect();
        let answers = join_all(changes.iter().map(|change| late.patch(&path, change))).await;
        assert_eq!(statuses(&answers), once(200, 412, 8));
        let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
        assert_eq!(client.get(&path).await.is(200), winner.is(200));
    })
    .await;
}

/// Without `If-Match` all changes are made, one after the other, and no field is lost.
#[tokio::test]
async fn changes_of_different_fields_are_all_kept() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let path = format!("/api/events/{}/", client.post("/api/events/", &event("one")).await.is(201)["id"]);
        let changes = [
            json!({ "title": "new" }),
            json!({ "description": "new" }),
            json!({ "location": "new" }),
            json!({ "url": "https://example.org/" }),
            json!({ "categories": ["new"] }),
            json!({ "event_type": "free" }),
            json!({ "status": "tentative" }),
            json!({ "end_time": "2026-01-05T11:00:00Z" }),
        ];
        let answers = join_all(changes.iter().map(|change| client.patch(&path, change))).await;
        assert_eq!(statuses(&answers), [200; 8]);
        let now = client.get(&path).await.is(200);
        for change in &changes {
            for (field, value) in change.as_object().unwrap() {
                assert_eq!(now[field], *value, "{field}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn writers_of_one_calendar_take_turns() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let bodies: Vec<Value> = (0..30).map(|index| event(&format!("uid-{index}"))).collect();
        let answers = join_all(bodies.iter().map(|body| client.post("/api/events/", body))).await;
        assert_eq!(statuses(&answers), [201; 30]);
        let ids: BTreeSet<String> = answers.iter().map(|answer| answer.is(201)["id"].to_string()).collect();
        assert_eq!(ids.len(), 30);
        assert_eq!(client.get("/api/events/").await.is(200).as_array().unwrap().len(), 30);
    })
    .await;
}

/// Two events that change places between two calendars: whoever locks does it in one order.
#[tokio::test]
async fn events_that_swap_calendars_do_not_block_each_other() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let work = client.post("/api/calendars/", &json!({ "name": "Work" })).await.is(201)["id"].clone();
        let home = client.get("/api/calendars/").await.is(200)[0]["id"].clone();
        let mut paths = Vec::new();
        for index in 0..10 {
            let made = client.post("/api/events/", &event(&format!("uid-{index}"))).await.is(201);
            paths.push(format!("/api/events/{}/", made["id"]));
        }
        let (to_work, to_home) = (json!({ "calendar_id": work }), json!({ "calendar_id": home }));
        for round in 0..3 {
            let target = |index: usize| if (index + round).is_multiple_of(2) { &to_work } else { &to_home };
            let moves = paths.iter().enumerate().map(|(index, path)| client.patch(path, target(index)));
            assert_eq!(statuses(&join_all(moves).await), [200; 10]);
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_more_than_the_bound_by_asking_at_once() {
    let few = Settings { arguments: &["--max-calendars=3", "--max-tokens=2", "--max-events=4"], ..Settings::default() };
    on_both_with(few, async |server| {
        let client = server.user("alice").await;
        let count = |answers: &[Answer], made: u16| {
            assert!(answers.iter().all(|answer| [made, 409].contains(&answer.status)), "{answers:#?}");
            answers.iter().filter(|answer| answer.status == made).count()
        };
        let body = json!({ "name": "x" });
        assert_eq!(count(&join_all((0..8).map(|_| client.post("/api/calendars/", &body))).await, 201), 2);
        assert_eq!(count(&join_all((0..8).map(|_| client.post("/api/auth/tokens/", &body))).await, 201), 2);
        let bodies: Vec<Value> = (0..8).map(|index| event(&format!("uid-{index}"))).collect();
        let answers = join_all(bodies.iter().map(|body| client.post("/api/events/", body))).await;
        assert_eq!(count(&answers, 201), 4);
    })
    .await;
}

/// A split makes an event too.
#[tokio::test]
async fn a_split_keeps_to_the_bound() {
    let one = Settings { arguments: &["--max-events=1"], ..Settings::default() };
    on_both_with(one, async |server| {
        let client = server.user("alice").await;
        let mut body = event("one");
        body["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
        let made = client.post("/api/events/", &body).await.is(201);
        let path = format!("/api/events/{}/occurrences/20260110T090000Z/?range=following", made["id"]);
        client.patch(&path, &json!({ "title": "y" })).await.is(409);
        assert_eq!(client.get("/api/events/").await.is(200), json!([made]));
    })
    .await;
}

/// A change that commits before a search begins is in its answer, whatever the server remembers.
#[tokio::test]
async fn a_search_sees_every_change_made_before_it() {
    on_both(async |server| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let question = json!({
            "user_ids": [alice.id, bob.id], "duration_minutes": 60, "step_minutes": 60,
            "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"
        });
        let found =
            async || bob.post("/api/scheduling/find-slots/", &question).await.is(200)["total_slots_found"].clone();
        for round in 0..5 {
            assert_eq!(found().await, 8);
            let made = alice.post("/api/events/", &event(&format!("uid-{round}"))).await.is(201);
            let searches = (0..6).map(|_| found());
            let path = format!("/api/events/{}/", made["id"]);
            assert!(join_all(searches).await.iter().all(|total| *total == 7));
            alice.patch(&path, &json!({ "event_type": "free" })).await.is(200);
            assert_eq!(found().await, 8);
            alice.patch(&path, &json!({ "event_type": "busy", "end_time": "2026-01-05T12:00:00Z" })).await.is(200);
            assert_eq!(found().await, 5);
            alice.patch("/api/auth/profile/", &json!({ "working_hours_end": "16:00" })).await.is(200);
            assert_eq!(found().await, 4);
            alice.patch("/api/auth/profile/", &json!({ "working_hours_end": "17:00" })).await.is(200);
            alice.delete(&path).await.is(204);
        }
    })
    .await;
}
