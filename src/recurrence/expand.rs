use super::generate::Budget;
use super::instants::{Instants, readings};
use super::overrides::{Overrides, Segment, Single, earlier};
use super::series::{Original, Series, near, timestamp};
use super::wall;
use super::{ExpandError, Occurrence, RecurrenceSet, Span, Work};
use crate::limits::Limits;
use crate::time::{DateOrTime, Period, Timestamp, Zone};

/// An occurrence without anything that has to be written down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance {
    original: Original,
    /// The reading of the start, where it is not as the override has it.
    start: i64,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    /// As [`Occurrence::component`].
    pub(crate) component: usize,
}

impl RecurrenceSet {
    /// Every occurrence that shares time with the window, sorted by start and none twice; one that takes no time is
    /// there if it starts in the window. `owner` is the zone of dates and floating times. The cost depends on the
    /// window, not on the age of the series.
    ///
    /// # Errors
    /// A bound of `limits` that is reached: then nothing is known about the window.
    pub fn expand(&self, owner: &Zone, window: Period, limits: &Limits) -> Result<Vec<Occurrence>, ExpandError> {
        self.expand_within(owner, window, &mut Work::of_window(limits))
    }

    /// As [`RecurrenceSet::expand`], with the steps that are left to many sets together.
    ///
    /// # Errors
    /// As [`RecurrenceSet::expand`].
    pub fn expand_within(&self, owner: &Zone, window: Period, work: &mut Work) -> Result<Vec<Occurrence>, ExpandError> {
        let limits = work.limits().clone();
        let series = Series::new(self, owner, &limits);
        let overrides = Overrides::near(&series, window);
        let instances = work.spend(|budget| instances(&series, &overrides, window, budget))?;
        Ok(instances.iter().map(|instance| occurrence(&series, &overrides, instance)).collect())
    }

    /// The occurrence that a RECURRENCE-ID names, as it is after overrides; `None` where the set has none there. The
    /// identifier is matched by instant, in whatever zone it is written; a date in a timed series names its day at the
    /// time of DTSTART.
    ///
    /// # Errors
    /// As [`RecurrenceSet::expand`].
    pub fn occurrence_at(
        &self,
        owner: &Zone,
        recurrence_id: &DateOrTime,
        limits: &Limits,
    ) -> Result<Option<Occurrence>, ExpandError> {
        let series = Series::new(self, owner, limits);
        let overrides = Overrides::of(&series, |_| true);
        let named = series.named(recurrence_id);
        let mut budget = series.budget();
        if let Some(single) = overrides.single(named.instant) {
            let excepted = series.excepts(&single.original, &mut budget)?;
            return Ok((!excepted).then(|| occurrence(&series, &overrides, &own_instance(owner, single))));
        }
        let instant = timestamp(named.instant);
        let originals = series.originals(readings(series.zone, instant, instant), &mut budget)?;
        let found = originals.into_iter().find(|original| original.instant == named.instant);
        Ok(found.and_then(|original| {
            let segment = overrides.segment(original.instant)?;
            let instance = moved(segment, original, &mut Instants::new(segment.zone));
            Some(occurrence(&series, &overrides, &instance))
        }))
    }

    /// As [`RecurrenceSet::expand_within`], without the values as written.
    ///
    /// # Errors
    /// As [`RecurrenceSet::expand`].
    pub(crate) fn instances(
        &self,
        owner: &Zone,
        window: Period,
        work: &mut Work,
    ) -> Result<Vec<Instance>, ExpandError> {
        let limits = work.limits().clone();
        let series = Series::new(self, owner, &limits);
        let overrides = Overrides::near(&series, window);
        work.spend(|budget| instances(&series, &overrides, window, budget))
    }
}

fn instances(
    series: &Series,
    overrides: &Overrides,
    window: Period,
    budget: &mut Budget,
) -> Result<Vec<Instance>, ExpandError> {
    let mut found = Vec::new();
    for segment in &overrides.segments {
        add_segment(series, overrides, segment, window, budget, &mut found)?;
    }
    for single in &overrides.single {
        let from = earlier(window.start(), single.it.span.longest()).as_second();
        if near(&(from..window.end().as_second())).contains(&wall::reading(&single.it.start)) {
            let instance = own_instance(series.owner, single);
            if instance.shows_in(window) && !series.excepts(&single.original, budget)? {
                found.push(instance);
            }
        }
    }
    let limit = series.limits.occurrences_per_window;
    if found.len() > limit {
        return Err(ExpandError::TooManyOccurrences { limit });
    }
    let order = |instance: &Instance| (instance.starts_at, instance.original.instant);
    if !found.is_sorted_by_key(order) {
        found.sort_by_key(order);
    }
    Ok(found)
}

fn add_segment(
    series: &Series,
    overrides: &Overrides,
    segment: &Segment,
    window: Period,
    budget: &mut Budget,
    found: &mut Vec<Instance>,
) -> Result<(), ExpandError> {
    let shown = readings(segment.zone, earlier(window.start(), segment.span.longest()), window.end());
    let mut range = shown.start.saturating_sub(segment.shift)..shown.end.saturating_sub(segment.shift);
    if segment.pattern.is_date() {
        // The start is put back to midnight.
        range.end = range.end.saturating_add(wall::DAY);
    }
    let mut instants = Instants::new(segment.zone);
    for original in series.originals(segment.clip(range), budget)? {
        let here = segment.from <= original.instant && original.instant < segment.to;
        if here && overrides.single(original.instant).is_none() {
            found.extend(Some(moved(segment, original, &mut instants)).filter(|instance| instance.shows_in(window)));
        }
    }
    Ok(())
}

/// An original as the component of its segment has it.
fn moved(segment: &Segment, original: Original, instants: &mut Instants) -> Instance {
    let start = segment.start(&original);
    // The master's own instant, which may be the second of two equal hours, where an RDATE names it.
    let starts_at = timestamp(if segment.component == 0 { original.instant } else { instants.at(start) });
    // RFC 5545 section 3.2.13 gives the length of the override to all that follow it.
    let span = original.span.filter(|_| segment.component == 0).unwrap_or(segment.span);
    let ends_at = match span {
        Span { days: ..=0, wall: ..=0, seconds } => timestamp(starts_at.as_second().saturating_add(seconds.max(0))),
        _ => span.end(wall::date_time(start), starts_at, segment.zone),
    };
    Instance { original, start, starts_at, ends_at, component: segment.component }
}

fn own_instance(owner: &Zone, single: &Single) -> Instance {
    let start = &single.it.start;
    let (local, zone) = (start.local(), start.zone(owner));
    let starts_at = zone.resolve(local);
    let ends_at = single.it.span.end(local, starts_at, zone);
    Instance { original: single.original, start: wall::seconds(local), starts_at, ends_at, component: single.component }
}

impl Instance {
    fn shows_in(&self, window: Period) -> bool {
        let inside = window.start() <= self.starts_at && self.starts_at < window.end();
        inside || self.starts_at < window.start() && window.start() < self.ends_at
    }
}

impl Series<'_> {
    fn budget(&self) -> Budget {
        Budget::new(self.limits.recurrence_work)
    }
}

fn occurrence(series: &Series, overrides: &Overrides, instance: &Instance) -> Occurrence {
    let recurrence_id = written(series, instance.original);
    let single = overrides.single(instance.original.instant).filter(|single| single.component == instance.component);
    let (start, span) = match (single, overrides.segment(instance.original.instant)) {
        (Some(single), _) => (single.it.start.clone(), single.it.span),
        (None, Some(segment)) => {
            let span = instance.original.span.filter(|_| segment.component == 0).unwrap_or(segment.span);
            match segment.component {
                0 => (recurrence_id.clone(), span),
                _ => (segment.pattern.with_local(wall::date_time(instance.start)), span),
            }
        }
        (None, None) => (recurrence_id.clone(), series.set.span),
    };
    let end = span.end_as_written(&start, instance.ends_at, start.zone(series.owner));
    Occurrence {
        recurrence_id,
        start,
        end,
        starts_at: instance.starts_at,
        ends_at: instance.ends_at,
        component: instance.component,
    }
}

/// An original, written like the start of the set; but the second of two equal hours, which only an RDATE or a
/// RECURRENCE-ID can name, in UTC.
fn written(series: &Series, original: Original) -> DateOrTime {
    let local = wall::date_time(original.wall);
    let (set, instant) = (series.set, timestamp(original.instant));
    let from_rules = set.rdates.is_empty() && set.overrides.is_empty();
    if !from_rules && matches!(set.start, DateOrTime::Zoned { .. }) && series.zone.resolve(local) != instant {
        return DateOrTime::utc(instant);
    }
    set.start.with_local(local)
}
