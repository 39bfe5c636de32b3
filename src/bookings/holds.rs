//! Holds: a time that is taken for some minutes, to be confirmed, released, or gone by itself.

use super::BookingError;
use super::answers::{self, Answered, IdempotencyKey, KEPT_FOR};
use super::book::{MOST_RETRIES, with_next_slots};
use super::meeting::{Booked, Booking, booked, place};
use crate::accounts::Writer;
use crate::app::App;
use crate::events;
use crate::fields::FieldErrors;
use crate::freebusy::Status;
use crate::ical::CalendarObject;
use crate::ids::{MeetingId, UserId};
use crate::storage::events::Event;
use crate::storage::{Conn, accounts, kept_answers, meetings};
use crate::time::{SignedDuration, Timestamp};

/// A time that is held.
#[derive(Clone, Debug)]
pub struct Hold {
    /// By what to confirm or release it.
    pub id: MeetingId,
    /// Until when it is held.
    pub expires_at: Timestamp,
    /// What stands in everybody's calendar, tentatively.
    pub booked: Booked,
}

/// What a hold becomes when it is confirmed; what is `None` stays as it was held.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Which hold.
    pub hold: MeetingId,
    /// SUMMARY.
    pub title: Option<String>,
    /// DESCRIPTION.
    pub description: Option<String>,
    /// LOCATION.
    pub location: Option<String>,
    /// When the client believes that it starts.
    pub start: Option<Timestamp>,
    /// How long the client believes that it is, in minutes.
    pub duration_minutes: Option<u32>,
    /// Who the client believes takes part.
    pub users: Vec<UserId>,
}

/// Takes a time for some minutes: tentatively, in the calendars of all who take part.
///
/// # Errors
/// As [`super::book()`]; `TooManyHolds`.
pub async fn hold(app: &App, actor: &Writer, booking: &Booking, minutes: u32) -> Result<Hold, BookingError> {
    let mut tries = 0;
    loop {
        let length = SignedDuration::from_mins(i64::from(minutes));
        let expires_at = app.clock.now().checked_add(length).unwrap_or(Timestamp::MAX);
        match try_to_hold(app, actor, booking, expires_at).await {
            Err(error) if error.is_conflict() && tries < MOST_RETRIES => tries += 1,
            Err(error) => return Err(with_next_slots(app, actor, booking, error).await),
            Ok((id, booked)) => return Ok(Hold { id, expires_at, booked }),
        }
    }
}

/// Makes a hold a meeting that stays. Who takes part is asked about again: the time is theirs since it was held.
///
/// # Errors
/// `NoSuchHold`, `Invalid`, `KeyReused`.
pub async fn confirm(
    app: &App,
    actor: &Writer,
    wish: &Confirmation,
    key: Option<&IdempotencyKey<'_>>,
) -> Result<Answered, BookingError> {
    let mut conn = app.db.write().await?;
    if let Some(key) = key
        && let Some(before) = answers::claim(app, &mut conn, actor, key).await?
    {
        return Ok(before);
    }
    let copies = locked(app, &mut conn, actor, wish.hold).await?;
    let users: Vec<UserId> = copies.iter().map(|copy| copy.user_id).collect();
    let own = copies.iter().find(|copy| copy.user_id == actor.user.id).ok_or(BookingError::NoSuchHold)?;
    wish.check(own, &users)?;
    let now = app.clock.now();
    let edit = |copy: &mut CalendarObject| {
        copy.set_status(Status::Confirmed, now);
        wish.say(copy);
    };
    events::edit_copies(app, &mut conn, &copies, edit).await?;
    meetings::confirm(&mut conn, wish.hold).await?;
    let people = accounts::by_ids(&mut conn, &users).await?;
    let booked = booked(&mut conn, actor, own.id, &people).await?;
    answers::keep(&mut conn, actor, key, &booked).await?;
    conn.commit().await?;
    Ok(Answered::Now(Box::new(booked)))
}

/// Gives the time of a hold free again.
///
/// # Errors
/// `NoSuchHold`.
pub async fn release(app: &App, actor: &Writer, hold: MeetingId) -> Result<(), BookingError> {
    let mut conn = app.db.write().await?;
    locked(app, &mut conn, actor, hold).await?;
    meetings::delete_with_copies(&mut conn, hold).await?;
    Ok(conn.commit().await?)
}

/// Removes holds whose time is over, and answers to requests that are kept no longer.
///
/// # Errors
/// `Storage`.
pub async fn sweep(app: &App) -> Result<(), BookingError> {
    events::sweep_holds(app).await?;
    let oldest = app.clock.now().checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    let mut conn = app.db.write().await?;
    kept_answers::purge(&mut conn, oldest).await?;
    Ok(conn.commit().await?)
}

/// The copies of a hold of the actor's that is alive, with their calendars locked.
async fn locked(app: &App, conn: &mut Conn, actor: &Writer, id: MeetingId) -> Result<Vec<Event>, BookingError> {
    alive(app, conn, actor, id).await?;
    let copies = events::lock_copies(conn, id).await?;
    // Another request may have confirmed or released it while this one waited.
    alive(app, conn, actor, id).await?;
    Ok(copies)
}

async fn alive(app: &App, conn: &mut Conn, actor: &Writer, id: MeetingId) -> Result<(), BookingError> {
    let found = meetings::by_id(conn, id).await?.filter(|hold| hold.organizer_id == Some(actor.user.id));
    let is_alive = found.and_then(|hold| hold.expires_at).is_some_and(|expires_at| app.clock.now() < expires_at);
    if is_alive { Ok(()) } else { Err(BookingError::NoSuchHold) }
}

/// Takes the time of a booking, in a transaction of its own.
async fn try_to_hold(
    app: &App,
    actor: &Writer,
    booking: &Booking,
    expires_at: Timestamp,
) -> Result<(MeetingId, Booked), BookingError> {
    let mut conn = app.db.write().await?;
    check_room(app, &mut conn, actor).await?;
    let placed = place(app, &mut conn, actor, booking, Some(expires_at)).await?;
    conn.commit().await?;
    Ok(placed)
}

async fn check_room(app: &App, conn: &mut Conn, actor: &Writer) -> Result<(), BookingError> {
    let most = app.limits.holds_per_user;
    // Holds the count against another request of the same user.
    accounts::hold(conn, actor.user.id).await?;
    let count = meetings::count_holds(conn, actor.user.id, app.clock.now()).await?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= most { Err(BookingError::TooManyHolds(most)) } else { Ok(()) }
}

impl Confirmation {
    /// What the client believes must be so.
    fn check(&self, own: &Event, users: &[UserId]) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if let Some(title) = &self.title
            && (title.trim().is_empty() || title.chars().count() > 255)
        {
            errors.add("title", "must have 1 to 255 characters");
        }
        let start = own.index.first_start;
        if self.start.is_some_and(|believed| believed != start) {
            errors.add("start_time", format!("is not that of the hold, which starts at {start}"));
        }
        let length = match own.index.last_end {
            crate::storage::LastEnd::At(end) => end.duration_since(start).as_mins(),
            crate::storage::LastEnd::Endless => i64::MAX,
        };
        if self.duration_minutes.is_some_and(|believed| i64::from(believed) != length) {
            errors.add("duration_minutes", format!("is not that of the hold, which takes {length}"));
        }
        if let Some(id) = self.users.iter().find(|id| !users.contains(id)) {
            errors.add("user_ids", format!("the time is not held for user {id}"));
        }
        errors.into_result()
    }

    fn say(&self, copy: &mut CalendarObject) {
        let texts = [("SUMMARY", &self.title), ("DESCRIPTION", &self.description), ("LOCATION", &self.location)];
        for (name, value) in texts {
            if let (Some(value), Some(master)) = (value, copy.master_mut()) {
                master.set_text(name, Some(value.as_str()).filter(|value| !value.is_empty()));
            }
        }
    }
}
