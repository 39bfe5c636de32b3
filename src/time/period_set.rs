use std::ops::{BitAnd, BitOr, Sub};

use jiff::Timestamp;

use super::Period;

/// A set of instants as periods that are sorted, disjoint and do not touch. Free time reads as its sentence:
/// `&working_hours.within(window) - &busy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodSet(Vec<Period>);

impl PeriodSet {
    /// The set without any instant.
    pub const EMPTY: Self = Self(Vec::new());

    /// The periods in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Period> + DoubleEndedIterator + '_ {
        self.0.iter().copied()
    }

    /// The periods in order.
    pub fn as_slice(&self) -> &[Period] {
        &self.0
    }

    /// Whether there is no instant in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many separate periods there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether every instant of `period` is in the set. `O(log n)`.
    pub fn encloses(&self, period: Period) -> bool {
        self.first_ending_after(period).is_some_and(|found| found.encloses(period))
    }

    /// Whether any instant of `period` is in the set. `O(log n)`.
    pub fn overlaps(&self, period: Period) -> bool {
        self.first_ending_after(period).is_some_and(|found| found.overlaps(period))
    }

    /// The part of the set that lies in `window`. `O(log n + k)`.
    #[must_use]
    pub fn clipped(&self, window: Period) -> Self {
        let first = self.0.partition_point(|p| p.end() <= window.start());
        Self(self.0[first..].iter().map_while(|p| p.intersection(window)).collect())
    }

    fn first_ending_after(&self, period: Period) -> Option<Period> {
        let index = self.0.partition_point(|p| p.end() <= period.start());
        self.0.get(index).copied()
    }
}

impl From<Period> for PeriodSet {
    fn from(period: Period) -> Self {
        Self(vec![period])
    }
}

/// Any periods, in any order, overlapping or not: the set of their instants.
impl FromIterator<Period> for PeriodSet {
    fn from_iter<I: IntoIterator<Item = Period>>(periods: I) -> Self {
        let mut all: Vec<Period> = periods.into_iter().collect();
        if !all.is_sorted() {
            all.sort_unstable();
        }
        let mut merged: Vec<Period> = Vec::with_capacity(all.len());
        for period in all {
            push_merging(&mut merged, period);
        }
        Self(merged)
    }
}

/// Union.
impl BitOr for &PeriodSet {
    type Output = PeriodSet;

    fn bitor(self, other: &PeriodSet) -> PeriodSet {
        let (mut a, mut b) = (self.0.as_slice(), other.0.as_slice());
        let mut merged = Vec::with_capacity(a.len() + b.len());
        while let (Some(x), Some(y)) = (a.first(), b.first()) {
            if x <= y {
                push_merging(&mut merged, *x);
                a = &a[1..];
            } else {
                push_merging(&mut merged, *y);
                b = &b[1..];
            }
        }
        for rest in a.iter().chain(b) {
            push_merging(&mut merged, *rest);
        }
        PeriodSet(merged)
    }
}

/// Intersection.
impl BitAnd for &PeriodSet {
    type Output = PeriodSet;

    fn bitand(self, other: &PeriodSet) -> PeriodSet {
        let (mut a, mut b) = (self.0.as_slice(), other.0.as_slice());
        let mut common = Vec::new();
        while let (Some(x), Some(y)) = (a.first(), b.first()) {
            if x.end() <= y.start() {
                a = ending_after(a, y.start());
            } else if y.end() <= x.start() {
                b = ending_after(b, x.start());
            } else {
                common.extend(x.intersection(*y));
                if x.end() <= y.end() { a = &a[1..] } else { b = &b[1..] }
            }
        }
        PeriodSet(common)
    }
}

/// Difference: the instants of the first that are not in the second.
impl Sub for &PeriodSet {
    type Output = PeriodSet;

    fn sub(self, other: &PeriodSet) -> PeriodSet {
        let mut left = Vec::with_capacity(self.0.len());
        let mut cuts = other.0.as_slice();
        for period in self.iter() {
            let mut start = period.start();
            cuts = ending_after(cuts, start);
            for cut in cuts.iter().take_while(|cut| cut.start() < period.end()) {
                left.extend(Period::new(start, cut.start()));
                start = cut.end();
            }
            left.extend(Period::new(start, period.end()));
        }
        PeriodSet(left)
    }
}

/// The periods from the first that ends after `instant`, found by doubling steps: cheap where it is near, and logarithmic
/// where a small set meets a long one.
fn ending_after(periods: &[Period], instant: Timestamp) -> &[Period] {
    let mut reach = 1;
    while periods.get(reach - 1).is_some_and(|p| p.end() <= instant) {
        reach *= 2;
    }
    let (passed, ahead) = (reach / 2, reach.min(periods.len()));
    let found = passed + periods[passed..ahead].partition_point(|p| p.end() <= instant);
    &periods[found..]
}

fn push_merging(merged: &mut Vec<Period>, period: Period) {
    match merged.last_mut() {
        Some(last) if period.start() <= last.end() => {
            if let Ok(longer) = Period::new(last.start(), last.end().max(period.end())) {
                *last = longer;
            }
        }
        _ => merged.push(period),
    }
}
