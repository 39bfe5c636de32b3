//! `GET /feeds/{secret}.ics`: the feed itself, for whoever has its address.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use poem::http::{HeaderMap, StatusCode, header};
use poem::{Endpoint, EndpointExt, Request, Response, get};

use crate::accounts::Secret;
use crate::http::app_of;
use crate::http::problem::ApiError;
use crate::http::wire::parse_instant;
use crate::publishing::{FeedText, FeedVersion, Poll, Published, publish};
use crate::time::Zone;

/// Its route; poem takes no part of a segment, so the suffix is taken off here.
pub const PATH: &str = "/feeds/:secret";

/// The endpoint, for GET and HEAD alike: the server leaves the body of the latter out.
pub fn published() -> impl Endpoint {
    let answer = || poem::endpoint::make(|request| async move { answer(&request).await.map_err(poem::Error::from) });
    get(answer()).head(answer()).boxed()
}

async fn answer(request: &Request) -> Result<Response, ApiError> {
    let app = app_of(request)?;
    let name = request.raw_path_param("secret").unwrap_or_default();
    let secret = name.strip_suffix(".ics").ok_or_else(|| ApiError::not_found("feed"))?;
    let poll = Poll {
        secret: Secret::received(secret),
        start: edge(request, "start")?,
        end: edge(request, "end")?,
        agent: request.header(header::USER_AGENT),
    };
    let wants_gzip = accepts_gzip(request.headers());
    match publish(app, &poll, |version| is_known(request.headers(), version)).await? {
        Published::Known(version) => Ok(head(StatusCode::NOT_MODIFIED, &version, wants_gzip).finish()),
        Published::Text(version, text) => with_text(&version, &text, wants_gzip).await,
    }
}

async fn with_text(version: &FeedVersion, text: &Arc<FeedText>, wants_gzip: bool) -> Result<Response, ApiError> {
    let response = head(StatusCode::OK, version, wants_gzip)
        .content_type("text/calendar; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "inline; filename=\"calendar.ics\"");
    if wants_gzip {
        return Ok(response.header(header::CONTENT_ENCODING, "gzip").body(text.gzip().await?));
    }
    Ok(response.body(text.plain()))
}

/// The headers that 200 and 304 have in common (RFC 9110 section 15.4.5).
fn head(status: StatusCode, version: &FeedVersion, gzip: bool) -> poem::ResponseBuilder {
    let modified = DateTimePrinter::new().timestamp_to_rfc9110_string(&version.modified_at).unwrap_or_default();
    Response::builder()
        .status(status)
        .header(header::ETAG, tag(version, gzip))
        .header(header::LAST_MODIFIED, modified)
        // To ask again costs next to nothing, and a program that is told to look now shall see what is true.
        .header(header::CACHE_CONTROL, "private, max-age=0, must-revalidate")
        .header(header::VARY, "Accept-Encoding")
}

/// The strong entity tag: each encoding has its own (RFC 9110 section 8.8.3.3).
fn tag(version: &FeedVersion, gzip: bool) -> String {
    let suffix = if gzip { "-gzip" } else { "" };
    format!("\"{}{suffix}\"", version.tag)
}

/// RFC 9110 section 13.2.2: where there is an `If-None-Match`, `If-Modified-Since` says nothing.
fn is_known(headers: &HeaderMap, version: &FeedVersion) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key(header::IF_NONE_MATCH) {
        let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        return lists.into_iter().any(|list| {
            [false, true].into_iter().any(|gzip| crate::http::etag::is_known(Some(list), &tag(version, gzip)))
        });
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    version.is_settled && since.is_some_and(|since| since >= version.modified_at)
}

/// Whether gzip is asked for and not refused (RFC 9110 section 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = codings.flat_map(|value| value.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok());
        (name.trim(), weight.unwrap_or(0.0))
    });
    codings.any(|(name, weight)| name.eq_ignore_ascii_case("gzip") && weight > 0.0)
}

/// A query parameter that is an instant; without an offset it is in UTC.
fn edge(request: &Request, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let wrong = |message: String| ApiError::invalid_field(name, message);
    let parameters: Vec<(String, String)> = request.params().map_err(|error| wrong(error.to_string()))?;
    let given = parameters.iter().find(|(known, _)| known == name);
    given.map(|(_, text)| parse_instant(text, &Zone::utc()).map_err(|error| wrong(error.to_string()))).transpose()
}
