#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod editing;
mod hostile;
mod reading;
mod series;
mod writing;
