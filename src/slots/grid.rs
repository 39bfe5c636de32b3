use jiff::{SignedDuration, Timestamp};

use super::search::minutes;
use super::{Align, Query};
use crate::time::{Period, PeriodSet};

/// Reads the candidate starts out of a set of possible starts.
pub(super) enum Grid {
    /// Multiples of so many seconds of the local day, with the zone's offsets laid out: one addition per candidate.
    Clock { step: i64, offsets: Vec<Offset> },
    /// From the beginning of each run of starts.
    Free { step: SignedDuration },
}

/// From `from` up to the next one, in seconds of UTC, local clocks are `seconds` ahead.
pub(super) struct Offset {
    from: i64,
    seconds: i64,
}

/// A start, and the run of possible starts in which it lies.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) start: Timestamp,
    pub(super) run: Period,
}

impl Grid {
    pub(super) fn new(query: &Query, hull: Option<Period>) -> Self {
        let step = query.step_minutes.get();
        match query.align {
            Align::Free => Self::Free { step: minutes(step) },
            Align::Clock => Self::Clock { step: i64::from(step) * 60, offsets: offsets(query, hull) },
        }
    }

    /// The candidates in `starts`, in order.
    pub(super) fn candidates<'a>(&'a self, starts: &'a PeriodSet) -> impl Iterator<Item = Candidate> + 'a {
        starts.iter().flat_map(move |run| {
            let mut next = self.first(run);
            std::iter::from_fn(move || {
                let start = next?;
                next = self.after(start, run);
                Some(Candidate { start, run })
            })
        })
    }

    fn first(&self, run: Period) -> Option<Timestamp> {
        match self {
            Self::Free { .. } => Some(run.start()),
            Self::Clock { step, offsets } => from_second(next_on_clock(*step, offsets, whole_second(run.start())), run),
        }
    }

    fn after(&self, start: Timestamp, run: Period) -> Option<Timestamp> {
        match self {
            Self::Free { step } => start.checked_add(*step).ok().filter(|next| *next < run.end()),
            Self::Clock { step, offsets } => from_second(next_on_clock(*step, offsets, start.as_second() + 1), run),
        }
    }
}

/// The first second at or after `earliest` whose local time of day is a multiple of `step`.
fn next_on_clock(step: i64, offsets: &[Offset], earliest: i64) -> Option<i64> {
    let mut at = offsets.partition_point(|offset| offset.from <= earliest).checked_sub(1)?;
    let mut earliest = earliest;
    loop {
        let offset = offsets[at].seconds;
        let found = align(earliest + offset, step) - offset;
        at += 1;
        match offsets.get(at) {
            // The clocks change before: the wait goes on by the new ones.
            Some(next) if found >= next.from => earliest = next.from,
            _ => return Some(found),
        }
    }
}

/// The first multiple of `step` within its day, or the next midnight, at or after a local second.
fn align(local: i64, step: i64) -> i64 {
    let midnight = local - local.rem_euclid(DAY);
    let past = local - midnight;
    let aligned = (past + step - 1) / step * step;
    midnight + aligned.min(DAY)
}

fn offsets(query: &Query, hull: Option<Period>) -> Vec<Offset> {
    let Some(hull) = hull else { return Vec::new() };
    let first = Offset { from: i64::MIN, seconds: i64::from(query.zone.offset_seconds(hull.start())) };
    let changes = query.zone.transitions(hull.start()).take_while(|change| change.at <= hull.end());
    std::iter::once(first)
        .chain(changes.map(|change| Offset { from: change.at.as_second(), seconds: i64::from(change.offset_seconds) }))
        .collect()
}

/// The first whole second at or after an instant.
fn whole_second(instant: Timestamp) -> i64 {
    instant.as_second() + i64::from(instant.subsec_nanosecond() > 0)
}

fn from_second(second: Option<i64>, run: Period) -> Option<Timestamp> {
    Timestamp::from_second(second?).ok().filter(|start| *start < run.end())
}

const DAY: i64 = 86_400;
