use poem_openapi::{Enum, Object};

use super::answer::WarningOut;
use super::{Zones, window};
use crate::http::problem::ApiError;
use crate::http::wire::instant_in;
use crate::ids::UserId;
use crate::scheduling::{FreeBusy, PersonTime};
use crate::time::{Period, PeriodSet, Zone};

/// A question about people's busy time.
#[derive(Object, Clone, Debug)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FreeBusyIn {
    /// Whose.
    #[oai(validator(min_items = 1, max_items = 500))]
    pub user_ids: Vec<i64>,
    /// Where the window begins (RFC 3339).
    #[oai(validator(min_length = 1, max_length = 64))]
    pub start: String,
    /// Where it ends, at most 366 days later.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub end: String,
    /// IANA name of the zone of the answer's offsets; by default UTC.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
}

/// When some people are busy.
#[derive(Object, Debug)]
#[oai(example)]
pub struct FreeBusyOut {
    /// Where the window begins.
    pub start: String,
    /// Where it ends.
    pub end: String,
    /// The people, in the order of their ids.
    pub users: Vec<PersonTimeOut>,
    /// What should be known of the answer.
    #[oai(default, skip_serializing_if_is_empty)]
    pub warnings: Vec<WarningOut>,
}

/// When one person is busy, and when they work.
#[derive(Object, Debug)]
#[oai(rename = "PersonTime")]
pub struct PersonTimeOut {
    /// Who.
    pub user_id: i64,
    /// Merged busy periods, in order.
    pub busy_periods: Vec<BusyPeriodOut>,
    /// Working periods, in order.
    pub working_periods: Vec<PeriodOut>,
}

/// A busy period.
#[derive(Object, Debug)]
#[oai(rename = "BusyPeriod")]
pub struct BusyPeriodOut {
    /// When it starts.
    pub start_time: String,
    /// When it ends.
    pub end_time: String,
    /// How firmly.
    #[oai(rename = "type")]
    pub kind: BusyTypeOut,
}

/// How firmly time is taken.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "BusyType", rename_all = "lowercase")]
pub enum BusyTypeOut {
    /// By an event.
    Busy,
    /// By a tentative event.
    Tentative,
}

/// A period.
#[derive(Object, Clone, Debug)]
#[oai(rename = "Period")]
pub struct PeriodOut {
    /// When it starts.
    pub start_time: String,
    /// When it ends.
    pub end_time: String,
}

impl FreeBusyIn {
    /// The window that it asks about.
    ///
    /// # Errors
    /// 400.
    pub fn window(&self, zones: &Zones) -> Result<Period, ApiError> {
        window(&self.start, &self.end, zones)
    }
}

impl FreeBusyOut {
    /// When people are busy in a window.
    pub fn of(found: &FreeBusy, window: Period, zone: &Zone) -> Self {
        let those = |is: fn(&PersonTime) -> bool| -> Vec<UserId> {
            found.people.iter().filter(|person| is(person)).map(|person| person.id).collect()
        };
        Self {
            start: instant_in(window.start(), zone),
            end: instant_in(window.end(), zone),
            users: found.people.iter().map(|person| PersonTimeOut::of(person, zone)).collect(),
            warnings: WarningOut::all(&those(|person| person.unknown), &those(|person| person.stale)),
        }
    }
}

impl PeriodOut {
    /// A period, in UTC.
    pub fn utc(period: Period) -> Self {
        let utc = Zone::utc();
        Self { start_time: instant_in(period.start(), &utc), end_time: instant_in(period.end(), &utc) }
    }
}

impl PersonTimeOut {
    fn of(person: &PersonTime, zone: &Zone) -> Self {
        let typed = |set: &PeriodSet, kind| set.iter().map(|period| (period, kind)).collect::<Vec<_>>();
        let mut busy = typed(&person.busy, BusyTypeOut::Busy);
        busy.extend(typed(&person.tentative, BusyTypeOut::Tentative));
        busy.sort_by_key(|(period, _)| *period);
        let working = person.working.iter().map(|period| PeriodOut {
            start_time: instant_in(period.start(), zone),
            end_time: instant_in(period.end(), zone),
        });
        Self {
            user_id: person.id.0,
            busy_periods: busy
                .into_iter()
                .map(|(period, kind)| BusyPeriodOut {
                    start_time: instant_in(period.start(), zone),
                    end_time: instant_in(period.end(), zone),
                    kind,
                })
                .collect(),
            working_periods: working.collect(),
        }
    }
}
