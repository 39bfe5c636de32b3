//! How good a slot is: the mean of its parts.

mod parts;

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use parts::{comfort, firmness, share, soonness, usable};

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
            firm: firm_starts(search).map(|starts| Cursor::new(Cow::Owned(starts))),
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

fn comfort_on(day: Option<Period>, slot: Option<Period>) -> f64 {
    day.zip(slot).map_or(0.0, |(day, slot)| comfort(slot, day))
}

fn firm_starts(search: &Search) -> Option<PeriodSet> {
    if search.query.tentative == Tentative::Busy {
        return None;
    }
    let firm = Query { tentative: Tentative::Busy, ..search.query.clone() };
    Some(search.again(&firm).starts())
}

fn rounded(part: f64) -> f64 {
    (part * 10_000.0).round() / 10_000.0
}
