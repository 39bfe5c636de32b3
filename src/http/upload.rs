//! An uploaded calendar file: the body itself, or the one `file` of a form; plain or in gzip; within its bound either way.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use poem::http::header;
use poem::web::Multipart;
use poem::{Body, FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tokio::io::AsyncReadExt;

use super::app_of;
use super::body::{announced_length, bytes_within};
use super::problem::ApiError;
use crate::events::Admission;

/// A calendar file, as a request body.
pub struct Upload {
    /// The file.
    pub bytes: Bytes,
    /// The room that it takes, until the answer.
    pub admission: Admission,
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let form = MetaSchema {
            properties: vec![("file", inline(text("The iCalendar file.")))],
            required: vec!["file"],
            ..MetaSchema::new("object")
        };
        let content = vec![
            MetaMediaType { content_type: CALENDAR, schema: inline(text("RFC 5545, or what programs take for it.")) },
            MetaMediaType { content_type: FORM, schema: inline(form) },
        ];
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let media_type = media_type(request)?;
        let coding = coding(request)?;
        let app = app_of(request)?;
        let limit = app.limits.import_bytes;
        let length = announced_length(request).and_then(|length| usize::try_from(length).ok()).unwrap_or(limit);
        let expected = if coding == Coding::Gzip { limit } else { length.min(limit) };
        let admission = app.imports.admit(expected).await;
        let bytes = bytes_within(request, body, limit + FORM_AROUND).await?;
        let bytes = match coding {
            Coding::Identity => bytes,
            Coding::Gzip => unpacked(bytes, limit + FORM_AROUND).await?,
        };
        let bytes = match media_type {
            MediaType::Calendar => bytes,
            MediaType::Form => file_of(request, bytes).await?,
        };
        if bytes.len() > limit {
            return Err(ApiError::too_large(limit).into());
        }
        Ok(Self { bytes, admission })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Calendar,
    Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
}

const CALENDAR: &str = "text/calendar";
const FORM: &str = "multipart/form-data";
const DESCRIPTION: &str = "The file. With `Content-Encoding: gzip` it may come compressed.";

/// What stands around a file in a form, at the most.
const FORM_AROUND: usize = 16 << 10;

fn media_type(request: &Request) -> Result<MediaType, ApiError> {
    let given = request.content_type().unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        CALENDAR => Ok(MediaType::Calendar),
        FORM => Ok(MediaType::Form),
        _ => Err(ApiError::unsupported_media_type("text/calendar or multipart/form-data")),
    }
}

fn coding(request: &Request) -> Result<Coding, ApiError> {
    let given = request.header(header::CONTENT_ENCODING).unwrap_or_default().trim().to_ascii_lowercase();
    match given.as_str() {
        "" | "identity" => Ok(Coding::Identity),
        "gzip" | "x-gzip" => Ok(Coding::Gzip),
        _ => Err(ApiError::unsupported_media_type("text/calendar, plain or with Content-Encoding: gzip,")),
    }
}

/// The content of a gzip stream. It is counted before it is kept: a small file may unpack to any size.
async fn unpacked(packed: Bytes, limit: usize) -> Result<Bytes, ApiError> {
    let work = move || {
        let length = io::copy(&mut bounded(&packed, limit), &mut io::sink()).map_err(|_| broken_gzip())?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > limit {
            return Err(ApiError::too_large(limit - FORM_AROUND));
        }
        let mut plain = Vec::with_capacity(length);
        bounded(&packed, limit).read_to_end(&mut plain).map_err(|_| broken_gzip())?;
        Ok(Bytes::from(plain))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::internal())?
}

fn bounded(packed: &[u8], limit: usize) -> impl Read + '_ {
    MultiGzDecoder::new(packed).take(limit as u64 + 1)
}

fn broken_gzip() -> ApiError {
    ApiError::invalid_field("body", "this is not gzip, or it is damaged")
}

/// The one `file` of a form.
async fn file_of(request: &Request, form: Bytes) -> Result<Bytes, ApiError> {
    let broken = || ApiError::invalid_field("body", "this is not multipart/form-data, or it breaks off");
    let wrong = |message: &str| ApiError::invalid_field("file", message);
    let length = form.len();
    let mut body = RequestBody::new(Body::from_bytes(form));
    let mut form = <Multipart as FromRequest>::from_request(request, &mut body).await.map_err(|_| broken())?;
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            let name: String = field.name().unwrap_or_default().chars().take(100).collect();
            return Err(ApiError::invalid_field(name, "there is no such field; send one `file`"));
        }
        if file.is_some() {
            return Err(wrong("stands there twice; send one file at a time"));
        }
        let mut bytes = Vec::with_capacity(length);
        field.into_async_read().read_to_end(&mut bytes).await.map_err(|_| broken())?;
        file = Some(Bytes::from(bytes));
    }
    file.ok_or_else(|| wrong("is missing"))
}

fn text(description: &'static str) -> MetaSchema {
    MetaSchema { description: Some(description), ..MetaSchema::new_with_format("string", "binary") }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}
