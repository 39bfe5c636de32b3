use crate::time::{DateOrTime, Timestamp};

/// One occurrence of a recurrence set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The start that the set gives it, before any override: what a RECURRENCE-ID names (RFC 5545 section 3.8.4.4).
    /// Written like the start of the set (same kind of value, same zone).
    pub recurrence_id: DateOrTime,
    /// When it starts, as written in the component that it comes from.
    pub start: DateOrTime,
    /// When it ends, written like `start`.
    pub end: DateOrTime,
    /// The instant of `start`.
    pub starts_at: Timestamp,
    /// The instant of `end`, never before `starts_at`; equal to it where the occurrence takes no time.
    pub ends_at: Timestamp,
    /// The component that describes it: 0 is the master, `i` is `overrides[i - 1]`.
    pub component: usize,
}
