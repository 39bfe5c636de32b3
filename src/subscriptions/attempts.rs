use std::time::Duration;

use moka::sync::Cache;

use crate::ids::UserId;
use crate::time::{SignedDuration, Timestamp};

/// How often each user made the server ask for something elsewhere at once, of late: a few times in a row, then once every
/// few seconds. It keeps nobody from using this server against another one.
pub struct RefreshAttempts(Cache<UserId, Timestamp>);

impl Default for RefreshAttempts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_secs(3600)).build())
    }
}

impl RefreshAttempts {
    /// Counts a try.
    ///
    /// # Errors
    /// In how many seconds the next one may be, where there were too many; then it is not counted.
    pub(super) fn count(&self, user: UserId, now: Timestamp) -> Result<(), u64> {
        // What is kept is when all tries so far will be forgotten.
        let forgotten = self.0.get(&user).map_or(now, |kept| kept.max(now));
        let after = forgotten.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        let room = now.checked_add(EVERY * IN_A_ROW).unwrap_or(Timestamp::MAX);
        if after > room {
            return Err(after.duration_since(room).as_secs().unsigned_abs().max(1));
        }
        self.0.insert(user, after);
        Ok(())
    }
}

const IN_A_ROW: i32 = 20;
const EVERY: SignedDuration = SignedDuration::from_secs(6);
