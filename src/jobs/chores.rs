use std::time::Duration;

use jiff::SignedDuration;

use super::{Job, Watch};
use crate::app::App;
use crate::storage::{StorageError, sessions, tokens};
use crate::{bookings, publishing, subscriptions};

/// What one instance does for all.
pub fn jobs() -> Vec<Job> {
    vec![
        Job::new("forget ended sessions and tokens", HOUR, async |app| {
            let count = purge(&app).await?;
            if count > 0 {
                tracing::info!(count, "forgot {count} sessions and tokens that had ended");
            }
            Ok(())
        }),
        Job::new("forget ended holds and kept answers", HOUR, async |app| Ok(bookings::sweep(&app).await?)),
    ]
}

/// What each instance looks after by itself.
pub fn watches() -> Vec<Watch> {
    vec![
        // Each address is claimed with a lease of its own, so all instances share the work.
        Watch::new("refreshing subscriptions", SECOND, async |app| {
            subscriptions::refresh_due(&app).await?;
            Ok(())
        }),
        // They are counted in this instance's memory.
        Watch::new("noting the uses of feeds", MINUTE, async |app| Ok(publishing::flush_uses(&app).await?)),
    ]
}

/// Forgets sessions and tokens that have ended; answers how many.
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

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
