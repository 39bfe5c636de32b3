//! Calendars: what a user keeps events in. Only their owner sees them.
//!
//! It refuses to know what stands inside the events.

use crate::accounts::{Actor, Writer};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::ids::{CalendarId, UserId};
use crate::storage::calendars::{self as stored, Calendar, CalendarKind, CalendarTraits, NewCalendar};
use crate::storage::{Conn, StorageError, accounts};
use crate::time::Zone;
use crate::versions::Expected;

/// What a user says of a calendar; what is `None` stays, or has its default in a new one.
#[derive(Clone, Debug, Default)]
pub struct CalendarChange {
    /// 1 to 255 characters.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Anything.
    pub description: Option<String>,
    /// IANA name.
    pub timezone: Option<String>,
    /// Whether its events block time.
    pub counts_as_busy: Option<bool>,
}

/// Why a calendar's use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Absent, or somebody else's.
    #[error("there is no such calendar")]
    NotFound,
    /// The default calendar stays.
    #[error("this is the default calendar, which cannot be deleted")]
    IsDefault,
    /// The user has as many calendars as allowed.
    #[error("at most {0} calendars are allowed; delete one first")]
    TooMany(usize),
    /// The calendar is not the version that the change was meant for.
    #[error("the calendar was changed meanwhile")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The actor's calendars, in the order in which they were made.
///
/// # Errors
/// [`CalendarError::Storage`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Calendar>, CalendarError> {
    let mut conn = app.db.read().await?;
    Ok(stored::list(&mut conn, actor.user.id).await?)
}

/// One of the actor's calendars.
///
/// # Errors
/// `NotFound`.
pub async fn get(app: &App, actor: &Actor, id: CalendarId) -> Result<Calendar, CalendarError> {
    let mut conn = app.db.read().await?;
    owned(&mut conn, actor.user.id, id).await
}

/// Makes a calendar.
///
/// # Errors
/// `Invalid`, `TooMany`.
pub async fn create(app: &App, actor: &Writer, change: CalendarChange) -> Result<Calendar, CalendarError> {
    let traits = changed(defaults(&actor.user.timezone), change)?;
    let mut conn = app.db.write().await?;
    // Holds the count against another request of the same user.
    accounts::lock(&mut conn, actor.user.id).await?;
    let most = app.limits.calendars_per_user;
    if usize::try_from(stored::count(&mut conn, actor.user.id).await?).unwrap_or(usize::MAX) >= most {
        return Err(CalendarError::TooMany(most));
    }
    let new = NewCalendar {
        user_id: actor.user.id,
        is_default: false,
        kind: CalendarKind::Local,
        traits,
        created_at: app.clock.now(),
    };
    let id = stored::insert(&mut conn, &new).await?;
    let calendar = owned(&mut conn, actor.user.id, id).await?;
    conn.commit().await?;
    Ok(calendar)
}

/// Changes a calendar, where it still is the version that is expected. `whole` gives what the change leaves out its
/// default, rather than to leave it as it is.
///
/// # Errors
/// `NotFound`, `Invalid`, `Changed`.
pub async fn update(
    app: &App,
    actor: &Writer,
    target: (CalendarId, &Expected),
    change: CalendarChange,
    whole: bool,
) -> Result<Calendar, CalendarError> {
    let (id, expected) = target;
    let mut conn = app.db.write().await?;
    let calendar = locked(&mut conn, actor.user.id, id, expected).await?;
    let before = if whole { defaults(&actor.user.timezone) } else { traits_of(&calendar) };
    stored::update(&mut conn, id, &changed(before, change)?).await?;
    let calendar = owned(&mut conn, actor.user.id, id).await?;
    conn.commit().await?;
    Ok(calendar)
}

/// Whether the actor may remove a calendar.
///
/// # Errors
/// `NotFound`, `IsDefault`.
pub async fn check_removable(conn: &mut Conn, actor: &Writer, id: CalendarId) -> Result<(), CalendarError> {
    let calendar = owned(conn, actor.user.id, id).await?;
    if calendar.is_default { Err(CalendarError::IsDefault) } else { Ok(()) }
}

/// Removes a calendar that is locked, with its events, where it still is the version that is expected. What its events have
/// to do with others is the caller's concern.
///
/// # Errors
/// `Changed`.
pub async fn remove(conn: &mut Conn, locked: &Calendar, expected: &Expected) -> Result<(), CalendarError> {
    if !expected.is_met_by(locked.version - 1) {
        return Err(CalendarError::Changed);
    }
    stored::delete(conn, locked.id).await?;
    Ok(())
}

/// What a new calendar of somebody in this zone has.
///
/// # Errors
/// `Invalid`.
pub fn new_traits(timezone: &Zone, change: CalendarChange) -> Result<CalendarTraits, CalendarError> {
    changed(defaults(timezone), change)
}

/// What a calendar has after a change.
///
/// # Errors
/// `Invalid`.
pub fn changed_traits(calendar: &Calendar, change: CalendarChange) -> Result<CalendarTraits, CalendarError> {
    changed(traits_of(calendar), change)
}

/// What a calendar has under another name.
pub fn renamed(calendar: &Calendar, name: String) -> CalendarTraits {
    CalendarTraits { name, ..traits_of(calendar) }
}

/// The calendar of this id, where it is the user's.
async fn owned(conn: &mut Conn, user: UserId, id: CalendarId) -> Result<Calendar, CalendarError> {
    let found = stored::by_id(conn, id).await?;
    found.filter(|calendar| calendar.user_id == user).ok_or(CalendarError::NotFound)
}

async fn locked(conn: &mut Conn, user: UserId, id: CalendarId, expected: &Expected) -> Result<Calendar, CalendarError> {
    owned(conn, user, id).await?;
    let calendar = stored::lock(conn, id).await?.ok_or(CalendarError::NotFound)?;
    if expected.is_met_by(calendar.version - 1) { Ok(calendar) } else { Err(CalendarError::Changed) }
}

fn defaults(timezone: &Zone) -> CalendarTraits {
    CalendarTraits {
        name: String::new(),
        color: "#3a87ad".to_owned(),
        description: String::new(),
        timezone: timezone.clone(),
        counts_as_busy: true,
    }
}

fn traits_of(calendar: &Calendar) -> CalendarTraits {
    CalendarTraits {
        name: calendar.name.clone(),
        color: calendar.color.clone(),
        description: calendar.description.clone(),
        timezone: calendar.timezone.clone(),
        counts_as_busy: calendar.counts_as_busy,
    }
}

fn changed(before: CalendarTraits, change: CalendarChange) -> Result<CalendarTraits, CalendarError> {
    let mut errors = FieldErrors::new();
    let name = change.name.unwrap_or(before.name);
    if name.trim().is_empty() || name.chars().count() > 255 {
        errors.add("name", "must have 1 to 255 characters");
    }
    let color = change.color.unwrap_or(before.color);
    if !is_color(&color) {
        errors.add("color", "must be #rrggbb, such as #3a87ad");
    }
    let zone = change.timezone.map_or(Ok(before.timezone), |name| Zone::iana(&name));
    match errors.take("timezone", zone) {
        Some(timezone) if errors.is_empty() => Ok(CalendarTraits {
            name,
            color: color.to_ascii_lowercase(),
            description: change.description.unwrap_or(before.description),
            timezone,
            counts_as_busy: change.counts_as_busy.unwrap_or(before.counts_as_busy),
        }),
        _ => Err(CalendarError::Invalid(errors)),
    }
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|b| b.is_ascii_hexdigit())
}
