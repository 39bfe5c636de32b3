//! What reaches whom when a meeting is answered, changed or deleted.

use serde_json::{Value, json};

use super::{ALL_FREE, Person, Server, TEN_TAKEN, at_ten, for_each_server};

/// Three people in a meeting that the first organizes.
async fn a_meeting(server: &Server) -> [Person; 3] {
    let people = server.people(["ann", "bob", "cem"]).await;
    let [ann, bob, cem] = &people;
    assert_eq!(ann.book(at_ten(&[ann.id, bob.id, cem.id])).await.status, 201);
    people
}

async fn path(person: &Person) -> String {
    format!("/events/{}/", person.event().await["id"])
}

async fn change(person: &Person, body: Value) -> u16 {
    person.patch(&path(person).await, body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_stands_in_every_copy_and_a_declined_one_takes_no_time() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        for (word, status, slots) in [
            ("accepted", "ACCEPTED", TEN_TAKEN),
            ("declined", "DECLINED", ALL_FREE),
            ("tentative", "TENTATIVE", TEN_TAKEN),
            ("declined", "DECLINED", ALL_FREE),
        ] {
            assert_eq!(bob.respond(word).await.status, 200);
            for person in [&ann, &bob, &cem] {
                assert_eq!(person.status_of("bob").await, status);
                assert_eq!(person.status_of("ann").await, "ACCEPTED");
            }
            assert_eq!(ann.slots_on_monday(&[bob.id]).await, slots, "{word}");
            assert_eq!(ann.slots_on_monday(&[cem.id]).await, TEN_TAKEN);
        }
        assert_eq!(bob.respond("perhaps").await.status, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_invited_has_nothing_to_answer() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let own = json!({ "title": "x", "start_time": "2026-01-05T10:00:00Z", "end_time": "2026-01-05T11:00:00Z" });
        assert_eq!(ann.post("/events/", own).await.status, 201);
        assert_eq!(ann.respond("accepted").await.status, 409);
        let path = format!("/events/{}/respond/", ann.event().await["id"]);
        assert_eq!(bob.post(&path, json!({ "response": "accepted" })).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_organizer_changes_reaches_every_copy() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        assert_eq!(bob.respond("declined").await.status, 200);
        assert_eq!(change(&ann, json!({ "title": "Review", "location": "Room 5" })).await, 200);
        for person in [&ann, &bob, &cem] {
            let event = person.event().await;
            assert_eq!((&event["title"], &event["location"]), (&json!("Review"), &json!("Room 5")));
            // A title is nothing to answer again.
            assert_eq!(person.status_of("bob").await, "DECLINED");
        }
        let moved = json!({ "start_time": "2026-01-05T13:00:00Z", "end_time": "2026-01-05T14:00:00Z" });
        assert_eq!(change(&ann, moved).await, 200);
        for person in [&ann, &bob, &cem] {
            assert_eq!(person.event().await["start_time"], "2026-01-05T13:00:00Z");
            assert_eq!(person.event().await["sequence"], 1);
            assert_eq!(
                (person.status_of("bob").await, person.status_of("ann").await),
                ("NEEDS-ACTION".into(), "ACCEPTED".into())
            );
            assert_eq!(ann.slots_on_monday(&[person.id]).await, ALL_FREE);
        }
        let afternoon = json!({ "user_ids": [bob.id], "duration_minutes": 60, "start": "2026-01-05T13:00:00Z",
            "end": "2026-01-05T14:00:00Z" });
        assert_eq!(ann.post("/scheduling/find-slots/", afternoon).await.body["total_slots_found"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_and_its_occurrences_reach_every_copy() {
    for_each_server(async |server| {
        let [ann, bob, _] = a_meeting(server).await;
        assert_eq!(change(&ann, json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"] })).await, 200);
        let starts = async |person: &Person| -> Vec<String> {
            let said = person.get("/events/?start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z&expand=true").await;
            said.body
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["start_time"].as_str().unwrap()[8..13].to_owned())
                .collect()
        };
        assert_eq!(starts(&bob).await, ["05T10", "06T10", "07T10", "08T10"]);
        let of = |day: &str| format!("occurrences/202601{day}T100000Z/");
        let path = path(&ann).await;
        let moved = json!({ "start_time": "2026-01-06T15:00:00Z", "end_time": "2026-01-06T16:00:00Z" });
        assert_eq!(ann.patch(&format!("{path}{}", of("06")), moved).await.status, 200);
        assert_eq!(starts(&bob).await, ["05T10", "06T15", "07T10", "08T10"]);
        let rest = json!({ "start_time": "2026-01-07T12:00:00Z", "end_time": "2026-01-07T13:00:00Z" });
        assert_eq!(ann.patch(&format!("{path}{}?range=following", of("07")), rest).await.status, 200);
        assert_eq!(starts(&bob).await, ["05T10", "06T15", "07T12", "08T12"]);
        assert_eq!(ann.delete(&format!("{path}{}", of("06"))).await.status, 204);
        assert_eq!(starts(&bob).await, ["05T10", "07T12", "08T12"]);
        assert_eq!(starts(&bob).await, starts(&ann).await);
        // The rest is a meeting too.
        let new = ann.events().await.iter().map(|it| it["id"].as_i64().unwrap()).max().unwrap();
        assert_eq!(ann.patch(&format!("/events/{new}/"), json!({ "title": "Rest" })).await.status, 200);
        assert!(bob.events().await.iter().any(|it| it["title"] == "Rest"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_series_is_answered_anew_where_it_moves() {
    for_each_server(async |server| {
        let [ann, bob, _] = a_meeting(server).await;
        assert_eq!(change(&ann, json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"] })).await, 200);
        assert_eq!(bob.respond("declined").await.status, 200);
        let series = path(&ann).await;
        let is_free = async |day: &str, hour: u8| {
            let body = json!({ "user_ids": [bob.id], "duration_minutes": 60, "start": format!("2026-01-{day}T{hour}:00:00Z"),
                "end": format!("2026-01-{day}T{}:00:00Z", hour + 1) });
            ann.post("/scheduling/find-slots/", body).await.body["total_slots_found"] == 1
        };
        // What is only reworded stays declined.
        let rest = |day: &str| format!("{series}occurrences/202601{day}T100000Z/?range=following");
        assert_eq!(ann.patch(&rest("06"), json!({ "title": "Rest" })).await.status, 200);
        assert!(is_free("05", 10).await && is_free("06", 10).await && is_free("07", 10).await);
        let new = ann.events().await.iter().map(|it| it["id"].as_i64().unwrap()).max().unwrap();
        let noon = json!({ "start_time": "2026-01-07T12:00:00Z", "end_time": "2026-01-07T13:00:00Z" });
        let rest = format!("/events/{new}/occurrences/20260107T100000Z/?range=following");
        assert_eq!(ann.patch(&rest, noon).await.status, 200);
        assert!(is_free("06", 10).await && is_free("07", 10).await);
        assert!(!is_free("07", 12).await && !is_free("08", 12).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_may_reword_their_copy_but_not_move_it() {
    for_each_server(async |server| {
        let [ann, bob, _] = a_meeting(server).await;
        let moved = json!({ "start_time": "2026-01-05T13:00:00Z", "end_time": "2026-01-05T14:00:00Z" });
        for body in [moved, json!({ "status": "cancelled" }), json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"] })] {
            assert_eq!(change(&bob, body).await, 403);
        }
        assert_eq!(change(&bob, json!({ "title": "Mine", "event_type": "free" })).await, 200);
        assert_eq!(ann.event().await["title"], "Planning");
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
        // The organizer's change brings the organizer's words, and leaves the participant's time alone.
        assert_eq!(change(&ann, json!({ "description": "Agenda" })).await, 200);
        let event = bob.event().await;
        assert_eq!((&event["title"], &event["event_type"]), (&json!("Planning"), &json!("free")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_by_the_organizer_cancels_and_by_a_participant_declines() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        assert_eq!(bob.delete(&path(&bob).await).await.status, 204);
        assert_eq!((ann.status_of("bob").await, cem.status_of("bob").await), ("DECLINED".into(), "DECLINED".into()));
        assert_eq!(ann.delete(&path(&ann).await).await.status, 204);
        assert!(ann.events().await.is_empty() && bob.events().await.is_empty());
        assert_eq!(cem.event().await["status"], "cancelled");
        assert_eq!(cem.event().await["sequence"], 1);
        assert_eq!(ann.slots_on_monday(&[ann.id, bob.id, cem.id]).await, ALL_FREE);
        // It is the participant's own by now.
        assert_eq!(cem.delete(&path(&cem).await).await.status, 204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_answers_and_changes_lose_nothing() {
    for_each_server(async |server| {
        let [ann, bob, cem] = a_meeting(server).await;
        let paths = [path(&ann).await, path(&bob).await, path(&cem).await];
        let tasks: Vec<_> = (0..30)
            .map(|n| {
                let (people, paths) = ([ann.clone(), bob.clone(), cem.clone()], paths.clone());
                tokio::spawn(async move {
                    match n % 3 {
                        0 => people[0].patch(&paths[0], json!({ "title": format!("Title {n}") })).await,
                        who => {
                            people[who]
                                .post(&format!("{}respond/", paths[who]), json!({ "response": "accepted" }))
                                .await
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            let said = task.await.unwrap();
            assert_eq!(said.status, 200, "{said:?}");
        }
        let title = ann.event().await["title"].clone();
        for person in [&ann, &bob, &cem] {
            assert_eq!(person.event().await["title"], title);
            assert_eq!(
                (person.status_of("bob").await, person.status_of("cem").await),
                ("ACCEPTED".into(), "ACCEPTED".into())
            );
        }
    })
    .await;
}
