//! Passwords: what is acceptable, and argon2id hashing off the runtime's threads, a few at a time.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// A password in clear, wiped from memory when dropped and never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Hashes and checks passwords; clones share one bound on how many run at once.
#[derive(Clone)]
pub struct PasswordHashing {
    running: Arc<Semaphore>,
    /// The hash of a password that nobody has: checked where a name is unknown, so that the answer takes as long.
    decoy: Arc<str>,
}

/// The right to hash now, for as long as it is kept.
pub struct Turn {
    permit: Arc<OwnedSemaphorePermit>,
    decoy: Arc<str>,
}

/// Hashing could not run. Nothing is wrong with the password.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashingFailed(String);

/// What a check of a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed with weaker parameters than today's.
    RightButWeak,
}

impl Password {
    /// Takes a password as it came in.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for what turns out to be an API token in a password's place.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it may be the password of `username`: 8 to 1024 bytes, not the name, not among the commonest.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn check_for(&self, username: &str) -> Result<(), &'static str> {
        match self.0.len() {
            0..8 => return Err("is too short; at least 8 bytes are needed"),
            8..=1024 => {}
            _ => return Err("is too long; at most 1024 bytes are allowed"),
        }
        let lower = Zeroizing::new(self.0.to_lowercase());
        if *lower == username.to_lowercase() {
            return Err("must not be the username");
        }
        if COMMONEST.contains(lower.as_str()) {
            return Err("is among the commonest passwords; choose another");
        }
        Ok(())
    }
}

impl PasswordHashing {
    /// At most `at_once` hashes run at the same time (each takes 19 MiB and a core).
    ///
    /// # Errors
    /// [`HashingFailed`] when the machine gives no random bytes.
    pub fn new(at_once: usize) -> Result<Self, HashingFailed> {
        let mut unknowable = [0; 32];
        getrandom::fill(&mut unknowable).map_err(|error| HashingFailed(error.to_string()))?;
        let decoy = hash_now(&unknowable)?.into();
        Ok(Self { running: Arc::new(Semaphore::new(at_once.max(1))), decoy })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// [`HashingFailed`].
    pub async fn hash(&self, password: Password) -> Result<String, HashingFailed> {
        self.turn().await?.run(move || hash_now(password.0.as_bytes())).await
    }

    /// Waits for the right to check a password.
    ///
    /// # Errors
    /// [`HashingFailed`].
    pub async fn turn(&self) -> Result<Turn, HashingFailed> {
        let permit = Arc::clone(&self.running).acquire_owned().await;
        let permit = permit.map_err(|error| HashingFailed(error.to_string()))?;
        Ok(Turn { permit: Arc::new(permit), decoy: Arc::clone(&self.decoy) })
    }
}

impl Turn {
    /// Checks a password against the stored hash, or against nothing, in the same time, where there is none.
    ///
    /// # Errors
    /// [`HashingFailed`], also when the stored text is no PHC string.
    pub async fn verify(&self, password: Password, stored: Option<&str>) -> Result<Verdict, HashingFailed> {
        let known = stored.is_some();
        let phc: Arc<str> = stored.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let verdict = self.run(move || verify_now(password.0.as_bytes(), &phc)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run<T, F>(&self, work: F) -> Result<T, HashingFailed>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, HashingFailed> + Send + 'static,
    {
        // The work goes on where nobody waits for it any more, and so does its turn.
        let permit = Arc::clone(&self.permit);
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| HashingFailed(error.to_string()))?
    }
}

/// The commonest passwords of eight and more characters, in lower case, one a line.
static COMMONEST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn hash_now(password: &[u8]) -> Result<String, HashingFailed> {
    let hash = hasher().hash_password(password).map_err(|error| HashingFailed(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify_now(password: &[u8], phc: &str) -> Result<Verdict, HashingFailed> {
    let hash = PasswordHash::new(phc).map_err(|error| HashingFailed(error.to_string()))?;
    if hasher().verify_password(password, &hash).is_err() {
        return Ok(Verdict::Wrong);
    }
    let params = Params::try_from(&hash).map_err(|error| HashingFailed(error.to_string()))?;
    let today = Params::default();
    let weak = params.m_cost() < today.m_cost() || params.t_cost() < today.t_cost();
    Ok(if weak { Verdict::RightButWeak } else { Verdict::Right })
}
