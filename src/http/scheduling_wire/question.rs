use std::num::NonZeroU32;

use poem_openapi::{Enum, Object};

use super::Zones;
use crate::fields::FieldErrors;
use crate::freebusy::AllDay;
use crate::http::problem::ApiError;
use crate::http::wire::{DayOut, NotTime, parse_instant, parse_time};
use crate::ids::{EventId, UserId};
use crate::scheduling::{HoursOverride, Search};
use crate::slots::{Align, Group, Order, Tentative};
use crate::time::{Period, SignedDuration, Timestamp, Zone};

/// A question about common free time.
#[derive(Object, Clone, Debug)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FindSlotsIn {
    /// Who must be free. Somebody who is named twice counts once.
    #[oai(validator(min_items = 1, max_items = 500))]
    pub user_ids: Vec<i64>,
    /// Length of the meeting, in minutes.
    #[oai(validator(minimum(value = "1"), maximum(value = "1440")))]
    pub duration_minutes: u32,
    /// Who should be free.
    #[oai(default, validator(max_items = 500))]
    pub optional_user_ids: Vec<i64>,
    /// "Two of these three": of each group at least so many must be free.
    #[oai(default, validator(max_items = 500))]
    pub groups: Vec<GroupIn>,
    /// Where the window begins (RFC 3339); by default now.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub start: Option<String>,
    /// Where the window ends, at most 366 days later; by default seven days later. A slot lies wholly inside.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub end: Option<String>,
    /// Several windows in place of `start` and `end`.
    #[oai(validator(min_items = 1, max_items = 50))]
    pub windows: Option<Vec<WindowIn>>,
    /// Distance of candidate starts, in minutes.
    #[oai(default = "thirty", validator(minimum(value = "1"), maximum(value = "1440")))]
    pub step_minutes: u32,
    /// `clock`: starts at wall-clock times of `timezone` whose minutes since local midnight are a multiple of the step.
    /// `free`: from the beginning of each stretch of common free time.
    #[oai(default)]
    pub align: AlignIn,
    /// IANA name of the zone of the grid and of the answer's offsets; by default UTC. Local times in the request are in it,
    /// or else in the profile's zone.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
    /// Whether everyone's own working hours, days and zone count.
    #[oai(default = "yes")]
    pub respect_working_hours: bool,
    /// Hours that replace everyone's own.
    pub working_hours: Option<HoursIn>,
    /// By how much everyone's working hours are made longer.
    pub wider_hours: Option<WiderHoursIn>,
    /// Minutes before the meeting that are kept free of events too; working hours need not cover them.
    #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
    pub buffer_before_minutes: u32,
    /// Minutes after the meeting that are kept free of events too; working hours need not cover them.
    #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
    pub buffer_after_minutes: u32,
    /// What tentative events count as.
    #[oai(default)]
    pub tentative: TentativeIn,
    /// All-day events block by their own transparency; or all of them do, or none.
    #[oai(default)]
    pub all_day: AllDayIn,
    /// The caller's own events to look through, as when a meeting is to be moved. Of a meeting that the caller organizes,
    /// everybody's copy is looked through.
    #[oai(default, validator(max_items = 1000))]
    pub exclude_event_ids: Vec<i64>,
    /// `time`: earliest first. `score`: best first, then earliest.
    #[oai(default)]
    pub order: OrderIn,
    /// Most slots in the answer; the total is still counted.
    #[oai(default = "thousand", validator(minimum(value = "1"), maximum(value = "10000")))]
    pub limit: u32,
    /// Say what stands in the way. Where nothing is found that is said anyway.
    #[oai(default)]
    pub explain: bool,
}

/// Some people of whom enough must be free.
#[derive(Object, Clone, Debug)]
pub struct GroupIn {
    /// The people.
    #[oai(validator(min_items = 1, max_items = 500))]
    pub user_ids: Vec<i64>,
    /// How many of them must be free.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub need: u32,
}

/// A stretch of time.
#[derive(Object, Clone, Debug)]
pub struct WindowIn {
    /// Where it begins (RFC 3339).
    #[oai(validator(min_length = 1, max_length = 64))]
    pub start: String,
    /// Where it ends.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub end: String,
}

/// Hours that replace everyone's own.
#[derive(Object, Clone, Debug)]
#[oai(skip_serializing_if_is_none)]
pub struct HoursIn {
    /// `HH:MM` or `HH:MM:SS`.
    #[oai(validator(min_length = 1, max_length = 8))]
    pub start: String,
    /// `HH:MM` or `HH:MM:SS`; at or before the start: on the next day.
    #[oai(validator(min_length = 1, max_length = 8))]
    pub end: String,
    /// The days on which work starts; by default everyone's own.
    #[oai(validator(max_items = 7))]
    pub days: Option<Vec<DayOut>>,
    /// IANA name of the zone of the hours; by default everyone's own.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
}

/// By how much hours are made longer.
#[derive(Object, Clone, Debug)]
pub struct WiderHoursIn {
    /// How much earlier they start, in minutes.
    #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
    pub earlier_minutes: u32,
    /// How much later they end, in minutes.
    #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
    pub later_minutes: u32,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident($wire:literal) => $target:ident {
        $($(#[$variant_doc:meta])* $variant:ident => $to:ident,)*
    }) => {
        $(#[$doc])*
        #[derive(Enum, Clone, Copy, Debug, Default)]
        #[oai(rename = $wire, rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl From<$name> for $target {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$to,)* }
            }
        }
    };
}

choice! {
    /// Where candidate starts lie.
    AlignIn("Align") => Align {
        /// On the wall clock.
        #[default]
        Clock => Clock,
        /// From the beginning of each stretch of common free time.
        Free => Free,
    }
}

choice! {
    /// What tentative events count as.
    TentativeIn("TentativePolicy") => Tentative {
        /// As busy.
        #[default]
        Busy => Busy,
        /// As free.
        Free => Free,
    }
}

choice! {
    /// What all-day events count as.
    AllDayIn("AllDayPolicy") => AllDay {
        /// What their own transparency says.
        #[default]
        Transparency => Transparency,
        /// As busy.
        Busy => Busy,
        /// As free.
        Free => Free,
    }
}

choice! {
    /// In which order slots come.
    OrderIn("SlotOrder") => Order {
        /// The earliest first.
        #[default]
        Time => Time,
        /// The best first, then the earliest.
        Score => Score,
    }
}

impl FindSlotsIn {
    /// The search that it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn search(self, zones: &Zones, now: Timestamp) -> Result<Search, ApiError> {
        let mut errors = FieldErrors::new();
        let windows = self.windows(zones, now, &mut errors);
        let working_hours = self.working_hours.as_ref().and_then(|hours| hours.parsed(&mut errors));
        errors.into_result().map_err(ApiError::invalid)?;
        let wider = self.wider_hours.map_or((0, 0), |wider| (wider.earlier_minutes, wider.later_minutes));
        let group = |group: GroupIn| Group { people: users(&group.user_ids), need: group.need as usize };
        Ok(Search {
            required: users(&self.user_ids),
            optional: users(&self.optional_user_ids),
            groups: self.groups.into_iter().map(group).collect(),
            duration_minutes: NonZeroU32::new(self.duration_minutes).unwrap_or(NonZeroU32::MIN),
            windows,
            step_minutes: NonZeroU32::new(self.step_minutes).unwrap_or(NonZeroU32::MIN),
            align: self.align.into(),
            zone: zones.answer.clone(),
            respect_working_hours: self.respect_working_hours,
            working_hours,
            wider_hours: wider,
            buffer_before_minutes: self.buffer_before_minutes,
            buffer_after_minutes: self.buffer_after_minutes,
            tentative: self.tentative.into(),
            all_day: self.all_day.into(),
            exclude_events: self.exclude_event_ids.into_iter().map(EventId).collect(),
            order: self.order.into(),
            limit: self.limit as usize,
            explain: self.explain,
        })
    }

    fn windows(&self, zones: &Zones, now: Timestamp, errors: &mut FieldErrors) -> Vec<Period> {
        let Some(windows) = &self.windows else {
            return self.window(zones, now, errors).into_iter().collect();
        };
        if self.start.is_some() || self.end.is_some() {
            errors.add("windows", "is given instead of start and end, not beside them");
        }
        let mut periods = Vec::with_capacity(windows.len());
        for (index, window) in windows.iter().enumerate() {
            match (parse_instant(&window.start, &zones.local), parse_instant(&window.end, &zones.local)) {
                (Ok(start), Ok(end)) => match Period::new(start, end) {
                    Ok(period) => periods.push(period),
                    Err(_) => errors.add("windows", format!("windows[{index}].end must be after its start")),
                },
                (start, end) => {
                    for (name, result) in [("start", start), ("end", end)] {
                        if let Err(error) = result {
                            errors.add("windows", format!("windows[{index}].{name} {error}"));
                        }
                    }
                }
            }
        }
        periods
    }

    fn window(&self, zones: &Zones, now: Timestamp, errors: &mut FieldErrors) -> Option<Period> {
        let mut instant = |field: &str, text: &Option<String>| match text {
            Some(text) => errors.take(field, parse_instant(text, &zones.local)).map(Some),
            None => Some(None),
        };
        let (start, end) = (instant("start", &self.start), instant("end", &self.end));
        let start = start?.unwrap_or_else(|| next_second(now));
        let end = end?.unwrap_or_else(|| start.checked_add(WEEK).unwrap_or(Timestamp::MAX));
        let period = Period::new(start, end);
        if period.is_err() {
            errors.add("end", "must be after start");
        }
        period.ok()
    }
}

impl HoursIn {
    fn parsed(&self, errors: &mut FieldErrors) -> Option<HoursOverride> {
        let mut inside = |name: &str, result: Result<_, NotTime>| {
            result.map_err(|error| errors.add("working_hours", format!("working_hours.{name} {error}"))).ok()
        };
        let (start, end) = (inside("start", parse_time(&self.start)), inside("end", parse_time(&self.end)));
        let zone = match self.timezone.as_deref().map(Zone::iana).transpose() {
            Ok(zone) => zone,
            Err(error) => {
                errors.add("working_hours", format!("working_hours.timezone {error}"));
                return None;
            }
        };
        let days = self.days.as_ref().map(|days| days.iter().map(|day| day.weekday()).collect());
        Some(HoursOverride { start: start?, end: end?, days, zone })
    }
}

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn users(ids: &[i64]) -> Vec<UserId> {
    ids.iter().copied().map(UserId).collect()
}

/// A slot must not start before now.
fn next_second(now: Timestamp) -> Timestamp {
    let up = i64::from(now.subsec_nanosecond() > 0);
    Timestamp::from_second(now.as_second() + up).unwrap_or(now)
}

fn thirty() -> u32 {
    30
}

fn thousand() -> u32 {
    1000
}

fn yes() -> bool {
    true
}
