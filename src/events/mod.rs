//! Events: calendar objects that their owner reads and writes, whole or occurrence by occurrence.
//!
//! The stored truth is the iCalendar object; every change edits it, and `write` alone puts it into the database, with the
//! index that is made from it. This module refuses to know how a client writes an event.

mod change;
mod error;
mod export;
mod import;
mod index;
mod leaving;
mod list;
mod meeting;
mod mirror;
mod occurrences;
mod read;
mod times;
mod view;
mod write;

pub use change::{EventChange, NewEventRequest};
pub use error::EventError;
pub use export::{Export, ExportGate, ExportText, Exported, export};
pub use import::{
    Admission, FileBytes, FileHead, Import, ImportGate, ImportPhase, ImportProgress, ImportReport, RepairedFile,
    examine, import,
};
pub use leaving::{NewAddress, leave, readdress};
pub use list::{EventQuery, ListPlace, Page, list};
pub use meeting::{edit_copies, lock_copies, put_copies, respond, sweep_holds, view_of_copy};
pub use mirror::{Content, Difference, apply, difference, read_content};
pub use occurrences::{
    OccurrenceTarget, OccurrencesQuery, Range, cancel_occurrence, change_occurrence, list_occurrences,
};
pub use read::{get, ics};
pub use times::TimesChange;
pub use view::EventView;
pub use write::{create, delete, new_uid, update};
