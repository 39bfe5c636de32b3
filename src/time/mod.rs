//! Time as the rest of the house speaks of it: instants, half-open periods, zones, local times, working hours, clocks.
//!
//! An instant is [`jiff::Timestamp`]; a local (wall-clock) time is a [`jiff::civil::DateTime`] that means nothing until a
//! [`Zone`] resolves it. This module refuses to know calendars, events, text formats other than zone names, and the
//! server's own zone: nothing here reads the machine's clock but [`SystemClock`].

mod clock;
mod date_or_time;
mod period;
mod period_set;
mod working_hours;
mod zone;
mod zone_names;
mod zone_names_data;

pub use clock::{Clock, FrozenClock, SystemClock};
pub use date_or_time::{DateOrTime, NotADateOrTime};
pub use jiff::civil::{Date, DateTime, Time, Weekday};
pub use jiff::{SignedDuration, Timestamp};
pub use period::{EmptyPeriod, Period};
pub use period_set::PeriodSet;
pub use working_hours::{Days, WorkingHours};
pub use zone::{Transition, UnknownZone, Zone, tzdb_version};
pub use zone_names::{NameOf, chief_zones, zone_known_as, zone_named};
