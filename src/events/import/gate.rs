//! What keeps many imports at once from filling memory and from taking all processors.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::Limits;

/// The bounds that all imports share.
#[derive(Clone, Debug)]
pub struct ImportGate {
    room: Arc<Semaphore>,
    kibibytes: usize,
    workers: Arc<Semaphore>,
}

/// The right to hold a file in memory, until this is dropped.
#[derive(Debug)]
pub struct Admission {
    _permit: Option<OwnedSemaphorePermit>,
}

impl ImportGate {
    /// Room for two files of the largest size, or many small ones, of which two are read at a time.
    pub fn new(limits: &Limits) -> Self {
        let kibibytes = (2 * limits.import_bytes / 1024).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { room: Arc::new(Semaphore::new(kibibytes)), kibibytes, workers: Arc::new(Semaphore::new(MOST_WORKERS)) }
    }

    /// Waits until there is room for a file of so many bytes.
    pub async fn admit(&self, bytes: usize) -> Admission {
        let share = u32::try_from(bytes.div_ceil(1024).clamp(1, self.kibibytes)).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        Admission { _permit: Arc::clone(&self.room).acquire_many_owned(share).await.ok() }
    }

    /// Waits for one of the threads that read files.
    pub(super) async fn worker(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.workers).acquire_owned().await.ok()
    }
}

const MOST_WORKERS: usize = 2;
