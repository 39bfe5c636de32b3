//! Rules that step by hours, minutes or seconds: arithmetic over whatever the BY parts leave out.

use std::ops::{ControlFlow, Range};

use super::super::rule::{Frequency, Rule};
use super::super::wall::{DAY, Day};
use super::days::Days;
use super::periods::positions;
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
    let (unit, times) = match rule.frequency {
        Frequency::Hourly => (3600, Times::of_hour(rule, &start_time)),
        Frequency::Minutely => (60, Times::of_minute(rule, &start_time)),
        _ => (1, Times::of_second()),
    };
    let step = unit * i64::from(rule.interval);
    let days = Days::new(rule, Day::from_number(start.div_euclid(DAY)));
    let mut now = start - start.rem_euclid(unit);
    now = advance(now, step, range.start - range.start.rem_euclid(unit));
    let mut good_day = i64::MIN;
    while now < range.end {
        budget.take(1)?;
        let day = now.div_euclid(DAY);
        if day != good_day {
            if let Some(later) = next_day(&days, day) {
                now = advance(now, step, later);
                continue;
            }
            good_day = day;
        }
        if let Some(later) = next_clock(rule, unit, now) {
            now = advance(now, step, later);
            continue;
        }
        let mut emit = |index| {
            let wall = now + times.at(index);
            if range.contains(&wall) { found(wall) } else { ControlFlow::Continue(()) }
        };
        let flow = if rule.by_set_pos.is_empty() {
            budget.take(times.len() - 1)?;
            (0..times.len()).try_for_each(&mut emit)
        } else {
            positions(&rule.by_set_pos, times.len(), budget, &mut emit)?
        };
        if flow.is_break() {
            return Ok(flow);
        }
        now += step;
    }
    Ok(ControlFlow::Continue(()))
}

/// The first of `now`, `now + step`, … that is not before `target`.
fn advance(now: i64, step: i64, target: i64) -> i64 {
    let missing = target - now;
    if missing <= 0 { now } else { now + (missing + step - 1) / step * step }
}

/// Where to look next if the rule leaves this day out.
fn next_day(days: &Days, number: i64) -> Option<i64> {
    let day = Day::from_number(number);
    if !days.has_month(day.month) {
        return Some((number + day.month_length() - day.day + 1) * DAY);
    }
    (!days.has(day)).then_some((number + 1) * DAY)
}

/// Where to look next if BYHOUR, BYMINUTE or BYSECOND leave out the hour, minute or second that begins now.
fn next_clock(rule: &Rule, unit: i64, now: i64) -> Option<i64> {
    let levels = [(&rule.by_hour, 3600, 24), (&rule.by_minute, 60, 60), (&rule.by_second, 1, 60)];
    for (values, size, count) in levels {
        if size < unit {
            break;
        }
        let index = now.div_euclid(size).rem_euclid(count);
        let allowed = values.partition_point(|value| i64::from(*value) < index);
        if values.is_empty() || values.get(allowed).is_some_and(|value| i64::from(*value) == index) {
            continue;
        }
        let outer = now - now.rem_euclid(size * count);
        return Some(outer + size * values.get(allowed).map_or(count, |value| i64::from(*value)));
    }
    None
}
