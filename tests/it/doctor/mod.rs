//! What there is to say of a file, in words that a person can act on, and the file as it is understood.

mod cli;
mod findings;
mod kept;
mod repaired;
mod subscriptions;

use std::io::Read;

use bytes::Bytes;
use convene::events;
use convene::ical::{Diagnosis, Finding};
use convene::limits::Limits;
use convene::time::Zone;

/// What is said of a file that goes into a calendar in UTC, and the file as it is understood.
fn examined(file: impl Into<Vec<u8>>) -> (Diagnosis, String) {
    let bytes = Bytes::from(file.into());
    let (diagnosis, repaired) = events::examine(bytes, &Zone::utc(), &Limits::default()).unwrap();
    let mut text = String::new();
    repaired.reader().read_to_string(&mut text).unwrap();
    (diagnosis, text)
}

/// `repaired uid: the event has no UID; one is made from its content`
fn said(finding: &Finding) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let severity = word(serde_json::to_value(finding.severity).unwrap());
    let kind = word(serde_json::to_value(finding.kind).unwrap());
    format!("{severity} {kind}: {}", finding.sentence())
}

/// A VCALENDAR of these lines.
fn calendar(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{}\r\nEND:VCALENDAR\r\n", lines.join("\r\n"))
}

/// A sound event but for these lines, which take the place of those with the same names.
fn event(lines: &str) -> String {
    let mut all = vec!["UID:it", "DTSTAMP:20260101T000000Z", "SUMMARY:Review", "DTSTART:20260105T090000Z"];
    let name = |line: &str| line.split([';', ':']).next().unwrap().to_ascii_uppercase();
    let own: Vec<&str> = lines.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect();
    all.retain(|line| !own.iter().any(|own| name(own) == name(line)));
    // `UID-` takes the line away.
    let own = own.into_iter().filter(|line| !line.ends_with('-'));
    all.retain(|line| !lines.contains(&format!("{}-", name(line))));
    let all: Vec<&str> = all.into_iter().chain(own).collect();
    format!("BEGIN:VEVENT\n{}\nEND:VEVENT\n", all.join("\n"))
}
