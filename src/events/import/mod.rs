//! A file of foreign events into a calendar, in one transaction: what is broken is reported, the rest goes in.
//!
//! Which of two versions of an event stays is decided in `revision`, what is worth an error line in `prepare`; `repaired`
//! writes what was understood of the file.

mod copies;
mod file;
mod gate;
mod part;
mod prepare;
mod progress;
mod repaired;
mod report;
mod revision;

use std::sync::Arc;

pub use file::FileBytes;
pub use gate::{Admission, ImportGate};
pub use prepare::FileHead;
pub use progress::{ImportPhase, ImportProgress};
pub use repaired::RepairedFile;
pub use report::ImportReport;

use super::EventError;
use super::write::check_writable;
use crate::accounts::Writer;
use crate::app::App;
use crate::ical::{Diagnosis, FindingKind, ReadCalendar, Remark};
use crate::ids::{CalendarId, ImportId, UserId};
use crate::limits::Limits;
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::{self as stored, EventRow, Known};
use crate::storage::imports::{self, Counts, Keep, NewImport};
use crate::storage::meetings::TiedCopy;
use crate::time::{Timestamp, Zone};
use copies::Copies;
use part::Part;
pub(super) use prepare::Candidate;
use prepare::{Fate, Prepared, unreadable};
use revision::Verdict;

/// A file, and what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Into which calendar; by default the actor's default calendar.
    pub calendar_id: Option<CalendarId>,
    /// The file, whatever program wrote it: at most [`crate::limits::Limits::import_bytes`].
    pub bytes: FileBytes,
    /// Whether to report only, and to change nothing.
    pub dry_run: bool,
    /// How far it has come, for whoever watches.
    pub progress: Arc<ImportProgress>,
}

/// Takes the events of a file into a calendar, all in one transaction.
///
/// A UID that is new to the calendar is created. A known one is updated where the file's version is the newer one, or of
/// the same revision with other content; an older one is left as it is, with a warning. Nothing of the calendar changes,
/// its version included, where all is as it was. Over a copy of a meeting, a file does what its importer might do by hand.
/// What was said of the file is kept with it, and so is the file as it was understood; the latest few of each user.
///
/// # Errors
/// `Invalid` (`file`: no calendar data at all, too large, too slow to read), `NoSuchCalendar`, `ReadOnlyCalendar`,
/// `TooMany`.
pub async fn import(app: &App, actor: &Writer, import: Import) -> Result<ImportReport, EventError> {
    if import.bytes.len() > app.limits.import_bytes {
        return Err(EventError::field("file", format!("has more than {} bytes", app.limits.import_bytes)));
    }
    let (calendar, dry_run, progress) = (target(app, actor, &import).await?, import.dry_run, import.progress.clone());
    let prepared = prepared(app, &calendar, import).await?;
    let mut conn = if dry_run { app.db.read().await? } else { app.db.write().await? };
    let copies = copies::find(&mut conn, calendar.id, &prepared.candidates).await?;
    let locked = match dry_run {
        true => Vec::new(),
        false => copies::lock(&mut conn, actor.user.id, calendar.id, &copies).await?,
    };
    let Prepared { mut candidates, mut read, repaired, .. } = prepared;
    let place = Place { app, calendar: &calendar, copies: &copies };
    let mut report = sort_out(&mut conn, &place, &mut candidates, &mut read).await?;
    check_room(app, &mut conn, actor.user.id, report.created).await?;
    report.conclude(read);
    if dry_run {
        return Ok(report);
    }
    if candidates.iter().all(|candidate| candidate.fate == Fate::Left) {
        // The calendar's version must not change; what is kept of the file is all that there is to write.
        drop(conn);
        conn = app.db.write().await?;
    }
    let over_copies: Vec<Candidate> = candidates.extract_if(.., |candidate| candidate.fate == Fate::OverCopy).collect();
    put(&mut conn, candidates, &progress).await?;
    for Candidate { row, .. } in &over_copies {
        if let Some(copy) = copies.get(&row.uid) {
            copies::put(app, &mut conn, actor, (copy, &row.object, &locked)).await?;
        }
    }
    report.id = keep(app, &mut conn, (actor.user.id, calendar.id), (&report, &repaired)).await?;
    conn.commit().await?;
    Ok(report)
}

/// What there is to say of a file, and the file as it is understood; nothing is kept.
///
/// # Errors
/// `Invalid`, as [`import`].
pub fn examine(
    bytes: impl Into<FileBytes>,
    zone: &Zone,
    limits: &Limits,
) -> Result<(Diagnosis, RepairedFile), EventError> {
    let (calendar, now) = (CalendarId(0), Timestamp::UNIX_EPOCH);
    let context = prepare::Context { limits, zone, calendar, now, repairs: true };
    let mut prepared = prepare::prepare(bytes.into(), &context, &ImportProgress::default())?;
    Ok((Diagnosis::of(&mut prepared.read), prepared.repaired))
}

/// UIDs that are asked for, and rows that are written, between two signs of progress.
const AT_ONCE: usize = 500;

async fn target(app: &App, actor: &Writer, import: &Import) -> Result<Calendar, EventError> {
    let mut conn = app.db.read().await?;
    let found = match import.calendar_id {
        Some(id) => calendars::by_id(&mut conn, id).await?,
        None => calendars::default_of(&mut conn, actor.user.id).await?,
    };
    check_writable(found.as_ref(), actor.user.id)?;
    found.ok_or(EventError::NoSuchCalendar)
}

/// The file as rows, read on a thread of its own.
async fn prepared(app: &App, calendar: &Calendar, import: Import) -> Result<Prepared, EventError> {
    prepared_for(app, (calendar.id, &calendar.timezone), import).await
}

/// The file as rows for a calendar in a zone.
pub(super) async fn prepared_for(
    app: &App,
    (id, zone): (CalendarId, &Zone),
    import: Import,
) -> Result<Prepared, EventError> {
    let worker = app.imports.worker().await;
    let (limits, zone, now) = (app.limits.clone(), zone.clone(), app.clock.now());
    let repairs = !import.dry_run && limits.kept_imports > 0;
    let reading = tokio::task::spawn_blocking(move || {
        let _worker = worker;
        prepare::prepare(
            import.bytes,
            &prepare::Context { limits: &limits, zone: &zone, calendar: id, now, repairs },
            &import.progress,
        )
    });
    reading.await.map_err(|error| EventError::Machine(error.to_string()))?
}

/// Tells what is new, newer or known.
async fn sort_out(
    conn: &mut Conn,
    place: &Place<'_>,
    candidates: &mut [Candidate],
    read: &mut ReadCalendar,
) -> Result<ImportReport, EventError> {
    let mut report = ImportReport::default();
    for some in candidates.chunks_mut(AT_ONCE) {
        let uids: Vec<&str> = some.iter().map(|candidate| candidate.row.uid.as_str()).collect();
        let mut known = stored::known(conn, place.calendar.id, &uids).await?;
        known.sort_unstable_by(|a, b| a.uid.cmp(&b.uid));
        for candidate in some {
            let found = known.binary_search_by(|known| known.uid.cmp(&candidate.row.uid));
            let Some(before) = found.ok().and_then(|found| known.get(found)) else {
                report.created += 1;
                candidate.fate = Fate::Written;
                continue;
            };
            let copy = place.copies.get(&candidate.row.uid);
            let is_newer = judged((&mut report, read), candidate, (before, copy), place)?;
            candidate.fate = match copy {
                _ if !is_newer => Fate::Left,
                Some(_) => Fate::OverCopy,
                None => Fate::Written,
            };
        }
    }
    Ok(report)
}

/// Where an import goes.
struct Place<'a> {
    app: &'a App,
    calendar: &'a Calendar,
    /// The copies of meetings in it.
    copies: &'a Copies,
}

/// Counts a candidate for an event that the calendar has; answers whether it is to be written.
fn judged(
    (report, read): (&mut ImportReport, &mut ReadCalendar),
    candidate: &mut Candidate,
    (before, copy): (&Known, Option<&TiedCopy>),
    place: &Place<'_>,
) -> Result<bool, EventError> {
    match part::put_together(candidate, before, &place.calendar.timezone, &place.app.limits) {
        Ok(Part::Whole | Part::Merged(0)) => {}
        Ok(Part::Merged(_)) => read.warn(candidate.place(), newer_is_there("occurrence")),
        Ok(Part::Nothing) => {
            report.unchanged += 1;
            read.warn(candidate.place(), answer());
            return Ok(false);
        }
        Err(error) => {
            read.fail(candidate.place(), unreadable(error));
            return Ok(false);
        }
    }
    let verdict = revision::compare(candidate, before)?;
    if let Some(copy) = copy.filter(|_| verdict == Verdict::Newer)
        && let Some(reason) = copies::refused(place.calendar.user_id, copy, &before.object, &candidate.row.object)?
    {
        read.fail(candidate.place(), Remark::error(FindingKind::Method, reason).advise(ASK_ORGANIZER));
        return Ok(false);
    }
    match verdict {
        Verdict::Newer => report.updated += 1,
        Verdict::Same => report.unchanged += 1,
        Verdict::Older => {
            report.unchanged += 1;
            read.warn(candidate.place(), newer_is_there("event"));
        }
    }
    Ok(verdict == Verdict::Newer)
}

const ASK_ORGANIZER: &str = "Ask the organizer to move the meeting, or decline it.";

fn answer() -> Remark {
    Remark::note(FindingKind::Method, "this is what an attendee answers")
        .so("the calendar's version of the event stays")
}

fn newer_is_there(what: &str) -> Remark {
    Remark::note(FindingKind::Duplicate, format!("the calendar has a newer version of the {what}, which stays"))
        .advise("Import a newer export, or delete the event first if the file has the right version.")
}

/// Keeps what was said of the file, as far as the user's imports are kept at all.
async fn keep(
    app: &App,
    conn: &mut Conn,
    (user_id, calendar_id): (UserId, CalendarId),
    (report, repaired): (&ImportReport, &RepairedFile),
) -> Result<Option<ImportId>, EventError> {
    let keep = Keep { imports: app.limits.kept_imports, bytes: app.limits.kept_import_bytes };
    if keep.imports == 0 {
        imports::prune(conn, user_id, keep).await?;
        return Ok(None);
    }
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let diagnosis = serde_json::to_string(&report.diagnosis).map_err(|error| EventError::Machine(error.to_string()))?;
    let new = NewImport {
        user_id,
        calendar_id,
        created_at: app.clock.now(),
        size_bytes: number(report.diagnosis.size_bytes),
        counts: Counts {
            created: number(report.created),
            updated: number(report.updated),
            unchanged: number(report.unchanged),
            skipped: number(report.skipped),
        },
        report: &diagnosis,
        repaired: &repaired.0,
    };
    let id = imports::insert(conn, &new).await?;
    imports::prune(conn, user_id, keep).await?;
    Ok(Some(id))
}

async fn check_room(app: &App, conn: &mut Conn, user: UserId, created: usize) -> Result<(), EventError> {
    let most = app.limits.events_per_user;
    let count = usize::try_from(stored::count(conn, user).await?).unwrap_or(usize::MAX);
    if created > 0 && count.saturating_add(created) > most { Err(EventError::TooMany(most)) } else { Ok(()) }
}

async fn put(conn: &mut Conn, candidates: Vec<Candidate>, progress: &ImportProgress) -> Result<(), EventError> {
    let is_written = |candidate: &Candidate| candidate.fate == Fate::Written;
    progress.enter(ImportPhase::Storing, candidates.iter().filter(|candidate| is_written(candidate)).count());
    let mut rows = candidates.into_iter().filter(is_written).map(Candidate::into_row);
    loop {
        // What is written is let go.
        let some: Vec<EventRow> = rows.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        stored::upsert_all(conn, &some).await?;
        progress.advance(some.len());
    }
}
