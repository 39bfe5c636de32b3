//! What goes wrong is an error of the right kind, and never an answer.

use std::time::Duration;

use convene::storage::{Db, DbOptions, StorageError, accounts, calendars};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

use super::{profile, somebody, traits};
use crate::databases::{Kind, TestDatabase};

async fn tamper(database: &TestDatabase, statement: &'static str) {
    match database.kind {
        Kind::Sqlite => drop(SqliteConnection::connect(&database.url).await.unwrap().execute(statement).await.unwrap()),
        Kind::Postgres => drop(PgConnection::connect(&database.url).await.unwrap().execute(statement).await.unwrap()),
    }
}

#[tokio::test]
async fn what_cannot_have_been_stored_is_not_read() {
    for (statement, undo) in [
        ("UPDATE users SET timezone = 'Mars/Olympus'", "UPDATE users SET timezone = 'UTC'"),
        ("UPDATE users SET created_at = 9223372036854775807", "UPDATE users SET created_at = 0"),
    ] {
        for kind in Kind::ALL {
            let database = TestDatabase::migrated(kind).await;
            let db = database.open().await;
            let (alice, _) = somebody(&db, "alice").await;
            tamper(&database, statement).await;
            let found = accounts::by_id(&mut db.read().await.unwrap(), alice).await;
            assert!(matches!(found, Err(StorageError::Corrupt(_))), "{kind:?}: {found:?}");
            tamper(&database, undo).await;
            assert!(accounts::by_id(&mut db.read().await.unwrap(), alice).await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn a_table_that_is_gone_is_not_an_empty_one() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let db = database.open().await;
        let (alice, _) = somebody(&db, "alice").await;
        tamper(&database, "DROP TABLE events").await;
        tamper(&database, "ALTER TABLE calendars RENAME TO elsewhere").await;
        let found = calendars::list(&mut db.read().await.unwrap(), alice).await;
        assert!(matches!(found, Err(StorageError::Statement(_))), "{kind:?}: {found:?}");
        let changed = accounts::update(&mut db.write().await.unwrap(), alice, &profile("bob")).await.unwrap();
        assert!(changed, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_programs_on_one_database_lose_nothing() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let programs = [database.open().await, database.open().await];
        let (_, calendar) = somebody(&programs[0], "alice").await;
        let mut tasks = JoinSet::new();
        for n in 0..40 {
            let db: Db = programs[n % 2].clone();
            tasks.spawn(async move {
                let mut conn = db.write().await.unwrap();
                let before = calendars::lock(&mut conn, calendar).await.unwrap().unwrap();
                let mut after = traits("counting");
                after.description = before.description + "x";
                calendars::update(&mut conn, calendar, &after).await.unwrap();
                conn.commit().await.unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let after = calendars::by_id(&mut programs[1].read().await.unwrap(), calendar).await.unwrap().unwrap();
        assert_eq!((after.description.len(), after.version), (40, 41), "{kind:?}");
    }
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_so() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let acquire_timeout = Duration::from_millis(50);
        let db = database.open_with(&DbOptions { max_connections: 1, acquire_timeout, ..DbOptions::default() }).await;
        let first = db.write().await.unwrap();
        let second = db.write().await;
        assert!(matches!(second, Err(StorageError::Unavailable(_))), "{kind:?}");
        drop(first);
        db.write().await.unwrap();
    }
}

#[tokio::test]
async fn two_that_wait_for_each_other_are_told_to_try_again() {
    let database = TestDatabase::migrated(Kind::Postgres).await;
    let db = database.open().await;
    let (_, a) = somebody(&db, "alice").await;
    let (_, b) = somebody(&db, "bob").await;
    let (mut one, mut two) = (db.write().await.unwrap(), db.write().await.unwrap());
    calendars::lock(&mut one, a).await.unwrap();
    calendars::lock(&mut two, b).await.unwrap();
    let (of_one, of_two) = tokio::join!(
        async {
            let done = calendars::lock(&mut one, b).await;
            drop(one);
            done
        },
        async {
            let done = calendars::lock(&mut two, a).await;
            drop(two);
            done
        }
    );
    let conflicts = [of_one, of_two].into_iter().filter(|it| matches!(it, Err(StorageError::Conflict(_)))).count();
    assert_eq!(conflicts, 1);
}

#[tokio::test]
async fn a_writer_of_a_file_is_alone_from_its_beginning() {
    let database = TestDatabase::migrated(Kind::Sqlite).await;
    let one = database.open().await;
    let impatient = DbOptions { statement_timeout: Duration::from_millis(50), ..DbOptions::default() };
    let another = database.open_with(&impatient).await;
    let first = one.write().await.unwrap();
    let second = another.write().await;
    assert!(matches!(second, Err(StorageError::Unavailable(_))));
    drop(first);
    another.write().await.unwrap().commit().await.unwrap();
}
