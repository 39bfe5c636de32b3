//! What keeps many imports at once from filling memory and from taking all processors.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::events::EventError;
use crate::limits::Limits;

/// The bounds that all imports share.
#[derive(Clone, Debug)]
pub struct ImportGate {
    room: Arc<Semaphore>,
    /// As much again: whoever sends a file slowly holds room for as long.
    room_for_fetched: Arc<Semaphore>,
    kibibytes: usize,
    patience: Duration,
    workers: Arc<Semaphore>,
}

/// The right to hold a file in memory, until this is dropped.
#[derive(Debug)]
pub struct Admission {
    _permit: Option<OwnedSemaphorePermit>,
}

impl ImportGate {
    /// Room for so many bytes of files, of which two are read at a time. One file always has room.
    pub fn new(limits: &Limits) -> Self {
        let kibibytes = (limits.import_memory_bytes / 1024).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self {
            room: Arc::new(Semaphore::new(kibibytes)),
            room_for_fetched: Arc::new(Semaphore::new(kibibytes)),
            kibibytes,
            patience: limits.import_wait,
            workers: Arc::new(Semaphore::new(MOST_WORKERS)),
        }
    }

    /// Waits until there is room for a file of so many bytes that is here already, which lasts no longer than to read others.
    pub async fn admit_fetched(&self, bytes: usize) -> Admission {
        self.admit(&self.room_for_fetched, bytes).await
    }

    /// Waits until there is room for a file of so many bytes that is still to come.
    ///
    /// # Errors
    /// `NoTurn`: there is none in good time.
    pub async fn admit_coming(&self, bytes: usize) -> Result<Admission, EventError> {
        let admitted = tokio::time::timeout(self.patience, self.admit(&self.room, bytes)).await;
        admitted.map_err(|_| EventError::NoTurn("imports"))
    }

    async fn admit(&self, room: &Arc<Semaphore>, bytes: usize) -> Admission {
        let share = u32::try_from(bytes.div_ceil(1024).clamp(1, self.kibibytes)).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        Admission { _permit: Arc::clone(room).acquire_many_owned(share).await.ok() }
    }

    /// Waits for one of the threads that read files.
    pub(super) async fn worker(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.workers).acquire_owned().await.ok()
    }
}

const MOST_WORKERS: usize = 2;
