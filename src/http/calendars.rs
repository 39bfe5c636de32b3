//! `/api/calendars/`.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::auth::{CanWrite, SignedIn};
use super::body::Body;
use super::openapi::Tag;
use super::paging::{Here, Listed, default_limit};
use super::problem::ApiError;
use super::wire::NoContent;
use super::{AppRef, etag};
use crate::bookings;
use crate::calendars::{self, CalendarChange};
use crate::ids::CalendarId;
use crate::storage::calendars::{Calendar, CalendarKind};

/// The calls about calendars.
pub struct CalendarsApi;

#[OpenApi(tag = "Tag::Calendars")]
impl CalendarsApi {
    /// List calendars
    ///
    /// In the order in which they were made; the default one, which every user has, is the first.
    #[oai(path = "/calendars", method = "get", operation_id = "listCalendars")]
    async fn list(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// Most entries on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 400))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<CalendarOut>, ApiError> {
        let found = calendars::list(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |calendar| calendar.id.0)?;
        Ok(Listed::Page(Json(page.iter().map(CalendarOut::of).collect()), link))
    }

    /// Make a calendar
    #[oai(path = "/calendars", method = "post", operation_id = "createCalendar")]
    async fn create(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        body: Body<CalendarIn>,
    ) -> Result<CalendarCreated, ApiError> {
        let made = calendars::create(&app, &actor.0, body.0.into()).await?;
        Ok(CalendarCreated::Created(Json(CalendarOut::of(&made)), etag::of(made.version)))
    }

    /// Read a calendar
    #[oai(path = "/calendars/:id", method = "get", operation_id = "getCalendar")]
    async fn get(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The calendar.
        id: Path<i64>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<CalendarAnswer, ApiError> {
        let found = calendars::get(&app, &actor.0, CalendarId(id.0)).await?;
        Ok(CalendarAnswer::unless_known(&found, if_none_match.0.as_deref()))
    }

    /// Update a calendar
    ///
    /// A full update: a field left out goes to its default.
    #[oai(path = "/calendars/:id", method = "put", operation_id = "updateCalendar")]
    async fn update(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The calendar.
        id: Path<i64>,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<CalendarIn>,
    ) -> Result<CalendarAnswer, ApiError> {
        let expected = etag::expected(if_match.0.as_deref());
        let target = (CalendarId(id.0), &expected);
        Ok(CalendarAnswer::of(&calendars::update(&app, &actor.0, target, body.0.into(), true).await?))
    }

    /// Update some of a calendar
    ///
    /// A field left out stays as it is.
    #[oai(path = "/calendars/:id", method = "patch", operation_id = "patchCalendar")]
    async fn patch(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The calendar.
        id: Path<i64>,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<CalendarPatch>,
    ) -> Result<CalendarAnswer, ApiError> {
        let expected = etag::expected(if_match.0.as_deref());
        let target = (CalendarId(id.0), &expected);
        Ok(CalendarAnswer::of(&calendars::update(&app, &actor.0, target, body.0.into(), false).await?))
    }

    /// Delete a calendar
    ///
    /// With all its events. The meetings in it that you organize are cancelled in everybody's calendar, the others declined.
    /// The default calendar stays.
    #[oai(path = "/calendars/:id", method = "delete", operation_id = "deleteCalendar")]
    async fn delete(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The calendar.
        id: Path<i64>,
        /// The entity tag of the version to delete.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<NoContent, ApiError> {
        let expected = etag::expected(if_match.0.as_deref());
        bookings::delete_calendar(&app, &actor.0, CalendarId(id.0), &expected).await?;
        Ok(NoContent::Done)
    }
}

/// A calendar.
#[derive(Object)]
#[oai(example)]
pub struct CalendarOut {
    /// The calendar's id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Anything.
    pub description: String,
    /// IANA name of the zone of events that come without one.
    pub timezone: String,
    /// Whether new events go into it.
    pub is_default: bool,
    /// Where its events come from.
    pub kind: KindOut,
    /// Whether its events block time.
    pub counts_as_busy: bool,
    /// Changes with every change of the calendar and inside it.
    pub ctag: String,
}

/// Where the events of a calendar come from.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "CalendarKind", rename_all = "lowercase")]
pub enum KindOut {
    /// From its owner.
    Local,
    /// From elsewhere: it can only be read.
    Subscription,
}

/// A calendar, to be made or fully updated.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CalendarIn {
    /// Taken, and ignored: it is the server's.
    pub id: Option<i64>,
    /// What to call it.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub name: String,
    /// `#rrggbb`; default `#3a87ad`.
    #[oai(validator(min_length = 7, max_length = 7))]
    pub color: Option<String>,
    /// Anything; default empty.
    #[oai(validator(max_length = 10000))]
    pub description: Option<String>,
    /// IANA name; default the zone of the profile.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
    /// Taken, and ignored: it is the server's.
    pub is_default: Option<bool>,
    /// Taken, and ignored: it is the server's.
    pub kind: Option<KindOut>,
    /// Whether its events block time; default true.
    pub counts_as_busy: Option<bool>,
    /// Taken, and ignored: it is the server's.
    pub ctag: Option<String>,
}

/// What to change of a calendar; what is left out stays.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct CalendarPatch {
    /// Taken, and ignored: it is the server's.
    pub id: Option<i64>,
    /// What to call it.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[oai(validator(min_length = 7, max_length = 7))]
    pub color: Option<String>,
    /// Anything.
    #[oai(validator(max_length = 10000))]
    pub description: Option<String>,
    /// IANA name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
    /// Taken, and ignored: it is the server's.
    pub is_default: Option<bool>,
    /// Taken, and ignored: it is the server's.
    pub kind: Option<KindOut>,
    /// Whether its events block time.
    pub counts_as_busy: Option<bool>,
    /// Taken, and ignored: it is the server's.
    pub ctag: Option<String>,
}

/// The answer to the making of a calendar.
#[derive(ApiResponse)]
enum CalendarCreated {
    /// The calendar was made.
    #[oai(status = 201)]
    Created(Json<CalendarOut>, #[oai(header = "ETag")] String),
}

/// A calendar, or that the client has it.
#[derive(ApiResponse)]
enum CalendarAnswer {
    /// The calendar.
    #[oai(status = 200)]
    Calendar(Json<CalendarOut>, #[oai(header = "ETag")] String),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

impl CalendarAnswer {
    fn of(calendar: &Calendar) -> Self {
        Self::Calendar(Json(CalendarOut::of(calendar)), etag::of(calendar.version))
    }

    fn unless_known(calendar: &Calendar, if_none_match: Option<&str>) -> Self {
        let tag = etag::of(calendar.version);
        if etag::is_known(if_none_match, &tag) { Self::NotModified(tag) } else { Self::of(calendar) }
    }
}

impl CalendarOut {
    fn of(calendar: &Calendar) -> Self {
        Self {
            id: calendar.id.0,
            name: calendar.name.clone(),
            color: calendar.color.clone(),
            description: calendar.description.clone(),
            timezone: calendar.timezone.name().to_owned(),
            is_default: calendar.is_default,
            kind: match calendar.kind {
                CalendarKind::Local => KindOut::Local,
                CalendarKind::Subscription => KindOut::Subscription,
            },
            counts_as_busy: calendar.counts_as_busy,
            ctag: calendar.version.to_string(),
        }
    }
}

impl From<CalendarIn> for CalendarChange {
    fn from(given: CalendarIn) -> Self {
        Self {
            name: Some(given.name),
            color: given.color,
            description: given.description,
            timezone: given.timezone,
            counts_as_busy: given.counts_as_busy,
        }
    }
}

impl From<CalendarPatch> for CalendarChange {
    fn from(given: CalendarPatch) -> Self {
        Self {
            name: given.name,
            color: given.color,
            description: given.description,
            timezone: given.timezone,
            counts_as_busy: given.counts_as_busy,
        }
    }
}

mod examples {
    use poem_openapi::types::Example;

    use super::*;

    impl Example for CalendarOut {
        fn example() -> Self {
            Self {
                id: 12,
                name: "Work".to_owned(),
                color: "#3a87ad".to_owned(),
                description: String::new(),
                timezone: "Europe/Berlin".to_owned(),
                is_default: false,
                kind: KindOut::Local,
                counts_as_busy: true,
                ctag: "1".to_owned(),
            }
        }
    }

    impl Example for CalendarIn {
        fn example() -> Self {
            Self {
                id: None,
                name: "Work".to_owned(),
                color: Some("#3a87ad".to_owned()),
                description: None,
                timezone: Some("Europe/Berlin".to_owned()),
                is_default: None,
                kind: None,
                counts_as_busy: None,
                ctag: None,
            }
        }
    }

    impl Example for CalendarPatch {
        fn example() -> Self {
            Self {
                id: None,
                name: Some("Projects".to_owned()),
                color: None,
                description: None,
                timezone: None,
                is_default: None,
                kind: None,
                counts_as_busy: Some(false),
                ctag: None,
            }
        }
    }
}
