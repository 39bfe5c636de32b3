//! What the server does by itself, beside answering.
//!
//! There are two kinds. A [`Job`] is done by one instance for all, at its time: when that is stands in the database, so
//! that a restart neither loses nor doubles it, and an instance that dies over it is replaced. A [`Watch`] is what each
//! instance looks after by itself: its own memory, or work whose leases stand with the work.
//!
//! Nothing depends on when a job runs: what has ended is refused from then on, whether or not it is still stored. This
//! module refuses to know how anything is done.

mod chores;
mod schedule;
mod stop;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub use chores::{jobs, purge, watches};
pub use schedule::{Claim, Doing, Job, JobError, Outcome, Schedule};
pub use stop::{Stop, Tell};
pub use watch::Watch;

use crate::app::App;

/// Runs everything until it is told to stop; then what is under way has [`GRACE`] to come to its end, and what does not is
/// given back.
pub async fn run(app: Arc<App>, stop: Stop) {
    let mut tasks = JoinSet::new();
    for watch in watches() {
        tasks.spawn(watch.keep(Arc::clone(&app), stop.clone()));
    }
    tasks.spawn(Schedule::new(jobs()).keep(app, stop));
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a task of the server ended before its time: {error}");
        }
    }
}

/// The time that work under way has to come to its end once the server is told to stop.
pub const GRACE: Duration = Duration::from_secs(8);
