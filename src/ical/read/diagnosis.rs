//! What a file was found to be, as it is kept and shown: bounded, and the same for a file that is imported and for one that is
//! subscribed to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ReadCalendar;
use super::finding::Finding;
use crate::ical::value::shorten;

/// The report about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnosis {
    /// How large the file is, unpacked.
    pub size_bytes: usize,
    /// PRODID: the program that wrote it.
    pub program: Option<String>,
    /// What it calls the calendar.
    pub calendar_name: Option<String>,
    /// The zone that it names for the whole calendar.
    pub timezone: Option<String>,
    /// METHOD.
    pub method: Option<String>,
    /// How often it wants to be fetched, in minutes.
    pub refresh_minutes: Option<i64>,
    /// How many components of each kind there are, by name.
    pub components: BTreeMap<String, usize>,
    /// VEVENTs that were read.
    pub events_read: usize,
    /// VEVENTs that could not be read.
    pub events_left_out: usize,
    /// Of those that were read, how many were repaired.
    pub events_repaired: usize,
    /// Of those that were read, for how many something was guessed.
    pub events_guessed: usize,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// How many more findings there were.
    pub findings_left_out: usize,
}

impl Diagnosis {
    /// The report about a file, once all is said of it; takes the findings out of `read`.
    pub fn of(read: &mut ReadCalendar) -> Self {
        let findings = std::mem::take(&mut read.findings);
        let left_out: BTreeSet<usize> = read.errors.iter().map(|error| error.index).collect();
        let (events_repaired, events_guessed) = findings.touched(&left_out);
        let (findings, findings_left_out) = findings.into_list();
        let events = read.components.get("VEVENT").copied().unwrap_or_default();
        Self {
            size_bytes: read.size_bytes,
            program: read.program.clone(),
            calendar_name: read.name.as_deref().map(shorten),
            timezone: read.timezone.as_ref().map(|zone| zone.name().to_owned()),
            method: read.method.as_deref().map(shorten),
            refresh_minutes: read.refresh_minutes,
            components: read.components.clone(),
            events_read: events.saturating_sub(left_out.len()),
            events_left_out: left_out.len(),
            events_repaired,
            events_guessed,
            findings,
            findings_left_out,
        }
    }

    /// One sentence for a person: `1,204 events were read; 3 were left out, 17 were repaired.`
    pub fn summary(&self) -> String {
        let read = match self.events_read {
            0 => "No event was read".to_owned(),
            1 => "1 event was read".to_owned(),
            many => format!("{} events were read", grouped(many)),
        };
        let parts: Vec<String> = [
            (self.events_left_out, "left out"),
            (self.events_repaired, "repaired"),
            (self.events_guessed, "partly guessed"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {} {what}", grouped(count), if count == 1 { "was" } else { "were" }))
        .collect();
        if parts.is_empty() {
            return if self.events_read == 0 {
                format!("{read}.")
            } else {
                format!("{read}; nothing had to be repaired.")
            };
        }
        format!("{read}; {}.", parts.join(", "))
    }
}

/// `1,204`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
