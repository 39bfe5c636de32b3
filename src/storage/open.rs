use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Sqlite};

/// How many connections there are, and how long anything waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbOptions {
    /// Most connections at once. On SQLite these read; one more writes.
    pub max_connections: u32,
    /// How long a transaction waits for a connection: behind other writers, on SQLite.
    pub acquire_timeout: Duration,
    /// How long one statement may take (PostgreSQL), or wait for another process's lock on the file (SQLite).
    pub statement_timeout: Duration,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither of SQLite nor of PostgreSQL.
    #[error("the database URL must begin with sqlite:, postgres:// or postgresql://{0}")]
    BadUrl(String),
    /// The file or its folder cannot be made, read or written.
    #[error("the database file {path} cannot be opened for writing: {reason}")]
    File {
        /// The file.
        path: String,
        /// What stands in the way.
        reason: String,
    },
    /// There is no server, or it does not let us in.
    #[error("the database server at {address} cannot be used: {reason}")]
    Server {
        /// Host and port, or socket.
        address: String,
        /// What stands in the way.
        reason: String,
    },
    /// A newer version of the program has been at work on this database.
    #[error(
        "the database has schema version {found}, but this program knows versions up to {known} only: use a newer one"
    )]
    NewerSchema {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the database cannot be migrated: {0}")]
    Migration(String),
}

/// The pools of one SQLite file. It has one writer at a time: that is one connection, for which writers queue in
/// order, rather than poll the lock of the file and starve each other.
#[derive(Clone, Debug)]
pub(super) struct SqlitePools {
    pub readers: SqlitePool,
    pub writer: SqlitePool,
    pub file: PathBuf,
    /// Readers that are kept out of the pool between single statements: the pool asks each connection that comes back
    /// whether it is well, which costs as much as the statement.
    idle: Arc<Mutex<Vec<PoolConnection<Sqlite>>>>,
    most_idle: usize,
}

impl SqlitePools {
    /// A connection for one statement that reads.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.readers.acquire().await,
        }
    }

    /// Takes one back whose statement has come to its end.
    pub(super) fn keep(&self, connection: PoolConnection<Sqlite>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.most_idle && !self.readers.is_closed() {
            idle.push(connection);
        }
    }

    /// Closes all connections, once they are free.
    pub(super) async fn close(&self) {
        let closing = self.readers.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        closing.await;
        self.writer.close().await;
    }
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

pub(super) async fn sqlite(url: &str, options: &DbOptions) -> Result<SqlitePools, OpenError> {
    let connect = sqlite_options(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.statement_timeout)
        .pragma("cache_size", "-16000")
        .statement_cache_capacity(200);
    let path = connect.get_filename().to_path_buf();
    let refuse = |error: sqlx::Error| file_error(&path, &error.to_string());
    make_private_file(&path).map_err(|error| file_error(&path, &error.to_string()))?;
    let pool = |connections: u32| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writer = pool(1).connect_with(connect.clone()).await.map_err(refuse)?;
    sqlx::query(TRY_TO_WRITE).execute(&writer).await.map_err(refuse)?;
    sqlx::query(STOP_TRYING).execute(&writer).await.map_err(refuse)?;
    let readers = pool(options.max_connections).connect_lazy_with(connect.pragma("query_only", "ON"));
    // Half of the connections stay for transactions.
    let most_idle = options.max_connections as usize / 2;
    Ok(SqlitePools { readers, writer, file: path, idle: Arc::default(), most_idle })
}

/// Takes the write lock, which a file or folder that is read-only refuses.
const TRY_TO_WRITE: &str = "BEGIN EXCLUSIVE";
const STOP_TRYING: &str = "ROLLBACK";

pub(super) async fn postgres(url: &str, options: &DbOptions) -> Result<PgPool, OpenError> {
    let millis = options.statement_timeout.as_millis().to_string();
    let connect = url
        .parse::<PgConnectOptions>()
        .map_err(|error| OpenError::BadUrl(format!(" ({error})")))?
        .application_name("convene")
        .options([("statement_timeout", &millis), ("idle_in_transaction_session_timeout", &millis)]);
    let address = match connect.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", connect.get_host(), connect.get_port()),
    };
    let refuse = |reason: String| OpenError::Server { address, reason };
    // Once without the pool, which would try again until its time is up, and then say only that it is up.
    match tokio::time::timeout(options.acquire_timeout, PgConnection::connect_with(&connect)).await {
        Ok(Ok(connection)) => drop(connection.close().await),
        Ok(Err(error)) => return Err(refuse(error.to_string())),
        Err(_) => return Err(refuse(format!("no answer within {:?}", options.acquire_timeout))),
    }
    Ok(PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy_with(connect))
}

impl OpenError {
    pub(super) fn of_migration(error: &MigrateError) -> Self {
        Self::Migration(match error {
            MigrateError::VersionMismatch(version) => {
                format!("step {version} was applied in other words than this program's")
            }
            other => other.to_string(),
        })
    }
}

/// For the eyes of its owner only, as it will hold what people do all day; SQLite gives the files beside it the same mode.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let options: SqliteConnectOptions =
        url.parse().map_err(|error: sqlx::Error| OpenError::BadUrl(format!(" ({error})")))?;
    let name = options.get_filename().as_os_str();
    if name.is_empty() || name == ":memory:" || url.contains(":memory:") || url.contains("mode=memory") {
        return Err(OpenError::BadUrl(" (a database in memory is not durable; name a file)".to_owned()));
    }
    Ok(options)
}

fn file_error(path: &Path, reason: &str) -> OpenError {
    OpenError::File { path: path.display().to_string(), reason: reason.to_owned() }
}
