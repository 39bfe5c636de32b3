use std::ops::Range;

use super::series::{Original, Series, near};
use super::wall::{self, DAY};
use super::{Override, Span};
use crate::time::{DateOrTime, Period, Timestamp, Zone};

/// A stretch of a series, from one original on, whose occurrences are described by one component: the master, or an
/// override with `RANGE=THISANDFUTURE`.
pub(super) struct Segment<'a> {
    /// The first instant of the originals, in seconds since the epoch, and the first after them.
    pub(super) from: i64,
    pub(super) to: i64,
    /// What to add to the reading of an original.
    pub(super) shift: i64,
    pub(super) span: Span,
    /// The zone in which the shifted reading is read.
    pub(super) zone: &'a Zone,
    /// How its starts are written.
    pub(super) pattern: &'a DateOrTime,
    pub(super) component: usize,
}

/// What the overrides of a set make of it.
pub(super) struct Overrides<'a> {
    /// In order of their originals.
    pub(super) segments: Vec<Segment<'a>>,
    /// Every override's own occurrence, in order of their originals, none named twice.
    pub(super) single: Vec<Single<'a>>,
}

/// The occurrence that a component with a RECURRENCE-ID describes itself.
pub(super) struct Single<'a> {
    pub(super) original: Original,
    pub(super) component: usize,
    pub(super) it: &'a Override,
}

impl<'a> Overrides<'a> {
    /// The overrides that can matter to a window: those that start near it or replace something near it; all, where a
    /// series is moved from one of them on.
    pub(super) fn near(series: &Series<'a>, window: Period) -> Self {
        let set = series.set;
        if set.overrides.iter().any(|it| it.following) {
            return Self::of(series, |_| true);
        }
        let reach = |span: Span| {
            let from = earlier(window.start(), span.longest()).as_second();
            near(&(from..window.end().as_second()))
        };
        // An RDATE may be as long as it likes, so with one of those all names count.
        let named = if set.rdates.is_empty() { reach(set.span) } else { i64::MIN..i64::MAX };
        Self::of(series, |it| {
            named.contains(&wall::reading(&it.recurrence_id)) || reach(it.span).contains(&wall::reading(&it.start))
        })
    }

    /// The overrides that `matter`.
    pub(super) fn of(series: &Series<'a>, matter: impl Fn(&Override) -> bool) -> Self {
        let set = series.set;
        let mut single: Vec<Single> = set
            .overrides
            .iter()
            .enumerate()
            .filter(|(_, it)| matter(it))
            .map(|(index, it)| Single { original: series.named(&it.recurrence_id), component: index + 1, it })
            .collect();
        // The later entry counts, so it comes first before the others of its instant are dropped.
        single.sort_by_key(|single| (single.original.instant, std::cmp::Reverse(single.component)));
        let mut segments = vec![Segment {
            from: i64::MIN,
            to: i64::MAX,
            shift: 0,
            span: set.span,
            zone: series.zone,
            pattern: &set.start,
            component: 0,
        }];
        for single in single.iter().filter(|single| single.it.following) {
            let from = single.original.instant;
            if let Some(before) = segments.last_mut() {
                before.to = from;
            }
            segments.push(following(series, single));
        }
        single.dedup_by_key(|single| single.original.instant);
        Self { segments, single }
    }

    /// Whether an override describes this original itself.
    pub(super) fn single(&self, instant: i64) -> Option<&Single<'a>> {
        let found = self.single.binary_search_by_key(&instant, |single| single.original.instant).ok()?;
        self.single.get(found)
    }

    /// The segment that an original lies in.
    pub(super) fn segment(&self, instant: i64) -> Option<&Segment<'a>> {
        let after = self.segments.partition_point(|segment| segment.from <= instant);
        self.segments.get(after.checked_sub(1)?)
    }
}

/// All later occurrences move by the same difference of readings, in the zone of the new start, so that a series moved
/// to 10:00 in New York stays there; but one moved by an override written in UTC stays in its own zone.
fn following<'a>(series: &Series<'a>, single: &Single<'a>) -> Segment<'a> {
    let start = &single.it.start;
    let written_in_utc = matches!(start, DateOrTime::Zoned { zone, .. } if *zone == Zone::utc());
    let keeps_zone = !(written_in_utc && matches!(series.set.start, DateOrTime::Zoned { .. }));
    let (reading, zone, pattern) = if keeps_zone {
        (wall::reading(start), start.zone(series.owner), start)
    } else {
        (wall::seconds(series.zone.local(start.instant(series.owner))), series.zone, &series.set.start)
    };
    Segment {
        from: single.original.instant,
        to: i64::MAX,
        shift: reading - single.original.wall,
        span: single.it.span,
        zone,
        pattern,
        component: single.component,
    }
}

impl Segment<'_> {
    /// The part of a range of readings in which originals of this segment can be.
    pub(super) fn clip(&self, range: Range<i64>) -> Range<i64> {
        let own = near(&(self.from..self.to));
        range.start.max(own.start)..range.end.min(own.end)
    }

    /// The reading at which an original starts in this segment.
    pub(super) fn start(&self, original: &Original) -> i64 {
        let reading = original.wall.saturating_add(self.shift);
        if self.pattern.is_date() { reading - reading.rem_euclid(DAY) } else { reading }
    }
}

impl Span {
    /// The most seconds that it can take, whatever clocks do.
    pub(super) fn longest(self) -> i64 {
        let (days, wall) = (self.days.max(0), self.wall.max(0));
        let slack = if days > 0 || wall > 0 { 2 * DAY } else { 0 };
        days.saturating_mul(DAY).saturating_add(wall).saturating_add(self.seconds.max(0)).saturating_add(slack)
    }
}

/// The instant so many seconds earlier, within the range of [`Timestamp`].
pub(super) fn earlier(instant: Timestamp, seconds: i64) -> Timestamp {
    super::series::timestamp(instant.as_second().saturating_sub(seconds))
}
