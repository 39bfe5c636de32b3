//! Lists of events, and of their occurrences, page by page.

use std::collections::HashMap;

use super::meeting::snapshot;
use super::read::object;
use super::{EventError, EventView, index};
use crate::accounts::Actor;
use crate::app::App;
use crate::fields::FieldErrors;
use crate::freebusy::Transparency;
use crate::ical::CalendarObject;
use crate::ids::{CalendarId, EventId};
use crate::recurrence::{Occurrence, Work};
use crate::storage::events::{self as stored, Event, EventCursor, EventFilter};
use crate::storage::{Conn, LastEnd, calendars};
use crate::time::{DateOrTime, Period, Timestamp, Zone};

/// Which of the actor's events to list.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Those of one calendar.
    pub calendar_id: Option<CalendarId>,
    /// Those with time after this instant.
    pub start: Option<Timestamp>,
    /// Those with time before this instant.
    pub end: Option<Timestamp>,
    /// Occurrences in place of series; then both ends of the window are needed.
    pub expand: bool,
    /// Those with this in title, description or location.
    pub text: Option<String>,
    /// Those that are transparent, or opaque.
    pub transparency: Option<Transparency>,
    /// At most so many.
    pub limit: usize,
    /// Those after this place.
    pub after: Option<ListPlace>,
}

/// A place in a list: start, event, original start, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPlace {
    /// The start of the last entry before.
    pub start: i64,
    /// Its event.
    pub event: i64,
    /// For an occurrence, its original start.
    pub occurrence: i64,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// What is on it.
    pub events: Vec<EventView>,
    /// Where the next page begins, if there is one.
    pub next: Option<ListPlace>,
}

/// The actor's events, in the order of their first starts; or, with `expand`, their occurrences in the order of their starts.
///
/// # Errors
/// `Invalid`, `NoSuchCalendar`, `TooManyOccurrences`.
pub async fn list(app: &App, actor: &Actor, query: &EventQuery) -> Result<Page, EventError> {
    let window = window(query)?;
    let mut conn = snapshot(app).await?;
    let calendars = calendar_ids(&mut conn, actor, query.calendar_id).await?;
    let list = List { app, owner: &actor.user.timezone, query, calendars };
    match window {
        Some(window) if query.expand => list.occurrences(&mut conn, window).await,
        window => list.series(&mut conn, window).await,
    }
}

impl ListPlace {
    /// The place of an occurrence.
    pub fn of(event: EventId, occurrence: &Occurrence, owner: &Zone) -> Self {
        Self {
            start: occurrence.starts_at.as_microsecond(),
            event: event.0,
            occurrence: occurrence.recurrence_id.instant(owner).as_microsecond(),
        }
    }
}

/// Whether any occurrence has time in the window: the index is wider than the truth.
pub(super) fn occurs_in(row: &Event, window: Period, owner: &Zone, work: &mut Work) -> Result<bool, EventError> {
    let Some(json) = &row.index.source else { return Ok(true) };
    // Too many to be counted are some.
    let found = index::source(json)?.set.expand_within(owner, window, work);
    Ok(found.map_or(true, |occurrences| !occurrences.is_empty()))
}

/// The window from `start` to `end`; what is left out lies at the end of time.
///
/// # Errors
/// `Invalid`: `end` is not after `start`.
pub(super) fn window_of(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<Option<Period>, EventError> {
    if start.is_none() && end.is_none() {
        return Ok(None);
    }
    let window = Period::new(start.unwrap_or(Timestamp::MIN), end.unwrap_or(Timestamp::MAX));
    window.map(Some).map_err(|_| EventError::field("end", "must be after start"))
}

/// How many rows are read at a time.
const ROWS_AT_ONCE: i64 = 1000;

struct List<'a> {
    app: &'a App,
    owner: &'a Zone,
    query: &'a EventQuery,
    calendars: Vec<CalendarId>,
}

impl List<'_> {
    async fn series(&self, conn: &mut Conn, window: Option<Period>) -> Result<Page, EventError> {
        let mut filter = self.filter(window);
        filter.transparent = self.query.transparency.map(|wanted| wanted == Transparency::Transparent);
        filter.after = self.query.after.and_then(cursor);
        let (mut rows, mut work) = (Vec::new(), Work::of_many(&self.app.limits));
        while rows.len() <= self.query.limit {
            let page = stored::page(conn, &filter).await?;
            filter.after = page.last().map(Event::cursor);
            let last = (page.len() as i64) < filter.limit;
            for row in page {
                if self.occurs(&row, &mut work)? {
                    rows.push(row);
                }
            }
            if last {
                break;
            }
        }
        let more = rows.len() > self.query.limit;
        rows.truncate(self.query.limit);
        let next = rows.last().filter(|_| more).map(|row| ListPlace {
            start: row.index.first_start.as_microsecond(),
            event: row.id.0,
            occurrence: 0,
        });
        let events = rows.iter().map(|row| EventView::of(row, &object(row)?, self.owner));
        Ok(Page { events: events.collect::<Result<_, _>>()?, next })
    }

    fn occurs(&self, row: &Event, work: &mut Work) -> Result<bool, EventError> {
        let (Some(start), Some(end)) = (self.query.start, self.query.end) else { return Ok(true) };
        let Ok(window) = Period::new(start, end) else { return Ok(true) };
        occurs_in(row, window, self.owner, work)
    }

    async fn occurrences(&self, conn: &mut Conn, window: Period) -> Result<Page, EventError> {
        let (rows, mut places) = self.expanded(conn, window).await?;
        places.sort_unstable_by_key(|(place, _)| *place);
        let first = self.query.after.map_or(0, |after| places.partition_point(|(place, _)| *place <= after));
        let wanted: Vec<&(ListPlace, Occurrence)> = places[first..].iter().take(self.query.limit).collect();
        let more = places.len() - first > wanted.len();
        let next = wanted.last().filter(|_| more).map(|(place, _)| *place);
        let mut objects: HashMap<i64, CalendarObject> = HashMap::new();
        let mut events = Vec::with_capacity(wanted.len());
        for (place, occurrence) in wanted {
            let row = rows.get(&place.event).ok_or(EventError::NotFound)?;
            let object = match objects.entry(place.event) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => new.insert(object(row)?),
            };
            events.push(EventView::of_occurrence(row, object, occurrence, self.owner)?);
        }
        Ok(Page { events, next })
    }

    async fn expanded(
        &self,
        conn: &mut Conn,
        window: Period,
    ) -> Result<(HashMap<i64, Event>, Vec<(ListPlace, Occurrence)>), EventError> {
        let (most, mut work) = (self.app.limits.listed_occurrences, Work::of_many(&self.app.limits));
        let (mut rows, mut places, mut filter) = (HashMap::new(), Vec::new(), self.filter(Some(window)));
        loop {
            let page = stored::page(conn, &filter).await?;
            filter.after = page.last().map(Event::cursor);
            let last = (page.len() as i64) < filter.limit;
            for row in page {
                let found = self.occurrences_of(&row, window, &mut work)?;
                places.extend(found.into_iter().map(|it| (ListPlace::of(row.id, &it, self.owner), it)));
                rows.insert(row.id.0, row);
                if places.len() > most || rows.len() > most {
                    let reason = format!("the window has more than {most} occurrences; ask for a shorter one");
                    return Err(EventError::TooManyOccurrences(reason));
                }
            }
            if last {
                return Ok((rows, places));
            }
        }
    }

    fn occurrences_of(&self, row: &Event, window: Period, work: &mut Work) -> Result<Vec<Occurrence>, EventError> {
        let is_wanted = |transparency| self.query.transparency.is_none_or(|wanted| wanted == transparency);
        let Some(json) = &row.index.source else {
            let transparent = row.index.transparent;
            let transparency = if transparent { Transparency::Transparent } else { Transparency::Opaque };
            return Ok(single(row).into_iter().filter(|_| is_wanted(transparency)).collect());
        };
        let source = index::source(json)?;
        let mut found = source.set.expand_within(self.owner, window, work)?;
        let transparency = |component: usize| source.states.get(component).map(|state| state.transparency);
        found.retain(|occurrence| is_wanted(transparency(occurrence.component).unwrap_or_default()));
        Ok(found)
    }

    fn filter(&self, window: Option<Period>) -> EventFilter {
        EventFilter {
            calendars: self.calendars.clone(),
            window,
            text: self.query.text.as_ref().map(|text| text.to_lowercase()),
            transparent: None,
            after: None,
            limit: ROWS_AT_ONCE.min(self.query.limit as i64 + 1),
        }
    }
}

/// The only occurrence of a plain single event, of which the index says all.
fn single(row: &Event) -> Option<Occurrence> {
    let LastEnd::At(ends_at) = row.index.last_end else { return None };
    let starts_at = row.index.first_start;
    let start = DateOrTime::utc(starts_at);
    let recurrence_id = start.clone();
    Some(Occurrence { recurrence_id, start, end: DateOrTime::utc(ends_at), starts_at, ends_at, component: 0 })
}

fn cursor(place: ListPlace) -> Option<EventCursor> {
    Some(EventCursor { first_start: Timestamp::from_microsecond(place.start).ok()?, id: EventId(place.event) })
}

async fn calendar_ids(
    conn: &mut Conn,
    actor: &Actor,
    wanted: Option<CalendarId>,
) -> Result<Vec<CalendarId>, EventError> {
    let own: Vec<CalendarId> = calendars::list(conn, actor.user.id).await?.iter().map(|calendar| calendar.id).collect();
    match wanted {
        Some(id) if own.contains(&id) => Ok(vec![id]),
        Some(_) => Err(EventError::NoSuchCalendar),
        None => Ok(own),
    }
}

fn window(query: &EventQuery) -> Result<Option<Period>, EventError> {
    let mut errors = FieldErrors::new();
    if query.expand {
        for (field, value) in [("start", query.start), ("end", query.end)] {
            if value.is_none() {
                errors.add(field, "is needed with expand=true");
            }
        }
    }
    errors.into_result()?;
    window_of(query.start, query.end)
}
