use std::ops::ControlFlow;

use super::generate::{Budget, walk_far};
use super::wall::{self, END_OF_TIME};
use super::{ExpandError, RecurrenceSet, Rule, Work};
use crate::limits::Limits;

/// How much of a rule an error repeats, in characters.
const LEGIBLE: usize = 200;

impl RecurrenceSet {
    /// Finds out what expansion needs and what does not depend on the window: where each rule with COUNT ends. To be
    /// called when an event is written.
    ///
    /// COUNT counts the local times that the rule makes. A DTSTART that the rule does not make is an occurrence besides
    /// (RFC 5545 leaves such a set undefined; this is what libical, python-dateutil and ical.js do).
    ///
    /// # Errors
    /// [`ExpandError::CountOutOfReach`] when the last occurrence is more than 32 times [`Limits::recurrence_work`]
    /// steps away, [`ExpandError::TooManyValues`].
    pub fn resolve(&mut self, limits: &Limits) -> Result<(), ExpandError> {
        self.resolve_within(&mut Work::once(limits))
    }

    /// As [`RecurrenceSet::resolve`], with the steps that are left to the events of a file.
    ///
    /// # Errors
    /// As [`RecurrenceSet::resolve`].
    pub fn resolve_within(&mut self, work: &mut Work) -> Result<(), ExpandError> {
        let limit = work.limits().recurrence_values;
        let found = self.rules.len() + self.rdates.len() + self.exdates.len() + self.overrides.len();
        if found > limit {
            return Err(ExpandError::TooManyValues { found, limit });
        }
        self.last_starts.clear();
        if self.rules.iter().all(|rule| rule.count.is_none()) {
            return Ok(());
        }
        let lasts: Result<Vec<_>, _> = work.spend(|budget| {
            let last = |rule: &Rule| match rule.count {
                Some(_) => self.count_out(rule, budget).map(|last| Some(wall::date_time(last))),
                None => Ok(None),
            };
            self.rules.iter().map(last).collect()
        });
        self.last_starts = lasts?;
        Ok(())
    }

    /// The first rule that never makes an occurrence, such as one for every 30 February, if there is one. A rule with UNTIL may
    /// well end before it makes any; that is not meant.
    ///
    /// # Errors
    /// [`ExpandError::TooMuchWork`] when none is found within 32 times [`Limits::recurrence_work`] steps.
    pub fn idle_rule(&self, limits: &Limits) -> Result<Option<&Rule>, ExpandError> {
        let start = wall::reading(&self.start);
        let mut budget = Budget::new(Work::once(limits).most());
        for rule in self.rules.iter().filter(|rule| rule.until.is_none()) {
            let mut found = false;
            let mut stop = |_| {
                found = true;
                ControlFlow::Break(())
            };
            walk_far(&self.rule_of_days(rule), start, start..END_OF_TIME, &mut budget, &mut stop)
                .map_err(|_| ExpandError::TooMuchWork { limit: Work::once(limits).most() })?;
            if !found {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// The reading of the last occurrence of a rule with COUNT; that of the start where the rule makes none.
    pub(super) fn count_out(&self, rule: &Rule, budget: &mut Budget) -> Result<i64, ExpandError> {
        let start = wall::reading(&self.start);
        let mut left = rule.count.unwrap_or(1);
        let mut last = start;
        let mut count = |wall| {
            last = wall;
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        walk_far(&self.rule_of_days(rule), start, start..END_OF_TIME, budget, &mut count)
            .map_err(|_| ExpandError::CountOutOfReach { rule: rule.to_string().chars().take(LEGIBLE).collect() })?;
        Ok(last)
    }
}
