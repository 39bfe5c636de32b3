//! Published feeds: the real server, over HTTP, on each database, with a clock that stands still.

mod access;
mod apps;
mod blocks;
mod busy;
mod conditional;
mod contents;
mod readers;
mod storage;

use convene::time::SignedDuration;
use serde_json::{Value, json};

use crate::http::client::{Answer, Client};
use crate::http::server::TestServer;

pub const FEEDS: &str = "/api/feeds/";

/// Publishes, and answers the feed with its address.
async fn publish(client: &Client, body: Value) -> Value {
    client.post(FEEDS, &body).await.is(201)
}

/// A feed of everything.
async fn publish_full(client: &Client) -> String {
    path(&publish(client, json!({ "name": "All of it" })).await)
}

/// A feed that tells when its owner is busy.
async fn publish_busy(client: &Client) -> String {
    path(&publish(client, json!({ "name": "Busy", "detail": "busy" })).await)
}

/// The path of a feed's address.
fn path(feed: &Value) -> String {
    let url = feed["url"].as_str().unwrap();
    url[url.find("/feeds/").unwrap()..].to_owned()
}

async fn make(client: &Client, event: Value) -> Value {
    client.post("/api/events/", &event).await.is(201)
}

fn meeting(title: &str) -> Value {
    json!({ "title": title, "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" })
}

/// The text of a feed, unfolded.
#[track_caller]
fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:#?}");
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    answer.text.replace("\r\n ", "")
}

async fn read(client: &Client, path: &str) -> String {
    text(&client.get(path).await)
}

/// The events of a calendar: the lines of each, sorted, without what tells the time of writing.
fn events(text: &str) -> Vec<Vec<&str>> {
    let blocks = text.split("BEGIN:VEVENT\r\n").skip(1);
    blocks
        .map(|block| {
            let lines = block.split("\r\n").take_while(|line| *line != "END:VEVENT");
            let mut lines: Vec<&str> = lines.filter(|line| !line.starts_with("DTSTAMP:")).collect();
            lines.sort_unstable();
            lines
        })
        .collect()
}

/// The values of a property, in the order of the text.
fn values<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':');
    text.split("\r\n").filter_map(value).collect()
}

fn advance(server: &TestServer, seconds: i64) {
    server.clock.advance(SignedDuration::from_secs(seconds));
}
