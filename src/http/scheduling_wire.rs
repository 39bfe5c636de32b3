//! The shapes of scheduling on the wire.

mod answer;
mod examples;
mod free_busy;
mod question;

pub use answer::FindSlotsOut;
pub use free_busy::{FreeBusyIn, FreeBusyOut};
pub use question::FindSlotsIn;

use super::problem::ApiError;
use crate::time::Zone;

/// In which zones a question is read and answered.
pub struct Zones {
    /// Of local times in the request.
    local: Zone,
    /// Of the grid and the answer.
    pub answer: Zone,
}

impl Zones {
    /// By the request's own `timezone`, and the profile's zone where somebody is signed in.
    ///
    /// # Errors
    /// 400.
    pub fn of(timezone: Option<&str>, profile: Option<&Zone>) -> Result<Self, ApiError> {
        let named = timezone.map(Zone::iana).transpose();
        let named = named.map_err(|error| ApiError::invalid_field("timezone", error.to_string()))?;
        let answer = named.clone().unwrap_or_else(Zone::utc);
        Ok(Self { local: named.or_else(|| profile.cloned()).unwrap_or_else(Zone::utc), answer })
    }
}
