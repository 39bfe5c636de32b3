//! Subscriptions: calendars that are kept the same as calendars elsewhere.
//!
//! Each address is asked by one server at a time, however many users subscribe to it; what it answers is read once and shown
//! in the calendar of each. What fails changes nothing. When an address is asked is decided in `pace`, what becomes of an
//! answer in `refresh`. It refuses to know how an address is reached, and what stands inside the events.

mod address;
mod attempts;
mod doctor;
mod error;
mod manage;
mod mirror;
mod pace;
mod refresh;
mod refreshing;
mod report;

pub use attempts::RefreshAttempts;
pub use doctor::{SubscriptionReport, repaired, report};
pub use error::SubscriptionError;
pub use manage::{SubscriptionChange, SubscriptionRequest, SubscriptionView, create, delete, get, list, update};
pub use pace::Pace;
pub use refresh::{refresh_due, refresh_now, release};
pub use refreshing::Refreshing;
