use std::collections::BTreeMap;

use super::prepare::Candidate;
use crate::ical::{ComponentError, ReadCalendar, Warning};

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Objects of UIDs that are new to the calendar.
    pub created: usize,
    /// Objects that replace an older version.
    pub updated: usize,
    /// Objects that the calendar has, in this version or a newer one.
    pub unchanged: usize,
    /// Events that cannot be taken in: as many as there were errors.
    pub skipped: usize,
    /// Why, in the order of the file; the first 1,000.
    pub errors: Vec<ComponentError>,
    /// Components of other kinds than VEVENT, by name.
    pub ignored_components: BTreeMap<String, usize>,
    /// What is read otherwise than it is written, or left as it was; the first 1,000.
    pub warnings: Vec<Warning>,
    /// How many warnings are left out.
    pub warnings_left_out: usize,
}

impl ImportReport {
    pub(super) fn of(read: ReadCalendar) -> Self {
        Self {
            skipped: read.errors.len(),
            errors: read.errors,
            ignored_components: read.ignored_components,
            warnings: read.warnings,
            warnings_left_out: read.warnings_left_out,
            ..Self::default()
        }
    }

    pub(super) fn warn(&mut self, about: &Candidate, message: &str) {
        if self.warnings.len() < MOST {
            let (message, uid, line) = (message.to_owned(), Some(about.row.uid.clone()), about.line);
            self.warnings.push(Warning { message, uid, line });
        } else {
            self.warnings_left_out += 1;
        }
    }

    /// Leaves a candidate out.
    pub(super) fn refuse(&mut self, candidate: Candidate, message: String) {
        self.skipped += 1;
        let (index, line, uid) = (candidate.index, candidate.line, Some(candidate.row.uid));
        self.errors.push(ComponentError { index, uid, line, message });
    }

    /// Keeps the lists short, whatever the file.
    pub(super) fn bound(&mut self) {
        self.errors.truncate(MOST);
    }
}

const MOST: usize = 1000;
