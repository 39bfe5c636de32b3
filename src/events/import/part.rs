//! What a file does to an event of the calendar where it has only a part of it, or no version of it at all.

use super::prepare::Candidate;
use super::revision::Revision;
use crate::events::{EventError, index};
use crate::ical::{CalendarObject, Method};
use crate::limits::Limits;
use crate::storage::events::Known;
use crate::time::Zone;

/// What becomes of a candidate beside the event that the calendar has.
pub enum Part {
    /// It is a whole version of the event.
    Whole,
    /// It is now the event of the calendar with what the file says put in; so many parts of the file are older than that.
    Merged(usize),
    /// It says nothing that the calendar keeps.
    Nothing,
}

/// Puts a part of an event into the whole of it: single occurrences (an invitation to one of them, or its cancellation)
/// leave the others alone, a cancellation leaves all but the status alone, and an attendee's answer leaves everything alone.
///
/// # Errors
/// The stored object cannot be read, or what comes out exceeds a bound.
pub fn put_together(
    candidate: &mut Candidate,
    known: &Known,
    zone: &Zone,
    limits: &Limits,
) -> Result<Part, EventError> {
    if candidate.method == Method::Answer {
        return Ok(Part::Nothing);
    }
    let said = CalendarObject::from_text(&candidate.row.object)?;
    if said.has_master() && candidate.method != Method::Cancellation {
        return Ok(Part::Whole);
    }
    let mut whole = CalendarObject::from_text(&known.object)?;
    let mut older = 0;
    if !said.has_master() {
        older = whole.take_overrides(&said, zone);
    } else if Revision::of(&said) < Revision::of(&whole) {
        return Ok(Part::Whole);
    } else {
        whole.cancel_like(&said);
    }
    candidate.row.index = index::of(&whole, limits)?;
    candidate.row.object = whole.to_text();
    Ok(Part::Merged(older))
}
