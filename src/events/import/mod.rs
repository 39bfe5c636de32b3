//! A file of foreign events into a calendar, in one transaction: what is broken is reported, the rest goes in.
//!
//! Which of two versions of an event stays is decided in `revision`, what is worth an error line in `prepare`.

mod copies;
mod gate;
mod prepare;
mod progress;
mod report;
mod revision;

use std::sync::Arc;

use bytes::Bytes;

pub use gate::{Admission, ImportGate};
pub use progress::{ImportPhase, ImportProgress};
pub use report::ImportReport;

use super::EventError;
use super::write::check_writable;
use crate::accounts::Writer;
use crate::app::App;
use crate::ids::{CalendarId, UserId};
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::{self as stored, EventRow, Known};
use crate::storage::meetings::TiedCopy;
use copies::Copies;
use prepare::{Candidate, Prepared};
use revision::Verdict;

/// A file, and what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Into which calendar; by default the actor's default calendar.
    pub calendar_id: Option<CalendarId>,
    /// The file, whatever program wrote it: at most [`crate::limits::Limits::import_bytes`].
    pub bytes: Bytes,
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
    let Sorted { mut report, rows, over_copies } = sort_out(&mut conn, &calendar, (prepared, &copies)).await?;
    check_room(app, &mut conn, actor.user.id, report.created).await?;
    let is_known = rows.is_empty() && over_copies.is_empty();
    if !dry_run && !is_known {
        put(&mut conn, &rows, &progress).await?;
        for row in &over_copies {
            if let Some(copy) = copies.get(&row.uid) {
                copies::put(app, &mut conn, actor, (copy, &row.object, &locked)).await?;
            }
        }
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

/// What is to be written, and what is told of it.
struct Sorted {
    report: ImportReport,
    rows: Vec<EventRow>,
    /// Those that take the place of copies of meetings.
    over_copies: Vec<EventRow>,
}

/// Tells what is new, newer or known.
async fn sort_out(
    conn: &mut Conn,
    calendar: &Calendar,
    (prepared, copies): (Prepared, &Copies),
) -> Result<Sorted, EventError> {
    let mut sorted = Sorted { report: prepared.report, rows: Vec::new(), over_copies: Vec::new() };
    let mut candidates = prepared.candidates.into_iter();
    loop {
        let some: Vec<Candidate> = candidates.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            sorted.report.errors.sort_by_key(|error| error.index);
            return Ok(sorted);
        }
        let uids: Vec<&str> = some.iter().map(|candidate| candidate.row.uid.as_str()).collect();
        let mut known = stored::known(conn, calendar.id, &uids).await?;
        known.sort_unstable_by(|a, b| a.uid.cmp(&b.uid));
        for candidate in some {
            let place = known.binary_search_by(|known| known.uid.cmp(&candidate.row.uid));
            let before = place.ok().and_then(|place| known.get(place));
            match before.zip(copies.get(&candidate.row.uid)) {
                Some((before, copy)) => sorted.judge_copy(calendar.user_id, candidate, (before, copy))?,
                None => sorted.rows.extend(judged(&mut sorted.report, candidate, before)?),
            }
        }
    }
}

impl Sorted {
    /// Takes a candidate for a copy of a meeting, where it is newer and its importer may do what it does.
    fn judge_copy(
        &mut self,
        user: UserId,
        candidate: Candidate,
        (before, copy): (&Known, &TiedCopy),
    ) -> Result<(), EventError> {
        match copies::refused(user, copy, &before.object, &candidate.row.object)? {
            Some(reason) => self.report.refuse(candidate, reason),
            None => self.over_copies.extend(judged(&mut self.report, candidate, Some(before))?),
        }
        Ok(())
    }
}

/// Counts a candidate; answers its row where it is to be written.
fn judged(
    report: &mut ImportReport,
    candidate: Candidate,
    before: Option<&Known>,
) -> Result<Option<EventRow>, EventError> {
    let Some(before) = before else {
        report.created += 1;
        return Ok(Some(candidate.row));
    };
    let verdict = revision::compare(&candidate, before)?;
    match verdict {
        Verdict::Newer => report.updated += 1,
        Verdict::Same => report.unchanged += 1,
        Verdict::Older => {
            report.unchanged += 1;
            report.warn(&candidate, "the calendar has a newer version of the event, which stays");
        }
    }
    Ok((verdict == Verdict::Newer).then_some(candidate.row))
}

async fn check_room(app: &App, conn: &mut Conn, user: UserId, created: usize) -> Result<(), EventError> {
    let most = app.limits.events_per_user;
    let count = usize::try_from(stored::count(conn, user).await?).unwrap_or(usize::MAX);
    if created > 0 && count.saturating_add(created) > most { Err(EventError::TooMany(most)) } else { Ok(()) }
}

async fn put(conn: &mut Conn, rows: &[EventRow], progress: &ImportProgress) -> Result<(), EventError> {
    progress.enter(ImportPhase::Storing, rows.len());
    for rows in rows.chunks(AT_ONCE) {
        stored::upsert_all(conn, rows).await?;
        progress.advance(rows.len());
    }
    Ok(())
}
