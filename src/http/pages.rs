//! What is around the API: the front page, Swagger UI, the document, and what operators watch.

use std::sync::Arc;

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Html};
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler};

use super::openapi::Document;
use super::problem::ApiError;
use crate::app::App;
use crate::time::tzdb_version;

/// Adds the pages to the routes.
pub fn add(routes: Route, document: &Document) -> Route {
    let swagger_ui = fixed("text/html; charset=utf-8", document.swagger_ui());
    routes
        .at("/", get(front_page))
        .at("/favicon.ico", get(fixed("image/svg+xml", include_str!("icon.svg").to_owned())))
        .at("/docs", get(swagger_ui))
        .at("/openapi.json", get(fixed("application/json", document.json())))
        .at("/openapi.yaml", get(fixed("application/yaml", document.yaml())))
        .at("/healthz", get(health))
        .at("/readyz", get(ready))
        .at("/metrics", get(metrics))
}

#[handler]
fn front_page(app: Data<&Arc<App>>) -> Html<String> {
    Html(include_str!("front_page.html").replace("{base}", &app.public_url))
}

/// The process is there.
#[handler]
fn health() -> &'static str {
    "ok\n"
}

/// The database can be reached and is migrated.
#[handler]
async fn ready(app: Data<&Arc<App>>) -> Response {
    match app.db.ready().await {
        Ok(()) => poem::web::Json(serde_json::json!({
            "status": "ready",
            "version": env!("CARGO_PKG_VERSION"),
            "tzdb": tzdb_version(),
        }))
        .into_response(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

#[handler]
fn metrics(app: Data<&Arc<App>>) -> Response {
    let mut response = app.metrics.prometheus().into_response();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// A page that is the same for as long as the program runs.
fn fixed(content_type: &'static str, body: String) -> impl Endpoint {
    let body = bytes::Bytes::from(body);
    poem::endpoint::make_sync(move |_| {
        Response::builder().status(StatusCode::OK).content_type(content_type).body(body.clone())
    })
    .with(poem::middleware::Compression::new())
}
