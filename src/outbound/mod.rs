//! Fetching what somebody else serves, as if every answer were an attack: the only home of `reqwest`.
//!
//! [`Outbound::get`] asks for one calendar. Which addresses and ports may be reached is decided when connecting, for every
//! address that a name resolves to and for every redirect; how long, how large and how many is bounded by a
//! [`FetchPolicy`]. This module refuses to know what is in the answer, what it is for, and whom to tell.

mod address;
mod answer;
mod body;
mod error;
mod fetch;
mod hop;
mod names;
mod policy;
mod tls;
mod url;

pub use address::AddressRanges;
pub use answer::{Fetched, Validators};
pub use error::{FetchError, Refusal};
pub use fetch::{Outbound, OutboundError};
pub use names::{Looking, Names, SystemNames};
pub use policy::FetchPolicy;
pub use url::{Credentials, RemoteUrl, UrlRefused};
