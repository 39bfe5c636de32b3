//! iCalendar (RFC 5545): foreign bytes in, lossless calendar objects kept, RFC 5545 to the letter out.
//!
//! A [`CalendarObject`] is the stored truth of an event. It is kept as unfolded content lines; [`VEvent`] reads it, and the
//! editing methods of [`Component`] write only the lines whose property changes, so that what we do not know survives.
//!
//! This module refuses to know databases, users, the network and the present time; a caller hands it the bytes, the zone
//! of the calendar and, where an edit is to be stamped, the instant. It is the only user of the `icalendar` crate, whose
//! property builder writes new content lines; reading is our own, because one bad line must never sink a file.

mod busy_blocks;
mod calendar_object;
mod color;
mod complete;
mod component;
mod edit;
mod event;
mod fingerprint;
mod fold;
mod free_busy;
mod line;
mod make;
mod meeting;
mod new_event;
mod onset;
mod participant;
mod published;
mod reach;
mod read;
mod recurrence;
mod revise;
mod series;
mod shape;
mod text;
mod tzid;
mod value;
mod vtimezone;
mod write;
mod zone_uses;

pub use busy_blocks::{BusyBlock, BusyBlocks};
pub use calendar_object::{CalendarObject, NotAnObject};
pub use component::Component;
pub use event::VEvent;
pub use fingerprint::{content_hash, fingerprint};
pub use free_busy::{FreeBusyType, PublishedFreeBusy};
pub use line::{ContentLine, Param};
pub use new_event::NewEvent;
pub use participant::{Participant, ParticipationStatus};
pub use read::{
    ComponentError, Diagnosis, EventPlace, Finding, FindingKind, FindingPlace, Findings, Method, NotACalendar,
    ReadCalendar, ReadContext, ReadObject, Remark, Severity, Warning, read, read_pieces,
};
pub use recurrence::Recurrence;
pub use series::SeriesError;
pub use value::PropertyError;
pub use write::{CLOSING, CalendarHead, CalendarWriter, PRODID, push_stored, write};
pub use zone_uses::ZoneUses;
