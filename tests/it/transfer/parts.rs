//! Messages about a part of an event: the rest of it stays (RFC 5546 section 3.2).

use serde_json::Value;

use super::{calendar, counts, event, import};
use crate::http::client::Client;
use crate::http::server::on_both;

fn message(method: &str, events: &str) -> String {
    calendar(events).replacen("PRODID", &format!("METHOD:{method}\r\nPRODID"), 1)
}

fn series() -> String {
    event("it", "SUMMARY:Weekly\nDTSTAMP:20260101T000000Z\nSEQUENCE:1\nRRULE:FREQ=WEEKLY;COUNT=3")
}

/// An override of 12 January that starts at that hour.
fn single(hour: u32, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:it\nRECURRENCE-ID:20260112T090000Z\nDTSTART:20260112T{hour:02}0000Z\nDURATION:PT1H\n{more}\nEND:VEVENT\n"
    )
}

/// Day, hour and status of each occurrence in January.
async fn occurrences(client: &Client) -> Vec<String> {
    let path = "/api/events/?expand=true&start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z";
    let listed = client.get(path).await.is(200);
    let told = |event: &Value| {
        format!("{} {}", &event["start_time"].as_str().unwrap()[8..13], event["status"].as_str().unwrap())
    };
    listed.as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn an_invitation_to_one_occurrence_leaves_the_others() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        import(&ann, calendar(&series())).await;
        let moved = message("REQUEST", &single(14, "DTSTAMP:20260102T000000Z\nSEQUENCE:1"));
        assert_eq!(counts(&import(&ann, moved.clone()).await), [0, 1, 0, 0]);
        let after = ["05T09 confirmed", "12T14 confirmed", "19T09 confirmed"];
        assert_eq!(occurrences(&ann).await, after);
        assert_eq!(counts(&import(&ann, moved).await), [0, 0, 1, 0]);
        let older = message("REQUEST", &single(16, "DTSTAMP:20260101T120000Z\nSEQUENCE:1"));
        let report = import(&ann, older).await;
        assert_eq!(counts(&report), [0, 0, 1, 0]);
        assert!(report["warnings"].to_string().contains("newer version of the occurrence"), "{report:#}");
        assert_eq!(occurrences(&ann).await, after);
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_cancels_what_it_names() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        import(&ann, calendar(&series())).await;
        let one = message("CANCEL", &single(9, "DTSTAMP:20260102T000000Z\nSEQUENCE:2"));
        assert_eq!(counts(&import(&ann, one.clone()).await), [0, 1, 0, 0]);
        assert_eq!(occurrences(&ann).await, ["05T09 confirmed", "12T09 cancelled", "19T09 confirmed"]);
        // As little as RFC 5546 section 3.2.5 lets a message say.
        let all = "BEGIN:VEVENT\nUID:it\nDTSTAMP:20260103T000000Z\nDTSTART:20260105T090000Z\nSEQUENCE:3\nEND:VEVENT\n";
        let all = message("CANCEL", all);
        assert_eq!(counts(&import(&ann, all.clone()).await), [0, 1, 0, 0]);
        let listed = ann.get("/api/events/").await.is(200);
        assert_eq!((&listed[0]["title"], &listed[0]["status"]), (&"Weekly".into(), &"cancelled".into()));
        for again in [one, all] {
            assert_eq!(counts(&import(&ann, again).await), [0, 0, 1, 0]);
        }
        assert_eq!(counts(&import(&ann, calendar(&series())).await), [0, 0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn two_single_invitations_to_the_same_series_stay_side_by_side() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        import(&ann, message("REQUEST", &single(9, "DTSTAMP:20260102T000000Z"))).await;
        let other = single(9, "DTSTAMP:20260102T000000Z").replace("20260112", "20260119");
        assert_eq!(counts(&import(&ann, message("REQUEST", &other)).await), [0, 1, 0, 0]);
        assert_eq!(occurrences(&ann).await, ["12T09 confirmed", "19T09 confirmed"]);
        let added =
            "BEGIN:VEVENT\nUID:it\nDTSTAMP:20260103T000000Z\nDTSTART:20260120T100000Z\nDURATION:PT1H\nEND:VEVENT\n";
        assert_eq!(counts(&import(&ann, message("ADD", added)).await), [0, 1, 0, 0]);
        assert_eq!(occurrences(&ann).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_answer_changes_nothing() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        import(&ann, calendar(&series())).await;
        for method in ["REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"] {
            let answer =
                event("it", "DTSTAMP:20260105T000000Z\nSEQUENCE:9\nATTENDEE;PARTSTAT=DECLINED:mailto:b@x.example");
            let report = import(&ann, message(method, &answer)).await;
            assert_eq!(counts(&report), [0, 0, 1, 0], "{method}");
            assert!(report["warnings"].to_string().contains("attendee answers"), "{report:#}");
        }
        assert_eq!(occurrences(&ann).await.len(), 3);
        // Of an event that is not here it is all that there is.
        let answer = event("other", "DTSTAMP:20260105T000000Z");
        assert_eq!(counts(&import(&ann, message("REPLY", &answer)).await), [1, 0, 0, 0]);
    })
    .await;
}
