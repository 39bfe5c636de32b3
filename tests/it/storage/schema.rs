use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use convene::storage::{Db, DbOptions, OpenError, StorageError};
use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::databases::{Kind, TestDatabase};

/// Columns by table: the type's family, and whether it may be absent.
type Catalog = BTreeMap<(String, String), (&'static str, bool)>;

fn family(declared: &str) -> &'static str {
    match declared {
        "INTEGER" | "bigint" | "smallint" | "boolean" => "integer",
        "TEXT" | "text" => "text",
        "BLOB" | "bytea" => "bytes",
        other => panic!("a type that the two databases do not share: {other}"),
    }
}

async fn sqlite_rows(url: &str, query: &'static str) -> Vec<Vec<String>> {
    let mut conn = SqliteConnection::connect(url).await.unwrap();
    let rows = conn.fetch_all(query).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|n| row.get(n)).collect()).collect()
}

async fn postgres_rows(url: &str, query: &'static str) -> Vec<Vec<String>> {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let rows = conn.fetch_all(query).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|n| row.get(n)).collect()).collect()
}

fn catalog(rows: Vec<Vec<String>>) -> Catalog {
    let entry = |row: Vec<String>| {
        let [table, column, declared, absent] = <[String; 4]>::try_from(row).unwrap();
        ((table, column), (family(&declared), absent == "yes"))
    };
    rows.into_iter().map(entry).collect()
}

const SQLITE_COLUMNS: &str = "SELECT t.name, c.name, c.type, CASE WHEN c.\"notnull\" OR c.pk THEN 'no' ELSE 'yes' END \
    FROM pragma_table_list t, pragma_table_info(t.name) c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations' AND t.\"strict\"";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text, \
    CASE is_nullable WHEN 'YES' THEN 'yes' ELSE 'no' END FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'";
const SQLITE_INDEXES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name";
const POSTGRES_INDEXES: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = 'public' AND c.relkind = 'i' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid) \
    ORDER BY c.relname COLLATE \"C\"";

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let sqlite = TestDatabase::migrated(Kind::Sqlite).await;
    let postgres = TestDatabase::migrated(Kind::Postgres).await;
    let columns = catalog(sqlite_rows(&sqlite.url, SQLITE_COLUMNS).await);
    assert_eq!(columns, catalog(postgres_rows(&postgres.url, POSTGRES_COLUMNS).await));
    let tables: Vec<&str> = columns.keys().map(|(table, _)| table.as_str()).collect();
    assert!(["users", "sessions", "api_tokens", "calendars", "events"].iter().all(|table| tables.contains(table)));
    let indexes = sqlite_rows(&sqlite.url, SQLITE_INDEXES).await;
    assert_eq!(indexes, postgres_rows(&postgres.url, POSTGRES_INDEXES).await);
}

#[test]
fn both_databases_have_the_same_steps_and_the_program_knows_them() {
    let files = |folder: &str| {
        let entries = std::fs::read_dir(format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(files("sqlite"), files("postgres"));
    let known = include_str!("../../../src/storage/migrations.rs");
    for file in files("sqlite") {
        assert!(known.contains(&format!("\"{}\"", file.trim_end_matches(".sql"))), "{file} is not in migrations.rs");
    }
}

#[tokio::test]
async fn a_database_is_ready_once_it_is_migrated_and_migrating_again_is_nothing() {
    for kind in Kind::ALL {
        let database = TestDatabase::empty(kind).await;
        let db = database.open().await;
        assert!(matches!(db.ready().await, Err(StorageError::Unavailable(_))), "{kind:?}");
        db.migrate().await.unwrap();
        db.ready().await.unwrap();
        db.migrate().await.unwrap();
        db.ready().await.unwrap();
        db.close().await;
        assert!(matches!(db.ready().await, Err(StorageError::Unavailable(_))), "{kind:?}");
        database.open().await.ready().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_start_together_migrate_once() {
    for kind in Kind::ALL {
        let database = TestDatabase::empty(kind).await;
        let starts: Vec<Db> = [database.open().await, database.open().await, database.open().await].into();
        let tasks: Vec<_> = starts.into_iter().map(|db| tokio::spawn(async move { db.migrate().await })).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }
}

const FROM_THE_FUTURE: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    SELECT 9999, 'x', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";

#[tokio::test]
async fn a_newer_schema_is_refused() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let open = database.open().await;
        match kind {
            Kind::Sqlite => drop(sqlite_rows(&database.url, FROM_THE_FUTURE).await),
            Kind::Postgres => drop(postgres_rows(&database.url, FROM_THE_FUTURE).await),
        }
        assert!(matches!(open.ready().await, Err(StorageError::Unavailable(_))), "{kind:?}");
        let refused = Db::open(&database.url, &DbOptions::default()).await;
        let Err(OpenError::NewerSchema { found: 9999, known }) = refused else { panic!("{refused:?}") };
        assert!(known < 9999);
    }
}

#[tokio::test]
async fn bad_urls_are_refused_in_a_sentence() {
    for url in
        ["", "mysql://x", "convene.db", "sqlite::memory:", "sqlite:", "sqlite:x.db?mode=memory", "postgres://h:x/y"]
    {
        let refused = Db::open(url, &DbOptions::default()).await;
        assert!(matches!(refused, Err(OpenError::BadUrl(_))), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let options = DbOptions { acquire_timeout: std::time::Duration::from_millis(300), ..DbOptions::default() };
    let refused = Db::open("postgres://somebody:secret@127.0.0.1:1/x", &options).await.unwrap_err().to_string();
    assert!(refused.contains("127.0.0.1:1") && refused.contains("refused") && !refused.contains("secret"), "{refused}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/folder/x.db");
    let a_folder = folder.path().join("folder.db");
    std::fs::create_dir(&a_folder).unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is not a database, but it is long enough to be looked at".repeat(99)).unwrap();
    let read_only = std::path::PathBuf::from("/proc/convene.db");
    for path in [missing, a_folder, text, read_only] {
        let refused = Db::open(&format!("sqlite:{}", path.display()), &DbOptions::default()).await;
        assert!(matches!(&refused, Err(OpenError::File { .. })), "{refused:?}");
        assert!(refused.unwrap_err().to_string().contains(&path.display().to_string()));
    }
}

#[tokio::test]
async fn the_file_is_private_and_a_commit_waits_for_the_disk() {
    let database = TestDatabase::migrated(Kind::Sqlite).await;
    let source = include_str!("../../../src/storage/open.rs");
    assert!(source.contains("SqliteSynchronous::Full") && source.contains("SqliteJournalMode::Wal"));
    assert_eq!(sqlite_rows(&database.url, "PRAGMA journal_mode").await, [["wal"]]);
    let mode = std::fs::metadata(database.url.trim_start_matches("sqlite:")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(sqlite_rows(&database.url, "PRAGMA integrity_check").await, [["ok"]]);
}
