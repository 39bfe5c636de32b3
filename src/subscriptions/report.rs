//! What the reading of a feed found, as it is kept: bounded, whatever the feed.

use serde_json::{Value, json};

use crate::events::{Content, ImportReport};
use crate::ical::{ComponentError, Warning};

/// The report of a reading, as JSON.
pub fn json(content: &Content, bytes: usize) -> String {
    let report = &content.report;
    let (errors, warnings) = (&report.errors, &report.warnings);
    let left_out = warnings.len().saturating_sub(MOST) + report.warnings_left_out;
    let value = json!({
        "bytes": bytes,
        "events": content.len(),
        "errors": errors.iter().take(MOST).map(error).collect::<Vec<_>>(),
        "errors_left_out": errors.len().saturating_sub(MOST),
        "warnings": warnings.iter().take(MOST).map(warning).collect::<Vec<_>>(),
        "warnings_left_out": left_out,
        "ignored_components": report.ignored_components.iter().take(MOST).collect::<std::collections::BTreeMap<_, _>>(),
    });
    value.to_string()
}

/// What of it the subscribers should know, in a sentence.
pub fn notice(report: &ImportReport) -> Option<String> {
    let first = report.errors.first()?;
    let (count, line, message) = (report.errors.len(), first.line, shortened(&first.message));
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

fn error(error: &ComponentError) -> Value {
    let uid = error.uid.as_deref().map(shortened);
    json!({ "index": error.index, "uid": uid, "line": error.line, "message": shortened(&error.message) })
}

fn warning(warning: &Warning) -> Value {
    let uid = warning.uid.as_deref().map(shortened);
    json!({ "uid": uid, "line": warning.line, "message": shortened(&warning.message) })
}

const MOST: usize = 200;
const LONGEST: usize = 500;
