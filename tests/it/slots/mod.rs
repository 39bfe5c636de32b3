//! Slot search: the contract's own examples, a minute-by-minute oracle, and laws.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod explanation;
mod laws;
mod oracle;
mod questions;

pub use questions::MOMENTS;
