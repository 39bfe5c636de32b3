use std::collections::BTreeMap;

use crate::ical::{ComponentError, Diagnosis, ReadCalendar, Warning};
use crate::ids::ImportId;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Under which it is kept; none where it is not.
    pub id: Option<ImportId>,
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
    /// All that there is to say of the file.
    pub diagnosis: Diagnosis,
}

impl ImportReport {
    /// What was said of a file that is compared with no calendar.
    pub(in crate::events) fn of(read: ReadCalendar) -> Self {
        let mut report = Self::default();
        report.conclude(read);
        report
    }

    /// Takes over what was said of the file; the lists stay short, whatever it is.
    pub(super) fn conclude(&mut self, mut read: ReadCalendar) {
        self.diagnosis = Diagnosis::of(&mut read);
        self.skipped = read.errors.len();
        self.errors = read.errors;
        self.errors.truncate(MOST);
        self.ignored_components = read.ignored_components;
        (self.warnings, self.warnings_left_out) = (read.warnings, read.warnings_left_out);
    }
}

const MOST: usize = 1000;
