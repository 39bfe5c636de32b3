//! The `rrule` crate, for the rules that it is right about: a generator of wall-clock times and nothing else.
//!
//! Measured on 0.14 against independent programs: given a local time written as UTC it is right about rules whose every
//! period has an occurrence. It has no way to skip ahead, walks to the year 10000 when a rule stops making times,
//! writes out the whole product of BYHOUR, BYMINUTE and BYSECOND, does not know BYSETPOS beyond 31 in a month, and takes
//! `BYDAY=MO,-1FR` for the days that are both. So it gets only rules that are dense by their shape, with a DTSTART moved
//! on by whole intervals to just before the range, and UNTIL at the end of it.

use std::ops::{ControlFlow, Range};

use chrono::{DateTime, Month, Weekday};
use rrule::{Frequency as Unit, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use super::super::rule::{Frequency, Rule};
use super::super::wall::{DAY, Day, day_number, weekday_number};
use super::{Budget, Step};

/// More times a day than any meeting has.
const MOST_TIMES: usize = 24;

/// Whether the crate is right about the rule: every one of its periods, or nearly, has an occurrence.
pub(super) fn knows(rule: &Rule, start: i64) -> bool {
    let times = rule.by_hour.len().max(1) * rule.by_minute.len().max(1) * rule.by_second.len().max(1);
    if times > MOST_TIMES || rule.interval > 1_000 || !rule.by_year_day.is_empty() || !rule.by_week_no.is_empty() {
        return false;
    }
    if rule.by_day.iter().any(|day| day.number == 0) && rule.by_day.iter().any(|day| day.number != 0) {
        return false;
    }
    let day_parts = (rule.by_day.is_empty(), rule.by_month_day.is_empty());
    let days_are_in_every_month = match day_parts {
        (true, true) => Day::from_number(start.div_euclid(DAY)).day <= 28,
        (true, false) => rule.by_month_day.iter().all(|day| day.abs() <= 28),
        (false, true) => rule.by_day.iter().all(|day| day.number.abs() <= 4),
        (false, false) => false,
    };
    let positions_are_in_every_month = rule.by_set_pos.is_empty()
        || times == 1
            && rule.by_day.iter().all(|day| day.number == 0)
            && rule.by_set_pos.iter().all(|position| usize::from(position.unsigned_abs()) <= 4 * rule.by_day.len());
    match rule.frequency {
        Frequency::Daily => {
            rule.by_month.is_empty()
                && rule.by_set_pos.is_empty()
                && (day_parts == (true, true) || rule.interval == 1 && day_parts == (false, true))
        }
        Frequency::Weekly => rule.by_month.is_empty() && rule.by_set_pos.is_empty(),
        Frequency::Monthly => rule.by_month.is_empty() && days_are_in_every_month && positions_are_in_every_month,
        Frequency::Yearly => {
            days_are_in_every_month
                && (positions_are_in_every_month && !rule.by_month.is_empty() || rule.by_set_pos.is_empty())
        }
        _ => false,
    }
}

/// As [`super::walk`], for a rule that it [`knows`]; `None` where the crate refuses it nevertheless.
pub(super) fn walk(
    rule: &Rule,
    start: i64,
    range: &Range<i64>,
    budget: &mut Budget,
    found: &mut impl FnMut(i64) -> ControlFlow<()>,
) -> Option<Step> {
    let utc = |wall| DateTime::from_timestamp(wall, 0).map(|instant| instant.with_timezone(&Tz::UTC));
    let nearer = utc(moved_on(rule, start, range.start))?;
    let bounded = translated(rule)?.until(utc(range.end)?);
    let times = RRuleSet::new(nearer).rrule(bounded.validate(nearer).ok()?);
    for time in &times {
        if let Err(exhausted) = budget.take(1) {
            return Some(Err(exhausted));
        }
        let wall = time.timestamp();
        if wall >= range.end {
            break;
        }
        if wall >= range.start && found(wall).is_break() {
            return Some(Ok(ControlFlow::Break(())));
        }
    }
    Some(Ok(ControlFlow::Continue(())))
}

/// DTSTART moved on by whole intervals, to at least one interval before `from`: with the same weekday, day of the month
/// and month that the rule may take from it.
fn moved_on(rule: &Rule, start: i64, from: i64) -> i64 {
    let (day, time) = (start.div_euclid(DAY), start.rem_euclid(DAY));
    let interval = i64::from(rule.interval);
    let first = Day::from_number(day);
    let target = Day::from_number(from.div_euclid(DAY));
    let whole = |distance: i64| ((distance.div_euclid(interval) - 1) * interval).max(0);
    // A day that some months lack is none that the rule asks for.
    let day_of_month = first.day.min(28);
    let moved = match rule.frequency {
        Frequency::Weekly => day + 7 * whole((target.number - day).div_euclid(7)),
        Frequency::Monthly => {
            let months =
                first.year * 12 + first.month - 1 + whole((target.year - first.year) * 12 + target.month - first.month);
            day_number(months.div_euclid(12), months.rem_euclid(12) + 1, day_of_month)
        }
        Frequency::Yearly => day_number(first.year + whole(target.year - first.year), first.month, day_of_month),
        _ => day + whole(target.number - day),
    };
    moved * DAY + time
}

fn translated(rule: &Rule) -> Option<RRule<Unvalidated>> {
    let unit = match rule.frequency {
        Frequency::Secondly => Unit::Secondly,
        Frequency::Minutely => Unit::Minutely,
        Frequency::Hourly => Unit::Hourly,
        Frequency::Daily => Unit::Daily,
        Frequency::Weekly => Unit::Weekly,
        Frequency::Monthly => Unit::Monthly,
        Frequency::Yearly => Unit::Yearly,
    };
    let months: Option<Vec<Month>> =
        rule.by_month.iter().map(|month| Month::try_from(u8::try_from(*month).ok()?).ok()).collect();
    let weekday = |day| Weekday::try_from(u8::try_from(weekday_number(day)).ok()?).ok();
    let days: Option<Vec<NWeekday>> = rule
        .by_day
        .iter()
        .map(|day| Some(NWeekday::new((day.number != 0).then_some(day.number), weekday(day.weekday)?)))
        .collect();
    Some(
        RRule::new(unit)
            .interval(u16::try_from(rule.interval).ok()?)
            .week_start(weekday(rule.week_start)?)
            .by_month(&months?)
            .by_month_day(narrow(&rule.by_month_day)?)
            .by_weekday(days?)
            .by_hour(narrow(&rule.by_hour)?)
            .by_minute(narrow(&rule.by_minute)?)
            .by_second(narrow(&rule.by_second)?)
            .by_set_pos(rule.by_set_pos.iter().copied().map(i32::from).collect()),
    )
}

fn narrow<T: TryFrom<i16>>(values: &[i16]) -> Option<Vec<T>> {
    values.iter().map(|value| T::try_from(*value).ok()).collect()
}
