//! Addresses as they are kept: what two are the same by, and user name and password apart and sealed.

use sha2::{Digest, Sha256};

use super::SubscriptionError;
use crate::outbound::{Credentials, RemoteUrl};
use crate::sealing::Sealing;
use crate::storage::subscriptions::{Address, RemoteFeed};
use crate::time::Timestamp;

/// An address as it is kept.
pub struct Kept {
    /// What two of them are the same by.
    pub hash: [u8; 32],
    /// Without user name and password.
    pub url: String,
    /// User name and password, sealed.
    pub credentials: Option<Vec<u8>>,
}

impl Kept {
    /// The row of it, where it is new.
    pub fn address(&self, now: Timestamp) -> Address<'_> {
        Address { hash: &self.hash, url: &self.url, credentials: self.credentials.as_deref(), created_at: now }
    }
}

/// An address as it is to be kept.
///
/// # Errors
/// `Invalid` (`url`: there is no key to keep a password with), `Machine`.
pub fn kept(sealing: &Sealing, url: &RemoteUrl) -> Result<Kept, SubscriptionError> {
    let shown = url.shown().to_owned();
    let Some(Credentials { user, password }) = url.credentials() else {
        return Ok(Kept { hash: Sha256::digest(shown.as_bytes()).into(), url: shown, credentials: None });
    };
    // A plain hash would let whoever reads the database try out passwords.
    let hash = sealing.mark(&[&shown, user, password])?;
    let sealed = sealing.seal(&format!("{user}:{password}"), &hash)?;
    Ok(Kept { hash, url: shown, credentials: Some(sealed) })
}

/// The address to ask, with user name and password.
///
/// # Errors
/// A sentence for the owners of the subscriptions.
pub fn opened(sealing: &Sealing, remote: &RemoteFeed) -> Result<RemoteUrl, String> {
    let credentials = match &remote.credentials {
        None => None,
        Some(sealed) => {
            let text = sealing.open(sealed, &remote.address_hash).map_err(|_| LOST_KEY.to_owned())?;
            let (user, password) = text.split_once(':').ok_or(LOST_KEY)?;
            Some(Credentials { user: user.to_owned(), password: password.to_owned() })
        }
    };
    RemoteUrl::with_credentials(&remote.url, credentials).map_err(|error| error.to_string())
}

const LOST_KEY: &str =
    "the server has lost the key to the user name and password of this address: subscribe to it anew";
