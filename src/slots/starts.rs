//! Sets of possible starts. A stretch `[a, b)` has room for a meeting of length `d` at every start from `a` to `b - d`, both
//! included; as a half-open period that is `[a, b - d + 1 ns)`, the nanosecond being the grain of a `Timestamp`.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::time::{Period, PeriodSet};

/// The starts at which a meeting of that length fits into one of the stretches.
pub(super) fn starts_in(stretches: &PeriodSet, duration: SignedDuration) -> PeriodSet {
    stretches.iter().filter_map(|stretch| room(stretch, duration)).collect()
}

/// The instants that at least `need` (one or more) of the sets have.
pub(super) fn at_least(need: usize, sets: &[PeriodSet]) -> PeriodSet {
    if need > sets.len() {
        return PeriodSet::EMPTY;
    }
    let mut edges: Vec<(Timestamp, bool)> =
        sets.iter().flat_map(PeriodSet::iter).flat_map(|p| [(p.start(), true), (p.end(), false)]).collect();
    // Where one set ends and another begins, the end comes first: touching periods are then two, which collecting joins.
    edges.sort_unstable();
    let mut depth = 0;
    let mut since = None;
    let mut enough = Vec::new();
    for (at, begins) in edges {
        if begins {
            depth += 1;
            if depth == need {
                since = Some(at);
            }
        } else {
            if depth == need {
                enough.extend(since.take().and_then(|start| Period::new(start, at).ok()));
            }
            depth -= 1;
        }
    }
    enough.into_iter().collect()
}

fn room(stretch: Period, duration: SignedDuration) -> Option<Period> {
    if stretch.duration() < duration {
        return None;
    }
    let last = stretch.end().checked_sub(duration).ok()?;
    Period::new(stretch.start(), last.checked_add(SignedDuration::from_nanos(1)).ok()?).ok()
}

/// A walk through a set by instants that never go back.
pub(super) struct Cursor<'a> {
    set: Cow<'a, PeriodSet>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(set: Cow<'a, PeriodSet>) -> Self {
        Self { set, at: 0 }
    }

    /// The period of the set that holds `instant`.
    pub(super) fn find(&mut self, instant: Timestamp) -> Option<Period> {
        let periods = self.set.as_slice();
        while periods.get(self.at).is_some_and(|p| p.end() <= instant) {
            self.at += 1;
        }
        periods.get(self.at).copied().filter(|p| p.start() <= instant)
    }
}
