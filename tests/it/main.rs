//! The integration tests, in one binary: a folder or file per part of the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::let_underscore_must_use
)]

mod bookings;
mod crash;
mod databases;
mod doctor;
mod elsewhere;
mod feeds;
mod freebusy;
mod fuzz;
mod http;
mod ical;
mod jobs;
mod openapi;
mod outbound;
mod pages;
mod program;
mod readme;
mod recurrence;
mod running;
mod slots;
mod storage;
mod subscriptions;
mod tidy;
mod time;
mod transfer;
