//! A calendar made the same as a file that comes from elsewhere again and again: only what differs is written.
//!
//! An event is known by its UID; where the UID is another one each time, by what it says. It refuses to know where the file
//! comes from and when.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use super::import::{Candidate, FileHead, Import, ImportReport, prepared_for};
use super::{EventError, index};
use crate::app::App;
use crate::ical::{self, CalendarObject};
use crate::ids::{CalendarId, EventId, UserId};
use crate::limits::Limits;
use crate::storage::Conn;
use crate::storage::calendars;
use crate::storage::events::{self as stored, EventRow, Known, PageSize};
use crate::time::{Timestamp, Zone};

/// A file that was read once, to be shown in any number of calendars.
#[derive(Debug)]
pub struct Content {
    /// What it says of itself.
    pub head: FileHead,
    /// What its reading found.
    pub report: ImportReport,
    events: Vec<Candidate>,
    /// What each of them says, beside it.
    fingerprints: Vec<Option<[u8; 32]>>,
    places: HashMap<String, usize>,
    /// The UIDs of events that cannot be read: what calendars have of them stays.
    unreadable: HashSet<String>,
    /// Whether there are events that cannot be read and have no UID.
    has_nameless: bool,
    /// The bounds that events keep.
    limits: Limits,
}

/// What has to be done to a calendar to make it the same as a [`Content`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The places of the content's events that are new or changed.
    put: Vec<usize>,
    /// Events of which the content has a part that can be read: that, and of the rest what the calendar has.
    completed: Vec<EventRow>,
    /// How many of these are new.
    added: usize,
    /// What is not in the content any more.
    gone: Vec<EventId>,
    /// How many events the calendar has then.
    pub count: usize,
    /// How many events are known by what they say, as their UIDs are other ones than before.
    pub renamed: usize,
}

/// Reads a file for calendars in a zone, on a thread of its own.
///
/// # Errors
/// `Invalid` (`file`: no calendar data at all, cut off, too slow to read).
pub async fn read_content(app: &App, bytes: Bytes, zone: &Zone) -> Result<Content, EventError> {
    // Nothing of the file is kept; a repaired one is made from the calendar.
    let import = Import { bytes: bytes.into(), dry_run: true, ..Import::default() };
    let prepared = prepared_for(app, (NO_CALENDAR, zone), import).await?;
    if !prepared.read.is_whole {
        return Err(EventError::field("file", "it is cut off: END:VCALENDAR is missing at its end"));
    }
    let (events, fingerprints) = with_fingerprints(prepared.candidates).await?;
    let uid = |(place, candidate): (usize, &Candidate)| (candidate.row.uid.clone(), place);
    Ok(Content {
        head: prepared.head,
        places: events.iter().enumerate().map(uid).collect(),
        unreadable: prepared.read.errors.iter().filter_map(|error| error.uid.clone()).collect(),
        has_nameless: prepared.read.errors.iter().any(|error| error.uid.is_none()),
        limits: app.limits.clone(),
        report: ImportReport::of(prepared.read),
        events,
        fingerprints,
    })
}

/// How a calendar differs from the content.
///
/// # Errors
/// [`EventError::Storage`].
pub async fn difference(conn: &mut Conn, calendar: CalendarId, content: &Content) -> Result<Difference, EventError> {
    let mut found = Difference { count: content.events.len(), ..Difference::default() };
    let (mut is_there, mut strangers, mut after) = (vec![false; content.events.len()], Vec::new(), None);
    let mut known_unreadable = 0;
    loop {
        let page = stored::objects(conn, calendar, after, AT_ONCE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for known in &page {
            match content.places.get(&known.uid) {
                Some(place) => {
                    is_there[*place] = true;
                    if content.unreadable.contains(&known.uid) {
                        known_unreadable += 1;
                        found.completed.extend(content.completed(*place, known));
                        continue;
                    }
                    found.put.extend(Some(*place).filter(|place| !content.says_the_same(*place, known)));
                }
                None if content.unreadable.contains(&known.uid) => {
                    known_unreadable += 1;
                    found.count += 1;
                }
                None => strangers.push((known.id, fingerprint(&known.object))),
            }
        }
    }
    let mut new: HashMap<Option<[u8; 32]>, Vec<usize>> = HashMap::new();
    for place in (0..is_there.len()).rev().filter(|place| !is_there[*place]) {
        new.entry(content.fingerprints[place]).or_default().push(place);
    }
    // The same event under another UID stays the event that it is.
    let unknown = strangers.len();
    strangers.retain(|(_, print)| print.and_then(|_| new.get_mut(print)?.pop()).is_none());
    found.renamed = unknown - strangers.len();
    // An event that cannot be read may be one of those that seem to be gone, under a UID that does not tell.
    let is_among_them = found.renamed > 0 && known_unreadable < content.unreadable.len();
    if content.has_nameless || is_among_them {
        found.count += strangers.len();
        strangers.clear();
    }
    found.gone = strangers.into_iter().map(|(id, _)| id).collect();
    let mut added: Vec<usize> = new.into_values().flatten().collect();
    added.sort_unstable();
    found.added = added.len();
    found.put.append(&mut added);
    Ok(found)
}

/// Makes a calendar the same as the content, from which it differs so; answers how many events were written. The calendar's
/// version rises only where there was something to write.
///
/// # Errors
/// `TooMany`, `NoSuchCalendar`.
pub async fn apply(
    app: &App,
    conn: &mut Conn,
    (user, calendar): (UserId, CalendarId),
    content: &Content,
    difference: &Difference,
) -> Result<usize, EventError> {
    let written = difference.put.len() + difference.completed.len() + difference.gone.len();
    if written == 0 {
        return Ok(0);
    }
    calendars::lock(conn, calendar).await?.ok_or(EventError::NoSuchCalendar)?;
    stored::delete_all(conn, calendar, &difference.gone).await?;
    let (most, now) = (app.limits.events_per_user, app.clock.now());
    let count = usize::try_from(stored::count(conn, user).await?).unwrap_or(usize::MAX);
    if difference.added > 0 && count.saturating_add(difference.added) > most {
        return Err(EventError::TooMany(most));
    }
    for places in difference.put.chunks(ROWS_AT_ONCE) {
        let rows: Vec<EventRow> = places.iter().map(|place| content.row(*place, calendar, now)).collect();
        stored::upsert_all(conn, &rows).await?;
    }
    for rows in difference.completed.chunks(ROWS_AT_ONCE) {
        let own = |row: &EventRow| EventRow { calendar_id: calendar, updated_at: now, ..row.clone() };
        stored::upsert_all(conn, &rows.iter().map(own).collect::<Vec<_>>()).await?;
    }
    Ok(written)
}

impl Content {
    /// How many events can be read.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn says_the_same(&self, place: usize, known: &Known) -> bool {
        let event = &self.events[place];
        event.row.object == known.object
            || self.fingerprints[place].is_some_and(|print| fingerprint(&known.object) == Some(print))
    }

    /// The event with what of it could be read before and cannot be now; nothing where that is what is known, or more than is
    /// allowed.
    fn completed(&self, place: usize, known: &Known) -> Option<EventRow> {
        let row = &self.events[place].row;
        let now = CalendarObject::from_text(&row.object).ok()?;
        let Ok(before) = CalendarObject::from_text(&known.object) else { return Some(row.clone()) };
        let whole = now.completed_from(&before);
        if ical::fingerprint(&whole) == ical::fingerprint(&before) {
            return None;
        }
        let index = index::of(&whole, &self.limits).ok()?;
        Some(EventRow { object: whole.into_text(), index, ..row.clone() })
    }

    fn row(&self, place: usize, calendar_id: CalendarId, updated_at: Timestamp) -> EventRow {
        EventRow { calendar_id, updated_at, ..self.events[place].clone().into_row() }
    }
}

/// The events with what each of them says, which is too much work for the threads that answer requests.
async fn with_fingerprints(events: Vec<Candidate>) -> Result<(Vec<Candidate>, Vec<Option<[u8; 32]>>), EventError> {
    let work = move || {
        let prints = events.iter().map(|event| fingerprint(&event.row.object)).collect();
        (events, prints)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| EventError::Machine(error.to_string()))
}

/// What an event says; nothing where it cannot be read, so that it is written anew.
fn fingerprint(object: &str) -> Option<[u8; 32]> {
    CalendarObject::from_text(object).ok().map(|object| ical::fingerprint(&object))
}

const AT_ONCE: PageSize = PageSize { rows: 1000, bytes: 8 << 20 };
const ROWS_AT_ONCE: usize = 250;
/// What is read belongs to no calendar yet.
const NO_CALENDAR: CalendarId = CalendarId(0);
