use jiff::SignedDuration;

use super::blockers::Obstacles;
use crate::slots::find::count_slots;
use crate::slots::search::{Search, minutes};
use crate::slots::{Change, Party, Query, Relaxation, Tentative};

/// Single changes that give more than `total` slots: per kind of change the smallest found, and the people whose absence
/// would help most. Each count is that of a search with the change; there are at most some 110 such searches, buffers being
/// no longer than a day.
pub(super) fn relaxations(search: &Search, obstacles: &Obstacles, total: usize) -> Vec<Relaxation> {
    let attempt = Attempt { search, query: search.query, total };
    let mut found = without_user(&attempt, obstacles);
    found.extend(shorter(&attempt));
    found.extend(wider_hours(&attempt));
    found.extend(later_end(&attempt));
    found.extend(smaller_buffer(&attempt));
    found.extend(tentative_as_free(&attempt));
    found
}

/// The question, and the number of slots that a change has to beat.
struct Attempt<'s> {
    search: &'s Search<'s>,
    query: &'s Query,
    total: usize,
}

impl Attempt<'_> {
    /// The change with its yield, if it helps.
    fn with(&self, change: Change) -> Option<Relaxation> {
        let total = count_slots(self.search, &self.query.with(change));
        (total > self.total).then_some(Relaxation { change, total })
    }

    /// The change of the smallest size from 1 to `most` that helps, if the largest does: sizes are doubled until one does,
    /// then halved in.
    fn smallest(&self, most: u32, change: impl Fn(u32) -> Option<Change>) -> Option<(u32, Relaxation)> {
        let helps = |size: u32| change(size).and_then(|change| self.with(change)).map(|found| (size, found));
        let largest = (most > 0).then(|| helps(most)).flatten()?;
        let (mut too_small, mut size) = (0, 1);
        let mut best = loop {
            match if size < most { helps(size) } else { Some(largest) } {
                Some(found) => break found,
                None => (too_small, size) = (size, size.saturating_mul(2)),
            }
        };
        while best.0 - too_small > 1 {
            let middle = too_small + (best.0 - too_small) / 2;
            match helps(middle) {
                Some(found) => best = found,
                None => too_small = middle,
            }
        }
        Some(best)
    }
}

/// Only somebody who alone rules out some start can make a difference by staying away.
fn without_user(attempt: &Attempt, obstacles: &Obstacles) -> Vec<Relaxation> {
    if attempt.search.required.len() < 2 {
        return Vec::new();
    }
    let grid = attempt.search.grid();
    let mut people: Vec<_> = obstacles
        .alone
        .iter()
        .filter_map(|(party, starts)| match party {
            Party::Person(id) => Some((*id, grid.candidates(starts).count())),
            Party::Group(_) => None,
        })
        .collect();
    people.sort_by_key(|(id, gain)| (std::cmp::Reverse(*gain), *id));
    let tried = people.iter().take(MOST_PEOPLE);
    let mut found: Vec<_> = tried.filter_map(|(id, _)| attempt.with(Change::WithoutUser(*id))).collect();
    found.sort_by_key(|relaxation| std::cmp::Reverse(relaxation.total));
    found
}

fn shorter(attempt: &Attempt) -> Option<Relaxation> {
    let asked = attempt.query.duration_minutes.get();
    let (less, exact) = attempt.smallest(asked - 1, |less| Some(Change::Shorter { minutes: asked - less }))?;
    let round = (asked - less) / ROUND * ROUND;
    let rounded = (round > 0).then(|| attempt.with(Change::Shorter { minutes: round })).flatten();
    Some(rounded.unwrap_or(exact))
}

fn wider_hours(attempt: &Attempt) -> Vec<Relaxation> {
    if attempt.query.people.values().all(|person| person.working.is_none()) {
        return Vec::new();
    }
    let earlier = |n: u32| Some(Change::WiderHours { earlier_minutes: n * HOURS_STEP, later_minutes: 0 });
    let later = |n: u32| Some(Change::WiderHours { earlier_minutes: 0, later_minutes: n * HOURS_STEP });
    let most = 24 * 60 / HOURS_STEP;
    let found = [attempt.smallest(most, earlier), attempt.smallest(most, later)];
    found.into_iter().flatten().map(|(_, relaxation)| relaxation).collect()
}

fn later_end(attempt: &Attempt) -> Option<Relaxation> {
    let end = attempt.search.hull()?.end();
    // The buffer after the last slot must be known too.
    let known_until = attempt.query.known_until?.checked_sub(minutes(attempt.query.buffer_after_minutes)).ok()?;
    let days = u32::try_from(known_until.duration_since(end).as_hours() / 24).unwrap_or(0).min(MOST_DAYS);
    let later = |days: u32| {
        let end = end.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok()?;
        Some(Change::LaterEnd { days, end })
    };
    attempt.smallest(days, later).map(|(_, relaxation)| relaxation)
}

fn smaller_buffer(attempt: &Attempt) -> Option<Relaxation> {
    let (before, after) = (attempt.query.buffer_before_minutes, attempt.query.buffer_after_minutes);
    let buffer = |before_minutes, after_minutes| Change::SmallerBuffer { before_minutes, after_minutes };
    let left = |less: u32| (before.saturating_sub(less), after.saturating_sub(less));
    let less_by = |less: u32| Some(buffer(left(less).0, left(less).1));
    let (less, exact) = attempt.smallest(before.max(after), less_by)?;
    let (before, after) = left(less);
    Some(attempt.with(buffer(before / ROUND * ROUND, after / ROUND * ROUND)).unwrap_or(exact))
}

fn tentative_as_free(attempt: &Attempt) -> Option<Relaxation> {
    let query = attempt.query;
    let counted = query.tentative == Tentative::Busy && query.people.values().any(|p| !p.tentative.is_empty());
    counted.then(|| attempt.with(Change::TentativeAsFree)).flatten()
}

/// People whose absence is tried: those who alone rule out most.
const MOST_PEOPLE: usize = 10;
/// Durations and buffers are offered in multiples of so many minutes, where that helps too.
const ROUND: u32 = 5;
/// Working hours are widened by multiples of so many minutes.
const HOURS_STEP: u32 = 15;
/// Days by which the end is moved at most.
const MOST_DAYS: u32 = 366;
