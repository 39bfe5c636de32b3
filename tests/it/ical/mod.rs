#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod beside;
mod editing;
mod hostile;
mod methods;
mod reading;
mod series;
mod unreadable;
mod writing;
