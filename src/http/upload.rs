//! An uploaded calendar file: the body itself, or the one `file` of a form; plain or in gzip; within its bound either way.

use std::io::{self, BufRead, Read};
use std::task::Poll;

use bytes::{Buf, Bytes};
use flate2::bufread::GzDecoder;
use futures_util::{Stream, stream};
use poem::http::header;
use poem::web::Multipart;
use poem::{Body, FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tokio::io::AsyncReadExt;

use super::app_of;
use super::body::{announced_length, discard, file_within};
use super::problem::ApiError;
use crate::events::{Admission, FileBytes};

/// A calendar file, as a request body.
pub struct Upload {
    /// The file.
    pub bytes: FileBytes,
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
        if announced_length(request).is_some_and(|length| length > (limit + FORM_AROUND) as u64) {
            return Err(ApiError::too_large(limit).into());
        }
        let length = announced_length(request).and_then(|length| usize::try_from(length).ok()).unwrap_or(limit);
        let expected = if coding == Coding::Gzip { limit } else { length.min(limit) };
        let admission = match app.imports.admit_coming(expected).await {
            Ok(admission) => admission,
            Err(error) => {
                discard(request, body, limit + FORM_AROUND).await;
                return Err(ApiError::from(error).into());
            }
        };
        let bytes = file_within(request, body, limit + FORM_AROUND).await?;
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
async fn unpacked(packed: FileBytes, limit: usize) -> Result<FileBytes, ApiError> {
    let work = move || {
        let length = io::copy(&mut bounded(packed.clone(), limit), &mut io::sink()).map_err(|_| broken_gzip())?;
        if usize::try_from(length).unwrap_or(usize::MAX) > limit {
            return Err(ApiError::too_large(limit - FORM_AROUND));
        }
        FileBytes::read(bounded(packed, limit), limit).map_err(|_| broken_gzip())
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::internal())?
}

fn bounded(packed: FileBytes, limit: usize) -> impl Read {
    let packed = Unread { pieces: packed.into_pieces(), piece: Bytes::new() };
    Members { current: Some(GzDecoder::new(packed)), left: MOST_MEMBERS }.take(limit as u64 + 1)
}

/// What stands in the members of a gzip file (RFC 1952 section 2.2), one behind the other.
struct Members<R> {
    current: Option<GzDecoder<R>>,
    left: usize,
}

/// Programs that pack in blocks make one of each; to begin a member costs as much as to unpack ten kilobytes.
const MOST_MEMBERS: usize = 10_000;

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.current {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let mut rest = self.current.take().map(GzDecoder::into_inner);
            if let Some(rest) = rest.take_if(|rest| rest.fill_buf().is_ok_and(|rest| !rest.is_empty())) {
                self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("too many members"))?;
                self.current = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// A file that is let go as it is read.
struct Unread<I> {
    pieces: I,
    piece: Bytes,
}

impl<I: Iterator<Item = Bytes>> BufRead for Unread<I> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece.is_empty() {
            self.piece = self.pieces.next().unwrap_or_default();
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, count: usize) {
        self.piece.advance(count);
    }
}

impl<I: Iterator<Item = Bytes>> Read for Unread<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = Read::read(&mut self.fill_buf()?, buffer)?;
        self.consume(count);
        Ok(count)
    }
}

fn broken_gzip() -> ApiError {
    ApiError::invalid_field("body", "this is not gzip, or it is damaged")
}

/// The one `file` of a form.
async fn file_of(request: &Request, form: FileBytes) -> Result<FileBytes, ApiError> {
    let broken = || ApiError::invalid_field("body", "this is not multipart/form-data, or it breaks off");
    let wrong = |message: &str| ApiError::invalid_field("file", message);
    let mut body = RequestBody::new(Body::from_bytes_stream(one_by_one(form)));
    let mut form = <Multipart as FromRequest>::from_request(request, &mut body).await.map_err(|_| broken())?;
    let mut found = None;
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            let name: String = field.name().unwrap_or_default().chars().take(100).collect();
            return Err(ApiError::invalid_field(name, "there is no such field; send one `file`"));
        }
        if found.is_some() {
            return Err(wrong("stands there twice; send one file at a time"));
        }
        let (mut file, mut buffer) = (FileBytes::default(), vec![0; 64 << 10]);
        let mut content = std::pin::pin!(field.into_async_read());
        loop {
            match content.read(&mut buffer).await.map_err(|_| broken())? {
                0 => break,
                count => file.push(buffer.get(..count).unwrap_or_default()),
            }
        }
        found = Some(file);
    }
    found.ok_or_else(|| wrong("is missing"))
}

/// The pieces of a form, with a pause behind each: whoever parses it takes at once into memory all that is there.
fn one_by_one(form: FileBytes) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (mut pieces, mut pause) = (form.into_pieces(), false);
    stream::poll_fn(move |context| {
        pause = !pause;
        if pause {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(pieces.next().map(Ok))
    })
}

fn text(description: &'static str) -> MetaSchema {
    MetaSchema { description: Some(description), ..MetaSchema::new_with_format("string", "binary") }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}
