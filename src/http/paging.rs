//! Pages of a list: the cursor in a query, and the `Link` to the next page (RFC 8288).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::{FromRequest, Request, RequestBody};

use super::problem::ApiError;
use crate::events::ListPlace;

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
    pub fn link_to_next(&self, next: Option<ListPlace>) -> Option<String> {
        let cursor = encode(next?);
        let kept = self.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let query = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect::<Vec<_>>().join("&");
        Some(format!("<{}?{query}>; rel=\"next\"", self.path))
    }
}

/// The place that a cursor names.
///
/// # Errors
/// 400.
pub fn decode(cursor: Option<&str>) -> Result<Option<ListPlace>, ApiError> {
    let wrong = || ApiError::invalid_field("cursor", "is not one that this server gave; follow the Link of a page");
    cursor.map(|text| place(text).ok_or_else(wrong)).transpose()
}

fn encode(place: ListPlace) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}.{}", place.start, place.event, place.occurrence))
}

fn place(text: &str) -> Option<ListPlace> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut numbers = decoded.split('.').map(|number| number.parse::<i64>().ok());
    let place = ListPlace { start: numbers.next()??, event: numbers.next()??, occurrence: numbers.next()?? };
    numbers.next().is_none().then_some(place)
}
