#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod editing;
mod reading;
mod writing;
