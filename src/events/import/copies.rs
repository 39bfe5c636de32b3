//! Files over copies of meetings: as if what they say were changed by hand, so that what the organizer brings reaches every
//! copy, and nobody else moves a meeting. Who takes part stays as it was booked, but for the importer's own answer.

use std::collections::HashMap;

use super::prepare::Candidate;
use super::revision::{self, Verdict};
use crate::accounts::Writer;
use crate::app::App;
use crate::events::EventError;
use crate::events::leaving::locked_copies;
use crate::events::meeting::Held;
use crate::events::read::{object, owned};
use crate::events::write::{check_writable, store};
use crate::ical::CalendarObject;
use crate::ids::{CalendarId, UserId};
use crate::storage::calendars::{self, Calendar};
use crate::storage::meetings::{self, TiedCopy};
use crate::storage::{Conn, events as stored};

/// The copies of meetings in a calendar that a file has other versions of, by UID.
pub type Copies = HashMap<String, TiedCopy>;

/// Finds them, so that they can be locked. They are read again behind the lock: until then another writer may change them.
pub async fn find(conn: &mut Conn, calendar: CalendarId, candidates: &[Candidate]) -> Result<Copies, EventError> {
    let uids: Vec<&str> = candidates.iter().map(|candidate| candidate.row.uid.as_str()).collect();
    let tied = meetings::tied(conn, calendar, &uids).await?;
    if tied.is_empty() {
        return Ok(Copies::new());
    }
    let uids: Vec<&str> = tied.iter().map(|copy| copy.uid.as_str()).collect();
    let known = stored::known(conn, calendar, &uids).await?;
    let mut copies: Copies = tied.iter().map(|copy| (copy.uid.clone(), copy.clone())).collect();
    let by_uid: HashMap<&str, &Candidate> =
        candidates.iter().map(|candidate| (candidate.row.uid.as_str(), candidate)).collect();
    for known in known {
        let verdict =
            by_uid.get(known.uid.as_str()).map(|candidate| revision::compare(candidate, &known)).transpose()?;
        // What looks older may still have a part that is newer.
        if verdict == Some(Verdict::Same) {
            copies.remove(&known.uid);
        }
    }
    Ok(copies)
}

/// Holds the calendar, and those of all other copies, against other writers.
pub async fn lock(
    conn: &mut Conn,
    user: UserId,
    calendar: CalendarId,
    copies: &Copies,
) -> Result<Vec<Calendar>, EventError> {
    let found = calendars::by_id(conn, calendar).await?;
    check_writable(found.as_ref(), user)?;
    let mut wanted = vec![calendar];
    for copy in copies.values() {
        wanted.extend(meetings::copies(conn, copy.meeting.id).await?.iter().map(|copy| copy.calendar_id));
    }
    let locked = calendars::lock_all(conn, &wanted).await?;
    check_writable(locked.iter().find(|locked| locked.id == calendar), user)?;
    Ok(locked)
}

/// Why the file's version of a copy may not take the place of the present one, if it may not.
pub fn refused(user: UserId, copy: &TiedCopy, before: &str, new: &str) -> Result<Option<String>, EventError> {
    let (before, new) = (CalendarObject::from_text(before)?, CalendarObject::from_text(new)?);
    let may = copy.meeting.organizer_id == Some(user) || !new.takes_place_otherwise(&before);
    Ok((!may).then(|| EventError::NotOrganizer.to_string()))
}

/// Puts the file's version in the place of a copy, and brings what follows from it into the others.
pub async fn put(
    app: &App,
    conn: &mut Conn,
    actor: &Writer,
    (copy, text, locked): (&TiedCopy, &str, &[Calendar]),
) -> Result<(), EventError> {
    let row = owned(conn, actor.user.id, copy.event_id).await?;
    let others = locked_copies(conn, copy.meeting, locked).await?;
    let others = others.into_iter().filter(|other| other.id != row.id).collect();
    let organizes = copy.meeting.organizer_id == Some(actor.user.id);
    let held = Held { row, meeting: Some(copy.meeting), organizes, others };
    let (before, given) = (object(&held.row)?, CalendarObject::from_text(text)?);
    let mut new = given.with_participants_of(&before);
    let email = &actor.user.email_key;
    let answer = given.participation_of(email).filter(|answer| Some(*answer) != before.participation_of(email));
    if organizes {
        held.check_change(&before, &mut new)?;
    } else if let Some(answer) = answer {
        new.set_participation(email, answer);
        held.tell_answer(app, conn, email, answer).await?;
    }
    store(app, conn, &held.row, held.row.calendar_id, &new).await?;
    held.reach_others(app, conn, &new).await
}
