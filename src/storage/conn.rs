use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, Sqlite, Transaction};

use super::StorageError;

/// An open transaction on either database. Dropped without [`Conn::commit`], it is undone.
pub struct Conn(Open);

/// Which database the transaction is open on.
pub(super) enum Open {
    Sqlite(Lent<Sqlite>),
    Postgres(Lent<Postgres>),
}

/// A connection for the time of a transaction, or for one statement, which is a transaction by itself.
pub(super) enum Lent<DB: Database> {
    Transaction(Transaction<'static, DB>),
    OneStatement(PoolConnection<DB>),
}

impl Conn {
    pub(super) fn new(open: Open) -> Self {
        Self(open)
    }

    pub(super) fn transaction(&mut self) -> &mut Open {
        &mut self.0
    }

    /// The connection of a single statement on SQLite.
    pub(super) fn into_reader(self) -> Option<PoolConnection<Sqlite>> {
        match self.0 {
            Open::Sqlite(Lent::OneStatement(connection)) => Some(connection),
            Open::Sqlite(Lent::Transaction(_)) | Open::Postgres(_) => None,
        }
    }

    /// Makes what was written durable. When this returns `Ok`, the writes survive a loss of power.
    ///
    /// # Errors
    /// [`StorageError`]: nothing was written, but for [`StorageError::Unavailable`], where the connection may have been lost
    /// before the answer came.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self.0 {
            Open::Sqlite(Lent::Transaction(transaction)) => transaction.commit().await?,
            Open::Postgres(Lent::Transaction(transaction)) => transaction.commit().await?,
            Open::Sqlite(Lent::OneStatement(_)) | Open::Postgres(Lent::OneStatement(_)) => {}
        }
        Ok(())
    }
}

impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::OneStatement(connection) => connection,
        }
    }
}

impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::OneStatement(connection) => connection,
        }
    }
}
