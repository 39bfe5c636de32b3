//! The report of an import on the wire.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::imports_wire::{FindingOut, report_url};
use crate::events::ImportReport;
use crate::ical::{ComponentError, Warning};

/// What an import did, or would do.
#[derive(Object)]
#[oai(rename = "ImportReport", example, skip_serializing_if_is_none)]
pub struct ImportReportOut {
    /// The import's id, where it is kept: not that of a dry run.
    pub id: Option<i64>,
    /// Where the report about the file is from now on.
    pub report_url: Option<String>,
    /// What there is to say of the file, in one sentence.
    pub summary: String,
    /// Events of UIDs that are new to the calendar; a series with its overrides is one.
    pub created: usize,
    /// Events that replace an older version.
    pub updated: usize,
    /// Events that the calendar has, in this version or a newer one.
    pub unchanged: usize,
    /// Events that cannot be taken in.
    pub skipped: usize,
    /// Why not; the first 1,000.
    pub errors: Vec<ImportErrorOut>,
    /// Components of other kinds than VEVENT, by name.
    pub ignored_components: BTreeMap<String, usize>,
    /// What is read otherwise than it is written, or left as it was; the first 1,000.
    pub warnings: Vec<ImportWarningOut>,
    /// How many more warnings there were.
    pub warnings_left_out: usize,
    /// All that was found in the file, the errors and warnings too: the gravest first, the same in many events once.
    pub findings: Vec<FindingOut>,
    /// How many more findings there were.
    pub findings_left_out: usize,
}

/// An event that cannot be taken in.
#[derive(Object)]
#[oai(rename = "ImportError", skip_serializing_if_is_none)]
pub struct ImportErrorOut {
    /// Its place among the VEVENTs of the file, from 0 on.
    pub index: usize,
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// The line of the file, from 1 on.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Something that is read otherwise than it is written.
#[derive(Object)]
#[oai(rename = "ImportWarning", skip_serializing_if_is_none)]
pub struct ImportWarningOut {
    /// What was found, and what was made of it.
    pub message: String,
    /// The UID of the event, where it is about one.
    pub uid: Option<String>,
    /// The line of the file, from 1 on.
    pub line: usize,
}

impl ImportReportOut {
    /// The wire form of a report.
    pub fn of(report: ImportReport, public_url: &str) -> Self {
        Self {
            id: report.id.map(|id| id.0),
            report_url: report.id.map(|id| report_url(public_url, id.0)),
            summary: report.diagnosis.summary(),
            created: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            skipped: report.skipped,
            errors: report.errors.into_iter().map(ImportErrorOut::of).collect(),
            ignored_components: report.ignored_components,
            warnings: report.warnings.into_iter().map(ImportWarningOut::of).collect(),
            warnings_left_out: report.warnings_left_out,
            findings: report.diagnosis.findings.into_iter().map(FindingOut::of).collect(),
            findings_left_out: report.diagnosis.findings_left_out,
        }
    }
}

impl ImportErrorOut {
    fn of(error: ComponentError) -> Self {
        Self { index: error.index, uid: error.uid, line: error.line, message: error.message }
    }
}

impl ImportWarningOut {
    fn of(warning: Warning) -> Self {
        Self { message: warning.message, uid: warning.uid, line: warning.line }
    }
}

impl Example for ImportReportOut {
    fn example() -> Self {
        Self {
            id: Some(7),
            report_url: Some(report_url("https://calendar.example.org", 7)),
            summary: "10 events were read; 1 was left out, 2 were repaired.".to_owned(),
            created: 2,
            updated: 1,
            unchanged: 7,
            skipped: 1,
            errors: vec![ImportErrorOut {
                index: 4,
                uid: Some("4711@example.org".to_owned()),
                line: 81,
                message: "DTEND: DTEND is before DTSTART".to_owned(),
            }],
            ignored_components: BTreeMap::from([("VTODO".to_owned(), 3)]),
            warnings: vec![ImportWarningOut {
                message: "the event has no DTSTAMP; one is made".to_owned(),
                uid: Some("4712@example.org".to_owned()),
                line: 90,
            }],
            warnings_left_out: 0,
            findings: vec![FindingOut::example()],
            findings_left_out: 0,
        }
    }
}
