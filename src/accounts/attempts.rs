//! How often a login may fail before further tries have to wait.
//!
//! Three buckets at once: the name from one address (tight), the address with any name, and the name from anywhere (wide,
//! so that a stranger cannot keep the owner out). Each failure takes a drop; drops come back with time; a success
//! takes none.

use std::time::Duration;

use jiff::Timestamp;
use moka::sync::Cache;

/// The failures of late, in memory, of at most a hundred thousand names and addresses.
pub struct LoginAttempts(Option<Cache<Key, Bucket>>);

/// Too many failures: when the next try is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many failed logins; try again in {seconds} seconds")]
pub struct TooManyAttempts {
    /// Seconds to wait.
    pub seconds: u64,
}

impl LoginAttempts {
    /// Counts and limits when `limited`, else lets everything through.
    pub fn new(limited: bool) -> Self {
        let cache = || Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_secs(86_400)).build();
        Self(limited.then(cache))
    }

    /// Whether a try of `name_key` from `address` may go ahead.
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn check(&self, name_key: &str, address: &str, now: Timestamp) -> Result<(), TooManyAttempts> {
        let Some(cache) = &self.0 else { return Ok(()) };
        let wait = |(key, rate): (Key, Rate)| cache.get(&key).map_or(0, |bucket| bucket.wait(rate, now));
        match buckets(name_key, address).map(wait).into_iter().max() {
            None | Some(0) => Ok(()),
            Some(seconds) => Err(TooManyAttempts { seconds }),
        }
    }

    /// Counts a failure.
    pub fn failed(&self, name_key: &str, address: &str, now: Timestamp) {
        let Some(cache) = &self.0 else { return };
        for (key, rate) in buckets(name_key, address) {
            cache.entry(key).and_upsert_with(|found| {
                let bucket = found.map_or(Bucket { empty_at: now }, |entry| entry.into_value());
                bucket.with_drop(rate, now)
            });
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    NameFromAddress(String, String),
    Name(String),
    Address(String),
}

/// So many failures at once, and one more every so many seconds.
#[derive(Clone, Copy)]
struct Rate {
    at_once: i64,
    seconds_each: i64,
}

/// A leaky bucket, known by the time at which it will be empty.
#[derive(Clone, Copy)]
struct Bucket {
    empty_at: Timestamp,
}

impl Bucket {
    fn with_drop(self, rate: Rate, now: Timestamp) -> Self {
        let drop = jiff::SignedDuration::from_secs(rate.seconds_each);
        Self { empty_at: self.empty_at.max(now).checked_add(drop).unwrap_or(Timestamp::MAX) }
    }

    fn wait(self, rate: Rate, now: Timestamp) -> u64 {
        let full = rate.at_once * rate.seconds_each;
        let filled = self.empty_at.duration_since(now).as_secs();
        u64::try_from(filled - full + rate.seconds_each).unwrap_or(0)
    }
}

fn buckets(name_key: &str, address: &str) -> [(Key, Rate); 3] {
    [
        (Key::NameFromAddress(name_key.to_owned(), address.to_owned()), Rate { at_once: 10, seconds_each: 30 }),
        (Key::Name(name_key.to_owned()), Rate { at_once: 100, seconds_each: 6 }),
        (Key::Address(address.to_owned()), Rate { at_once: 100, seconds_each: 6 }),
    ]
}
