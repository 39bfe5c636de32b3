//! The index of an event: what lists and searches find without reading the object. It can be made again from the object
//! at any time.

use super::EventError;
use crate::freebusy::{BusySource, BusyState, Status, Transparency};
use crate::ical::{CalendarObject, VEvent};
use crate::limits::Limits;
use crate::recurrence::{RecurrenceSet, Work};
use crate::storage::LastEnd;
use crate::storage::events::{Blocks, EventIndex, EventRow};
use crate::time::DateOrTime;

/// The index of an object.
///
/// # Errors
/// A bound of `limits` that its series exceeds, or a property that cannot be read.
pub(super) fn of(object: &CalendarObject, limits: &Limits) -> Result<EventIndex, EventError> {
    let (mut index, _) = of_many(object, limits, &mut Work::once(limits))?;
    index.search_text = search_text(&object.representative(), &index.title);
    Ok(index)
}

/// The index of one of the objects of a file, which have the steps of `work` together, and what that was made from. It is
/// without the text that is searched, since a file's events are all in memory: [`complete`] adds it.
///
/// # Errors
/// As [`of`].
pub(super) fn of_many(
    object: &CalendarObject,
    limits: &Limits,
    work: &mut Work,
) -> Result<(EventIndex, RecurrenceSet), EventError> {
    let source = object.busy_source_within(limits, work)?;
    let head = object.representative();
    let bounds = source.set.bounds();
    let title = head.summary().unwrap_or_default();
    let index = EventIndex {
        first_start: bounds.first_start,
        last_end: bounds.last_end.map_or(LastEnd::Endless, LastEnd::At),
        blocks: source.states.first().map_or(Blocks::Busy, blocks),
        transparent: head.transparency() == Transparency::Transparent,
        sequence: head.sequence(),
        source: if is_plain(&source) { None } else { Some(as_json(&source)?) },
        title,
        search_text: String::new(),
    };
    Ok((index, source.set))
}

/// Adds the text that is searched to a row that has none.
pub(super) fn complete(row: &mut EventRow) {
    if let (true, Ok(object)) = (row.index.search_text.is_empty(), CalendarObject::from_text(&row.object)) {
        row.index.search_text = search_text(&object.representative(), &row.index.title);
    }
}

fn search_text(head: &VEvent<'_>, title: &str) -> String {
    let texts = [Some(title.to_owned()), head.description(), head.location()];
    texts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase()
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
    let exceptions = !set.exdates.is_empty() || !set.exrules.is_empty();
    let single = set.rules.is_empty() && set.rdates.is_empty() && !exceptions && set.overrides.is_empty();
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
