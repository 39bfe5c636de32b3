//! What the events of one person block: busy and tentative time of a window (RFC 5545 sections 3.6.4 and 3.2.9).
//!
//! This module refuses to know iCalendar text, where events are kept, and who asks.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::recurrence::{ExpandError, Instance, RecurrenceSet, Work};
use crate::time::{Period, Zone};

/// STATUS of an event (RFC 5545 section 3.8.1.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// `CONFIRMED`, and what stands where nothing is said.
    #[default]
    Confirmed,
    /// `TENTATIVE`
    Tentative,
    /// `CANCELLED`
    Cancelled,
}

/// TRANSP of an event (RFC 5545 section 3.8.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transparency {
    /// `OPAQUE`: it blocks time. What stands where nothing is said.
    #[default]
    Opaque,
    /// `TRANSPARENT`: it blocks none.
    Transparent,
}

/// FBTYPE of a blocked period (RFC 5545 section 3.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BusyType {
    /// `BUSY`
    Busy,
    /// `BUSY-TENTATIVE`
    Tentative,
}

/// What all-day occurrences (those written in dates) block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AllDay {
    /// What their own TRANSP says.
    #[default]
    Transparency,
    /// Their time, whatever their TRANSP says.
    Busy,
    /// Nothing.
    Free,
}

/// What of one component decides whether it blocks time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyState {
    /// STATUS.
    #[serde(default)]
    pub status: Status,
    /// TRANSP.
    #[serde(default)]
    pub transparency: Transparency,
    /// The e-mail addresses of the ATTENDEEs with `PARTSTAT=DECLINED`, without `mailto:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined_by: Vec<String>,
}

/// Everything that a search needs of one event. As JSON it is the search index of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusySource {
    /// When it occurs.
    pub set: RecurrenceSet,
    /// The states of its components: the master's first, then one for each override, in their order. A component
    /// without an entry counts as confirmed and opaque.
    pub states: Vec<BusyState>,
}

/// A stretch of blocked time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyTime {
    /// When; whole occurrences, not clipped to the window.
    pub period: Period,
    /// How firmly.
    pub kind: BusyType,
    /// Whether the occurrence is written in dates (`VALUE=DATE`).
    pub all_day: bool,
}

impl BusySource {
    /// The time that the event blocks for its owner: every occurrence that shares time with the window, sorted by
    /// start, not merged and not clipped.
    ///
    /// An occurrence blocks unless its component is transparent, cancelled, or declined by the owner (`owner_email`,
    /// compared without regard to case), and unless it takes no time. A tentative one blocks tentatively. Each
    /// component speaks for its own occurrences: a cancelled override frees one occurrence (with `RANGE=THISANDFUTURE`
    /// all from there on), and an override does not inherit what the master says. But a cancelled master cancels the
    /// whole set: RFC 5546 section 3.2.5 cancels a recurring event, with all its exceptions, by one component without
    /// RECURRENCE-ID.
    ///
    /// # Errors
    /// As [`RecurrenceSet::expand`]. Then the whole window must be taken as busy.
    pub fn busy_times(
        &self,
        owner: &Zone,
        owner_email: &str,
        window: Period,
        all_day: AllDay,
        limits: &Limits,
    ) -> Result<Vec<BusyTime>, ExpandError> {
        self.busy_times_within(owner, owner_email, window, all_day, &mut Work::of_window(limits))
    }

    /// As [`BusySource::busy_times`], with the steps that are left to many events together.
    ///
    /// # Errors
    /// As [`BusySource::busy_times`].
    pub fn busy_times_within(
        &self,
        owner: &Zone,
        owner_email: &str,
        window: Period,
        all_day: AllDay,
        work: &mut Work,
    ) -> Result<Vec<BusyTime>, ExpandError> {
        let kinds = self.kinds(owner_email, all_day);
        if kinds.iter().all(Option::is_none) {
            return Ok(Vec::new());
        }
        let instances = self.set.instances(owner, window, work)?;
        let blocked = |instance: &Instance| {
            let kind = kinds.get(instance.component).copied().flatten()?;
            let period = Period::new(instance.starts_at, instance.ends_at).ok()?;
            Some(BusyTime { period, kind, all_day: self.is_all_day(instance.component) })
        };
        Ok(instances.iter().filter_map(blocked).collect())
    }

    /// How the components block time for the owner, if at all: the master first, then the overrides in their order. See
    /// [`BusySource::busy_times`].
    pub fn kinds(&self, owner_email: &str, all_day: AllDay) -> Vec<Option<BusyType>> {
        (0..=self.set.overrides.len()).map(|component| self.kind(component, owner_email, all_day)).collect()
    }

    fn kind(&self, component: usize, owner_email: &str, all_day: AllDay) -> Option<BusyType> {
        let cancelled = |index: usize| self.states.get(index).is_some_and(|state| state.status == Status::Cancelled);
        if cancelled(component) || self.set.has_master && cancelled(0) {
            return None;
        }
        let opaque = BusyState::default();
        let state = self.states.get(component).unwrap_or(&opaque);
        match all_day {
            AllDay::Free if self.is_all_day(component) => None,
            AllDay::Busy if self.is_all_day(component) => {
                BusyState { transparency: Transparency::Opaque, ..state.clone() }.kind(owner_email)
            }
            _ => state.kind(owner_email),
        }
    }

    fn is_all_day(&self, component: usize) -> bool {
        let single = component.checked_sub(1).and_then(|index| self.set.overrides.get(index));
        single.map_or(&self.set.start, |it| &it.start).is_date()
    }
}

impl BusyState {
    /// How the component blocks time for the owner, if at all.
    fn kind(&self, owner_email: &str) -> Option<BusyType> {
        let declined = || {
            let same = |email: &String| email.to_lowercase() == owner_email.to_lowercase();
            self.declined_by.iter().any(same)
        };
        match (self.status, self.transparency) {
            (Status::Cancelled, _) | (_, Transparency::Transparent) => None,
            _ if declined() => None,
            (Status::Tentative, _) => Some(BusyType::Tentative),
            (Status::Confirmed, _) => Some(BusyType::Busy),
        }
    }
}
