//! What becomes of meetings when a calendar or an account goes, an address changes, or a calendar is full.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ALL_FREE, Person, Server, TEN_TAKEN, at_ten, for_each_server, for_each_server_with, with};

/// Three people in a meeting that the first organizes.
async fn a_meeting(server: &Server) -> [Person; 3] {
    let people = server.people(["ann", "bob", "cem"]).await;
    let [ann, bob, cem] = &people;
    assert_eq!(ann.book(at_ten(&[ann.id, bob.id, cem.id])).await.status, 201);
    people
}

/// Moves the person's copy into a calendar of its own, and deletes that.
async fn delete_calendar_with_the_meeting(person: &Person) {
    let calendar = person.post("/calendars/", json!({ "name": "Work" })).await.body["id"].clone();
    let event = format!("/events/{}/", person.event().await["id"]);
    assert_eq!(person.patch(&event, json!({ "calendar_id": calendar })).await.status, 200);
    assert_eq!(person.delete(&format!("/calendars/{calendar}/")).await.status, 204);
}

async fn delete_account(person: &Person) {
    let body = json!({ "password": "a long password" });
    assert_eq!(person.ask(Method::DELETE, "/auth/profile/", Some(body), &[]).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_goes_cancels_its_owners_meetings() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        delete_calendar_with_the_meeting(&ann).await;
        assert!(ann.events().await.is_empty());
        for person in [&bob, &cem] {
            let event = person.event().await;
            assert_eq!((&event["status"], &event["sequence"]), (&json!("cancelled"), &json!(1)));
            assert_eq!(bob.slots_on_monday(&[person.id]).await, ALL_FREE);
        }
        // Theirs by now.
        assert_eq!(bob.delete(&format!("/events/{}/", bob.event().await["id"])).await.status, 204);
        assert_eq!(cem.status_of("bob").await, "NEEDS-ACTION");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_goes_declines_the_meetings_of_others() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        delete_calendar_with_the_meeting(&bob).await;
        assert_eq!((ann.status_of("bob").await, cem.status_of("bob").await), ("DECLINED".into(), "DECLINED".into()));
        assert_eq!(
            (ann.status_of("cem").await, &ann.event().await["status"]),
            ("NEEDS-ACTION".into(), &json!("confirmed"))
        );
        assert_eq!(ann.slots_on_monday(&[ann.id, cem.id]).await, TEN_TAKEN);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_goes_takes_holds_along_and_leaves_alone_what_is_over() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let past = with(at_ten(&[ann.id, bob.id]), json!({ "start_time": "2026-01-04T10:00:00Z" }));
        assert_eq!(ann.book(past).await.status, 201);
        delete_calendar_with_the_meeting(&ann).await;
        assert_eq!(bob.event().await["status"], "confirmed");
        // It is nobody else's any more.
        let path = format!("/events/{}/", bob.event().await["id"]);
        assert_eq!(bob.patch(&path, json!({ "start_time": "2026-01-04T10:30:00Z" })).await.status, 200);
        assert_eq!(bob.delete(&path).await.status, 204);
        assert_eq!(ann.post("/scheduling/holds/", at_ten(&[ann.id, bob.id])).await.status, 201);
        delete_calendar_with_the_meeting(&ann).await;
        assert!(bob.events().await.is_empty());
        assert_eq!(bob.slots_on_monday(&[ann.id, bob.id]).await, ALL_FREE);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_of_another_version_stays_with_its_meetings() {
    for_each_server(async |server| {
        let [ann, bob, _] = a_meeting(server).await;
        let calendar = ann.post("/calendars/", json!({ "name": "Work" })).await.body["id"].clone();
        let event = format!("/events/{}/", ann.event().await["id"]);
        assert_eq!(ann.patch(&event, json!({ "calendar_id": calendar })).await.status, 200);
        let path = format!("/calendars/{calendar}/");
        assert_eq!(ann.ask(Method::DELETE, &path, None, &[("If-Match", "\"0\"")]).await.status, 412);
        assert_eq!(bob.delete(&path).await.status, 404);
        assert_eq!(bob.event().await["status"], "confirmed");
        assert_eq!(ann.events().await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_goes_leaves_no_meeting_behind() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        delete_account(&bob).await;
        assert_eq!((ann.status_of("bob").await, cem.status_of("bob").await), ("DECLINED".into(), "DECLINED".into()));
        assert_eq!(cem.event().await["status"], "confirmed");
        delete_account(&ann).await;
        assert_eq!(cem.event().await["status"], "cancelled");
        assert_eq!(cem.slots_on_monday(&[cem.id]).await, ALL_FREE);
        assert_eq!(cem.respond("accepted").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_stays_whose_it_is_under_another_address() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        assert_eq!(bob.respond("declined").await.status, 200);
        assert_eq!(bob.patch("/auth/profile/", json!({ "email": "Robert@example.org" })).await.status, 200);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
        for person in [&ann, &bob, &cem] {
            let ics = person.ics().await;
            assert!(ics.contains("ATTENDEE;CN=bob;PARTSTAT=DECLINED:mailto:Robert@example.org\n"), "{ics}");
            assert!(!ics.contains("bob@example.org"), "{ics}");
        }
        // Somebody else may have the old one now, and has nothing to do with it.
        assert_eq!(cem.patch("/auth/profile/", json!({ "email": "bob@example.org" })).await.status, 200);
        assert_eq!(ann.slots_on_monday(&[cem.id]).await, TEN_TAKEN);
        assert_eq!(bob.respond("accepted").await.status, 200);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, TEN_TAKEN);
        // The organizer keeps organizing.
        assert_eq!(ann.patch("/auth/profile/", json!({ "email": "anna@example.org" })).await.status, 200);
        assert!(bob.ics().await.contains("ORGANIZER;CN=ann:mailto:anna@example.org\n"));
        let moved = json!({ "start_time": "2026-01-05T13:00:00Z", "end_time": "2026-01-05T14:00:00Z" });
        assert_eq!(ann.patch(&format!("/events/{}/", ann.event().await["id"]), moved).await.status, 200);
        assert!(bob.ics().await.contains("ATTENDEE;CN=ann;PARTSTAT=ACCEPTED:mailto:anna@example.org\n"));
        assert_eq!(bob.event().await["start_time"], "2026-01-05T13:00:00Z");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_booked_into_a_calendar_that_is_full() {
    for_each_server_with(&["--max-events", "2"], async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        for day in [6, 7] {
            let body = json!({ "title": "x", "start_time": format!("2026-01-{day:02}T10:00:00Z"),
                "end_time": format!("2026-01-{day:02}T11:00:00Z") });
            assert_eq!(bob.post("/events/", body).await.status, 201);
        }
        for path in ["/scheduling/book/", "/scheduling/holds/"] {
            let said = ann.post(path, at_ten(&[ann.id, bob.id])).await;
            let detail = format!("There is no room for another event in the calendars of users {}.", bob.id);
            assert_eq!((said.status, &said.body["detail"]), (409, &json!(detail)));
        }
        assert!(ann.events().await.is_empty());
        assert_eq!(ann.book(at_ten(&[ann.id])).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_moves_past_its_own_copies() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        let search = |event: &Value| {
            json!({ "user_ids": [ann.id, bob.id, cem.id], "duration_minutes": 60, "start": "2026-01-05T09:00:00Z",
                "end": "2026-01-05T12:00:00Z", "exclude_event_ids": [event] })
        };
        let find = async |person: &Person, event: &Value| {
            person.post("/scheduling/find-slots/", search(event)).await.body["total_slots_found"].as_u64().unwrap()
        };
        let (hers, his) = (ann.event().await["id"].clone(), bob.event().await["id"].clone());
        assert_eq!(find(&ann, &hers).await, ALL_FREE);
        assert_eq!(find(&ann, &json!(999)).await, TEN_TAKEN);
        // Only who organizes it can move it; whose event it is not does not look through it.
        assert_eq!(find(&bob, &his).await, TEN_TAKEN);
        assert_eq!(find(&bob, &hers).await, TEN_TAKEN);
        // It is remembered neither way.
        assert_eq!(ann.slots_on_monday(&[ann.id, bob.id, cem.id]).await, TEN_TAKEN);
        // What else there is stays in the way.
        let busy = json!({ "title": "x", "start_time": "2026-01-05T09:30:00Z", "end_time": "2026-01-05T10:30:00Z" });
        assert_eq!(cem.post("/events/", busy).await.status, 201);
        assert_eq!(find(&ann, &hers).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_people_are_named_under_the_field_that_names_them() {
    for_each_server(async |server| {
        let [ann] = server.people(["ann"]).await;
        let said = ann
            .post(
                "/scheduling/find-slots/",
                json!({ "user_ids": [ann.id, 97], "duration_minutes": 60, "optional_user_ids": [98],
                    "groups": [{ "user_ids": [ann.id, 99], "need": 1 }] }),
            )
            .await;
        assert_eq!(said.status, 400);
        for (field, id) in [("user_ids", "97"), ("optional_user_ids", "98"), ("groups", "99")] {
            assert!(said.body["errors"][field][0].as_str().unwrap().ends_with(id), "{said:?}");
        }
        let said = ann.book(with(at_ten(&[ann.id]), json!({ "optional_user_ids": [98] }))).await;
        assert!(said.status == 400 && said.body["errors"]["optional_user_ids"].is_array(), "{said:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_holds_stay_within_their_bound() {
    for_each_server_with(&["--max-holds", "3"], async |server| {
        let [ann] = server.people(["ann"]).await;
        let tasks: Vec<_> = (0..12)
            .map(|n| {
                let start = json!({ "start_time": format!("2026-01-06T{n:02}:00:00Z") });
                let (ann, body) = (ann.clone(), with(at_ten(&[ann.id]), start));
                tokio::spawn(async move { ann.post("/scheduling/holds/", body).await.status })
            })
            .collect();
        let mut held = 0;
        for task in tasks {
            match task.await.unwrap() {
                201 => held += 1,
                409 => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!((held, ann.events().await.len()), (3, 3));
    })
    .await;
}
