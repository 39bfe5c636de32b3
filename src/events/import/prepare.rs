//! A file's bytes as rows for the database: no I/O, but too much work for the threads that answer requests.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::progress::{ImportPhase, ImportProgress};
use super::report::ImportReport;
use super::revision::Revision;
use crate::events::{EventError, index};
use crate::ical::{self, ComponentError, ReadContext, ReadObject};
use crate::ids::CalendarId;
use crate::limits::Limits;
use crate::storage::events::EventRow;
use crate::time::{Timestamp, Zone};

/// What a file comes to, before the calendar is looked at.
pub struct Prepared {
    pub candidates: Vec<Candidate>,
    pub report: ImportReport,
}

/// An object of the file.
pub struct Candidate {
    pub row: EventRow,
    pub revision: Revision,
    /// Its place among the VEVENTs of the file.
    pub index: usize,
    pub line: usize,
}

/// What a file is read for.
pub struct Context<'a> {
    pub limits: &'a Limits,
    pub zone: &'a Zone,
    pub calendar: CalendarId,
    pub now: Timestamp,
}

/// Reads a file and makes the index of each of its objects.
///
/// # Errors
/// `Invalid`: it is no calendar data at all, or its series take too long to count.
pub fn prepare(bytes: Bytes, context: &Context<'_>, progress: &ImportProgress) -> Result<Prepared, EventError> {
    progress.enter(ImportPhase::Reading, 0);
    let read = ical::read(&bytes, &ReadContext { calendar_zone: context.zone, limits: context.limits });
    let mut read = read.map_err(|error| EventError::field("file", error.to_string()))?;
    drop(bytes);
    progress.enter(ImportPhase::Indexing, read.objects.len());
    let (mut candidates, mut uids) = (Vec::with_capacity(read.objects.len()), HashSet::new());
    let began = Instant::now();
    for object in std::mem::take(&mut read.objects) {
        if began.elapsed() > MOST_TIME {
            return Err(EventError::field("file", "has too many long series; import it in parts"));
        }
        let is_new = uids.insert(object.uid.clone());
        match candidate(&object, context) {
            Ok(candidate) if is_new => candidates.push(candidate),
            Ok(_) => read.errors.push(error(&object, "the UID stands on another event of the file".to_owned())),
            Err(message) => read.errors.push(error(&object, message)),
        }
        progress.advance(1);
    }
    read.errors.sort_by_key(|error| error.index);
    Ok(Prepared { candidates, report: ImportReport::of(read) })
}

/// A file whose series take longer to count is refused: ordinary ones of 100,000 events take a second.
const MOST_TIME: Duration = Duration::from_secs(60);

/// Longer keys do not fit into the databases' indexes.
const LONGEST_UID: usize = 1000;

fn candidate(read: &ReadObject, context: &Context<'_>) -> Result<Candidate, String> {
    let object = &read.object;
    if read.uid.len() > LONGEST_UID {
        return Err(format!("the UID has more than {LONGEST_UID} bytes"));
    }
    let index = index::of(object, context.limits).map_err(|error| match error {
        EventError::Damaged(reason) | EventError::TooManyOccurrences(reason) => reason,
        other => other.to_string(),
    })?;
    let row = EventRow {
        calendar_id: context.calendar,
        uid: read.uid.clone(),
        object: object.to_text(),
        index,
        updated_at: context.now,
    };
    Ok(Candidate { row, revision: Revision::of(object), index: read.index, line: read.line })
}

fn error(read: &ReadObject, message: String) -> ComponentError {
    let uid: String = read.uid.chars().take(LONGEST_UID).collect();
    ComponentError { index: read.index, uid: Some(uid), line: read.line, message }
}
