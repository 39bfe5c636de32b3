//! "When can we all meet?" as interval algebra: from windows, working hours and busy time to slots, ranked, and, when there
//! are none, the reasons.
//!
//! The search works on sets of possible *starts*: each person's free stretches become the starts that fit into them,
//! required people's starts are intersected, groups count how many have a start in common, and the grid then reads the
//! candidates out of what is left. No step looks at single minutes, and none asks every calendar about every candidate.
//!
//! This module refuses to know events, calendars, databases, the present instant, and who may ask about whom.

mod answer;
mod explain;
mod find;
mod grid;
mod query;
mod rank;
mod search;
mod starts;

pub use answer::{Answer, Blocker, Change, EmptyReason, Explanation, Party, Relaxation, Score, ScoreParts, Slot};
pub use find::find_slots;
pub use query::{Align, Group, Order, Person, Query, Tentative};
