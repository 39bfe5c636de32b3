//! What every use case is handed first: the database, the clock, the bounds, and what is shared between requests.
//!
//! It refuses to know the faces and where its parts come from.

use std::sync::Arc;

use crate::accounts::attempts::LoginAttempts;
use crate::accounts::passwords::PasswordHashing;
use crate::events::{ExportGate, ImportGate};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::publishing::{FeedMemory, FeedUses};
use crate::scheduling::BusyMemory;
use crate::sealing::Sealing;
use crate::storage::Db;
use crate::subscriptions::Refreshing;
use crate::time::Clock;

/// The first argument of every use case.
pub struct App {
    /// The database.
    pub db: Db,
    /// The only "now" there is.
    pub clock: Arc<dyn Clock>,
    /// The bounds.
    pub limits: Limits,
    /// The address under which people reach the server, without a slash at its end.
    pub public_url: String,
    /// Password hashing, bounded.
    pub passwords: PasswordHashing,
    /// Failed logins of late.
    pub login_attempts: LoginAttempts,
    /// Busy time that was worked out before.
    pub busy: BusyMemory,
    /// The bounds that all imports share.
    pub imports: ImportGate,
    /// The bound that all long exports share.
    pub exports: ExportGate,
    /// Texts of feeds that were made before.
    pub feeds: FeedMemory,
    /// Uses of feeds that are not noted yet.
    pub feed_uses: FeedUses,
    /// The way to calendars elsewhere.
    pub outbound: Outbound,
    /// What the refreshing of subscriptions shares.
    pub refreshing: Refreshing,
    /// What keeps secrets in the database from lying there in clear.
    pub sealing: Sealing,
    /// What operators watch.
    pub metrics: Metrics,
    /// How many proxies in front of the server are trusted to tell the client's address.
    pub trusted_proxies: usize,
}
