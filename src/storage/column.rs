use std::fmt;

use jiff::Timestamp;
use jiff::civil::Time;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{ColumnIndex, Database, Decode, Encode, Row, Type};

use crate::ids::{
    CalendarId, EventId, FeedId, ImportId, MeetingId, RemoteFeedId, SessionId, SubscriptionId, TokenId, UserId,
};
use crate::time::{Days, Zone};

/// When the last occurrence of an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LastEnd {
    /// At this instant.
    At(Timestamp),
    /// Never: the series has no end.
    Endless,
}

/// The SHA-256 of a secret: all that is kept of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// Integer microseconds since the epoch: the only form in which an instant is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Micros(i64);

/// A value that is kept in one column.
pub(super) trait Column: Sized {
    /// What the column holds.
    type Stored;

    /// The value again; none where nothing could have stored this.
    fn from_stored(stored: Self::Stored) -> Option<Self>;
}

/// Reads the named columns of a row into the fields of the same names; with `+ field`, that field from the same row.
macro_rules! row {
    ($name:ident { $($column:ident),* $(,)? $(+ $nested:ident)* }) => {
        row!(@ sqlx::sqlite::SqliteRow, $name { $($column),* $(+ $nested)* });
        row!(@ sqlx::postgres::PgRow, $name { $($column),* $(+ $nested)* });
    };
    (@ $row:ty, $name:ident { $($column:ident),* $(+ $nested:ident)* }) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                Ok(Self {
                    $($column: $crate::storage::column::column(row, stringify!($column))?,)*
                    $($nested: sqlx::FromRow::from_row(row)?,)*
                })
            }
        }
    };
}
pub(super) use row;

/// Makes a closed set of words a column.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::storage::column::Column for $name {
            type Stored = String;

            fn from_stored(stored: String) -> Option<Self> {
                match stored.as_str() { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(super) use words;

/// The value of one column.
pub(super) fn column<'r, R, T>(row: &'r R, name: &'static str) -> sqlx::Result<T>
where
    R: Row,
    T: Column,
    T::Stored: Decode<'r, R::Database> + Type<R::Database>,
    &'static str: ColumnIndex<R>,
{
    let impossible = || sqlx::Error::ColumnDecode { index: name.into(), source: "an impossible value".into() };
    T::from_stored(row.try_get(name)?).ok_or_else(impossible)
}

impl Micros {
    /// The microsecond in which `instant` lies.
    pub(super) fn floor(instant: Timestamp) -> Self {
        Self(instant.as_nanosecond().div_euclid(1000).try_into().unwrap_or(i64::MIN))
    }

    /// The first microsecond not before `instant`.
    pub(super) fn ceil(instant: Timestamp) -> Self {
        let nanos = instant.as_nanosecond();
        let micros = nanos.div_euclid(1000) + i128::from(nanos.rem_euclid(1000) > 0);
        Self(micros.try_into().unwrap_or(i64::MAX))
    }

    /// So many microseconds earlier.
    pub(super) fn before(self, micros: i64) -> Self {
        Self(self.0.saturating_sub(micros))
    }
}

/// Bound as the integer that it is.
impl<DB: Database> Type<DB> for Micros
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        i64::type_info()
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Micros
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.encode_by_ref(buffer)
    }
}

impl LastEnd {
    pub(super) fn micros(self) -> Micros {
        match self {
            Self::At(instant) => Micros::ceil(instant),
            Self::Endless => Micros(i64::MAX),
        }
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

macro_rules! stored_as_is {
    ($($type:ty)*) => {$(
        impl Column for $type {
            type Stored = Self;

            fn from_stored(stored: Self) -> Option<Self> {
                Some(stored)
            }
        }
    )*};
}
stored_as_is!(i64 bool String Vec<u8>);

macro_rules! stored_ids {
    ($($id:ident)*) => {$(
        impl Column for $id {
            type Stored = i64;

            fn from_stored(stored: i64) -> Option<Self> {
                Some(Self(stored))
            }
        }
    )*};
}
stored_ids!(UserId SessionId TokenId CalendarId EventId MeetingId FeedId SubscriptionId RemoteFeedId ImportId);

impl<T: Column> Column for Option<T> {
    type Stored = Option<T::Stored>;

    fn from_stored(stored: Option<T::Stored>) -> Option<Self> {
        match stored {
            Some(stored) => T::from_stored(stored).map(Some),
            None => Some(None),
        }
    }
}

impl Column for Timestamp {
    type Stored = i64;

    fn from_stored(stored: i64) -> Option<Self> {
        Self::from_microsecond(stored).ok()
    }
}

impl Column for LastEnd {
    type Stored = i64;

    fn from_stored(stored: i64) -> Option<Self> {
        if stored == i64::MAX { Some(Self::Endless) } else { Timestamp::from_stored(stored).map(Self::At) }
    }
}

impl Column for TokenHash {
    type Stored = Vec<u8>;

    fn from_stored(stored: Vec<u8>) -> Option<Self> {
        stored.try_into().ok().map(Self)
    }
}

impl Column for Zone {
    type Stored = String;

    fn from_stored(stored: String) -> Option<Self> {
        stored.parse().ok()
    }
}

/// A wall-clock time, kept as seconds since midnight.
impl Column for Time {
    type Stored = i64;

    fn from_stored(stored: i64) -> Option<Self> {
        let part = |seconds: i64| i8::try_from(seconds).ok();
        Self::new(part(stored / 3600)?, part(stored / 60 % 60)?, part(stored % 60)?, 0).ok()
    }
}

pub(super) fn seconds_since_midnight(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

impl Column for Days {
    type Stored = i16;

    fn from_stored(stored: i16) -> Option<Self> {
        u8::try_from(stored).ok().map(Self::from_bits)
    }
}
