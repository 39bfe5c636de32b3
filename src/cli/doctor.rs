//! `convene doctor`: what there is to say of calendar files, without a server or a database.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::transfer::{read, words, write};
use super::{CommandError, say};
use crate::config::Config;
use crate::events::{self, RepairedFile};
use crate::ical::{Diagnosis, Finding, FindingPlace, Severity};
use crate::time::Zone;

/// What `convene doctor` is told.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// iCalendar files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The time zone of the calendar that the events would go into: an IANA name.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// Where to write the one file as it is understood; - is standard output, and then the report is left out.
    #[arg(long, value_name = "OUT.ics")]
    repaired: Option<PathBuf>,
}

/// Says of each file what was left out, guessed and repaired, and writes the repaired one.
///
/// # Errors
/// A file that cannot be read or is no calendar at all; events that had to be left out.
pub fn doctor(config: &Config, args: &DoctorArgs) -> Result<(), CommandError> {
    let zone = Zone::iana(&args.timezone).map_err(|error| CommandError::Input(error.to_string()))?;
    if args.repaired.is_some() && args.files.len() > 1 {
        return Err(CommandError::Input("--repaired writes one file; name one file to read".to_owned()));
    }
    let mut left_out = 0;
    for file in &args.files {
        let limits = config.limits();
        let bytes = read(file, limits.import_bytes)?;
        if bytes.len() > limits.import_bytes {
            let reason = format!("has more than {} bytes (CONVENE_MAX_IMPORT_BYTES)", limits.import_bytes);
            return Err(CommandError::Input(format!("{}: {reason}", file.display())));
        }
        let examined = events::examine(bytes, &zone, &limits);
        let (diagnosis, repaired) =
            examined.map_err(|error| CommandError::Input(format!("{}: {}", file.display(), words(error))))?;
        left_out += diagnosis.events_left_out;
        put_out(file, args.repaired.as_deref(), &diagnosis, &repaired)?;
    }
    match left_out {
        0 => Ok(()),
        1 => Err(CommandError::Input("1 event was left out".to_owned())),
        many => Err(CommandError::Input(format!("{many} events were left out"))),
    }
}

fn put_out(file: &Path, to: Option<&Path>, diagnosis: &Diagnosis, repaired: &RepairedFile) -> Result<(), CommandError> {
    if to.is_none_or(|to| to.as_os_str() != "-") {
        say(&report(file, diagnosis))?;
    }
    let Some(to) = to else { return Ok(()) };
    let mut text = Vec::new();
    repaired.reader().read_to_end(&mut text)?;
    write(to, &text)
}

fn report(file: &Path, diagnosis: &Diagnosis) -> String {
    let mut text = format!("{}: {}", file.display(), diagnosis.summary());
    let program = diagnosis.program.as_ref().map_or_else(String::new, |program| format!(", written by {program}"));
    text.push_str(&format!("\n  {} bytes{program}", diagnosis.size_bytes));
    let components = diagnosis.components.iter().map(|(name, count)| format!("{count} {name}"));
    text.push_str(&format!("\n  {}", components.collect::<Vec<_>>().join(", ")));
    for finding in &diagnosis.findings {
        text.push_str(&about(finding));
    }
    if diagnosis.findings_left_out > 0 {
        text.push_str(&format!("\n\n  and {} more findings", diagnosis.findings_left_out));
    }
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

fn about(finding: &Finding) -> String {
    let what = match finding.severity {
        Severity::Error => "left out",
        Severity::Guessed => "guessed",
        Severity::Repaired => "repaired",
        Severity::Note => "note",
    };
    let times = if finding.count == 1 { String::new() } else { format!(", {} times", finding.count) };
    let places: Vec<String> = finding.places.iter().map(place).collect();
    let mut text = format!("\n\n  {what}{times}: {}\n    {}", finding.sentence(), places.join("; "));
    if finding.count > finding.places.len() {
        text.push_str("; …");
    }
    if let Some(advice) = &finding.advice {
        text.push_str(&format!("\n    {advice}"));
    }
    text
}

/// `line 12, "Weekly review"`
fn place(place: &FindingPlace) -> String {
    let name = match (&place.title, &place.uid) {
        (Some(title), _) => format!(", \"{}\"", title.lines().next().unwrap_or_default()),
        (None, Some(uid)) => format!(", UID {uid}"),
        (None, None) => String::new(),
    };
    format!("line {}{name}", place.line)
}
