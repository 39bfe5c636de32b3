//! A database that goes away: every call that needs it says so with 503, and none makes up an answer.

use serde_json::json;

use super::operations::{Owner, operations};
use super::server::on_both;

#[tokio::test]
async fn every_call_says_that_the_database_is_away() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let question = json!({
            "user_ids": [owner.client.id], "duration_minutes": 60,
            "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"
        });
        let found = owner.client.post("/api/scheduling/find-slots/", &question).await.is(200);
        assert!(found["total_slots_found"].as_i64().unwrap() > 0);
        server.stranger().get("/readyz").await.is(200);
        server.app.db.close().await;
        for operation in operations() {
            let answer = operation.call(&owner.client, &owner.fill(&operation.path)).await;
            answer.is(503);
            assert!(!answer.text.contains("available_slots"), "{answer:#?}");
        }
        let again = owner.client.post("/api/scheduling/find-slots/", &question).await;
        again.is(503);
        server.stranger().post("/api/scheduling/find-slots/", &question).await.is(503);
        server.stranger().get("/readyz").await.is(503);
        assert_eq!(server.stranger().get("/healthz").await.text, "ok\n");
        server.stranger().get("/docs").await.is_success();
        server.stranger().get("/openapi.json").await.is(200);
    })
    .await;
}

/// The database breaks off while requests are under way.
#[tokio::test]
async fn requests_under_way_end_with_an_answer_or_503() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let question = json!({
            "user_ids": [owner.client.id], "duration_minutes": 60,
            "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"
        });
        let whole = owner.client.post("/api/scheduling/find-slots/", &question).await.text;
        let event = json!({ "title": "x", "start_time": "2026-02-05T09:00:00Z", "end_time": "2026-02-05T10:00:00Z" });
        let reads = (0..30).map(|_| owner.client.post("/api/scheduling/find-slots/", &question));
        let writes = (0..30).map(|_| owner.client.post("/api/events/", &event));
        let (reads, writes, ()) =
            tokio::join!(futures_util::future::join_all(reads), futures_util::future::join_all(writes), async {
                tokio::task::yield_now().await;
                server.app.db.close().await;
            });
        for answer in reads {
            assert!(answer.status == 503 || answer.text == whole, "{answer:#?}");
        }
        assert!(writes.iter().all(|answer| [201, 503].contains(&answer.status)), "{writes:#?}");
    })
    .await;
}
