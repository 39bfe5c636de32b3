//! What keeps the program from running, in one sentence each.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::databases::{Kind, TestDatabase};
use crate::program::{command, run, succeed};

/// Ends at once, with one sentence that has these words and begins with the key.
#[track_caller]
fn check(command: &mut Command, key: &str, words: &[&str]) {
    let output = run(command, "");
    let said = String::from_utf8_lossy(&output.stderr);
    let sentence = said.lines().last().unwrap_or_default();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(sentence.starts_with(&format!("convene: {key} (--")), "{said}");
    assert!(words.iter().all(|word| sentence.contains(word)), "{said}");
    assert!(said.lines().filter(|line| !line.contains(" INFO ")).count() == 1, "one sentence: {said}");
}

#[test]
fn a_port_that_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(
        &mut command(folder.path(), &[("CONVENE_LISTEN", &address)]),
        "CONVENE_LISTEN",
        &[&address, "choose another port"],
    );
    assert!(!folder.path().join("convene.db").exists(), "it made no database on the way");
}

#[test]
fn a_folder_that_is_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut permissions = folder.path().metadata().unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o555);
    std::fs::set_permissions(folder.path(), permissions).unwrap();
    check(&mut as_nobody(folder.path()), "CONVENE_DATABASE_URL", &["convene.db cannot be opened for writing"]);
}

#[test]
fn a_database_that_may_not_be_written() {
    let folder = tempfile::tempdir().unwrap();
    succeed(command(folder.path(), &[]).arg("migrate"));
    let open = |path: &Path, mode| {
        let mut permissions = path.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, mode);
        std::fs::set_permissions(path, permissions).unwrap();
    };
    open(folder.path(), 0o777);
    open(&folder.path().join("convene.db"), 0o444);
    check(&mut as_nobody(folder.path()), "CONVENE_DATABASE_URL", &["convene.db cannot be opened for writing"]);
}

#[test]
fn a_file_that_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("convene.db"), "something else".repeat(100)).unwrap();
    check(&mut command(folder.path(), &[]), "CONVENE_DATABASE_URL", &["convene.db", "not a database"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_a_newer_version() {
    for kind in Kind::ALL {
        let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::migrated(kind).await);
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
            SELECT 9999, description, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1";
        match kind {
            Kind::Sqlite => {
                let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
                sqlx::query(newer).execute(&mut conn).await.unwrap();
            }
            Kind::Postgres => {
                let mut conn = PgConnection::connect(&database.url).await.unwrap();
                sqlx::query(newer).execute(&mut conn).await.unwrap();
            }
        }
        let mut serve = command(folder.path(), &[("CONVENE_DATABASE_URL", &database.url)]);
        check(&mut serve, "CONVENE_DATABASE_URL", &["version 9999", "use a newer one"]);
        check(serve.arg("migrate"), "CONVENE_DATABASE_URL", &["version 9999", "use a newer one"]);
    }
}

#[test]
fn a_postgresql_that_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://convene:pa55word@127.0.0.1:1/convene";
    let mut serve = command(folder.path(), &[("CONVENE_DATABASE_URL", url)]);
    check(&mut serve, "CONVENE_DATABASE_URL", &["the database server at 127.0.0.1:1 cannot be used"]);
    let output = run(&mut serve, "");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("pa55word"));
}

/// The program without the rights of root, who may write everywhere.
fn as_nobody(folder: &Path) -> Command {
    let uid = succeed(Command::new("id").arg("-u"));
    if uid.trim() != "0" {
        return command(folder, &[]);
    }
    // Root's folders need not be open to others: the program goes along.
    let copy = std::env::temp_dir().join(format!("convene-{}", std::process::id()));
    if !copy.exists() {
        let partial = tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_convene"), &partial).unwrap();
        succeed(Command::new("chmod").arg("755").arg(&partial));
        std::fs::rename(&partial, &copy).unwrap();
    }
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
    nobody.current_dir(folder).env_clear().env("CONVENE_LISTEN", "127.0.0.1:0");
    nobody
}
