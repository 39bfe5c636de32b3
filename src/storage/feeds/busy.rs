//! What a feed that tells when its owner is busy needs of events. A calendar has thousands of them, and each is a few numbers: to
//! pass them on one by one would cost several times as much as to find them, so the database packs a page of them into one text.

use jiff::Timestamp;

use super::content::{Bounds, Near, NearPlace, asked, near};
use crate::ids::EventId;
use crate::storage::column::{Column, row};
use crate::storage::events::Blocks;
use crate::storage::{Conn, LastEnd, StorageError};

/// An event as a feed needs it that tells when its owner is busy: what a search knows of it, and not the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedBusy {
    /// Which event.
    pub id: EventId,
    /// See [`EventIndex::first_start`](crate::storage::events::EventIndex::first_start).
    pub first_start: Timestamp,
    /// See [`EventIndex::last_end`](crate::storage::events::EventIndex::last_end).
    pub last_end: LastEnd,
    /// See [`EventIndex::blocks`](crate::storage::events::EventIndex::blocks).
    pub blocks: Blocks,
    /// See [`EventIndex::source`](crate::storage::events::EventIndex::source).
    pub source: Option<String>,
    /// SEQUENCE.
    pub sequence: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl PublishedBusy {
    /// Its place.
    pub fn place(&self) -> NearPlace {
        NearPlace { start: self.first_start, id: self.id }
    }
}

/// At most `limit` of the events near a window that come after a place, in their order, without those that block nothing.
///
/// # Errors
/// [`StorageError`].
pub async fn busy_near(
    conn: &mut Conn,
    near: Near,
    after: Option<NearPlace>,
    limit: i64,
) -> Result<Vec<PublishedBusy>, StorageError> {
    let bounds = Bounds::of(near, after);
    let Page { packed: Packed(mut page) } = on!(conn, c => asked!(BUSY_NEAR, bounds, limit).fetch_one(c).await)?;
    page.sort_unstable_by_key(|event| (event.first_start, event.id));
    Ok(page)
}

/// The one row of an answer.
struct Page {
    packed: Packed,
}

/// Events, in no order.
struct Packed(Vec<PublishedBusy>);

row!(Page { packed });

impl Column for Packed {
    type Stored = Option<String>;

    fn from_stored(stored: Option<String>) -> Option<Self> {
        let text = stored.unwrap_or_default();
        let (mut rest, mut page) = (Rest(&text), Vec::with_capacity(text.len() / LEAST_BYTES));
        while !rest.0.is_empty() {
            page.push(rest.event()?);
        }
        Some(Self(page))
    }
}

/// What is not unpacked yet.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn event(&mut self) -> Option<PublishedBusy> {
        Some(PublishedBusy {
            id: EventId(self.number()?),
            first_start: Timestamp::from_stored(self.number()?)?,
            last_end: LastEnd::from_stored(self.number()?)?,
            blocks: Blocks::from_stored(self.number()?.try_into().ok()?)?,
            sequence: self.number()?,
            updated_at: Timestamp::from_stored(self.number()?)?,
            source: self.text()?,
        })
    }

    fn number(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_once(' ')?;
        self.0 = rest;
        number.parse().ok()
    }

    /// A text behind its length in bytes; none where that is negative.
    fn text(&mut self) -> Option<Option<String>> {
        let Ok(length) = usize::try_from(self.number()?) else { return Some(None) };
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(text.to_owned()))
    }
}

/// Fewer than any event takes.
const LEAST_BYTES: usize = 32;

const BUSY_NEAR: &str = concat!(
    "SELECT string_agg(CAST(id AS TEXT) || ' ' || CAST(first_start AS TEXT) || ' ' || CAST(last_end AS TEXT) || ' ' || \
     CAST(busy_type AS TEXT) || ' ' || CAST(sequence AS TEXT) || ' ' || CAST(updated_at AS TEXT) || ' ' || \
     CAST(COALESCE(octet_length(source), -1) AS TEXT) || ' ' || COALESCE(source, ''), '') AS packed FROM (",
    near!(
        "id, first_start, last_end, busy_type, sequence, updated_at, source",
        " AND (busy_type <> 0 OR source IS NOT NULL)"
    ),
    ") AS page"
);
