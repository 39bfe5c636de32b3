//! The shapes of scheduling on the wire.

mod answer;
mod examples;
mod free_busy;
mod question;

pub use answer::FindSlotsOut;
pub use free_busy::{FreeBusyIn, FreeBusyOut, PeriodOut};
pub use question::{AllDayIn, FindSlotsIn, TentativeIn};

use super::problem::ApiError;
use super::wire::parse_instant;
use crate::fields::FieldErrors;
use crate::time::{Period, Zone};

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

/// The window from `start` to `end`, as they are written.
///
/// # Errors
/// 400.
pub fn window(start: &str, end: &str, zones: &Zones) -> Result<Period, ApiError> {
    let mut errors = FieldErrors::new();
    let start = errors.take("start", parse_instant(start, &zones.local));
    let end = errors.take("end", parse_instant(end, &zones.local));
    let period = start.zip(end).map(|(start, end)| Period::new(start, end));
    match period {
        Some(Ok(period)) => Ok(period),
        Some(Err(_)) => Err(ApiError::invalid_field("end", "must be after start")),
        None => Err(ApiError::invalid(errors)),
    }
}
