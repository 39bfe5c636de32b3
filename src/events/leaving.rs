//! What becomes of meetings when one of their calendars goes, or somebody gets another address.
//!
//! A calendar that goes takes its copies along, as if their owner had deleted each: the organizer's cancel what is not over
//! yet, a participant's decline it. Of what is over, the others keep their copies as they are. An address is how calendar
//! programs know whose answer is whose, so a new one is written into every copy.

use super::EventError;
use super::meeting::{Held, edit_copies};
use crate::app::App;
use crate::ical::CalendarObject;
use crate::ids::CalendarId;
use crate::storage::accounts::User;
use crate::storage::calendars::{self, Calendar};
use crate::storage::events::Event;
use crate::storage::meetings::{self, Meeting};
use crate::storage::{Conn, StorageError};
use crate::time::Timestamp;

/// An e-mail address in place of another.
#[derive(Clone, Copy, Debug)]
pub struct NewAddress<'a> {
    /// The one before, in lower case.
    pub old: &'a str,
    /// The new one, as its owner wrote it.
    pub new: &'a str,
}

/// Takes these calendars of a user out of all meetings, before they are deleted; answers them locked.
///
/// # Errors
/// [`EventError::Storage`]; a conflict where a copy is moved at this moment, so that the whole is to be done again.
pub async fn leave(app: &App, conn: &mut Conn, user: &User, going: &[CalendarId]) -> Result<Vec<Calendar>, EventError> {
    let now = app.clock.now();
    let locked = lock_beside(conn, going, now).await?;
    for meeting in meetings::with_copies_in(conn, going, now).await? {
        let copies = locked_copies(conn, meeting, &locked).await?;
        let (own, others): (Vec<Event>, Vec<Event>) =
            copies.into_iter().partition(|copy| going.contains(&copy.calendar_id));
        let organizes = meeting.organizer_id == Some(user.id);
        for row in own {
            let held = Held { row, meeting: Some(meeting), organizes, others: others.clone() };
            held.remove(app, conn, &user.email_key).await?;
        }
    }
    meetings::untie_organized(conn, user.id, going).await?;
    Ok(locked)
}

/// Writes a user's new address into every copy of the meetings that these calendars of theirs have copies of.
///
/// # Errors
/// As [`leave`].
pub async fn readdress(
    app: &App,
    conn: &mut Conn,
    own: &[CalendarId],
    address: NewAddress<'_>,
) -> Result<(), EventError> {
    let locked = lock_beside(conn, own, Timestamp::MIN).await?;
    for meeting in meetings::with_copies_in(conn, own, Timestamp::MIN).await? {
        let copies = locked_copies(conn, meeting, &locked).await?;
        let edit = |copy: &mut CalendarObject| copy.readdress(address.old, address.new);
        edit_copies(app, conn, &copies, edit).await?;
    }
    Ok(())
}

/// Locks these calendars and all others with copies of their meetings, but for meetings that were over at `after`.
async fn lock_beside(conn: &mut Conn, own: &[CalendarId], after: Timestamp) -> Result<Vec<Calendar>, EventError> {
    let mut wanted = meetings::calendars_beside(conn, own, after).await?;
    wanted.extend(own);
    Ok(calendars::lock_all(conn, &wanted).await?)
}

/// The copies of a meeting, all of them in calendars that are locked: the version of another one would not tell of a change.
pub(super) async fn locked_copies(
    conn: &mut Conn,
    meeting: Meeting,
    locked: &[Calendar],
) -> Result<Vec<Event>, EventError> {
    let copies = meetings::copies(conn, meeting.id).await?;
    let is_locked = |copy: &Event| locked.binary_search_by_key(&copy.calendar_id, |calendar| calendar.id).is_ok();
    if copies.iter().all(is_locked) {
        return Ok(copies);
    }
    Err(StorageError::Conflict("a copy of the meeting was moved meanwhile".to_owned()).into())
}
