use poem_openapi::types::ToJSON;
use poem_openapi::{Enum, Object};

use super::Zones;
use crate::http::instant_text::InstantText;
use crate::http::wire::instant_in;
use crate::ids::UserId;
use crate::scheduling::{Search, SearchAnswer};
use crate::slots::{Change, EmptyReason, Explanation, Order, Party, Relaxation, Slot};
use crate::time::{Timestamp, Zone};

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
    #[oai(default, skip_serializing_if_is_empty)]
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

impl FindSlotsOut {
    /// The answer to a search, written. There may be thousands of slots, so where these are but times, they are written as
    /// they are met, rather than made values first.
    pub fn text(search: &Search, found: &SearchAnswer, zones: &Zones) -> String {
        let plain = search.optional.is_empty() && search.groups.is_empty() && search.order == Order::Time;
        if !plain {
            return Self::of(search, found, zones, &found.answer.slots).to_json_string();
        }
        let around = Self::of(search, found, zones, &[]).to_json_string();
        let Some(rest) = around.strip_prefix(NO_SLOTS) else {
            return Self::of(search, found, zones, &found.answer.slots).to_json_string();
        };
        let mut text = String::with_capacity(around.len() + found.answer.slots.len() * 90);
        text.push_str(NO_SLOTS);
        let mut instants = InstantText::new(&zones.answer);
        for (index, slot) in found.answer.slots.iter().enumerate() {
            text.push_str(if index == 0 { "{\"start_time\":\"" } else { ",{\"start_time\":\"" });
            instants.push(&mut text, slot.period.start());
            text.push_str("\",\"end_time\":\"");
            instants.push(&mut text, slot.period.end());
            text.push_str("\"}");
        }
        text.push_str(rest);
        text
    }

    fn of(search: &Search, found: &SearchAnswer, zones: &Zones, slots: &[Slot]) -> Self {
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
            available_slots: slots.iter().map(|slot| SlotOut::of(slot, people, &zones.answer)).collect(),
            user_ids,
            duration_minutes: search.duration_minutes.get(),
            total_slots_found: found.answer.total as u64,
            start: edge(search.windows.iter().map(|window| window.start()).min()),
            end: edge(search.windows.iter().map(|window| window.end()).max()),
            explanation: found.answer.explanation.as_ref().map(|it| ExplanationOut::of(it, &zones.answer)),
            warnings: WarningOut::all(&found.unknown, &found.stale),
        }
    }
}

/// How an answer begins.
const NO_SLOTS: &str = "{\"available_slots\":[";

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
    /// That some users count as busy throughout, and that calendars of some may be out of date.
    pub fn all(unknown: &[UserId], stale: &[UserId]) -> Vec<Self> {
        let say = |message: &'static str| move |id: &UserId| Self { user_id: id.0, message: message.to_owned() };
        unknown.iter().map(say(UNKNOWN)).chain(stale.iter().map(say(STALE))).collect()
    }
}

const UNKNOWN: &str = "A series of this user cannot be expanded within the server's bounds, so all of the window counts as \
    busy for them.";
const STALE: &str = "A calendar that this user subscribes to could not be refreshed of late, so they may be busy at times \
    that are not known here.";

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
