//! The API as a client sees it: the real server, over HTTP, on each database.

mod access;
mod accounts;
mod away;
mod bad_input;
mod calendars;
pub mod client;
mod event_lists;
mod events;
mod free_busy;
mod hostile;
mod occurrences;
mod operations;
mod oracle;
mod races;
mod recurrence;
mod seed;
mod series;
pub mod server;
