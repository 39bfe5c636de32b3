use jiff::Timestamp;

use crate::ids::UserId;
use crate::time::Period;

/// What [`find_slots`](super::find_slots) answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The first slots of the order that was asked for, at most as many as the limit.
    pub slots: Vec<Slot>,
    /// How many slots there are, the limit aside.
    pub total: usize,
    /// What stands in the way: where it was asked for, and always when there is no slot.
    pub explanation: Option<Explanation>,
}

/// A time when the meeting can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// From its start up to its end, without buffers.
    pub period: Period,
    /// The optional people and members of groups who are free then, by id.
    pub available: Vec<UserId>,
    /// The optional people and members of groups who are not, by id.
    pub unavailable: Vec<UserId>,
    /// How good it is; only where the order asks for it.
    pub score: Option<Score>,
}

/// How good a slot is: the mean of its parts, 0 to 1 in steps of 0.0001.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean of the parts.
    pub mean: f64,
    /// What it is the mean of.
    pub parts: ScoreParts,
}

/// The parts of a score, each 0 (worst) to 1 (best) in steps of 0.0001.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreParts {
    /// The share of the optional people who are free; 1 where there are none.
    pub optional: f64,
    /// How far the slot is from the edges of the working day of whoever is worst off.
    pub comfort: f64,
    /// 1 where the slot stands whatever becomes of tentative events, 0 where it hits one.
    pub tentative: f64,
    /// Whether usable stretches of common free time are left around it, rather than splinters.
    pub stretches: f64,
    /// How soon it is: 1 at the beginning of the search, 0 at its end.
    pub soon: f64,
}

/// What stands in the way of a meeting, and which single change would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence.
    pub summary: String,
    /// How many candidate starts the windows have, whoever may be free.
    pub candidates: usize,
    /// Everybody who rules out any of them, those who rule out most first.
    pub blockers: Vec<Blocker>,
    /// Single changes that give more slots.
    pub relaxations: Vec<Relaxation>,
    /// Why nothing was found; `None` where something was.
    pub empty_reason: Option<EmptyReason>,
}

/// How many of the windows' candidate starts a required person or a group rules out, whatever the others do. Each ruled out
/// start counts once, under the first of the four reasons that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Who.
    pub who: Party,
    /// Starts of which some part lies outside working hours.
    pub outside_working_hours: usize,
    /// Starts that hit busy time.
    pub busy: usize,
    /// Starts that hit tentative events, where these count as busy.
    pub tentative: usize,
    /// Starts that are free themselves but whose buffers are not.
    pub buffer: usize,
    /// Starts that nobody else rules out.
    pub only_they: usize,
}

/// Who can rule a slot out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A required person.
    Person(UserId),
    /// A group, by its place in the query.
    Group(usize),
}

/// A change of the question, and what it would yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relaxation {
    /// The change.
    pub change: Change,
    /// How many slots the question has with this change: exactly the [`Answer::total`] of
    /// [`Query::with`](super::Query::with).
    pub total: usize,
}

/// A single change of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// This person is no longer required (they stay in the other roles in which they are named).
    WithoutUser(UserId),
    /// The meeting takes only so long.
    Shorter {
        /// The new duration, in minutes.
        minutes: u32,
    },
    /// Everybody's working hours are longer, but no longer than a day; hours that then start before midnight belong to the
    /// day before.
    WiderHours {
        /// How much earlier they start, in minutes.
        earlier_minutes: u32,
        /// How much later they end, in minutes.
        later_minutes: u32,
    },
    /// The window that ends last ends later.
    LaterEnd {
        /// By how many days of 24 hours.
        days: u32,
        /// The new end.
        end: Timestamp,
    },
    /// Less time is kept free around the meeting.
    SmallerBuffer {
        /// The new buffer before, in minutes.
        before_minutes: u32,
        /// The new buffer after, in minutes.
        after_minutes: u32,
    },
    /// Tentative events count as free time.
    TentativeAsFree,
}

/// Why there is no slot at all; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmptyReason {
    /// The windows have no candidate start, whoever may be free.
    WindowTooShort,
    /// Somebody who is needed has no working day in any window.
    NoWorkingDays,
    /// No candidate start lies inside the working hours of all who are needed.
    NoCommonWorkingHours,
    /// Events are in the way.
    Busy,
}
