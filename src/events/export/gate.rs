//! What keeps slow readers of long exports from taking all connections to the database.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::events::EventError;
use crate::limits::Limits;

/// The bound that all exports share which are read from the database while they are sent.
#[derive(Clone, Debug)]
pub struct ExportGate {
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl ExportGate {
    /// So many at once as the bounds say. Each holds a connection of its own for as long as its reader takes.
    pub fn new(limits: &Limits) -> Self {
        let turns = Arc::new(Semaphore::new(limits.exports_at_once.min(Semaphore::MAX_PERMITS)));
        Self { turns, patience: limits.export_wait }
    }

    /// A turn, if there is one.
    pub(super) fn turn_at_once(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `NoTurn`: nobody has come to an end in good time.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, EventError> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(EventError::NoTurn("long exports")),
        }
    }
}
