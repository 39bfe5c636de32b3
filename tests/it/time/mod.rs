//! The ground floor: sets of periods against sets of numbers, working hours and zones against written clocks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod date_or_time;
mod period_set;
mod working_hours;
mod zone;
