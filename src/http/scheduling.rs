//! `/api/scheduling/`.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, OpenApi};

use super::AppRef;
use super::auth::MaybeSignedIn;
use super::body::Body;
use super::json_text::JsonText;
use super::openapi::Tag;
use super::problem::ApiError;
use super::scheduling_wire::{FindSlotsIn, FindSlotsOut, FreeBusyIn, FreeBusyOut, Zones, window};
use crate::ids::UserId;
use crate::scheduling;

/// The calls about common time.
pub struct SchedulingApi;

#[OpenApi(tag = "Tag::Scheduling")]
impl SchedulingApi {
    /// Find slots
    ///
    /// When are all of these people free? By their working hours and days, each in their own zone, and by the events of their
    /// calendars. Without a session, only `public` users may be asked about.
    #[oai(path = "/scheduling/find-slots", method = "post", operation_id = "findSlots")]
    async fn find_slots(
        &self,
        app: AppRef<'_>,
        actor: MaybeSignedIn,
        body: Body<FindSlotsIn>,
    ) -> Result<JsonText<FindSlotsOut>, ApiError> {
        let profile_zone = actor.0.as_ref().map(|actor| &actor.user.timezone);
        let zones = Zones::of(body.0.timezone.as_deref(), profile_zone)?;
        let search = body.0.search(&zones, app.clock.now())?;
        let found = scheduling::find_slots(&app, actor.0.as_ref(), search.clone()).await?;
        Ok(JsonText::new(FindSlotsOut::text(&search, &found, &zones)))
    }

    /// Read free and busy times
    ///
    /// For each user the merged busy periods and the working periods inside the window. Without a session, only `public`
    /// users may be asked about.
    #[oai(path = "/scheduling/free-busy", method = "post", operation_id = "freeBusy")]
    async fn free_busy(
        &self,
        app: AppRef<'_>,
        actor: MaybeSignedIn,
        body: Body<FreeBusyIn>,
    ) -> Result<Json<FreeBusyOut>, ApiError> {
        let profile_zone = actor.0.as_ref().map(|actor| &actor.user.timezone);
        let zones = Zones::of(body.0.timezone.as_deref(), profile_zone)?;
        let (window, ids) = (body.0.window(&zones)?, body.0.user_ids.iter().copied().map(UserId).collect::<Vec<_>>());
        let found = scheduling::free_busy(&app, actor.0.as_ref(), &ids, window).await?;
        Ok(Json(FreeBusyOut::of(&found, window, &zones.answer)))
    }

    /// Read free and busy times as iCalendar
    ///
    /// A VFREEBUSY (RFC 5545 section 3.6.4) of one person, in UTC; outside of working hours it says BUSY-UNAVAILABLE.
    #[oai(path = "/scheduling/free-busy/:user_id/ics", method = "get", operation_id = "freeBusyIcs")]
    async fn free_busy_ics(
        &self,
        app: AppRef<'_>,
        actor: MaybeSignedIn,
        /// Whose.
        user_id: Path<i64>,
        /// Where the window begins (RFC 3339).
        #[oai(validator(min_length = 1, max_length = 64))]
        start: Query<String>,
        /// Where it ends, at most 366 days later.
        #[oai(validator(min_length = 1, max_length = 64))]
        end: Query<String>,
    ) -> Result<FreeBusyIcs, ApiError> {
        let profile_zone = actor.0.as_ref().map(|actor| &actor.user.timezone);
        let window = window(&start.0, &end.0, &Zones::of(None, profile_zone)?)?;
        let text = scheduling::published_free_busy(&app, actor.0.as_ref(), UserId(user_id.0), window).await?;
        Ok(FreeBusyIcs::Stream(PlainText(text)))
    }
}

/// The answer with free and busy times.
#[derive(ApiResponse)]
enum FreeBusyIcs {
    /// The stream.
    #[oai(status = 200, content_type = "text/calendar; charset=utf-8")]
    Stream(PlainText<String>),
}
