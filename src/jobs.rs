//! What the server does by itself, beside answering: it forgets sessions, tokens and holds that have ended.
//!
//! Nothing depends on when a job runs: what has ended is refused from then on, whether or not it is still stored.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::bookings;
use crate::storage::{StorageError, sessions, tokens};
use crate::subscriptions;

/// Runs the jobs until the task is dropped.
pub async fn run(app: Arc<App>) {
    tokio::join!(refresh(&app), clean_up(&app));
}

/// Asks addresses elsewhere as they become due.
async fn refresh(app: &App) {
    loop {
        if let Err(error) = subscriptions::refresh_due(app).await {
            tracing::warn!(%error, "subscriptions could not be refreshed: {error}");
        }
        tokio::select! {
            () = subscriptions::wake_up(app) => {}
            () = tokio::time::sleep(subscriptions::LOOK_EVERY) => {}
        }
    }
}

async fn clean_up(app: &App) {
    let mut hours = tokio::time::interval(EVERY);
    hours.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        match purge(app).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "forgot {count} sessions and tokens that had ended"),
            Err(error) => tracing::warn!(%error, "ended sessions could not be forgotten: {error}"),
        }
        if let Err(error) = bookings::sweep(app).await {
            tracing::warn!(%error, "ended holds could not be forgotten: {error}");
        }
    }
}

/// Forgets what has ended; answers how much that was.
///
/// # Errors
/// [`StorageError`].
pub async fn purge(app: &App) -> Result<u64, StorageError> {
    let now = app.clock.now();
    let mut conn = app.db.write().await?;
    let count = sessions::purge_expired(&mut conn, now).await? + tokens::purge_expired(&mut conn, now).await?;
    conn.commit().await?;
    Ok(count)
}

const EVERY: Duration = Duration::from_secs(3600);
