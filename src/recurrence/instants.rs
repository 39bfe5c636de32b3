use std::ops::Range;

use super::wall;
use crate::time::{SignedDuration, Timestamp, Zone};

/// From wall readings to instants (RFC 5545 section 3.3.5, see [`Zone::resolve`]), quickly for readings that come in
/// order: the zone is asked once for each stretch of one offset.
pub(super) struct Instants<'a> {
    zone: &'a Zone,
    /// The readings, in [wall] seconds, that are `offset` seconds ahead of UTC.
    known: Range<i64>,
    offset: i64,
}

impl<'a> Instants<'a> {
    pub(super) fn new(zone: &'a Zone) -> Self {
        Self { zone, known: 0..0, offset: 0 }
    }

    /// Seconds since the epoch of a reading.
    pub(super) fn at(&mut self, reading: i64) -> i64 {
        if self.known.contains(&reading) {
            return reading - self.offset;
        }
        let instant = self.zone.resolve(wall::date_time(reading));
        let second = instant.as_second();
        self.offset = reading - second;
        self.known = reading..reading + 1;
        // A reading within a gap has the offset before it, which does not hold for the readings after the gap.
        if i64::from(self.zone.offset_seconds(instant)) == self.offset {
            self.known.end = self.zone.transitions(instant).next().map_or(wall::END_OF_TIME - wall::DAY * 3, |next| {
                // Up to the end of the gap, or to the end of the first of two equal hours, the old offset holds.
                next.at.as_second() + self.offset.max(i64::from(next.offset_seconds))
            });
        }
        second
    }
}

/// All wall readings that may be an instant of `[from, to)` in the zone; a few others are among them.
pub(super) fn readings(zone: &Zone, from: Timestamp, to: Timestamp) -> Range<i64> {
    // No clock is put forward or back by more than a day (Apia, Kwajalein), so the offset of 25 hours before is the
    // other one that can count.
    let earlier = |instant: Timestamp| instant.checked_sub(SignedDuration::from_hours(25)).unwrap_or(instant);
    let offset = |instant| i64::from(zone.offset_seconds(instant));
    let low = from.as_second() + offset(from).min(offset(earlier(from)));
    let high = to.as_second() + 1 + offset(to).max(offset(earlier(to)));
    low..high
}
