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
    match obstacles.blockers.first() {
        Some(worst) => format!("{found}; {}.", says(worst, obstacles.candidates)),
        None => format!("{found}; nothing stands in the way."),
    }
}

fn says(worst: &Blocker, candidates: usize) -> String {
    let who = match worst.who {
        Party::Person(id) => format!("user {id}"),
        Party::Group(index) => format!("group {}", index + 1),
    };
    let reasons = [
        (worst.outside_working_hours, "outside working hours"),
        (worst.busy, "busy"),
        (worst.tentative, "tentative events"),
        (worst.buffer, "too close to other events"),
    ];
    let mostly = reasons.iter().rev().max_by_key(|(count, _)| count).map_or("", |(_, reason)| reason);
    format!("{who} rules out most, {} (mostly: {mostly})", of(worst.ruled_out(), candidates))
}

fn of(some: usize, all: usize) -> String {
    let noun = if all == 1 { "candidate start" } else { "candidate starts" };
    format!("{some} of {all} {noun}")
}
