//! A fresh database for each test, of both kinds. The PostgreSQL server is the suite's own: started by the first test that
//! needs it, and ended with this process, however that ends. Where there is no PostgreSQL, the tests fail.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use convene::storage::{Db, DbOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database of one test. It is gone when this is dropped (SQLite) or with the server (PostgreSQL).
pub struct TestDatabase {
    pub kind: Kind,
    pub url: String,
    _folder: Option<TempDir>,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// Runs a test on a fresh, migrated database of each kind.
pub async fn for_each_database(test: impl AsyncFn(Db)) {
    for kind in Kind::ALL {
        println!("on {kind:?}:");
        let database = TestDatabase::migrated(kind).await;
        let db = database.open().await;
        test(db.clone()).await;
        db.close().await;
        database.discard().await;
    }
}

impl TestDatabase {
    /// A database without tables.
    pub async fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::sqlite(),
            Kind::Postgres => Self::postgres("template0").await,
        }
    }

    /// A database with all tables and nothing in them.
    pub async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let database = Self::sqlite();
                migrate(&database.url).await;
                database
            }
            Kind::Postgres => {
                static TEMPLATE: OnceCell<()> = OnceCell::const_new();
                TEMPLATE.get_or_init(make_template).await;
                Self::postgres(TEMPLATE_NAME).await
            }
        }
    }

    /// Opens it as the program does.
    pub async fn open(&self) -> Db {
        self.open_with(&DbOptions::default()).await
    }

    /// Opens it with other options.
    pub async fn open_with(&self, options: &DbOptions) -> Db {
        Db::open(&self.url, options).await.unwrap()
    }

    /// Frees its space on the server; whoever is connected still is thrown out.
    pub async fn discard(self) {
        if self.kind == Kind::Postgres {
            let (_, name) = self.url.rsplit_once('=').unwrap();
            administer(format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Changes something behind the program's back.
    pub async fn execute(&self, statement: &'static str) {
        match self.kind {
            Kind::Sqlite => {
                let mut conn = SqliteConnection::connect(&self.url).await.unwrap();
                conn.execute(statement).await.unwrap();
                conn.close().await.unwrap();
            }
            Kind::Postgres => {
                let mut conn = PgConnection::connect(&self.url).await.unwrap();
                conn.execute(statement).await.unwrap();
                conn.close().await.unwrap();
            }
        }
    }

    /// Throws out whoever is connected (PostgreSQL).
    pub async fn cut_off(&self) {
        let (_, name) = self.url.rsplit_once('=').unwrap();
        administer(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("convene.db").display());
        Self { kind: Kind::Sqlite, url, _folder: Some(folder) }
    }

    async fn postgres(template: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        administer(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { kind: Kind::Postgres, url: SERVER.url(&name), _folder: None }
    }
}

const TEMPLATE_NAME: &str = "convene_template";

/// The template sorts text as dictionaries do, as most servers in the world do by default: so an answer that depends on
/// the order of bytes must say so.
async fn make_template() {
    let locale = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
    administer(format!("CREATE DATABASE {TEMPLATE_NAME} TEMPLATE template0 {locale}")).await;
    migrate(&SERVER.url(TEMPLATE_NAME)).await;
}

async fn migrate(url: &str) {
    let db = Db::open(url, &DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
}

async fn administer(statement: String) {
    let mut server = PgConnection::connect(&SERVER.url("postgres")).await.unwrap();
    server.execute(AssertSqlSafe(statement)).await.unwrap();
    server.close().await.unwrap();
}

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// A private PostgreSQL, reached through a socket in a folder of its own.
struct Server {
    folder: PathBuf,
    /// It stops the server and removes the folder when its standard input ends, that is, with this process.
    _keeper: Child,
}

/// In a shell that outlives this process by the moment that the cleaning takes.
const KEEP: &str = r#"
    stop() { pg_ctl -D data -m immediate stop; cd /; rm -rf "$FOLDER"; }
    trap stop EXIT
    initdb -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >log 2>&1 &&
    pg_ctl -D data -l log -w -o "$SETTINGS" start >>log 2>&1 || { cat log; exit 1; }
    echo ready
    exec >/dev/null 2>&1
    cat
"#;

/// Nothing here outlives the server, so nothing waits for the disk.
const SETTINGS: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
    -c shared_buffers=64MB -c autovacuum=off -c deadlock_timeout=50ms";

impl Server {
    fn start() -> Self {
        let bin = newest_binaries();
        let folder = tempfile::Builder::new().prefix("convene-pg-").tempdir_in("/tmp").unwrap().keep();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let settings = format!("{SETTINGS} -c listen_addresses= -c unix_socket_directories={}", folder.display());
        let mut keeper = as_someone_else_than_root(&folder)
            .args(["sh", "-c", KEEP])
            .current_dir(&folder)
            .env("PATH", path)
            .env("FOLDER", &folder)
            .env("SETTINGS", settings)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(keeper.stdout.take().unwrap());
        let mut said = String::new();
        output.read_line(&mut said).unwrap();
        if said.trim() != "ready" {
            output.read_to_string(&mut said).unwrap();
            panic!("PostgreSQL does not start: {said}");
        }
        Self { folder, _keeper: keeper }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost?host={}&dbname={database}", self.folder.display())
    }
}

/// PostgreSQL refuses to run as root: there it runs as the user `postgres` of its package.
fn as_someone_else_than_root(folder: &Path) -> Command {
    let uid = Command::new("id").arg("-u").output().unwrap().stdout;
    if uid.trim_ascii() != b"0" {
        return Command::new("env");
    }
    let given = Command::new("chown").arg("postgres:").arg(folder).status().unwrap();
    assert!(given.success(), "there is no user `postgres` to run PostgreSQL as");
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command
}

fn newest_binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|v| v.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort_by_key(|bin| bin.to_string_lossy().split('/').find_map(|part| part.parse::<u32>().ok()));
    found.pop().expect("no PostgreSQL in /usr/lib/postgresql: `make tools` installs it")
}
