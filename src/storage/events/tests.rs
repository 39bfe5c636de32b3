#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! That a search reads what lies near its window: what SQLite says it would do.

use sqlx::{AssertSqlSafe, Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::{EventFilter, busy, page};
use crate::ids::{CalendarId, UserId};
use crate::storage::migrations;
use crate::time::{Period, Timestamp};

/// The steps that touch the events, each with the index and the terms that it uses.
async fn steps(question: QueryBuilder<Sqlite>) -> Vec<String> {
    let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    migrations::sqlite().run(&mut conn).await.unwrap();
    let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", question.sql().as_str()));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(plan).fetch_all(&mut conn).await.unwrap();
    rows.into_iter().map(|(.., step)| step).filter(|step| step.contains("events")).collect()
}

const SHORT: &str = "events_by_start (calendar_id=? AND first_start>? AND first_start<?)";
const LONG: &str = "events_long (calendar_id=? AND last_end>?)";

fn week() -> Period {
    Period::new("2026-01-05T00:00:00Z".parse().unwrap(), "2026-01-12T00:00:00Z".parse().unwrap()).unwrap()
}

fn in_calendars(window: Option<Period>) -> EventFilter {
    let calendars = vec![CalendarId(1), CalendarId(2)];
    EventFilter { calendars, window, text: None, transparent: None, after: None, limit: 10 }
}

#[tokio::test]
async fn a_search_goes_to_its_window() {
    let steps = steps(busy::question(&[UserId(1), UserId(2), UserId(3)], week())).await;
    let [short, long] = steps.as_slice() else { panic!("{steps:?}") };
    assert!(short.ends_with(SHORT) && long.ends_with(LONG), "{steps:?}");
}

#[tokio::test]
async fn a_list_goes_to_its_window() {
    let steps = steps(page::question(&in_calendars(Some(week())))).await;
    assert!(
        steps.iter().any(|step| step.ends_with(SHORT)) && steps.iter().any(|step| step.ends_with(LONG)),
        "{steps:?}"
    );
    assert!(steps.iter().all(|step| step.starts_with("SEARCH")), "{steps:?}");
}

#[tokio::test]
async fn a_list_of_all_keeps_to_its_calendars() {
    let mut filter = in_calendars(None);
    let steps_of_all = steps(page::question(&filter)).await;
    assert!(steps_of_all.iter().all(|step| step.starts_with("SEARCH")), "{steps_of_all:?}");
    filter.after = Some(super::EventCursor { first_start: Timestamp::UNIX_EPOCH, id: crate::ids::EventId(1) });
    let steps_after = steps(page::question(&filter)).await;
    let by_start = "events_by_start (calendar_id=? AND first_start>?)";
    assert!(steps_after.iter().any(|step| step.ends_with(by_start)), "{steps_after:?}");
}
