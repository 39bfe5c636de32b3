//! The local times that a rule makes (RFC 5545 section 3.3.10), in order, from any point on without walking there.
//!
//! A rule's COUNT and UNTIL, its DTSTART where no rule makes it, and all zones are the caller's.

mod clock;
mod days;
mod library;
mod periods;
#[cfg(test)]
mod tests;
mod times;

use std::ops::{ControlFlow, Range};

use super::rule::{Frequency, Rule};

/// How many steps are left. A step is a period looked at, a month searched for days, or a time found.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

/// The budget is used up.
#[derive(Debug)]
pub(super) struct Exhausted;

impl Budget {
    pub(super) fn new(steps: usize) -> Self {
        Self { left: steps }
    }

    /// Takes so many; where there are not as many left, none are.
    pub(super) fn take(&mut self, steps: usize) -> Result<(), Exhausted> {
        let enough = self.left >= steps;
        self.left = self.left.saturating_sub(steps);
        if enough { Ok(()) } else { Err(Exhausted) }
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// Whether a walk goes on, or why not.
pub(super) type Step = Result<ControlFlow<()>, Exhausted>;

/// Calls `found` with every local time of the rule, for a series that starts at the local time `start`, that lies in
/// `range` and is not before `start`, in order, until it breaks. All times are [wall](super::wall) seconds.
///
/// Rules by the weekdays of a month or year (`BYDAY=2TU`, `BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1`) come from the `rrule`
/// crate, where they have a shape that it knows. Days, weeks, birthdays and days of the month, nine of ten rules in
/// real calendars, are a little arithmetic that takes a fifth of its time and less; what is left it gets wrong or
/// refuses.
pub(super) fn walk(
    rule: &Rule,
    start: i64,
    range: Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64) -> ControlFlow<()>,
) -> Result<(), Exhausted> {
    let range = range.start.max(start)..range.end.min(super::wall::END_OF_TIME);
    let by_weekdays_of_months = !rule.by_day.is_empty() && rule.frequency >= Frequency::Monthly;
    if by_weekdays_of_months
        && !range.is_empty()
        && library::knows(rule, start)
        && let Some(step) = library::walk(rule, start, &range, budget, found)
    {
        return step.map(|_ended| ());
    }
    walk_far(rule, start, range, budget, found)
}

/// As [`walk`], with no help of the crate: for walks of millions of steps.
pub(super) fn walk_far(
    rule: &Rule,
    start: i64,
    range: Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64) -> ControlFlow<()>,
) -> Result<(), Exhausted> {
    let range = range.start.max(start)..range.end.min(super::wall::END_OF_TIME);
    if range.is_empty() {
        return Ok(());
    }
    let _ended = match rule.frequency {
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => {
            clock::walk(rule, start, range, budget, found)?
        }
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
            periods::walk(rule, start, range, budget, found)?
        }
    };
    Ok(())
}
