use super::super::rule::Rule;

/// The times of day (or of the hour, or of the minute) that BYHOUR, BYMINUTE and BYSECOND make: a product that is never
/// written out, so that a rule with all 86,400 of them costs no more than one.
pub(super) struct Times<'a> {
    hours: &'a [i16],
    minutes: &'a [i16],
    seconds: &'a [i16],
}

/// The hour, minute and second of DTSTART, where the rule says nothing.
pub(super) struct StartTime([[i16; 1]; 3]);

impl StartTime {
    /// `second` is a second of the day.
    pub(super) fn new(second: i64) -> Self {
        Self([second / 3600, second / 60 % 60, second % 60].map(|part| [i16::try_from(part).unwrap_or(0)]))
    }
}

impl<'a> Times<'a> {
    /// The times of a day.
    pub(super) fn of_day(rule: &'a Rule, start: &'a StartTime) -> Self {
        Self { hours: or(&rule.by_hour, &start.0[0]), ..Self::of_hour(rule, start) }
    }

    /// The times of an hour.
    pub(super) fn of_hour(rule: &'a Rule, start: &'a StartTime) -> Self {
        Self { minutes: or(&rule.by_minute, &start.0[1]), ..Self::of_minute(rule, start) }
    }

    /// The times of a minute.
    pub(super) fn of_minute(rule: &'a Rule, start: &'a StartTime) -> Self {
        Self { seconds: or(&rule.by_second, &start.0[2]), ..Self::of_second() }
    }

    /// The one time of a second.
    pub(super) fn of_second() -> Self {
        Self { hours: &[0], minutes: &[0], seconds: &[0] }
    }

    pub(super) fn len(&self) -> usize {
        self.hours.len() * self.minutes.len() * self.seconds.len()
    }

    /// The time at an index below [`Times::len`], in seconds.
    pub(super) fn at(&self, index: usize) -> i64 {
        let (rest, second) = (index / self.seconds.len(), index % self.seconds.len());
        let (hour, minute) = (rest / self.minutes.len(), rest % self.minutes.len());
        i64::from(self.hours[hour]) * 3600 + i64::from(self.minutes[minute]) * 60 + i64::from(self.seconds[second])
    }

    /// The index of the first time that is not before `second`.
    pub(super) fn first_from(&self, second: i64) -> usize {
        if second <= 0 {
            return 0;
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.at(middle) < second { low = middle + 1 } else { high = middle }
        }
        low
    }
}

fn or<'a>(values: &'a [i16], start: &'a [i16; 1]) -> &'a [i16] {
    if values.is_empty() { start } else { values }
}
