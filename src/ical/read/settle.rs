//! When an event begins and ends of which some of the times cannot be read.

use super::remark::Remark;
use super::remarks;
use super::report::Report;
use super::start::made_start;
use super::unknown_end::{Taken, settle_end};
use crate::ical::component::Component;
use crate::ical::value::date_or_time_line;
use crate::time::Zone;

/// The line, and what is wrong there.
pub type Fault = (usize, Remark);

/// What cannot be read of one event's times.
#[derive(Default)]
pub struct Faults {
    /// Of DTSTART.
    pub start: Option<Fault>,
    /// Of DTEND and DURATION.
    pub end: Option<Fault>,
    /// Of RECURRENCE-ID.
    pub id: Option<Fault>,
}

/// What is known of an event.
pub struct About<'a> {
    pub uid: &'a str,
    /// The line on which it begins.
    pub line: usize,
    /// The zone of the calendar that it goes into.
    pub owner: &'a Zone,
    /// Whether it has a DURATION that can be read.
    pub has_duration: bool,
}

/// DTSTART from elsewhere where it cannot be read, and an end where that cannot; answers whether the end is taken to be there.
pub fn settle_times(
    component: &mut Component,
    faults: Faults,
    about: &About<'_>,
    report: &mut Report,
) -> Result<bool, Fault> {
    let has_start = component.property("DTSTART").is_some();
    match faults.start {
        Some((number, remark)) if has_start => {
            report.warn(number, Some(about.uid), remarks::other_counts(remark));
        }
        fault if !has_start => {
            let (start, source) = made_start(component, about.owner).ok_or_else(|| {
                let missing = || (about.line, remarks::unreadable("DTSTART", "DTSTART: it is missing".to_owned()));
                fault.unwrap_or_else(missing)
            })?;
            component.push(&date_or_time_line("DTSTART", &start));
            report.warn(about.line, Some(about.uid), remarks::made_start(source));
        }
        _ => {}
    }
    if about.has_duration && component.property("DTEND").is_some() {
        component.replace(&["DURATION"], Vec::new());
        report.warn(about.line, Some(about.uid), remarks::duration_beside_end());
    }
    let Some((number, remark)) = faults.end else { return Ok(false) };
    let taken = settle_end(component, about.owner);
    report.warn(number, Some(about.uid), remarks::taken_end(remark, taken));
    Ok(taken != Taken::AsSaid)
}
