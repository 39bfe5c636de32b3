use std::sync::Arc;

use convene::storage::{Db, StorageError, accounts, calendars, events};
use tokio::task::JoinSet;

use super::{a_calendar, an_event, busy_rows, jan, new_user, somebody, traits};
use crate::databases::for_each_database;

#[tokio::test]
async fn what_is_not_committed_never_was() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let id = new_user(&mut conn, "alice").await;
        drop(conn);
        let mut conn = db.read().await.unwrap();
        assert_eq!(accounts::by_id(&mut conn, id).await.unwrap(), None);
        drop(conn);
        let mut conn = db.write().await.unwrap();
        let id = new_user(&mut conn, "alice").await;
        conn.commit().await.unwrap();
        let mut conn = db.read().await.unwrap();
        assert!(accounts::by_id(&mut conn, id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_reader_sees_one_moment() {
    for_each_database(async |db| {
        let (user, _) = somebody(&db, "alice").await;
        let mut reader = db.read().await.unwrap();
        assert_eq!(calendars::count(&mut reader, user).await.unwrap(), 1);
        let mut writer = db.write().await.unwrap();
        calendars::insert(&mut writer, &a_calendar(user, "second", false)).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(calendars::count(&mut reader, user).await.unwrap(), 1);
        drop(reader);
        let mut reader = db.read().await.unwrap();
        assert_eq!(calendars::count(&mut reader, user).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_reader_cannot_write() {
    for_each_database(async |db| {
        let (_, calendar) = somebody(&db, "alice").await;
        let mut reader = db.read().await.unwrap();
        let done = calendars::update(&mut reader, calendar, &traits("x")).await;
        assert!(matches!(done, Err(StorageError::Unavailable(_))), "{done:?}");
    })
    .await;
}

async fn in_parallel<F: Future<Output = ()> + Send + 'static>(count: usize, task: impl Fn(usize) -> F) {
    let mut tasks: JoinSet<()> = (0..count).map(task).collect();
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_transactions_that_read_and_then_write_none_is_lost() {
    for_each_database(async |db: Db| {
        let (_, calendar) = somebody(&db, "alice").await;
        let shared = Arc::new(db);
        in_parallel(200, |_| {
            let db = shared.clone();
            async move {
                let mut conn = db.write().await.unwrap();
                let before = calendars::lock(&mut conn, calendar).await.unwrap().unwrap();
                let count: u64 = before.description.parse().unwrap_or(0);
                let mut after = traits("counting");
                after.description = (count + 1).to_string();
                assert!(calendars::update(&mut conn, calendar, &after).await.unwrap());
                conn.commit().await.unwrap();
            }
        })
        .await;
        let mut conn = shared.read().await.unwrap();
        let after = calendars::by_id(&mut conn, calendar).await.unwrap().unwrap();
        assert_eq!((after.description.as_str(), after.version), ("200", 201));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_20_bookings_of_one_time_in_two_calendars_one_wins() {
    for_each_database(async |db: Db| {
        let (alice, hers) = somebody(&db, "alice").await;
        let (bob, his) = somebody(&db, "bob").await;
        let slot = super::window(jan("05 09:00"), jan("05 10:00"));
        let shared = Arc::new(db);
        in_parallel(20, |n| {
            let db = shared.clone();
            async move {
                let mut conn = db.write().await.unwrap();
                let both = if n % 2 == 0 { [hers, his] } else { [his, hers] };
                calendars::lock_all(&mut conn, &both).await.unwrap();
                if !busy_rows(&mut conn, &[alice, bob], slot).await.unwrap().is_empty() {
                    return;
                }
                for calendar in both {
                    let row = an_event(calendar, &n.to_string(), slot.start(), slot.end());
                    events::insert(&mut conn, &row).await.unwrap();
                }
                conn.commit().await.unwrap();
            }
        })
        .await;
        let mut conn = shared.read().await.unwrap();
        assert_eq!(events::count(&mut conn, alice).await.unwrap(), 1);
        assert_eq!(busy_rows(&mut conn, &[alice, bob], slot).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_that_is_abandoned_midway_stands_in_nobodys_way() {
    for_each_database(async |db: Db| {
        let (_, calendar) = somebody(&db, "alice").await;
        let shared = Arc::new(db);
        let mut tasks = JoinSet::new();
        for _ in 0..50 {
            let db = shared.clone();
            tasks.spawn(async move {
                let mut conn = db.write().await.unwrap();
                calendars::lock(&mut conn, calendar).await.unwrap();
                tokio::task::yield_now().await;
                calendars::lock(&mut conn, calendar).await.unwrap();
            });
        }
        tasks.join_next().await.unwrap().unwrap();
        tasks.shutdown().await;
        let mut conn = shared.write().await.unwrap();
        assert_eq!(calendars::lock(&mut conn, calendar).await.unwrap().unwrap().version, 2);
        conn.commit().await.unwrap();
    })
    .await;
}
