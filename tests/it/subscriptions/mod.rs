//! Subscriptions: the real server and a web server elsewhere, over HTTP, on each database, with a clock that stands still.

mod busy;
mod contents;
mod crowd;
mod failures;
mod manage;
mod moved;
mod names;
mod program;
mod round_trip;
mod schedule;
mod secrets;
mod storage;

use convene::metrics::Asked;
use convene::subscriptions::refresh_due;
use convene::time::SignedDuration;
use serde_json::{Value, json};

use crate::elsewhere::Elsewhere;
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on_both_with};

pub const SUBSCRIPTIONS: &str = "/api/subscriptions/";

/// May fetch from this machine.
pub const SETTINGS: Settings = Settings { arguments: &["--fetch-allow=127.0.0.0/8"], limits_logins: false };

/// Runs a test on each database, with a server elsewhere.
async fn with_elsewhere(test: impl AsyncFn(&TestServer, &Elsewhere)) {
    on_both_with(SETTINGS, async |server| test(server, &Elsewhere::start().await).await).await;
}

/// Subscribes, and answers the subscription.
async fn subscribe(client: &Client, url: &str) -> Value {
    client.post(SUBSCRIPTIONS, &json!({ "url": url })).await.is(201)
}

/// Subscribes to `/c.ics` elsewhere, and waits until it was asked.
async fn subscribed(server: &TestServer, client: &Client, elsewhere: &Elsewhere) -> Value {
    let made = subscribe(client, &elsewhere.url("/c.ics")).await;
    refresh(server).await;
    read(client, &made).await
}

/// Asks what is due; answers how many addresses that were.
async fn refresh(server: &TestServer) -> usize {
    refresh_due(&server.app).await.unwrap()
}

/// Lets an hour and the chance on top go by, and asks what is due.
async fn refresh_later(server: &TestServer) -> usize {
    server.clock.advance(SignedDuration::from_mins(66));
    refresh(server).await
}

fn path(subscription: &Value) -> String {
    format!("{SUBSCRIPTIONS}{}/", subscription["id"])
}

async fn read(client: &Client, subscription: &Value) -> Value {
    client.get(&path(subscription)).await.is(200)
}

/// All events of the subscription's calendar, as the API has them.
async fn events(client: &Client, subscription: &Value) -> Vec<Value> {
    let path = format!("/api/events/?calendar_id={}&limit=5000", subscription["calendar_id"]);
    client.get(&path).await.is(200).as_array().unwrap().clone()
}

async fn titles(client: &Client, subscription: &Value) -> Vec<String> {
    let mut titles: Vec<String> =
        events(client, subscription).await.iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

async fn ctag(client: &Client, subscription: &Value) -> Value {
    client.get(&format!("/api/calendars/{}/", subscription["calendar_id"])).await.is(200)["ctag"].clone()
}

/// How often an answer was read, and how many events were written so far.
fn counted(server: &TestServer) -> (u64, u64) {
    (server.app.metrics.subscriptions_read(), server.app.metrics.subscription_events_written())
}

/// Answers so far: unchanged, changed, failed.
fn answers(server: &TestServer) -> [u64; 3] {
    [Asked::Unchanged, Asked::Changed, Asked::Failed].map(|asked| server.app.metrics.subscriptions_asked(asked))
}

/// A calendar of these components.
fn calendar_of(components: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//elsewhere//\r\n{components}END:VCALENDAR\r\n")
}

/// An event of an hour.
fn event(uid: &str, start: &str, title: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20251201T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{title}\r\n\
         END:VEVENT\r\n"
    )
}

/// A calendar with an event at 9 on each of these days of January 2026.
fn days(days: &[u32]) -> String {
    let events =
        days.iter().map(|day| event(&format!("{day}@x"), &format!("202601{day:02}T090000Z"), &format!("Day {day}")));
    calendar_of(&events.collect::<String>())
}
