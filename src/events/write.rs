//! The one path by which an event gets into the database.

use super::change::Context;
use super::meeting::Held;
use super::read::{object, owned};
use super::{EventChange, EventError, EventView, NewEventRequest, index};
use crate::accounts::Writer;
use crate::app::App;
use crate::ical::CalendarObject;
use crate::ids::{CalendarId, EventId, UserId};
use crate::storage::Conn;
use crate::storage::calendars::{self, Calendar, CalendarKind};
use crate::storage::events::{self as stored, Event, EventRow};
use crate::storage::meetings;
use crate::versions::Expected;

/// Adds an event.
///
/// # Errors
/// `Invalid`, `NoSuchCalendar`, `ReadOnlyCalendar`, `UidTaken`, `TooMany`.
pub async fn create(app: &App, actor: &Writer, new: NewEventRequest) -> Result<EventView, EventError> {
    new.event.check()?;
    let uid = match new.uid {
        Some(uid) => checked_uid(uid)?,
        None => new_uid(),
    };
    let made = new.event.create(&uid, &context(app, actor))?;
    let mut conn = app.db.write().await?;
    let calendar = match new.event.calendar_id {
        Some(id) => id,
        None => calendars::default_of(&mut conn, actor.user.id).await?.ok_or(EventError::NoSuchCalendar)?.id,
    };
    lock_writable(&mut conn, actor.user.id, calendar).await?;
    check_room(app, &mut conn, actor.user.id).await?;
    let id = insert(app, &mut conn, calendar, &made).await?;
    let view = view(&mut conn, actor, id).await?;
    conn.commit().await?;
    Ok(view)
}

/// Changes an event, where it still is the version that is expected.
///
/// # Errors
/// `NotFound`, `Invalid`, `NoSuchCalendar`, `ReadOnlyCalendar`, `UidTaken`, `Changed`.
pub async fn update(
    app: &App,
    actor: &Writer,
    target: (EventId, &Expected),
    change: EventChange,
) -> Result<EventView, EventError> {
    change.check()?;
    let mut conn = app.db.write().await?;
    let held = locked(&mut conn, actor.user.id, target, change.calendar_id).await?;
    let before = object(&held.row)?;
    let mut edited = before.clone();
    change.apply(&mut edited, &context(app, actor))?;
    held.check_change(&before, &mut edited)?;
    let calendar = change.calendar_id.unwrap_or(held.row.calendar_id);
    store(app, &mut conn, &held.row, calendar, &edited).await?;
    held.reach_others(app, &mut conn, &edited).await?;
    let view = view(&mut conn, actor, held.row.id).await?;
    conn.commit().await?;
    Ok(view)
}

/// Removes an event.
///
/// # Errors
/// `NotFound`, `ReadOnlyCalendar`, `Changed`.
pub async fn delete(app: &App, actor: &Writer, id: EventId, expected: &Expected) -> Result<(), EventError> {
    let mut conn = app.db.write().await?;
    let held = locked_with_copies(&mut conn, actor.user.id, (id, expected)).await?;
    held.remove(app, &mut conn, &actor.user.email_key).await?;
    Ok(conn.commit().await?)
}

/// Puts a new object into a calendar that is locked.
pub(super) async fn insert(
    app: &App,
    conn: &mut Conn,
    calendar: CalendarId,
    object: &CalendarObject,
) -> Result<EventId, EventError> {
    Ok(stored::insert(conn, &row(app, calendar, object)?).await?)
}

/// Replaces the object of an event whose calendars are locked; does nothing where nothing changed.
pub(super) async fn store(
    app: &App,
    conn: &mut Conn,
    old: &Event,
    calendar: CalendarId,
    object: &CalendarObject,
) -> Result<(), EventError> {
    if old.calendar_id != calendar || old.object != object.to_text() {
        stored::update(conn, old.id, &row(app, calendar, object)?).await?.ok_or(EventError::NotFound)?;
    }
    Ok(())
}

/// The event, once its calendar (and the one that it moves to) is held against other writers; of a meeting that the user
/// organizes, the other copies too.
pub(super) async fn locked(
    conn: &mut Conn,
    user: UserId,
    target: (EventId, &Expected),
    moves_to: Option<CalendarId>,
) -> Result<Held, EventError> {
    lock_event(conn, user, target, Reach { moves_to, to_all: false }).await
}

/// The event and all other copies of its meeting, once their calendars are held.
pub(super) async fn locked_with_copies(
    conn: &mut Conn,
    user: UserId,
    target: (EventId, &Expected),
) -> Result<Held, EventError> {
    lock_event(conn, user, target, Reach { moves_to: None, to_all: true }).await
}

/// How far a change reaches.
#[derive(Clone, Copy)]
struct Reach {
    /// The calendar that the event moves to.
    moves_to: Option<CalendarId>,
    /// Whether the other copies are needed, whoever organizes the meeting.
    to_all: bool,
}

async fn lock_event(
    conn: &mut Conn,
    user: UserId,
    (id, expected): (EventId, &Expected),
    reach: Reach,
) -> Result<Held, EventError> {
    let found = owned(conn, user, id).await?;
    let meeting = meetings::of_event(conn, id).await?.filter(|meeting| meeting.organizer_id.is_some());
    let organizes = meeting.is_some_and(|meeting| meeting.organizer_id == Some(user));
    let all = meeting.filter(|_| organizes || reach.to_all);
    let own: Vec<CalendarId> = std::iter::once(found.calendar_id).chain(reach.moves_to).collect();
    let mut wanted = own.clone();
    if let Some(meeting) = all {
        wanted.extend(meetings::copies(conn, meeting.id).await?.iter().map(|copy| copy.calendar_id));
    }
    let locked = calendars::lock_all(conn, &wanted).await?;
    for calendar in own {
        let locked = locked.iter().find(|locked| locked.id == calendar);
        check_writable(locked, user)?;
    }
    // What was read before the lock may be old by now.
    let row = owned(conn, user, id).await?;
    let mut others = match all {
        Some(meeting) => meetings::copies(conn, meeting.id).await?,
        None => Vec::new(),
    };
    others.retain(|copy| copy.id != id);
    let moved = row.calendar_id != found.calendar_id || others.iter().any(|copy| !wanted.contains(&copy.calendar_id));
    if moved || !expected.is_met_by(row.version) {
        return Err(EventError::Changed);
    }
    Ok(Held { row, meeting, organizes, others })
}

/// An event as its owner sees it, in the caller's transaction.
pub(super) async fn view(conn: &mut Conn, actor: &Writer, id: EventId) -> Result<EventView, EventError> {
    let row = owned(conn, actor.user.id, id).await?;
    EventView::of(&row, &object(&row)?, &actor.user.timezone)
}

/// What a change by this actor, now, needs to know.
pub(super) fn context<'a>(app: &'a App, actor: &'a Writer) -> Context<'a> {
    let zone = &actor.user.timezone;
    Context { owner: zone, default_zone: zone, limits: &app.limits, now: app.clock.now() }
}

/// A new UID (RFC 7986 section 5.3 wants random ones).
pub fn new_uid() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn row(app: &App, calendar_id: CalendarId, object: &CalendarObject) -> Result<EventRow, EventError> {
    let index = index::of(object, &app.limits).map_err(|error| match error {
        EventError::TooManyOccurrences(reason) => EventError::field("recurrence", reason),
        other => other,
    })?;
    Ok(EventRow { calendar_id, uid: object.uid(), object: object.to_text(), index, updated_at: app.clock.now() })
}

/// Holds a calendar against other writers.
pub(super) async fn lock_writable(conn: &mut Conn, user: UserId, id: CalendarId) -> Result<(), EventError> {
    let found = calendars::by_id(conn, id).await?;
    check_writable(found.as_ref(), user)?;
    check_writable(calendars::lock(conn, id).await?.as_ref(), user)
}

/// Whether the user may change what is in the calendar.
pub(super) fn check_writable(calendar: Option<&Calendar>, user: UserId) -> Result<(), EventError> {
    let calendar = calendar.filter(|calendar| calendar.user_id == user).ok_or(EventError::NoSuchCalendar)?;
    match calendar.kind {
        CalendarKind::Local => Ok(()),
        CalendarKind::Subscription => Err(EventError::ReadOnlyCalendar),
    }
}

/// Whether the user may have one more event.
pub(super) async fn check_room(app: &App, conn: &mut Conn, user: UserId) -> Result<(), EventError> {
    let most = app.limits.events_per_user;
    let count = usize::try_from(stored::count(conn, user).await?).unwrap_or(usize::MAX);
    if count >= most { Err(EventError::TooMany(most)) } else { Ok(()) }
}

fn checked_uid(uid: String) -> Result<String, EventError> {
    let length = uid.chars().count();
    if (1..=255).contains(&length) && !uid.chars().any(char::is_control) && uid.trim() == uid {
        return Ok(uid);
    }
    Err(EventError::field("uid", "must have 1 to 255 characters, without control characters or blanks at its ends"))
}
