//! The bounds of everything that comes from outside. Each is configuration, with the default that stands here.
//!
//! This module refuses to know where the numbers come from (see `config`) and what happens at a bound (see the module
//! that keeps it).

use std::time::Duration;

/// Every bound that the pure floors and use cases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest JSON request body, in bytes.
    pub json_bytes: usize,
    /// Largest iCalendar upload, in bytes.
    pub import_bytes: usize,
    /// Most bytes of uploads that are in memory at once, and of calendars that were fetched.
    pub import_memory_bytes: usize,
    /// How long an upload waits until there is room for it.
    pub import_wait: Duration,
    /// Most components (events, alarms, …) in one upload.
    pub import_components: usize,
    /// Deepest nesting of iCalendar components.
    pub ical_depth: usize,
    /// Longest unfolded iCalendar content line, in bytes.
    pub ical_line_bytes: usize,
    /// Most content lines of one iCalendar event, its alarms included.
    pub ical_event_lines: usize,
    /// Most RRULE, RDATE and EXDATE values and overrides (together) of one event.
    pub recurrence_values: usize,
    /// Most occurrences that one series may have in one window.
    pub occurrences_per_window: usize,
    /// Most occurrences, of all events together, that one list may be made from.
    pub listed_occurrences: usize,
    /// Most steps that the search for one series' occurrences in one window may take.
    pub recurrence_work: usize,
    /// Most people in one search.
    pub search_users: usize,
    /// Longest searched window, in days.
    pub search_days: i64,
    /// Most holds of one user at a time.
    pub holds_per_user: usize,
    /// Most calendars of one user.
    pub calendars_per_user: usize,
    /// Most events of one user.
    pub events_per_user: usize,
    /// Most live API tokens of one user.
    pub tokens_per_user: usize,
    /// Most published feeds of one user.
    pub feeds_per_user: usize,
    /// Imports of one user whose reports and repaired files are kept.
    pub kept_imports: usize,
    /// Most bytes that these take together; the latest is kept in any case.
    pub kept_import_bytes: usize,
    /// Most subscriptions of one user.
    pub subscriptions_per_user: usize,
    /// Longest text of an export that is made before any of it is sent, in bytes.
    pub export_whole_bytes: usize,
    /// Most longer exports at once.
    pub exports_at_once: usize,
    /// How long a longer export waits for its turn.
    pub export_wait: Duration,
    /// How long each piece of it waits for its reader.
    pub export_reader_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            json_bytes: 1 << 20,
            import_bytes: 50 << 20,
            import_memory_bytes: 100 << 20,
            import_wait: Duration::from_secs(60),
            import_components: 100_000,
            ical_depth: 8,
            ical_line_bytes: 4 << 20,
            ical_event_lines: 50_000,
            recurrence_values: 10_000,
            occurrences_per_window: 10_000,
            listed_occurrences: 50_000,
            recurrence_work: 100_000,
            search_users: 500,
            search_days: 366,
            holds_per_user: 100,
            calendars_per_user: 100,
            events_per_user: 500_000,
            tokens_per_user: 100,
            feeds_per_user: 100,
            kept_imports: 10,
            kept_import_bytes: 64 << 20,
            subscriptions_per_user: 100,
            export_whole_bytes: 8 << 20,
            exports_at_once: 4,
            export_wait: Duration::from_secs(10),
            export_reader_time: Duration::from_secs(20),
        }
    }
}
