//! Imports that are kept, and reports about files, on the wire.

use std::collections::BTreeMap;

use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use super::wire::instant_out;
use crate::ical::{Diagnosis, Finding, FindingKind, FindingPlace, Severity};
use crate::storage::imports::Import;

/// An import that is kept.
#[derive(Object)]
#[oai(rename = "KeptImport", example, skip_serializing_if_is_none)]
pub struct KeptImportOut {
    /// The import's id.
    pub id: i64,
    /// The calendar that the events went into; absent once that is gone.
    pub calendar_id: Option<i64>,
    /// When it was.
    pub created_at: String,
    /// Events that were new to the calendar.
    pub created: i64,
    /// Events that replaced an older version.
    pub updated: i64,
    /// Events that the calendar had already.
    pub unchanged: i64,
    /// Events that could not be taken in.
    pub skipped: i64,
    /// Where the report about the file is.
    pub report_url: String,
    /// Where the repaired file is.
    pub repaired_url: String,
}

/// The report about an imported file.
#[derive(Object)]
#[oai(rename = "ImportedFileReport", example, skip_serializing_if_is_none)]
pub struct ImportDiagnosisOut {
    /// The import.
    #[oai(flatten)]
    pub import: KeptImportOut,
    /// The file.
    #[oai(flatten)]
    pub file: DiagnosisOut,
}

/// What a file was found to be.
#[derive(Object)]
#[oai(rename = "FileReport", example, skip_serializing_if_is_none)]
pub struct DiagnosisOut {
    /// All of it in one sentence.
    pub summary: String,
    /// How large the file is, unpacked.
    pub size_bytes: usize,
    /// The program that wrote it (PRODID), in its own words.
    pub program: Option<String>,
    /// What the file calls the calendar.
    pub calendar_name: Option<String>,
    /// The time zone that it names for the whole calendar.
    pub timezone: Option<String>,
    /// What it is sent for (METHOD), where it says so.
    pub method: Option<String>,
    /// How often it wants to be fetched, in minutes, where it says so.
    pub refresh_minutes: Option<i64>,
    /// How many components of each kind it has, by name.
    pub components: BTreeMap<String, usize>,
    /// Events that were read; each override of a series counts.
    pub events_read: usize,
    /// Events that could not be read.
    pub events_left_out: usize,
    /// Of those that were read, how many were repaired.
    pub events_repaired: usize,
    /// Of those that were read, for how many something was guessed.
    pub events_guessed: usize,
    /// What was found, the gravest first.
    pub findings: Vec<FindingOut>,
    /// How many more findings there were.
    pub findings_left_out: usize,
}

/// Something that was found in a file; the same in many events is one finding.
#[derive(Object)]
#[oai(rename = "Finding", skip_serializing_if_is_none)]
pub struct FindingOut {
    /// How much it matters.
    pub severity: SeverityOut,
    /// What it is about.
    pub kind: KindOut,
    /// What was found.
    pub found: String,
    /// What was made of it, and why.
    pub made: Option<String>,
    /// What to change at the source.
    pub advice: Option<String>,
    /// In how many events; in how many lines, where it is about no event.
    pub count: usize,
    /// The line of the first of them, from 1 on.
    pub line: usize,
    /// The UID of the first event.
    pub uid: Option<String>,
    /// The title of the first event.
    pub title: Option<String>,
    /// The next few.
    pub others: Vec<PlaceOut>,
}

/// Where else something was found.
#[derive(Object)]
#[oai(rename = "FindingPlace", skip_serializing_if_is_none)]
pub struct PlaceOut {
    /// The line of the file, from 1 on.
    pub line: usize,
    /// The UID of the event.
    pub uid: Option<String>,
    /// The title of the event.
    pub title: Option<String>,
}

/// How much a finding matters.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[oai(rename = "FindingSeverity", rename_all = "snake_case")]
pub enum SeverityOut {
    /// An event is left out.
    Error,
    /// What is meant is not written; the likeliest is taken.
    Guessed,
    /// What is meant is plain, though it is not written as RFC 5545 has it.
    Repaired,
    /// Nothing was changed; worth knowing.
    Note,
}

/// What a finding is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[oai(rename = "FindingKind", rename_all = "snake_case")]
pub enum KindOut {
    /// Which zone a time is in.
    TimeZone,
    /// The identity of an event.
    Uid,
    /// DTSTAMP, CREATED, LAST-MODIFIED.
    Stamp,
    /// When an event is.
    Dates,
    /// A date where a time is expected, or the other way round.
    ValueType,
    /// When a series occurs.
    Recurrence,
    /// Lines and components.
    Structure,
    /// Characters.
    Encoding,
    /// More than is sensible, or allowed.
    Size,
    /// What the file is sent for.
    Method,
    /// One event twice.
    Duplicate,
    /// Components that are no events.
    Ignored,
}

impl KeptImportOut {
    /// An import as its owner sees it.
    pub fn of(import: &Import, public_url: &str) -> Self {
        let id = import.id.0;
        Self {
            id,
            calendar_id: import.calendar_id.map(|id| id.0),
            created_at: instant_out(import.created_at),
            created: import.counts.created,
            updated: import.counts.updated,
            unchanged: import.counts.unchanged,
            skipped: import.counts.skipped,
            report_url: report_url(public_url, id),
            repaired_url: format!("{public_url}/api/imports/{id}/repaired.ics"),
        }
    }
}

/// Where the report about a file is.
pub fn report_url(public_url: &str, import: i64) -> String {
    format!("{public_url}/api/imports/{import}/report/")
}

impl ImportDiagnosisOut {
    /// The report as its owner sees it.
    pub fn of(import: &Import, diagnosis: Diagnosis, public_url: &str) -> Self {
        Self { import: KeptImportOut::of(import, public_url), file: DiagnosisOut::of(diagnosis) }
    }
}

impl DiagnosisOut {
    /// The wire form of a report.
    pub fn of(diagnosis: Diagnosis) -> Self {
        Self {
            summary: diagnosis.summary(),
            size_bytes: diagnosis.size_bytes,
            program: diagnosis.program,
            calendar_name: diagnosis.calendar_name,
            timezone: diagnosis.timezone,
            method: diagnosis.method,
            refresh_minutes: diagnosis.refresh_minutes,
            components: diagnosis.components,
            events_read: diagnosis.events_read,
            events_left_out: diagnosis.events_left_out,
            events_repaired: diagnosis.events_repaired,
            events_guessed: diagnosis.events_guessed,
            findings: diagnosis.findings.into_iter().map(FindingOut::of).collect(),
            findings_left_out: diagnosis.findings_left_out,
        }
    }
}

impl FindingOut {
    /// The wire form of a finding.
    pub fn of(finding: Finding) -> Self {
        let mut places = finding.places.into_iter();
        let first = places.next().unwrap_or_default();
        Self {
            severity: finding.severity.into(),
            kind: finding.kind.into(),
            found: finding.found,
            made: finding.made,
            advice: finding.advice,
            count: finding.count,
            line: first.line,
            uid: first.uid,
            title: first.title,
            others: places.map(PlaceOut::of).collect(),
        }
    }
}

impl PlaceOut {
    fn of(place: FindingPlace) -> Self {
        Self { line: place.line, uid: place.uid, title: place.title }
    }
}

impl From<Severity> for SeverityOut {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Guessed => Self::Guessed,
            Severity::Repaired => Self::Repaired,
            Severity::Note => Self::Note,
        }
    }
}

impl From<FindingKind> for KindOut {
    fn from(kind: FindingKind) -> Self {
        match kind {
            FindingKind::TimeZone => Self::TimeZone,
            FindingKind::Uid => Self::Uid,
            FindingKind::Stamp => Self::Stamp,
            FindingKind::Dates => Self::Dates,
            FindingKind::ValueType => Self::ValueType,
            FindingKind::Recurrence => Self::Recurrence,
            FindingKind::Structure => Self::Structure,
            FindingKind::Encoding => Self::Encoding,
            FindingKind::Size => Self::Size,
            FindingKind::Method => Self::Method,
            FindingKind::Duplicate => Self::Duplicate,
            FindingKind::Ignored => Self::Ignored,
        }
    }
}

impl Example for KeptImportOut {
    fn example() -> Self {
        let base = "https://calendar.example.org";
        Self {
            id: 7,
            calendar_id: Some(12),
            created_at: "2025-12-18T12:00:00Z".to_owned(),
            created: 2,
            updated: 1,
            unchanged: 7,
            skipped: 1,
            report_url: report_url(base, 7),
            repaired_url: format!("{base}/api/imports/7/repaired.ics"),
        }
    }
}

impl Example for ImportDiagnosisOut {
    fn example() -> Self {
        Self { import: KeptImportOut::example(), file: DiagnosisOut::example() }
    }
}

impl Example for DiagnosisOut {
    fn example() -> Self {
        Self {
            summary: "10 events were read; 1 was left out, 2 were repaired.".to_owned(),
            size_bytes: 6120,
            program: Some("-//Example//Calendar 4.1//EN".to_owned()),
            calendar_name: Some("Team".to_owned()),
            timezone: Some("Europe/Berlin".to_owned()),
            method: None,
            refresh_minutes: None,
            components: BTreeMap::from([
                ("VCALENDAR".to_owned(), 1),
                ("VEVENT".to_owned(), 11),
                ("VTODO".to_owned(), 3),
            ]),
            events_read: 10,
            events_left_out: 1,
            events_repaired: 2,
            events_guessed: 0,
            findings: vec![FindingOut::example()],
            findings_left_out: 0,
        }
    }
}

impl Example for FindingOut {
    fn example() -> Self {
        let advice = "Write the IANA name of the zone (such as Europe/Berlin) as TZID.";
        Self {
            severity: SeverityOut::Repaired,
            kind: KindOut::TimeZone,
            found: "TZID \"W. Europe Standard Time\" is no IANA name".to_owned(),
            made: Some("it is read as Europe/Berlin (CLDR's table of Windows names)".to_owned()),
            advice: Some(advice.to_owned()),
            count: 2,
            line: 81,
            uid: Some("4711@example.org".to_owned()),
            title: Some("Weekly review".to_owned()),
            others: vec![PlaceOut { line: 97, uid: Some("4712@example.org".to_owned()), title: None }],
        }
    }
}
