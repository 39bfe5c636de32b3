//! Files that are imported over copies of meetings.

use serde_json::{Value, json};

use super::{ALL_FREE, Person, Server, TEN_TAKEN, at_ten, for_each_server};

async fn a_meeting(server: &Server) -> [Person; 2] {
    let people = server.people(["ann", "bob"]).await;
    assert_eq!(people[0].book(at_ten(&[people[0].id, people[1].id])).await.status, 201);
    people
}

/// What an app makes of the person's copy: with these lines in the place of others, and the next SEQUENCE.
async fn changed(person: &Person, changes: &[(&str, &str)]) -> String {
    let mut file = person.ics().await;
    for (old, new) in changes.iter().chain(&[("SEQUENCE:0\n", "SEQUENCE:1\n")]) {
        assert!(file.contains(old), "{old} in {file}");
        file = file.replace(old, new);
    }
    file
}

fn counts(report: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "skipped"].map(|name| report[name].as_u64().unwrap())
}

const NOON: [(&str, &str); 2] = [("20260105T100000Z", "20260105T120000Z"), ("20260105T110000Z", "20260105T130000Z")];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_organizer_imports_reaches_every_copy() {
    for_each_server(async |server| {
        let [ann, bob] = a_meeting(server).await;
        assert_eq!(bob.respond("declined").await.status, 200);
        // An app that leaves the attendees out does not disinvite anybody.
        let file = changed(&ann, &[NOON[1], NOON[0], ("SUMMARY:Planning\n", "SUMMARY:Planning at noon\n")]).await;
        let file: String =
            file.lines().filter(|line| !line.starts_with("ATTENDEE")).map(|line| format!("{line}\n")).collect();
        let report = ann.import(&file).await;
        assert_eq!(counts(&report), [0, 1, 0, 0], "{report:#}");
        for person in [&ann, &bob] {
            let event = person.event().await;
            assert_eq!(
                (&event["title"], &event["start_time"]),
                (&json!("Planning at noon"), &json!("2026-01-05T12:00:00Z"))
            );
            assert_eq!(
                (person.status_of("ann").await, person.status_of("bob").await),
                ("ACCEPTED".into(), "NEEDS-ACTION".into())
            );
            assert_eq!(ann.slots_on_monday(&[person.id]).await, ALL_FREE);
        }
        let noon = json!({ "user_ids": [bob.id], "duration_minutes": 60, "start": "2026-01-05T12:00:00Z",
            "end": "2026-01-05T13:00:00Z" });
        assert_eq!(ann.post("/scheduling/find-slots/", noon).await.body["total_slots_found"], 0);
        assert_eq!(counts(&ann.import(&ann.ics().await).await), [0, 0, 1, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_moves_a_meeting_by_a_file() {
    for_each_server(async |server| {
        let [ann, bob] = a_meeting(server).await;
        let files = [
            changed(&bob, &[NOON[1], NOON[0]]).await,
            changed(&bob, &[("STATUS:CONFIRMED\n", "STATUS:CANCELLED\n")]).await,
        ];
        for file in files {
            let more = "BEGIN:VEVENT\nUID:more\nDTSTAMP:20260101T000000Z\nDTSTART:20260109T100000Z\nEND:VEVENT\nEND:VCALENDAR\n";
            let report = bob.import(&file.replace("END:VCALENDAR\n", more)).await;
            assert_eq!(counts(&report)[3], 1, "{report:#}");
            let message = report["errors"][0]["message"].as_str().unwrap();
            assert!(message.starts_with("only the organizer can change when this meeting takes place"), "{message}");
            assert_eq!(report["errors"][0]["index"], 0);
        }
        assert_eq!(bob.events().await.len(), 2);
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, TEN_TAKEN);
        assert_eq!(ann.slots_on_monday(&[ann.id]).await, TEN_TAKEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_a_file_is_an_answer() {
    for_each_server(async |server| {
        let [ann, bob] = a_meeting(server).await;
        let answer = [
            ("ATTENDEE;CN=bob;PARTSTAT=NEEDS-ACTION", "ATTENDEE;CN=bob;PARTSTAT=DECLINED"),
            ("ATTENDEE;CN=ann;PARTSTAT=ACCEPTED", "ATTENDEE;CN=ann;PARTSTAT=DECLINED"),
        ];
        let report = bob.import(&changed(&bob, &answer).await).await;
        assert_eq!(counts(&report), [0, 1, 0, 0], "{report:#}");
        for person in [&ann, &bob] {
            assert_eq!(
                (person.status_of("ann").await, person.status_of("bob").await),
                ("ACCEPTED".into(), "DECLINED".into())
            );
        }
        assert_eq!(ann.slots_on_monday(&[bob.id]).await, ALL_FREE);
        assert_eq!(ann.slots_on_monday(&[ann.id]).await, TEN_TAKEN);
    })
    .await;
}
