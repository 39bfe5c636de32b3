//! Exports that are sent while they are made.

use std::fmt::Write;

use convene::accounts;
use convene::events::{self, EventError, Export, Exported};
use convene::ical::{ReadContext, read};
use convene::limits::Limits;
use convene::time::Zone;
use reqwest::Response;
use serde_json::json;

use super::{calendar, counts, export, import};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on_both};

/// Far more than is made at once, and than a connection holds on its way.
pub const EVENTS: usize = 24;

/// So many events of a megabyte each, in several zones.
fn large(events: usize) -> String {
    let mut file = String::new();
    for number in 0..events {
        let (zone, words) = (["Europe/Berlin", "America/New_York", "Asia/Tokyo"][number % 3], "word ".repeat(200_000));
        let start = format!("DTSTART;TZID={zone}:20260{}05T090000", number % 9 + 1);
        writeln!(
            file,
            "BEGIN:VEVENT\nUID:{number}\nDTSTAMP:20260101T000000Z\n{start}\nDESCRIPTION:{words}.\nEND:VEVENT"
        )
        .unwrap();
    }
    calendar(&file)
}

pub async fn fill(client: &Client, events: usize) {
    assert_eq!(counts(&import(client, large(events)).await), [events as u64, 0, 0, 0]);
}

/// The UIDs in a stream, which must be a whole calendar.
#[track_caller]
pub fn uids(text: &str) -> Vec<String> {
    let (zone, limits) = (Zone::utc(), Limits::default());
    let read = read(text.as_bytes(), &ReadContext { calendar_zone: &zone, limits: &limits }).unwrap();
    assert_eq!((read.errors.len(), read.warnings.len()), (0, 0), "{:?} {:?}", read.errors, read.warnings);
    assert!(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    read.objects.into_iter().map(|read| read.uid).collect()
}

pub async fn begin(client: &Client, path: &str) -> Response {
    let response = client.stream(path).await;
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn a_long_export_is_whole_and_says_how_long_it_is() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        let response = begin(&ann, "/api/events/export/").await;
        let length = response.content_length().unwrap();
        assert_eq!(response.headers()["content-type"], "text/calendar; charset=utf-8");
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        let text = response.text().await.unwrap();
        assert_eq!(text.len() as u64, length);
        let expected: Vec<String> = (0..EVENTS).map(|number| number.to_string()).collect();
        assert_eq!(uids(&text), expected);
        assert_eq!(text.matches("BEGIN:VTIMEZONE").count(), 3);
        assert!(text.rfind("BEGIN:VTIMEZONE") < text.find("BEGIN:VEVENT"));
        assert_eq!(ann.with("if-none-match", tag).get("/api/events/export/").await.status, 304);
        let window = "/api/events/export/?start=2026-02-01T00:00:00Z&end=2026-06-01T00:00:00Z";
        let some: Vec<usize> = uids(&ann.get(window).await.text).iter().map(|uid| uid.parse().unwrap()).collect();
        assert!(some.len() > 8 && some.iter().all(|number| (1..=4).contains(&(number % 9))), "{some:?}");
    })
    .await;
}

#[tokio::test]
async fn a_short_export_says_how_long_it_is() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        fill(&ann, 1).await;
        let response = begin(&ann, "/api/events/export/").await;
        let length = response.content_length().unwrap();
        assert_eq!(response.text().await.unwrap().len() as u64, length);
    })
    .await;
}

#[tokio::test]
async fn all_of_an_export_is_of_one_moment() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        let mut response = begin(&ann, "/api/events/export/").await;
        let first = response.chunk().await.unwrap().unwrap();
        // What comes last is changed, and the first goes, while the reader is at the beginning.
        let listed = ann.get("/api/events/?limit=5000").await.is(200);
        let id = |uid: &str| listed.as_array().unwrap().iter().find(|event| event["uid"] == uid).unwrap()["id"].clone();
        let last = (EVENTS - 1).to_string();
        ann.patch(&format!("/api/events/{}/", id(&last)), &json!({ "title": "changed meanwhile" })).await.is(200);
        ann.delete(&format!("/api/events/{}/", id("0"))).await.is(204);
        let mut text = first.to_vec();
        while let Some(piece) = response.chunk().await.unwrap() {
            text.extend_from_slice(&piece);
        }
        let text = String::from_utf8(text).unwrap();
        assert_eq!(uids(&text).len(), EVENTS);
        assert!(!text.contains("changed meanwhile"));
        let after = export(&ann).await;
        assert_eq!(uids(&after).len(), EVENTS - 1);
        assert!(after.contains("changed meanwhile"));
    })
    .await;
}

#[tokio::test]
async fn readers_who_go_away_keep_nothing_back() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        for _ in 0..12 {
            let mut response = begin(&ann, "/api/events/export/").await;
            response.chunk().await.unwrap();
        }
        assert_eq!(uids(&export(&ann).await).len(), EVENTS);
    })
    .await;
}

/// A calendar that is cut off must not pass for a whole one.
#[tokio::test]
async fn an_export_whose_database_goes_away_breaks_off() {
    let server = TestServer::start(Kind::Postgres, Settings::default()).await;
    fill(&server.user("ann").await, EVENTS).await;
    let ann = accounts::acting_for(&server.app, "ann").await.unwrap();
    let exported = events::export(&server.app, &ann, &Export::default(), |_| false).await.unwrap();
    let Exported::Stream { mut text, .. } = exported else { panic!("{exported:?}") };
    assert!(text.next().await.unwrap().is_some());
    server.cut_off_database().await;
    let error = loop {
        match text.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the text came to an end as if it were whole"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, EventError::Storage(_)), "{error:?}");
    assert!(text.next().await.unwrap().is_none());
    server.stop().await;
}
