//! The index of an event: what lists and searches find without reading the object. It can be made again from the object
//! at any time.

use super::EventError;
use crate::freebusy::{BusySource, BusyState, Status, Transparency};
use crate::ical::CalendarObject;
use crate::limits::Limits;
use crate::recurrence::RecurrenceSet;
use crate::storage::LastEnd;
use crate::storage::events::{Blocks, EventIndex};
use crate::time::DateOrTime;

/// The index of an object.
///
/// # Errors
/// A bound of `limits` that its series exceeds, or a property that cannot be read.
pub(super) fn of(object: &CalendarObject, limits: &Limits) -> Result<EventIndex, EventError> {
    Ok(with_set(object, limits)?.0)
}

/// The index of an object, and what that was made from.
///
/// # Errors
/// As [`of`].
pub(super) fn with_set(object: &CalendarObject, limits: &Limits) -> Result<(EventIndex, RecurrenceSet), EventError> {
    let source = object.busy_source(limits)?;
    let head = object.representative();
    let bounds = source.set.bounds();
    let title = head.summary().unwrap_or_default();
    let texts = [Some(title.clone()), head.description(), head.location()];
    let index = EventIndex {
        first_start: bounds.first_start,
        last_end: bounds.last_end.map_or(LastEnd::Endless, LastEnd::At),
        blocks: source.states.first().map_or(Blocks::Busy, blocks),
        transparent: head.transparency() == Transparency::Transparent,
        sequence: head.sequence(),
        source: if is_plain(&source) { None } else { Some(as_json(&source)?) },
        title,
        search_text: texts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase(),
    };
    Ok((index, source.set))
}

/// What the JSON of an index says.
///
/// # Errors
/// [`EventError::Damaged`].
pub(super) fn source(json: &str) -> Result<BusySource, EventError> {
    serde_json::from_str(json).map_err(|error| EventError::Damaged(error.to_string()))
}

/// Whether first start, last end and [`Blocks`] say all: a single event at an instant, the same for everybody.
fn is_plain(source: &BusySource) -> bool {
    let set = &source.set;
    let single = set.rules.is_empty() && set.rdates.is_empty() && set.exdates.is_empty() && set.overrides.is_empty();
    let zoned = matches!(set.start, DateOrTime::Zoned { .. });
    single && zoned && set.has_master && source.states.iter().all(|state| state.declined_by.is_empty())
}

fn blocks(state: &BusyState) -> Blocks {
    match (state.transparency, state.status) {
        (Transparency::Transparent, _) | (_, Status::Cancelled) => Blocks::Nothing,
        (Transparency::Opaque, Status::Tentative) => Blocks::Tentative,
        (Transparency::Opaque, Status::Confirmed) => Blocks::Busy,
    }
}

fn as_json(source: &BusySource) -> Result<String, EventError> {
    serde_json::to_string(source).map_err(|error| EventError::Machine(error.to_string()))
}
