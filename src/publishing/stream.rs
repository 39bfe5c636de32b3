//! The text of a feed, made from what is stored.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::FeedError;
use crate::freebusy::{BusySource, BusyState, Status, Transparency};
use crate::ical::{BusyBlocks, CalendarHead, CalendarObject, CalendarWriter};
use crate::ids::CalendarId;
use crate::recurrence::{RecurrenceSet, Span};
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::Blocks;
use crate::storage::feeds::{Detail, Interest, PublishedEvent, PublishedFeed, published_events};
use crate::storage::{Conn, LastEnd};
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
    let interest = match feed.detail {
        Detail::Full => Interest::Object,
        Detail::Busy => Interest::Busy,
    };
    for calendar in calendars.iter().filter(|calendar| feed.detail == Detail::Full || calendar.counts_as_busy) {
        let mut last = None;
        loop {
            let page = published_events(conn, calendar.id, (window, interest), last.as_ref(), AT_ONCE).await?;
            let Some(end) = page.last() else { break };
            last = Some(PublishedEvent { object: String::new(), source: None, ..end.clone() });
            let is_last = i64::try_from(page.len()).unwrap_or(AT_ONCE) < AT_ONCE;
            stream = in_background(move || stream.with(page)).await?;
            if is_last {
                break;
            }
        }
    }
    let (color, source) = (calendars.first().map(|calendar| calendar.color.clone()), source.to_owned());
    in_background(move || Ok(stream.finish(color.as_deref(), &source))).await
}

const AT_ONCE: i64 = 2000;

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

    fn with(mut self, events: Vec<PublishedEvent>) -> Result<Self, FeedError> {
        for event in events {
            match self.feed.detail {
                Detail::Full => self.push_whole(event)?,
                Detail::Busy => self.push_busy(&event)?,
            }
        }
        Ok(self)
    }

    fn push_whole(&mut self, event: PublishedEvent) -> Result<(), FeedError> {
        let Some(mut object) = CalendarObject::from_text(&event.object)?.published(event.updated_at) else {
            return Ok(());
        };
        if !self.uids.insert(event.uid) {
            object.set_uid(&self.uid(&event.id.to_string()));
        }
        self.writer.push(&object);
        Ok(())
    }

    fn push_busy(&mut self, event: &PublishedEvent) -> Result<(), FeedError> {
        let source = match &event.source {
            Some(json) => serde_json::from_str(json).map_err(|error| FeedError::Damaged(error.to_string()))?,
            None => plain(event),
        };
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

/// What the index of a plain single event says.
fn plain(event: &PublishedEvent) -> BusySource {
    let end = match event.last_end {
        LastEnd::At(end) => end,
        LastEnd::Endless => Timestamp::MAX,
    };
    let state = match event.blocks {
        Blocks::Nothing => BusyState { transparency: Transparency::Transparent, ..BusyState::default() },
        Blocks::Busy => BusyState::default(),
        Blocks::Tentative => BusyState { status: Status::Tentative, ..BusyState::default() },
    };
    let span = Span::seconds(end.duration_since(event.first_start).as_secs());
    BusySource { set: RecurrenceSet::single(DateOrTime::utc(event.first_start), span), states: vec![state] }
}
