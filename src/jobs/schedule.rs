//! Jobs that are done by one instance for all: by whom and when stands in the database.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::{GRACE, Stop};
use crate::app::App;
use crate::storage::jobs::{self as stored, End, Lease};
use crate::storage::{Conn, StorageError};

/// Work under way.
pub type Doing = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;

/// Why work failed: a sentence for the log.
pub type JobError = Box<dyn Error + Send + Sync>;

/// Something to be done every so often, by one instance for all. It may be done twice where an instance dies between the
/// work and the note of it, so it must not matter if it is.
pub struct Job {
    name: &'static str,
    every: SignedDuration,
    work: Box<dyn Fn(Arc<App>) -> Doing + Send + Sync>,
}

/// The jobs of one instance.
#[derive(Clone)]
pub struct Schedule {
    jobs: Arc<[Job]>,
    /// What the instance is called in leases.
    instance: String,
}

/// A job that is this instance's until its lease ends.
pub struct Claim {
    schedule: Schedule,
    at: usize,
    due_at: Timestamp,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It failed, and is tried again before long.
    Failed,
    /// It was not done in time before the server's end; whoever comes next does it.
    GivenBack,
    /// Another instance has taken it, because this one did not renew its lease.
    Lost,
}

impl Job {
    /// Does this every so often.
    pub fn new<F>(
        name: &'static str,
        every: SignedDuration,
        work: impl Fn(Arc<App>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Self { name, every, work: Box::new(move |app| Box::pin(work(app))) }
    }
}

impl Schedule {
    /// For one instance; another one is another instance.
    pub fn new(jobs: Vec<Job>) -> Self {
        Self { jobs: jobs.into(), instance: Uuid::new_v4().to_string() }
    }

    /// Puts each job on the schedule; a new one is due at once, and one that is known stays as it is.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn plan(&self, app: &App, now: Timestamp) -> Result<(), StorageError> {
        let mut conn = app.db.write().await?;
        for job in self.jobs.iter() {
            stored::plan(&mut conn, job.name, now).await?;
        }
        conn.commit().await
    }

    /// Takes a job that is due, if there is one.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn claim(&self, app: &App, now: Timestamp) -> Result<Option<Claim>, StorageError> {
        let mut conn = app.db.read_one().await?;
        let due = stored::due(&mut conn, now).await?;
        app.db.done(conn);
        // Another version of the program may have put jobs there that this one does not know.
        let known = due.iter().filter_map(|name| self.jobs.iter().position(|job| job.name == name));
        for at in known {
            let mut conn = app.db.write().await?;
            let taken = stored::take(&mut conn, &self.lease(at, now), now).await?;
            conn.commit().await?;
            if let Some(due_at) = taken {
                return Ok(Some(Claim { schedule: self.clone(), at, due_at }));
            }
        }
        Ok(None)
    }

    /// Does what is due whenever it is, some jobs at once, until it is told to stop; then those under way come to their end.
    pub(super) async fn keep(self, app: Arc<App>, stop: Stop) {
        let mut times = interval(LOOK_EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_planned, mut under_way) = (false, JoinSet::new());
        loop {
            tokio::select! {
                biased;
                () = stop.told() => break,
                Some(ended) = under_way.join_next() => note(ended),
                _ = times.tick() => {
                    let now = app.clock.now();
                    if !is_planned {
                        is_planned = self.plan(&app, now).await.inspect_err(unreadable).is_ok();
                    }
                    while under_way.len() < AT_ONCE {
                        let Ok(Some(claim)) = self.claim(&app, now).await.inspect_err(unreadable) else { break };
                        let (app, stop) = (Arc::clone(&app), stop.clone());
                        under_way.spawn(async move { claim.perform(&app, &stop, GRACE).await });
                    }
                }
            }
        }
        while let Some(ended) = under_way.join_next().await {
            note(ended);
        }
    }

    fn lease(&self, at: usize, now: Timestamp) -> Lease {
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        let name = self.jobs.get(at).map(|job| job.name.to_owned()).unwrap_or_default();
        Lease { name, holder: self.instance.clone(), until }
    }
}

impl Claim {
    /// What is to be done.
    pub fn name(&self) -> &'static str {
        self.schedule.jobs.get(self.at).map_or("", |job| job.name)
    }

    /// Does it, and renews the lease meanwhile. Once told to stop, what is not done within `patience` is given back.
    pub async fn perform(self, app: &Arc<App>, stop: &Stop, patience: Duration) -> Outcome {
        let Some(job) = self.schedule.jobs.get(self.at) else { return Outcome::Lost };
        let done = tokio::select! {
            biased;
            done = (job.work)(Arc::clone(app)) => done,
            () = self.lease_lost(app) => return Outcome::Lost,
            () = stop.patience_over(patience) => {
                self.give_back(app).await.unwrap_or_else(|error| unreadable(&error));
                return Outcome::GivenBack;
            }
        };
        let error = done.err().map(|error| error.to_string());
        if let Some(error) = &error {
            tracing::warn!(job = job.name, %error, "{} failed: {error}", job.name);
        }
        let outcome = if error.is_some() { Outcome::Failed } else { Outcome::Done };
        match self.finish(app, job, error).await {
            Ok(true) => outcome,
            Ok(false) => Outcome::Lost,
            Err(error) => {
                unreadable(&error);
                outcome
            }
        }
    }

    /// Ends when the lease is another's. It is renewed long before its end, so one failed attempt does no harm.
    async fn lease_lost(&self, app: &App) {
        loop {
            tokio::time::sleep(LEASE.unsigned_abs() / 4).await;
            match self.renew(app).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => unreadable(&error),
            }
        }
    }

    /// Moves the end of the lease; false: it is another's by now.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn renew(&self, app: &App) -> Result<bool, StorageError> {
        let mut conn = app.db.write().await?;
        let is_ours = stored::renew(&mut conn, &self.schedule.lease(self.at, app.clock.now())).await?;
        conn.commit().await?;
        Ok(is_ours)
    }

    async fn finish(&self, app: &App, job: &Job, error: Option<String>) -> Result<bool, StorageError> {
        let at = app.clock.now();
        let next_due_at = match error {
            None => next_after(self.due_at, job.every, at),
            Some(_) => at.checked_add(job.every.min(RETRY)).unwrap_or(Timestamp::MAX),
        };
        let error = error.map(|text| text.chars().filter(|c| *c != '\0').take(LONGEST_ERROR).collect());
        let mut conn: Conn = app.db.write().await?;
        let is_ours = stored::finish(&mut conn, &self.lease(), &End { at, next_due_at, error }).await?;
        conn.commit().await?;
        Ok(is_ours)
    }

    async fn give_back(&self, app: &App) -> Result<(), StorageError> {
        let mut conn = app.db.write().await?;
        stored::give_back(&mut conn, &self.lease()).await?;
        conn.commit().await
    }

    fn lease(&self) -> Lease {
        self.schedule.lease(self.at, self.due_at)
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({} due {})", self.name(), self.due_at)
    }
}

/// The first time after `now` that is a whole number of intervals after `due`: what was missed is done once.
fn next_after(due: Timestamp, every: SignedDuration, now: Timestamp) -> Timestamp {
    let (passed, every) = (now.duration_since(due).as_micros(), every.as_micros().max(1));
    let next = i128::from(due.as_microsecond()) + (passed.max(0) / every + 1) * every;
    i64::try_from(next).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok()).unwrap_or(Timestamp::MAX)
}

fn note(ended: Result<Outcome, tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job broke off: {error}");
    }
}

fn unreadable(error: &StorageError) {
    tracing::warn!(%error, "the schedule of jobs cannot be used: {error}");
}

/// Who is at a job for longer renews its lease; who died over it is replaced after this time. It is far more than what the
/// clocks of two instances differ by.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_secs(5);
const RETRY: SignedDuration = SignedDuration::from_mins(5);
const AT_ONCE: usize = 2;
const LONGEST_ERROR: usize = 1000;
