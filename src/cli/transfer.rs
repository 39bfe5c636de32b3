//! `convene import` and `convene export`: files in and out for one user, without a server.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::{CommandError, say};
use crate::accounts::{self, Writer};
use crate::app::App;
use crate::calendars;
use crate::config::Config;
use crate::events::{
    self, EventError, Export, ExportText, Exported, FileBytes, Import, ImportPhase, ImportProgress, ImportReport,
};
use crate::ical::Severity;
use crate::ids::CalendarId;
use crate::serve;
use crate::time::SystemClock;

/// What `convene import` is told.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// iCalendar files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Into whose calendar.
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Which calendar, by name or id; without it, the default one.
    #[arg(long, value_name = "NAME_OR_ID")]
    calendar: Option<String>,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What `convene export` is told.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Where to write; - is standard output.
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
    /// Whose events.
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Which calendar, by name or id; without it, all of the user's own.
    #[arg(long, value_name = "NAME_OR_ID")]
    calendar: Option<String>,
}

/// Imports each file by itself, and says what came of it.
///
/// # Errors
/// The first file that cannot be read or is no calendar at all; those before it are in.
pub async fn import(config: &Config, args: ImportArgs) -> Result<(), CommandError> {
    let app = serve::open(config, Arc::new(SystemClock)).await?;
    let actor = accounts::acting_for(&app, &args.user).await?;
    let calendar_id = calendar_of(&app, &actor, args.calendar.as_deref()).await?;
    for file in &args.files {
        let bytes = read(file, app.limits.import_bytes)?;
        let progress = Arc::new(ImportProgress::default());
        let wanted = Import { calendar_id, bytes, dry_run: args.dry_run, progress: Arc::clone(&progress) };
        let report = watched(&progress, events::import(&app, &actor, wanted)).await;
        let report = report.map_err(|error| CommandError::Input(format!("{}: {}", file.display(), words(error))))?;
        say(&summary(file, &report, args.dry_run))?;
    }
    app.db.close().await;
    Ok(())
}

/// Writes the user's events into a file, whole or not at all.
///
/// # Errors
/// [`CommandError`].
pub async fn export(config: &Config, args: ExportArgs) -> Result<(), CommandError> {
    let app = serve::open(config, Arc::new(SystemClock)).await?;
    let actor = accounts::acting_for(&app, &args.user).await?;
    let calendar_id = calendar_of(&app, &actor, args.calendar.as_deref()).await?;
    let wanted = Export { calendar_id, ..Export::default() };
    let exported = events::export(&app, &actor, &wanted, |_| false).await;
    if let Exported::Stream { text, .. } = exported.map_err(|error| CommandError::Input(words(error)))? {
        write_export(&args.file, text).await?;
    }
    app.db.close().await;
    Ok(())
}

/// A calendar by its id or its name.
async fn calendar_of(app: &App, actor: &Writer, wanted: Option<&str>) -> Result<Option<CalendarId>, CommandError> {
    let Some(wanted) = wanted else { return Ok(None) };
    let all = calendars::list(app, actor).await.map_err(|error| CommandError::Input(error.to_string()))?;
    let by_id = |id: CalendarId| all.iter().find(|calendar| calendar.id == id);
    let mut by_name = all.iter().filter(|calendar| calendar.name == wanted);
    let found = match (by_name.next(), by_name.next()) {
        (Some(_), Some(_)) => Err(format!("several calendars are called \"{wanted}\"; name one by its id")),
        (Some(calendar), None) => Ok(calendar.id),
        (None, _) => {
            wanted.parse().ok().and_then(|id| by_id(CalendarId(id))).map(|calendar| calendar.id).ok_or_else(|| {
                let names: Vec<String> =
                    all.iter().map(|calendar| format!("{} ({})", calendar.name, calendar.id)).collect();
                format!("there is no calendar \"{wanted}\"; there are {}", names.join(", "))
            })
        }
    };
    found.map(Some).map_err(CommandError::Input)
}

/// The file's bytes; no more than one over the bound, which the import then refuses.
pub(super) fn read(file: &Path, limit: usize) -> Result<FileBytes, CommandError> {
    let unreadable = |error: io::Error| CommandError::Input(format!("{}: {error}", file.display()));
    if is_dash(file) {
        return FileBytes::read(io::stdin().lock(), limit + 1).map_err(unreadable);
    }
    let open = std::fs::File::open(file).map_err(unreadable)?;
    FileBytes::read(open, limit + 1).map_err(unreadable)
}

/// A file that is there already is replaced when all of the new one is written.
pub(super) fn write(file: &Path, text: &[u8]) -> Result<(), CommandError> {
    if is_dash(file) {
        return Ok(io::stdout().lock().write_all(text)?);
    }
    let part = part_of(file);
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| CommandError::Input(format!("{}: {error}", file.display())))
}

/// As [`write()`], piece by piece.
async fn write_export(file: &Path, text: ExportText) -> Result<(), CommandError> {
    if is_dash(file) {
        let mut out = io::stdout().lock();
        return copy(text, &mut out, |error| error.into()).await;
    }
    let unwritable = |error: io::Error| CommandError::Input(format!("{}: {error}", file.display()));
    let part = part_of(file);
    let mut out = std::fs::File::create(&part).map_err(unwritable)?;
    let copied = copy(text, &mut out, unwritable).await;
    let moved = copied.and_then(|()| std::fs::rename(&part, file).map_err(unwritable));
    if moved.is_err() {
        // Nothing of a calendar that is cut off is left; if it cannot be removed, the first error says more.
        std::fs::remove_file(&part).unwrap_or_default();
    }
    moved
}

async fn copy(
    mut text: ExportText,
    out: &mut impl Write,
    unwritable: impl Fn(io::Error) -> CommandError,
) -> Result<(), CommandError> {
    while let Some(piece) = text.next().await.map_err(|error| CommandError::Input(words(error)))? {
        out.write_all(&piece).map_err(&unwritable)?;
    }
    out.flush().map_err(unwritable)
}

/// What a file is called until all of it is written.
fn part_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn is_dash(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The work, with a line on the terminal that tells how far it is.
async fn watched<T>(progress: &ImportProgress, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    let mut shown = false;
    loop {
        tokio::select! {
            done = &mut work => {
                if shown {
                    show("");
                }
                return done;
            }
            () = tokio::time::sleep(TICK) => {
                shown = true;
                show(&match progress.now() {
                    (ImportPhase::Reading, ..) => "reading …".to_owned(),
                    (ImportPhase::Indexing, done, total) => format!("indexing {done} of {total} events …"),
                    (ImportPhase::Storing, done, total) => format!("storing {done} of {total} events …"),
                });
            }
        }
    }
}

const TICK: Duration = Duration::from_millis(250);

/// Puts a line in the place of the one that stands on the terminal.
fn show(line: &str) {
    // Where the terminal is gone nobody watches.
    write!(io::stderr(), "\r\x1b[K{line}").unwrap_or_default();
}

fn summary(file: &Path, report: &ImportReport, dry_run: bool) -> String {
    let ImportReport { created, updated, unchanged, skipped, .. } = report;
    let would = if dry_run { " (nothing was changed)" } else { "" };
    let mut text = format!(
        "{}: {created} created, {updated} updated, {unchanged} unchanged, {skipped} skipped{would}",
        file.display()
    );
    for (kind, count) in &report.ignored_components {
        text.push_str(&format!("\n  ignored: {count} {kind}"));
    }
    for error in &report.errors {
        text.push_str(&format!("\n  line {}: {}{}", error.line, error.message, about(error.uid.as_deref())));
    }
    for warning in &report.warnings {
        text.push_str(&format!(
            "\n  line {}: warning: {}{}",
            warning.line,
            warning.message,
            about(warning.uid.as_deref())
        ));
    }
    if report.warnings_left_out > 0 {
        text.push_str(&format!("\n  and {} more warnings", report.warnings_left_out));
    }
    for advice in advice(report) {
        text.push_str(&format!("\n  advice: {advice}"));
    }
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// What to change at the source, the gravest first; a few sentences at the most.
fn advice(report: &ImportReport) -> Vec<&str> {
    let mut sentences: Vec<&str> = Vec::new();
    let grave = report.diagnosis.findings.iter().filter(|finding| finding.severity != Severity::Note);
    for advice in grave.filter_map(|finding| finding.advice.as_deref()) {
        if sentences.len() < MOST_ADVICE && !sentences.contains(&advice) {
            sentences.push(advice);
        }
    }
    sentences
}

const MOST_ADVICE: usize = 5;

fn about(uid: Option<&str>) -> String {
    uid.map_or_else(String::new, |uid| format!(" (UID {uid})"))
}

pub(super) fn words(error: EventError) -> String {
    match error {
        EventError::Invalid(errors) => errors.first().map_or_else(String::new, |(_, message)| message.to_owned()),
        other => other.to_string(),
    }
}
