//! Scheduling: when people are busy, and when they are all free.
//!
//! Who may ask about whom is decided here. It refuses to know how the question was written, and how slots are found.

mod check;
mod error;
mod find;
mod free_busy;
mod gathered;
mod memory;
mod people;
mod roles;

pub use check::{Wanted, who, who_is_busy};
pub use error::SchedulingError;
pub use find::{HoursOverride, Search, SearchAnswer, find_slots};
pub use free_busy::{FreeBusy, PersonTime, free_busy, free_busy_of_name, published_free_busy};
pub use memory::BusyMemory;
pub use roles::Roles;
