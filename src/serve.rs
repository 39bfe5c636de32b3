//! The server: opens the database, listens, and stops cleanly.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use tokio::task::JoinHandle;

use crate::accounts::Secret;
use crate::accounts::attempts::LoginAttempts;
use crate::accounts::passwords::PasswordHashing;
use crate::app::App;
use crate::config::{Config, Switch};
use crate::events::{ExportGate, ImportGate};
use crate::http;
use crate::http::connections::BoundedAcceptor;
use crate::jobs::{self, Stop};
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::publishing::{self, FeedMemory, FeedUses};
use crate::scheduling::BusyMemory;
use crate::sealing::Sealing;
use crate::storage::{Db, DbOptions, OpenError};
use crate::subscriptions::{self, Refreshing};
use crate::time::{Clock, SystemClock};

/// Why the server does not run: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database cannot be used.
    #[error("CONVENE_DATABASE_URL (--database-url): {0}")]
    Database(#[from] OpenError),
    /// The address cannot be listened on.
    #[error(
        "CONVENE_LISTEN (--listen): cannot listen on {address}: {reason}; stop what uses it or choose another port"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The machine failed.
    #[error("{0}")]
    Machine(String),
}

/// Opens the database, brings its schema up to date, and makes the application.
///
/// # Errors
/// [`ServeError`].
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<App, ServeError> {
    let connections = u32::try_from(config.bounds.database_connections).unwrap_or(u32::MAX);
    let options = DbOptions { max_connections: connections, ..DbOptions::default() };
    let db = Db::open(&config.database_url, &options).await?;
    db.migrate().await?;
    let machine = |error: &dyn std::fmt::Display| ServeError::Machine(error.to_string());
    let passwords = PasswordHashing::new(config.bounds.max_hashes).map_err(|error| machine(&error))?;
    let sealing = Sealing::new(config.secret_key.as_ref().map(Secret::reveal), db.file());
    Ok(App {
        sealing,
        refreshing: Refreshing::new(config.fetching.fetch_at_once, config.fetching.policy().total, random_seed()),
        db,
        clock,
        imports: ImportGate::new(&config.limits()),
        exports: ExportGate::new(&config.limits()),
        limits: config.limits(),
        public_url: config.public_url(),
        passwords,
        login_attempts: LoginAttempts::new(config.rate_limit == Switch::On),
        busy: BusyMemory::new(config.bounds.remembered_periods as u64),
        feeds: FeedMemory::new(config.bounds.feed_memory_bytes as u64),
        feed_uses: FeedUses::default(),
        outbound: Outbound::new(config.fetching.policy()).map_err(|error| machine(&error))?,
        metrics: Metrics::default(),
        trusted_proxies: config.trusted_proxies,
    })
}

/// Serves on the configured address until the process is told to stop; then finishes what is under way.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(config: &Config) -> Result<(), ServeError> {
    let stop = told_to_stop()?;
    let refuse = |reason| ServeError::Listen { address: config.listen, reason };
    let listener = TcpListener::bind(config.listen).into_acceptor().await.map_err(refuse)?;
    // Port 0 asks the system for one that is free.
    let bound = listener.local_addr().iter().find_map(|address| address.as_socket_addr().copied());
    let config = Config { listen: bound.unwrap_or(config.listen), ..config.clone() };
    let app = Arc::new(open(&config, Arc::new(SystemClock)).await?);
    announce(&config);
    let (tell, told) = Stop::new();
    let jobs = tokio::spawn(jobs::run(Arc::clone(&app), told));
    let stop = async {
        stop.await;
        tell.stop();
    };
    let served = run(Arc::clone(&app), listener, &config, stop).await;
    // Also where the server broke off by itself.
    tell.stop();
    end(jobs).await;
    if let Err(error) = publishing::flush_uses(&app).await {
        tracing::warn!(%error, "uses of feeds could not be noted: {error}");
    }
    if let Err(error) = subscriptions::release(&app).await {
        tracing::warn!(%error, "addresses that were being asked could not be given back: {error}");
    }
    served?;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Waits for the jobs, whose own grace is shorter than this one: longer takes only a database that does not answer.
async fn end(mut jobs: JoinHandle<()>) {
    match tokio::time::timeout(GRACE, &mut jobs).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the jobs broke off: {error}"),
        Err(_) => {
            tracing::warn!("the jobs did not end in time");
            jobs.abort();
        }
    }
}

/// Serves what `listener` accepts until `stop`; then finishes what is under way, for ten seconds at the most.
///
/// # Errors
/// [`ServeError::Machine`].
pub async fn run<A>(
    app: Arc<App>,
    listener: A,
    config: &Config,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError>
where
    A: Acceptor + 'static,
    A::Io: Unpin,
{
    let bounded = BoundedAcceptor::new(listener, config.bounds.max_connections, config.header_time());
    poem::Server::new_with_acceptor(bounded)
        .idle_timeout(config.idle_time())
        .run_with_graceful_shutdown(http::routes(&app), stop, Some(GRACE))
        .await
        .map_err(|error| ServeError::Machine(error.to_string()))
}

/// Another one in each server on the same database, or almost surely so.
fn random_seed() -> u64 {
    let mut bytes = [0; 8];
    // Without chance, the process and its time of start have to do.
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => u64::from(std::process::id()) << 32 ^ SystemClock.now().as_microsecond().unsigned_abs(),
    }
}

/// The time that requests under way have to finish.
const GRACE: Duration = Duration::from_secs(10);

fn announce(config: &Config) {
    let address = config.listen;
    let data = without_password(&config.database_url);
    let docs = format!("{}/docs", config.public_url());
    tracing::info!(%address, %data, %docs, "listening on http://{address}, data in {data}, documentation at {docs}");
}

/// A database URL as it may be shown.
fn without_password(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => url.to_owned(),
    }
}

/// Ends when the process gets SIGTERM or SIGINT. They are heard from this call on, before the future is first looked at: one
/// that comes early must not end the process in the midst of things.
fn told_to_stop() -> Result<impl Future<Output = ()>, ServeError> {
    use tokio::signal::unix::{SignalKind, signal};
    let deaf = |error: std::io::Error| ServeError::Machine(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
    })
}
