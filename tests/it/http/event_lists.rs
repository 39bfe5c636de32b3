//! `GET /api/events/`: windows, filters, occurrences in place of series, and pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client::Client;
use super::server::on_both;

const EVENTS: &str = "/api/events/";

async fn add(client: &Client, title: &str, start: &str, end: &str, more: Value) -> Value {
    let mut body = json!({ "title": title, "start_time": start, "end_time": end });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    client.post(EVENTS, &body).await.is(201)
}

fn titles(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|event| event["title"].as_str().unwrap()).collect()
}

async fn listed(client: &Client, query: &str) -> Vec<String> {
    titles(&client.get(&format!("{EVENTS}{query}")).await.is(200)).into_iter().map(str::to_owned).collect()
}

/// Every entry of every page, and the sizes of the pages.
async fn walk(client: &Client, first: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut path, mut all, mut sizes) = (Some(first.to_owned()), Vec::new(), Vec::new());
    while let Some(here) = path {
        let answer = client.get(&here).await;
        let page = answer.is(200).as_array().unwrap().clone();
        sizes.push(page.len());
        all.extend(page);
        path = answer.next();
    }
    (all, sizes)
}

#[tokio::test]
async fn a_window_is_half_open() {
    on_both(async |server| {
        let client = server.user("alice").await;
        add(&client, "before", "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z", json!({})).await;
        add(&client, "across", "2026-01-05T08:30:00Z", "2026-01-05T09:30:00Z", json!({})).await;
        add(&client, "inside", "2026-01-05T09:10:00Z", "2026-01-05T09:20:00Z", json!({})).await;
        add(&client, "after", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z", json!({})).await;
        add(&client, "around", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", json!({})).await;
        let window = "?start=2026-01-05T09:00:00Z&end=2026-01-05T10:00:00Z";
        assert_eq!(listed(&client, window).await, ["around", "across", "inside"]);
        assert_eq!(listed(&client, &format!("{window}&expand=true")).await, ["around", "across", "inside"]);
        assert_eq!(listed(&client, "?start=2026-01-05T09:30:00Z").await, ["around", "after"]);
        assert_eq!(listed(&client, "?end=2026-01-05T08:30:00Z").await, ["around", "before"]);
        assert_eq!(listed(&client, "").await, ["around", "before", "across", "inside", "after"]);
        // A `+` in a query is a blank: an offset has to be escaped.
        assert_eq!(
            listed(&client, "?start=2026-01-05T11:00:00%2B01:00&end=2026-01-05T10:30:00Z").await,
            ["around", "after"]
        );
    })
    .await;
}

#[tokio::test]
async fn series_are_found_by_their_occurrences() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let weekly = json!({ "recurrence": ["RRULE:FREQ=WEEKLY", "EXDATE:20260119T080000Z"] });
        add(&client, "weekly", "2026-01-05T09:00:00", "2026-01-05T10:00:00", weekly).await;
        let window = |from: &str, to: &str| format!("?start={from}&end={to}");
        for (from, to, found) in [
            ("2026-01-05T00:00:00", "2026-01-06T00:00:00", true),
            ("2026-01-06T00:00:00", "2026-01-12T00:00:00", false),
            ("2026-01-12T09:59:59", "2026-01-12T23:00:00", true),
            ("2026-01-12T10:00:00", "2026-01-18T00:00:00", false),
            ("2026-01-19T00:00:00", "2026-01-20T00:00:00", false),
            ("2036-01-07T09:30:00", "2036-01-07T09:31:00", true),
            ("2025-12-01T00:00:00", "2026-01-05T09:00:00", false),
        ] {
            let query = window(from, to);
            assert_eq!(listed(&client, &query).await.len(), usize::from(found), "{query}");
            assert_eq!(listed(&client, &format!("{query}&expand=true")).await.len(), usize::from(found), "{query}");
        }
        let expanded = client
            .get(&format!("{EVENTS}{}&expand=true", window("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")))
            .await;
        let expanded = expanded.is(200);
        let ids: Vec<&Value> = expanded.as_array().unwrap().iter().map(|event| &event["recurrence_id"]).collect();
        assert_eq!(ids, ["20260105T080000Z", "20260112T080000Z", "20260126T080000Z"]);
        let series =
            client.get(&format!("{EVENTS}{}", window("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"))).await.is(200);
        assert!(series[0].get("recurrence_id").is_none());
        client.get("/api/events/?expand=true&start=2026-01-01T00:00:00Z").await.names("end");
        client.get("/api/events/?expand=true&end=2026-01-01T00:00:00Z").await.names("start");
        client.get("/api/events/?start=2026-01-01T00:00:00Z&end=2026-01-01T00:00:00Z").await.names("end");
    })
    .await;
}

/// An override that moved is found where it is, and not where it was.
#[tokio::test]
async fn overrides_are_found_where_they_are() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let rule = json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"] });
        let made = add(&client, "daily", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z", rule).await;
        let second = format!("{EVENTS}{}/occurrences/20260106T090000Z/", made["id"]);
        let change = json!({ "title": "moved", "start_time": "2026-06-01T09:00:00Z", "end_time": "2026-06-01T10:00:00Z", "event_type": "free" });
        client.patch(&second, &change).await.is(200);
        let january = "?start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z&expand=true";
        let june = "?start=2026-06-01T00:00:00Z&end=2026-07-01T00:00:00Z&expand=true";
        assert_eq!(listed(&client, january).await, ["daily", "daily"]);
        assert_eq!(listed(&client, june).await, ["moved"]);
        assert_eq!(listed(&client, &format!("{june}&event_type=busy")).await, [""; 0]);
        assert_eq!(listed(&client, &format!("{june}&event_type=free")).await, ["moved"]);
        assert_eq!(listed(&client, "?start=2026-06-01T00:00:00Z&end=2026-07-01T00:00:00Z").await, ["daily"]);
    })
    .await;
}

#[tokio::test]
async fn the_filters() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let work = client.post("/api/calendars/", &json!({ "name": "Work" })).await.is(201);
        let at = ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z");
        add(&client, "Größe 100% ready_now", at.0, at.1, json!({ "calendar_id": work["id"] })).await;
        add(&client, "b", at.0, at.1, json!({ "description": "About the BUDGET; all of it", "event_type": "free" }))
            .await;
        add(&client, "c", at.0, at.1, json!({ "location": "Café, 2nd floor" })).await;
        let only_c = ["c".to_owned()];
        for (query, expected) in [
            (format!("?calendar_id={}", work["id"]), &["Größe 100% ready_now"][..]),
            ("?q=gr%C3%96SSE".to_owned(), &[]),
            ("?q=GR%C3%96%C3%9FE".to_owned(), &["Größe 100% ready_now"]),
            ("?q=budget".to_owned(), &["b"]),
            ("?q=caf%C3%A9,".to_owned(), &["c"]),
            ("?q=100%25".to_owned(), &["Größe 100% ready_now"]),
            ("?q=%25".to_owned(), &["Größe 100% ready_now"]),
            ("?q=y_n".to_owned(), &["Größe 100% ready_now"]),
            ("?q=_".to_owned(), &["Größe 100% ready_now"]),
            ("?q=%5C".to_owned(), &[]),
            ("?q=".to_owned(), &["Größe 100% ready_now", "b", "c"]),
            ("?q=ab+out".to_owned(), &[]),
            ("?q=about+the".to_owned(), &["b"]),
            ("?event_type=free".to_owned(), &["b"]),
            ("?event_type=busy&q=2nd".to_owned(), &["c"]),
        ] {
            assert_eq!(listed(&client, &query).await, expected, "{query}");
            let expanded = format!("{query}&expand=true&start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z");
            assert_eq!(listed(&client, &expanded).await, expected, "{expanded}");
        }
        assert_eq!(listed(&client, "?q=floor").await, only_c);
        client.get("/api/events/?calendar_id=999999").await.is(404);
    })
    .await;
}

#[tokio::test]
async fn pages_together_are_the_whole_list() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for index in 0..7 {
            let day = 5 + index / 3; // several at the same instant
            let (start, end) = (format!("2026-01-{day:02}T09:00:00Z"), format!("2026-01-{day:02}T10:00:00Z"));
            add(&client, &format!("e{index}"), &start, &end, json!({ "location": "a & b" })).await;
        }
        let rule = json!({ "recurrence": ["RRULE:FREQ=HOURLY;COUNT=20"], "location": "a & b" });
        let series = add(&client, "series", "2026-01-05T09:00:00Z", "2026-01-05T09:30:00Z", rule).await;
        let window = "start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z";
        let occurrences = format!("{EVENTS}{}/occurrences/", series["id"]);
        for (path, count) in [
            (format!("{EVENTS}?q=a+%26+b"), 8),
            (format!("{EVENTS}?{window}"), 8),
            (format!("{EVENTS}?{window}&expand=true&q=a%20%26%20b"), 27),
            (format!("{occurrences}?{window}"), 20),
        ] {
            let (whole, sizes) = walk(&client, &path).await;
            assert_eq!(sizes, [count], "{path}");
            for limit in [1, 3, count - 1, count, count + 1] {
                let (paged, sizes) = walk(&client, &format!("{path}&limit={limit}")).await;
                assert_eq!(paged, whole, "{path} limit {limit}");
                assert!(sizes[..sizes.len() - 1].iter().all(|size| *size == limit), "{sizes:?}");
                assert_eq!(sizes.len(), count.div_ceil(limit));
            }
            let key = |event: &Value| (event["id"].to_string(), event["recurrence_id"].to_string());
            assert_eq!(whole.iter().map(key).collect::<BTreeSet<_>>().len(), count);
            let starts: Vec<&str> = whole.iter().map(|event| event["start_time"].as_str().unwrap()).collect();
            assert!(starts.is_sorted(), "{starts:?}");
        }
        for cursor in ["x", "%00", "MS4y", "AAAA", "MC4wLjA.", ""] {
            client.get(&format!("{EVENTS}?cursor={cursor}")).await.names("cursor");
        }
        for limit in ["0", "5001", "-1", "x", "1.5", ""] {
            client.get(&format!("{EVENTS}?limit={limit}")).await.names("limit");
        }
    })
    .await;
}

/// A page goes on where the last one ended, whatever was added or deleted meanwhile.
#[tokio::test]
async fn a_page_goes_on_after_a_change() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let mut ids = Vec::new();
        for day in 5..9 {
            let (start, end) = (format!("2026-01-{day:02}T09:00:00Z"), format!("2026-01-{day:02}T10:00:00Z"));
            ids.push(add(&client, &format!("e{day}"), &start, &end, json!({})).await["id"].clone());
        }
        let first = client.get("/api/events/?limit=2").await;
        assert_eq!(titles(&first.is(200)), ["e5", "e6"]);
        client.delete(&format!("{EVENTS}{}/", ids[1])).await.is(204);
        add(&client, "early", "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", json!({})).await;
        let second = client.get(&first.next().unwrap()).await;
        assert_eq!(titles(&second.is(200)), ["e7", "e8"]);
        assert_eq!(second.next(), None);
    })
    .await;
}

#[tokio::test]
async fn too_many_occurrences_are_an_error_and_never_a_shorter_list() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let rule = json!({ "recurrence": ["RRULE:FREQ=MINUTELY"] });
        let made = add(&client, "ticks", "2026-01-01T00:00:00Z", "2026-01-01T00:00:30Z", rule).await;
        let decade = "?start=2026-01-01T00:00:00Z&end=2036-01-01T00:00:00Z";
        client.get(&format!("{EVENTS}{decade}&expand=true")).await.names("end");
        client.get(&format!("{EVENTS}{}/occurrences/{decade}", made["id"])).await.names("end");
        assert_eq!(listed(&client, decade).await, ["ticks"]);
        let day = "?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z&expand=true&limit=5000";
        assert_eq!(listed(&client, day).await.len(), 1440);
    })
    .await;
}
