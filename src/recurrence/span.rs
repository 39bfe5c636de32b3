use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::time::{DateOrTime, Timestamp, Zone};

/// How long an occurrence lasts: first nominal days on the wall calendar, then exact seconds (RFC 5545 section 3.3.6).
///
/// An event with DTEND has the exact seconds between its start and its end, whatever clocks do in later occurrences
/// (RFC 5545 section 3.8.5.3); one with `VALUE=DATE` has days; `DURATION:P1DT2H` has both. Between two floating times
/// there is only what the wall clock shows, in whatever zone it hangs: from 23:00 to 07:00, be that seven hours or nine.
/// No part is negative: a negative one counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Nominal days: the end has the same wall-clock reading as the start.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: i64,
    /// Exact seconds, counted after the days.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: i64,
    /// Nominal seconds, counted with the days: from one floating time to another.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wall: i64,
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self { days: 0, seconds: 0, wall: 0 };

    /// Nominal days, as between two dates.
    pub fn days(days: i64) -> Self {
        Self { days, ..Self::ZERO }
    }

    /// Exact seconds, as between two instants.
    pub fn seconds(seconds: i64) -> Self {
        Self { seconds, ..Self::ZERO }
    }

    /// The instant at which something of this length ends that begins at the local time `local`, which is the instant
    /// `starts_at`, in `zone`. Never before `starts_at`; [`Timestamp::MAX`] where it would be later than that.
    pub fn end(self, local: DateTime, starts_at: Timestamp, zone: &Zone) -> Timestamp {
        let after_days = match (self.days, self.wall) {
            (..=0, ..=0) => starts_at,
            (days, wall) => local
                .checked_add(
                    jiff::Span::new().try_days(days.max(0)).unwrap_or_else(|_| jiff::Span::new().days(FOREVER)),
                )
                .and_then(|later| later.checked_add(SignedDuration::from_secs(wall.max(0))))
                .map_or(Timestamp::MAX, |later| zone.resolve(later)),
        };
        let seconds = SignedDuration::from_secs(self.seconds.max(0));
        after_days.checked_add(seconds).unwrap_or(Timestamp::MAX).max(starts_at)
    }

    /// The end as it is written: the same kind of value and zone as `start`, which is the instant `starts_at`.
    pub fn end_as_written(self, start: &DateOrTime, ends_at: Timestamp, zone: &Zone) -> DateOrTime {
        match start {
            // A date ends on a date; seconds that fill no day end within the next one.
            DateOrTime::Date(date) => {
                let seconds = self.seconds.max(0).saturating_add(self.wall.max(0));
                let whole = seconds / 86_400 + i64::from(seconds % 86_400 > 0);
                let days = self.days.max(0).saturating_add(whole);
                let end = jiff::Span::new().try_days(days).ok().and_then(|span| date.checked_add(span).ok());
                DateOrTime::Date(end.unwrap_or(jiff::civil::Date::MAX))
            }
            _ => start.with_local(zone.local(ends_at)),
        }
    }
}

/// More days than the calendar has.
const FOREVER: i64 = 7_304_484;

fn is_zero(number: &i64) -> bool {
    *number == 0
}
