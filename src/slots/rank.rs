//! How good a slot is, in parts that each are one small function.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::grid::Candidate;
use super::search::{Search, distinct, slot_at};
use super::starts::Cursor;
use super::{Query, Score, ScoreParts, Tentative};
use crate::ids::UserId;
use crate::time::{Period, PeriodSet};

/// What the ranking of one search needs, walked along with its candidates.
pub(super) struct Ranking<'s> {
    hull: Option<Period>,
    duration: SignedDuration,
    required_days: Vec<Cursor<'s>>,
    optional: Vec<Guest<'s>>,
    groups: Vec<(usize, Vec<Guest<'s>>)>,
    /// The starts that stand though tentative events count as busy; `None` where all do.
    firm: Option<Cursor<'s>>,
}

/// Somebody who may come or not: the starts at which they can, and their working days.
struct Guest<'s> {
    starts: Cursor<'s>,
    days: Option<Cursor<'s>>,
}

impl<'s> Ranking<'s> {
    pub(super) fn new(search: &'s Search) -> Self {
        let query = search.query;
        let guests = |ids: &[UserId]| distinct(ids.iter().copied()).iter().map(|id| Guest::new(search, *id)).collect();
        Self {
            hull: search.hull(),
            duration: search.duration(),
            required_days: search.required_days().map(|days| Cursor::new(Cow::Borrowed(days))).collect(),
            optional: guests(&query.optional),
            groups: query.groups.iter().map(|group| (group.need, guests(&group.people))).collect(),
            firm: firm_starts(query).map(|starts| Cursor::new(Cow::Owned(starts))),
        }
    }

    /// The score of a candidate; candidates come in the order of time.
    pub(super) fn score(&mut self, Candidate { start, run }: Candidate) -> Score {
        let slot = slot_at(start, self.duration);
        let (came, worst_guest) = self.optional_guests(start, slot);
        let worst = self.worst_required(start, slot).min(worst_guest).min(self.worst_of_groups(start, slot));
        let last = run.end() - SignedDuration::from_nanos(1);
        Score::of(ScoreParts {
            optional: share(came, self.optional.len()),
            comfort: worst,
            tentative: firmness(self.firm.as_mut().is_none_or(|firm| firm.find(start).is_some())),
            stretches: usable(start.duration_since(run.start()), last.duration_since(start)),
            soon: self.hull.map_or(1.0, |hull| soonness(start, hull)),
        })
    }

    fn worst_required(&mut self, start: Timestamp, slot: Option<Period>) -> f64 {
        self.required_days.iter_mut().map(|days| comfort_on(days.find(start), slot)).fold(1.0, f64::min)
    }

    /// How many optional people come, and the comfort of the worst-off of them.
    fn optional_guests(&mut self, start: Timestamp, slot: Option<Period>) -> (usize, f64) {
        let comforts = self.optional.iter_mut().filter_map(|guest| guest.comfort(start, slot));
        comforts.fold((0, 1.0), |(came, worst), comfort| (came + 1, comfort.min(worst)))
    }

    /// A group sends those of its free people to whom the slot is most comfortable.
    fn worst_of_groups(&mut self, start: Timestamp, slot: Option<Period>) -> f64 {
        let worst = |(need, guests): &mut (usize, Vec<Guest>)| {
            let mut comforts: Vec<f64> = guests.iter_mut().filter_map(|guest| guest.comfort(start, slot)).collect();
            comforts.sort_unstable_by(|a, b| b.total_cmp(a));
            need.checked_sub(1).and_then(|last| comforts.get(last).copied()).unwrap_or(1.0)
        };
        self.groups.iter_mut().map(worst).fold(1.0, f64::min)
    }
}

impl<'s> Guest<'s> {
    fn new(search: &'s Search, id: UserId) -> Self {
        let starts = Cursor::new(Cow::Owned(search.own_starts(id)));
        Self { starts, days: search.working(id).map(|days| Cursor::new(Cow::Borrowed(days))) }
    }

    /// `None` when they do not come.
    fn comfort(&mut self, start: Timestamp, slot: Option<Period>) -> Option<f64> {
        self.starts.find(start)?;
        Some(self.days.as_mut().map_or(1.0, |days| comfort_on(days.find(start), slot)))
    }
}

impl Score {
    /// The mean of the parts, all of them rounded to four decimals so that equal slots stay equal.
    fn of(parts: ScoreParts) -> Self {
        let parts = ScoreParts {
            optional: rounded(parts.optional),
            comfort: rounded(parts.comfort),
            tentative: rounded(parts.tentative),
            stretches: rounded(parts.stretches),
            soon: rounded(parts.soon),
        };
        let sum = parts.optional + parts.comfort + parts.tentative + parts.stretches + parts.soon;
        Self { mean: rounded(sum / 5.0), parts }
    }
}

/// The share of the optional people who are free: 3 of 4 is 0.75; where nobody is optional it is 1.
fn share(free: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { free as f64 / of as f64 }
}

/// How comfortably the slot lies in somebody's working day: 0 at its very edge, rising to 1 at two hours from both edges.
/// For hours of 9 to 17, a meeting from 10 to 11 has 0.5. Those who work at any time are always comfortable.
fn comfort(slot: Period, day: Period) -> f64 {
    let margin = slot.start().duration_since(day.start()).min(day.end().duration_since(slot.end()));
    (margin.as_secs_f64() / COMFORTABLE.as_secs_f64()).clamp(0.0, 1.0)
}

/// 1 for a slot that stands though tentative events were to count as busy, 0 for one that hits such an event (or leaves a
/// group short of people without one). A meeting at the time of a "maybe" lunch has 0.
fn firmness(stands: bool) -> f64 {
    if stands { 1.0 } else { 0.0 }
}

/// Whether the slot leaves usable stretches of the common free time rather than splinters: the mean of both sides, where
/// nothing left over is 1, an hour or more is 1, and anything between as much of an hour as it is. In a free 9 to 12, a
/// meeting from 9 to 10 has 1, from 9:15 to 10:15 (0.25 + 1) / 2 = 0.625.
fn usable(before: SignedDuration, after: SignedDuration) -> f64 {
    let side = |left: SignedDuration| if left.is_zero() { 1.0 } else { (left.as_secs_f64() / 3600.0).min(1.0) };
    (side(before) + side(after)) / 2.0
}

/// How soon the slot is: 1 at the beginning of the first window, 0 at the end of the last, evenly in between. On the third
/// of ten days it is 0.8.
fn soonness(start: Timestamp, hull: Period) -> f64 {
    1.0 - start.duration_since(hull.start()).as_secs_f64() / hull.duration().as_secs_f64()
}

fn comfort_on(day: Option<Period>, slot: Option<Period>) -> f64 {
    day.zip(slot).map_or(0.0, |(day, slot)| comfort(slot, day))
}

fn firm_starts(query: &Query) -> Option<PeriodSet> {
    let firm = Query { tentative: Tentative::Busy, ..query.clone() };
    (query.tentative == Tentative::Free).then(|| Search::new(&firm).starts())
}

fn rounded(part: f64) -> f64 {
    (part * 10_000.0).round() / 10_000.0
}

/// The distance at which an edge of the working day stops to matter; at most what [`Search::working`] sees beyond windows.
const COMFORTABLE: SignedDuration = SignedDuration::from_hours(2);
