//! The ground floor: sets of periods against sets of numbers, working hours and zones against written clocks.

mod period_set;
mod working_hours;
mod zone;
