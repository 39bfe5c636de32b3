//! Rules that step by days, weeks, months or years.

use std::ops::{ControlFlow, Range};

use super::super::rule::{Frequency, Rule};
use super::super::wall::{DAY, Day, day_number, first_week, month_length, weekday, weekday_number};
use super::days::Days;
use super::times::{StartTime, Times};
use super::{Budget, Step};

pub(super) fn walk(
    rule: &Rule,
    start: i64,
    range: Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64) -> ControlFlow<()>,
) -> Step {
    let start_time = StartTime::new(start.rem_euclid(DAY));
    let times = Times::of_day(rule, &start_time);
    let days = Days::new(rule, Day::from_number(start.div_euclid(DAY)));
    let calendar = Calendar::new(rule, start.div_euclid(DAY));
    let (first_day, last_day) = (range.start.div_euclid(DAY), (range.end - 1).div_euclid(DAY));
    let mut chosen = Vec::new();
    let mut index = calendar.index_of(first_day);
    loop {
        budget.take(1)?;
        let period = calendar.period(index);
        if period.start > last_day {
            return Ok(ControlFlow::Continue(()));
        }
        let flow = if rule.by_set_pos.is_empty() {
            let visible = period.start.max(first_day)..period.end.min(last_day + 1);
            each_day(&days, visible, budget, &mut |day, budget| times_of_day(&times, day, &range, budget, found))?
        } else {
            chosen.clear();
            let _all = each_day(&days, period.clone(), budget, &mut |day, _| {
                chosen.push(day);
                Ok(ControlFlow::Continue(()))
            })?;
            positions(&rule.by_set_pos, chosen.len() * times.len(), budget, &mut |position| {
                let wall = chosen[position / times.len()] * DAY + times.at(position % times.len());
                if range.contains(&wall) { found(wall) } else { ControlFlow::Continue(()) }
            })?
        };
        if flow.is_break() {
            return Ok(flow);
        }
        index = calendar.next(index, period, &days);
    }
}

/// The elements of a set of `length` that BYSETPOS names, in order.
pub(super) fn positions(
    set_pos: &[i16],
    length: usize,
    budget: &mut Budget,
    found: &mut impl FnMut(usize) -> ControlFlow<()>,
) -> Step {
    let mut named: Vec<usize> = set_pos
        .iter()
        .filter_map(|position| {
            let size = usize::from(position.unsigned_abs());
            if *position > 0 { Some(size - 1) } else { length.checked_sub(size) }
        })
        .filter(|index| *index < length)
        .collect();
    named.sort_unstable();
    named.dedup();
    budget.take(named.len() + set_pos.len() / 16)?;
    Ok(named.into_iter().try_for_each(found))
}

fn times_of_day(
    times: &Times,
    day: i64,
    range: &Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64) -> ControlFlow<()>,
) -> Step {
    let midnight = day * DAY;
    for index in times.first_from(range.start - midnight)..times.len() {
        let wall = midnight + times.at(index);
        if wall >= range.end {
            break;
        }
        budget.take(1)?;
        if found(wall).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The days of a range that the rule leaves, month by month so that months that it does not name cost nothing.
fn each_day(
    days: &Days,
    range: Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64, &mut Budget) -> Step,
) -> Step {
    if let Some(weekdays) = days.only_weekdays() {
        budget.take(1)?;
        for day in range {
            if weekdays & 1 << weekday(day) != 0 && found(day, budget)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    }
    let mut day = Day::from_number(range.start);
    while day.number < range.end {
        let month_end = day.number + (day.month_length() - day.day) + 1;
        if days.has_month(day.month) {
            budget.take(1)?;
            while day.number < month_end.min(range.end) {
                if days.has(day) && found(day.number, budget)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                day.number += 1;
                day.day += 1;
            }
        }
        day = match day.month {
            12 => Day { number: month_end, year: day.year + 1, month: 1, day: 1 },
            month => Day { number: month_end, year: day.year, month: month + 1, day: 1 },
        };
    }
    Ok(ControlFlow::Continue(()))
}

/// The periods of a rule, numbered from the one with DTSTART, INTERVAL apart.
struct Calendar {
    frequency: Frequency,
    interval: i64,
    /// The first day of the first period (DAILY, WEEKLY).
    first_day: i64,
    /// The number of the first month or year, from the year 0.
    first: i64,
    /// The first day of the week, where a year is one of whole weeks (BYWEEKNO): the weeks of a year begin and end up to
    /// three days beside it.
    years_of_weeks: Option<i64>,
}

impl Calendar {
    fn new(rule: &Rule, start_day: i64) -> Self {
        let start = Day::from_number(start_day);
        let first_day = match rule.frequency {
            Frequency::Weekly => start_day - (start.weekday() - weekday_number(rule.week_start)).rem_euclid(7),
            _ => start_day,
        };
        let first = if rule.frequency == Frequency::Yearly { start.year } else { start.year * 12 + start.month - 1 };
        let years_of_weeks = (!rule.by_week_no.is_empty()).then(|| weekday_number(rule.week_start));
        Self { frequency: rule.frequency, interval: i64::from(rule.interval), first_day, first, years_of_weeks }
    }

    /// The first period that does not end before `day`; 0 for days before the first.
    fn index_of(&self, day: i64) -> i64 {
        let date = Day::from_number(day);
        let distance = match self.frequency {
            Frequency::Weekly => (day - self.first_day).div_euclid(7),
            Frequency::Monthly => date.year * 12 + date.month - 1 - self.first,
            Frequency::Yearly => {
                self.years_of_weeks.map_or(date.year, |week_start| date.week_year(week_start)) - self.first
            }
            _ => day - self.first_day,
        };
        (distance + self.interval - 1).div_euclid(self.interval).max(0)
    }

    /// The days of a period.
    fn period(&self, index: i64) -> Range<i64> {
        match self.frequency {
            Frequency::Weekly => {
                let day = self.first_day + index * self.interval * 7;
                day..day + 7
            }
            Frequency::Monthly => {
                let month = self.first + index * self.interval;
                let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
                let day = day_number(year, month, 1);
                day..day + month_length(year, month)
            }
            Frequency::Yearly => {
                let year = self.first + index * self.interval;
                match self.years_of_weeks {
                    Some(week_start) => first_week(year, week_start)..first_week(year + 1, week_start),
                    None => day_number(year, 1, 1)..day_number(year + 1, 1, 1),
                }
            }
            _ => {
                let day = self.first_day + index * self.interval;
                day..day + 1
            }
        }
    }

    /// The next period; days of months that the rule does not name are jumped over.
    fn next(&self, index: i64, period: Range<i64>, days: &Days) -> i64 {
        let next = index + 1;
        if self.frequency != Frequency::Daily || days.has_every_month() {
            return next;
        }
        let day = Day::from_number(period.start);
        if days.has_month(day.month) {
            return next;
        }
        next.max(self.index_of(day.number + day.month_length() - day.day + 1))
    }
}
