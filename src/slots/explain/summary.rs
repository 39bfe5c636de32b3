use super::blockers::Obstacles;
use crate::slots::{Blocker, EmptyReason, Party};

/// The explanation in one sentence.
pub(super) fn sentence(total: usize, obstacles: &Obstacles, empty_reason: Option<EmptyReason>) -> String {
    let found = match empty_reason {
        Some(EmptyReason::WindowTooShort) => return "No window has a start at which the meeting fits in.".to_owned(),
        Some(EmptyReason::NoWorkingDays) => "Somebody who is needed does not work on any day of the windows".to_owned(),
        Some(EmptyReason::NoCommonWorkingHours) => {
            "The working hours of all who are needed have no room for the meeting".to_owned()
        }
        Some(EmptyReason::Busy) => "There is no slot".to_owned(),
        None => format!("{} will do", of(total, obstacles.candidates)),
    };
    // Working hours leave room where events do not: then hours are not what stands in the way.
    let by_events = empty_reason == Some(EmptyReason::Busy);
    let ruled_out = |blocker: &Blocker| {
        if by_events { blocker.ruled_out() - blocker.outside_working_hours } else { blocker.ruled_out() }
    };
    match obstacles.blockers.iter().rev().max_by_key(|blocker| ruled_out(blocker)) {
        Some(worst) => format!("{found}; {}.", says(worst, ruled_out(worst), obstacles.candidates, by_events)),
        None => format!("{found}; nothing stands in the way."),
    }
}

fn says(worst: &Blocker, ruled_out: usize, candidates: usize, by_events: bool) -> String {
    let who = match worst.who {
        Party::Person(id) => format!("user {id}"),
        Party::Group(index) => format!("group {}", index + 1),
    };
    let reasons = [
        (if by_events { 0 } else { worst.outside_working_hours }, "outside working hours"),
        (worst.busy, "busy"),
        (worst.tentative, "tentative events"),
        (worst.buffer, "too close to other events"),
    ];
    let mostly = reasons.iter().rev().max_by_key(|(count, _)| count).map_or("", |(_, reason)| reason);
    let within = if by_events && worst.outside_working_hours > 0 { " within working hours" } else { "" };
    format!("{who} rules out most{within}, {} (mostly: {mostly})", of(ruled_out, candidates))
}

fn of(some: usize, all: usize) -> String {
    let noun = if all == 1 { "candidate start" } else { "candidate starts" };
    format!("{some} of {all} {noun}")
}
