use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use super::generate::{Budget, walk};
use super::instants::{Instants, readings};
use super::wall::{self, DAY};
use super::{ExpandError, Frequency, Rdate, RecurrenceSet, Rule, Span};
use crate::limits::Limits;
use crate::time::{DateOrTime, Timestamp, Zone};

/// How far apart the readings of one instant can be on two walls, whose offsets lie between -26 and +26 hours, and a
/// date and a time on it.
const WIDEST: i64 = 4 * DAY;

/// A recurrence set as its owner sees it: with the one zone in which its local times are read.
pub(super) struct Series<'a> {
    pub(super) set: &'a RecurrenceSet,
    /// The zone of the start, or the owner's.
    pub(super) zone: &'a Zone,
    pub(super) owner: &'a Zone,
    pub(super) limits: &'a Limits,
}

/// A start that the rules, extra dates and exceptions of a set give, before any override.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Original {
    /// Seconds since the epoch.
    pub(super) instant: i64,
    /// The reading on the wall of the series.
    pub(super) wall: i64,
    /// Its own length, where RDATE gives one.
    pub(super) span: Option<Span>,
}

impl<'a> Series<'a> {
    pub(super) fn new(set: &'a RecurrenceSet, owner: &'a Zone, limits: &'a Limits) -> Self {
        Self { set, zone: set.start.zone(owner), owner, limits }
    }

    /// The reading, on the wall of the series, that a RECURRENCE-ID, EXDATE or RDATE means.
    ///
    /// A date in a timed series means its day at the time of DTSTART. A time in a series of dates means the day that it
    /// is written with if it is midnight there (`20260105T000000Z`), and else its day where the owner is.
    pub(super) fn place(&self, value: &DateOrTime) -> i64 {
        match (&self.set.start, value) {
            (DateOrTime::Date(_), DateOrTime::Zoned { local, zone }) => {
                let reading = wall::seconds(*local);
                let here = if reading.rem_euclid(DAY) == 0 {
                    reading
                } else {
                    wall::seconds(self.owner.local(zone.resolve(*local)))
                };
                here - here.rem_euclid(DAY)
            }
            (DateOrTime::Date(_), other) => wall::reading(other).div_euclid(DAY) * DAY,
            (start, DateOrTime::Date(_)) => wall::reading(value) + wall::reading(start).rem_euclid(DAY),
            (_, DateOrTime::Zoned { local, zone }) if zone != self.zone => {
                wall::seconds(self.zone.local(zone.resolve(*local)))
            }
            (_, other) => wall::reading(other),
        }
    }

    /// The original that a value names, whether or not the set has it.
    pub(super) fn named(&self, value: &DateOrTime) -> Original {
        let wall = self.place(value);
        let instant = match value {
            // Its own instant, so that both of two equal hours can be named.
            DateOrTime::Zoned { local, zone } if !self.set.start.is_date() => zone.resolve(*local),
            _ => self.zone.resolve(wall::date_time(wall)),
        };
        Original { instant: instant.as_second(), wall, span: None }
    }

    /// The starts whose reading is in `range`, and a few others, in order of their instants and none twice.
    pub(super) fn originals(&self, range: Range<i64>, budget: &mut Budget) -> Result<Vec<Original>, ExpandError> {
        let mut found = Vec::new();
        if !self.set.has_master {
            return Ok(found);
        }
        self.take(budget, 1 + (self.set.rdates.len() + self.set.exdates.len()) / 64)?;
        self.add_rules(&range, budget, &mut found)?;
        let near = near(&(range.start.saturating_sub(self.longest_rdate())..range.end));
        self.add_rdates(&near, &mut found);
        if !self.set.exdates.is_empty() {
            self.except(&near, &mut found);
        }
        self.except_by_rules(budget, &mut found)?;
        // Of two on one instant, the one with its own length counts (RFC 5545 section 3.8.5.2), then the one that the
        // clock shows.
        let order = |original: &Original| (original.instant, original.span.is_none(), -original.wall);
        if !found.is_sorted_by_key(order) {
            found.sort_by_key(order);
        }
        found.dedup_by_key(|original| original.instant);
        Ok(found)
    }

    /// The start, and what the rules make.
    fn add_rules(&self, range: &Range<i64>, budget: &mut Budget, found: &mut Vec<Original>) -> Result<(), ExpandError> {
        let start = wall::reading(&self.set.start);
        if range.contains(&start) {
            found.push(Original { instant: Instants::new(self.zone).at(start), wall: start, span: None });
        }
        let mut add = |original| found.push(original);
        self.set.rules.iter().enumerate().try_for_each(|rule| self.walk_rule(rule, range, budget, &mut add))
    }

    /// Passes on what a rule makes, and a few others. Its number is its place among `rules`, then `exrules`.
    fn walk_rule(
        &self,
        (number, rule): (usize, &Rule),
        range: &Range<i64>,
        budget: &mut Budget,
        pass: &mut impl FnMut(Original),
    ) -> Result<(), ExpandError> {
        let (mut instants, days) = (Instants::new(self.zone), self.set.start.is_date());
        let end = self.set.rule_end(number, rule, self.zone, budget)?;
        let mut each = |wall: i64| {
            let wall = if days { wall - wall.rem_euclid(DAY) } else { wall };
            let instant = instants.at(wall);
            if instant <= end.instant {
                pass(Original { instant, wall, span: None });
            }
            ControlFlow::Continue(())
        };
        let (rule, start) = (self.set.rule_of_days(rule), wall::reading(&self.set.start));
        walk(&rule, start, range.start..range.end.min(end.wall), budget, &mut each)
            .map_err(|_| ExpandError::TooMuchWork { limit: self.limits.recurrence_work })
    }

    fn add_rdates(&self, near: &Range<i64>, found: &mut Vec<Original>) {
        for rdate in &self.set.rdates {
            let (value, span) = match rdate {
                Rdate::At(value) => (value, None),
                Rdate::Period { start, span } => (start, Some(*span)),
            };
            if near.contains(&wall::reading(value)) {
                found.push(Original { span, ..self.named(value) });
            }
        }
    }

    /// Whether EXDATE takes this original away.
    pub(super) fn excepts(&self, original: &Original, budget: &mut Budget) -> Result<bool, ExpandError> {
        let mut found = vec![*original];
        if self.set.has_master && !self.set.exdates.is_empty() {
            self.take(budget, 1 + self.set.exdates.len() / 64)?;
            self.except(&near(&(original.wall..original.wall + 1)), &mut found);
        }
        if self.set.has_master {
            self.except_by_rules(budget, &mut found)?;
        }
        Ok(found.is_empty())
    }

    fn longest_rdate(&self) -> i64 {
        let lengths = self.set.rdates.iter().map(|rdate| match rdate {
            Rdate::Period { span, .. } => span.longest(),
            Rdate::At(_) => 0,
        });
        lengths.max().unwrap_or(0)
    }

    /// Takes steps from the budget.
    fn take(&self, budget: &mut Budget, steps: usize) -> Result<(), ExpandError> {
        budget.take(steps).map_err(|_| ExpandError::TooMuchWork { limit: self.limits.recurrence_work })
    }

    fn except(&self, near: &Range<i64>, found: &mut Vec<Original>) {
        let timed = !self.set.start.is_date();
        let (mut instants, mut days) = (BTreeSet::new(), BTreeSet::new());
        for value in self.set.exdates.iter().filter(|value| near.contains(&wall::reading(value))) {
            if timed && value.is_date() {
                days.insert(wall::reading(value).div_euclid(DAY));
            } else {
                instants.insert(self.named(value).instant);
            }
        }
        found
            .retain(|original| !instants.contains(&original.instant) && !days.contains(&original.wall.div_euclid(DAY)));
    }

    /// Takes away what EXRULE makes.
    fn except_by_rules(&self, budget: &mut Budget, found: &mut Vec<Original>) -> Result<(), ExpandError> {
        let walls = || found.iter().map(|original| original.wall);
        let (Some(first), Some(last)) = (walls().min(), walls().max()) else { return Ok(()) };
        let mut gone = BTreeSet::new();
        for (index, rule) in self.set.exrules.iter().enumerate() {
            let number = self.set.rules.len() + index;
            self.walk_rule((number, rule), &(first..last + 1), budget, &mut |original| {
                gone.insert(original.instant);
            })?;
        }
        found.retain(|original| !gone.contains(&original.instant));
        Ok(())
    }
}

/// Where a rule ends: both bounds hold.
pub(super) struct RuleEnd {
    /// The first wall reading after the end.
    pub(super) wall: i64,
    /// The last instant, in seconds since the epoch.
    pub(super) instant: i64,
}

impl RecurrenceSet {
    /// The rule as it is in a set of dates: without BYHOUR, BYMINUTE and BYSECOND, which RFC 5545 section 3.3.10 has
    /// ignored there; and where it steps by less than a day, every day.
    pub(super) fn rule_of_days<'a>(&self, rule: &'a Rule) -> Cow<'a, Rule> {
        let unit = match rule.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3600,
            _ => i64::MAX,
        };
        let within_days = unit < DAY && unit * i64::from(rule.interval) <= DAY;
        let times = [&rule.by_hour, &rule.by_minute, &rule.by_second];
        if !self.start.is_date() || !within_days && times.iter().all(|values| values.is_empty()) {
            return Cow::Borrowed(rule);
        }
        let mut rule = Rule { by_hour: vec![], by_minute: vec![], by_second: vec![], ..rule.clone() };
        if within_days {
            (rule.frequency, rule.interval) = (Frequency::Daily, 1);
            rule.by_set_pos.clear();
        }
        Cow::Owned(rule)
    }

    /// Where the rule ends by its UNTIL or COUNT.
    ///
    /// UNTIL is inclusive. A date is the whole local day. A time in UTC is an instant where the series has a zone, and
    /// a reading where it has none (RFC 5545 asks for a local UNTIL there, but programs write UTC); a floating time is
    /// a reading.
    pub(super) fn rule_end(
        &self,
        index: usize,
        rule: &Rule,
        zone: &Zone,
        budget: &mut Budget,
    ) -> Result<RuleEnd, ExpandError> {
        let never = RuleEnd { wall: wall::END_OF_TIME, instant: i64::MAX };
        if rule.count.is_some() {
            let last = match self.last_starts.get(index).copied().flatten() {
                Some(last) => wall::seconds(last),
                None => self.count_out(rule, budget)?,
            };
            return Ok(RuleEnd { wall: last + 1, ..never });
        }
        let Some(until) = &rule.until else { return Ok(never) };
        Ok(match (&self.start, until) {
            (DateOrTime::Date(_), until) => RuleEnd { wall: wall::reading(until) + 1, ..never },
            (_, DateOrTime::Date(_)) => RuleEnd { wall: wall::reading(until) + DAY, ..never },
            (DateOrTime::Zoned { .. }, DateOrTime::Zoned { local, zone: utc }) => {
                let last = utc.resolve(*local);
                RuleEnd { wall: readings(zone, last, last).end + 1, instant: last.as_second() }
            }
            (_, until) => RuleEnd { wall: wall::reading(until) + 1, ..never },
        })
    }
}

/// The readings, on any wall, of instants whose reading on one wall is in the range.
pub(super) fn near(range: &Range<i64>) -> Range<i64> {
    range.start.saturating_sub(WIDEST)..range.end.saturating_add(WIDEST)
}

/// An instant in seconds as a [`Timestamp`], within its range.
pub(super) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
