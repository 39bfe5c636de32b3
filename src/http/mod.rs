//! The REST face: it turns requests into calls of the use cases and their answers into responses. It decides nothing.
//!
//! Deliberate oddities, each because the documented clients expect it:
//! - every path is known with and without its trailing slash, and the documented form has it;
//! - TRANSP is called `event_type` (`busy`, `free`), and logout answers 200 with a message;
//! - slots are given with `+00:00`, events with `Z`.

mod accounts;
mod accounts_wire;
mod auth;
mod body;
mod bookings;
mod bookings_wire;
mod calendar_text;
mod calendars;
pub mod connections;
mod error;
mod etag;
mod events;
mod events_wire;
mod feeds;
mod imports;
mod imports_wire;
mod instant_text;
mod json_text;
mod middleware;
pub mod openapi;
mod operations;
mod or_null;
mod pages;
mod paging;
mod problem;
mod scheduling;
mod scheduling_wire;
mod schema;
mod session;
mod subscriptions;
mod transfer;
mod transfer_wire;
mod upload;
mod wire;

use std::sync::Arc;

use poem::middleware::{CatchPanic, NormalizePath, TrailingSlash};
use poem::web::Data;
use poem::{Endpoint, EndpointExt, Request, Response, Route};

use crate::app::App;
use problem::ApiError;

/// Every route of the server.
pub fn routes(app: &Arc<App>) -> impl Endpoint<Output = Response> + 'static {
    let document = openapi::Document::new();
    let operations = Arc::new(operations::Operations::of(&document));
    pages::add(Route::new(), &document)
        .at(feeds::PATH, feeds::published())
        .nest("/api", openapi::service())
        .around(move |next, request| middleware::known_call(Arc::clone(&operations), next, request))
        .with(CatchPanic::new().with_handler(middleware::of_panic))
        .with(NormalizePath::new(TrailingSlash::Trim))
        .around(middleware::around)
        .data(Arc::clone(app))
}

/// The application, as a handler's argument.
type AppRef<'a> = Data<&'a Arc<App>>;

/// The application that the request was made to.
fn app_of(request: &Request) -> Result<&Arc<App>, ApiError> {
    request.data::<Arc<App>>().ok_or_else(ApiError::internal)
}
