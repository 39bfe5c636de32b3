//! Convene: a calendar-interop meeting scheduler in one binary.
//!
//! The house has six floors. A module may use any floor below its own, never one above, and beside it only what the
//! table names; `tests/it/tidy.rs` reads the source and keeps this true.
//!
//! | floor | modules | what lives there |
//! | --- | --- | --- |
//! | 5 | `main` `cli` `config` `telemetry` `serve` `jobs` | composition: the only place that knows everything |
//! | 4 | `http` | faces: they translate and never decide |
//! | 3 | `app` `accounts` `calendars` `events` `scheduling` `bookings` `publishing` `subscriptions` `imports` | use cases: who may, in one transaction |
//! | 2 | `storage` `outbound` `sealing` | the only I/O |
//! | 1 | `ical` `recurrence` `freebusy` `slots` | pure: no async, no I/O, no clock |
//! | 0 | `time` `ids` `limits` `fields` `versions` `metrics` | vocabulary |

pub mod accounts;
pub mod app;
pub mod bookings;
pub mod calendars;
pub mod cli;
pub mod config;
pub mod events;
pub mod fields;
pub mod freebusy;
pub mod http;
pub mod ical;
pub mod ids;
pub mod imports;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod outbound;
pub mod publishing;
pub mod recurrence;
pub mod scheduling;
pub mod sealing;
pub mod serve;
pub mod slots;
pub mod storage;
pub mod subscriptions;
pub mod telemetry;
pub mod time;
pub mod versions;
