use std::path::Path;

use sqlx::{Connection, PgPool};

use super::conn::{Lent, Open};
use super::open::{self, DbOptions, OpenError, SqlitePools};
use super::{Conn, StorageError, migrations};

/// The database: a handle that is cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Pools);

#[derive(Clone, Debug)]
enum Pools {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

impl Db {
    /// Opens the database of a URL: `sqlite:` and a path (the file is made if it is missing), or `postgres://…`.
    /// Migrates nothing.
    ///
    /// # Errors
    /// [`OpenError`], in one sentence for the operator.
    pub async fn open(url: &str, options: &DbOptions) -> Result<Self, OpenError> {
        let pools = match url.split(':').next() {
            Some("sqlite") => Pools::Sqlite(open::sqlite(url, options).await?),
            Some("postgres" | "postgresql") => Pools::Postgres(open::postgres(url, options).await?),
            _ => return Err(OpenError::BadUrl(String::new())),
        };
        let db = Self(pools);
        let found = db.schema_version().await.map_err(|error| OpenError::Migration(error.to_string()))?;
        let known = migrations::newest();
        if found > known { Err(OpenError::NewerSchema { found, known }) } else { Ok(db) }
    }

    /// Brings the schema up to date; does nothing where it is. Processes that start together take turns.
    ///
    /// # Errors
    /// [`OpenError::Migration`]; a step that fails leaves nothing behind.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let refuse = |error: sqlx::Error| OpenError::Migration(error.to_string());
        match &self.0 {
            Pools::Sqlite(pools) => {
                let mut whole = pools.writer.begin_with(WRITE_SQLITE).await.map_err(refuse)?;
                let done = migrations::sqlite().run_direct(None, &mut *whole, false).await;
                done.map_err(|error| OpenError::of_migration(&error))?;
                whole.commit().await.map_err(refuse)
            }
            Pools::Postgres(pool) => {
                let mut patient = pool.acquire().await.map_err(refuse)?.detach();
                sqlx::query(WAIT_FOR_EVER).execute(&mut patient).await.map_err(refuse)?;
                let done = migrations::postgres().run_direct(None, &mut patient, false).await;
                done.map_err(|error| OpenError::of_migration(&error))?;
                patient.close().await.map_err(refuse)
            }
        }
    }

    /// Whether the database can be reached and its schema is the one that this binary works with.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] where it is not.
    pub async fn ready(&self) -> Result<(), StorageError> {
        let (found, known) = (self.schema_version().await?, migrations::newest());
        if found == known {
            return Ok(());
        }
        Err(StorageError::Unavailable(format!("its schema has version {found}, not {known}")))
    }

    /// A snapshot: all that is read through it was true at one moment. Nothing can be written.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn read(&self) -> Result<Conn, StorageError> {
        Ok(Conn::new(match &self.0 {
            Pools::Sqlite(pools) => Open::Sqlite(Lent::Transaction(pools.readers.begin().await?)),
            Pools::Postgres(pool) => Open::Postgres(Lent::Transaction(pool.begin_with(READ_POSTGRES).await?)),
        }))
    }

    /// For one statement that reads, which by itself sees one moment; a second one would see another. It saves what
    /// beginning and ending a transaction costs.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn read_one(&self) -> Result<Conn, StorageError> {
        Ok(Conn::new(match &self.0 {
            Pools::Sqlite(pools) => Open::Sqlite(Lent::OneStatement(pools.reader().await?)),
            Pools::Postgres(pool) => Open::Postgres(Lent::OneStatement(pool.acquire().await?)),
        }))
    }

    /// Takes back what [`Db::read_one`] gave, once the statement has come to its end. It may as well be dropped; this is
    /// cheaper.
    pub fn done(&self, conn: Conn) {
        if let (Pools::Sqlite(pools), Some(connection)) = (&self.0, conn.into_reader()) {
            pools.keep(connection);
        }
    }

    /// A transaction that may write. On SQLite it is the only one, from here on; on PostgreSQL, who checks before
    /// writing locks first ([`super::calendars::lock`], [`super::accounts::lock`]).
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn write(&self) -> Result<Conn, StorageError> {
        Ok(Conn::new(match &self.0 {
            Pools::Sqlite(pools) => Open::Sqlite(Lent::Transaction(pools.writer.begin_with(WRITE_SQLITE).await?)),
            Pools::Postgres(pool) => Open::Postgres(Lent::Transaction(pool.begin().await?)),
        }))
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Pools::Sqlite(pools) => Some(&pools.file),
            Pools::Postgres(_) => None,
        }
    }

    /// Closes every connection, once its transaction has ended.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite(pools) => {
                pools.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// The newest migration that was applied; 0 in an empty database.
    async fn schema_version(&self) -> Result<i64, StorageError> {
        let mut conn = self.read().await?;
        let (exists,): (bool,) = match conn.transaction() {
            Open::Sqlite(c) => sqlx::query_as(IS_MIGRATED_SQLITE).fetch_one(&mut **c).await?,
            Open::Postgres(c) => sqlx::query_as(IS_MIGRATED_POSTGRES).fetch_one(&mut **c).await?,
        };
        if !exists {
            return Ok(0);
        }
        let (version,): (i64,) = on!(conn, c => sqlx::query_as(SCHEMA_VERSION).fetch_one(c).await)?;
        Ok(version)
    }
}

/// A step may take its time on a large table, and another process's steps too.
const WAIT_FOR_EVER: &str = "SET statement_timeout = 0";
const WRITE_SQLITE: &str = "BEGIN IMMEDIATE";
const READ_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const IS_MIGRATED_SQLITE: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')";
const IS_MIGRATED_POSTGRES: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
const SCHEMA_VERSION: &str = "SELECT COALESCE(MAX(version), CAST(0 AS BIGINT)) FROM _sqlx_migrations WHERE success";
