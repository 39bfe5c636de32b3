//! The objects of an export, page by page. In one snapshot they come in the same order every time.

use crate::app::App;
use crate::events::EventError;
use crate::events::list::occurs_in;
use crate::ids::{CalendarId, EventId};
use crate::recurrence::Work;
use crate::storage::Conn;
use crate::storage::events::{self as stored, Event, EventFilter, PageSize};
use crate::time::{Period, Zone};

/// A walk over the objects of some calendars.
pub(super) struct Pages {
    calendars: Vec<CalendarId>,
    near: Option<Near>,
    place: Place,
}

/// Which of their events.
struct Near {
    window: Period,
    /// Whether the window has two ends. Only such a one is looked through for occurrences: the index is wider than the truth.
    is_closed: bool,
    owner: Zone,
    /// The steps that finding their occurrences may take, and what is left of them.
    whole: Work,
    work: Work,
}

/// Where the next page begins.
struct Place {
    /// Calendars that are through, where they come one by one.
    done: usize,
    after: Option<EventId>,
    cursor: Option<stored::EventCursor>,
    /// How many rows the next page may have, where they come by their first start.
    rows: i64,
}

impl Default for Place {
    fn default() -> Self {
        Self { done: 0, after: None, cursor: None, rows: FEW }
    }
}

impl Pages {
    /// All objects, calendar by calendar.
    pub fn all(calendars: Vec<CalendarId>) -> Self {
        Self { calendars, near: None, place: Place::default() }
    }

    /// The objects with time in a window, by their first start.
    pub fn near(app: &App, owner: &Zone, calendars: Vec<CalendarId>, (window, is_closed): (Period, bool)) -> Self {
        let whole = Work::of_many(&app.limits);
        let near = Near { window, is_closed, owner: owner.clone(), work: whole.clone(), whole };
        Self { calendars, near: Some(near), place: Place::default() }
    }

    /// Goes back to the first page.
    pub fn rewind(&mut self) {
        self.place = Place::default();
        // The same steps for the same series: what is chosen twice is chosen alike.
        if let Some(near) = &mut self.near {
            near.work = near.whole.clone();
        }
    }

    /// The texts of the next objects, some of them perhaps joined; none at the end. A page may be empty before the end.
    ///
    /// # Errors
    /// `Storage`, `Damaged`, `Machine`.
    pub async fn next(&mut self, conn: &mut Conn) -> Result<Option<Vec<String>>, EventError> {
        if self.near.is_some() { self.next_near(conn).await } else { self.next_of_all(conn).await }
    }

    async fn next_of_all(&mut self, conn: &mut Conn) -> Result<Option<Vec<String>>, EventError> {
        while let Some(calendar) = self.calendars.get(self.place.done) {
            let page = stored::texts(conn, *calendar, self.place.after, PAGE).await?;
            self.place.after = page.as_ref().map(|page| page.last);
            if let Some(page) = page {
                return Ok(Some(vec![page.text]));
            }
            self.place.done += 1;
        }
        Ok(None)
    }

    async fn next_near(&mut self, conn: &mut Conn) -> Result<Option<Vec<String>>, EventError> {
        let Some(near) = self.near.as_mut().filter(|_| !self.calendars.is_empty()) else { return Ok(None) };
        let filter = EventFilter {
            calendars: self.calendars.clone(),
            window: Some(near.window),
            text: None,
            transparent: None,
            after: self.place.cursor,
            limit: self.place.rows,
        };
        let page = stored::page_within(conn, &filter, PAGE.bytes).await?;
        let Some(last) = page.last() else { return Ok(None) };
        // The database sends all rows that it is asked for, also those that are too large to be taken.
        let is_cut = (page.len() as i64) < self.place.rows;
        self.place.rows = if is_cut { page.len() as i64 } else { (2 * self.place.rows).min(PAGE.rows) };
        self.place.cursor = Some(Event::cursor(last));
        if !near.is_closed {
            return Ok(Some(page.into_iter().map(|row| row.object).collect()));
        }
        // Series are expanded, which is too much work for the threads that answer requests.
        let (window, owner, mut work) = (near.window, near.owner.clone(), near.work.clone());
        let choosing = tokio::task::spawn_blocking(move || {
            let chosen = page.into_iter().filter_map(|row| match occurs_in(&row, window, &owner, &mut work) {
                Ok(occurs) => occurs.then_some(Ok(row.object)),
                Err(error) => Some(Err(error)),
            });
            chosen.collect::<Result<Vec<String>, EventError>>().map(|chosen| (chosen, work))
        });
        let (chosen, work) = choosing.await.map_err(|error| EventError::Machine(error.to_string()))??;
        near.work = work;
        Ok(Some(chosen))
    }
}

const FEW: i64 = 50;
const PAGE: PageSize = PageSize { rows: 1000, bytes: 1 << 20 };
