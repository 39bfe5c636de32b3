use super::EventError;
use super::times::Times;
use crate::freebusy::{Status, Transparency};
use crate::ical::{CalendarObject, VEvent};
use crate::ids::{CalendarId, EventId};
use crate::recurrence::Occurrence;
use crate::storage::events::Event;
use crate::time::{DateOrTime, Timestamp, Zone};

/// An event, or one occurrence of one, as a face shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// The event.
    pub id: EventId,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// UID.
    pub uid: String,
    /// SUMMARY.
    pub title: String,
    /// DESCRIPTION.
    pub description: String,
    /// LOCATION.
    pub location: String,
    /// URL.
    pub url: String,
    /// CATEGORIES.
    pub categories: Vec<String>,
    /// When it starts, as written.
    pub start: DateOrTime,
    /// When it ends, as written.
    pub end: DateOrTime,
    /// The instant of the start.
    pub starts_at: Timestamp,
    /// The instant of the end.
    pub ends_at: Timestamp,
    /// The zone in which it recurs.
    pub timezone: Zone,
    /// TRANSP.
    pub transparency: Transparency,
    /// STATUS.
    pub status: Status,
    /// The RRULE, RDATE and EXDATE lines; none in an occurrence.
    pub recurrence: Vec<String>,
    /// For an occurrence of a series, its original start.
    pub recurrence_id: Option<DateOrTime>,
    /// SEQUENCE.
    pub sequence: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// One more with every change of the event.
    pub version: i64,
    /// The owner's zone, on which the instants of dates depend.
    pub owner_zone: Zone,
}

impl EventView {
    /// A stored event as its owner sees it.
    pub(super) fn of(row: &Event, object: &CalendarObject, owner: &Zone) -> Result<Self, EventError> {
        let event = object.representative();
        let times = Times { start: event.start()?, end: event.end()? };
        let recurrence_id = event.recurrence_id()?;
        let recurrence = event.recurrence_lines();
        Ok(Self { recurrence, recurrence_id, ..Self::at(row, event, times, owner) })
    }

    /// One occurrence of a stored event.
    pub(super) fn of_occurrence(
        row: &Event,
        object: &CalendarObject,
        occurrence: &Occurrence,
        owner: &Zone,
    ) -> Result<Self, EventError> {
        if row.index.source.is_none() {
            return Self::of(row, object, owner);
        }
        let event = object.event(occurrence.component).ok_or(EventError::NoSuchOccurrence)?;
        let times = Times { start: occurrence.start.clone(), end: occurrence.end.clone() };
        let (starts_at, ends_at) = (occurrence.starts_at, occurrence.ends_at);
        let recurs = object.master().is_none_or(|master| master.is_recurring()) || object.components().len() > 1;
        let recurrence_id = recurs.then(|| occurrence.recurrence_id.clone());
        Ok(Self { starts_at, ends_at, recurrence_id, ..Self::at(row, event, times, owner) })
    }

    fn at(row: &Event, event: VEvent<'_>, times: Times, owner: &Zone) -> Self {
        let (starts_at, ends_at) = (times.start.instant(owner), times.end.instant(owner));
        Self {
            id: row.id,
            calendar_id: row.calendar_id,
            uid: row.uid.clone(),
            title: event.summary().unwrap_or_default(),
            description: event.description().unwrap_or_default(),
            location: event.location().unwrap_or_default(),
            url: event.url().unwrap_or_default(),
            categories: event.categories(),
            starts_at,
            ends_at: ends_at.max(starts_at),
            timezone: times.start.zone(owner).clone(),
            start: times.start,
            end: times.end,
            transparency: event.transparency(),
            status: event.status(),
            recurrence: Vec::new(),
            recurrence_id: None,
            sequence: event.sequence(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            owner_zone: owner.clone(),
        }
    }
}
