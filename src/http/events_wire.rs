//! The shapes of events on the wire.

mod examples;

use poem_openapi::{Enum, Object};

use super::etag;
use super::problem::ApiError;
use super::wire::{date_out, instant_out, parse_date, parse_instant};
use crate::events::{EventChange, EventView, NewEventRequest, TimesChange};
use crate::fields::FieldErrors;
use crate::freebusy::{Status, Transparency};
use crate::ids::CalendarId;
use crate::time::{DateOrTime, Zone};

/// An event, or one occurrence of one.
#[derive(Object, Debug)]
#[oai(rename = "Event", skip_serializing_if_is_none, example)]
pub struct EventOut {
    /// The event's id.
    pub id: i64,
    /// The calendar that it is in.
    pub calendar_id: i64,
    /// iCalendar UID.
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
    /// When it starts, in UTC; for an all-day event the midnight of the first day in the owner's zone.
    pub start_time: String,
    /// When it ends, in UTC; for an all-day event the midnight after the last day in the owner's zone.
    pub end_time: String,
    /// Whether it has dates rather than times.
    pub all_day: bool,
    /// The first day of an all-day event.
    pub start_date: Option<String>,
    /// The day after the last one of an all-day event.
    pub end_date: Option<String>,
    /// IANA name of the zone on whose wall clock it recurs.
    pub timezone: String,
    /// Whether it blocks time (TRANSP).
    pub event_type: EventTypeOut,
    /// STATUS.
    pub status: StatusOut,
    /// RRULE, RDATE, EXDATE and EXRULE lines; empty in a single event and in an occurrence.
    pub recurrence: Vec<String>,
    /// For an occurrence of a series, its original start: `20260105T090000Z`, or `20260105` for all-day.
    pub recurrence_id: Option<String>,
    /// SEQUENCE: one more with every change of times, recurrence or status.
    pub sequence: i64,
    /// When it was added.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

macro_rules! event_input {
    ($(#[$doc:meta])* $name:ident, title: $title:ty) => {
        $(#[$doc])*
        #[derive(Object, Clone, Debug)]
        #[oai(skip_serializing_if_is_none, example)]
        pub struct $name {
            /// Taken, and ignored: it is the server's.
            pub id: Option<i64>,
            /// The calendar to keep it in; by default the user's default calendar, or where it is.
            pub calendar_id: Option<i64>,
            /// iCalendar UID; made by the server unless given, and not to be changed.
            #[oai(validator(min_length = 1, max_length = 255))]
            pub uid: Option<String>,
            /// SUMMARY.
            #[oai(validator(min_length = 1, max_length = 255))]
            pub title: $title,
            /// DESCRIPTION.
            #[oai(validator(max_length = 100000))]
            pub description: Option<String>,
            /// LOCATION.
            #[oai(validator(max_length = 1000))]
            pub location: Option<String>,
            /// URL.
            #[oai(validator(max_length = 2000))]
            pub url: Option<String>,
            /// CATEGORIES.
            #[oai(validator(max_items = 100))]
            pub categories: Option<Vec<String>>,
            /// When it starts (RFC 3339); without an offset, local time in `timezone`, else in the profile's zone.
            #[oai(validator(min_length = 1, max_length = 64))]
            pub start_time: Option<String>,
            /// When it ends; after `start_time`.
            #[oai(validator(min_length = 1, max_length = 64))]
            pub end_time: Option<String>,
            /// Whether it has dates rather than times.
            pub all_day: Option<bool>,
            /// The first day of an all-day event, `YYYY-MM-DD`.
            #[oai(validator(min_length = 1, max_length = 10))]
            pub start_date: Option<String>,
            /// The day after the last one of an all-day event; by default the day after `start_date`.
            #[oai(validator(min_length = 1, max_length = 10))]
            pub end_date: Option<String>,
            /// IANA name of the zone on whose wall clock it recurs; by default the profile's zone.
            #[oai(validator(min_length = 1, max_length = 100))]
            pub timezone: Option<String>,
            /// Whether it blocks time (TRANSP); by default it does.
            pub event_type: Option<EventTypeOut>,
            /// STATUS; by default `confirmed`.
            pub status: Option<StatusOut>,
            /// RFC 5545 lines: RRULE, RDATE, EXDATE, such as `RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`. EXRULE of RFC 2445,
            /// which older programs write, is understood too: what it gives does not take place.
            #[oai(validator(max_items = 1000))]
            pub recurrence: Option<Vec<String>>,
            /// Taken, and ignored: it is in the path of an occurrence.
            pub recurrence_id: Option<String>,
            /// Taken, and ignored: it is the server's.
            pub sequence: Option<i64>,
            /// Taken, and ignored: it is the server's.
            pub created_at: Option<String>,
            /// Taken, and ignored: it is the server's.
            pub updated_at: Option<String>,
        }

        impl $name {
            fn times(&self, profile_zone: &Zone) -> Result<TimesChange, FieldErrors> {
                times(
                    &WrittenTimes {
                        all_day: self.all_day,
                        start_time: self.start_time.as_deref(),
                        end_time: self.end_time.as_deref(),
                        start_date: self.start_date.as_deref(),
                        end_date: self.end_date.as_deref(),
                        timezone: self.timezone.as_deref(),
                    },
                    profile_zone,
                )
            }

            fn change_with_title(self, title: Option<String>, profile_zone: &Zone) -> Result<EventChange, ApiError> {
                Ok(EventChange {
                    times: self.times(profile_zone).map_err(ApiError::invalid)?,
                    calendar_id: self.calendar_id.map(CalendarId),
                    uid: self.uid,
                    title,
                    description: self.description,
                    location: self.location,
                    url: self.url,
                    categories: self.categories,
                    transparency: self.event_type.map(Into::into),
                    status: self.status.map(Into::into),
                    recurrence: self.recurrence,
                    whole: false,
                })
            }
        }
    };
}

event_input! {
    /// An event, to be added or fully updated.
    EventIn, title: String
}

event_input! {
    /// What to change of an event; what is left out stays.
    EventPatch, title: Option<String>
}

/// Whether an event blocks time.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "EventType", rename_all = "lowercase")]
pub enum EventTypeOut {
    /// It does (OPAQUE).
    Busy,
    /// It does not (TRANSPARENT).
    Free,
}

/// Whether an event is certain.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "EventStatus", rename_all = "lowercase")]
pub enum StatusOut {
    /// It is.
    Confirmed,
    /// Not yet.
    Tentative,
    /// It does not take place.
    Cancelled,
}

impl EventIn {
    /// The event that it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn new_event(self, profile_zone: &Zone) -> Result<NewEventRequest, ApiError> {
        let title = self.title.clone();
        let event = self.change_with_title(Some(title), profile_zone)?;
        Ok(NewEventRequest { uid: event.uid.clone(), event })
    }

    /// The full update that it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn change(self, profile_zone: &Zone) -> Result<EventChange, ApiError> {
        let title = self.title.clone();
        Ok(self.change_with_title(Some(title), profile_zone)?.whole())
    }
}

impl EventPatch {
    /// The partial update that it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn change(self, profile_zone: &Zone) -> Result<EventChange, ApiError> {
        let title = self.title.clone();
        self.change_with_title(title, profile_zone)
    }
}

impl EventOut {
    /// An event as its owner sees it.
    pub fn of(event: &EventView) -> Self {
        let date = |value: &DateOrTime| value.is_date().then(|| date_out(value.local().date()));
        Self {
            id: event.id.0,
            calendar_id: event.calendar_id.0,
            uid: event.uid.clone(),
            title: event.title.clone(),
            description: event.description.clone(),
            location: event.location.clone(),
            url: event.url.clone(),
            categories: event.categories.clone(),
            start_time: instant_out(event.starts_at),
            end_time: instant_out(event.ends_at),
            all_day: event.start.is_date(),
            start_date: date(&event.start),
            end_date: date(&event.end),
            timezone: event.timezone.name().to_owned(),
            event_type: event.transparency.into(),
            status: event.status.into(),
            recurrence: event.recurrence.clone(),
            recurrence_id: event.recurrence_id.as_ref().map(|id| recurrence_id_out(id, &event.owner_zone)),
            sequence: event.sequence,
            created_at: instant_out(event.created_at),
            updated_at: instant_out(event.updated_at),
        }
    }

    /// The entity tag of an event: of one with dates, its instants depend on the owner's zone.
    pub fn tag_of(event: &EventView) -> String {
        match event.start {
            DateOrTime::Zoned { .. } => etag::of(event.version),
            DateOrTime::Date(_) | DateOrTime::Floating(_) => etag::of_zoned(event.version, event.owner_zone.name()),
        }
    }
}

impl From<Transparency> for EventTypeOut {
    fn from(transparency: Transparency) -> Self {
        match transparency {
            Transparency::Opaque => Self::Busy,
            Transparency::Transparent => Self::Free,
        }
    }
}

impl From<EventTypeOut> for Transparency {
    fn from(event_type: EventTypeOut) -> Self {
        match event_type {
            EventTypeOut::Busy => Self::Opaque,
            EventTypeOut::Free => Self::Transparent,
        }
    }
}

impl From<Status> for StatusOut {
    fn from(status: Status) -> Self {
        match status {
            Status::Confirmed => Self::Confirmed,
            Status::Tentative => Self::Tentative,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

impl From<StatusOut> for Status {
    fn from(status: StatusOut) -> Self {
        match status {
            StatusOut::Confirmed => Self::Confirmed,
            StatusOut::Tentative => Self::Tentative,
            StatusOut::Cancelled => Self::Cancelled,
        }
    }
}

/// A date as it is; all else in UTC.
fn recurrence_id_out(id: &DateOrTime, owner: &Zone) -> String {
    match id {
        DateOrTime::Date(_) => id.to_string(),
        DateOrTime::Floating(_) | DateOrTime::Zoned { .. } => DateOrTime::utc(id.instant(owner)).to_string(),
    }
}

struct WrittenTimes<'a> {
    all_day: Option<bool>,
    start_time: Option<&'a str>,
    end_time: Option<&'a str>,
    start_date: Option<&'a str>,
    end_date: Option<&'a str>,
    timezone: Option<&'a str>,
}

fn times(written: &WrittenTimes<'_>, profile_zone: &Zone) -> Result<TimesChange, FieldErrors> {
    let mut errors = FieldErrors::new();
    let timezone = written.timezone.and_then(|name| errors.take("timezone", Zone::iana(name)));
    let zone = timezone.as_ref().unwrap_or(profile_zone);
    let mut instant =
        |field: &str, text: Option<&str>| text.and_then(|text| errors.take(field, parse_instant(text, zone)));
    let (start_time, end_time) = (instant("start_time", written.start_time), instant("end_time", written.end_time));
    let mut date = |field: &str, text: Option<&str>| text.and_then(|text| errors.take(field, parse_date(text)));
    let (start_date, end_date) = (date("start_date", written.start_date), date("end_date", written.end_date));
    errors.into_result()?;
    Ok(TimesChange { all_day: written.all_day, start_time, end_time, start_date, end_date, timezone })
}
