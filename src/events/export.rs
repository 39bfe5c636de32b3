//! Calendars as one iCalendar stream.

use sha2::{Digest, Sha256};

use super::EventError;
use super::list::{occurs_in, window_of};
use crate::accounts::Actor;
use crate::app::App;
use crate::ical::{self, CalendarHead, CalendarObject};
use crate::ids::CalendarId;
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar, CalendarKind};
use crate::storage::events::{self as stored, Event, EventFilter};
use crate::time::{Period, Timestamp, tzdb_version};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
        text: String,
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
    let window = window_of(wanted.start, wanted.end)?;
    let mut conn = app.db.read().await?;
    let calendars = chosen(&mut conn, actor, wanted.calendar_id).await?;
    let version = version(actor, &calendars);
    if is_known(&version) {
        return Ok(Exported::Known { version });
    }
    let objects = match window {
        None => all(&mut conn, &calendars).await?,
        Some(window) => near(app, actor, &mut conn, &calendars, (wanted, window)).await?,
    };
    drop(conn);
    let one = wanted.calendar_id.and_then(|_| calendars.into_iter().next());
    let name = one.as_ref().map_or_else(|| actor.user.username.clone(), |calendar| calendar.name.clone());
    let writing = tokio::task::spawn_blocking(move || stream(one.as_ref(), objects));
    let text = writing.await.map_err(|error| EventError::Machine(error.to_string()))??;
    Ok(Exported::Stream { version, name, text })
}

const AT_ONCE: i64 = 1000;

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

async fn all(conn: &mut Conn, calendars: &[Calendar]) -> Result<Vec<String>, EventError> {
    let mut objects = Vec::new();
    for calendar in calendars {
        let mut after = None;
        loop {
            let page = stored::objects(conn, calendar.id, after, AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            objects.extend(page.into_iter().map(|known| known.object));
        }
    }
    Ok(objects)
}

async fn near(
    app: &App,
    actor: &Actor,
    conn: &mut Conn,
    calendars: &[Calendar],
    (wanted, window): (&Export, Period),
) -> Result<Vec<String>, EventError> {
    let calendars: Vec<CalendarId> = calendars.iter().map(|calendar| calendar.id).collect();
    if calendars.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter =
        EventFilter { calendars, window: Some(window), text: None, transparent: None, after: None, limit: AT_ONCE };
    // Only a window with both ends is one to look for occurrences in.
    let exact = wanted.start.is_some() && wanted.end.is_some();
    let mut objects = Vec::new();
    loop {
        let page = stored::page(conn, &filter).await?;
        let Some(last) = page.last() else { return Ok(objects) };
        filter.after = Some(Event::cursor(last));
        for row in page {
            if !exact || occurs_in(&row, window, &actor.user.timezone, &app.limits)? {
                objects.push(row.object);
            }
        }
    }
}

fn stream(calendar: Option<&Calendar>, objects: Vec<String>) -> Result<String, EventError> {
    let read = objects.into_iter().map(|text| CalendarObject::from_text(&text));
    let objects: Vec<CalendarObject> = read.collect::<Result<_, _>>()?;
    let description = calendar.map(|calendar| calendar.description.as_str()).filter(|text| !text.is_empty());
    let head =
        CalendarHead { name: calendar.map(|calendar| calendar.name.as_str()), description, ..CalendarHead::default() };
    Ok(ical::write(&head, &objects))
}
