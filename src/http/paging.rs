//! Pages of a list: the cursor in a query, and the `Link` to the next page (RFC 8288).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

use super::problem::ApiError;
use crate::events::ListPlace;

/// A page of a list.
#[derive(ApiResponse)]
pub enum Listed<T: Send + Sync + Type + ToJSON + ParseFromJSON> {
    /// What is on the page; `Link` with `rel="next"` where there is more.
    #[oai(status = 200)]
    Page(Json<Vec<T>>, #[oai(header = "Link")] Option<String>),
}

/// The path and query of the request, as the client wrote them.
pub struct Here {
    path: String,
    query: String,
}

impl<'a> FromRequest<'a> for Here {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let uri = request.original_uri();
        Ok(Self { path: uri.path().to_owned(), query: uri.query().unwrap_or_default().to_owned() })
    }
}

impl Here {
    /// The `Link` to the page that begins after a place of this list.
    pub fn link_to_next(&self, next: Option<impl Place>) -> Option<String> {
        let cursor = URL_SAFE_NO_PAD.encode(next?.written());
        let kept = self.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let query = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect::<Vec<_>>().join("&");
        Some(format!("<{}?{query}>; rel=\"next\"", self.path))
    }

    /// The page of a short list that begins after `cursor`, which is the id of an entry; ids may go up or down.
    ///
    /// # Errors
    /// 400 for a cursor that is none.
    pub fn page_of<T>(
        &self,
        mut list: Vec<T>,
        (limit, cursor): (usize, Option<&str>),
        id: impl Fn(&T) -> i64,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        let downwards = list.first().zip(list.last()).is_some_and(|(first, last)| id(first) > id(last));
        if let Some(after) = decode::<i64>(cursor)? {
            list.retain(|entry| if downwards { id(entry) < after } else { id(entry) > after });
        }
        let more = list.len() > limit;
        list.truncate(limit);
        let link = self.link_to_next(list.last().filter(|_| more).map(id));
        Ok((list, link))
    }
}

/// The place that a cursor names.
///
/// # Errors
/// 400.
pub fn decode<P: Place>(cursor: Option<&str>) -> Result<Option<P>, ApiError> {
    let wrong = || ApiError::invalid_field("cursor", "is not one that this server gave; follow the Link of a page");
    let text = |cursor: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok();
    cursor.map(|cursor| text(cursor).and_then(|text| P::read(&text)).ok_or_else(wrong)).transpose()
}

/// The place of an entry in a list, as a cursor holds it.
pub trait Place: Sized {
    /// As text.
    fn written(&self) -> String;

    /// From that text; none, where it is another one.
    fn read(text: &str) -> Option<Self>;
}

/// By start, event and original start.
impl Place for ListPlace {
    fn written(&self) -> String {
        format!("{}.{}.{}", self.start, self.event, self.occurrence)
    }

    fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| number.parse::<i64>().ok());
        let place = Self { start: numbers.next()??, event: numbers.next()??, occurrence: numbers.next()?? };
        numbers.next().is_none().then_some(place)
    }
}

/// By id.
impl Place for i64 {
    fn written(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// By name.
impl Place for String {
    fn written(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        (!text.contains('\0')).then(|| text.to_owned())
    }
}

/// How many entries a page has where the client does not say.
pub fn default_limit() -> usize {
    1000
}
