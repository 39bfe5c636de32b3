//! How often feeds are asked for: counted in memory, and noted once a minute, so that a poll that finds nothing new writes
//! nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::ids::FeedId;
use crate::storage::StorageError;
use crate::storage::feeds::{self as stored, Feed, Uses};

/// Uses of feeds that are not noted yet.
#[derive(Debug, Default)]
pub struct FeedUses(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    uses: HashMap<FeedId, Uses>,
    /// When the first of them was.
    since: Option<Timestamp>,
}

/// Notes the uses that were counted; what cannot be noted is counted again.
///
/// # Errors
/// [`StorageError`].
pub async fn flush_uses(app: &App) -> Result<(), StorageError> {
    let taken = app.feed_uses.take();
    if taken.is_empty() {
        return Ok(());
    }
    let noted = note(app, &taken).await;
    if noted.is_err() {
        taken.into_iter().for_each(|(id, uses)| app.feed_uses.add(id, uses));
    }
    noted
}

impl FeedUses {
    /// Counts a use; answers whether it is time to note what was counted.
    pub(super) fn count(&self, id: FeedId, now: Timestamp, agent: Option<&str>) -> bool {
        let agent = agent.map(|text| text.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect());
        self.add(id, Uses { count: 1, last_at: now, last_by: agent });
        self.pending().since.is_some_and(|since| now.duration_since(since) >= NOTED_EVERY)
    }

    /// The feed with the uses that are not noted yet.
    pub(super) fn with_those_of(&self, mut feed: Feed) -> Feed {
        if let Some(uses) = self.pending().uses.get(&feed.id) {
            feed.use_count += uses.count;
            if feed.last_used_at.is_none_or(|noted| noted <= uses.last_at) {
                feed.last_used_at = Some(uses.last_at);
                feed.last_used_by.clone_from(&uses.last_by);
            }
        }
        feed
    }

    fn add(&self, id: FeedId, uses: Uses) {
        let mut pending = self.pending();
        pending.since = Some(pending.since.map_or(uses.last_at, |since| since.min(uses.last_at)));
        match pending.uses.get_mut(&id) {
            Some(known) => {
                known.count += uses.count;
                if uses.last_at >= known.last_at {
                    (known.last_at, known.last_by) = (uses.last_at, uses.last_by);
                }
            }
            None => {
                pending.uses.insert(id, uses);
            }
        }
    }

    fn take(&self) -> HashMap<FeedId, Uses> {
        std::mem::take(&mut *self.pending()).uses
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn note(app: &App, all: &HashMap<FeedId, Uses>) -> Result<(), StorageError> {
    let mut conn = app.db.write().await?;
    // In the order of ids, so that no two servers wait for each other.
    let mut ids: Vec<(&FeedId, &Uses)> = all.iter().collect();
    ids.sort_unstable_by_key(|(id, _)| **id);
    for (id, uses) in ids {
        stored::note_uses(&mut conn, *id, uses).await?;
    }
    conn.commit().await
}

const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_AGENT: usize = 200;
