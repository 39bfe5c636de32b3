//! Everything that is kept, in SQLite or in PostgreSQL, behind one set of functions.
//!
//! Each noun has a file of plain functions whose first argument is the open transaction, a [`Conn`]: a snapshot from
//! [`Db::read`], or a writing one from [`Db::write`] that is undone unless it is committed. There is one SQL text per
//! question, a `const` named for what it answers, that means the same to both databases; the `on!` macro runs it on
//! whichever is there. This module refuses to know who may do what, the clock, and what stands inside an iCalendar
//! object or a busy source. No other module names `sqlx`.

/// Runs the same expression with the connection of either database.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.transaction() {
            $crate::storage::conn::Open::Sqlite($c) => {
                let $c = &mut **$c;
                $body
            }
            $crate::storage::conn::Open::Postgres($c) => {
                let $c = &mut **$c;
                $body
            }
        }
    };
}

pub mod accounts;
pub mod calendars;
mod column;
mod conn;
mod db;
mod error;
pub mod events;
pub mod feeds;
mod ids_in;
pub mod imports;
pub mod jobs;
pub mod kept_answers;
pub mod meetings;
mod migrations;
mod open;
pub mod people;
pub mod sessions;
pub mod subscriptions;
pub mod tokens;

pub use column::{LastEnd, TokenHash};
pub use conn::Conn;
pub use db::Db;
pub use error::{Constraint, StorageError};
pub use open::{DbOptions, OpenError};
