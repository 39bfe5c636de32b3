//! The real server on a port of its own, with a clock that stands still, and a client that looks at every answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use convene::accounts::attempts::LoginAttempts;
use convene::accounts::passwords::PasswordHashing;
use convene::app::App;
use convene::config::Config;
use convene::events::{ExportGate, ImportGate};
use convene::metrics::Metrics;
use convene::outbound::Outbound;
use convene::publishing::{FeedMemory, FeedUses};
use convene::scheduling::BusyMemory;
use convene::sealing::Sealing;
use convene::subscriptions::Refreshing;
use convene::time::FrozenClock;
use poem::listener::{Acceptor, Listener, TcpListener};
use tokio::sync::oneshot;

use super::client::Client;
use crate::databases::{Kind, TestDatabase};

/// What the clock shows when a test begins: a Thursday.
pub const NOW: &str = "2025-12-18T12:00:00Z";

/// A server with a fresh database. It ends with its test.
pub struct TestServer {
    pub address: SocketAddr,
    pub clock: Arc<FrozenClock>,
    pub app: Arc<App>,
    /// It ends with the last server on it.
    database: Arc<TestDatabase>,
    stop: oneshot::Sender<()>,
}

/// What a server is started with, where not with the defaults.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    /// The arguments of the command line.
    pub arguments: &'static [&'static str],
    /// Whether failed logins are limited.
    pub limits_logins: bool,
}

/// Runs a test against a server on each database.
pub async fn on_both(test: impl AsyncFn(&TestServer)) {
    on_both_with(Settings::default(), test).await;
}

/// Runs a test against a server with these settings on each database.
pub async fn on_both_with(settings: Settings, test: impl AsyncFn(&TestServer)) {
    for kind in Kind::ALL {
        println!("on {kind:?}:");
        on(kind, settings, &test).await;
    }
}

/// Runs a test against a server on one database.
pub async fn on(kind: Kind, settings: Settings, test: impl AsyncFn(&TestServer)) {
    let server = TestServer::start(kind, settings).await;
    test(&server).await;
    server.stop().await;
}

impl TestServer {
    pub async fn start(kind: Kind, settings: Settings) -> Self {
        let clock = Arc::new(FrozenClock::at(NOW.parse().unwrap()));
        Self::start_on(Arc::new(TestDatabase::migrated(kind).await), clock, settings).await
    }

    /// Another server on the same database, with the same clock.
    pub async fn beside(&self, settings: Settings) -> Self {
        Self::start_on(Arc::clone(&self.database), Arc::clone(&self.clock), settings).await
    }

    async fn start_on(database: Arc<TestDatabase>, clock: Arc<FrozenClock>, settings: Settings) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(1);
        let config = config(settings.arguments);
        let db = database.open().await;
        let app = Arc::new(App {
            sealing: Sealing::new(config.secret_key.as_ref().map(|secret| secret.reveal()), db.file()),
            refreshing: Refreshing::new(4, config.fetching.policy().total, SEED.fetch_add(1, Ordering::Relaxed)),
            db,
            clock: clock.clone(),
            imports: ImportGate::new(&config.limits()),
            exports: ExportGate::new(&config.limits()),
            limits: config.limits(),
            public_url: config.public_url(),
            passwords: PasswordHashing::new(2).unwrap(),
            login_attempts: LoginAttempts::new(settings.limits_logins),
            busy: BusyMemory::new(100_000),
            feeds: FeedMemory::new(16 << 20),
            feed_uses: FeedUses::default(),
            outbound: Outbound::new(config.fetching.policy()).unwrap(),
            metrics: Metrics::default(),
            trusted_proxies: config.trusted_proxies,
        });
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&app);
        tokio::spawn(async move {
            // Also when the sender is dropped.
            let stopped = async { drop(stopped.await) };
            convene::serve::run(serving, acceptor, &config, stopped).await.unwrap();
        });
        Self { address, clock, app, database, stop }
    }

    /// Ends it, and its database.
    pub async fn stop(self) {
        drop(self.stop);
        self.app.db.close().await;
        if let Some(database) = Arc::into_inner(self.database) {
            database.discard().await;
        }
    }

    /// Where an SQLite database lies.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Changes something behind the server's back.
    pub async fn change_database(&self, statement: &'static str) {
        self.database.execute(statement).await;
    }

    /// Ends all its connections to the database, as a failing server does.
    pub async fn cut_off_database(&self) {
        self.database.cut_off().await;
    }

    /// Somebody whom the server does not know.
    pub fn stranger(&self) -> Client {
        Client::new(self.address)
    }

    /// A new user in UTC, signed in.
    pub async fn user(&self, name: &str) -> Client {
        self.user_in(name, "UTC").await
    }

    /// A new user in a zone, signed in.
    pub async fn user_in(&self, name: &str, timezone: &str) -> Client {
        let mut client = self.stranger();
        let email = format!("{name}@example.com");
        let body = serde_json::json!({ "username": name, "password": PASSWORD, "email": email, "timezone": timezone });
        let made = client.post("/api/auth/register/", &body).await.is(201);
        client.id = made["user"]["id"].as_i64().unwrap();
        client
    }
}

/// Everybody's.
pub const PASSWORD: &str = "securePass123";

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
}

fn config(arguments: &[&str]) -> Config {
    CommandLine::parse_from(["convene"].iter().chain(arguments)).config
}
