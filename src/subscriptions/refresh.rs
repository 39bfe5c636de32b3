//! One asking of an address, from its claim to what is noted of its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::manage::owned;
use super::mirror::{Found, ShowError, Showing, show_all};
use super::pace::{Turn, interval};
use super::report::{Reading, sentence};
use super::{SubscriptionError, SubscriptionView, address};
use crate::accounts::Writer;
use crate::app::App;
use crate::ical;
use crate::ids::{RemoteFeedId, SubscriptionId};
use crate::metrics::Asked;
use crate::outbound::{FetchError, Fetched, RemoteUrl, Validators};
use crate::storage::subscriptions::{self as stored, Claim, Failed, Good, Lease, RemoteFeed, RemoteStatus, Wishes};
use crate::storage::{Conn, StorageError};
use crate::time::Timestamp;

/// Asks every address that is due, a few at once; answers how many. Several servers on one database share the work: an address
/// is claimed before it is asked.
///
/// # Errors
/// [`StorageError`] where nothing can be claimed; what fails for one address is noted with it.
pub async fn refresh_due(app: &Arc<App>) -> Result<usize, StorageError> {
    // Each by itself: one that holds the database must not wait for this loop to look at it.
    let (mut running, mut count) = (JoinSet::new(), 0);
    loop {
        for remote in claim(app, app.refreshing.at_once - running.len()).await? {
            let app = Arc::clone(app);
            running.spawn(async move { refresh(&app, remote).await });
            count += 1;
        }
        // A slow one does not keep others waiting that become due meanwhile.
        let is_busy = !running.is_empty();
        tokio::select! {
            ended = running.join_next() => match ended {
                None => return Ok(count),
                Some(Err(error)) => tracing::error!(%error, "the refreshing of an address broke off: {error}"),
                Some(Ok(())) => {}
            },
            () = tokio::time::sleep(LOOK_EVERY), if is_busy => {}
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Asks the address of a subscription at once, or waits for whoever does; answers the subscription as it is then.
///
/// # Errors
/// `NotFound`, `TooOften`.
pub async fn refresh_now(
    app: &Arc<App>,
    actor: &Writer,
    id: SubscriptionId,
) -> Result<SubscriptionView, SubscriptionError> {
    let found = view(app, actor, id).await?;
    let now = app.clock.now();
    let is_running = |found: &stored::Subscribed| found.remote.leased_until.is_some_and(|until| now < until);
    if !is_running(&found) {
        app.refreshing.attempts.count(actor.user.id, now).map_err(SubscriptionError::TooOften)?;
        let (app, remote) = (Arc::clone(app), found.subscription.remote_feed_id);
        // Whoever asked may go away; what was begun comes to its end.
        let asking = tokio::spawn(async move { refresh_one(&app, remote).await });
        asking.await.map_err(|error| SubscriptionError::Machine(error.to_string()))??;
    }
    for _ in 0..LOOKS {
        let found = view(app, actor, id).await?;
        if !is_running(&found) {
            return Ok(SubscriptionView::of(&found, app.clock.now()));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(SubscriptionView::of(&view(app, actor, id).await?, app.clock.now()))
}

/// Gives back what this server has claimed, so that others need not wait for the claims to end.
///
/// # Errors
/// [`StorageError`].
pub async fn release(app: &App) -> Result<(), StorageError> {
    let mut conn = app.db.write().await?;
    stored::release_all(&mut conn, app.refreshing.server).await?;
    conn.commit().await
}

/// Whoever asks waits for half a minute at the most.
const LOOKS: usize = 150;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

async fn view(app: &App, actor: &Writer, id: SubscriptionId) -> Result<stored::Subscribed, SubscriptionError> {
    let mut conn = app.db.read().await?;
    owned(&mut conn, actor.user.id, id).await
}

async fn claim(app: &App, limit: usize) -> Result<Vec<RemoteFeed>, StorageError> {
    if limit == 0 || !is_any_due(app).await? {
        return Ok(Vec::new());
    }
    let mut conn = app.db.write().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let claimed = stored::claim_due(&mut conn, &new_claim(app), limit).await?;
    conn.commit().await?;
    Ok(claimed)
}

/// Whether it is worth a transaction that writes.
async fn is_any_due(app: &App) -> Result<bool, StorageError> {
    let mut conn = app.db.read().await?;
    stored::is_any_due(&mut conn, app.clock.now()).await
}

async fn refresh_one(app: &App, id: RemoteFeedId) -> Result<(), StorageError> {
    let mut conn = app.db.write().await?;
    let claimed = stored::claim_one(&mut conn, id, &new_claim(app)).await?;
    conn.commit().await?;
    if let Some(remote) = claimed {
        refresh(app, remote).await;
    }
    Ok(())
}

fn new_claim(app: &App) -> Claim {
    let now = app.clock.now();
    Claim { by: app.refreshing.server, now, until: now.checked_add(app.refreshing.lease).unwrap_or(now) }
}

/// Asks a claimed address. What goes wrong on our side is logged, and told to its subscribers in general words.
async fn refresh(app: &App, remote: RemoteFeed) {
    let id = remote.id;
    match ask(app, &remote).await {
        Ok(()) => {}
        Err(SubscriptionError::Lost) => tracing::warn!(address = %id, "another server took over address {id}"),
        Err(error) => {
            tracing::error!(address = %id, %error, "address {id} could not be refreshed: {error}");
            let failure = Failure::of("The server could not store what it read; it will try again.");
            if let Err(error) = fail(app, &remote, failure).await {
                tracing::error!(address = %id, %error, "nor could that be noted: {error}");
            }
        }
    }
}

async fn ask(app: &App, remote: &RemoteFeed) -> Result<(), SubscriptionError> {
    let mut conn = app.db.read().await?;
    let wishes = stored::wishes(&mut conn, remote.id, remote.content_version).await?;
    drop(conn);
    if wishes.subscribers == 0 {
        return forget(app, remote).await;
    }
    let url = match address::opened(&app.sealing, remote) {
        Ok(url) => url,
        Err(error) => return fail(app, remote, Failure::of(&sentence(&error))).await,
    };
    // Who has nothing to keep needs all of it.
    let is_known = wishes.behind == 0;
    let known = if is_known { validators(remote) } else { Validators::default() };
    match app.outbound.get(&url, &known, app.clock.now()).await {
        Ok(Fetched::NotModified { moved_to }) => {
            succeed(app, remote, Success::unchanged(remote, validators(remote), moved_to)).await
        }
        Ok(Fetched::Body { bytes, validators, moved_to }) => {
            answered(app, remote, Body { bytes, validators, moved_to, is_known }).await
        }
        Err(error) => {
            let host = url.host();
            tracing::info!(address = %remote.id, host, %error, "{host} did not give its calendar: {error}");
            fail(app, remote, Failure::from(error)).await
        }
    }
}

fn validators(remote: &RemoteFeed) -> Validators {
    Validators { etag: remote.etag.clone(), last_modified: remote.last_modified.clone() }
}

/// An answer that has a body.
struct Body {
    bytes: Bytes,
    validators: Validators,
    moved_to: Option<RemoteUrl>,
    /// Whether all calendars show the answer before it.
    is_known: bool,
}

async fn answered(app: &App, remote: &RemoteFeed, body: Body) -> Result<(), SubscriptionError> {
    let Body { bytes, validators, moved_to, is_known } = body;
    // Many answers of the largest size at once would fill the memory, and hashing them the threads.
    let _admission = app.imports.admit_fetched(bytes.len()).await;
    let same = bytes.clone();
    let hashing = tokio::task::spawn_blocking(move || ical::content_hash(&same));
    let hash = hashing.await.map_err(|error| SubscriptionError::Machine(error.to_string()))?;
    let is_same = remote.content_hash.as_deref() == Some(&hash[..]);
    if is_same && is_known {
        return succeed(app, remote, Success::unchanged(remote, validators, moved_to)).await;
    }
    let version = if is_same { remote.content_version } else { remote.content_version + 1 };
    let showing = Showing { remote, lease: lease(remote), bytes, version };
    match show_all(app, &showing).await {
        Ok(found) => {
            let (hash, asked) = (Some(hash.to_vec()), Asked::Changed);
            succeed(app, remote, Success { validators, hash, version, found, asked, moved_to }).await
        }
        Err(ShowError::Unreadable(said)) => fail(app, remote, Failure::of(&said)).await,
        Err(ShowError::Other(error)) => Err(error),
    }
}

/// A good answer.
struct Success {
    validators: Validators,
    hash: Option<Vec<u8>>,
    version: i64,
    /// What its reading found, where it was read.
    found: Option<Found>,
    asked: Asked,
    /// Where the calendar has moved to for good.
    moved_to: Option<RemoteUrl>,
}

impl Success {
    fn unchanged(remote: &RemoteFeed, validators: Validators, moved_to: Option<RemoteUrl>) -> Self {
        let (hash, version) = (remote.content_hash.clone(), remote.content_version);
        Self { validators, hash, version, found: None, asked: Asked::Unchanged, moved_to }
    }

    /// What there is to say from now on; none: what was said before still holds.
    async fn reading(&self, conn: &mut Conn, remote: &RemoteFeed) -> Result<Option<Reading>, StorageError> {
        let moved_to = self.moved_to.as_ref().map(|url| url.shown().to_owned());
        if let Some(found) = &self.found {
            return Ok(Some(Reading { moved_to, ..found.reading.clone() }));
        }
        // Mostly there was nothing to say, and there is nothing now.
        if moved_to.is_none() && remote.notice.is_none() {
            return Ok(None);
        }
        let last = stored::last_answer(conn, remote.id).await?.and_then(|last| last.report);
        let last = last.and_then(|report| Reading::from_json(&report).ok());
        Ok(last.filter(|last| last.moved_to != moved_to).map(|last| Reading { moved_to, ..last }))
    }
}

/// No good answer.
struct Failure {
    status: RemoteStatus,
    said: String,
    retry_after: Option<Timestamp>,
}

impl Failure {
    fn of(said: &str) -> Self {
        Self { status: RemoteStatus::Failed, said: said.to_owned(), retry_after: None }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        let mut failure = Self::of(&sentence(&error.to_string()));
        match error {
            FetchError::Gone => {
                failure.status = RemoteStatus::Gone;
                failure.said =
                    "The server says that this calendar is gone for good (410), so it is not asked any more; \
                                the events that were read last stay until you delete the subscription."
                        .to_owned();
            }
            FetchError::Status { retry_after, .. } => failure.retry_after = retry_after,
            _ => {}
        }
        failure
    }
}

async fn succeed(app: &App, remote: &RemoteFeed, success: Success) -> Result<(), SubscriptionError> {
    let (now, lease) = (app.clock.now(), lease(remote));
    let mut conn = app.db.write().await?;
    if !stored::hold(&mut conn, lease, now).await? {
        return Err(SubscriptionError::Lost);
    }
    let feed_minutes = success.found.as_ref().map_or(remote.feed_minutes, |found| found.feed_minutes);
    let wishes = stored::wishes(&mut conn, remote.id, success.version).await?;
    let reading = success.reading(&mut conn, remote).await?;
    let said = reading.as_ref().map(|reading| (reading.to_json(), reading.said()));
    let good = Good {
        at: now,
        etag: success.validators.etag.as_deref(),
        last_modified: success.validators.last_modified.as_deref(),
        content_hash: success.hash.as_deref(),
        content_version: success.version,
        feed_minutes,
        found: said.as_ref().map(|(report, said)| (report.as_str(), said.as_deref())),
        next_due_at: app.refreshing.pace.after_good(turn(remote, &wishes, feed_minutes, now)),
    };
    stored::finish_good(&mut conn, lease, &good).await?;
    conn.commit().await?;
    app.metrics.subscription_asked(success.asked);
    Ok(())
}

async fn fail(app: &App, remote: &RemoteFeed, failure: Failure) -> Result<(), SubscriptionError> {
    let (now, lease) = (app.clock.now(), lease(remote));
    let mut conn = app.db.write().await?;
    if !stored::hold(&mut conn, lease, now).await? {
        return Err(SubscriptionError::Lost);
    }
    let wishes = stored::wishes(&mut conn, remote.id, remote.content_version).await?;
    let failures = remote.failures.saturating_add(1);
    let turn = turn(remote, &wishes, remote.feed_minutes, now);
    let due = app.refreshing.pace.after_failure(turn, failures, failure.retry_after);
    let next_due_at = Some(due).filter(|_| failure.status != RemoteStatus::Gone);
    let failed = Failed { status: failure.status, error: &failure.said, failures, next_due_at };
    stored::finish_failed(&mut conn, lease, &failed).await?;
    conn.commit().await?;
    app.metrics.subscription_asked(Asked::Failed);
    Ok(())
}

fn turn(remote: &RemoteFeed, wishes: &Wishes, feed_minutes: Option<i64>, now: Timestamp) -> Turn {
    Turn { remote: remote.id, nth: remote.lease, minutes: interval(wishes, feed_minutes), now }
}

fn lease(remote: &RemoteFeed) -> Lease {
    Lease { remote: remote.id, number: remote.lease }
}

/// Nobody subscribes to it any more.
async fn forget(app: &App, remote: &RemoteFeed) -> Result<(), SubscriptionError> {
    let mut conn = app.db.write().await?;
    stored::lock_remote(&mut conn, remote.id).await?;
    stored::forget_unused(&mut conn, remote.id).await?;
    // Somebody may have come meanwhile.
    stored::give_back(&mut conn, lease(remote), app.clock.now()).await?;
    Ok(conn.commit().await?)
}
