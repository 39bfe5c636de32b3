//! Sealing: what must not lie in the database in clear, such as the password of an address elsewhere, is encrypted with a key
//! that is not in the database.
//!
//! The key is made from the configured secret. Without one, an SQLite database has a key in a file beside it, made when it is
//! first needed; a PostgreSQL server, which several programs may share, has no such place. This module refuses to know what
//! it seals.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Encrypts and decrypts (AES-256-GCM), and makes marks that only this key makes.
pub struct Sealing {
    file: Option<PathBuf>,
    key: OnceLock<Key>,
}

type Key = Zeroizing<[u8; 32]>;

/// Why something is not sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no key, and no place for one.
    #[error("the server has no key to keep a password with: its operator sets CONVENE_SECRET_KEY")]
    NoKey,
    /// It was sealed with another key, or is damaged.
    #[error("what was sealed cannot be opened with the present key")]
    Unopenable,
    /// The machine failed.
    #[error("the key of the database cannot be used: {0}")]
    Machine(String),
}

impl Sealing {
    /// With the configured secret; else with the file beside the database, where that is a file.
    pub fn new(secret: Option<&str>, database: Option<&Path>) -> Self {
        let key = secret.map_or_else(OnceLock::new, |secret| derived(secret.as_bytes()).into());
        Self { file: database.map(key_file), key }
    }

    /// Encrypts a text. It opens only together with `about`.
    ///
    /// # Errors
    /// `NoKey`, `Machine`.
    pub fn seal(&self, text: &str, about: &[u8]) -> Result<Vec<u8>, SealError> {
        let machine = |error: &dyn std::fmt::Display| SealError::Machine(error.to_string());
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| machine(&error))?;
        let payload = Payload { msg: text.as_bytes(), aad: about };
        let sealed = self.cipher(b"seal")?.encrypt(Nonce::from_slice(&nonce), payload);
        Ok([&nonce[..], &sealed.map_err(|error| machine(&error))?].concat())
    }

    /// Decrypts what was sealed about the same.
    ///
    /// # Errors
    /// `Unopenable`, `NoKey`, `Machine`.
    pub fn open(&self, sealed: &[u8], about: &[u8]) -> Result<Zeroizing<String>, SealError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(SealError::Unopenable)?;
        let payload = Payload { msg: sealed, aad: about };
        let opened = self.cipher(b"seal")?.decrypt(Nonce::from_slice(nonce), payload);
        let text = String::from_utf8(opened.map_err(|_| SealError::Unopenable)?);
        text.map(Zeroizing::new).map_err(|_| SealError::Unopenable)
    }

    /// A mark by which two texts are known to be the same. Without the key, nobody can try out what the text was.
    ///
    /// # Errors
    /// `NoKey`, `Machine`.
    pub fn mark(&self, parts: &[&str]) -> Result<[u8; 32], SealError> {
        let mut mac = self.mac(b"mark")?;
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(mac.finalize().into_bytes().into())
    }

    fn cipher(&self, purpose: &[u8]) -> Result<Aes256Gcm, SealError> {
        let key = Zeroizing::new(<[u8; 32]>::from(self.mac(purpose)?.finalize().into_bytes()));
        Ok(Aes256Gcm::new(aes_gcm::Key::<Aes256Gcm>::from_slice(key.as_slice())))
    }

    /// Begun with the purpose, so that no two purposes share a key.
    fn mac(&self, purpose: &[u8]) -> Result<Hmac<Sha256>, SealError> {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(self.key()?.as_slice());
        Ok(mac.map_err(|error| SealError::Machine(error.to_string()))?.chain_update(purpose))
    }

    fn key(&self) -> Result<&Key, SealError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let file = self.file.as_deref().ok_or(SealError::NoKey)?;
        let secret = read_or_make(file).map_err(|error| SealError::Machine(format!("{}: {error}", file.display())))?;
        Ok(self.key.get_or_init(|| derived(secret.trim().as_bytes())))
    }
}

const NONCE: usize = 12;

fn derived(secret: &[u8]) -> Key {
    Zeroizing::new(Sha256::new().chain_update(b"convene secret key 1\n").chain_update(secret).finalize().into())
}

fn key_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// The secret of the file, which is made for its owner's eyes only where it is missing. It appears whole or not at all; of
/// several programs that make it at once, one wins and all read that one's.
fn read_or_make(file: &Path) -> io::Result<Zeroizing<String>> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(file)?,
        found => return usable(found?),
    }
    usable(fs::read_to_string(file)?)
}

fn usable(secret: String) -> io::Result<Zeroizing<String>> {
    let secret = Zeroizing::new(secret);
    if secret.trim().len() < SHORTEST { Err(io::Error::other("it holds no key")) } else { Ok(secret) }
}

fn make(file: &Path) -> io::Result<()> {
    let mut bits = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bits.as_mut_slice()).map_err(|error| io::Error::other(error.to_string()))?;
    let mut secret = Zeroizing::new(String::with_capacity(65));
    for byte in bits.iter() {
        write!(secret, "{byte:02x}").map_err(io::Error::other)?;
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&draft)?;
    open.write_all(secret.as_bytes())?;
    open.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What a configured secret has at least, too.
pub const SHORTEST: usize = 32;
