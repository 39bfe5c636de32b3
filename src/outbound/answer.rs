//! What a server elsewhere answered, as far as it concerns fetching.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER};

use super::RemoteUrl;

/// What a copy is known by, to ask whether it is still the newest (RFC 9110, 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The entity tag, as it came.
    pub etag: Option<String>,
    /// The date of the last change, as it came.
    pub last_modified: Option<String>,
}

/// What a fetch found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The copy that is known is the newest.
    NotModified {
        /// As below.
        moved_to: Option<RemoteUrl>,
    },
    /// Another one.
    Body {
        /// All of it, decompressed.
        bytes: Bytes,
        /// What it is known by.
        validators: Validators,
        /// Its new address, where every redirect on the way there was a permanent one (301 or 308).
        moved_to: Option<RemoteUrl>,
    },
}

impl Validators {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name| text(headers, name).filter(|text| text.len() <= LONGEST_VALIDATOR).map(str::to_owned);
        Self { etag: text(ETAG), last_modified: text(LAST_MODIFIED) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// When a server wants to be asked again (RFC 9110, 10.2.3): seconds, or a date in any of the three forms.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let said = text(headers, RETRY_AFTER)?.trim();
    if !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = said.parse().unwrap_or(i64::MAX).min(MOST_SECONDS);
        return now.checked_add(SignedDuration::from_secs(seconds)).ok();
    }
    let date = httpdate::parse_http_date(said).ok()?;
    Timestamp::try_from(date).ok()
}

/// A header's text; none where it is missing or no text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

const LONGEST_VALIDATOR: usize = 1024;
/// Ten years; whoever honours it has a ceiling of their own.
const MOST_SECONDS: i64 = 10 * 366 * 86_400;
