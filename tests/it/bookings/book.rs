use serde_json::{Value, json};

use super::{ALL_FREE, Said, TEN_TAKEN, at_ten, for_each_server, with};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_stands_in_every_calendar_under_one_uid() {
    for_each_server(async |server| {
        let [ann, bob, cem] = server.people(["ann", "bob", "cem"]).await;
        let wish = json!({ "optional_user_ids": [cem.id], "location": "Room 4", "description": "All of it" });
        let said = ann.book(with(at_ten(&[ann.id, bob.id]), wish)).await;
        assert_eq!(said.status, 201, "{said:?}");
        let event = &said.body["event"];
        assert_eq!((&event["title"], &event["location"]), (&json!("Planning"), &json!("Room 4")));
        assert_eq!(event["start_time"], "2026-01-05T10:00:00Z");
        let participants = json!([
            { "user_id": ann.id, "username": "ann", "required": true, "status": "accepted" },
            { "user_id": bob.id, "username": "bob", "required": true, "status": "needs-action" },
            { "user_id": cem.id, "username": "cem", "required": false, "status": "needs-action" },
        ]);
        assert_eq!(said.body["participants"], participants);
        for person in [&ann, &bob, &cem] {
            assert_eq!(person.event().await["uid"], event["uid"]);
            let ics = person.ics().await;
            assert!(ics.contains("ORGANIZER;CN=ann:mailto:ann@example.org\n"), "{ics}");
            assert!(ics.contains("STATUS:CONFIRMED\n"), "{ics}");
            assert!(ics.contains("ATTENDEE;CN=ann;PARTSTAT=ACCEPTED:mailto:ann@example.org\n"), "{ics}");
            assert!(ics.contains("ATTENDEE;CN=bob;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org\n"), "{ics}");
            assert!(ics.contains("PARTSTAT=NEEDS-ACTION;ROLE=OPT-PARTICIPANT:mailto:cem@example.org\n"), "{ics}");
            assert_eq!(ann.slots_on_monday(&[person.id]).await, TEN_TAKEN);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_free_is_named_with_the_next_three_times() {
    for_each_server(async |server| {
        let [ann, bob, cem] = server.people(["ann", "bob", "cem"]).await;
        let busy = json!({ "title": "x", "start_time": "2026-01-05T10:30:00Z", "end_time": "2026-01-05T11:15:00Z" });
        assert_eq!(bob.post("/events/", busy).await.status, 201);
        let said = ann.book(at_ten(&[ann.id, bob.id, cem.id])).await;
        assert_eq!(said.status, 409, "{said:?}");
        assert_eq!(said.body["unavailable_user_ids"], json!([bob.id]));
        let starts: Vec<&Value> =
            said.body["next_slots"].as_array().unwrap().iter().map(|it| &it["start_time"]).collect();
        let expected = ["2026-01-05T11:30:00+00:00", "2026-01-05T12:00:00+00:00", "2026-01-05T12:30:00+00:00"];
        assert_eq!(starts, expected);
        // Nobody has anything of it.
        assert!(ann.events().await.is_empty() && cem.events().await.is_empty());
        // A meeting may start when another ends, and who is optional need not be free.
        let later = json!({ "start_time": "2026-01-05T11:15:00Z" });
        assert_eq!(ann.book(with(at_ten(&[ann.id, bob.id]), later.clone())).await.status, 201);
        let optional = with(at_ten(&[ann.id]), json!({ "optional_user_ids": [bob.id] }));
        assert_eq!(ann.book(optional).await.status, 201);
        // A buffer asks for more.
        let buffered = with(with(at_ten(&[cem.id]), later), json!({ "buffer_before_minutes": 1 }));
        let said = bob.book(with(buffered.clone(), json!({ "user_ids": [bob.id] }))).await;
        assert_eq!((said.status, &said.body["unavailable_user_ids"]), (409, &json!([bob.id])));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_those_of_a_search() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let perhaps = json!({ "title": "x", "start_time": "2026-01-05T10:00:00Z", "end_time": "2026-01-05T11:00:00Z",
            "status": "tentative" });
        assert_eq!(bob.post("/events/", perhaps).await.status, 201);
        assert_eq!(ann.book(at_ten(&[bob.id])).await.status, 409);
        assert_eq!(ann.book(with(at_ten(&[bob.id]), json!({ "tentative": "free" }))).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_organizes_without_taking_part_stays_free() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        assert_eq!(ann.book(at_ten(&[bob.id])).await.status, 201);
        assert_eq!(ann.slots_on_monday(&[ann.id]).await, ALL_FREE);
        assert_eq!(ann.event().await["event_type"], "free");
        assert_eq!(bob.event().await["event_type"], "busy");
        assert!(!ann.ics().await.contains("CN=ann;PARTSTAT"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_booked_who_may_not_be_asked_about() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        assert_eq!(bob.patch("/auth/profile/", json!({ "free_busy_visibility": "private" })).await.status, 200);
        let check = |said: Said, status: u16, word: &str| {
            assert_eq!(said.status, status, "{said:?}");
            assert!(said.body.to_string().contains(word), "{said:?}");
        };
        check(ann.book(at_ten(&[ann.id, bob.id])).await, 403, &bob.id.to_string());
        check(ann.book(with(at_ten(&[ann.id]), json!({ "optional_user_ids": [bob.id] }))).await, 403, "");
        check(ann.book(at_ten(&[ann.id, 999])).await, 400, "999");
        check(ann.book(json!({})).await, 400, "duration_minutes");
        check(ann.book(with(at_ten(&[ann.id]), json!({ "title": " " }))).await, 400, "title");
        check(ann.book(with(at_ten(&[ann.id]), json!({ "timezone": "Mars/Olympus" }))).await, 400, "timezone");
        check(bob.book(at_ten(&[bob.id])).await, 201, "bob");
        assert!(ann.events().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_again_with_its_key_is_booked_once() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let send = async |body: Value, key: &str| {
            ann.ask(Method::POST, "/scheduling/book/", Some(body), &[("Idempotency-Key", key)]).await
        };
        let first = send(at_ten(&[ann.id, bob.id]), "k1").await;
        assert_eq!(first.status, 201);
        // Even after the event was changed, the answer is the one that was given.
        let id = first.body["event"]["id"].clone();
        assert_eq!(ann.patch(&format!("/events/{id}/"), json!({ "title": "Other" })).await.status, 200);
        let again = send(at_ten(&[ann.id, bob.id]), "k1").await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        let other = send(with(at_ten(&[ann.id]), json!({ "title": "Other" })), "k1").await;
        assert_eq!(other.status, 400);
        assert!(other.body["errors"]["Idempotency-Key"].is_array(), "{other:?}");
        assert_eq!(send(at_ten(&[ann.id, bob.id]), "k2").await.status, 409);
        // Who was refused may ask again with the same key.
        let later = with(at_ten(&[ann.id, bob.id]), json!({ "start_time": "2026-01-05T11:00:00Z" }));
        assert_eq!(send(later, "k2").await.status, 201);
        // Another user's key is another key.
        let his =
            bob.ask(Method::POST, "/scheduling/book/", Some(at_ten(&[bob.id])), &[("Idempotency-Key", "k1")]).await;
        assert_eq!(his.status, 409);
        // After a day it is forgotten.
        server.wait(24 * 60);
        assert_eq!(send(at_ten(&[ann.id, bob.id]), "k1").await.status, 409);
        assert_eq!(bob.events().await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_requests_with_one_key_all_have_one_answer() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let tasks = (0..20).map(|_| {
            let (ann, body) = (ann.clone(), at_ten(&[ann.id, bob.id]));
            tokio::spawn(async move {
                ann.ask(Method::POST, "/scheduling/book/", Some(body), &[("Idempotency-Key", "k")]).await
            })
        });
        let mut uids = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            let said = task.await.unwrap();
            assert_eq!(said.status, 201, "{said:?}");
            uids.push(said.body.to_string());
        }
        uids.dedup();
        assert_eq!(uids.len(), 1);
        assert_eq!(bob.events().await.len(), 1);
    })
    .await;
}
