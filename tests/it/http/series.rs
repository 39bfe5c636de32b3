//! Changes of a whole series that has exceptions: they stay with the occurrences that they were made for.

use serde_json::{Value, json};

use super::client::Client;
use super::server::on_both;

/// Five mornings in Berlin from Monday 23 March 2026 on, without the second; the third has a title and hour of its own.
async fn with_exceptions(client: &Client) -> String {
    let body = json!({
        "title": "Daily", "start_time": "2026-03-23T09:00:00", "end_time": "2026-03-23T10:00:00",
        "timezone": "Europe/Berlin", "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]
    });
    let made = client.post("/api/events/", &body).await.is(201);
    let path = format!("/api/events/{}/", made["id"]);
    client.delete(&format!("{path}occurrences/20260324T080000Z/")).await.is(204);
    let change =
        json!({ "title": "Special", "start_time": "2026-03-25T12:00:00Z", "end_time": "2026-03-25T13:00:00Z" });
    client.patch(&format!("{path}occurrences/20260325T080000Z/"), &change).await.is(200);
    path
}

/// `03-23 08:00 Daily`, in UTC.
async fn shown(client: &Client, path: &str) -> Vec<String> {
    let listed = client.get(&format!("{path}occurrences/")).await.is(200);
    let text = |it: &Value| {
        let start = it["start_time"].as_str().unwrap();
        format!("{} {} {}", &start[5..10], &start[11..16], it["title"].as_str().unwrap())
    };
    listed.as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_new_title_is_not_that_of_an_occurrence_with_its_own() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let path = with_exceptions(&client).await;
        client.patch(&path, &json!({ "title": "New" })).await.is(200);
        let expected = ["03-23 08:00 New", "03-25 12:00 Special", "03-26 08:00 New", "03-27 08:00 New"];
        assert_eq!(shown(&client, &path).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_new_hour_takes_the_exceptions_along() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let path = with_exceptions(&client).await;
        let change = json!({ "start_time": "2026-03-23T09:30:00Z", "end_time": "2026-03-23T10:30:00Z" });
        client.patch(&path, &change).await.is(200);
        let expected = ["03-23 09:30 Daily", "03-25 12:00 Special", "03-26 09:30 Daily", "03-27 09:30 Daily"];
        assert_eq!(shown(&client, &path).await, expected);
        client.delete(&format!("{path}occurrences/20260325T093000Z/")).await.is(204);
        assert_eq!(shown(&client, &path).await, [expected[0], expected[2], expected[3]]);
    })
    .await;
}

#[tokio::test]
async fn a_shorter_series_loses_the_exceptions_behind_its_end() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let path = with_exceptions(&client).await;
        let rule = |count: i32| json!({ "recurrence": [format!("RRULE:FREQ=DAILY;COUNT={count}")] });
        client.patch(&path, &rule(2)).await.is(200);
        assert_eq!(
            shown(&client, &path).await,
            ["03-23 08:00 Daily", "03-24 08:00 Daily"],
            "the EXDATE was in the lines"
        );
        client.patch(&path, &rule(4)).await.is(200);
        let expected = ["03-23 08:00 Daily", "03-24 08:00 Daily", "03-25 08:00 Daily", "03-26 08:00 Daily"];
        assert_eq!(shown(&client, &path).await, expected, "an override that was lost does not come back");
    })
    .await;
}

#[tokio::test]
async fn a_series_that_recurs_no_more_is_one_event() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let path = with_exceptions(&client).await;
        let single = client.patch(&path, &json!({ "recurrence": [] })).await.is(200);
        assert_eq!((&single["recurrence"], &single["start_time"]), (&json!([]), &json!("2026-03-23T08:00:00Z")));
        assert_eq!(shown(&client, &path).await, ["03-23 08:00 Daily"]);
        let listed = client.get("/api/events/?start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z&expand=true").await;
        assert_eq!(listed.is(200).as_array().unwrap().len(), 1);
    })
    .await;
}

/// In Tokyo 08:00 UTC is 17:00 all year, whatever Berlin's clocks do on the 29th.
#[tokio::test]
async fn a_new_zone_is_the_one_that_the_series_recurs_in() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = json!({
            "title": "x", "start_time": "2026-03-27T09:00:00", "end_time": "2026-03-27T10:00:00",
            "timezone": "Europe/Berlin", "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]
        });
        let made = client.post("/api/events/", &body).await.is(201);
        let path = format!("/api/events/{}/", made["id"]);
        assert_eq!(shown(&client, &path).await, ["03-27 08:00 x", "03-28 08:00 x", "03-29 07:00 x", "03-30 07:00 x"]);
        let moved = client.patch(&path, &json!({ "timezone": "Asia/Tokyo" })).await.is(200);
        assert_eq!((&moved["timezone"], &moved["start_time"]), (&json!("Asia/Tokyo"), &json!("2026-03-27T08:00:00Z")));
        assert_eq!(shown(&client, &path).await, ["03-27 08:00 x", "03-28 08:00 x", "03-29 08:00 x", "03-30 08:00 x"]);
    })
    .await;
}

#[tokio::test]
async fn a_split_shares_out_the_exceptions_and_extra_dates() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = json!({
            "title": "x", "start_time": "2026-03-23T09:00:00", "end_time": "2026-03-23T10:00:00", "timezone": "Europe/Berlin",
            "recurrence": [
                "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260416T070000Z",
                "EXDATE;TZID=Europe/Berlin:20260326T090000,20260409T090000",
                "RDATE;TZID=Europe/Berlin:20260328T150000,20260418T150000"
            ]
        });
        let made = client.post("/api/events/", &body).await.is(201);
        let path = format!("/api/events/{}/", made["id"]);
        let whole = [
            "03-23 08:00 x",
            "03-28 14:00 x",
            "03-30 07:00 x",
            "04-02 07:00 x",
            "04-06 07:00 x",
            "04-13 07:00 x",
            "04-16 07:00 x",
            "04-18 13:00 x",
        ];
        assert_eq!(shown(&client, &path).await, whole);
        let at = format!("{path}occurrences/20260402T070000Z/?range=following");
        let rest = client.patch(&at, &json!({ "title": "y" })).await.is(200);
        let rest = format!("/api/events/{}/", rest["id"]);
        assert_eq!(shown(&client, &path).await, whole[..3]);
        let renamed: Vec<String> = whole[3..].iter().map(|it| it.replace('x', "y")).collect();
        assert_eq!(shown(&client, &rest).await, renamed);
        client.delete(&format!("{rest}occurrences/20260413T070000Z/?range=following")).await.is(204);
        assert_eq!(shown(&client, &rest).await, renamed[..2]);
    })
    .await;
}

/// Of an endless series each part is as endless as the whole was.
#[tokio::test]
async fn a_split_of_an_endless_series() {
    on_both(async |server| {
        let client = server.user_in("alice", "America/New_York").await;
        let body = json!({
            "title": "x", "all_day": true, "start_date": "2026-01-05", "end_date": "2026-01-07",
            "recurrence": ["RRULE:FREQ=WEEKLY"]
        });
        let made = client.post("/api/events/", &body).await.is(201);
        let at = format!("/api/events/{}/occurrences/20260119/?range=following", made["id"]);
        let change = json!({ "start_date": "2026-01-20", "end_date": "2026-01-21" });
        let rest = client.patch(&at, &change).await.is(200);
        assert_eq!((&rest["start_date"], &rest["end_date"]), (&json!("2026-01-20"), &json!("2026-01-21")));
        let window = "?start=2026-01-01T00:00:00Z&end=2026-02-15T00:00:00Z&expand=true";
        let listed = client.get(&format!("/api/events/{window}")).await.is(200);
        let dates: Vec<&Value> = listed.as_array().unwrap().iter().map(|it| &it["start_date"]).collect();
        assert_eq!(dates, ["2026-01-05", "2026-01-12", "2026-01-20", "2026-01-27", "2026-02-03", "2026-02-10"]);
    })
    .await;
}

#[tokio::test]
async fn an_event_becomes_all_day_and_a_series_with_its_rule() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let body = json!({ "title": "x", "start_time": "2026-03-27T09:00:00", "end_time": "2026-03-27T10:00:00" });
        let made = client.post("/api/events/", &body).await.is(201);
        let path = format!("/api/events/{}/", made["id"]);
        client.patch(&path, &json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"] })).await.is(200);
        let days = client.patch(&path, &json!({ "all_day": true, "start_date": "2026-03-28" })).await.is(200);
        assert_eq!((&days["all_day"], &days["recurrence"]), (&json!(true), &json!(["RRULE:FREQ=DAILY;COUNT=3"])));
        assert_eq!(shown(&client, &path).await, ["03-27 23:00 x", "03-28 23:00 x", "03-29 22:00 x"]);
    })
    .await;
}
