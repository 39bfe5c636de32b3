use super::meeting::snapshot;
use super::{EventError, EventView};
use crate::accounts::Actor;
use crate::app::App;
use crate::ical::{self, CalendarHead, CalendarObject};
use crate::ids::{EventId, UserId};
use crate::storage::Conn;
use crate::storage::events::{self as stored, Event};

/// One of the actor's events.
///
/// # Errors
/// `NotFound`.
pub async fn get(app: &App, actor: &Actor, id: EventId) -> Result<EventView, EventError> {
    let mut conn = snapshot(app).await?;
    let row = owned(&mut conn, actor.user.id, id).await?;
    EventView::of(&row, &object(&row)?, &actor.user.timezone)
}

/// One of the actor's events as an iCalendar stream, with its overrides, and its version.
///
/// # Errors
/// `NotFound`.
pub async fn ics(app: &App, actor: &Actor, id: EventId) -> Result<(String, i64), EventError> {
    let mut conn = snapshot(app).await?;
    let row = owned(&mut conn, actor.user.id, id).await?;
    Ok((ical::write(&CalendarHead::default(), [&object(&row)?]), row.version))
}

/// The event of this id, where it is the user's.
pub(super) async fn owned(conn: &mut Conn, user: UserId, id: EventId) -> Result<Event, EventError> {
    let found = stored::by_id(conn, id).await?;
    found.filter(|event| event.user_id == user).ok_or(EventError::NotFound)
}

/// The stored truth.
pub(super) fn object(row: &Event) -> Result<CalendarObject, EventError> {
    Ok(CalendarObject::from_text(&row.object)?)
}
