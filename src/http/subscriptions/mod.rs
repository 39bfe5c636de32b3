//! `/api/subscriptions/`.

mod wire;

use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use wire::{SubscriptionIn, SubscriptionOut, SubscriptionPatch, SubscriptionReportOut};

use super::auth::{CanWrite, SignedIn};
use super::body::Body;
use super::openapi::Tag;
use super::paging::{Here, Listed, default_limit};
use super::problem::ApiError;
use super::transfer::ExportAnswer;
use super::wire::NoContent;
use super::{AppRef, etag};
use crate::ids::SubscriptionId;
use crate::subscriptions;

/// The calls about subscriptions.
pub struct SubscriptionsApi;

#[OpenApi(tag = "Tag::Subscriptions")]
impl SubscriptionsApi {
    /// List subscriptions
    ///
    /// In the order in which they were made.
    #[oai(path = "/subscriptions", method = "get", operation_id = "listSubscriptions")]
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
    ) -> Result<Listed<SubscriptionOut>, ApiError> {
        let found = subscriptions::list(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |view| view.id.0)?;
        Ok(Listed::Page(Json(page.iter().map(SubscriptionOut::of).collect()), link))
    }

    /// Subscribe to a calendar elsewhere
    ///
    /// Its calendar is there at once. Its events come as soon as the address has answered, mostly within seconds: until then
    /// `last_status` is `pending`.
    #[oai(path = "/subscriptions", method = "post", operation_id = "createSubscription")]
    async fn create(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        body: Body<SubscriptionIn>,
    ) -> Result<SubscriptionCreated, ApiError> {
        let made = subscriptions::create(&app, &actor.0, body.0.into()).await?;
        Ok(SubscriptionCreated::Created(Json(SubscriptionOut::of(&made))))
    }

    /// Read a subscription
    #[oai(path = "/subscriptions/:id", method = "get", operation_id = "getSubscription")]
    async fn get(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The subscription.
        id: Path<i64>,
    ) -> Result<Json<SubscriptionOut>, ApiError> {
        let found = subscriptions::get(&app, &actor.0, SubscriptionId(id.0)).await?;
        Ok(Json(SubscriptionOut::of(&found)))
    }

    /// Update some of a subscription
    ///
    /// A field left out stays as it is.
    #[oai(path = "/subscriptions/:id", method = "patch", operation_id = "patchSubscription")]
    async fn patch(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The subscription.
        id: Path<i64>,
        body: Body<SubscriptionPatch>,
    ) -> Result<Json<SubscriptionOut>, ApiError> {
        let changed = subscriptions::update(&app, &actor.0, SubscriptionId(id.0), body.0.into()).await?;
        Ok(Json(SubscriptionOut::of(&changed)))
    }

    /// End a subscription
    ///
    /// Its calendar goes with it, with all events.
    #[oai(path = "/subscriptions/:id", method = "delete", operation_id = "deleteSubscription")]
    async fn delete(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The subscription.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        subscriptions::delete(&app, &actor.0, SubscriptionId(id.0)).await?;
        Ok(NoContent::Done)
    }

    /// Refresh a subscription
    ///
    /// Asks the address now, and answers when that is done. Whether it went well stands in `last_status` and `last_error`.
    /// Where the address is being asked already, that is waited for.
    #[oai(path = "/subscriptions/:id/refresh", method = "post", operation_id = "refreshSubscription")]
    async fn refresh(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The subscription.
        id: Path<i64>,
    ) -> Result<Json<SubscriptionOut>, ApiError> {
        let app: &Arc<_> = &app;
        let refreshed = subscriptions::refresh_now(app, &actor.0, SubscriptionId(id.0)).await?;
        Ok(Json(SubscriptionOut::of(&refreshed)))
    }

    /// Read the report about a subscription
    ///
    /// How the calendar is served, and what was left out, guessed and repaired of the file that was read last: why, and what to
    /// change at the source.
    #[oai(path = "/subscriptions/:id/report", method = "get", operation_id = "getSubscriptionReport")]
    async fn report(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The subscription.
        id: Path<i64>,
    ) -> Result<Json<SubscriptionReportOut>, ApiError> {
        let report = subscriptions::report(&app, &actor.0, SubscriptionId(id.0)).await?;
        Ok(Json(SubscriptionReportOut::of(report)))
    }

    /// Download the repaired calendar
    ///
    /// The events as they were understood, as RFC 5545 has it. What could not be read is left out.
    #[oai(path = "/subscriptions/:id/repaired.ics", method = "get", operation_id = "getRepairedSubscription")]
    async fn repaired(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The subscription.
        id: Path<i64>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ExportAnswer, ApiError> {
        let is_known = |version: &str| etag::is_known(if_none_match.0.as_deref(), &etag::of_text(version));
        let found = subscriptions::repaired(&app, &actor.0, SubscriptionId(id.0), is_known).await?;
        Ok(ExportAnswer::of(found))
    }
}

/// The answer to the making of a subscription.
#[derive(ApiResponse)]
enum SubscriptionCreated {
    /// The subscription was made.
    #[oai(status = 201)]
    Created(Json<SubscriptionOut>),
}
