//! Session and API tokens: 256 random bits, shown once, stored only as their SHA-256 hash.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A secret text that does not print itself.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// What is stored of a secret.
pub type SecretHash = [u8; 32];

/// The machine gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes: {0}")]
pub struct NoRandomness(String);

impl Secret {
    /// A new secret of 256 random bits, in URL-safe base64 behind `prefix`.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn random(prefix: &str) -> Result<Self, NoRandomness> {
        let mut bits = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bits.as_mut_slice()).map_err(|error| NoRandomness(error.to_string()))?;
        Ok(Self(Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits.as_slice())))))
    }

    /// A secret as it came in.
    pub fn received(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, to be shown to its owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored. A plain hash is enough for 256 random bits; passwords go another way.
    pub fn hash(&self) -> SecretHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
