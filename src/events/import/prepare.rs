//! A file's bytes as rows for the database: no I/O, but too much work for the threads that answer requests.

use std::collections::HashSet;

use super::file::FileBytes;
use super::progress::{ImportPhase, ImportProgress};
use super::report::ImportReport;
use super::revision::Revision;
use crate::events::{EventError, index};
use crate::ical::{self, ComponentError, ReadContext, ReadObject};
use crate::ids::CalendarId;
use crate::limits::Limits;
use crate::recurrence::Work;
use crate::storage::events::{EventIndex, EventRow};
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
/// `Invalid`: it is no calendar data at all.
pub fn prepare(bytes: FileBytes, context: &Context<'_>, progress: &ImportProgress) -> Result<Prepared, EventError> {
    progress.enter(ImportPhase::Reading, 0);
    let wanted = ReadContext { calendar_zone: context.zone, limits: context.limits };
    let read = ical::read_pieces(bytes.into_pieces(), &wanted);
    let mut read = read.map_err(|error| EventError::field("file", error.to_string()))?;
    progress.enter(ImportPhase::Indexing, read.objects.len());
    let (mut candidates, mut uids) = (Vec::with_capacity(read.objects.len()), HashSet::new());
    let mut work = Work::of_file(context.limits);
    for object in std::mem::take(&mut read.objects) {
        let is_new = uids.insert(object.uid.clone());
        match index_of(&object, context.limits, &mut work) {
            Ok(index) if is_new => candidates.push(Candidate::new(object, index, context)),
            Ok(_) => read.errors.push(error(&object, "the UID stands on another event of the file".to_owned())),
            Err(message) => read.errors.push(error(&object, message)),
        }
        progress.advance(1);
    }
    read.errors.sort_by_key(|error| error.index);
    Ok(Prepared { candidates, report: ImportReport::of(read) })
}

/// Longer keys do not fit into the databases' indexes.
const LONGEST_UID: usize = 1000;

fn index_of(read: &ReadObject, limits: &Limits, work: &mut Work) -> Result<EventIndex, String> {
    if read.uid.len() > LONGEST_UID {
        return Err(format!("the UID has more than {LONGEST_UID} bytes"));
    }
    let was_spent = work.is_spent();
    index::of_many(&read.object, limits, work).map_err(|error| match error {
        EventError::TooManyOccurrences(reason) if was_spent => format!("{reason}; or import it in a smaller file"),
        EventError::Damaged(reason) | EventError::TooManyOccurrences(reason) => reason,
        other => other.to_string(),
    })
}

impl Candidate {
    fn new(read: ReadObject, index: EventIndex, context: &Context<'_>) -> Self {
        let (revision, line) = (Revision::of(&read.object), read.line);
        let (calendar_id, updated_at) = (context.calendar, context.now);
        let row = EventRow { calendar_id, uid: read.uid, object: read.object.into_text(), index, updated_at };
        Self { row, revision, line }
    }
}

fn error(read: &ReadObject, message: String) -> ComponentError {
    let uid: String = read.uid.chars().take(LONGEST_UID).collect();
    ComponentError { index: read.index, uid: Some(uid), line: read.line, message }
}
