use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::BookingError;
use crate::accounts::Writer;
use crate::app::App;
use crate::events;
use crate::events::EventView;
use crate::fields::FieldErrors;
use crate::freebusy::{AllDay, Status, Transparency};
use crate::ical::{CalendarObject, NewEvent, Participant, ParticipationStatus};
use crate::ids::{CalendarId, MeetingId, UserId};
use crate::scheduling::{self, Roles, Wanted};
use crate::slots::Tentative;
use crate::storage::accounts::User;
use crate::storage::{Conn, calendars, meetings};
use crate::time::{DateOrTime, Period, SignedDuration, Timestamp, Zone};

/// A meeting that is wanted.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Who must be free.
    pub required: Vec<UserId>,
    /// Who is invited, free or not.
    pub optional: Vec<UserId>,
    /// When it starts.
    pub start: Timestamp,
    /// Its length, in minutes.
    pub duration_minutes: NonZeroU32,
    /// SUMMARY: 1 to 255 characters.
    pub title: String,
    /// DESCRIPTION.
    pub description: String,
    /// LOCATION.
    pub location: String,
    /// On whose wall clock it is written; the actor's, where none is named.
    pub zone: Option<Zone>,
    /// Minutes before it that must be free of events too.
    pub buffer_before_minutes: u32,
    /// Minutes after it that must be free of events too.
    pub buffer_after_minutes: u32,
    /// What tentative events count as.
    pub tentative: Tentative,
    /// What all-day events count as.
    pub all_day: AllDay,
}

/// A meeting that stands in everybody's calendar.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The organizer's event.
    pub event: EventView,
    /// Who takes part, in the order of ids.
    pub participants: Vec<Attendance>,
}

/// That somebody takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Who.
    pub user_id: UserId,
    /// By what name.
    pub username: String,
    /// Whether they had to be free.
    pub required: bool,
    /// What they answered.
    pub status: ParticipationStatus,
}

impl Booking {
    /// Everything that can be wrong without looking at anybody.
    pub(super) fn check(&self, app: &App) -> Result<Period, FieldErrors> {
        let mut errors = FieldErrors::new();
        if self.title.trim().is_empty() || self.title.chars().count() > 255 {
            errors.add("title", "must have 1 to 255 characters");
        }
        if self.required.is_empty() {
            errors.add("user_ids", "must name at least one user");
        }
        let most = app.limits.search_users;
        if self.named().everybody().len() > most {
            errors.add("user_ids", format!("names more than {most} users in all roles together"));
        }
        let length = SignedDuration::from_mins(i64::from(self.duration_minutes.get()));
        let end = self.start.checked_add(length).ok();
        let slot = end.and_then(|end| Period::new(self.start, end).ok());
        if slot.is_none() {
            errors.add("start_time", "is out of range");
        }
        errors.into_result()?;
        slot.ok_or_else(|| FieldErrors::one("start_time", "is out of range"))
    }

    fn named(&self) -> Roles {
        Roles::of("user_ids", &self.required).and("optional_user_ids", self.optional.iter().copied())
    }
}

/// Puts the meeting into everybody's calendar, in the caller's transaction: for good, or as a hold until `expires_at`.
pub(super) async fn place(
    app: &App,
    conn: &mut Conn,
    actor: &Writer,
    booking: &Booking,
    expires_at: Option<Timestamp>,
) -> Result<(MeetingId, Booked), BookingError> {
    let slot = booking.check(app)?;
    // Users come before calendars, and these before events, in every transaction that locks several.
    let meeting = meetings::insert(conn, actor.user.id, expires_at, app.clock.now()).await?;
    let people = scheduling::who(conn, actor, &booking.named()).await?;
    let homes = lock_homes(conn, actor, &people).await?;
    let required: Vec<&User> = people.iter().filter(|user| booking.required.contains(&user.id)).collect();
    let busy = scheduling::who_is_busy(app, conn, &required, &booking.wanted(slot)).await?;
    if !busy.is_empty() {
        return Err(BookingError::NotFree { busy, next: Vec::new() });
    }
    let status = if expires_at.is_some() { Status::Tentative } else { Status::Confirmed };
    let object = CalendarObject::create(&booking.event(app, actor, &people, slot, status));
    let copies: Vec<(CalendarId, CalendarObject)> =
        homes.iter().map(|home| (home.calendar, home.copy_of(&object))).collect();
    let ids = events::put_copies(app, conn, meeting, &copies).await?;
    let own = homes.iter().zip(ids).find(|(home, _)| home.user == actor.user.id);
    let (_, own) = own.ok_or(BookingError::NoSuchHold)?;
    Ok((meeting, booked(conn, actor, own, &people).await?))
}

/// The meeting as the organizer sees it: `own` is their event, `people` are all who take part.
pub(super) async fn booked(
    conn: &mut Conn,
    actor: &Writer,
    own: crate::ids::EventId,
    people: &[User],
) -> Result<Booked, BookingError> {
    let (event, object) = events::view_of_copy(conn, actor, own).await?;
    let attendees = object.representative().attendees();
    let attendance = |user: &User| {
        let said = attendees.iter().find(|attendee| attendee.email.as_ref() == Some(&user.email_key))?;
        let required = said.role != OPTIONAL;
        Some(Attendance { user_id: user.id, username: user.username.clone(), required, status: said.status })
    };
    Ok(Booked { event, participants: people.iter().filter_map(attendance).collect() })
}

/// ROLE of who is invited, free or not (RFC 5545 section 3.2.16).
const OPTIONAL: &str = "OPT-PARTICIPANT";

/// The calendar in which somebody gets their copy.
struct Home {
    user: UserId,
    calendar: CalendarId,
    /// Whether they take part, or organize only.
    takes_part: bool,
}

impl Home {
    /// Who organizes without taking part has a copy that takes no time.
    fn copy_of(&self, object: &CalendarObject) -> CalendarObject {
        let mut copy = object.clone();
        if let Some(master) = copy.master_mut().filter(|_| !self.takes_part) {
            master.set_transparency(Transparency::Transparent);
        }
        copy
    }
}

/// Holds the default calendars of all against other writers, in the order of their ids. A user without one is gone.
async fn lock_homes(conn: &mut Conn, actor: &Writer, people: &[User]) -> Result<Vec<Home>, BookingError> {
    let ids: BTreeSet<UserId> = people.iter().map(|user| user.id).chain([actor.user.id]).collect();
    let ids: Vec<UserId> = ids.into_iter().collect();
    let defaults = calendars::defaults_of(conn, &ids).await?;
    let wanted: Vec<CalendarId> = defaults.iter().map(|calendar| calendar.id).collect();
    let locked = calendars::lock_all(conn, &wanted).await?;
    if locked.len() < ids.len() {
        return Err(FieldErrors::one("user_ids", "names a user who was deleted just now").into());
    }
    let home = |calendar: &calendars::Calendar| Home {
        user: calendar.user_id,
        calendar: calendar.id,
        takes_part: people.iter().any(|user| user.id == calendar.user_id),
    };
    Ok(locked.iter().map(home).collect())
}

impl Booking {
    fn wanted(&self, slot: Period) -> Wanted {
        Wanted {
            slot,
            buffer_before_minutes: self.buffer_before_minutes,
            buffer_after_minutes: self.buffer_after_minutes,
            tentative: self.tentative,
            all_day: self.all_day,
        }
    }

    fn event(&self, app: &App, actor: &Writer, people: &[User], slot: Period, status: Status) -> NewEvent {
        let zone = self.zone.as_ref().unwrap_or(&actor.user.timezone);
        let participant = |user: &User| Participant::new(&user.email, Some(&user.username));
        let attendee = |user: &User| {
            let mut attendee = participant(user);
            if user.id == actor.user.id {
                attendee.status = ParticipationStatus::Accepted;
            }
            if !self.required.contains(&user.id) {
                attendee.role = OPTIONAL.to_owned();
            }
            attendee
        };
        let (start, end) = (DateOrTime::written(slot.start(), zone), DateOrTime::written(slot.end(), zone));
        NewEvent {
            description: self.description.clone(),
            location: self.location.clone(),
            status,
            organizer: Some(participant(&actor.user)),
            attendees: people.iter().map(attendee).collect(),
            ..NewEvent::new(&events::new_uid(), &self.title, start, end, app.clock.now())
        }
    }
}
