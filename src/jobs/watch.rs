use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Doing, GRACE, JobError, Stop};
use crate::app::App;

/// Something that each instance looks after every so often, once at a time.
pub struct Watch {
    name: &'static str,
    every: Duration,
    look: Box<dyn Fn(Arc<App>) -> Doing + Send + Sync>,
}

impl Watch {
    /// Looks after `name` every so often, by this.
    pub fn new<F>(name: &'static str, every: Duration, look: impl Fn(Arc<App>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Self { name, every, look: Box::new(move |app| Box::pin(look(app))) }
    }

    /// Looks at once and then every so often, until it is told to stop.
    pub(super) async fn keep(self, app: Arc<App>, stop: Stop) {
        let mut times = interval(self.every);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.told() => return,
                _ = times.tick() => self.look_once(&app, &stop).await,
            }
        }
    }

    async fn look_once(&self, app: &Arc<App>, stop: &Stop) {
        // By itself, so that a bug in it ends this look and not all that follow.
        let mut looking = tokio::spawn((self.look)(Arc::clone(app)));
        let failed: Option<JobError> = tokio::select! {
            looked = &mut looking => looked.map_err(JobError::from).and_then(|looked| looked).err(),
            () = stop.patience_over(GRACE) => {
                looking.abort();
                Some("the server stopped before it was done".into())
            }
        };
        if let Some(error) = failed {
            tracing::warn!(job = self.name, %error, "{} failed: {error}", self.name);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} every {:?})", self.name, self.every)
    }
}
