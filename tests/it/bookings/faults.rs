//! A database that fails is no free time.

use serde_json::json;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use super::{Server, at_ten, for_each_server};
use crate::databases::Kind;

async fn tamper(server: &Server, statement: &'static str) {
    let database = server.database.as_ref().unwrap();
    match database.kind {
        Kind::Sqlite => drop(SqliteConnection::connect(&database.url).await.unwrap().execute(statement).await.unwrap()),
        Kind::Postgres => drop(PgConnection::connect(&database.url).await.unwrap().execute(statement).await.unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_that_cannot_be_read_are_a_503_and_never_a_slot() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let window =
            json!({ "user_ids": [ann.id, bob.id], "start": "2026-01-05T09:00:00Z", "end": "2026-01-05T17:00:00Z" });
        let search = super::with(window.clone(), json!({ "duration_minutes": 60 }));
        for (fault, mended) in [
            ("ALTER TABLE events RENAME TO events_away", "ALTER TABLE events_away RENAME TO events"),
            ("ALTER TABLE meetings RENAME TO meetings_away", "ALTER TABLE meetings_away RENAME TO meetings"),
            ("UPDATE calendars SET timezone = 'Mars/Olympus'", "UPDATE calendars SET timezone = 'UTC'"),
        ] {
            tamper(server, fault).await;
            let book = ann.book(at_ten(&[ann.id, bob.id])).await;
            assert_eq!(book.status / 100, 5, "{fault}: {book:?}");
            if !fault.contains("calendars") {
                for (path, body) in [("find-slots", &search), ("free-busy", &window)] {
                    let said = ann.post(&format!("/scheduling/{path}/"), body.clone()).await;
                    assert_eq!(said.status, 503, "{fault}: {said:?}");
                    assert!(said.body.get("available_slots").is_none());
                }
            }
            tamper(server, mended).await;
        }
        let found = ann.post("/scheduling/find-slots/", search).await;
        assert_eq!((found.status, &found.body["total_slots_found"]), (200, &json!(15)));
        assert_eq!(ann.book(at_ten(&[ann.id, bob.id])).await.status, 201);
    })
    .await;
}
