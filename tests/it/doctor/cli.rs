//! `convene doctor`, and the advice of `convene import`.

use std::path::Path;
use std::process::Output;

use super::{calendar, event};
use crate::program;

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    // A database that cannot be there: nothing of it is touched.
    let variables = [("CONVENE_DATABASE_URL", "sqlite://no/such/folder/never.db")];
    program::run(program::command(folder, &variables).args(arguments), input)
}

/// The exit status, standard output and standard error.
fn says(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let output = run(folder, arguments, input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_says_what_is_wrong_and_writes_the_repaired_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let bad = event("UID:bad\nSUMMARY:No start\nDTSTART-");
    let file = calendar(&format!("{}{bad}", event("DTSTAMP-")));
    std::fs::write(folder.join("a.ics"), &file).unwrap();
    let report = format!(
        "a.ics: 1 event was read; 1 was left out, 1 was repaired.\n  {} bytes, written by -//test//EN\n  1 VCALENDAR, 2 VEVENT\n\n  \
         left out: DTSTART: it is missing\n    line 9, \"No start\"\n    Open the event in its program and enter its start and \
         end anew.\n\n  repaired: the event has no DTSTAMP; one is made\n    line 4, \"Review\"\n    Have the program write \
         DTSTAMP, and LAST-MODIFIED when an event changes.\n",
        file.len()
    );
    let left_out = "convene: 1 event was left out\n".to_owned();
    assert_eq!(says(folder, &["doctor", "a.ics"], ""), (1, report.clone(), left_out.clone()));
    assert_eq!(says(folder, &["doctor", "a.ics", "--repaired", "b.ics"], ""), (1, report, left_out));
    let repaired = std::fs::read_to_string(folder.join("b.ics")).unwrap();
    assert!(repaired.contains("UID:it\r\n") && !repaired.contains("UID:bad"), "{repaired}");
    let (code, said, _) = says(folder, &["doctor", "b.ics"], "");
    assert_eq!((code, said.lines().next().unwrap()), (0, "b.ics: 1 event was read; nothing had to be repaired."));
    let piped = says(folder, &["doctor", "-", "--repaired", "-"], &repaired);
    assert_eq!(piped, (0, repaired, String::new()));
}

#[test]
fn it_refuses_in_words_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("no.ics"), "hello").unwrap();
    for (arguments, reason) in [
        (["doctor", "absent.ics", "--timezone=UTC"], "absent.ics: "),
        (["doctor", "no.ics", "--timezone=UTC"], "no.ics: line 1: BEGIN:VCALENDAR is expected"),
        (["doctor", "no.ics", "--timezone=Mars"], "\"Mars\" is not a known time zone"),
        (["doctor", "no.ics", "--max-import-bytes=1024"], "no.ics: line 1"),
    ] {
        let (code, _, said) = says(folder, &arguments, "");
        assert!(code == 1 && said.contains(reason) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    let (code, _, said) = says(folder, &["doctor", "no.ics", "no.ics", "--repaired", "b.ics"], "");
    assert!(code == 1 && said.contains("name one file"), "{said}");
    assert!(!folder.join("b.ics").exists());
    let long = calendar(&event(&format!("DESCRIPTION:{}", "x".repeat(2000))));
    let (code, _, said) = says(folder, &["doctor", "-", "--max-import-bytes=1024"], &long);
    assert!(code == 1 && said.contains("CONVENE_MAX_IMPORT_BYTES"), "{said}");
}
