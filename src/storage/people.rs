//! The state of people in a few numbers: as long as these stay, so does everything that a search knows of them.

use sqlx::QueryBuilder;

use super::column::row;
use super::ids_in::push_ids;
use super::{Conn, StorageError};
use crate::ids::{CalendarId, UserId};

/// The version of somebody, and of one of the calendars of theirs that count as busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonVersion {
    /// Who.
    pub user_id: UserId,
    /// See [`super::accounts::User::version`].
    pub user_version: i64,
    /// Which calendar; none where the user has none that counts.
    pub calendar_id: Option<CalendarId>,
    /// See [`super::calendars::Calendar::version`].
    pub calendar_version: Option<i64>,
}

/// The versions of these users and of all their calendars that count as busy, in the order of user and calendar: in one
/// statement, so all at one moment.
///
/// # Errors
/// [`StorageError`].
pub async fn versions(conn: &mut Conn, users: &[UserId]) -> Result<Vec<PersonVersion>, StorageError> {
    Ok(on!(conn, c => {
        let mut query = QueryBuilder::new(VERSIONS_OF);
        push_ids(&mut query, users.iter().map(|id| id.0));
        query.push(IN_ORDER).build_query_as().fetch_all(c).await
    })?)
}

row!(PersonVersion { user_id, user_version, calendar_id, calendar_version });

const VERSIONS_OF: &str = "SELECT users.id AS user_id, users.version AS user_version, calendars.id AS calendar_id, \
    calendars.version AS calendar_version FROM users \
    LEFT JOIN calendars ON calendars.user_id = users.id AND calendars.counts_as_busy WHERE users.id IN ";
const IN_ORDER: &str = " ORDER BY users.id, calendars.id";
