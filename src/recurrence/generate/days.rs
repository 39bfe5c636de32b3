use super::super::rule::{Frequency, Rule};
use super::super::wall::{Day, weekday_number, year_length};

/// The days that a rule's BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY leave, with what DTSTART says where the
/// rule says nothing.
///
/// The table of RFC 5545 section 3.3.10 has "expand" and "limit"; both are the same question to a day of the period: is
/// it in every part that there is?
pub(super) struct Days<'a> {
    rule: &'a Rule,
    /// Bit `m` for month `m`; 0 where every month will do.
    months: u16,
    /// Bit `d` for day `d` of the month, from its start and from its end; both 0 where every day will do.
    month_days: u32,
    month_days_from_end: u32,
    /// Bit 0 for Monday; 0 where the rule names no plain weekday.
    weekdays: u8,
    /// Bit `n` for the n-th Monday and so on, from the start and from the end.
    numbered: [[u64; 2]; 7],
    has_numbered_days: bool,
    numbers_count_in_month: bool,
    week_start: i64,
}

impl<'a> Days<'a> {
    pub(super) fn new(rule: &'a Rule, start: Day) -> Self {
        let mut days = Self {
            rule,
            months: rule.by_month.iter().fold(0, |bits, month| bits | 1 << month),
            month_days: rule.by_month_day.iter().filter(|day| **day > 0).fold(0, |bits, day| bits | 1 << day),
            month_days_from_end: rule.by_month_day.iter().filter(|day| **day < 0).fold(0, |bits, day| bits | 1 << -day),
            weekdays: rule
                .by_day
                .iter()
                .filter(|day| day.number == 0)
                .fold(0, |bits, day| bits | 1 << weekday_number(day.weekday)),
            numbered: [[0; 2]; 7],
            has_numbered_days: rule.by_day.iter().any(|day| day.number != 0),
            numbers_count_in_month: rule.frequency == Frequency::Monthly || !rule.by_month.is_empty(),
            week_start: weekday_number(rule.week_start),
        };
        for day in rule.by_day.iter().filter(|day| day.number != 0) {
            let [from_start, from_end] =
                &mut days.numbered[usize::from(day.weekday.to_monday_zero_offset().unsigned_abs())];
            let bits = if day.number > 0 { from_start } else { from_end };
            *bits |= 1 << day.number.unsigned_abs();
        }
        days.fill_in(start);
        days
    }

    /// What the rule leaves open is as in DTSTART.
    fn fill_in(&mut self, start: Day) {
        let rule = self.rule;
        if !rule.by_day.is_empty() || !rule.by_month_day.is_empty() || !rule.by_year_day.is_empty() {
            return;
        }
        match rule.frequency {
            Frequency::Weekly => self.weekdays = 1 << start.weekday(),
            Frequency::Yearly if !rule.by_week_no.is_empty() => self.weekdays = 1 << start.weekday(),
            Frequency::Monthly => self.month_days = 1 << start.day,
            Frequency::Yearly => {
                self.month_days = 1 << start.day;
                if self.months == 0 {
                    self.months = 1 << start.month;
                }
            }
            _ => {}
        }
    }

    /// The weekdays, as bits from Monday on, where nothing else counts.
    pub(super) fn only_weekdays(&self) -> Option<u8> {
        let others = self.month_days == 0 && self.month_days_from_end == 0 && !self.has_numbered_days;
        let wider = self.months == 0 && self.rule.by_year_day.is_empty() && self.rule.by_week_no.is_empty();
        (others && wider).then_some(if self.weekdays == 0 { 0x7f } else { self.weekdays })
    }

    pub(super) fn has_every_month(&self) -> bool {
        self.months == 0
    }

    pub(super) fn has_month(&self, month: i64) -> bool {
        self.months == 0 || self.months & 1 << month != 0
    }

    /// Whether the day is in every part.
    pub(super) fn has(&self, day: Day) -> bool {
        self.has_month(day.month)
            && self.has_month_day(day)
            && self.has_weekday(day)
            && self.has_year_day(day)
            && self.has_week(day)
    }

    fn has_month_day(&self, day: Day) -> bool {
        if self.month_days == 0 && self.month_days_from_end == 0 {
            return true;
        }
        self.month_days & 1 << day.day != 0
            || self.month_days_from_end != 0 && self.month_days_from_end & 1 << (day.month_length() - day.day + 1) != 0
    }

    fn has_weekday(&self, day: Day) -> bool {
        if self.weekdays == 0 && !self.has_numbered_days {
            return true;
        }
        self.weekdays & 1 << day.weekday() != 0 || self.has_numbered_days && self.has_numbered_day(day)
    }

    fn has_numbered_day(&self, day: Day) -> bool {
        let (index, length) = if self.numbers_count_in_month {
            (day.day - 1, day.month_length())
        } else {
            (day.of_year() - 1, year_length(day.year))
        };
        let Some([from_start, from_end]) = usize::try_from(day.weekday()).ok().and_then(|day| self.numbered.get(day))
        else {
            return false;
        };
        from_start & 1 << (index / 7 + 1) != 0 || from_end & 1 << ((length - 1 - index) / 7 + 1) != 0
    }

    fn has_year_day(&self, day: Day) -> bool {
        if self.rule.by_year_day.is_empty() {
            return true;
        }
        let from_start = day.of_year();
        let from_end = from_start - year_length(day.year) - 1;
        holds(&self.rule.by_year_day, from_start) || holds(&self.rule.by_year_day, from_end)
    }

    fn has_week(&self, day: Day) -> bool {
        if self.rule.by_week_no.is_empty() {
            return true;
        }
        let (from_start, from_end) = day.week(self.week_start);
        holds(&self.rule.by_week_no, from_start) || holds(&self.rule.by_week_no, from_end)
    }
}

/// Whether a sorted list has a number.
fn holds(sorted: &[i16], number: i64) -> bool {
    sorted.binary_search_by_key(&number, |value| i64::from(*value)).is_ok()
}
