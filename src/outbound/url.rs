//! Addresses of calendars elsewhere, and what must not be shown of them.

use std::fmt;
use std::hash::Hash;

use reqwest::Url;

/// The address of a calendar elsewhere: http, https or webcal, of a bounded length, without a fragment. A user name and
/// password in it are taken out, so that what is shown and stored as the address has none.
///
/// Also the path is often a secret (Google's "secret address"): logs name [`RemoteUrl::host`] alone, as `Debug` does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RemoteUrl {
    /// With the scheme https where `shown` says webcal.
    url: Url,
    shown: String,
    is_webcal: bool,
    credentials: Option<Credentials>,
}

/// A user name and a password, for Basic authentication (RFC 7617).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// The user name; it has no colon.
    pub user: String,
    /// The password; it may be empty.
    pub password: String,
}

/// Why a text is not the address of a calendar elsewhere: one sentence for whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// Longer than [`RemoteUrl::LONGEST`].
    #[error("the address is too long: at most {} characters are allowed", RemoteUrl::LONGEST)]
    TooLong,
    /// Neither http, https nor webcal.
    #[error("the address must begin with https://, http:// or webcal://")]
    Scheme,
    /// No host, an impossible port, a space within, …
    #[error("the address cannot be read: write it as https://calendar.example.org/path/to/calendar.ics")]
    Malformed,
    /// A user name that Basic authentication cannot carry, or a password that is no text.
    #[error("the user name in the address must not have a colon, and both it and the password must be text")]
    Credentials,
}

impl RemoteUrl {
    /// The longest address, in bytes.
    pub const LONGEST: usize = 4096;

    /// Reads an address as somebody typed or pasted it.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn parse(text: &str) -> Result<Self, UrlRefused> {
        let text = text.trim();
        if text.len() > Self::LONGEST {
            return Err(UrlRefused::TooLong);
        }
        let (scheme, rest) = text.split_once(':').ok_or(UrlRefused::Scheme)?;
        let (is_webcal, scheme) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (false, "http"),
            "https" => (false, "https"),
            "webcal" | "webcals" => (true, "https"),
            _ => return Err(UrlRefused::Scheme),
        };
        // A third slash would make the path a host.
        let is_whole = rest.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '\\']));
        if !is_whole || rest.contains(char::is_control) {
            return Err(UrlRefused::Malformed);
        }
        let url = Url::parse(&format!("{scheme}:{rest}")).map_err(|_| UrlRefused::Malformed)?;
        Self::of(url, is_webcal)
    }

    /// An address that was [`RemoteUrl::shown`] and stored, with the credentials that were stored apart from it.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn with_credentials(shown: &str, credentials: Option<Credentials>) -> Result<Self, UrlRefused> {
        let parsed = Self::parse(shown)?;
        if credentials.as_ref().is_some_and(|credentials| credentials.user.contains(':')) {
            return Err(UrlRefused::Credentials);
        }
        let credentials = credentials.or(parsed.credentials);
        Ok(Self { credentials, ..parsed })
    }

    /// The address without user name and password: for its owner and for the database, not for logs.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The user name and password that stood in the address.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The host: all of an address that a log may name.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the address says webcal: https first, http where no TLS is spoken there.
    pub(super) fn is_webcal(&self) -> bool {
        self.is_webcal
    }

    /// Where to connect to, without user name and password.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The address of something that was found there; what stands before an `@` in it is dropped.
    pub(super) fn found(mut url: Url, credentials: Option<Credentials>) -> Result<Self, UrlRefused> {
        // Nothing but a URL without a host refuses this.
        let cleared = url.set_username("").is_ok() && url.set_password(None).is_ok();
        if !cleared {
            return Err(UrlRefused::Malformed);
        }
        Ok(Self { credentials, ..Self::of(url, false)? })
    }

    fn of(mut url: Url, is_webcal: bool) -> Result<Self, UrlRefused> {
        if url.host_str().is_none_or(str::is_empty) || url.port() == Some(0) {
            return Err(UrlRefused::Malformed);
        }
        url.set_fragment(None);
        let credentials = Credentials::in_url(&url)?;
        if url.set_username("").is_err() || url.set_password(None).is_err() {
            return Err(UrlRefused::Malformed);
        }
        let text = url.as_str();
        let shown = match text.strip_prefix("https").filter(|_| is_webcal) {
            Some(rest) => format!("webcal{rest}"),
            None => text.to_owned(),
        };
        // Escapes make it longer than what was typed, and what is stored is to be read again.
        let is_short = shown.len() <= Self::LONGEST;
        is_short.then_some(Self { url, shown, is_webcal, credentials }).ok_or(UrlRefused::TooLong)
    }
}

impl Credentials {
    fn in_url(url: &Url) -> Result<Option<Self>, UrlRefused> {
        if url.username().is_empty() && url.password().is_none() {
            return Ok(None);
        }
        let user = unescaped(url.username()).filter(|user| !user.contains(':')).ok_or(UrlRefused::Credentials)?;
        let password = unescaped(url.password().unwrap_or_default()).ok_or(UrlRefused::Credentials)?;
        Ok(Some(Self { user, password }))
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_webcal { "webcal" } else { self.url.scheme() };
        write!(f, "{scheme}://{}/…", self.host())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A text without its `%41` (RFC 3986, 2.1); none where that is no text, or none that a header may carry.
fn unescaped(text: &str) -> Option<String> {
    let digit =
        |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                plain.push(high << 4 | low);
                at += 3;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).ok().filter(|text| !text.contains(char::is_control))
}
