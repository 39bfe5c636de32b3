use std::sync::Arc;

use super::memory::BusyOf;
use super::people::BusyQuestion;
use crate::freebusy::{BusySource, BusyType};
use crate::limits::Limits;
use crate::recurrence::Work;
use crate::storage::LastEnd;
use crate::storage::accounts::User;
use crate::storage::events::{Blocks, BusyRow};
use crate::time::{Period, PeriodSet, Timestamp};

/// A person's busy time, as the rows of the index are read.
pub(super) struct Gathered<'u> {
    user: &'u User,
    busy: Vec<Period>,
    tentative: Vec<Period>,
    unknown: bool,
    until: Option<Timestamp>,
    /// What is left to the person's series together.
    work: Work,
}

impl<'u> Gathered<'u> {
    /// Of this person, nothing yet.
    pub(super) fn of(user: &'u User, limits: &Limits) -> Self {
        Self { user, busy: Vec::new(), tentative: Vec::new(), unknown: false, until: None, work: Work::of_many(limits) }
    }

    /// Adds what a row of the person's takes.
    pub(super) fn take(&mut self, row: &BusyRow, question: &BusyQuestion<'_>) {
        self.until = self.until.into_iter().chain(row.expires_at).min();
        match &row.source {
            None => match row.blocks {
                Blocks::Nothing => {}
                Blocks::Busy => self.busy.extend(plain(row)),
                Blocks::Tentative => self.tentative.extend(plain(row)),
            },
            Some(json) => {
                if let Err(reason) = self.expand(json, question) {
                    tracing::warn!(event = %row.event_id, %reason, "event {} counts as always busy: {reason}", row.event_id);
                    self.unknown = true;
                }
            }
        }
    }

    /// All that was gathered.
    pub(super) fn into_busy(self, window: Period) -> BusyOf {
        let busy = if self.unknown { vec![window] } else { self.busy };
        BusyOf {
            window,
            busy: Arc::new(busy.into_iter().collect::<PeriodSet>().clipped(window)),
            tentative: Arc::new(self.tentative.into_iter().collect::<PeriodSet>().clipped(window)),
            unknown: self.unknown,
            stale: false,
            until: self.until,
        }
    }

    fn expand(&mut self, json: &str, question: &BusyQuestion<'_>) -> Result<(), String> {
        let source: BusySource = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let (zone, email) = (&self.user.timezone, &self.user.email_key);
        let times = source.busy_times_within(zone, email, question.window, question.all_day, &mut self.work);
        for time in times.map_err(|error| error.to_string())? {
            match time.kind {
                BusyType::Busy => self.busy.push(time.period),
                BusyType::Tentative => self.tentative.push(time.period),
            }
        }
        Ok(())
    }
}

fn plain(row: &BusyRow) -> Option<Period> {
    match row.last_end {
        LastEnd::At(end) => Period::new(row.first_start, end).ok(),
        LastEnd::Endless => Period::new(row.first_start, Timestamp::MAX).ok(),
    }
}
