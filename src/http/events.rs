//! `/api/events/`.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, Enum, OpenApi};

use super::auth::{CanWrite, SignedIn};
use super::body::Body;
use super::events_wire::{EventIn, EventOut, EventPatch, EventTypeOut};
use super::openapi::Tag;
use super::paging::{self, Here, Listed, default_limit};
use super::problem::ApiError;
use super::wire::{NoContent, parse_instant};
use super::{AppRef, etag};
use crate::accounts::Actor;
use crate::events::{self, EventQuery, EventView, OccurrenceTarget, OccurrencesQuery, Page, Range};
use crate::fields::FieldErrors;
use crate::ids::{CalendarId, EventId};
use crate::time::{DateOrTime, Timestamp};

/// The calls about events.
pub struct EventsApi;

#[OpenApi(tag = "Tag::Events")]
impl EventsApi {
    /// List events
    ///
    /// Those with any time in the half-open window, in the order of their starts; recurring ones by their occurrences. With
    /// `expand=true` the occurrences come in place of the series.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/events", method = "get", operation_id = "listEvents")]
    async fn list(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// Events with time after this instant (RFC 3339).
        #[oai(validator(min_length = 1, max_length = 64))]
        start: Query<Option<String>>,
        /// Events with time before this instant.
        #[oai(validator(min_length = 1, max_length = 64))]
        end: Query<Option<String>>,
        /// Occurrences in place of series; needs `start` and `end`.
        #[oai(default)]
        expand: Query<bool>,
        /// Those of one calendar.
        calendar_id: Query<Option<i64>>,
        /// Those with this text in title, description or location, without regard to case.
        #[oai(validator(max_length = 200))]
        q: Query<Option<String>>,
        /// Those that block time, or that do not.
        event_type: Query<Option<EventTypeOut>>,
        /// Most events on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 200))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<EventOut>, ApiError> {
        let (start, end) = window(&actor.0, start.0.as_deref(), end.0.as_deref())?;
        let query = EventQuery {
            calendar_id: calendar_id.0.map(CalendarId),
            start,
            end,
            expand: expand.0,
            text: q.0.filter(|text| !text.is_empty()),
            transparency: event_type.0.map(Into::into),
            limit: limit.0,
            after: paging::decode(cursor.0.as_deref())?,
        };
        Ok(listed(&events::list(&app, &actor.0, &query).await?, &here))
    }

    /// Add an event
    ///
    /// A single one, an all-day one (`all_day`, `start_date`, `end_date`) or a series (`recurrence`).
    #[oai(path = "/events", method = "post", operation_id = "createEvent")]
    async fn create(&self, app: AppRef<'_>, actor: CanWrite, body: Body<EventIn>) -> Result<EventCreated, ApiError> {
        let new = body.0.new_event(&actor.0.user.timezone)?;
        let made = events::create(&app, &actor.0, new).await?;
        Ok(EventCreated::Created(Json(EventOut::of(&made)), EventOut::tag_of(&made)))
    }

    /// Read an event
    #[oai(path = "/events/:id", method = "get", operation_id = "getEvent")]
    async fn get(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The event.
        id: Path<i64>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<EventAnswer, ApiError> {
        let found = events::get(&app, &actor.0, EventId(id.0)).await?;
        Ok(EventAnswer::unless_known(&found, if_none_match.0.as_deref()))
    }

    /// Update an event
    ///
    /// A full update: a field left out goes to its default, but for the calendar and the UID, which stay.
    #[oai(path = "/events/:id", method = "put", operation_id = "updateEvent")]
    async fn update(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<EventIn>,
    ) -> Result<EventAnswer, ApiError> {
        let (change, expected) = (body.0.change(&actor.0.user.timezone)?, etag::expected(if_match.0.as_deref()));
        Ok(EventAnswer::of(&events::update(&app, &actor.0, (EventId(id.0), &expected), change).await?))
    }

    /// Update some of an event
    ///
    /// A field left out stays as it is.
    #[oai(path = "/events/:id", method = "patch", operation_id = "patchEvent")]
    async fn patch(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<EventPatch>,
    ) -> Result<EventAnswer, ApiError> {
        let (change, expected) = (body.0.change(&actor.0.user.timezone)?, etag::expected(if_match.0.as_deref()));
        Ok(EventAnswer::of(&events::update(&app, &actor.0, (EventId(id.0), &expected), change).await?))
    }

    /// Delete an event
    ///
    /// The whole of it, with all its occurrences.
    #[oai(path = "/events/:id", method = "delete", operation_id = "deleteEvent")]
    async fn delete(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The entity tag of the version to delete.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<NoContent, ApiError> {
        events::delete(&app, &actor.0, EventId(id.0), &etag::expected(if_match.0.as_deref())).await?;
        Ok(NoContent::Done)
    }

    /// Read an event as iCalendar
    ///
    /// With its overrides (RFC 5545).
    #[oai(path = "/events/:id/ics", method = "get", operation_id = "getEventIcs")]
    async fn ics(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The event.
        id: Path<i64>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<IcsAnswer, ApiError> {
        let (text, version) = events::ics(&app, &actor.0, EventId(id.0)).await?;
        Ok(IcsAnswer::unless_known(text, etag::of(version), if_none_match.0.as_deref()))
    }

    /// List the occurrences of an event
    ///
    /// In the order of their starts. Without `start`, from the first on; without `end`, up to the last, or a year of an
    /// endless series.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/events/:id/occurrences", method = "get", operation_id = "listOccurrences")]
    async fn occurrences(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// The event.
        id: Path<i64>,
        /// Occurrences with time after this instant (RFC 3339).
        #[oai(validator(min_length = 1, max_length = 64))]
        start: Query<Option<String>>,
        /// Occurrences with time before this instant.
        #[oai(validator(min_length = 1, max_length = 64))]
        end: Query<Option<String>>,
        /// Most occurrences on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 200))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<EventOut>, ApiError> {
        let (start, end) = window(&actor.0, start.0.as_deref(), end.0.as_deref())?;
        let query = OccurrencesQuery { start, end, limit: limit.0, after: paging::decode(cursor.0.as_deref())? };
        let page = events::list_occurrences(&app, &actor.0, EventId(id.0), &query).await?;
        Ok(listed(&page, &here))
    }

    /// Update one occurrence
    ///
    /// A full update of that occurrence alone; with `range=following` of it and all after it, as a series of its own, which
    /// is the answer. That series recurs as before, where `recurrence` is left out or empty.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/events/:id/occurrences/:recurrence_id", method = "put", operation_id = "updateOccurrence")]
    async fn update_occurrence(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The original start of the occurrence: `20260105T090000Z`, or `20260105` for all-day.
        recurrence_id: Path<String>,
        /// How far the change reaches.
        #[oai(default)]
        range: Query<RangeIn>,
        /// The entity tag of the event's version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<EventIn>,
    ) -> Result<EventAnswer, ApiError> {
        let change = body.0.change(&actor.0.user.timezone)?;
        let target = target(id.0, &recurrence_id.0, if_match.0.as_deref())?;
        Ok(EventAnswer::of(&events::change_occurrence(&app, &actor.0, &target, &change, range.0.into()).await?))
    }

    /// Update some of one occurrence
    ///
    /// A field left out stays as it is. With `range=following`, as in PUT.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/events/:id/occurrences/:recurrence_id", method = "patch", operation_id = "patchOccurrence")]
    async fn patch_occurrence(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The original start of the occurrence: `20260105T090000Z`, or `20260105` for all-day.
        recurrence_id: Path<String>,
        /// How far the change reaches.
        #[oai(default)]
        range: Query<RangeIn>,
        /// The entity tag of the event's version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<EventPatch>,
    ) -> Result<EventAnswer, ApiError> {
        let change = body.0.change(&actor.0.user.timezone)?;
        let target = target(id.0, &recurrence_id.0, if_match.0.as_deref())?;
        Ok(EventAnswer::of(&events::change_occurrence(&app, &actor.0, &target, &change, range.0.into()).await?))
    }

    /// Cancel one occurrence
    ///
    /// With `range=following`, it and all after it.
    #[oai(path = "/events/:id/occurrences/:recurrence_id", method = "delete", operation_id = "deleteOccurrence")]
    async fn delete_occurrence(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The event.
        id: Path<i64>,
        /// The original start of the occurrence: `20260105T090000Z`, or `20260105` for all-day.
        recurrence_id: Path<String>,
        /// How far the change reaches.
        #[oai(default)]
        range: Query<RangeIn>,
        /// The entity tag of the event's version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<NoContent, ApiError> {
        let target = target(id.0, &recurrence_id.0, if_match.0.as_deref())?;
        events::cancel_occurrence(&app, &actor.0, &target, range.0.into()).await?;
        Ok(NoContent::Done)
    }
}

/// How far a change of an occurrence reaches.
#[derive(Enum, Clone, Copy, Debug, Default)]
#[oai(rename = "OccurrenceRange", rename_all = "lowercase")]
enum RangeIn {
    /// This occurrence alone.
    #[default]
    This,
    /// This one and all after it.
    Following,
}

/// The answer to the making of an event.
#[derive(ApiResponse)]
enum EventCreated {
    /// The event was added.
    #[oai(status = 201)]
    Created(Json<EventOut>, #[oai(header = "ETag")] String),
}

/// An event, or that the client has it.
#[derive(ApiResponse)]
enum EventAnswer {
    /// The event.
    #[oai(status = 200)]
    Event(Json<Box<EventOut>>, #[oai(header = "ETag")] String),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

/// An iCalendar stream, or that the client has it.
#[derive(ApiResponse)]
enum IcsAnswer {
    /// The stream.
    #[oai(status = 200, content_type = "text/calendar; charset=utf-8")]
    Stream(PlainText<String>, #[oai(header = "ETag")] String),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

impl EventAnswer {
    fn of(event: &EventView) -> Self {
        Self::Event(Json(Box::new(EventOut::of(event))), EventOut::tag_of(event))
    }

    fn unless_known(event: &EventView, if_none_match: Option<&str>) -> Self {
        let tag = EventOut::tag_of(event);
        if etag::is_known(if_none_match, &tag) { Self::NotModified(tag) } else { Self::of(event) }
    }
}

impl IcsAnswer {
    fn unless_known(text: String, tag: String, if_none_match: Option<&str>) -> Self {
        if etag::is_known(if_none_match, &tag) { Self::NotModified(tag) } else { Self::Stream(PlainText(text), tag) }
    }
}

impl From<RangeIn> for Range {
    fn from(range: RangeIn) -> Self {
        match range {
            RangeIn::This => Self::This,
            RangeIn::Following => Self::Following,
        }
    }
}

fn listed(page: &Page, here: &Here) -> Listed<EventOut> {
    Listed::Page(Json(page.events.iter().map(EventOut::of).collect()), here.link_to_next(page.next))
}

/// The window that `start` and `end` of a query say.
pub(super) fn window(
    actor: &Actor,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
    let mut errors = FieldErrors::new();
    let mut instant = |field: &str, text: Option<&str>| {
        text.and_then(|text| errors.take(field, parse_instant(text, &actor.user.timezone)))
    };
    let window = (instant("start", start), instant("end", end));
    errors.into_result().map_err(ApiError::invalid)?;
    Ok(window)
}

fn target(event: i64, recurrence_id: &str, if_match: Option<&str>) -> Result<OccurrenceTarget, ApiError> {
    // A text that is no time is the original start of no occurrence.
    let recurrence_id: DateOrTime = recurrence_id.parse().map_err(|_| ApiError::not_found("occurrence"))?;
    Ok(OccurrenceTarget { event: EventId(event), recurrence_id, expected: etag::expected(if_match) })
}
