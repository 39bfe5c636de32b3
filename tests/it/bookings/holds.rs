use serde_json::{Value, json};

use super::{ALL_FREE, Person, TEN_TAKEN, at_ten, for_each_server, with};

async fn hold(person: &Person, body: Value) -> Value {
    let said = person.post("/scheduling/holds/", body).await;
    assert_eq!(said.status, 201, "{said:?}");
    said.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_takes_time_for_its_minutes_and_is_gone_by_itself() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let held = hold(&ann, at_ten(&[ann.id, bob.id])).await;
        assert_eq!(held["expires_at"], "2026-01-05T06:10:00Z");
        assert_eq!(bob.event().await["status"], "tentative");
        // Asked before and after, so that what is remembered expires too.
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, TEN_TAKEN);
        let said = bob.book(at_ten(&[bob.id])).await;
        assert_eq!((said.status, &said.body["unavailable_user_ids"]), (409, &json!([bob.id])));
        server.wait(9);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, TEN_TAKEN);
        assert_eq!(bob.events().await.len(), 1);
        server.wait(1);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
        let late = ann.book(json!({ "hold_id": held["hold_id"] })).await;
        assert_eq!(late.status, 404, "{late:?}");
        assert_eq!(bob.book(at_ten(&[bob.id])).await.status, 201);
        assert_eq!((ann.events().await.len(), bob.events().await.len()), (0, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_hold_stays() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let held = hold(&ann, with(at_ten(&[ann.id, bob.id]), json!({ "minutes": 3 }))).await;
        assert_eq!(held["expires_at"], "2026-01-05T06:03:00Z");
        let id = &held["hold_id"];
        for (wrong, field) in [
            (json!({ "hold_id": id, "start_time": "2026-01-05T10:30:00Z" }), "start_time"),
            (json!({ "hold_id": id, "duration_minutes": 30 }), "duration_minutes"),
            (json!({ "hold_id": id, "user_ids": [ann.id, 99] }), "user_ids"),
        ] {
            let said = ann.book(wrong).await;
            assert!(said.status == 400 && said.body["errors"][field].is_array(), "{said:?}");
        }
        assert_eq!(bob.book(json!({ "hold_id": id })).await.status, 404);
        let said = ann.book(with(at_ten(&[ann.id, bob.id]), json!({ "hold_id": id, "title": "Firm" }))).await;
        assert_eq!(said.status, 201, "{said:?}");
        assert_eq!(said.body["event"]["uid"], held["event"]["uid"]);
        assert_eq!(said.body["participants"], held["participants"]);
        server.wait(60);
        for person in [&ann, &bob] {
            let event = person.event().await;
            assert_eq!((&event["status"], &event["title"]), (&json!("confirmed"), &json!("Firm")));
            assert_eq!(ann.slots_on_monday(&[person.id]).await, TEN_TAKEN);
        }
        assert_eq!(ann.book(json!({ "hold_id": id })).await.status, 404);
        assert_eq!(ann.delete(&format!("/scheduling/holds/{id}/")).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_hold_leaves_nothing() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let id = hold(&ann, at_ten(&[ann.id, bob.id])).await["hold_id"].clone();
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, TEN_TAKEN);
        assert_eq!(bob.delete(&format!("/scheduling/holds/{id}/")).await.status, 404);
        assert_eq!(ann.delete(&format!("/scheduling/holds/{id}/")).await.status, 204);
        assert_eq!(ann.delete(&format!("/scheduling/holds/{id}/")).await.status, 404);
        assert!(ann.events().await.is_empty() && bob.events().await.is_empty());
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
        // The organizer's deletion of the event is a release too.
        hold(&ann, at_ten(&[ann.id, bob.id])).await;
        let path = format!("/events/{}/", ann.event().await["id"]);
        assert_eq!(ann.delete(&path).await.status, 204);
        assert!(bob.events().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hold_that_is_confirmed_and_released_at_once_one_happens() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        for _ in 0..10 {
            let id = hold(&ann, at_ten(&[ann.id, bob.id])).await["hold_id"].clone();
            let (body, path) = (json!({ "hold_id": id }), format!("/scheduling/holds/{id}/"));
            let (booked, released) = tokio::join!(ann.book(body), ann.delete(&path));
            let copies = bob.events().await.len();
            assert_eq!(copies, ann.events().await.len());
            match (booked.status, released.status) {
                (201, 404) => {
                    assert_eq!(copies, 1);
                    assert_eq!(ann.delete(&format!("/events/{}/", ann.event().await["id"])).await.status, 204);
                    assert_eq!(bob.delete(&format!("/events/{}/", bob.event().await["id"])).await.status, 204);
                }
                (404, 204) => assert_eq!(copies, 0),
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_holds_without_end() {
    for_each_server(async |server| {
        let [ann] = server.people(["ann"]).await;
        for minutes in [0, 1441] {
            assert_eq!(
                ann.post("/scheduling/holds/", with(at_ten(&[ann.id]), json!({ "minutes": minutes }))).await.status,
                400
            );
        }
        for n in 0..100 {
            let start = format!("2026-02-{:02}T{:02}:00:00Z", n / 24 + 1, n % 24);
            hold(&ann, with(at_ten(&[ann.id]), json!({ "start_time": start }))).await;
        }
        let one_more = ann.post("/scheduling/holds/", at_ten(&[ann.id])).await;
        assert_eq!(one_more.status, 409, "{one_more:?}");
        server.wait(11);
        hold(&ann, at_ten(&[ann.id])).await;
    })
    .await;
}
