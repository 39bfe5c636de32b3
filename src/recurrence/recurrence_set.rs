use serde::{Deserialize, Serialize};

use super::{Rule, Span};
use crate::time::{DateOrTime, DateTime, Timestamp};

/// When an event occurs: the master's start, rules, extra dates and exceptions, and the overrides of single occurrences
/// or of all from one on (RFC 5545 sections 3.8.5 and 3.8.4.4). A single event is a set with nothing but its start.
///
/// The start is always an occurrence, whether or not a rule makes it, unless an exception takes it away. As JSON it is
/// compact (what is empty is left out): it is the search index of an event.
///
/// After any change of `start`, `rules` or `exrules`, call [`RecurrenceSet::resolve`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecurrenceSet {
    /// DTSTART of the master. Its zone is the zone of the series.
    pub start: DateOrTime,
    /// How long an occurrence lasts.
    #[serde(default)]
    pub span: Span,
    /// RRULE, each adding its occurrences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// RDATE, one entry a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rdates: Vec<Rdate>,
    /// EXDATE, one entry a value. One with a time takes away the occurrence of that instant, whatever zone it is
    /// written in; a date takes away every occurrence that starts on that local day. An override of such an occurrence
    /// goes with it (RFC 5545 section 3.8.5.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exdates: Vec<DateOrTime>,
    /// EXRULE, each taking away the occurrences that it makes. RFC 2445 section 4.8.5.2 has it; RFC 5545 section 8.3.2 marks
    /// it as no longer in use, but old calendars still mean it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exrules: Vec<Rule>,
    /// The components with a RECURRENCE-ID. Where two name the same occurrence the later entry counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Whether there is a master component. Without one (an invitation to single occurrences of somebody's series) only
    /// the overrides occur, and `start`, `span`, `rules`, `rdates`, `exdates` and `exrules` mean nothing.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub has_master: bool,
    /// For each of `rules`, then of `exrules`, the local start of its last occurrence, where it has COUNT: what
    /// [`RecurrenceSet::resolve`] found. A rule with COUNT and no entry is counted out again at every expansion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_starts: Vec<Option<DateTime>>,
}

/// One value of RDATE (RFC 5545 section 3.8.5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rdate {
    /// An occurrence as long as the others.
    At(DateOrTime),
    /// An occurrence with its own length (`VALUE=PERIOD`).
    Period {
        /// When it starts.
        start: DateOrTime,
        /// How long it lasts.
        span: Span,
    },
}

/// A component with a RECURRENCE-ID (RFC 5545 section 3.8.4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The start, in the series, of the occurrence that it replaces; matched by instant, in whatever zone it is
    /// written. An override that matches no occurrence occurs all the same.
    pub recurrence_id: DateOrTime,
    /// `RANGE=THISANDFUTURE` (RFC 5545 section 3.2.13): all later occurrences move by the same difference and last as
    /// long, up to the next such override. Later overrides of single occurrences keep their own times.
    #[serde(default, skip_serializing_if = "is_false")]
    pub following: bool,
    /// When it starts instead.
    pub start: DateOrTime,
    /// How long it lasts.
    #[serde(default)]
    pub span: Span,
}

/// From when to when a set can have occurrences, for an index over many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// No occurrence starts before this instant, in whatever zone its owner is.
    pub first_start: Timestamp,
    /// No occurrence ends after this instant, in whatever zone its owner is; `None` for a series without end.
    pub last_end: Option<Timestamp>,
}

/// Why a set cannot be expanded. Whoever asks for free time must then take the whole window as busy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// More occurrences in the window than [`Limits::occurrences_per_window`](crate::limits::Limits).
    #[error("the series has more than {limit} occurrences in the window; ask for a shorter window")]
    TooManyOccurrences {
        /// The bound.
        limit: usize,
    },
    /// More steps for one window than [`Limits::recurrence_work`](crate::limits::Limits).
    #[error("finding the occurrences of the series takes more than {limit} steps; ask for a shorter window")]
    TooMuchWork {
        /// The bound.
        limit: usize,
    },
    /// The last occurrence of a rule with COUNT is too far away to be counted out.
    #[error("the COUNT of the rule {rule} cannot be counted out; use UNTIL instead of COUNT")]
    CountOutOfReach {
        /// The beginning of the rule with that COUNT.
        rule: String,
    },
    /// More RRULE, RDATE and EXDATE values and overrides than [`Limits::recurrence_values`](crate::limits::Limits).
    #[error(
        "the event has {found} RRULE, RDATE and EXDATE values and changed occurrences; at most {limit} are allowed"
    )]
    TooManyValues {
        /// How many there are.
        found: usize,
        /// The bound.
        limit: usize,
    },
}

impl RecurrenceSet {
    /// The set of a single event: its start and nothing else.
    pub fn single(start: DateOrTime, span: Span) -> Self {
        Self {
            start,
            span,
            rules: Vec::new(),
            rdates: Vec::new(),
            exdates: Vec::new(),
            exrules: Vec::new(),
            overrides: Vec::new(),
            has_master: true,
            last_starts: Vec::new(),
        }
    }
}

fn yes() -> bool {
    true
}

fn is_true(flag: &bool) -> bool {
    *flag
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
