//! A file's bytes as rows for the database: no I/O, but too much work for the threads that answer requests.

use std::collections::HashSet;

use super::file::FileBytes;
use super::progress::{ImportPhase, ImportProgress};
use super::repaired::{RepairedFile, Repairing};
use crate::events::{EventError, index};
use crate::ical::{self, CalendarHead, EventPlace, FindingKind, Method, ReadCalendar, ReadContext, ReadObject, Remark};
use crate::ids::CalendarId;
use crate::limits::Limits;
use crate::recurrence::{RecurrenceSet, Work};
use crate::storage::events::{EventIndex, EventRow};
use crate::time::{Timestamp, Zone};

/// What a file comes to, before the calendar is looked at.
pub struct Prepared {
    pub candidates: Vec<Candidate>,
    /// What was read, without its objects.
    pub read: ReadCalendar,
    /// The candidates as a file; empty where that is not kept.
    pub repaired: RepairedFile,
    pub head: FileHead,
}

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHead {
    /// What it calls itself.
    pub name: Option<String>,
    /// How often it wants to be read again, in minutes.
    pub refresh_minutes: Option<i64>,
}

/// An object of the file.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its index is without the text that is searched, until it is written: see [`Candidate::into_row`].
    pub row: EventRow,
    pub fate: Fate,
    /// Its place among the VEVENTs of the file.
    pub index: usize,
    pub line: usize,
    /// Whose word it is.
    pub method: Method,
}

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The calendar stays as it is.
    Left,
    /// It goes into the calendar.
    Written,
    /// It takes the place of a copy of a meeting.
    OverCopy,
}

/// What a file is read for.
pub struct Context<'a> {
    pub limits: &'a Limits,
    pub zone: &'a Zone,
    pub calendar: CalendarId,
    pub now: Timestamp,
    /// Whether the file is also written anew.
    pub repairs: bool,
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
    let objects = std::mem::take(&mut read.objects);
    let mut sorting = Sorting::new(context, objects.len());
    for object in objects {
        sorting.take(object, &mut read)?;
        progress.advance(1);
    }
    read.errors.sort_by_key(|error| error.index);
    let repaired = sorting.repairing.map(|repairing| repairing.finish(&head(&read))).transpose().map_err(machine)?;
    let head = FileHead { name: read.name.clone(), refresh_minutes: read.refresh_minutes };
    Ok(Prepared { candidates: sorting.candidates, read, repaired: repaired.unwrap_or_default(), head })
}

/// Longer keys do not fit into the databases' indexes.
const LONGEST_UID: usize = 1000;

impl Candidate {
    fn new(read: ReadObject, index: EventIndex, context: &Context<'_>) -> Self {
        let (line, method, mut object) = (read.line, read.method, read.object.into_text());
        // All of a file's events are in memory at once.
        object.shrink_to_fit();
        let (calendar_id, updated_at) = (context.calendar, context.now);
        let place = read.index;
        let row = EventRow { calendar_id, uid: read.uid, object, index, updated_at };
        Self { row, fate: Fate::Left, index: place, line, method }
    }

    /// The row that is written.
    pub fn into_row(mut self) -> EventRow {
        index::complete(&mut self.row);
        self.row
    }

    /// Where it stands in the file.
    pub fn place(&self) -> EventPlace<'_> {
        EventPlace { index: self.index, line: self.line, uid: &self.row.uid, title: &self.row.index.title }
    }
}

/// The objects of a file on their way to the candidates.
struct Sorting<'a> {
    context: &'a Context<'a>,
    candidates: Vec<Candidate>,
    uids: HashSet<String>,
    repairing: Option<Repairing>,
    /// How many rules may yet be found to make no occurrence, or to take too long to tell.
    idle_left: usize,
    /// What is left to the series of the file together.
    work: Work,
}

impl<'a> Sorting<'a> {
    fn new(context: &'a Context<'a>, objects: usize) -> Self {
        Self {
            context,
            candidates: Vec::with_capacity(objects),
            uids: HashSet::with_capacity(objects),
            repairing: context.repairs.then(Repairing::new),
            idle_left: MOST_IDLE,
            work: Work::of_file(context.limits),
        }
    }

    fn take(&mut self, object: ReadObject, read: &mut ReadCalendar) -> Result<(), EventError> {
        let is_new = self.uids.insert(object.uid.clone());
        match self.index(&object, read) {
            Ok(index) if is_new => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.push(&object.object).map_err(machine)?;
                }
                self.candidates.push(Candidate::new(object, index, self.context));
            }
            Ok(_) => {
                let remark = Remark::error(FindingKind::Duplicate, "the UID stands on another event of the file");
                read.reject(&object, remark.advise(GIVE_UIDS));
            }
            Err(remark) => read.reject(&object, remark),
        }
        Ok(())
    }

    fn index(&mut self, read: &ReadObject, report: &mut ReadCalendar) -> Result<EventIndex, Remark> {
        let object = &read.object;
        if read.uid.len() > LONGEST_UID {
            let found = format!("the UID has more than {LONGEST_UID} bytes");
            return Err(Remark::error(FindingKind::Uid, found).advise(GIVE_UIDS));
        }
        let was_spent = self.work.is_spent();
        let (index, set) = index::of_many(object, self.context.limits, &mut self.work).map_err(|error| {
            let remark = unreadable(error);
            if !was_spent {
                return remark;
            }
            let found = format!("{}; or import it in a smaller file", remark.found);
            Remark::error(remark.kind, found).advise("Import the file in parts, or end the series by a date (UNTIL).")
        })?;
        if let Some(remark) = self.idle_rule(&set) {
            report.remark(read, remark);
        }
        Ok(index)
    }

    /// What there is to say of a series with a rule that makes nothing.
    fn idle_rule(&mut self, set: &RecurrenceSet) -> Option<Remark> {
        if set.rules.is_empty() || self.idle_left == 0 {
            return None;
        }
        // To write such a rule is refused after a longer search; here it is only told.
        let limits = Limits { recurrence_work: IDLE_WORK, ..self.context.limits.clone() };
        let found = set.idle_rule(&limits);
        self.idle_left -= usize::from(!matches!(found, Ok(None)));
        let rule: String = found.ok()??.to_string().chars().take(200).collect();
        let found = format!("the rule {rule} never makes an occurrence");
        let remark = Remark::note(FindingKind::Recurrence, found).so("the event takes place once, when it starts");
        Some(
            remark.advise(
                "Look which days the repetition is meant to fall on: there is no such day, as with 30 February.",
            ),
        )
    }
}

/// More rules without occurrences than anybody writes.
const MOST_IDLE: usize = 50;
/// Steps, of which a search for the first occurrence takes 32 times as many at the most.
const IDLE_WORK: usize = 2_000;

const GIVE_UIDS: &str = "Have the program that writes the file give each event a short UID of its own.";

/// Why an object cannot be taken in.
pub fn unreadable(error: EventError) -> Remark {
    let reason = match error {
        EventError::Damaged(reason) | EventError::TooManyOccurrences(reason) => reason,
        other => other.to_string(),
    };
    Remark::error(FindingKind::Recurrence, reason).advise("End the series by a date (UNTIL), or split it.")
}

/// What the file says of the calendar as a whole.
fn head(read: &ReadCalendar) -> CalendarHead<'_> {
    CalendarHead {
        name: read.name.as_deref(),
        description: read.description.as_deref(),
        refresh_minutes: read.refresh_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        ..CalendarHead::default()
    }
}

fn machine(error: std::io::Error) -> EventError {
    EventError::Machine(error.to_string())
}
