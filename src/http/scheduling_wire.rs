//! The shapes of scheduling on the wire.

use std::num::NonZeroU32;

use poem_openapi::{Enum, Object};

use super::problem::ApiError;
use super::wire::{DayOut, instant_in, parse_instant, parse_time};
use crate::fields::FieldErrors;
use crate::freebusy::AllDay;
use crate::ids::{EventId, UserId};
use crate::scheduling::{FreeBusy, HoursOverride, PersonTime, Search, SearchAnswer};
use crate::slots::{Align, Change, EmptyReason, Explanation, Group, Order, Party, Relaxation, Slot, Tentative};
use crate::time::{Period, PeriodSet, SignedDuration, Timestamp, Zone};

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
    /// The caller's own events to look through, as when a meeting is to be moved.
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

/// The answer to find-slots.
#[derive(Object, Debug)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FindSlotsOut {
    /// The slots.
    pub available_slots: Vec<SlotOut>,
    /// Who must be free, once each.
    pub user_ids: Vec<i64>,
    /// Length of the meeting, in minutes.
    pub duration_minutes: u32,
    /// How many slots there are, the limit aside.
    pub total_slots_found: u64,
    /// Where the search begins.
    pub start: String,
    /// Where it ends.
    pub end: String,
    /// What stands in the way.
    pub explanation: Option<ExplanationOut>,
    /// What should be known of the answer.
    #[oai(skip_serializing_if_is_empty)]
    pub warnings: Vec<WarningOut>,
}

/// A time when the meeting can be.
#[derive(Object, Debug)]
#[oai(rename = "Slot", skip_serializing_if_is_none)]
pub struct SlotOut {
    /// When it starts, with the offset of the zone asked for.
    pub start_time: String,
    /// When it ends.
    pub end_time: String,
    /// Where optional people or groups were named: those of them who are free then.
    pub available_user_ids: Option<Vec<i64>>,
    /// Where optional people or groups were named: those of them who are not.
    pub unavailable_user_ids: Option<Vec<i64>>,
    /// With `order=score`: how good it is, 0 to 1; the mean of `score_parts`.
    pub score: Option<f64>,
    /// With `order=score`: what the score is the mean of.
    pub score_parts: Option<ScorePartsOut>,
}

/// The parts of a score, each 0 (worst) to 1 (best).
#[derive(Object, Debug)]
#[oai(rename = "ScoreParts")]
pub struct ScorePartsOut {
    /// The share of the optional people who are free; 1 where there are none.
    pub optional: f64,
    /// How far the slot is from the edges of the working day of whoever is worst off, in their own zone.
    pub comfort: f64,
    /// 1 where the slot stands whatever becomes of tentative events, 0 where it hits one.
    pub tentative: f64,
    /// Whether usable stretches of common free time are left around it, rather than splinters.
    pub stretches: f64,
    /// How soon it is: 1 at the beginning of the search, 0 at its end.
    pub soon: f64,
}

/// What stands in the way of a meeting, and which single change would help.
#[derive(Object, Debug)]
#[oai(rename = "Explanation", skip_serializing_if_is_none)]
pub struct ExplanationOut {
    /// One sentence.
    pub summary: String,
    /// How many candidate starts the windows have, whoever may be free.
    pub candidate_starts: u64,
    /// Everybody who rules out any of them, those who rule out most first.
    pub blockers: Vec<BlockerOut>,
    /// Single changes that give more slots.
    pub relaxations: Vec<RelaxationOut>,
    /// Why nothing was found.
    pub empty_reason: Option<EmptyReasonOut>,
}

/// Which shares (0 to 1) of the candidate starts a person or group rules out, by reason; each start counts under the first
/// reason that holds.
#[derive(Object, Debug)]
#[oai(rename = "Blocker", skip_serializing_if_is_none)]
pub struct BlockerOut {
    /// The person.
    pub user_id: Option<i64>,
    /// Or the group, by its place in the request, from 0.
    pub group: Option<u64>,
    /// Some part lies outside working hours.
    pub outside_working_hours: f64,
    /// It hits busy time.
    pub busy: f64,
    /// It hits tentative events.
    pub tentative: f64,
    /// It is free itself, but its buffers are not.
    pub buffer: f64,
    /// What nobody else rules out.
    pub only_they: f64,
}

/// A single change, and what find-slots answers when asked again with it.
#[derive(Object, Debug)]
#[oai(rename = "Relaxation", skip_serializing_if_is_none)]
pub struct RelaxationOut {
    /// Which change.
    pub change: ChangeOut,
    /// `without_user`: who is left out of `user_ids`.
    pub user_id: Option<i64>,
    /// `shorter`: the new `duration_minutes`.
    pub minutes: Option<u32>,
    /// `wider_hours`: how much earlier everyone starts, as in the request's `wider_hours`.
    pub earlier_minutes: Option<u32>,
    /// `wider_hours`: how much later everyone ends, as in the request's `wider_hours`.
    pub later_minutes: Option<u32>,
    /// `later_end`: how many days later.
    pub days: Option<u32>,
    /// `later_end`: the new `end`.
    pub end: Option<String>,
    /// `smaller_buffer`: the new `buffer_before_minutes`.
    pub buffer_before_minutes: Option<u32>,
    /// `smaller_buffer`: the new `buffer_after_minutes`.
    pub buffer_after_minutes: Option<u32>,
    /// How many slots there are then.
    pub total_slots_found: u64,
}

/// A kind of change.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "Change", rename_all = "snake_case")]
pub enum ChangeOut {
    /// Somebody is not needed.
    WithoutUser,
    /// The meeting is shorter.
    Shorter,
    /// Everybody works longer.
    WiderHours,
    /// The window ends later.
    LaterEnd,
    /// Less time is kept free around the meeting.
    SmallerBuffer,
    /// Tentative events count as free (`tentative: "free"`).
    TentativeAsFree,
}

/// Why nothing was found.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "EmptyReason", rename_all = "snake_case")]
pub enum EmptyReasonOut {
    /// No slot fits into the window, whoever may be free.
    WindowTooShort,
    /// Somebody has no working day in it.
    NoWorkingDays,
    /// There are no common working hours.
    NoCommonWorkingHours,
    /// Events are in the way.
    Busy,
}

/// Something that should be known of an answer.
#[derive(Object, Debug)]
#[oai(rename = "SchedulingWarning")]
pub struct WarningOut {
    /// About whom.
    pub user_id: i64,
    /// What.
    pub message: String,
}

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
pub struct FreeBusyOut {
    /// Where the window begins.
    pub start: String,
    /// Where it ends.
    pub end: String,
    /// The people, in the order of their ids.
    pub users: Vec<PersonTimeOut>,
    /// What should be known of the answer.
    #[oai(skip_serializing_if_is_empty)]
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
#[derive(Object, Debug)]
#[oai(rename = "Period")]
pub struct PeriodOut {
    /// When it starts.
    pub start_time: String,
    /// When it ends.
    pub end_time: String,
}

/// In which zones a question is read and answered.
pub struct Zones {
    /// Of local times in the request.
    local: Zone,
    /// Of the grid and the answer.
    pub answer: Zone,
}

impl Zones {
    /// By the request's own `timezone`, and the profile's zone where somebody is signed in.
    ///
    /// # Errors
    /// 400.
    pub fn of(timezone: Option<&str>, profile: Option<&Zone>) -> Result<Self, ApiError> {
        let named = timezone.map(Zone::iana).transpose();
        let named = named.map_err(|error| ApiError::invalid_field("timezone", error.to_string()))?;
        let answer = named.clone().unwrap_or_else(Zone::utc);
        Ok(Self { local: named.or_else(|| profile.cloned()).unwrap_or_else(Zone::utc), answer })
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
        let mut inside = |name: &str, result: Result<_, super::wire::NotTime>| {
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

impl FindSlotsOut {
    /// The answer to a search.
    pub fn of(search: &Search, found: &SearchAnswer, zones: &Zones) -> Self {
        let people = !search.optional.is_empty() || !search.groups.is_empty();
        let instant = |instant: Timestamp| instant_in(instant, &zones.answer);
        let mut user_ids: Vec<i64> = Vec::with_capacity(search.required.len());
        for id in &search.required {
            if !user_ids.contains(&id.0) {
                user_ids.push(id.0);
            }
        }
        let edge = |edges: Option<Timestamp>| edges.map(instant).unwrap_or_default();
        Self {
            available_slots: found.answer.slots.iter().map(|slot| SlotOut::of(slot, people, &zones.answer)).collect(),
            user_ids,
            duration_minutes: search.duration_minutes.get(),
            total_slots_found: found.answer.total as u64,
            start: edge(search.windows.iter().map(|window| window.start()).min()),
            end: edge(search.windows.iter().map(|window| window.end()).max()),
            explanation: found.answer.explanation.as_ref().map(|it| ExplanationOut::of(it, &zones.answer)),
            warnings: found.unknown.iter().map(|id| WarningOut::of(*id)).collect(),
        }
    }
}

impl SlotOut {
    fn of(slot: &Slot, people: bool, zone: &Zone) -> Self {
        let ids = |ids: &[UserId]| people.then(|| ids.iter().map(|id| id.0).collect());
        Self {
            start_time: instant_in(slot.period.start(), zone),
            end_time: instant_in(slot.period.end(), zone),
            available_user_ids: ids(&slot.available),
            unavailable_user_ids: ids(&slot.unavailable),
            score: slot.score.map(|score| score.mean),
            score_parts: slot.score.map(|score| ScorePartsOut {
                optional: score.parts.optional,
                comfort: score.parts.comfort,
                tentative: score.parts.tentative,
                stretches: score.parts.stretches,
                soon: score.parts.soon,
            }),
        }
    }
}

impl ExplanationOut {
    fn of(explanation: &Explanation, zone: &Zone) -> Self {
        let candidates = explanation.candidates;
        let share = |count: usize| {
            let share = if candidates == 0 { 0.0 } else { count as f64 / candidates as f64 };
            (share * 10_000.0).round() / 10_000.0
        };
        let blockers = explanation.blockers.iter().map(|blocker| {
            let (user_id, group) = match blocker.who {
                Party::Person(id) => (Some(id.0), None),
                Party::Group(index) => (None, Some(index as u64)),
            };
            BlockerOut {
                user_id,
                group,
                outside_working_hours: share(blocker.outside_working_hours),
                busy: share(blocker.busy),
                tentative: share(blocker.tentative),
                buffer: share(blocker.buffer),
                only_they: share(blocker.only_they),
            }
        });
        Self {
            summary: explanation.summary.clone(),
            candidate_starts: candidates as u64,
            blockers: blockers.collect(),
            relaxations: explanation.relaxations.iter().map(|it| RelaxationOut::of(it, zone)).collect(),
            empty_reason: explanation.empty_reason.map(Into::into),
        }
    }
}

impl RelaxationOut {
    fn of(relaxation: &Relaxation, zone: &Zone) -> Self {
        let plain = |change| Self {
            change,
            user_id: None,
            minutes: None,
            earlier_minutes: None,
            later_minutes: None,
            days: None,
            end: None,
            buffer_before_minutes: None,
            buffer_after_minutes: None,
            total_slots_found: relaxation.total as u64,
        };
        match relaxation.change {
            Change::WithoutUser(id) => Self { user_id: Some(id.0), ..plain(ChangeOut::WithoutUser) },
            Change::Shorter { minutes } => Self { minutes: Some(minutes), ..plain(ChangeOut::Shorter) },
            Change::WiderHours { earlier_minutes, later_minutes } => Self {
                earlier_minutes: Some(earlier_minutes),
                later_minutes: Some(later_minutes),
                ..plain(ChangeOut::WiderHours)
            },
            Change::LaterEnd { days, end } => {
                Self { days: Some(days), end: Some(instant_in(end, zone)), ..plain(ChangeOut::LaterEnd) }
            }
            Change::SmallerBuffer { before_minutes, after_minutes } => Self {
                buffer_before_minutes: Some(before_minutes),
                buffer_after_minutes: Some(after_minutes),
                ..plain(ChangeOut::SmallerBuffer)
            },
            Change::TentativeAsFree => plain(ChangeOut::TentativeAsFree),
        }
    }
}

impl WarningOut {
    fn of(id: UserId) -> Self {
        let message = "A series of this user cannot be expanded within the server's bounds, so all of the window counts as \
                       busy for them.";
        Self { user_id: id.0, message: message.to_owned() }
    }
}

impl FreeBusyIn {
    /// The window that it asks about.
    ///
    /// # Errors
    /// 400.
    pub fn window(&self, zones: &Zones) -> Result<Period, ApiError> {
        let mut errors = FieldErrors::new();
        let start = errors.take("start", parse_instant(&self.start, &zones.local));
        let end = errors.take("end", parse_instant(&self.end, &zones.local));
        let period = start.zip(end).map(|(start, end)| Period::new(start, end));
        match period {
            Some(Ok(period)) => Ok(period),
            Some(Err(_)) => Err(ApiError::invalid_field("end", "must be after start")),
            None => Err(ApiError::invalid(errors)),
        }
    }
}

impl FreeBusyOut {
    /// When people are busy in a window.
    pub fn of(found: &FreeBusy, window: Period, zone: &Zone) -> Self {
        Self {
            start: instant_in(window.start(), zone),
            end: instant_in(window.end(), zone),
            users: found.people.iter().map(|person| PersonTimeOut::of(person, zone)).collect(),
            warnings: found.people.iter().filter(|it| it.unknown).map(|it| WarningOut::of(it.id)).collect(),
        }
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

impl From<EmptyReason> for EmptyReasonOut {
    fn from(reason: EmptyReason) -> Self {
        match reason {
            EmptyReason::WindowTooShort => Self::WindowTooShort,
            EmptyReason::NoWorkingDays => Self::NoWorkingDays,
            EmptyReason::NoCommonWorkingHours => Self::NoCommonWorkingHours,
            EmptyReason::Busy => Self::Busy,
        }
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

mod examples {
    use poem_openapi::types::Example;

    use super::*;

    impl Example for FindSlotsIn {
        fn example() -> Self {
            Self {
                user_ids: vec![1, 4],
                duration_minutes: 60,
                optional_user_ids: Vec::new(),
                groups: Vec::new(),
                start: Some("2025-12-29T00:00:00Z".to_owned()),
                end: Some("2026-01-05T00:00:00Z".to_owned()),
                windows: None,
                step_minutes: 30,
                align: AlignIn::Clock,
                timezone: None,
                respect_working_hours: true,
                working_hours: None,
                wider_hours: None,
                buffer_before_minutes: 0,
                buffer_after_minutes: 0,
                tentative: TentativeIn::Busy,
                all_day: AllDayIn::Transparency,
                exclude_event_ids: Vec::new(),
                order: OrderIn::Time,
                limit: 1000,
                explain: false,
            }
        }
    }

    impl Example for FindSlotsOut {
        fn example() -> Self {
            let slot = |start: &str, end: &str| SlotOut {
                start_time: start.to_owned(),
                end_time: end.to_owned(),
                available_user_ids: None,
                unavailable_user_ids: None,
                score: None,
                score_parts: None,
            };
            Self {
                available_slots: vec![
                    slot("2025-12-29T09:00:00+00:00", "2025-12-29T10:00:00+00:00"),
                    slot("2025-12-29T09:30:00+00:00", "2025-12-29T10:30:00+00:00"),
                ],
                user_ids: vec![1, 4],
                duration_minutes: 60,
                total_slots_found: 105,
                start: "2025-12-29T00:00:00+00:00".to_owned(),
                end: "2026-01-05T00:00:00+00:00".to_owned(),
                explanation: None,
                warnings: Vec::new(),
            }
        }
    }

    impl Example for FreeBusyIn {
        fn example() -> Self {
            Self {
                user_ids: vec![1, 4],
                start: "2025-12-29T00:00:00Z".to_owned(),
                end: "2026-01-05T00:00:00Z".to_owned(),
                timezone: None,
            }
        }
    }
}
