//! What happens around every request: its id, its line in the log, and the shape of every error that no handler made.

use std::sync::Arc;
use std::time::Instant;

use poem::error::NotFoundError;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError};

use crate::app::App;

use super::operations::Operations;
use super::problem::ApiError;

/// Answers with the request's id, logs, and turns errors into problem documents. A panic in a handler is a 500.
pub async fn around<E: Endpoint>(next: Arc<E>, request: Request) -> poem::Result<Response> {
    let started = Instant::now();
    let app = request.data::<Arc<App>>().cloned();
    let id = request_id(&request);
    let (method, path) = (request.method().clone(), shown_path(request.uri().path()));
    let answered = next.call(request).await;
    let mut response = answered.map_or_else(|error| of_error(&method, error), IntoResponse::into_response);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    harden(&mut response);
    let status = response.status().as_u16();
    let micros = started.elapsed().as_micros();
    if let Some(app) = app {
        app.metrics.answered(status, started.elapsed());
    }
    tracing::info!(%id, %method, path, status, micros, "answered {method} {path} with {status}");
    Ok(response)
}

/// Lets a call through where there is such a call with such query parameters.
pub async fn known_call<E: Endpoint>(
    operations: Arc<Operations>,
    next: Arc<E>,
    request: Request,
) -> poem::Result<E::Output> {
    operations.check(&request)?;
    let path = request.uri().path().to_owned();
    next.call(request).await.map_err(|error| match error.downcast_ref::<ParsePathError>() {
        Some(wrong) => ApiError::invalid_field(operations.parameter(&path), reason(&wrong.reason)).into(),
        None => error,
    })
}

/// The answer where a handler panicked.
pub fn of_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::internal().into_response()
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own id where it is a sane one, else a new one.
fn request_id(request: &Request) -> String {
    let sane = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:+/=@".contains(&b))
    };
    match request.header(REQUEST_ID).filter(sane) {
        Some(id) => id.to_owned(),
        None => new_id(),
    }
}

fn new_id() -> String {
    let mut bits = [0; 16];
    // An id need not be unpredictable; without random bytes the answer still goes out.
    match getrandom::fill(&mut bits) {
        Ok(()) => bits.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "unknown".to_owned(),
    }
}

/// The path as it may stand in a log: a feed's secret is cut off.
fn shown_path(path: &str) -> String {
    match path.split_once("/feeds/") {
        Some((before, _)) if !before.starts_with("/api") => "/feeds/…".to_owned(),
        _ => path.chars().take(200).collect(),
    }
}

fn of_error(method: &Method, error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    known(&error).unwrap_or_else(|| by_status(method, &error)).into_response()
}

/// poem's own errors, in our words.
fn known(error: &poem::Error) -> Option<ApiError> {
    if let Some(wrong) = error.downcast_ref::<ParseParamError>() {
        return Some(ApiError::invalid_field(wrong.name, in_words(reason(&wrong.reason))));
    }
    if error.is::<ContentTypeError>() {
        return Some(ApiError::unsupported_media_type("application/json"));
    }
    if error.is::<NotFoundError>() {
        return Some(ApiError::not_found("path"));
    }
    None
}

/// A reason without the name of the type that could not be parsed.
fn reason(text: &str) -> &str {
    match text.strip_prefix("failed to parse \"").and_then(|rest| rest.split_once("\": ")) {
        Some((_, reason)) => reason,
        None => text,
    }
}

/// What a parameter's validator says, as the fields of bodies are told it.
fn in_words(reason: &str) -> String {
    let parts = reason.strip_prefix("verification failed. ").and_then(|rest| rest.strip_suffix(')'));
    match parts.and_then(|parts| parts.split_once('(')) {
        Some(("minLength", "1")) => "must not be empty".to_owned(),
        Some(("minLength", least)) => format!("is too short; at least {least} characters are needed"),
        Some(("maxLength", most)) => format!("is too long; at most {most} characters are allowed"),
        Some(("minimum", bound)) => format!("must be at least {}", bound.split(',').next().unwrap_or(bound)),
        Some(("maximum", bound)) => format!("must be at most {}", bound.split(',').next().unwrap_or(bound)),
        _ => reason.to_owned(),
    }
}

fn by_status(method: &Method, error: &poem::Error) -> ApiError {
    match error.status() {
        StatusCode::NOT_FOUND => ApiError::not_found("path"),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::method_not_allowed(&[]),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(0),
        StatusCode::BAD_REQUEST => ApiError::invalid_field("request", error.to_string()),
        _ => {
            tracing::error!(%method, %error, "a request failed: {error}");
            ApiError::internal()
        }
    }
}

/// What no browser should guess about any answer.
fn harden(response: &mut Response) {
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn validators_speak_in_words() {
        for (said, meant) in [
            ("verification failed. minLength(1)", "must not be empty"),
            ("verification failed. maxLength(64)", "is too long; at most 64 characters are allowed"),
            ("verification failed. minimum(1, exclusive: false)", "must be at least 1"),
            ("verification failed. maximum(5000, exclusive: false)", "must be at most 5000"),
            ("invalid digit found in string", "invalid digit found in string"),
        ] {
            assert_eq!(in_words(said), meant);
        }
    }
}
