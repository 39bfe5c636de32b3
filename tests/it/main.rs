//! The tests of the whole, in one binary: one module for each part.

mod ical;
mod recurrence;
mod slots;
mod time;
