//! The text of a feed, made from what is stored.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::FeedError;
use crate::freebusy::BusyType;
use crate::ical::{BusyBlock, BusyBlocks, CalendarHead, CalendarObject, CalendarWriter};
use crate::ids::CalendarId;
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::Blocks;
use crate::storage::feeds::{
    Detail, Near, NearPlace, PublishedBusy, PublishedFeed, PublishedObject, busy_near, objects_near,
};
use crate::storage::{Conn, LastEnd, StorageError};
use crate::time::{DateOrTime, Period, Timestamp};

/// The text of a feed in a window; `source` is where it is fetched from.
///
/// # Errors
/// `Damaged`, `Storage`, `Machine`.
pub(super) async fn text(
    conn: &mut Conn,
    feed: &Arc<PublishedFeed>,
    window: Period,
    source: &str,
) -> Result<String, FeedError> {
    let calendars = calendars_of(conn, feed).await?;
    let mut stream = Stream::new(Arc::clone(feed));
    for calendar in calendars.iter().filter(|calendar| feed.detail == Detail::Full || calendar.counts_as_busy) {
        let (near, mut after) = (Near { calendar: calendar.id, window }, None);
        loop {
            let page = Page::read(conn, near, feed.detail, after).await?;
            after = page.next();
            stream = in_background(move || stream.with(page)).await?;
            if after.is_none() {
                break;
            }
        }
    }
    let (color, source) = (calendars.first().map(|calendar| calendar.color.clone()), source.to_owned());
    in_background(move || Ok(stream.finish(color.as_deref(), &source))).await
}

/// Some events of a calendar, as the feed's detail wants them.
enum Page {
    Whole(Vec<PublishedObject>),
    Busy(Vec<PublishedBusy>),
}

impl Page {
    async fn read(conn: &mut Conn, near: Near, detail: Detail, after: Option<NearPlace>) -> Result<Self, StorageError> {
        Ok(match detail {
            Detail::Full => Self::Whole(objects_near(conn, near, after, AT_ONCE).await?),
            Detail::Busy => Self::Busy(busy_near(conn, near, after, AT_ONCE).await?),
        })
    }

    /// The place after which there may be more.
    fn next(&self) -> Option<NearPlace> {
        let (count, last) = match self {
            Self::Whole(events) => (events.len(), events.last().map(PublishedObject::place)),
            Self::Busy(events) => (events.len(), events.last().map(PublishedBusy::place)),
        };
        last.filter(|_| i64::try_from(count).unwrap_or(AT_ONCE) >= AT_ONCE)
    }
}

const AT_ONCE: i64 = 1000;

/// How often programs are asked to come back.
const REFRESH_MINUTES: u32 = 15;

async fn calendars_of(conn: &mut Conn, feed: &PublishedFeed) -> Result<Vec<Calendar>, FeedError> {
    let ids = feed.calendars.split(' ').filter_map(|entry| entry.split(':').next()?.parse().ok().map(CalendarId));
    let ids: HashSet<CalendarId> = ids.collect();
    let mut calendars = calendars::list(conn, feed.user_id).await?;
    calendars.retain(|calendar| ids.contains(&calendar.id));
    Ok(calendars)
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FeedError> + Send + 'static,
) -> Result<T, FeedError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| FeedError::Machine(error.to_string()))?
}

/// A feed's text in the making.
struct Stream {
    feed: Arc<PublishedFeed>,
    writer: CalendarWriter,
    /// UIDs that were written: two calendars may have the same one, and a stream may not.
    uids: HashSet<String>,
}

impl Stream {
    fn new(feed: Arc<PublishedFeed>) -> Self {
        Self { feed, writer: CalendarWriter::default(), uids: HashSet::new() }
    }

    fn with(mut self, page: Page) -> Result<Self, FeedError> {
        match page {
            Page::Whole(events) => events.into_iter().try_for_each(|event| self.push_whole(event))?,
            Page::Busy(events) => events.iter().try_for_each(|event| self.push_busy(event))?,
        }
        Ok(self)
    }

    fn push_whole(&mut self, event: PublishedObject) -> Result<(), FeedError> {
        let Some(mut object) = CalendarObject::from_text(&event.object)?.published(event.updated_at) else {
            return Ok(());
        };
        if !self.uids.insert(event.uid) {
            object.set_uid(&self.uid(&event.id.to_string()));
        }
        self.writer.push(&object);
        Ok(())
    }

    fn push_busy(&mut self, event: &PublishedBusy) -> Result<(), FeedError> {
        let Some(json) = &event.source else {
            if let Some(block) = plain(event) {
                self.writer.push(&block.object(&self.uid(&event.id.to_string())));
            }
            return Ok(());
        };
        let source = serde_json::from_str(json).map_err(|error| FeedError::Damaged(error.to_string()))?;
        let blocks = BusyBlocks {
            source: &source,
            owner: &self.feed.timezone,
            owner_email: &self.feed.email_key,
            sequence: event.sequence,
            changed_at: event.updated_at,
        };
        let uid = |recurrence_id: Option<&DateOrTime>| match recurrence_id {
            None => self.uid(&event.id.to_string()),
            Some(recurrence_id) => self.uid(&format!("{} {recurrence_id}", event.id)),
        };
        let objects = blocks.objects(uid);
        objects.iter().for_each(|object| self.writer.push(object));
        Ok(())
    }

    /// A UID that is the same as long as the feed is, and tells nobody without the feed's key what it was made from.
    fn uid(&self, of: &str) -> String {
        let hashed = |text: &[u8]| Sha256::new().chain_update(self.feed.uid_key.0).chain_update(text).finalize();
        // Twice, as HMAC does, so that a hash is of no use to whoever would extend the text.
        let hash = hashed(&hashed(of.as_bytes()));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn finish(self, color: Option<&str>, source: &str) -> String {
        let head = CalendarHead {
            name: Some(&self.feed.name),
            refresh_minutes: Some(REFRESH_MINUTES),
            method: Some("PUBLISH"),
            color,
            source: Some(source),
            ..CalendarHead::default()
        };
        self.writer.finish(&head)
    }
}

/// What the index of a plain single event says; nothing where it takes no time.
fn plain(event: &PublishedBusy) -> Option<BusyBlock> {
    let kind = match event.blocks {
        Blocks::Nothing => return None,
        Blocks::Busy => BusyType::Busy,
        Blocks::Tentative => BusyType::Tentative,
    };
    let ends_at = match event.last_end {
        LastEnd::At(end) => end,
        LastEnd::Endless => Timestamp::MAX,
    };
    let (starts_at, sequence, changed_at) = (event.first_start, event.sequence, event.updated_at);
    (starts_at < ends_at).then_some(BusyBlock { starts_at, ends_at, kind, sequence, changed_at })
}
