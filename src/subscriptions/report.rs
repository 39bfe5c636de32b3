//! What the reading of a feed found, as it is kept: bounded, whatever the feed.

use serde::{Deserialize, Serialize};

use super::SubscriptionError;
use crate::events::ImportReport;
use crate::ical::Diagnosis;

/// The report of a reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// What was found in the file.
    pub file: Diagnosis,
    /// How many events had other UIDs than at the reading before, and were known by what they say.
    pub renamed: usize,
    /// What of it the subscribers should know, in a sentence.
    pub notice: Option<String>,
    /// Where the calendar has moved to for good, as its server says.
    pub moved_to: Option<String>,
}

impl Reading {
    /// What its subscribers should know, in sentences.
    pub fn said(&self) -> Option<String> {
        let moved = self
            .moved_to
            .as_ref()
            .map(|url| format!("The calendar has moved for good: give the subscription its new address, {url}"));
        let said: Vec<&str> = self.notice.iter().chain(&moved).map(String::as_str).collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        // Numbers, texts and lists of these: there is nothing in it that JSON has no form for.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From what is kept.
    ///
    /// # Errors
    /// `Machine`: it is damaged.
    pub fn from_json(text: &str) -> Result<Self, SubscriptionError> {
        serde_json::from_str(text)
            .map_err(|error| SubscriptionError::Machine(format!("a stored report is damaged: {error}")))
    }
}

/// What of it the subscribers should know, in a sentence.
pub fn notice(report: &ImportReport) -> Option<String> {
    let first = report.errors.first()?;
    let (count, line, message) = (report.skipped, first.line, shortened(&first.message));
    let events =
        if count == 1 { "One event cannot be read".to_owned() } else { format!("{count} events cannot be read") };
    Some(format!("{events}; what was read of it before stays (line {line}: {message})."))
}

/// A message as a sentence.
pub fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

/// The beginning of a text that comes from elsewhere.
pub fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

const LONGEST: usize = 500;
