//! Files in and out, over HTTP and from the command line, on each database.

mod cli;
mod corpus;
mod crowd;
mod export;
mod files;
mod hostile;
mod import;
mod interop;
mod keeping;
mod parts;
mod progress;
mod streaming;
mod uploads;

use serde_json::Value;

pub use interop::python;

use crate::http::client::{Answer, Client};

/// Imports a file into the default calendar.
async fn import(client: &Client, file: impl Into<Vec<u8>>) -> Value {
    upload(client, "/api/events/import/", file).await.is(200)
}

async fn upload(client: &Client, path: &str, file: impl Into<Vec<u8>>) -> Answer {
    client.send_raw(reqwest::Method::POST, path, Some("text/calendar"), file.into()).await
}

/// The default calendar's events as a stream.
async fn export(client: &Client) -> String {
    let answer = client.get("/api/events/export/").await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    answer.text
}

/// `created updated unchanged skipped`.
fn counts(report: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "skipped"].map(|name| report[name].as_u64().unwrap())
}

/// A VCALENDAR of these lines, as a file.
fn calendar(lines: &str) -> String {
    let lines: String =
        lines.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{lines}\r\nEND:VCALENDAR\r\n")
}

/// One event of an hour.
fn event(uid: &str, more: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTART:20260105T090000Z\nDTEND:20260105T100000Z\n{more}\nEND:VEVENT\n")
}

/// The unfolded lines.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").replace("\n ", "").lines().map(str::to_owned).collect()
}
