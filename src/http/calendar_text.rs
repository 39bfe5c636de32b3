//! A long iCalendar text as the body of an answer, sent as it is made.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use poem::http::header;
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use crate::events::{ExportText, RepairedFile};

/// Where its making fails, the connection breaks off, and fewer bytes have come than Content-Length says: what has been sent up
/// to there must not pass for a whole calendar. Without a length it would: poem 3.1 goes on with a connection whose answer
/// failed, and hyper then ends the chunks as if the answer were whole.
pub struct CalendarText {
    length: u64,
    pieces: BoxStream<'static, io::Result<Bytes>>,
}

impl CalendarText {
    /// An export.
    pub fn exported(text: ExportText) -> Self {
        let length = text.length() as u64;
        let pieces = stream::try_unfold(text, |mut text| async {
            let piece = text.next().await.map_err(io::Error::other)?;
            Ok(piece.map(|piece| (piece, text)))
        });
        Self { length, pieces: pieces.boxed() }
    }

    /// A packed file whose text has so many bytes, unpacked while it is sent.
    pub fn unpacked(file: &RepairedFile, length: u64) -> Self {
        let pieces = stream::try_unfold(file.reader(), |mut reader| async {
            let piece = piece(&mut reader)?;
            Ok((!piece.is_empty()).then_some((piece, reader)))
        });
        Self { length, pieces: pieces.boxed() }
    }
}

const AT_ONCE: u64 = 64 << 10;

fn piece(reader: &mut impl Read) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(AT_ONCE as usize);
    reader.take(AT_ONCE).read_to_end(&mut piece)?;
    Ok(piece.into())
}

impl Payload for CalendarText {
    const CONTENT_TYPE: &'static str = "text/calendar; charset=utf-8";

    fn check_content_type(content_type: &str) -> bool {
        content_type.starts_with("text/calendar")
    }

    fn schema_ref() -> MetaSchemaRef {
        String::schema_ref()
    }
}

impl IntoResponse for CalendarText {
    fn into_response(self) -> Response {
        let response = Response::builder().content_type(Self::CONTENT_TYPE);
        response.header(header::CONTENT_LENGTH, self.length).body(Body::from_bytes_stream(self.pieces))
    }
}

impl ApiResponse for CalendarText {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: Self::CONTENT_TYPE, schema: Self::schema_ref() }];
        let response =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: vec![] };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}
