//! What RFC 5545 section 3.3.10 says about parts that cannot stand together.

use super::parse::Mender;
use super::{Frequency, Rule, RuleError};

/// Refuses, or mends, every combination that the section forbids.
pub(super) fn check(rule: &mut Rule, mender: &mut Mender) -> Result<(), RuleError> {
    if rule.count.is_some() && rule.until.is_some() {
        mender.mend("COUNT and UNTIL cannot stand in the same rule", "UNTIL counts")?;
        rule.count = None;
    }
    check_day_numbers(rule, mender)?;
    let frequency = rule.frequency;
    let daily_to_monthly = matches!(frequency, Frequency::Daily | Frequency::Weekly | Frequency::Monthly);
    if !rule.by_week_no.is_empty() && frequency != Frequency::Yearly {
        mender.mend(format!("BYWEEKNO needs FREQ=YEARLY, not {}", frequency.name()), "BYWEEKNO is ignored")?;
        rule.by_week_no.clear();
    }
    if !rule.by_year_day.is_empty() && daily_to_monthly {
        mender.mend(format!("BYYEARDAY cannot stand with FREQ={}", frequency.name()), "BYYEARDAY is ignored")?;
        rule.by_year_day.clear();
    }
    if !rule.by_month_day.is_empty() && frequency == Frequency::Weekly {
        mender.mend("BYMONTHDAY cannot stand with FREQ=WEEKLY", "BYMONTHDAY is ignored")?;
        rule.by_month_day.clear();
    }
    if !rule.by_set_pos.is_empty() && !has_by_part(rule) {
        mender.mend("BYSETPOS needs another BY part beside it", "BYSETPOS is ignored")?;
        rule.by_set_pos.clear();
    }
    rule.by_day.sort_unstable_by_key(|day| (day.number, day.weekday.to_monday_zero_offset()));
    rule.by_day.dedup();
    Ok(())
}

fn check_day_numbers(rule: &mut Rule, mender: &mut Mender) -> Result<(), RuleError> {
    if rule.by_day.iter().all(|day| day.number == 0) {
        return Ok(());
    }
    if !matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly) {
        let frequency = rule.frequency.name();
        mender.mend(
            format!("BYDAY with a number needs FREQ=MONTHLY or YEARLY, not {frequency}"),
            "read as the plain weekday",
        )?;
    } else if !rule.by_week_no.is_empty() {
        mender.mend("BYDAY with a number cannot stand with BYWEEKNO", "read as the plain weekday")?;
    } else {
        return Ok(());
    }
    for day in &mut rule.by_day {
        day.number = 0;
    }
    Ok(())
}

fn has_by_part(rule: &Rule) -> bool {
    let lists = [
        &rule.by_month,
        &rule.by_week_no,
        &rule.by_year_day,
        &rule.by_month_day,
        &rule.by_hour,
        &rule.by_minute,
        &rule.by_second,
    ];
    !rule.by_day.is_empty() || lists.into_iter().any(|list| !list.is_empty())
}
