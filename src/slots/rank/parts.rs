//! The parts of a score, each one small function from 0 (worst) to 1 (best).

use jiff::{SignedDuration, Timestamp};

use crate::time::Period;

/// The share of the optional people who are free: 3 of 4 is 0.75; where nobody is optional it is 1.
pub(super) fn share(free: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { free as f64 / of as f64 }
}

/// How comfortably the slot lies in somebody's working day: 0 at its very edge, rising to 1 at two hours from both edges.
/// For hours of 9 to 17, a meeting from 10 to 11 has 0.5. Those who work at any time are always comfortable.
pub(super) fn comfort(slot: Period, day: Period) -> f64 {
    let margin = slot.start().duration_since(day.start()).min(day.end().duration_since(slot.end()));
    (margin.as_secs_f64() / COMFORTABLE.as_secs_f64()).clamp(0.0, 1.0)
}

/// 1 for a slot that stands though tentative events were to count as busy, 0 for one that hits such an event (or leaves a
/// group short of people without one). A meeting at the time of a "maybe" lunch has 0.
pub(super) fn firmness(stands: bool) -> f64 {
    if stands { 1.0 } else { 0.0 }
}

/// Whether the slot leaves usable stretches of the common free time rather than splinters: the mean of both sides, where
/// nothing left over is 1, an hour or more is 1, and anything between as much of an hour as it is. In a free 9 to 12, a
/// meeting from 9 to 10 has 1, from 9:15 to 10:15 (0.25 + 1) / 2 = 0.625.
pub(super) fn usable(before: SignedDuration, after: SignedDuration) -> f64 {
    let side = |left: SignedDuration| if left.is_zero() { 1.0 } else { (left.as_secs_f64() / 3600.0).min(1.0) };
    (side(before) + side(after)) / 2.0
}

/// How soon the slot is: 1 at the beginning of the first window, 0 at the end of the last, evenly in between. On the third
/// of ten days it is 0.8.
pub(super) fn soonness(start: Timestamp, hull: Period) -> f64 {
    1.0 - start.duration_since(hull.start()).as_secs_f64() / hull.duration().as_secs_f64()
}

/// The distance at which an edge of the working day stops to matter; at most what a search sees of working days beyond windows.
const COMFORTABLE: SignedDuration = SignedDuration::from_hours(2);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn share_of_optional_people() {
        assert_eq!(share(3, 4), 0.75);
        assert_eq!(share(0, 2), 0.0);
        assert_eq!(share(0, 0), 1.0);
    }

    #[test]
    fn comfort_grows_for_two_hours_from_both_edges() {
        let comfort = |start, end| comfort(hours(start, end), hours(9, 17));
        assert_eq!(comfort(9, 10), 0.0);
        assert_eq!(comfort(10, 11), 0.5);
        assert_eq!(comfort(11, 15), 1.0);
        assert_eq!(comfort(12, 13), 1.0);
        assert_eq!(comfort(15, 16), 0.5);
        assert_eq!(comfort(16, 17), 0.0);
    }

    #[test]
    fn a_slot_stands_or_hits() {
        assert_eq!((firmness(true), firmness(false)), (1.0, 0.0));
    }

    #[test]
    fn splinters_are_worth_as_much_of_an_hour_as_they_are() {
        let usable = |before, after| usable(SignedDuration::from_mins(before), SignedDuration::from_mins(after));
        assert_eq!(usable(0, 0), 1.0);
        assert_eq!(usable(0, 120), 1.0);
        assert_eq!(usable(15, 105), 0.625);
        assert_eq!(usable(30, 30), 0.5);
        assert_eq!(usable(60, 0), 1.0);
    }

    #[test]
    fn sooner_is_better() {
        assert_eq!(soonness(hours(0, 1).start(), hours(0, 240)), 1.0);
        assert!((soonness(hours(48, 49).start(), hours(0, 240)) - 0.8).abs() < 1e-9);
        assert_eq!(soonness(hours(240, 241).start(), hours(0, 240)), 0.0);
    }

    fn hours(start: i64, end: i64) -> Period {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        Period::new(at(start), at(end)).unwrap()
    }
}
