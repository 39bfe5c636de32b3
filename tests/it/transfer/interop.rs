//! What independent programs make of our exports. `make tools` installs them.

use super::files::{FILES, folded};
use super::{export, import};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on};
use crate::program::{project, python_tool, succeed};

/// Programs that refuse what RFC 5545 allows: the file, the program, its words, and why the file is right.
const REFUSALS: &[(&str, &str, &str, &str)] = &[
    (
        "rich.ics",
        "ical",
        "Expected one value for field: rrule",
        "section 3.8.5.3: RRULE SHOULD NOT, not MUST NOT, come twice",
    ),
    ("odd.ics", "ical", "not valid ICS", "section 2: names of properties and parameters have no case"),
    ("odd.ics", "libical", "errors", "section 3.8.8.2: the value of an X- property is TEXT, which may be empty"),
];

/// Occurrences on which recurring-ical-events and we differ: the file, its line, ours, and what decides.
const DISAGREEMENTS: &[(&str, &str, &str, &str)] = &[(
    "series.ics",
    "2026-03-28T22:00:00Z 2026-03-29T05:00:00Z confirmed Night shift",
    "2026-03-28T22:00:00Z 2026-03-29T06:00:00Z confirmed Night shift",
    "RFC 5545 section 3.8.5.3: with DTEND the same exact duration applies to all occurrences, over clock changes too",
)];

/// What one of `tests/programs` says.
pub fn python(script: &str, arguments: &[&str]) -> String {
    succeed(python_tool("python").arg(project("tests/programs").join(script)).args(arguments))
}

/// Somebody in Berlin with nothing but one of the files, and the export of it in a file.
async fn exported(server: &TestServer, name: &str, file: &str, folder: &tempfile::TempDir) -> (Client, String) {
    let client = server.user_in(&name.replace('.', "-"), "Europe/Berlin").await;
    import(&client, folded(file, 75)).await;
    let path = folder.path().join(name);
    std::fs::write(&path, export(&client).await).unwrap();
    (client, path.display().to_string())
}

#[tokio::test]
async fn four_parsers_read_every_export_without_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let module = project(".cache/node/node_modules/ical.js/dist/ical.js");
    assert!(module.exists(), "{} is not there: `make tools` installs it", module.display());
    let module = module.display().to_string();
    on(Kind::Sqlite, Settings::default(), async |server| {
        for (name, file) in FILES {
            let (_, path) = exported(server, name, file, &folder).await;
            let said = python("calendar_parsers.py", &[&path, &module]);
            let events = file.matches("BEGIN:VEVENT").count();
            for (program, line) in ["libical", "icalendar", "ical", "ical.js"].into_iter().zip(said.lines()) {
                match REFUSALS.iter().find(|known| (known.0, known.1) == (*name, program)) {
                    Some(known) => assert!(line.contains(known.2), "{name}: {line}"),
                    None => assert_eq!(line, format!("{program} {events}"), "{name}"),
                }
            }
            assert_eq!(said.lines().count(), 4, "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_occurrences_are_those_of_recurring_ical_events_but_for_what_the_rfc_decides() {
    let folder = tempfile::tempdir().unwrap();
    on(Kind::Sqlite, Settings::default(), async |server| {
        for (name, file) in FILES {
            let (client, path) = exported(server, name, file, &folder).await;
            let said = python("occurrences.py", &["Europe/Berlin", "2026-01-01", "2027-01-01", &path]);
            let mut theirs: Vec<String> =
                said.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect();
            for (_, line, ours, section) in DISAGREEMENTS.iter().filter(|known| known.0 == *name) {
                let place = theirs.iter().position(|known| known == line);
                let place = place.unwrap_or_else(|| panic!("{name}: no disagreement on {section} any more: {line}"));
                theirs[place] = (*ours).to_owned();
            }
            theirs.sort();
            assert_eq!(occurrences(&client).await.unwrap(), theirs, "{name}");
        }
    })
    .await;
}

/// `start end status title` of each occurrence of 2026, sorted; or why they cannot be listed.
pub async fn occurrences(client: &Client) -> Result<Vec<String>, String> {
    let window = "expand=true&limit=5000&start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z";
    let answer = client.get(&format!("/api/events/?{window}")).await;
    if answer.status != 200 {
        return Err(answer.is(400)["detail"].to_string());
    }
    let listed = answer.is(200);
    let field = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap().to_owned();
    let line = |event: &serde_json::Value| {
        ["start_time", "end_time", "status", "title"].map(|name| field(event, name)).join(" ").trim_end().to_owned()
    };
    let mut found: Vec<String> = listed.as_array().unwrap().iter().map(line).collect();
    found.sort();
    Ok(found)
}
