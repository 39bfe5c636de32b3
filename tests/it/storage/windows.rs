//! What a window finds, held against the rule itself: two half-open stretches share time.

use convene::ids::{CalendarId, EventId, UserId};
use convene::storage::calendars::{self, CalendarTraits};
use convene::storage::events::{self, Blocks, EventFilter, EventRow};
use convene::storage::{Conn, Db, LastEnd};
use convene::time::{Period, SignedDuration, Timestamp};

use super::{an_event, at, busy_rows, jan, new_calendar, new_user, somebody, traits, window};
use crate::databases::for_each_database;

async fn found_busy(conn: &mut Conn, user: UserId, window: Period) -> Vec<String> {
    let rows = busy_rows(conn, &[user], window).await.unwrap();
    let mut uids = Vec::new();
    for row in rows {
        uids.push(events::by_id(conn, row.event_id).await.unwrap().unwrap().uid);
    }
    uids.sort();
    uids
}

async fn listed(conn: &mut Conn, calendar: CalendarId, window: Period) -> Vec<String> {
    let filter = EventFilter {
        calendars: vec![calendar],
        window: Some(window),
        text: None,
        transparent: None,
        after: None,
        limit: 1_000,
    };
    let mut uids: Vec<String> = events::page(conn, &filter).await.unwrap().into_iter().map(|it| it.uid).collect();
    uids.sort();
    uids
}

#[tokio::test]
async fn the_edges_of_a_window_are_half_open() {
    for_each_database(async |db| {
        let (user, calendar) = somebody(&db, "alice").await;
        let mut conn = db.write().await.unwrap();
        for (uid, start, end) in [
            ("before", jan("05 08:00"), jan("05 09:00")),
            ("into", jan("05 08:00"), jan("05 09:01")),
            ("inside", jan("05 10:00"), jan("05 11:00")),
            ("around", jan("04 08:00"), jan("07 09:00")),
            ("out", jan("05 16:59"), jan("05 18:00")),
            ("after", jan("05 17:00"), jan("05 18:00")),
            ("moment at start", jan("05 09:00"), jan("05 09:00")),
            ("moment inside", jan("05 10:00"), jan("05 10:00")),
            ("moment at end", jan("05 17:00"), jan("05 17:00")),
            ("just short", at("2025-12-06T00:00:00Z"), at("2026-01-06T00:00:00Z")),
            ("just long", at("2025-12-06T00:00:00Z"), at("2026-01-06T00:00:00.000001Z")),
            ("long gone", at("2020-01-01T00:00:00Z"), jan("05 09:00")),
            ("long to come", jan("05 17:00"), at("2030-01-01T00:00:00Z")),
        ] {
            events::insert(&mut conn, &an_event(calendar, uid, start, end)).await.unwrap();
        }
        for (uid, start) in [("endless", jan("05 16:00")), ("ancient", Timestamp::MIN), ("future", jan("05 17:00"))] {
            let mut row = an_event(calendar, uid, start, start);
            row.index.last_end = LastEnd::Endless;
            events::insert(&mut conn, &row).await.unwrap();
        }
        let day = window(jan("05 09:00"), jan("05 17:00"));
        let busy =
            ["ancient", "around", "endless", "inside", "into", "just long", "just short", "moment inside", "out"];
        assert_eq!(found_busy(&mut conn, user, day).await, busy);
        let mut all = busy.to_vec();
        all.insert(8, "moment at start");
        all.sort_unstable();
        assert_eq!(listed(&mut conn, calendar, day).await, all);
        let everything = window(Timestamp::MIN, Timestamp::MAX);
        assert_eq!(listed(&mut conn, calendar, everything).await.len(), 16);
    })
    .await;
}

#[tokio::test]
async fn only_what_can_block_is_found_in_calendars_that_count() {
    for_each_database(async |db| {
        let (user, calendar) = somebody(&db, "alice").await;
        let mut conn = db.write().await.unwrap();
        let idle = new_calendar(&mut conn, user).await;
        calendars::update(&mut conn, idle, &CalendarTraits { counts_as_busy: false, ..traits("x") }).await.unwrap();
        let day = window(jan("05 09:00"), jan("05 17:00"));
        let source = Some("{}".to_owned());
        for (uid, home, blocks, source) in [
            ("busy", calendar, Blocks::Busy, None),
            ("tentative", calendar, Blocks::Tentative, None),
            ("free", calendar, Blocks::Nothing, None),
            ("series", calendar, Blocks::Nothing, source.clone()),
            ("idle", idle, Blocks::Busy, None),
        ] {
            let mut row = an_event(home, uid, day.start(), day.end());
            (row.index.blocks, row.index.source) = (blocks, source);
            events::insert(&mut conn, &row).await.unwrap();
        }
        assert_eq!(found_busy(&mut conn, user, day).await, ["busy", "series", "tentative"]);
        let rows = busy_rows(&mut conn, &[user], day).await.unwrap();
        let series = rows.iter().find(|row| row.source.is_some()).unwrap();
        assert_eq!((series.user_id, series.calendar_id, series.blocks), (user, calendar, Blocks::Nothing));
        assert_eq!((series.first_start, series.last_end), (day.start(), LastEnd::At(day.end())));
        assert_eq!(series.source, source);
    })
    .await;
}

#[tokio::test]
async fn one_question_is_about_many_people() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let day = window(jan("05 09:00"), jan("05 17:00"));
        let mut users = Vec::new();
        for n in 0..21 {
            let user = new_user(&mut conn, &format!("user{n}")).await;
            let calendar = new_calendar(&mut conn, user).await;
            events::insert(&mut conn, &an_event(calendar, "1", day.start(), day.end())).await.unwrap();
            users.push(user);
        }
        let mut asked = users[..20].to_vec();
        asked.push(users[0]);
        asked.push(UserId(99));
        let mut found: Vec<UserId> =
            busy_rows(&mut conn, &asked, day).await.unwrap().into_iter().map(|row| row.user_id).collect();
        found.sort_unstable();
        assert_eq!(found, users[..20]);
        assert_eq!(busy_rows(&mut conn, &[], day).await.unwrap(), []);
    })
    .await;
}

/// A fixed sequence of numbers that look random.
fn numbers() -> impl FnMut(i64) -> i64 {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state >> 2).unwrap() % below
    }
}

#[tokio::test]
async fn a_window_finds_what_a_look_at_every_event_finds() {
    for_each_database(async |db: Db| {
        let (user, calendar) = somebody(&db, "alice").await;
        let mut next = numbers();
        let origin = at("2026-01-01T00:00:00Z");
        let hours = |n: i64| SignedDuration::from_hours(n);
        let rows: Vec<EventRow> = (0..600)
            .map(|n| {
                let start = origin + hours(next(4_000));
                let longest = if next(10) == 0 { 2_000 } else { 100 };
                an_event(calendar, &format!("{n:03}"), start, start + hours(next(longest)))
            })
            .collect();
        let mut conn = db.write().await.unwrap();
        events::upsert_all(&mut conn, &rows).await.unwrap();
        for _ in 0..60 {
            let start = origin + hours(next(4_500) - 200);
            let window = window(start, start + hours(1 + next(900)));
            let shares_time = |row: &&EventRow| {
                let LastEnd::At(end) = row.index.last_end else { return true };
                Period::new(row.index.first_start, end).is_ok_and(|period| period.overlaps(window))
            };
            let is_moment_in = |row: &EventRow| {
                let start = row.index.first_start;
                row.index.last_end == LastEnd::At(start) && window.start() <= start && start < window.end()
            };
            let uids = |found: Vec<&EventRow>| found.into_iter().map(|row| row.uid.clone()).collect::<Vec<_>>();
            let is_inner_moment = |row: &EventRow| is_moment_in(row) && row.index.first_start > window.start();
            let busy = rows.iter().filter(|row| shares_time(row) || is_inner_moment(row)).collect();
            assert_eq!(found_busy(&mut conn, user, window).await, uids(busy), "busy in {window:?}");
            let near = rows.iter().filter(|row| shares_time(row) || is_moment_in(row)).collect();
            assert_eq!(listed(&mut conn, calendar, window).await, uids(near), "listed in {window:?}");
        }
        let gone = EventId(i64::MAX);
        assert_eq!(events::by_id(&mut conn, gone).await.unwrap(), None);
    })
    .await;
}
