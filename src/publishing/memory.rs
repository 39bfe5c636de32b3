//! The texts of feeds, each made once per version and kept, plain and compressed, as far as memory is allowed.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::{OnceCell, OwnedMutexGuard, Semaphore, SemaphorePermit};

use super::FeedError;
use super::version::FeedWindow;
use crate::ids::FeedId;

/// The text of a feed.
#[derive(Debug)]
pub struct FeedText {
    plain: Bytes,
    gzip: OnceCell<Bytes>,
}

/// Texts that were made before.
pub struct FeedMemory {
    texts: Cache<Key, Entry>,
    making: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
    makers: Semaphore,
}

/// What a text belongs to: a new version takes the place of the old one.
pub(super) type Key = (FeedId, FeedWindow);

#[derive(Clone)]
struct Entry {
    tag: String,
    text: Arc<FeedText>,
}

/// Whose turn it is to make a text.
pub(super) struct Turn<'a> {
    memory: &'a FeedMemory,
    key: Key,
    guard: Option<OwnedMutexGuard<()>>,
    permit: Option<SemaphorePermit<'a>>,
}

impl FeedText {
    pub(super) fn new(plain: String) -> Self {
        Self { plain: plain.into(), gzip: OnceCell::new() }
    }

    /// RFC 5545, in UTF-8.
    pub fn plain(&self) -> Bytes {
        self.plain.clone()
    }

    /// The same in gzip (RFC 1952), compressed once.
    ///
    /// # Errors
    /// [`FeedError::Machine`].
    pub async fn gzip(&self) -> Result<Bytes, FeedError> {
        let compressed = self.gzip.get_or_try_init(|| async {
            let plain = self.plain.clone();
            let compressing = tokio::task::spawn_blocking(move || compress(&plain));
            let failed = |error: &dyn std::fmt::Display| FeedError::Machine(error.to_string());
            compressing.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
        });
        compressed.await.cloned()
    }
}

impl FeedMemory {
    /// Remembers texts of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let weight = |_: &Key, entry: &Entry| u32::try_from(entry.text.most_bytes()).unwrap_or(u32::MAX);
        let texts = Cache::builder().max_capacity(bytes).weigher(weight).eviction_policy(EvictionPolicy::lru()).build();
        Self { texts, making: Mutex::default(), makers: Semaphore::new(MAKERS) }
    }

    /// The text of this version, if it is remembered.
    pub(super) fn recall(&self, key: &Key, tag: &str) -> Option<Arc<FeedText>> {
        self.texts.get(key).filter(|entry| entry.tag == tag).map(|entry| entry.text)
    }

    /// Remembers a text, in place of that of an older version.
    pub(super) fn keep(&self, key: Key, tag: String, text: Arc<FeedText>) {
        self.texts.insert(key, Entry { tag, text });
    }

    /// Waits until nobody else makes this text, and few others are made.
    ///
    /// # Errors
    /// [`FeedError::Machine`].
    pub(super) async fn turn(&self, key: Key) -> Result<Turn<'_>, FeedError> {
        let mut turn = Turn { memory: self, key, guard: None, permit: None };
        let lock = Arc::clone(self.making().entry(key).or_default());
        turn.guard = Some(lock.lock_owned().await);
        turn.permit = Some(self.makers.acquire().await.map_err(|error| FeedError::Machine(error.to_string()))?);
        Ok(turn)
    }

    fn making(&self) -> MutexGuard<'_, HashMap<Key, Arc<tokio::sync::Mutex<()>>>> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FeedText {
    /// What it takes at the most, with what is around it; compressed it is never longer than this allows for.
    fn most_bytes(&self) -> usize {
        self.plain.len() + self.plain.len() / 2 + 512
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.permit = None;
        let mut making = self.memory.making();
        self.guard = None;
        // Those who wait hold it too.
        if making.get(&self.key).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            making.remove(&self.key);
        }
    }
}

fn compress(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 6), Compression::new(LEVEL));
    encoder.write_all(plain)?;
    Ok(encoder.finish()?.into())
}

/// Texts that are made at once, each of them in memory as a whole.
const MAKERS: usize = 2;
const LEVEL: u32 = 6;
