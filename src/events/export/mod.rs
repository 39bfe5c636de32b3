//! Calendars as one iCalendar stream, read from one snapshot.

mod gate;
mod pages;
mod text;

use sha2::{Digest, Sha256};

pub use gate::ExportGate;
pub use text::ExportText;

use super::EventError;
use super::list::window_of;
use crate::accounts::Actor;
use crate::app::App;
use crate::ids::CalendarId;
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar, CalendarKind};
use crate::time::{Timestamp, tzdb_version};
use pages::Pages;
use text::{Begun, Long, Making};

/// What to export.
#[derive(Clone, Copy, Debug, Default)]
pub struct Export {
    /// One calendar; without it, all of the actor's own, but for what they subscribe to.
    pub calendar_id: Option<CalendarId>,
    /// Events with time after this instant, whole.
    pub start: Option<Timestamp>,
    /// Events with time before this instant, whole.
    pub end: Option<Timestamp>,
}

/// An export.
#[derive(Debug)]
pub enum Exported {
    /// Who asks has this version.
    Known {
        /// The version.
        version: String,
    },
    /// The stream.
    Stream {
        /// Differs as soon as the text does.
        version: String,
        /// What to call it: the calendar's name, or the user's.
        name: String,
        /// RFC 5545, in UTF-8.
        text: ExportText,
    },
}

/// The actor's events as an iCalendar stream, unless they have this version of it already.
///
/// # Errors
/// `NoSuchCalendar`, `Invalid` (`end`).
pub async fn export(
    app: &App,
    actor: &Actor,
    wanted: &Export,
    is_known: impl Fn(&str) -> bool,
) -> Result<Exported, EventError> {
    let (exported, long) = begin(app, actor, wanted, &is_known).await?;
    let Some(long) = long else { return Ok(exported) };
    if let Some(turn) = app.exports.turn_at_once() {
        return Ok(exported.with(long.send(turn)));
    }
    // Whoever waits holds no connection.
    drop(long);
    let turn = app.exports.turn().await?;
    let (exported, long) = begin(app, actor, wanted, &is_known).await?;
    Ok(match long {
        Some(long) => exported.with(long.send(turn)),
        None => exported,
    })
}

impl Exported {
    fn with(self, made: ExportText) -> Self {
        match self {
            Self::Stream { version, name, .. } => Self::Stream { version, name, text: made },
            known @ Self::Known { .. } => known,
        }
    }
}

/// The answer, and, where that is long, what its text is to be made from.
async fn begin(
    app: &App,
    actor: &Actor,
    wanted: &Export,
    is_known: &impl Fn(&str) -> bool,
) -> Result<(Exported, Option<Box<Long>>), EventError> {
    let window = window_of(wanted.start, wanted.end)?;
    let mut conn = app.db.read().await?;
    let calendars = chosen(&mut conn, actor, wanted.calendar_id).await?;
    let version = version(actor, &calendars);
    if is_known(&version) {
        return Ok((Exported::Known { version }, None));
    }
    let (ids, one) = (calendars.iter().map(|calendar| calendar.id).collect(), wanted.calendar_id.is_some());
    let pages = match window {
        None => Pages::all(ids),
        Some(window) => {
            let is_closed = wanted.start.is_some() && wanted.end.is_some();
            Pages::near(app, &actor.user.timezone, ids, (window, is_closed))
        }
    };
    let calendar = calendars.into_iter().next().filter(|_| one);
    let name = calendar.as_ref().map_or_else(|| actor.user.username.clone(), |calendar| calendar.name.clone());
    let (whole, patience) = (app.limits.export_whole_bytes, app.limits.export_reader_time);
    let (text, long) = match (Making { conn, pages, calendar, whole, patience }).begin().await? {
        Begun::Done(text) => (text, None),
        Begun::Long(long) => (ExportText::default(), Some(long)),
    };
    Ok((Exported::Stream { version, name, text }, long))
}

async fn chosen(conn: &mut Conn, actor: &Actor, wanted: Option<CalendarId>) -> Result<Vec<Calendar>, EventError> {
    let mut calendars = calendars::list(conn, actor.user.id).await?;
    match wanted {
        Some(id) => calendars.retain(|calendar| calendar.id == id),
        None => calendars.retain(|calendar| calendar.kind == CalendarKind::Local),
    }
    if wanted.is_some() && calendars.is_empty() { Err(EventError::NoSuchCalendar) } else { Ok(calendars) }
}

/// What the text depends on: the program, its zone data, the calendars, and the zone in which dates lie in a window.
fn version(actor: &Actor, calendars: &[Calendar]) -> String {
    let mut hash = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), tzdb_version(), actor.user.timezone.name()] {
        hash.update(part);
        hash.update("\n");
    }
    for calendar in calendars {
        hash.update(format!("{} {}\n", calendar.id, calendar.version));
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
