//! One request of a fetch: where it goes, what it carries, and which of its answers lead on.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION};
use reqwest::{Client, Response, StatusCode, Url, redirect, retry};
use tokio::time::{Instant, timeout_at};

use super::address::Reach;
use super::names::{Guarded, NameError, Names};
use super::{Credentials, FetchError, FetchPolicy, OutboundError, Refusal, RemoteUrl, Validators, tls};

/// A place to ask at.
pub(super) struct Hop {
    url: Url,
    credentials: Option<Credentials>,
    /// Whether a password may be underway, so that no line may be unencrypted that was not meant to be.
    is_secret: bool,
    way: Way,
}

/// How a place was come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Asked,
    /// By permanent redirects alone.
    Moved,
    Passing,
}

impl Hop {
    pub(super) fn first(url: &RemoteUrl) -> Self {
        let credentials = url.credentials().cloned();
        Self { url: url.url().clone(), is_secret: credentials.is_some(), credentials, way: Way::Asked }
    }

    /// The same place by http; none where that would send a password in clear.
    pub(super) fn in_clear(mut self) -> Option<Self> {
        (!self.is_secret && self.url.set_scheme("http").is_ok()).then_some(self)
    }

    /// Where the answer leads on to; nothing where it is no redirect.
    pub(super) fn redirected(&self, response: &Response) -> Result<Option<Self>, FetchError> {
        let is_permanent = match response.status() {
            StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT => true,
            StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::TEMPORARY_REDIRECT => false,
            _ => return Ok(None),
        };
        let location = response.headers().get(LOCATION).map(|value| value.as_bytes());
        let location = location.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or(FetchError::BadRedirect)?;
        let url = self.url.join(location).map_err(|_| FetchError::BadRedirect)?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(Refusal::Scheme.into());
        }
        if self.is_secret && self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(Refusal::Unencrypted.into());
        }
        let credentials = self.credentials.clone().filter(|_| is_same_place(&self.url, &url));
        let found = RemoteUrl::found(url, credentials.clone()).map_err(|_| FetchError::BadRedirect)?;
        let way = if is_permanent && self.way != Way::Passing { Way::Moved } else { Way::Passing };
        Ok(Some(Self { url: found.url().clone(), credentials, is_secret: self.is_secret, way }))
    }

    /// The new address, where all redirects up to here were permanent.
    pub(super) fn moved_to(&self) -> Option<RemoteUrl> {
        let moved = (self.way == Way::Moved).then(|| self.url.clone())?;
        RemoteUrl::found(moved, self.credentials.clone()).ok()
    }
}

/// Whether credentials for one are good for the other: the same origin (RFC 6454), or the same host by https instead of
/// http.
fn is_same_place(one: &Url, other: &Url) -> bool {
    let port = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    let is_upgrade =
        (one.scheme(), other.scheme()) == ("http", "https") && one.port().is_none() && other.port().is_none();
    one.host() == other.host() && (port(one) == port(other) || is_upgrade)
}

/// The ways to connect, each with its guard.
pub(super) struct Doors {
    /// Ports that anything public may be reached on.
    ports: Vec<u16>,
    listed: Door,
    unlisted: Door,
    first_byte: Duration,
}

struct Door {
    client: Client,
    reach: Reach,
}

impl Doors {
    pub(super) fn new(policy: &FetchPolicy, names: &Arc<dyn Names>) -> Result<Self, OutboundError> {
        let allow = Arc::new(policy.allow.clone());
        let tls = tls::config(&policy.authorities)?;
        let door = |reach: Reach| {
            let guarded = Guarded { names: Arc::clone(names), reach: reach.clone() };
            let client = Client::builder()
                .user_agent(concat!("Convene/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(guarded)
                .no_proxy()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .referer(false)
                .http1_only()
                .connect_timeout(policy.first_byte / 2)
                // A connection that lives on would be one that nobody judged again.
                .pool_max_idle_per_host(0)
                .build();
            client.map(|client| Door { client, reach }).map_err(|error| OutboundError(error.to_string()))
        };
        Ok(Self {
            ports: policy.ports.clone(),
            listed: door(Reach::Public(Arc::clone(&allow)))?,
            unlisted: door(Reach::Allowed(allow))?,
            first_byte: policy.first_byte,
        })
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn ask(&self, hop: &Hop, known: &Validators, until: Instant) -> Result<Response, FetchError> {
        let port = hop.url.port_or_known_default().unwrap_or_default();
        let (door, refusal) = match self.ports.contains(&port) {
            true => (&self.listed, Refusal::Address),
            false if self.unlisted.reach.is_nothing() => return Err(Refusal::Port(port).into()),
            false => (&self.unlisted, Refusal::Port(port)),
        };
        // The resolver judges names; a host that is an address by itself never comes to it.
        if literal(&hop.url).is_some_and(|address| !door.reach.includes(address)) {
            return Err(refusal.into());
        }
        let mut request = door.client.get(hop.url.clone());
        request = request.header(ACCEPT, "text/calendar, */*;q=0.5").header(ACCEPT_ENCODING, "gzip, deflate");
        if let Some(credentials) = &hop.credentials {
            request = request.basic_auth(&credentials.user, Some(&credentials.password));
        }
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &known.last_modified {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        let until = until.min(Instant::now() + self.first_byte);
        let answer = timeout_at(until, request.send()).await.map_err(|_| FetchError::TooSlow)?;
        answer.map_err(|error| trouble(&error, refusal))
    }
}

/// The address that stands in the place of a name. The URL standard reads decimal, octal, hexadecimal and shortened forms
/// of IPv4 as such, so there is no other spelling left here.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Why no answer came, from the causes that lie below reqwest's own error.
fn trouble(error: &reqwest::Error, refusal: Refusal) -> FetchError {
    let mut cause = error.source();
    while let Some(one) = cause {
        match one.downcast_ref() {
            Some(NameError::Unknown) => return FetchError::Unresolvable,
            Some(NameError::Refused) => return refusal.into(),
            None => {}
        }
        match innermost(one).downcast_ref() {
            Some(rustls::Error::InvalidCertificate(_)) => return FetchError::Untrusted,
            Some(rustls::Error::InvalidMessage(_)) => return FetchError::NoTls,
            Some(_) => return FetchError::Handshake,
            None => {}
        }
        cause = one.source();
    }
    if error.is_connect() { FetchError::Unreachable } else { FetchError::NotHttp }
}

/// What I/O errors are wrapped around: it is not among their sources.
fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(within) => innermost(within),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether credentials for one go to the other.
    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        let [one, other] = [one, other].map(|text| Url::parse(text).ok());
        let is_same = one.as_ref().zip(other.as_ref()).map(|(one, other)| is_same_place(one, other));
        assert_eq!(is_same, Some(expected), "{one:?} {other:?}");
    }

    #[test]
    fn credentials_stay_with_a_host_that_turns_to_https() {
        check("http://a.example/x", "https://a.example/y", true);
        check("http://a.example:80/", "https://a.example:443/", true);
        check("https://a.example/", "https://a.example:443/x", true);
        check("http://a.example:8080/", "http://a.example:8080/x", true);
        check("https://a.example/", "http://a.example/", false);
        check("http://a.example:8080/", "https://a.example/", false);
        check("http://a.example/", "https://a.example:8443/", false);
        check("http://a.example/", "https://b.example/", false);
        check("https://a.example/", "https://a.example.:443/", false);
        check("https://a.example/", "https://sub.a.example/", false);
    }
}
