//! `/api/events/{id}/occurrences/`: one occurrence of a series, or it and all after it.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::server::on_both;

/// Ten mornings in Berlin from 23 March 2026 on; the clocks go forward before the seventh.
fn daily() -> Value {
    json!({
        "title": "Stand-up",
        "start_time": "2026-03-23T09:00:00",
        "end_time": "2026-03-23T09:15:00",
        "timezone": "Europe/Berlin",
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=10"]
    })
}

struct Series<'a> {
    client: &'a Client,
    path: String,
    event: Value,
}

impl<'a> Series<'a> {
    async fn make(client: &'a Client, body: &Value) -> Self {
        let event = client.post("/api/events/", body).await.is(201);
        Self { client, path: format!("/api/events/{}/", event["id"]), event }
    }

    fn at(&self, recurrence_id: &str) -> String {
        format!("{}occurrences/{recurrence_id}/", self.path)
    }

    async fn occurrences(&self) -> Vec<Value> {
        let listed = self.client.get(&format!("{}occurrences/", self.path)).await.is(200);
        listed.as_array().unwrap().clone()
    }

    async fn starts(&self) -> Vec<String> {
        starts(&self.occurrences().await)
    }
}

fn starts(occurrences: &[Value]) -> Vec<String> {
    occurrences.iter().map(|it| it["start_time"].as_str().unwrap().to_owned()).collect()
}

/// The starts of the ten mornings.
fn mornings() -> Vec<String> {
    let day = |day: i32| if day > 31 { format!("2026-04-{:02}", day - 31) } else { format!("2026-03-{day}") };
    (23..33).map(|d| format!("{}T{}:00:00Z", day(d), if d < 29 { "08" } else { "07" })).collect()
}

fn without(mut all: Vec<String>, indexes: &[usize]) -> Vec<String> {
    let mut index = 0;
    all.retain(|_| {
        index += 1;
        !indexes.contains(&(index - 1))
    });
    all
}

#[tokio::test]
async fn occurrences_keep_their_wall_clock() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        let listed = series.occurrences().await;
        assert_eq!(starts(&listed), mornings());
        for (occurrence, start) in listed.iter().zip(mornings()) {
            let id = start.replace(['-', ':'], "");
            assert_eq!(occurrence["recurrence_id"], id);
            assert_eq!(occurrence["recurrence"], json!([]));
            for field in ["id", "calendar_id", "uid", "title", "timezone", "event_type", "status", "all_day"] {
                assert_eq!(occurrence[field], series.event[field], "{field}");
            }
        }
        let window = "?start=2026-03-24T08:15:00Z&end=2026-03-27T08:00:00Z";
        let some = client.get(&format!("{}occurrences/{window}", series.path)).await.is(200);
        assert_eq!(starts(some.as_array().unwrap()), mornings()[2..4], "half-open at both ends");
        client
            .get(&format!("{}occurrences/?start=2026-03-24T00:00:00Z&end=2026-03-24T00:00:00Z", series.path))
            .await
            .names("end");
    })
    .await;
}

#[tokio::test]
async fn one_occurrence_is_changed_and_keeps_its_name() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        let third = series.at("20260325T080000Z");
        let change =
            json!({ "title": "Late", "start_time": "2026-03-25T13:00:00Z", "end_time": "2026-03-25T14:00:00Z" });
        let changed = client.patch(&third, &change).await.is(200);
        assert_eq!(changed["recurrence_id"], "20260325T080000Z");
        assert_eq!((&changed["title"], &changed["start_time"]), (&json!("Late"), &json!("2026-03-25T13:00:00Z")));
        let listed = series.occurrences().await;
        assert_eq!(listed.len(), 10);
        assert_eq!(listed[2], changed);
        assert_eq!(listed[3]["title"], "Stand-up");
        client.patch(&third, &json!({ "location": "Here" })).await.is(200);
        let listed = series.occurrences().await;
        assert_eq!((&listed[2]["title"], &listed[2]["location"]), (&json!("Late"), &json!("Here")));

        let full = json!({ "title": "Anew", "start_time": "2026-03-25T08:00:00Z", "end_time": "2026-03-25T08:15:00Z" });
        let put = client.put(&third, &full).await.is(200);
        assert_eq!((&put["title"], &put["location"]), (&json!("Anew"), &json!("")));
        let event = client.get(&series.path).await.is(200);
        assert_eq!((&event["title"], &event["start_time"]), (&json!("Stand-up"), &series.event["start_time"]));
    })
    .await;
}

#[tokio::test]
async fn an_occurrence_stays_with_its_series() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let work = client.post("/api/calendars/", &json!({ "name": "Work" })).await.is(201);
        let series = Series::make(&client, &daily()).await;
        for range in ["", "?range=following"] {
            let third = format!("{}{range}", series.at("20260325T080000Z"));
            client.patch(&third, &json!({ "calendar_id": work["id"] })).await.names("calendar_id");
            client.patch(&third, &json!({ "uid": "another" })).await.names("uid");
        }
        client
            .patch(&series.at("20260325T080000Z"), &json!({ "recurrence": ["RRULE:FREQ=DAILY"] }))
            .await
            .names("recurrence");
        assert_eq!(client.get(&series.path).await.is(200), series.event);
    })
    .await;
}

#[tokio::test]
async fn one_occurrence_is_cancelled() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        client.patch(&series.at("20260326T080000Z"), &json!({ "title": "Special" })).await.is(200);
        for id in ["20260323T080000Z", "20260326T080000Z", "20260401T070000Z"] {
            client.delete(&series.at(id)).await.is(204);
            client.delete(&series.at(id)).await.is(404);
            client.patch(&series.at(id), &json!({ "title": "x" })).await.is(404);
        }
        assert_eq!(series.starts().await, without(mornings(), &[0, 3, 9]));
        let event = client.get(&series.path).await.is(200);
        assert_eq!(event["recurrence"].as_array().unwrap().len(), 4, "the rule and three EXDATEs: {event}");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_occurrence_is_not_found() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        let single = json!({ "title": "x", "start_time": "2026-03-23T08:00:00Z", "end_time": "2026-03-23T09:00:00Z" });
        let single = Series::make(&client, &single).await;
        let change = json!({ "title": "x" });
        for id in [
            "20260325T080001Z",
            "20260402T070000Z",
            "20260322T080000Z",
            "20260325",
            "nonsense",
            "20260325T080000Z%00",
            "%F0%9F%93%85",
            "99999999T999999Z",
        ] {
            client.patch(&series.at(id), &change).await.is(404);
            client.put(&series.at(id), &daily()).await.is(404);
            client.delete(&format!("{}?range=following", series.at(id))).await.is(404);
        }
        client.patch(&single.at("20260323T080000Z"), &change).await.is(404);
        client.patch(&series.at("20260325T090000"), &change).await.is(200);
        client.delete(&format!("{}?range=past", series.at("20260325T080000Z"))).await.names("range");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_following_ones_splits_the_series() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        client.patch(&series.at("20260324T080000Z"), &json!({ "title": "Early" })).await.is(200);
        client.patch(&series.at("20260330T070000Z"), &json!({ "location": "Garden" })).await.is(200);
        let fifth = format!("{}?range=following", series.at("20260327T080000Z"));
        let change = json!({ "title": "Afternoon", "start_time": "2026-03-27T15:00:00+01:00", "end_time": "2026-03-27T15:30:00+01:00" });
        let rest = client.patch(&fifth, &change).await.is(200);
        assert!(rest["id"] != series.event["id"] && rest["uid"] != series.event["uid"]);
        assert_eq!((&rest["title"], &rest["timezone"]), (&json!("Afternoon"), &json!("Europe/Berlin")));
        let first = series.occurrences().await;
        assert_eq!(starts(&first), mornings()[..4]);
        assert_eq!((&first[0]["title"], &first[1]["title"]), (&json!("Stand-up"), &json!("Early")));
        let path = format!("/api/events/{}/", rest["id"]);
        let rest = Series { client: &client, path, event: rest };
        let moved: Vec<String> = mornings()[4..].iter().map(|s| s.replace("T08", "T14").replace("T07", "T13")).collect();
        let listed = rest.occurrences().await;
        assert_eq!(listed.len(), 6);
        let others: Vec<usize> = (0..6).filter(|index| *index != 3).collect();
        for index in others {
            assert_eq!(listed[index]["start_time"], moved[index]);
        }
        let all = client.get("/api/events/?start=2026-03-01T00:00:00Z&end=2026-05-01T00:00:00Z&expand=true").await.is(200);
        assert_eq!(all.as_array().unwrap().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn what_was_read_of_an_occurrence_can_be_sent_back_for_the_following_ones() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for (id, rest) in [("20260327T080000Z", &mornings()[4..]), ("20260323T080000Z", &mornings()[..])] {
            for method in [Method::PUT, Method::PATCH] {
                let series = Series::make(&client, &daily()).await;
                let at = mornings().len() - rest.len();
                let read = series.occurrences().await[at].clone();
                let path = format!("{}?range=following", series.at(id));
                let event = client.send(method, &path, Some(&read)).await.is(200);
                let new = Series { client: &client, path: format!("/api/events/{}/", event["id"]), event };
                assert_eq!(new.event["title"], read["title"]);
                assert_eq!(new.starts().await, rest);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_following_ones_are_cancelled() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        client.delete(&format!("{}?range=following", series.at("20260327T080000Z"))).await.is(204);
        assert_eq!(series.starts().await, mornings()[..4]);
        client.delete(&format!("{}?range=following", series.at("20260323T080000Z"))).await.is(204);
        client.get(&series.path).await.is(404);
        assert_eq!(client.get("/api/events/").await.is(200), json!([]));
    })
    .await;
}

#[tokio::test]
async fn an_all_day_series_has_dates_for_names() {
    on_both(async |server| {
        let client = server.user_in("alice", "America/New_York").await;
        let body = json!({
            "title": "Off", "all_day": true, "start_date": "2026-03-07", "end_date": "2026-03-08",
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]
        });
        let series = Series::make(&client, &body).await;
        let listed = series.occurrences().await;
        let shown = |field: &str| listed.iter().map(|it| it[field].clone()).collect::<Vec<_>>();
        assert_eq!(shown("recurrence_id"), ["20260307", "20260308", "20260309"]);
        assert_eq!(shown("start_date"), ["2026-03-07", "2026-03-08", "2026-03-09"]);
        assert_eq!(shown("start_time"), ["2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"]);
        assert_eq!(shown("end_time"), ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-10T04:00:00Z"]);
        client
            .patch(&series.at("20260308"), &json!({ "start_date": "2026-03-12", "end_date": "2026-03-14" }))
            .await
            .is(200);
        client.delete(&series.at("20260307")).await.is(204);
        client.delete(&series.at("20260308T050000Z")).await.is(404);
        let listed = series.occurrences().await;
        let dates: Vec<&Value> = listed.iter().map(|it| &it["start_date"]).collect();
        assert_eq!(dates, ["2026-03-09", "2026-03-12"]);
    })
    .await;
}

/// A change of one occurrence is a change of the event.
#[tokio::test]
async fn a_change_of_an_occurrence_honours_the_events_tag() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let series = Series::make(&client, &daily()).await;
        let tag = client.get(&series.path).await.tag();
        let late = client.with("if-match", tag.clone());
        let changed = late.patch(&series.at("20260324T080000Z"), &json!({ "title": "y" })).await;
        changed.is(200);
        assert_ne!(changed.tag(), tag);
        assert_eq!(client.get(&series.path).await.tag(), changed.tag());
        for range in ["", "?range=following"] {
            let third = format!("{}{range}", series.at("20260325T080000Z"));
            late.patch(&third, &json!({ "title": "z" })).await.is(412);
            late.delete(&third).await.is(412);
        }
        client.with("if-match", changed.tag()).delete(&series.at("20260325T080000Z")).await.is(204);
        assert_eq!(series.starts().await, without(mornings(), &[2]));
    })
    .await;
}
