use sqlx::error::{DatabaseError, ErrorKind};

/// Why a storage function has no answer. None of these means "nothing found".
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another row has this value already.
    #[error("{0} is taken")]
    Unique(Constraint),
    /// The row that this one belongs to (its user, its calendar) is gone.
    #[error("the row that this one belongs to is gone")]
    Orphan,
    /// Another transaction was in the way; the same transaction may well succeed if run again from its beginning.
    #[error("another transaction was in the way: {0}")]
    Conflict(String),
    /// The database is away, busy beyond the patience of [`super::DbOptions`], full, or may not be written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database refuses the value, such as a text with a NUL character.
    #[error("the database cannot hold this value: {0}")]
    Unstorable(String),
    /// What was read cannot be what was written.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// A statement failed for a reason that should not exist.
    #[error("a statement failed: {0}")]
    Statement(String),
}

/// What must be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A username, without regard to case.
    Username,
    /// An e-mail address, without regard to case.
    Email,
    /// The hash of a session's secret.
    SessionToken,
    /// The hash of an API token's secret.
    ApiToken,
    /// The hash of a feed's secret.
    FeedSecret,
    /// A user's default calendar.
    DefaultCalendar,
    /// A UID in a calendar.
    EventUid,
    /// A user's subscription to an address.
    Subscription,
}

/// Each constraint by the name that PostgreSQL reports and by the columns that SQLite does.
const CONSTRAINTS: [(Constraint, &str, &str); 8] = [
    (Constraint::Username, "users_username_key", "users.username_key"),
    (Constraint::Email, "users_email_key", "users.email_key"),
    (Constraint::SessionToken, "sessions_token_hash", "sessions.token_hash"),
    (Constraint::ApiToken, "api_tokens_token_hash", "api_tokens.token_hash"),
    (Constraint::FeedSecret, "feeds_secret_hash", "feeds.secret_hash"),
    (Constraint::DefaultCalendar, "calendars_one_default", "calendars.user_id"),
    (Constraint::EventUid, "events_uid", "events.calendar_id, events.uid"),
    (Constraint::Subscription, "subscriptions_once", "subscriptions.user_id, subscriptions.remote_feed_id"),
];

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Username => "the username",
            Self::Email => "the e-mail address",
            Self::SessionToken => "the session token",
            Self::ApiToken => "the API token",
            Self::FeedSecret => "the secret of the feed",
            Self::DefaultCalendar => "the place of the default calendar",
            Self::EventUid => "the UID",
            Self::Subscription => "the subscription to this address",
        })
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        match error {
            Error::Database(error) => of_database(&*error),
            Error::ColumnDecode { .. } | Error::Decode(_) => Self::Corrupt(error.to_string()),
            Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed
            | Error::BeginFailed
            | Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_) => Self::Unavailable(error.to_string()),
            other => Self::Statement(other.to_string()),
        }
    }
}

fn of_database(error: &dyn DatabaseError) -> StorageError {
    match error.kind() {
        ErrorKind::UniqueViolation => match constraint(error) {
            Some(constraint) => StorageError::Unique(constraint),
            None => StorageError::Statement(error.to_string()),
        },
        ErrorKind::ForeignKeyViolation => StorageError::Orphan,
        _ if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() => of_postgres(error),
        _ => of_sqlite(error),
    }
}

fn constraint(error: &dyn DatabaseError) -> Option<Constraint> {
    let columns = error.message().rsplit(": ").next();
    let hit = |(_, name, sqlite): &&(_, &str, &str)| error.constraint() == Some(*name) || columns == Some(*sqlite);
    CONSTRAINTS.iter().find(hit).map(|(constraint, ..)| *constraint)
}

/// By SQLSTATE (PostgreSQL, appendix A).
fn of_postgres(error: &dyn DatabaseError) -> StorageError {
    let code = error.code().unwrap_or_default();
    let text = error.to_string();
    match &*code {
        "40001" | "40P01" => StorageError::Conflict(text),
        "22021" | "22P05" | "54000" => StorageError::Unstorable(text),
        "25006" | "25P03" | "55P03" => StorageError::Unavailable(text),
        "XX001" | "XX002" => StorageError::Corrupt(text),
        code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => StorageError::Unavailable(text),
        _ => StorageError::Statement(text),
    }
}

/// By primary result code: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL; CORRUPT, NOTADB; TOOBIG.
fn of_sqlite(error: &dyn DatabaseError) -> StorageError {
    let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    let text = error.to_string();
    match code & 0xff {
        5 | 6 | 8 | 10 | 13 | 14 | 15 => StorageError::Unavailable(text),
        11 | 26 => StorageError::Corrupt(text),
        18 => StorageError::Unstorable(text),
        _ => StorageError::Statement(text),
    }
}
