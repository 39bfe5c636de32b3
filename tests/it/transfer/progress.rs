//! What is told on the way of a long import: a line on a terminal, and nothing anywhere else.

use super::cli::add_user;
use super::{calendar, event};
use crate::databases::{Kind, TestDatabase};
use crate::program::{self, command, project, python_tool, succeed};

/// Takes a program without optimisation several ticks of the line.
const EVENTS: usize = 30_000;
const LINES: &str = "DTSTAMP:20260101T000000Z\nRRULE:FREQ=DAILY;COUNT=100";
const ARGUMENTS: [&str; 5] = ["import", "long.ics", "--user", "ann", "--dry-run"];

#[tokio::test(flavor = "multi_thread")]
async fn a_long_import_shows_how_far_it_is_on_a_terminal_only() {
    let database = TestDatabase::migrated(Kind::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let db = database.open().await;
    add_user(&db).await;
    db.close().await;
    let events: String = (0..EVENTS).map(|number| event(&number.to_string(), LINES)).collect();
    std::fs::write(folder.path().join("long.ics"), calendar(&events)).unwrap();
    let variables = [("CONVENE_DATABASE_URL", database.url.as_str()), ("CONVENE_LOG", "warn")];
    let said = format!("long.ics: {EVENTS} created, 0 updated, 0 unchanged, 0 skipped (nothing was changed)");

    let mut terminal = python_tool("python");
    terminal.current_dir(folder.path()).envs(variables).arg(project("tests/programs/terminal.py"));
    terminal.args(["no-Password", env!("CARGO_BIN_EXE_convene")]).args(ARGUMENTS);
    let shown = succeed(&mut terminal);
    let lines: Vec<&str> = shown.split("\r\x1b[K").collect();
    let is_progress = |line: &&&str| {
        **line == "reading …"
            || ["indexing", "storing"]
                .iter()
                .any(|phase| line.starts_with(phase) && line.ends_with(&format!(" of {EVENTS} events …")))
    };
    assert!(lines.iter().any(|line| is_progress(&line)), "{shown:?}");
    // The line is gone when the summary comes, and nothing else was shown.
    assert_eq!(lines.first(), Some(&""), "{shown:?}");
    assert_eq!(lines.last().map(|last| last.trim_end()), Some(said.as_str()), "{shown:?}");
    assert!(lines[1..lines.len() - 1].iter().all(|line| is_progress(&line)), "{shown:?}");

    let piped = program::run(command(folder.path(), &variables).args(ARGUMENTS), "");
    assert_eq!(String::from_utf8(piped.stderr).unwrap(), "");
    assert_eq!(String::from_utf8(piped.stdout).unwrap().trim_end(), said);
    database.discard().await;
}
