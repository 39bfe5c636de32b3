use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;

use crate::ids::UserId;
use crate::time::{Period, PeriodSet, WorkingHours, Zone};

/// One question: when can these people meet? It owns or shares all that the answer depends on.
///
/// People are named by id in any number of roles; what is known of them stands once, in [`Query::people`]. Somebody who is
/// named without standing there is never free: an unread calendar is not a free one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Where slots may lie, each wholly inside one. Windows that overlap or touch are one window: their union is searched.
    pub windows: Vec<Period>,
    /// Length of the meeting, in minutes.
    pub duration_minutes: NonZeroU32,
    /// Distance of candidate starts, in minutes.
    pub step_minutes: NonZeroU32,
    /// Where candidate starts lie.
    pub align: Align,
    /// Whose wall clock the grid of [`Align::Clock`] follows.
    pub zone: Zone,
    /// What is known of everybody who is named in any role.
    pub people: BTreeMap<UserId, Person>,
    /// Who must be free.
    pub required: Vec<UserId>,
    /// Who should be free: they rule nothing out.
    pub optional: Vec<UserId>,
    /// "Two of these three": each group must have enough people who are free for the whole slot.
    pub groups: Vec<Group>,
    /// Minutes before the meeting that are kept free of events too; working hours need not cover them.
    pub buffer_before_minutes: u32,
    /// Minutes after the meeting that are kept free of events too; working hours need not cover them.
    pub buffer_after_minutes: u32,
    /// What tentative events count as.
    pub tentative: Tentative,
    /// In which order slots come.
    pub order: Order,
    /// Most slots in the answer; the total is still counted.
    pub limit: usize,
    /// Whether to explain the answer even where slots were found.
    pub explain: bool,
    /// Until when everybody's busy time is complete, where that is later than the windows and their buffers ask for. Without
    /// it no later end of the search is tried.
    pub known_until: Option<Timestamp>,
}

/// What a search knows of one person. Busy time must be complete for all windows, made longer by the buffers (before at
/// their start, after at their end).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Their working hours; `None` is any time.
    pub working: Option<WorkingHours>,
    /// Their busy time, without tentative events.
    pub busy: Arc<PeriodSet>,
    /// The time of their tentative events.
    pub tentative: Arc<PeriodSet>,
}

/// Some people of whom enough must be free. Somebody who is named twice counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The people.
    pub people: Vec<UserId>,
    /// How many of them must be free; more than there are can never be.
    pub need: usize,
}

/// Where candidate starts lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    /// At wall-clock times of the query's zone whose minutes since local midnight are a multiple of the step. A wall-clock
    /// time that a change of clocks repeats is two candidates, one that it skips is none; a step that does not divide the
    /// day begins anew at each midnight.
    Clock,
    /// At the beginning of each stretch of possible starts, and then every step. Where only required people are asked for,
    /// that is the beginning of each stretch of common free time that is long enough; with groups, the moment from which
    /// the meeting could start without a break, all conditions being met.
    Free,
}

/// What tentative events count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tentative {
    /// As busy time.
    Busy,
    /// As free time; a slot that hits one is ranked lower.
    Free,
}

/// In which order slots come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The earliest first.
    Time,
    /// The best first, then the earliest.
    Score,
}
