//! The body of a request: read within its bound and time; JSON ones checked against their schema, and parsed.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use poem::{Request, RequestBody};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use super::problem::ApiError;
use super::{app_of, schema};
use crate::events::FileBytes;
use crate::fields::FieldErrors;

/// A JSON request body of the shape `T`.
pub struct Body<T>(pub T);

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let json = MetaMediaType { content_type: JSON, schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![json], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !request.content_type().is_some_and(Json::<Value>::check_content_type) {
            return Err(ApiError::unsupported_media_type(JSON).into());
        }
        let limit = app_of(request)?.limits.json_bytes;
        let bytes = bytes_within(request, body, limit).await?;
        Ok(Self(parse(&bytes)?))
    }
}

/// The whole body, in memory.
///
/// # Errors
/// 413 when it is longer than `limit` bytes, 408 when it does not arrive in time, 400 when it breaks off.
pub async fn bytes_within(request: &Request, body: &mut RequestBody, limit: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    each_part(request, body, limit, |part| bytes.extend_from_slice(part)).await?;
    Ok(bytes.freeze())
}

/// The whole body as a file.
///
/// # Errors
/// As [`bytes_within`].
pub async fn file_within(request: &Request, body: &mut RequestBody, limit: usize) -> Result<FileBytes, ApiError> {
    let mut file = FileBytes::default();
    each_part(request, body, limit, |part| file.push(part)).await?;
    Ok(file)
}

/// Reads the body and keeps nothing of it, within the same bounds: many clients look for an answer only when they have sent
/// all. Not of one who asks before sending (RFC 9110 section 10.1.1).
pub async fn discard(request: &Request, body: &mut RequestBody, limit: usize) {
    if request.header(poem::http::header::EXPECT).is_none() {
        // Whatever comes of it, the answer is there already.
        drop(each_part(request, body, limit, |_| {}).await);
    }
}

async fn each_part(
    request: &Request,
    body: &mut RequestBody,
    limit: usize,
    mut take: impl FnMut(&[u8]),
) -> Result<(), ApiError> {
    if announced_length(request).is_some_and(|length| length > limit as u64) {
        return Err(ApiError::too_large(limit));
    }
    let broken = || ApiError::invalid_field("body", "the body broke off before its end");
    let mut parts = std::pin::pin!(body.take().map_err(|_| broken())?.into_bytes_stream());
    let receiving = async {
        let mut length = 0;
        while let Some(part) = parts.try_next().await.map_err(|_| broken())? {
            length += part.len();
            if length > limit {
                return Err(ApiError::too_large(limit));
            }
            take(&part);
        }
        Ok(())
    };
    tokio::time::timeout(time_for(limit), receiving).await.unwrap_or_else(|_| Err(ApiError::timeout()))
}

const JSON: &str = "application/json";

/// A body that takes longer is given up: a minute, and what a line of a megabit a second needs beside.
fn time_for(limit: usize) -> Duration {
    Duration::from_secs(60 + (limit / (128 << 10)) as u64)
}

fn parse<T: ParseFromJSON + 'static>(bytes: &[u8]) -> Result<T, ApiError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::invalid_field("body", format!("this is not JSON: {error}")))?;
    if !value.is_object() {
        return Err(ApiError::invalid_field("body", "expected a JSON object"));
    }
    let errors = schema::check(&registry_of::<T>(), &T::schema_ref(), &value);
    errors.into_result().map_err(ApiError::invalid)?;
    T::parse_from_json(Some(value)).map_err(|error| ApiError::invalid(FieldErrors::one("body", error.into_message())))
}

/// The schemas that `T` is made of, built once.
fn registry_of<T: Type + 'static>() -> Arc<Registry> {
    static BUILT: LazyLock<RwLock<HashMap<TypeId, Arc<Registry>>>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<T>();
    if let Some(registry) = BUILT.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Arc::clone(registry);
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let registry = Arc::new(registry);
    BUILT.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&registry));
    registry
}

/// What `Content-Length` says.
pub fn announced_length(request: &Request) -> Option<u64> {
    request.header(poem::http::header::CONTENT_LENGTH)?.parse().ok()
}
