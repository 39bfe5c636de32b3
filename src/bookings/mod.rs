//! Bookings: taking a time for several people at once, so that of two who race for it exactly one gets it; and holds, which
//! take it for a while.
//!
//! Everything happens in one transaction: it locks the default calendars of all who take part, in the order of their ids,
//! and only then looks whether they are free, so whoever comes second sees the first one's meeting. An event that somebody adds
//! by hand at the same moment is as if it were added after. This module refuses to know how a request is written.

mod answers;
mod book;
mod error;
mod holds;
mod leaving;
mod meeting;

pub use answers::{Answered, IdempotencyKey};
pub use book::book;
pub use error::BookingError;
pub use holds::{Confirmation, Hold, confirm, hold, release, sweep};
pub use leaving::{LeavingError, delete_account, delete_calendar, update_profile};
pub use meeting::{Attendance, Booked, Booking};
