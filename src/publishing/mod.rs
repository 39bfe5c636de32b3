//! Publishing: calendars under a secret address, for programs that poll it.
//!
//! What a feed says is told by its version, which one query finds out; the text is made once per version, and kept. This
//! module refuses to know HTTP and how an event is written.

mod error;
mod manage;
mod memory;
mod publish;
mod stream;
mod uses;
mod version;

pub use error::FeedError;
pub use manage::{FeedRequest, FeedView, OpenedFeed, create, delete, list, rotate};
pub use memory::{FeedMemory, FeedText};
pub use publish::{Poll, Published, publish};
pub use uses::{FeedUses, flush_uses};
pub use version::FeedVersion;
