//! What the events of one person block: busy and tentative time of a window (RFC 5545 sections 3.6.4 and 3.2.9).
//!
//! This module refuses to know iCalendar text, where events are kept, and who asks.

use serde::{Deserialize, Serialize};

use crate::recurrence::RecurrenceSet;
use crate::time::Period;

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
    /// The states of its components: the master's first, then one for each override, in their order. A component without an
    /// entry counts as confirmed and opaque.
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
