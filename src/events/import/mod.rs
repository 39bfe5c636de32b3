//! A file of foreign events into a calendar, in one transaction: what is broken is reported, the rest goes in.
//!
//! Which of two versions of an event stays is decided in `revision`, what is worth an error line in `prepare`.

mod file;
mod gate;
mod prepare;
mod progress;
mod report;
mod revision;

use std::sync::Arc;

pub use file::FileBytes;
pub use gate::{Admission, ImportGate};
pub use progress::{ImportPhase, ImportProgress};
pub use report::ImportReport;

use super::EventError;
use super::write::{check_writable, lock_writable};
use crate::accounts::Writer;
use crate::app::App;
use crate::ids::{CalendarId, UserId};
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::{self as stored, EventRow, Known};
use prepare::{Candidate, Prepared};
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
/// its version included, where all is as it was.
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
    if !dry_run {
        lock_writable(&mut conn, actor.user.id, calendar.id).await?;
    }
    let (mut report, newer) = sort_out(&mut conn, &calendar, prepared).await?;
    check_room(app, &mut conn, actor.user.id, report.created).await?;
    if !dry_run && !newer.is_empty() {
        put(&mut conn, newer, &progress).await?;
        conn.commit().await?;
    }
    report.bound();
    Ok(report)
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
    let worker = app.imports.worker().await;
    let (limits, zone, id, now) = (app.limits.clone(), calendar.timezone.clone(), calendar.id, app.clock.now());
    let reading = tokio::task::spawn_blocking(move || {
        let _worker = worker;
        prepare::prepare(
            import.bytes,
            &prepare::Context { limits: &limits, zone: &zone, calendar: id, now },
            &import.progress,
        )
    });
    reading.await.map_err(|error| EventError::Machine(error.to_string()))?
}

/// Tells what is new, newer or known, and answers what is to be written. All of a file is in memory here, so nothing is
/// copied.
async fn sort_out(
    conn: &mut Conn,
    calendar: &Calendar,
    prepared: Prepared,
) -> Result<(ImportReport, Vec<Candidate>), EventError> {
    let (mut report, mut candidates) = (prepared.report, prepared.candidates);
    let mut verdicts = Vec::with_capacity(candidates.len());
    for some in candidates.chunks(AT_ONCE) {
        let uids: Vec<&str> = some.iter().map(|candidate| candidate.row.uid.as_str()).collect();
        let mut known = stored::known(conn, calendar.id, &uids).await?;
        known.sort_unstable_by(|a, b| a.uid.cmp(&b.uid));
        for candidate in some {
            let place = known.binary_search_by(|known| known.uid.cmp(&candidate.row.uid));
            let before = place.ok().and_then(|place| known.get(place));
            verdicts.push(is_newer(&mut report, candidate, before)?);
        }
    }
    let mut verdicts = verdicts.into_iter();
    candidates.retain(|_| verdicts.next().unwrap_or(true));
    Ok((report, candidates))
}

/// Counts a candidate; answers whether it is to be written.
fn is_newer(report: &mut ImportReport, candidate: &Candidate, before: Option<&Known>) -> Result<bool, EventError> {
    let Some(before) = before else {
        report.created += 1;
        return Ok(true);
    };
    let verdict = revision::compare(candidate, before)?;
    match verdict {
        Verdict::Newer => report.updated += 1,
        Verdict::Same => report.unchanged += 1,
        Verdict::Older => {
            report.unchanged += 1;
            report.warn(candidate, "the calendar has a newer version of the event, which stays");
        }
    }
    Ok(verdict == Verdict::Newer)
}

async fn check_room(app: &App, conn: &mut Conn, user: UserId, created: usize) -> Result<(), EventError> {
    let most = app.limits.events_per_user;
    let count = usize::try_from(stored::count(conn, user).await?).unwrap_or(usize::MAX);
    if created > 0 && count.saturating_add(created) > most { Err(EventError::TooMany(most)) } else { Ok(()) }
}

async fn put(conn: &mut Conn, newer: Vec<Candidate>, progress: &ImportProgress) -> Result<(), EventError> {
    progress.enter(ImportPhase::Storing, newer.len());
    let mut rows = newer.into_iter().map(|candidate| candidate.row);
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
