//! What keeps slow readers of long exports from taking all connections to the database.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::events::EventError;
use crate::storage::StorageError;

/// The bound that all exports share which are read from the database while they are sent.
#[derive(Clone, Debug)]
pub struct ExportGate(Arc<Semaphore>);

impl Default for ExportGate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_AT_ONCE)))
    }
}

impl ExportGate {
    /// A turn, if there is one.
    pub(super) fn turn_at_once(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Storage(Unavailable)`: nobody has come to an end in good time.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, EventError> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(StorageError::Unavailable("too many long exports are under way".to_owned()).into()),
        }
    }
}

/// Each holds a connection of its own for as long as its reader takes; there are ten by default.
const MOST_AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);
