use super::generate::Budget;

use super::series::{Series, timestamp};
use super::wall::{self, DAY};
use super::{Bounds, Rdate, RecurrenceSet};
use crate::limits::Limits;
use crate::time::{DateOrTime, Zone};

/// No zone is further than 26 hours from UTC (`Zone::fixed` allows nearly that), so a reading without a zone is an
/// instant of its reading in UTC, give or take this.
const ANYWHERE: i64 = 26 * 3600;

/// What `RANGE=THISANDFUTURE` can add to a constant shift: changes of clocks in two zones.
const CLOCKS: i64 = 2 * DAY;

impl RecurrenceSet {
    /// From when to when the set can have occurrences, whoever owns it: nothing starts before `first_start` or ends
    /// after `last_end`. Bounds may be wider than what occurs, never narrower.
    ///
    /// Values in a zone count as their instants. Dates and floating times count as their reading in UTC, 26 hours
    /// earlier for the first start and 26 hours later for the last end. Overrides, RDATEs and periods count; EXDATEs do
    /// not. `last_end` is `None` for a rule without COUNT and UNTIL, and for one with COUNT before
    /// [`RecurrenceSet::resolve`]. Where nothing can occur at all, `first_start` is the latest and `last_end` the
    /// earliest [`Timestamp`](crate::time::Timestamp).
    pub fn bounds(&self) -> Bounds {
        let utc = Zone::utc();
        let limits = Limits::default();
        let series = Series::new(self, &utc, &limits);
        let mut edges = Edges { first: i64::MAX, last: Some(i64::MIN) };
        if self.has_master {
            self.add_master(&series, &mut edges);
        }
        // A shifted series ends later by the shift of its last segment; the largest of them covers all.
        let (mut shift, mut longest) = (0, 0);
        for it in &self.overrides {
            let start = instant(&it.start, &utc);
            let end = start.saturating_add(it.span.longest());
            let slack = slack(&it.start);
            edges.add(start - slack, end.saturating_add(slack));
            if it.following {
                let difference = start.saturating_sub(instant(&it.recurrence_id, &utc)).saturating_add(CLOCKS + slack);
                shift = shift.max(difference);
                longest = longest.max(it.span.longest());
                edges.first = edges.first.saturating_sub(CLOCKS);
            }
        }
        if self.has_master && longest.max(shift) > 0 {
            edges.last = edges.last.map(|last| last.saturating_add(shift).saturating_add(longest));
        }
        Bounds { first_start: timestamp(edges.first), last_end: edges.last.map(timestamp) }
    }

    fn add_master(&self, series: &Series, edges: &mut Edges) {
        let (span, slack) = (self.span.longest(), slack(&self.start));
        let start = instant(&self.start, series.zone);
        edges.add(start - slack, start.saturating_add(span).saturating_add(slack));
        for rdate in &self.rdates {
            let (value, span) = match rdate {
                Rdate::At(value) => (value, span),
                Rdate::Period { start, span } => (start, span.longest()),
            };
            let start = series.named(value).instant;
            edges.add(start - slack, start.saturating_add(span).saturating_add(slack));
        }
        for (index, rule) in self.rules.iter().enumerate() {
            let endless = rule.count().is_none() && rule.until().is_none();
            let unresolved = rule.count().is_some() && self.last_starts.get(index).is_none_or(Option::is_none);
            // Nothing is counted out here: an end that is not known yet is no end.
            let end =
                self.rule_end(index, rule, series.zone, &mut Budget::new(0)).ok().filter(|_| !endless && !unresolved);
            edges.last = end.and_then(|end| {
                let last = series.zone.resolve(wall::date_time(end.wall)).as_second().min(end.instant);
                let last = last.saturating_add(span).saturating_add(slack);
                edges.last.map(|known| known.max(last))
            });
        }
    }
}

/// In seconds since the epoch; `last` is `None` for a set without end.
struct Edges {
    first: i64,
    last: Option<i64>,
}

impl Edges {
    fn add(&mut self, start: i64, end: i64) {
        self.first = self.first.min(start);
        self.last = self.last.map(|last| last.max(end));
    }
}

fn instant(value: &DateOrTime, zone: &Zone) -> i64 {
    value.instant(zone).as_second()
}

fn slack(value: &DateOrTime) -> i64 {
    if matches!(value, DateOrTime::Zoned { .. }) { 0 } else { ANYWHERE }
}
