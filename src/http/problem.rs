//! Errors as the API shows them: RFC 9457 problem documents, and the one translation from the words of the use cases.
//!
//! It refuses to decide anything: which error it is was decided below.

use std::collections::BTreeMap;

use poem::http::{Method, StatusCode};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};

use super::scheduling_wire::PeriodOut;
use crate::fields::FieldErrors;

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Problem {
    /// What kind of problem; `about:blank` says that `title` and `status` tell all of it.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what would be right.
    pub detail: String,
    /// For bad input: messages by the name of the field.
    pub errors: Option<BTreeMap<String, Vec<String>>>,
    /// Where a time could not be taken: who is not free then.
    pub unavailable_user_ids: Option<Vec<i64>>,
    /// Where a time could not be taken: the next three times at which all who are needed are free.
    pub next_slots: Option<Vec<PeriodOut>>,
}

/// Every error that the API answers with.
#[derive(Clone, Debug, ApiResponse)]
pub enum ApiError {
    /// The input is wrong; `errors` names the fields.
    #[oai(status = 400, content_type = "application/problem+json")]
    BadRequest(Json<Box<Problem>>),
    /// Not signed in.
    #[oai(status = 401, content_type = "application/problem+json")]
    Unauthorized(Json<Box<Problem>>, #[oai(header = "WWW-Authenticate")] String),
    /// Signed in, but not allowed.
    #[oai(status = 403, content_type = "application/problem+json")]
    Forbidden(Json<Box<Problem>>),
    /// Absent, or somebody else's.
    #[oai(status = 404, content_type = "application/problem+json")]
    NotFound(Json<Box<Problem>>),
    /// The path does not know the method.
    #[oai(status = 405, content_type = "application/problem+json")]
    MethodNotAllowed(Json<Box<Problem>>, #[oai(header = "Allow")] String),
    /// The request did not arrive in time.
    #[oai(status = 408, content_type = "application/problem+json")]
    Timeout(Json<Box<Problem>>),
    /// In conflict with what is there.
    #[oai(status = 409, content_type = "application/problem+json")]
    Conflict(Json<Box<Problem>>),
    /// `If-Match` names another version than the present one.
    #[oai(status = 412, content_type = "application/problem+json")]
    PreconditionFailed(Json<Box<Problem>>),
    /// The body is too large.
    #[oai(status = 413, content_type = "application/problem+json")]
    TooLarge(Json<Box<Problem>>),
    /// The body is of another media type than the call takes.
    #[oai(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(Json<Box<Problem>>),
    /// Too many tries; `Retry-After` says in how many seconds to try again.
    #[oai(status = 429, content_type = "application/problem+json")]
    TooManyRequests(Json<Box<Problem>>, #[oai(header = "Retry-After")] u64),
    /// A fault of the server.
    #[oai(status = 500, content_type = "application/problem+json")]
    Internal(Json<Box<Problem>>),
    /// The database is away, the server is stopping, or it has too much to do; `Retry-After` says in how many seconds to try again.
    #[oai(status = 503, content_type = "application/problem+json")]
    Unavailable(Json<Box<Problem>>, #[oai(header = "Retry-After")] u64),
}

impl ApiError {
    /// 400, with the fields that are wrong.
    pub fn invalid(errors: FieldErrors) -> Self {
        let detail = match errors.first() {
            Some((field, message)) => format!("{field}: {message}"),
            None => "The request is not valid.".to_owned(),
        };
        let mut problem = problem(StatusCode::BAD_REQUEST, detail);
        problem.errors = Some(errors.into_map());
        Self::BadRequest(Json(problem))
    }

    /// 400 about one field.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(FieldErrors::one(field, message))
    }

    /// 401.
    pub fn unauthorized(detail: &str) -> Self {
        Self::Unauthorized(Json(problem(StatusCode::UNAUTHORIZED, detail)), CHALLENGE.to_owned())
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::Forbidden(Json(problem(StatusCode::FORBIDDEN, detail)))
    }

    /// 404 about a thing, such as "event".
    pub fn not_found(what: &str) -> Self {
        Self::NotFound(Json(problem(StatusCode::NOT_FOUND, format!("There is no such {what}."))))
    }

    /// 405 with the methods that the path knows.
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let allow = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let detail = format!("This path knows {allow}.");
        Self::MethodNotAllowed(Json(problem(StatusCode::METHOD_NOT_ALLOWED, detail)), allow)
    }

    /// 408.
    pub fn timeout() -> Self {
        Self::Timeout(Json(problem(StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time.")))
    }

    /// 409; `field` is the one that could be changed to resolve the conflict.
    pub fn conflict(field: Option<&str>, detail: impl Into<String>) -> Self {
        let mut problem = problem(StatusCode::CONFLICT, detail);
        problem.errors = field.map(|field| BTreeMap::from([(field.to_owned(), vec![problem.detail.clone()])]));
        Self::Conflict(Json(problem))
    }

    /// 409 where people are not free, with the next times at which they are.
    pub fn not_free(detail: impl Into<String>, busy: Vec<i64>, next: Vec<PeriodOut>) -> Self {
        let mut problem = problem(StatusCode::CONFLICT, detail);
        problem.unavailable_user_ids = Some(busy);
        problem.next_slots = Some(next);
        Self::Conflict(Json(problem))
    }

    /// 412.
    pub fn precondition_failed() -> Self {
        let detail = "It was changed since the version that If-Match names; read it again.";
        Self::PreconditionFailed(Json(problem(StatusCode::PRECONDITION_FAILED, detail)))
    }

    /// 413 with the bound, in bytes.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The body is larger than the {limit} bytes that are allowed here.");
        Self::TooLarge(Json(problem(StatusCode::PAYLOAD_TOO_LARGE, detail)))
    }

    /// 415 with what is taken.
    pub fn unsupported_media_type(taken: &str) -> Self {
        let detail = format!("Send the body as {taken} and say so in Content-Type.");
        Self::UnsupportedMediaType(Json(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)))
    }

    /// 429.
    pub fn too_many_requests(detail: &str, retry_after_seconds: u64) -> Self {
        Self::TooManyRequests(Json(problem(StatusCode::TOO_MANY_REQUESTS, detail)), retry_after_seconds)
    }

    /// 500; what happened is in the log, under the request's id.
    pub fn internal() -> Self {
        let detail = "Something went wrong in the server; the log has it under this answer's X-Request-Id.";
        Self::Internal(Json(problem(StatusCode::INTERNAL_SERVER_ERROR, detail)))
    }

    /// 503.
    pub fn unavailable(detail: &str) -> Self {
        Self::Unavailable(Json(problem(StatusCode::SERVICE_UNAVAILABLE, detail)), RETRY_AFTER_SECONDS)
    }

    /// The document.
    pub fn problem(&self) -> &Problem {
        match self {
            Self::BadRequest(Json(problem))
            | Self::Unauthorized(Json(problem), _)
            | Self::Forbidden(Json(problem))
            | Self::NotFound(Json(problem))
            | Self::MethodNotAllowed(Json(problem), _)
            | Self::Timeout(Json(problem))
            | Self::Conflict(Json(problem))
            | Self::PreconditionFailed(Json(problem))
            | Self::TooLarge(Json(problem))
            | Self::UnsupportedMediaType(Json(problem))
            | Self::TooManyRequests(Json(problem), _)
            | Self::Internal(Json(problem))
            | Self::Unavailable(Json(problem), _) => problem,
        }
    }
}

/// What a 401 asks for (RFC 9110 section 11.6.1). Not Basic, which makes browsers ask in a window of their own.
const CHALLENGE: &str = "Bearer realm=\"convene\"";
const RETRY_AFTER_SECONDS: u64 = 2;

fn problem(status: StatusCode, detail: impl Into<String>) -> Box<Problem> {
    Box::new(Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: detail.into(),
        errors: None,
        unavailable_user_ids: None,
        next_slots: None,
    })
}
