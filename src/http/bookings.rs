//! `/api/scheduling/book/`, `/api/scheduling/holds/` and the answers to invitations.

use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::types::ParseFromJSON;
use poem_openapi::{ApiResponse, OpenApi};

use super::auth::CanWrite;
use super::body::Body;
use super::bookings_wire::{BookIn, BookingOut, HoldIn, HoldOut, ResponseIn};
use super::events_wire::EventOut;
use super::openapi::Tag;
use super::problem::ApiError;
use super::wire::NoContent;
use super::{AppRef, etag};
use crate::bookings::{self, Answered, IdempotencyKey};
use crate::events;
use crate::ids::{EventId, MeetingId};

/// The calls that take time.
pub struct BookingsApi;

#[OpenApi(tag = "Tag::Scheduling")]
impl BookingsApi {
    /// Book a meeting
    ///
    /// Checks that all of `user_ids` are free still and puts the meeting into everybody's calendar, at once: of two who race
    /// for a time exactly one gets it. You are the organizer, whether you take part or not. Where somebody is not free, the
    /// answer is 409 with `unavailable_user_ids` and, as `next_slots`, the next three times at which all are. With `hold_id`
    /// the time that you hold is booked.
    #[oai(path = "/scheduling/book", method = "post", operation_id = "book")]
    async fn book(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// However often the same request is sent with the same key within 24 hours, it is booked once, and answered alike.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        idempotency_key: Header<Option<String>>,
        body: Body<BookIn>,
    ) -> Result<BookingCreated, ApiError> {
        let (zone, request) = (&actor.0.user.timezone, body.0.canonical());
        let key = |key: &'_ String| checked(key);
        idempotency_key.0.as_ref().map(key).transpose()?;
        let key = idempotency_key.0.as_deref();
        let key = key.map(|key| IdempotencyKey { key, request: &request, render: BookingOut::kept });
        let answered = match body.0.confirmation(zone)? {
            Some(wish) => bookings::confirm(&app, &actor.0, &wish, key.as_ref()).await?,
            None => bookings::book(&app, &actor.0, &body.0.booking(zone)?, key.as_ref()).await?,
        };
        BookingCreated::of(&answered)
    }

    /// Hold a time
    ///
    /// For some minutes the meeting stands tentatively in everybody's calendar. `book` with `hold_id` makes it stay; otherwise
    /// it is gone when the time is over.
    #[oai(path = "/scheduling/holds", method = "post", operation_id = "hold")]
    async fn hold(&self, app: AppRef<'_>, actor: CanWrite, body: Body<HoldIn>) -> Result<HoldCreated, ApiError> {
        let booking = body.0.booking(&actor.0.user.timezone)?;
        let held = bookings::hold(&app, &actor.0, &booking, body.0.minutes).await?;
        Ok(HoldCreated::Created(Json(HoldOut::of(&held))))
    }

    /// Release a hold
    #[oai(path = "/scheduling/holds/:id", method = "delete", operation_id = "releaseHold")]
    async fn release(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The hold.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        bookings::release(&app, &actor.0, MeetingId(id.0)).await?;
        Ok(NoContent::Done)
    }

    /// Answer an invitation
    ///
    /// The answer stands in every participant's copy. A declined meeting takes no time any more.
    #[oai(path = "/events/:id/respond", method = "post", operation_id = "respond", tag = "Tag::Events")]
    async fn respond(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// Your copy of the meeting.
        id: Path<i64>,
        /// The entity tag of the version that is answered.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ResponseIn>,
    ) -> Result<Responded, ApiError> {
        let expected = etag::expected(if_match.0.as_deref());
        let answer = body.0.response.into();
        let event = events::respond(&app, &actor.0, (EventId(id.0), &expected), answer).await?;
        Ok(Responded::Event(Json(EventOut::of(&event)), EventOut::tag_of(&event)))
    }
}

/// The answer to a booking.
#[derive(ApiResponse)]
enum BookingCreated {
    /// It is booked.
    #[oai(status = 201)]
    Created(Json<BookingOut>),
}

/// The answer to a hold.
#[derive(ApiResponse)]
enum HoldCreated {
    /// It is held.
    #[oai(status = 201)]
    Created(Json<HoldOut>),
}

/// The answer to an answer.
#[derive(ApiResponse)]
enum Responded {
    /// Your copy.
    #[oai(status = 200)]
    Event(Json<EventOut>, #[oai(header = "ETag")] String),
}

impl BookingCreated {
    fn of(answered: &Answered) -> Result<Self, ApiError> {
        match answered {
            Answered::Now(booked) => Ok(Self::Created(Json(BookingOut::of(booked)))),
            Answered::Before(kept) => {
                let kept = BookingOut::parse_from_json_string(kept).map_err(|_| ApiError::internal())?;
                Ok(Self::Created(Json(kept)))
            }
        }
    }
}

/// Letters, digits and signs, as RFC 9110 section 5.5 lets stand in any field.
fn checked(key: &str) -> Result<(), ApiError> {
    if key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(());
    }
    Err(ApiError::invalid_field("Idempotency-Key", "must have printable ASCII characters only"))
}
