use std::sync::Arc;

use super::memory::{FeedText, Key};
use super::version::{FeedVersion, FeedWindow, state_of};
use super::{FeedError, flush_uses, stream};
use crate::accounts::Secret;
use crate::app::App;
use crate::metrics::FeedAnswer;
use crate::storage::feeds::{self as stored, PublishedFeed};
use crate::storage::{Conn, TokenHash};
use crate::time::Timestamp;

/// Somebody asks for a feed.
#[derive(Clone, Debug)]
pub struct Poll<'a> {
    /// The secret of its address.
    pub secret: Secret,
    /// Events with time from then on; without it, from the beginning of the month one year ago.
    pub start: Option<Timestamp>,
    /// Events with time before; without it, everything ahead.
    pub end: Option<Timestamp>,
    /// The program that asks, in its own words.
    pub agent: Option<&'a str>,
}

/// What a feed answers.
#[derive(Clone, Debug)]
pub enum Published {
    /// Who asks has this version.
    Known(FeedVersion),
    /// The text.
    Text(FeedVersion, Arc<FeedText>),
}

/// The text of the feed with this secret, unless who asks has it already: then nothing but one query happens.
///
/// # Errors
/// `NotFound`, `Invalid` (`end`).
pub async fn publish(
    app: &App,
    poll: &Poll<'_>,
    is_known: impl Fn(&FeedVersion) -> bool,
) -> Result<Published, FeedError> {
    let window = FeedWindow { start: poll.start, end: poll.end };
    window.period(app.clock.now())?;
    let found = Found::by(app, &mut app.db.read().await?, &poll.secret, window).await?;
    if app.feed_uses.count(found.feed.id, app.clock.now(), poll.agent)
        && let Err(error) = flush_uses(app).await
    {
        tracing::warn!(%error, "uses of feeds could not be noted: {error}");
    }
    if found.is_new {
        note(app, &found).await?;
    }
    if is_known(&found.version) {
        app.metrics.feed(FeedAnswer::Unchanged);
        return Ok(Published::Known(found.version));
    }
    let key = (found.feed.id, window);
    if let Some(text) = app.feeds.recall(&key, &found.version.tag) {
        app.metrics.feed(FeedAnswer::Remembered);
        return Ok(Published::Text(found.version, text));
    }
    make(app, poll, key).await
}

/// A feed and its version, from one snapshot.
struct Found {
    feed: Arc<PublishedFeed>,
    state: String,
    version: FeedVersion,
    /// Whether nobody has seen this version yet.
    is_new: bool,
    now: Timestamp,
}

impl Found {
    async fn by(app: &App, conn: &mut Conn, secret: &Secret, window: FeedWindow) -> Result<Self, FeedError> {
        let feed = stored::by_secret_hash(conn, TokenHash(secret.hash())).await?.ok_or(FeedError::NotFound)?;
        let now = app.clock.now();
        let state = state_of(&feed, &app.public_url, now);
        let is_new = feed.state != state;
        let since = if is_new { now.max(feed.state_since) } else { feed.state_since };
        let version = FeedVersion::of(&state, window, since, now);
        Ok(Self { feed: Arc::new(feed), state, version, is_new, now })
    }
}

async fn note(app: &App, found: &Found) -> Result<(), FeedError> {
    let mut conn = app.db.write().await?;
    stored::note_state(&mut conn, found.feed.id, &found.state, found.now.max(found.feed.state_since)).await?;
    Ok(conn.commit().await?)
}

/// Makes the text, or takes that which somebody else has made meanwhile.
async fn make(app: &App, poll: &Poll<'_>, key: Key) -> Result<Published, FeedError> {
    let _turn = app.feeds.turn(key).await?;
    // One snapshot tells the version and what is in it.
    let mut conn = app.db.read().await?;
    let found = Found::by(app, &mut conn, &poll.secret, key.1).await?;
    if let Some(text) = app.feeds.recall(&key, &found.version.tag) {
        app.metrics.feed(FeedAnswer::Remembered);
        return Ok(Published::Text(found.version, text));
    }
    let window = key.1.period(found.now)?;
    let source = source(app, poll);
    let text = Arc::new(FeedText::new(stream::text(&mut conn, &found.feed, window, &source).await?));
    drop(conn);
    if found.is_new {
        note(app, &found).await?;
    }
    app.feeds.keep(key, found.version.tag.clone(), Arc::clone(&text));
    app.metrics.feed(FeedAnswer::Made);
    Ok(Published::Text(found.version, text))
}

/// Where the same text is fetched again.
fn source(app: &App, poll: &Poll<'_>) -> String {
    let mut url = format!("{}/feeds/{}.ics", app.public_url, poll.secret.reveal());
    let mut separator = '?';
    for (name, edge) in [("start", poll.start), ("end", poll.end)] {
        if let Some(edge) = edge {
            url.push_str(&format!("{separator}{name}={edge}"));
            separator = '&';
        }
    }
    url
}
