use std::ops::ControlFlow;

use super::generate::{Budget, walk_far};
use super::wall::{self, DAY, END_OF_TIME};
use super::{ExpandError, Frequency, RecurrenceSet, Rule, Work};
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
        let values = self.rules.len() + self.rdates.len() + self.exdates.len() + self.exrules.len();
        let found = values + self.overrides.len();
        if found > limit {
            return Err(ExpandError::TooManyValues { found, limit });
        }
        self.last_starts.clear();
        if self.rules.iter().chain(&self.exrules).all(|rule| rule.count.is_none()) {
            return Ok(());
        }
        let lasts: Result<Vec<_>, _> = work.spend(|budget| {
            let last = |rule: &Rule| match rule.count {
                Some(_) => self.count_out(rule, budget).map(|last| Some(wall::date_time(last))),
                None => Ok(None),
            };
            self.rules.iter().chain(&self.exrules).map(last).collect()
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
        let counted = self.rule_of_days(rule);
        if let Some(last) = count_ahead(&counted, start) {
            return Ok(last);
        }
        let mut left = rule.count.unwrap_or(1);
        let mut last = start;
        let mut count = |wall| {
            last = wall;
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        walk_far(&counted, start, start..END_OF_TIME, budget, &mut count)
            .map_err(|_| ExpandError::CountOutOfReach { rule: rule.to_string().chars().take(LEGIBLE).collect() })?;
        Ok(last)
    }
}

/// The reading of the last occurrence of a rule that steps evenly, or through the same weekdays week by week: nine of ten
/// with COUNT, for which nothing need be walked through.
fn count_ahead(rule: &Rule, start: i64) -> Option<i64> {
    let count = i64::from(rule.count?);
    let lists = [&rule.by_month, &rule.by_week_no, &rule.by_year_day, &rule.by_month_day, &rule.by_hour];
    let lists = lists.into_iter().chain([&rule.by_minute, &rule.by_second, &rule.by_set_pos]);
    if lists.into_iter().any(|list| !list.is_empty()) {
        return None;
    }
    let unit = match rule.frequency {
        Frequency::Weekly => return weeks_ahead(rule, start, count),
        Frequency::Secondly => 1,
        Frequency::Minutely => 60,
        Frequency::Hourly => 3600,
        Frequency::Daily => DAY,
        Frequency::Monthly | Frequency::Yearly => return None,
    };
    let step = unit * i64::from(rule.interval);
    // The calendar may end before the count does.
    let last = (END_OF_TIME - 1 - start).div_euclid(step).min(count - 1);
    (rule.by_day.is_empty() && last >= 0).then(|| start + last * step)
}

fn weeks_ahead(rule: &Rule, start: i64, count: i64) -> Option<i64> {
    let week_start = wall::weekday_number(rule.week_start);
    let (day, time) = (start.div_euclid(DAY), start.rem_euclid(DAY));
    let own = (wall::weekday(day) - week_start).rem_euclid(7);
    let mut days: Vec<i64> =
        rule.by_day.iter().map(|day| (wall::weekday_number(day.weekday) - week_start).rem_euclid(7)).collect();
    if days.is_empty() {
        days.push(own);
    }
    days.sort_unstable();
    days.dedup();
    let passed = i64::try_from(days.iter().filter(|day| **day < own).count()).ok()?;
    let length = i64::try_from(days.len()).ok()?;
    let ahead = passed.checked_add(count - 1)?;
    let (weeks, place) = (ahead.div_euclid(length), ahead.rem_euclid(length));
    // A COUNT may be as large as its number can be.
    let ahead = (7 * i64::from(rule.interval)).checked_mul(weeks)?;
    let last = (day - own).checked_add(ahead)?.checked_add(*days.get(usize::try_from(place).ok()?)?)?;
    (last < END_OF_TIME / DAY).then_some(last * DAY + time)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::recurrence::Span;
    use crate::time::DateOrTime;

    #[test]
    fn what_is_counted_ahead_is_what_a_walk_finds() {
        let starts = ["20260105T093000", "20260110T000000", "20260111T235959", "99991001T120000"];
        let rules = ["SECONDLY", "MINUTELY;INTERVAL=7", "HOURLY;INTERVAL=25", "DAILY", "DAILY;INTERVAL=3", "WEEKLY"];
        let weekly =
            ["WEEKLY;BYDAY=MO,WE,FR", "WEEKLY;INTERVAL=2;BYDAY=SU,TU", "WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU"];
        for (start, rule) in starts.iter().flat_map(|start| rules.iter().chain(&weekly).map(move |rule| (start, rule)))
        {
            for count in [1, 2, 3, 4, 5, 7, 8, 100, 1000] {
                let rule: Rule = format!("FREQ={rule};COUNT={count}").parse().unwrap();
                let start = wall::reading(&start.parse::<DateOrTime>().unwrap());
                let (mut left, mut last) = (count, start);
                let mut walked = |wall| {
                    (last, left) = (wall, left - 1);
                    if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                walk_far(&rule, start, start..END_OF_TIME, &mut Budget::new(1_000_000), &mut walked).unwrap();
                assert!(count_ahead(&rule, start).is_none_or(|ahead| ahead == last), "{rule} from {start}");
                assert!(count_ahead(&rule, start).is_some() || last > END_OF_TIME - 400 * DAY, "{rule} from {start}");
            }
        }
    }

    #[test]
    fn no_count_of_an_even_rule_is_out_of_reach() {
        let start: DateOrTime = "20260105T090000".parse().unwrap();
        let rule = "FREQ=SECONDLY;COUNT=4294967295".parse().unwrap();
        let mut set = RecurrenceSet { rules: vec![rule], ..RecurrenceSet::single(start, Span::ZERO) };
        set.resolve(&Limits::default()).unwrap();
        assert_eq!(set.last_starts[0].unwrap().year(), 2162);
    }
}
