//! The tests of the whole, in one binary.

mod ical;
//! The integration tests of Convene, one module for each part.

mod recurrence;
//! x
mod slots;
mod time;
