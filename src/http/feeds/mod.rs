//! `/api/feeds/`, and `/feeds/{secret}.ics`.

mod document;
mod ics;
mod wire;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

pub use document::{DOCUMENTED_PATH, documented};
pub use ics::{PATH, published};
use wire::{FeedIn, FeedOut, OpenedFeedOut};

use super::AppRef;
use super::auth::{CanWrite, SignedIn};
use super::body::Body;
use super::openapi::Tag;
use super::paging::{Here, Listed, default_limit};
use super::problem::ApiError;
use super::wire::NoContent;
use crate::ids::FeedId;
use crate::publishing;

/// The calls about feeds.
pub struct FeedsApi;

#[OpenApi(tag = "Tag::Feeds")]
impl FeedsApi {
    /// List feeds
    ///
    /// In the order in which they were made, without their addresses.
    #[oai(path = "/feeds", method = "get", operation_id = "listFeeds")]
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
    ) -> Result<Listed<FeedOut>, ApiError> {
        let found = publishing::list(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |view| view.feed.id.0)?;
        Ok(Listed::Page(Json(page.iter().map(FeedOut::of).collect()), link))
    }

    /// Publish calendars
    ///
    /// Whoever has the address of a feed can read it, without signing in. The address is shown this once.
    #[oai(path = "/feeds", method = "post", operation_id = "createFeed")]
    async fn create(&self, app: AppRef<'_>, actor: CanWrite, body: Body<FeedIn>) -> Result<FeedCreated, ApiError> {
        let made = publishing::create(&app, &actor.0, body.0.into()).await?;
        Ok(FeedCreated::Created(Json(OpenedFeedOut::of(&made, &app.public_url))))
    }

    /// Delete a feed
    ///
    /// Nobody is answered at its address any more.
    #[oai(path = "/feeds/:id", method = "delete", operation_id = "deleteFeed")]
    async fn delete(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The feed.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        publishing::delete(&app, &actor.0, FeedId(id.0)).await?;
        Ok(NoContent::Done)
    }

    /// Give a feed another address
    ///
    /// Nobody is answered at the old one any more. The new one is shown this once.
    #[oai(path = "/feeds/:id/rotate", method = "post", operation_id = "rotateFeed")]
    async fn rotate(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The feed.
        id: Path<i64>,
    ) -> Result<Json<OpenedFeedOut>, ApiError> {
        let rotated = publishing::rotate(&app, &actor.0, FeedId(id.0)).await?;
        Ok(Json(OpenedFeedOut::of(&rotated, &app.public_url)))
    }
}

/// The answer to the making of a feed.
#[derive(ApiResponse)]
enum FeedCreated {
    /// The feed was made.
    #[oai(status = 201)]
    Created(Json<OpenedFeedOut>),
}
