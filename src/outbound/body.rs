//! The body of an answer: as much of it as is allowed, decompressed as it comes, so that a small one that unpacks to a huge
//! one is stopped on its way.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::time::{Instant, timeout_at};

use super::FetchError;

/// Reads all of a body.
pub(super) async fn read(mut response: Response, limit: usize, until: Instant) -> Result<Bytes, FetchError> {
    let too_large = || FetchError::TooLarge { limit };
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).is_ok_and(|bytes| bytes > limit) {
        return Err(too_large());
    }
    let mut unpacked = Unpacked::new(Coding::of(response.headers())?, limit);
    let mut received = 0;
    loop {
        let chunk = timeout_at(until, response.chunk()).await.map_err(|_| FetchError::TooSlow)?;
        let Some(chunk) = chunk.map_err(|_| FetchError::CutOff)? else { break };
        received += chunk.len();
        if received > limit {
            return Err(too_large());
        }
        for piece in chunk.chunks(PIECE) {
            unpacked = unpacked.with(piece)?;
            // A piece can become a thousand times as long: others get their turn.
            tokio::task::yield_now().await;
        }
    }
    unpacked.finish()
}

const PIECE: usize = 16 << 10;

/// How a body is packed (RFC 9110, 8.4.1).
#[derive(Clone, Copy)]
enum Coding {
    Plain,
    Gzip,
    Deflate,
}

impl Coding {
    fn of(headers: &HeaderMap) -> Result<Self, FetchError> {
        let mut found = Self::Plain;
        for value in headers.get_all(CONTENT_ENCODING) {
            let names = value.to_str().map_err(|_| FetchError::BadEncoding)?.split(',');
            for name in names.map(str::trim).filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")) {
                found = match (found, name.to_ascii_lowercase().as_str()) {
                    (Self::Plain, "gzip" | "x-gzip") => Self::Gzip,
                    (Self::Plain, "deflate") => Self::Deflate,
                    // Packed twice, or in a way that was not asked for.
                    _ => return Err(FetchError::BadEncoding),
                };
            }
        }
        Ok(found)
    }
}

/// What was unpacked up to here.
enum Unpacked {
    /// Nothing has come yet.
    Nothing(Coding, usize),
    Plain(Bounded),
    Gzip(MultiGzDecoder<Bounded>),
    Zlib(ZlibDecoder<Bounded>),
    Deflate(DeflateDecoder<Bounded>),
}

impl Unpacked {
    fn new(coding: Coding, limit: usize) -> Self {
        Self::Nothing(coding, limit)
    }

    fn with(self, piece: &[u8]) -> Result<Self, FetchError> {
        let mut begun = self.begun(piece);
        let done = match &mut begun {
            Self::Nothing(..) => Ok(()),
            Self::Plain(plain) => plain.write_all(piece),
            Self::Gzip(decoder) => decoder.write_all(piece),
            Self::Zlib(decoder) => decoder.write_all(piece),
            Self::Deflate(decoder) => decoder.write_all(piece),
        };
        done.map_err(|error| of_unpacking(&error))?;
        Ok(begun)
    }

    fn finish(self) -> Result<Bytes, FetchError> {
        let done = match self {
            Self::Nothing(..) => return Ok(Bytes::new()),
            Self::Plain(plain) => Ok(plain),
            Self::Gzip(decoder) => decoder.finish(),
            Self::Zlib(decoder) => decoder.finish(),
            Self::Deflate(decoder) => decoder.finish(),
        };
        done.map(|bounded| Bytes::from(bounded.bytes)).map_err(|error| of_unpacking(&error))
    }

    fn begun(self, piece: &[u8]) -> Self {
        let Self::Nothing(coding, limit) = self else { return self };
        let bounded = Bounded { bytes: Vec::new(), limit };
        match (coding, piece.first()) {
            (_, None) => Self::Nothing(coding, limit),
            (Coding::Plain, _) => Self::Plain(bounded),
            (Coding::Gzip, _) => Self::Gzip(MultiGzDecoder::new(bounded)),
            // "deflate" means zlib (RFC 1950), whose first byte ends in 8; some servers send what is within it, where that
            // would be a block of a kind that no compressor begins with.
            (Coding::Deflate, Some(first)) if first & 0xf == 8 => Self::Zlib(ZlibDecoder::new(bounded)),
            (Coding::Deflate, Some(_)) => Self::Deflate(DeflateDecoder::new(bounded)),
        }
    }
}

fn of_unpacking(error: &io::Error) -> FetchError {
    let over = error.get_ref().and_then(|inner| inner.downcast_ref::<Over>());
    over.map_or(FetchError::BadEncoding, |over| FetchError::TooLarge { limit: over.0 })
}

/// Bytes up to a bound.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

/// More than the bound.
#[derive(Debug, thiserror::Error)]
#[error("more than {0} bytes")]
struct Over(usize);

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(io::Error::other(Over(self.limit)));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
