//! Requests that no client means well with: absurd dates and numbers, broken headers, rules that would never end.

use serde_json::{Value, json};

use super::client::Client;
use super::operations::{Owner, operations};
use super::server::on_both;

fn event(fields: Value) -> Value {
    let mut body = json!({ "title": "x", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" });
    for (field, value) in fields.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// What goes in at the ends of known time comes out, and is found, listed and searched like all else.
#[tokio::test]
async fn events_at_the_ends_of_time() {
    on_both(async |server| {
        for (index, zone) in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"].into_iter().enumerate() {
            let client = server.user_in(&format!("user{index}"), zone).await;
            let mut count = 0;
            for (start, end) in [
                ("0001-01-03T00:00:00Z", "0001-01-03T01:00:00Z"),
                ("1900-01-01T00:00:00Z", "1900-01-01T01:00:00Z"),
                ("9998-12-29T23:00:00Z", "9998-12-29T23:59:59Z"),
                ("0001-01-03T00:00:00Z", "9998-12-29T23:59:59Z"),
            ] {
                for recurrence in [json!([]), json!(["RRULE:FREQ=YEARLY;COUNT=2"]), json!(["RRULE:FREQ=DAILY"])] {
                    let body = event(json!({ "start_time": start, "end_time": end, "recurrence": recurrence }));
                    let answer = client.post("/api/events/", &body).await;
                    if answer.status != 201 {
                        answer.names("recurrence");
                        continue;
                    }
                    count += 1;
                    let made = answer.is(201);
                    assert_eq!((&made["start_time"], &made["end_time"]), (&json!(start), &json!(end)));
                    let path = format!("/api/events/{}/", made["id"]);
                    assert_eq!(client.put(&path, &made).await.is(200), made);
                    client.get(&format!("{path}ics/")).await;
                    client.get(&format!("{path}occurrences/?limit=5")).await;
                }
            }
            assert!(count >= 8, "{count} events were added");
            ask_everything(&client).await;
        }
    })
    .await;
}

async fn ask_everything(client: &Client) {
    client.get("/api/events/").await.is(200);
    for (start, end) in [
        ("0001-01-01T00:00:00Z", "0001-02-01T00:00:00Z"),
        ("9998-12-01T00:00:00Z", "9998-12-31T23:59:59Z"),
        ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"),
    ] {
        client.get(&format!("/api/events/?start={start}&end={end}")).await.is(200);
        client.get(&format!("/api/events/?start={start}&end={end}&expand=true")).await;
        let question = json!({ "user_ids": [client.id], "duration_minutes": 60, "start": start, "end": end });
        client.post("/api/scheduling/find-slots/", &question).await.is(200);
        let mut explained = question.clone();
        explained["explain"] = json!(true);
        explained["buffer_before_minutes"] = json!(1440);
        explained["buffer_after_minutes"] = json!(1440);
        client.post("/api/scheduling/find-slots/", &explained).await.is(200);
        let busy = json!({ "user_ids": [client.id], "start": start, "end": end });
        client.post("/api/scheduling/free-busy/", &busy).await.is(200);
    }
}

#[tokio::test]
async fn windows_that_are_too_long() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let long = json!({
            "user_ids": [client.id], "duration_minutes": 60, "start": "2026-01-01T00:00:00Z", "end": "2027-01-02T00:00:01Z"
        });
        client.post("/api/scheduling/find-slots/", &long).await.names("end");
        let busy = json!({ "user_ids": [client.id], "start": long["start"], "end": long["end"] });
        client.post("/api/scheduling/free-busy/", &busy).await.names("end");
        let longest = json!({ "user_ids": [client.id], "duration_minutes": 60, "start": long["start"], "end": "2027-01-02T00:00:00Z" });
        client.post("/api/scheduling/find-slots/", &longest).await.is(200);
        let backwards = json!({ "user_ids": [client.id], "duration_minutes": 60, "start": long["end"], "end": long["start"] });
        client.post("/api/scheduling/find-slots/", &backwards).await.names("end");
        let far = json!({ "user_ids": [client.id], "duration_minutes": 60, "start": "9998-12-31T00:00:00Z" });
        client.post("/api/scheduling/find-slots/", &far).await;
        let unknown = json!({ "user_ids": [client.id, 4242, -1, 0, i64::MAX], "duration_minutes": 60 });
        let answer = client.post("/api/scheduling/find-slots/", &unknown).await;
        answer.names("user_ids");
        assert!(answer.text.contains("4242"), "{answer:#?}");
    })
    .await;
}

/// A step of one minute over a year, nobody's hours in the way: half a million starts, counted and cut.
#[tokio::test]
async fn the_largest_answer() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let question = json!({
            "user_ids": [client.id, client.id, client.id], "duration_minutes": 1, "step_minutes": 1, "limit": 10_000,
            "respect_working_hours": false, "start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"
        });
        let answer = client.post("/api/scheduling/find-slots/", &question).await.is(200);
        assert_eq!(answer["total_slots_found"], 365 * 1440);
        assert_eq!(answer["available_slots"].as_array().unwrap().len(), 10_000);
        assert_eq!(answer["user_ids"], json!([client.id]));
    })
    .await;
}

#[tokio::test]
async fn rules_that_would_never_end() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for line in [
            "RRULE:FREQ=SECONDLY;COUNT=99999999999999999999",
            "RRULE:FREQ=SECONDLY;COUNT=4294967295",
            "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
            "RRULE:FREQ=YEARLY;INTERVAL=4294967295",
            "RRULE:FREQ=SECONDLY;BYYEARDAY=366;BYHOUR=23;BYMINUTE=59;BYSECOND=60;BYMONTH=1",
            &format!("RRULE:FREQ=YEARLY;BYYEARDAY={}", vec!["1"; 5000].join(",")),
            &format!("RDATE:{}", vec!["20260105T090000Z"; 20_000].join(",")),
            &format!("EXDATE:{}", vec!["20260105T090000Z"; 20_000].join(",")),
            &"RRULE:FREQ=DAILY;".repeat(1000),
        ] {
            let answer = client.post("/api/events/", &event(json!({ "recurrence": [line] }))).await;
            if answer.status == 201 {
                let made = answer.is(201);
                client.get(&format!("/api/events/{}/occurrences/?limit=3", made["id"])).await;
            } else {
                answer.names("recurrence");
            }
        }
        client.post("/api/events/", &event(json!({ "recurrence": vec!["RRULE:FREQ=DAILY"; 1000] }))).await;
        client.get("/api/events/?start=2026-01-01T00:00:00Z&end=2026-01-08T00:00:00Z").await.is(200);
        let question = json!({ "user_ids": [client.id], "duration_minutes": 60, "start": "2026-01-05T00:00:00Z" });
        client.post("/api/scheduling/find-slots/", &question).await.is(200);
    })
    .await;
}

/// A series of which the server cannot tell every occurrence in the window counts as busy all the time, and the answer says so.
#[tokio::test]
async fn a_series_that_is_too_much_is_never_free_time() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let ticks = event(json!({ "recurrence": ["RRULE:FREQ=SECONDLY"], "end_time": "2026-01-05T09:00:01Z" }));
        let answer = client.post("/api/events/", &ticks).await;
        answer.is(201);
        let question = json!({
            "user_ids": [client.id], "duration_minutes": 60, "start": "2026-02-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"
        });
        let answer = client.post("/api/scheduling/find-slots/", &question).await.is(200);
        assert_eq!((&answer["total_slots_found"], &answer["available_slots"]), (&json!(0), &json!([])));
        assert_eq!(answer["warnings"][0]["user_id"], client.id);
    })
    .await;
}

#[tokio::test]
async fn broken_headers() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        for operation in operations().iter().filter(|operation| operation.method == reqwest::Method::GET) {
            let path = owner.fill(&operation.path);
            for (name, value) in [
                ("if-none-match", "\u{e9}\u{ff}"),
                ("if-none-match", "\",\",,,\"\"\""),
                ("accept-encoding", "gzip;q=x, \u{e9}"),
                ("x-request-id", "a b\u{e9}"),
                ("content-type", "\u{e9}"),
                ("user-agent", "\u{e9}\u{202e}"),
                ("x-forwarded-for", "999.999.999.999"),
                ("range", "bytes=9-1"),
            ] {
                operation.call(&owner.client.with(name, value), &path).await.is_success();
            }
            for (name, value) in
                [("authorization", "Bearer \u{e9}"), ("authorization", "\u{e9}"), ("cookie", "sessionid=\u{e9}; =;;;")]
            {
                let answer = operation.call(&server.stranger().with(name, value), &path).await;
                answer.is(401);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_the_requests_id() {
    on_both(async |server| {
        let client = server.stranger();
        let given = client.with("x-request-id", "trace-1:a/b").get("/healthz").await;
        assert_eq!(given.header("x-request-id"), Some("trace-1:a/b"));
        let (one, two) = (client.get("/api/nothing").await, client.get("/api/events").await);
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        for insane in ["", "a b", "<script>", &"x".repeat(129)] {
            let answer = client.with("x-request-id", insane).get("/healthz").await;
            assert_ne!(answer.header("x-request-id"), Some(insane));
        }
    })
    .await;
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        for operation in operations().iter().filter(|operation| operation.method == reqwest::Method::GET) {
            let path = owner.fill(&operation.path);
            let (get, head) =
                (owner.client.get(&path).await, owner.client.send(reqwest::Method::HEAD, &path, None).await);
            assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{head:#?}");
            assert_eq!(head.header("etag"), get.header("etag"));
        }
    })
    .await;
}
