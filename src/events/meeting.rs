//! Meetings: the copies of one event in the calendars of its participants, each of which is an event of its owner.
//!
//! RFC 5546 says who may change what. What the organizer changes reaches every copy; where times, recurrence or status
//! change, everybody but the organizer is asked again (section 3.2.2.1); a deletion by the organizer cancels the copies (section
//! 3.2.5). A participant answers (section 3.2.3), may keep own alarms, TRANSP and calendar, and may reword their copy until the
//! organizer changes theirs; times, recurrence and status are the organizer's. A participant who deletes the copy has declined
//! (RFC 6638 section 3.2.2.3).

use super::read::{object, owned};
use super::write::{insert, locked_with_copies, store, view};
use super::{EventError, EventView};
use crate::accounts::Writer;
use crate::app::App;
use crate::freebusy::Status;
use crate::ical::{CalendarObject, ParticipationStatus};
use crate::ids::{CalendarId, EventId, MeetingId};
use crate::storage::events::{self as stored, Event};
use crate::storage::meetings::{self, Meeting};
use crate::storage::{Conn, calendars};
use crate::versions::Expected;

/// An event whose calendar is locked, with what ties it to others.
pub(super) struct Held {
    /// The event.
    pub row: Event,
    /// What it is a copy of.
    pub meeting: Option<Meeting>,
    /// Whether whoever holds it organizes the meeting.
    pub organizes: bool,
    /// The other copies, where they are locked too.
    pub others: Vec<Event>,
}

/// Answers an invitation, in every copy of the meeting.
///
/// # Errors
/// `NotFound`, `NotInvited`, `ReadOnlyCalendar`, `Changed`.
pub async fn respond(
    app: &App,
    actor: &Writer,
    target: (EventId, &Expected),
    answer: ParticipationStatus,
) -> Result<EventView, EventError> {
    let mut conn = app.db.write().await?;
    let held = locked_with_copies(&mut conn, actor.user.id, target).await?;
    let mut own = object(&held.row)?;
    if !own.set_participation(&actor.user.email_key, answer) {
        return Err(EventError::NotInvited);
    }
    store(app, &mut conn, &held.row, held.row.calendar_id, &own).await?;
    held.tell_answer(app, &mut conn, &actor.user.email_key, answer).await?;
    let answered = view(&mut conn, actor, held.row.id).await?;
    conn.commit().await?;
    Ok(answered)
}

/// Puts a copy of a meeting into each of these calendars, which are locked; answers their events, in that order.
///
/// # Errors
/// `NoRoomFor` where some of their owners have as many events as allowed.
pub async fn put_copies(
    app: &App,
    conn: &mut Conn,
    meeting: MeetingId,
    copies: &[(CalendarId, CalendarObject)],
) -> Result<Vec<EventId>, EventError> {
    let homes: Vec<CalendarId> = copies.iter().map(|(calendar, _)| *calendar).collect();
    let most = i64::try_from(app.limits.events_per_user).unwrap_or(i64::MAX);
    let full = stored::full_owners(conn, &homes, most).await?;
    if !full.is_empty() {
        return Err(EventError::NoRoomFor(full));
    }
    let mut ids = Vec::with_capacity(copies.len());
    for (calendar, object) in copies {
        let id = insert(app, conn, *calendar, object).await?;
        meetings::link(conn, id, meeting).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Makes the same edit in these copies of a meeting, whose calendars are locked.
///
/// # Errors
/// [`EventError`].
pub async fn edit_copies(
    app: &App,
    conn: &mut Conn,
    copies: &[Event],
    edit: impl Fn(&mut CalendarObject),
) -> Result<(), EventError> {
    for copy in copies {
        let mut edited = object(copy)?;
        edit(&mut edited);
        store(app, conn, copy, copy.calendar_id, &edited).await?;
    }
    Ok(())
}

/// An event as the actor sees it, in the caller's transaction, and the object behind it.
///
/// # Errors
/// `NotFound`.
pub async fn view_of_copy(
    conn: &mut Conn,
    actor: &Writer,
    id: EventId,
) -> Result<(EventView, CalendarObject), EventError> {
    let row = owned(conn, actor.user.id, id).await?;
    let object = object(&row)?;
    Ok((EventView::of(&row, &object, &actor.user.timezone)?, object))
}

/// Removes the holds whose time is over; answers how many. They took no time any more in any case.
///
/// # Errors
/// [`EventError::Storage`].
pub async fn sweep_holds(app: &App) -> Result<usize, EventError> {
    let mut count = 0;
    loop {
        let mut conn = app.db.write().await?;
        let Some(hold) = meetings::expired(&mut conn, app.clock.now(), 1).await?.pop() else { return Ok(count) };
        lock_copies(&mut conn, hold.id).await?;
        // Somebody may have confirmed it while this waited for the locks.
        let still = meetings::by_id(&mut conn, hold.id).await?;
        if still.is_some_and(|still| still.expires_at.is_some()) {
            meetings::delete_with_copies(&mut conn, hold.id).await?;
            count += 1;
        }
        conn.commit().await?;
    }
}

/// A snapshot without holds whose time is over.
pub(super) async fn snapshot(app: &App) -> Result<Conn, EventError> {
    let mut conn = app.db.read().await?;
    if meetings::expired(&mut conn, app.clock.now(), 1).await?.is_empty() {
        return Ok(conn);
    }
    drop(conn);
    sweep_holds(app).await?;
    Ok(app.db.read().await?)
}

/// Locks the calendars of all copies of a meeting, and answers the copies as they are then.
///
/// # Errors
/// `Changed` where a copy is moved at this moment.
pub async fn lock_copies(conn: &mut Conn, meeting: MeetingId) -> Result<Vec<Event>, EventError> {
    let ids: Vec<CalendarId> = meetings::copies(conn, meeting).await?.iter().map(|copy| copy.calendar_id).collect();
    calendars::lock_all(conn, &ids).await?;
    let copies = meetings::copies(conn, meeting).await?;
    if copies.iter().any(|copy| !ids.contains(&copy.calendar_id)) {
        return Err(EventError::Changed);
    }
    Ok(copies)
}

impl Held {
    /// What a change of the event means for the meeting, before it is stored: asks the participants again where the organizer
    /// moved it.
    ///
    /// # Errors
    /// `NotOrganizer` where somebody else did.
    pub(super) fn check_change(&self, before: &CalendarObject, edited: &mut CalendarObject) -> Result<(), EventError> {
        if self.meeting.is_none() || !edited.takes_place_otherwise(before) {
            return Ok(());
        }
        if !self.organizes {
            return Err(EventError::NotOrganizer);
        }
        edited.ask_again();
        Ok(())
    }

    /// Brings what the organizer changed into the other copies.
    pub(super) async fn reach_others(
        &self,
        app: &App,
        conn: &mut Conn,
        changed: &CalendarObject,
    ) -> Result<(), EventError> {
        if !self.organizes {
            return Ok(());
        }
        for copy in &self.others {
            let own = object(copy)?;
            store(app, conn, copy, copy.calendar_id, &changed.as_copy(&own)).await?;
        }
        Ok(())
    }

    /// Gives the others their copies of the rest of a series that the organizer split; `rest` is in the organizer's calendar.
    pub(super) async fn split_others(
        &self,
        app: &App,
        conn: &mut Conn,
        rest: (EventId, &CalendarObject),
    ) -> Result<(), EventError> {
        if !self.organizes {
            return Ok(());
        }
        let meeting = meetings::insert(conn, self.row.user_id, None, app.clock.now()).await?;
        meetings::link(conn, rest.0, meeting).await?;
        let mut copies = Vec::with_capacity(self.others.len());
        for copy in &self.others {
            copies.push((copy.calendar_id, rest.1.as_copy(&object(copy)?)));
        }
        put_copies(app, conn, meeting, &copies).await?;
        Ok(())
    }

    /// Removes the event: the organizer's cancels the meeting, anybody else's declines it.
    pub(super) async fn remove(&self, app: &App, conn: &mut Conn, email: &str) -> Result<(), EventError> {
        match self.meeting {
            Some(hold) if self.organizes && hold.expires_at.is_some() => {
                return Ok(meetings::delete_with_copies(conn, hold.id).await?);
            }
            Some(meeting) if self.organizes => {
                let now = app.clock.now();
                edit_copies(app, conn, &self.others, |copy| copy.set_status(Status::Cancelled, now)).await?;
                meetings::delete(conn, meeting.id).await?;
            }
            _ => self.tell_answer(app, conn, email, ParticipationStatus::Declined).await?,
        }
        stored::delete(conn, self.row.id).await?;
        Ok(())
    }

    /// Brings somebody's answer into the other copies.
    pub(super) async fn tell_answer(
        &self,
        app: &App,
        conn: &mut Conn,
        email: &str,
        answer: ParticipationStatus,
    ) -> Result<(), EventError> {
        let tell = |copy: &mut CalendarObject| {
            copy.set_participation(email, answer);
        };
        edit_copies(app, conn, &self.others, tell).await
    }
}
