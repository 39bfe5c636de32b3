//! Real files, where there is a collection of them: the folder that `CONVENE_CORPUS` names, with `files/*.ics` and a
//! `BASELINE.tsv` (file, source, licence, producer, events, and what three Python programs read: numbers, or `ERR …`).

use std::path::{Path, PathBuf};

use super::interop::{occurrences, python};
use super::{counts, export, import, upload};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, on};

struct Case {
    name: String,
    bytes: Vec<u8>,
    all_read_it: bool,
}

#[derive(Default, Debug)]
struct Tally {
    files: usize,
    imported: usize,
    refused: Vec<String>,
    read_by_all: usize,
    of_those_imported: usize,
    events: u64,
    skipped: u64,
    warnings: u64,
    faults: Vec<String>,
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CONVENE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("NOT TESTED: no real files; CONVENE_CORPUS names no folder of them");
    }
    folder
}

fn cases(folder: &Path) -> Vec<Case> {
    let baseline = std::fs::read_to_string(folder.join("BASELINE.tsv")).unwrap();
    let case = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let bytes = std::fs::read(folder.join("files").join(fields[0])).ok()?;
        let all_read_it = fields[5..8].iter().all(|count| count.parse::<usize>().is_ok());
        Some(Case { name: fields[0].to_owned(), bytes, all_read_it })
    };
    baseline.lines().skip(1).filter_map(case).collect()
}

#[tokio::test]
async fn real_files_go_in_and_come_out_the_same() {
    let Some(folder) = folder() else { return };
    on(Kind::Sqlite, Settings::default(), async |server| {
        let mut tally = Tally::default();
        for (number, case) in cases(&folder).iter().enumerate() {
            let (first, second) =
                (server.user(&format!("first{number}")).await, server.user(&format!("second{number}")).await);
            if let Err(fault) = round_trip(case, &first, &second, &mut tally).await {
                tally.faults.push(format!("{}: {fault}", case.name));
            }
        }
        println!("{tally:#?}");
        assert!(tally.faults.is_empty());
        assert_eq!(tally.of_those_imported, tally.read_by_all);
    })
    .await;
}

async fn round_trip(case: &Case, first: &Client, second: &Client, tally: &mut Tally) -> Result<(), String> {
    tally.files += 1;
    tally.read_by_all += usize::from(case.all_read_it);
    let answer = upload(first, "/api/events/import/", case.bytes.clone()).await;
    if answer.status != 200 {
        let reason = answer.is(400)["detail"].as_str().unwrap().to_owned();
        tally.refused.push(format!("{}: {reason}", case.name));
        return if reason.contains("line ") { Ok(()) } else { Err("a refusal without a line".to_owned()) };
    }
    let report = answer.is(200);
    let [created, _, _, skipped] = counts(&report);
    tally.imported += 1;
    tally.of_those_imported += usize::from(case.all_read_it);
    (tally.events, tally.skipped) = (tally.events + created, tally.skipped + skipped);
    tally.warnings += report["warnings"].as_array().unwrap().len() as u64;
    for error in report["errors"].as_array().unwrap() {
        tally.refused.push(format!("{} line {}: {}", case.name, error["line"], error["message"]));
    }
    let same = |what: &str, found: [u64; 4], expected: [u64; 4]| {
        if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} rather than {expected:?}")) }
    };
    same("the same file again", counts(&import(first, case.bytes.clone()).await), [0, 0, created, skipped])?;
    let text = export(first).await;
    same("its own export", counts(&import(first, text.clone()).await), [0, 0, created, 0])?;
    same("its export elsewhere", counts(&import(second, text.clone()).await), [created, 0, 0, 0])?;
    if export(second).await != text {
        return Err("the export of its export differs".to_owned());
    }
    for decade in [2000, 2010, 2020, 2030] {
        let path = format!(
            "/api/events/?expand=true&limit=5000&start={decade}-01-01T00:00:00Z&end={}-01-01T00:00:00Z",
            decade + 10
        );
        let (one, other) = (first.get(&path).await, second.get(&path).await);
        let times = |text: &str| {
            text.split(',')
                .filter(|field| field.contains("_time\"") || field.contains("_id\":\""))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        if one.status != other.status || times(&one.text) != times(&other.text) {
            return Err(format!("other occurrences from {decade} on"));
        }
    }
    Ok(())
}

/// Prints where recurring-ical-events finds other occurrences in 2026; who is right is for a reader to decide.
#[tokio::test]
async fn real_files_beside_recurring_ical_events() {
    let Some(folder) = folder() else { return };
    let paths = tempfile::tempdir().unwrap();
    on(Kind::Sqlite, Settings::default(), async |server| {
        let (mut ours, mut files) = (Vec::new(), Vec::new());
        for (number, case) in cases(&folder).iter().filter(|case| case.all_read_it).enumerate() {
            let client = server.user(&format!("first{number}")).await;
            import(&client, case.bytes.clone()).await;
            let found = match occurrences(&client).await {
                Ok(found) => found,
                Err(reason) => {
                    println!("{}: {reason}", case.name);
                    continue;
                }
            };
            let path = paths.path().join(&case.name);
            std::fs::write(&path, export(&client).await).unwrap();
            files.push(path.display().to_string());
            ours.push(found);
        }
        let mut arguments = vec!["UTC", "2026-01-01", "2027-01-01"];
        arguments.extend(files.iter().map(String::as_str));
        let said = python("occurrences.py", &arguments);
        let (mut equal, mut failed) = (0, 0);
        for (file, ours) in files.iter().zip(&ours) {
            let mine = said.lines().filter_map(|line| line.split_once('\t')).filter(|(name, _)| name == file);
            let theirs: Vec<&str> = mine.map(|(_, line)| line).collect();
            if theirs == *ours {
                equal += 1;
            } else if theirs.first().is_some_and(|line| line.starts_with("ERROR")) {
                failed += 1;
                println!("{file}: {}", theirs[0]);
            } else {
                let only = |a: &[&str], b: &[&str]| {
                    a.iter().filter(|line| !b.contains(line)).map(|line| (*line).to_owned()).take(4).collect::<Vec<_>>()
                };
                let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
                println!("{file}\n  only ours {:?}\n  only theirs {:?}", only(&ours, &theirs), only(&theirs, &ours));
            }
        }
        println!("{} files: {equal} equal, {failed} that they cannot expand", files.len());
    })
    .await;
}
