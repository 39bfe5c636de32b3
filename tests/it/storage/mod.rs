//! The contract of the storage: one suite, run on each database.

mod accounts;
mod calendars;
mod events;
mod faults;
mod schema;
mod sessions;
mod tokens;
mod transactions;
mod windows;

use convene::ids::{CalendarId, UserId};
use convene::storage::accounts::{PasswordHash, Profile, Visibility};
use convene::storage::calendars::{CalendarKind, CalendarTraits, NewCalendar};
use convene::storage::events::{Blocks, BusyRow, EventIndex, EventRow, each_busy_row};
use convene::storage::{Conn, Db, LastEnd, StorageError, TokenHash};
use convene::time::{Days, Period, Time, Timestamp, Zone};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An instant of January 2026, as `"12 09:30"`.
fn jan(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    at(&format!("2026-01-{day}T{time}:00Z"))
}

fn now() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

fn window(start: Timestamp, end: Timestamp) -> Period {
    Period::new(start, end).unwrap()
}

/// What takes time of these users in a window.
async fn busy_rows(conn: &mut Conn, users: &[UserId], window: Period) -> Result<Vec<BusyRow>, StorageError> {
    let mut rows = Vec::new();
    each_busy_row(conn, users, window, |row| rows.push(row)).await?;
    Ok(rows)
}

fn hash(byte: u8) -> TokenHash {
    TokenHash([byte; 32])
}

fn profile(name: &str) -> Profile {
    Profile {
        username: name.to_owned(),
        username_key: name.to_lowercase(),
        email: format!("{name}@Example.org"),
        email_key: format!("{name}@example.org").to_lowercase(),
        timezone: Zone::iana("Europe/Berlin").unwrap(),
        work_start: Time::constant(9, 0, 0, 0),
        work_end: Time::constant(17, 30, 15, 0),
        work_days: Days::ALL,
        free_busy_visibility: Visibility::Users,
    }
}

async fn new_user(conn: &mut Conn, name: &str) -> UserId {
    convene::storage::accounts::insert(conn, &profile(name), &PasswordHash(format!("secret of {name}")), now())
        .await
        .unwrap()
}

fn traits(name: &str) -> CalendarTraits {
    CalendarTraits {
        name: name.to_owned(),
        color: "#336699".to_owned(),
        description: String::new(),
        timezone: Zone::utc(),
        counts_as_busy: true,
    }
}

fn a_calendar(user: UserId, name: &str, is_default: bool) -> NewCalendar {
    NewCalendar { user_id: user, is_default, kind: CalendarKind::Local, traits: traits(name), created_at: now() }
}

async fn new_calendar(conn: &mut Conn, user: UserId) -> CalendarId {
    convene::storage::calendars::insert(conn, &a_calendar(user, "Calendar", false)).await.unwrap()
}

/// A user with a calendar, committed.
async fn somebody(db: &Db, name: &str) -> (UserId, CalendarId) {
    let mut conn = db.write().await.unwrap();
    let user = new_user(&mut conn, name).await;
    let calendar = new_calendar(&mut conn, user).await;
    conn.commit().await.unwrap();
    (user, calendar)
}

/// A plain single event.
fn an_event(calendar: CalendarId, uid: &str, start: Timestamp, end: Timestamp) -> EventRow {
    EventRow {
        calendar_id: calendar,
        uid: uid.to_owned(),
        object: format!("BEGIN:VCALENDAR\r\nUID:{uid}\r\n"),
        index: EventIndex {
            first_start: start,
            last_end: LastEnd::At(end),
            blocks: Blocks::Busy,
            transparent: false,
            sequence: 0,
            source: None,
            title: format!("Title of {uid}"),
            search_text: format!("title of {uid}"),
        },
        updated_at: now(),
    }
}
