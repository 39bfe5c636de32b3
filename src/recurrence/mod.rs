//! Recurrence sets (RFC 5545 section 3.8.5): which occurrences an event has in a window, with its rules, extra dates,
//! exceptions and overrides.
//!
//! A [`Rule`] makes local (wall-clock) times; a [`RecurrenceSet`] turns them into instants with the zone of its start,
//! or with the owner's zone where the start is a date or floating. Nothing is expanded without a window and a bound,
//! and a bound that is reached is an [`ExpandError`], never a shorter list.
//!
//! This module refuses to know iCalendar text other than the value of an RRULE, what an occurrence blocks (see
//! `freebusy`), and where events are kept. It is the only user of the `rrule` crate.

mod bounds;
mod count;
mod expand;
mod generate;
mod instants;
mod occurrence;
mod overrides;
mod recurrence_set;
mod rule;
mod series;
mod span;
mod wall;
mod work;

pub(crate) use expand::Instance;
pub use occurrence::Occurrence;
pub use recurrence_set::{Bounds, ExpandError, Override, Rdate, RecurrenceSet};
pub use rule::{Frequency, NumberedDay, Rule, RuleError};
pub use span::Span;
pub use work::Work;
