use sqlx::{Postgres, Sqlite, Transaction};

use super::StorageError;

/// An open transaction on either database. Dropped without [`Conn::commit`], it is undone.
pub struct Conn(Open);

/// Which database the transaction is open on.
pub(super) enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Conn {
    pub(super) fn new(open: Open) -> Self {
        Self(open)
    }

    pub(super) fn transaction(&mut self) -> &mut Open {
        &mut self.0
    }

    /// Makes what was written durable. When this returns `Ok`, the writes survive a loss of power.
    ///
    /// # Errors
    /// [`StorageError`]: nothing was written, but for [`StorageError::Unavailable`], where the connection may have been lost
    /// before the answer came.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self.0 {
            Open::Sqlite(transaction) => transaction.commit().await?,
            Open::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}
