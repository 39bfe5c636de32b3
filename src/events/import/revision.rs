//! Which of two versions of an event is the newer one (RFC 5546 section 2.1.5).

use super::prepare::Candidate;
use crate::events::EventError;
use crate::ical::{CalendarObject, VEvent};
use crate::storage::events::Known;
use crate::time::Timestamp;

/// The state of an object among its versions, in their order: SEQUENCE of the master, which alone says that a series is
/// planned anew; then when any part was last changed (LAST-MODIFIED, or DTSTAMP where there is none); then DTSTAMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    sequence: i64,
    modified: Option<Timestamp>,
    stamped: Option<Timestamp>,
}

/// What a file's version is to the one in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes its place.
    Newer,
    /// The very same.
    Same,
    /// It does not count any more.
    Older,
}

impl Revision {
    /// The revision of an object.
    pub fn of(object: &CalendarObject) -> Self {
        let parts: Vec<VEvent<'_>> = object.components().iter().map(VEvent::of).collect();
        Self {
            sequence: parts.first().map_or(0, VEvent::sequence),
            modified: parts.iter().filter_map(|part| part.last_modified().or(part.dtstamp())).max(),
            stamped: parts.iter().filter_map(VEvent::dtstamp).max(),
        }
    }
}

/// Compares a file's version with the calendar's.
///
/// Other content of the same revision is newer: every change that is made here gets new stamps, so such a file was
/// changed by hand, or by a program that keeps no stamps, and whoever imports it wants what it says.
///
/// # Errors
/// `Damaged`: the stored object cannot be read.
pub fn compare(candidate: &Candidate, known: &Known) -> Result<Verdict, EventError> {
    if candidate.row.object == known.object {
        return Ok(Verdict::Same);
    }
    let [before, after] = [&known.object, &candidate.row.object].map(|text| CalendarObject::from_text(text));
    Ok(if Revision::of(&after?) < Revision::of(&before?) { Verdict::Older } else { Verdict::Newer })
}
