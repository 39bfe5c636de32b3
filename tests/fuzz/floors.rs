//! The pure floors of Convene alone, from their own sources: they need no database and no server, and build in a minute.

#![allow(dead_code, missing_docs)]

#[path = "../../src/freebusy.rs"]
pub mod freebusy;
#[path = "../../src/ical/mod.rs"]
pub mod ical;
#[path = "../../src/limits.rs"]
pub mod limits;
#[path = "../../src/recurrence/mod.rs"]
pub mod recurrence;
#[path = "../../src/time/mod.rs"]
pub mod time;
