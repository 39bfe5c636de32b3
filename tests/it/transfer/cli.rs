//! `convene import`, `convene export` and `convene selftest`.

use std::path::Path;
use std::process::Output;

use super::{calendar, event};
use crate::databases::{Kind, TestDatabase};
use crate::program;

struct Program<'a> {
    url: &'a str,
    folder: &'a Path,
}

impl Program<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        let variables = [("CONVENE_DATABASE_URL", self.url), ("CONVENE_LOG", "warn")];
        program::run(program::command(self.folder, &variables).args(arguments), "")
    }

    #[track_caller]
    fn says(&self, arguments: &[&str], expected: &str) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{arguments:?}");
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str], reason: &str) {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(reason) && said.lines().count() == 1,
            "{arguments:?}: {said}"
        );
    }
}

#[tokio::test]
async fn files_go_in_and_out_by_the_command_line() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let server_side = database.open().await;
        add_user(&server_side).await;
        server_side.close().await;
        let program = Program { url: &database.url, folder: folder.path() };
        let broken = "BEGIN:VEVENT\nUID:bad\nDTSTAMP:20260101T000000Z\nEND:VEVENT\nBEGIN:VTODO\nUID:t\nEND:VTODO\n";
        let stamped = |uid: &str| event(uid, "DTSTAMP:20260101T000000Z");
        let file = calendar(&[stamped("one").as_str(), broken, stamped("two").as_str()].concat());
        std::fs::write(folder.path().join("a.ics"), file).unwrap();
        std::fs::write(folder.path().join("no.ics"), "hello").unwrap();
        let line = "\n  ignored: 1 VTODO\n  line 10: DTSTART: it is missing (UID bad)\n  advice: Open the event in its program and enter its \
            start and end anew.\n";
        let report = |counts: &str| format!("a.ics: {counts}{line}");
        let import = ["import", "a.ics", "--user", "Ann"];
        program.says(
            &["import", "a.ics", "--user", "ann", "--dry-run"],
            &report("2 created, 0 updated, 0 unchanged, 1 skipped (nothing was changed)"),
        );
        program.says(&import, &report("2 created, 0 updated, 0 unchanged, 1 skipped"));
        program.says(&import, &report("0 created, 0 updated, 2 unchanged, 1 skipped"));
        program.says(
            &["import", "a.ics", "--user", "ann", "--calendar", "Calendar"],
            &report("0 created, 0 updated, 2 unchanged, 1 skipped"),
        );
        program.says(&["export", "--user", "ann", "out.ics"], "");
        let text = std::fs::read_to_string(folder.path().join("out.ics")).unwrap();
        program.says(&["export", "--user", "ann"], &text);
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
        program
            .says(&["import", "out.ics", "--user", "ann"], "out.ics: 0 created, 0 updated, 2 unchanged, 0 skipped\n");
        program.refuses(&["import", "a.ics", "--user", "bob"], "there is no such user");
        program.refuses(&["import", "a.ics", "--user", "ann", "--calendar", "Work"], "there is no calendar \"Work\"");
        program.refuses(&["import", "absent.ics", "--user", "ann"], "absent.ics");
        program.refuses(&["import", "no.ics", "--user", "ann"], "no.ics: line 1");
        program.refuses(&["export", "--user", "ann", "no/such/folder.ics"], "no/such/folder.ics");
        database.discard().await;
    }
}

#[test]
fn the_self_test_says_what_it_compared() {
    let folder = tempfile::tempdir().unwrap();
    let output = Program { url: "sqlite://never.db", folder: folder.path() }.run(&["selftest"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(
        said.starts_with("tz database 20") && said.contains("42 of 42 equal") && said.ends_with("all is well\n"),
        "{said}"
    );
    assert!(!folder.path().join("never.db").exists());
}

pub async fn add_user(db: &convene::storage::Db) {
    use convene::storage::accounts::{self, PasswordHash, Profile, Visibility};
    use convene::storage::calendars::{self, CalendarKind, CalendarTraits, NewCalendar};
    let (now, utc) = (convene::time::Timestamp::UNIX_EPOCH, convene::time::Zone::utc());
    let profile = Profile {
        username: "ann".to_owned(),
        username_key: "ann".to_owned(),
        email: "ann@example.com".to_owned(),
        email_key: "ann@example.com".to_owned(),
        timezone: utc.clone(),
        work_start: convene::time::Time::midnight(),
        work_end: convene::time::Time::midnight(),
        work_days: convene::time::Days::ALL,
        free_busy_visibility: Visibility::Users,
    };
    let traits = CalendarTraits {
        name: "Calendar".to_owned(),
        color: "#3a87ad".to_owned(),
        description: String::new(),
        timezone: utc,
        counts_as_busy: true,
    };
    let mut conn = db.write().await.unwrap();
    let user_id = accounts::insert(&mut conn, &profile, &PasswordHash("x".to_owned()), now).await.unwrap();
    let calendar = NewCalendar { user_id, is_default: true, kind: CalendarKind::Local, traits, created_at: now };
    calendars::insert(&mut conn, &calendar).await.unwrap();
    conn.commit().await.unwrap();
}
