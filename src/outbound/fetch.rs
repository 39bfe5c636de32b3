//! One fetch from its beginning to its end: the permit, the redirects, the verdict about the answer.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::{Response, StatusCode};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::retry_after;
use super::body;
use super::hop::{Doors, Hop};
use super::names::{Names, SystemNames};
use super::{FetchError, FetchPolicy, Fetched, Refusal, RemoteUrl, Validators};

/// The way out: fetches within the bounds of a policy.
pub struct Outbound {
    policy: FetchPolicy,
    doors: Doors,
    permits: Semaphore,
}

/// The machine cannot begin a connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be fetched: {0}")]
pub struct OutboundError(pub(super) String);

impl Outbound {
    /// With the machine's own names.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn new(policy: FetchPolicy) -> Result<Self, OutboundError> {
        Self::with_names(policy, Arc::new(SystemNames))
    }

    /// With names from elsewhere.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn with_names(policy: FetchPolicy, names: Arc<dyn Names>) -> Result<Self, OutboundError> {
        let (doors, permits) = (Doors::new(&policy, &names)?, Semaphore::new(policy.at_once));
        Ok(Self { policy, doors, permits })
    }

    /// Fetches what is at an address, unless it is still what is known by these validators. Waits for its turn first.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get(&self, url: &RemoteUrl, known: &Validators, now: Timestamp) -> Result<Fetched, FetchError> {
        // Nobody closes the semaphore.
        let _permit = self.permits.acquire().await.map_err(|_| FetchError::TooSlow)?;
        let until = Instant::now() + self.policy.total;
        let (hop, response) = self.follow(url, known, until).await?;
        match response.status() {
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
                let validators = Validators::of(response.headers());
                let moved_to = hop.moved_to();
                let bytes = body::read(response, self.policy.max_bytes, until).await?;
                Ok(Fetched::Body { bytes, validators, moved_to })
            }
            StatusCode::NOT_MODIFIED if !known.is_empty() => Ok(Fetched::NotModified { moved_to: hop.moved_to() }),
            StatusCode::GONE => Err(FetchError::Gone),
            status => {
                let retry_after = retry_after(response.headers(), now);
                Err(FetchError::Status { code: status.as_u16(), retry_after })
            }
        }
    }

    /// The first answer that is no redirect, and where it came from. The validators go along: they are those of what was
    /// found at the end of this way, and a server on it has no use for them.
    async fn follow(&self, url: &RemoteUrl, known: &Validators, until: Instant) -> Result<(Hop, Response), FetchError> {
        let (mut hop, mut response) = self.begin(url, known, until).await?;
        for _ in 0..self.policy.redirects {
            let Some(next) = hop.redirected(&response)? else { return Ok((hop, response)) };
            // Its body is of no interest, and its connection is not used again.
            drop(response);
            response = self.doors.ask(&next, known, until).await?;
            hop = next;
        }
        match hop.redirected(&response)? {
            None => Ok((hop, response)),
            Some(_) => Err(FetchError::TooManyRedirects { limit: self.policy.redirects }),
        }
    }

    /// The first request. "webcal" says that it is a calendar and not how it is sent: by https, or else by http, which
    /// must not carry a password that nobody said could be sent in clear.
    async fn begin(&self, url: &RemoteUrl, known: &Validators, until: Instant) -> Result<(Hop, Response), FetchError> {
        let hop = Hop::first(url);
        match self.doors.ask(&hop, known, until).await {
            Ok(response) => Ok((hop, response)),
            Err(error @ (FetchError::NoTls | FetchError::Unreachable)) if url.is_webcal() => {
                let would_be_seen = if error == FetchError::NoTls { Refusal::Unencrypted.into() } else { error };
                let hop = hop.in_clear().ok_or(would_be_seen)?;
                let response = self.doors.ask(&hop, known, until).await?;
                Ok((hop, response))
            }
            Err(error) => Err(error),
        }
    }
}
