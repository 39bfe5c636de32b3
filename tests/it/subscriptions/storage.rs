//! The contract of the stored addresses and their claims.

use convene::ids::{RemoteFeedId, UserId};
use convene::storage::subscriptions::{self, Address, Claim, Failed, Good, Lease, RemoteStatus};
use convene::storage::{Conn, StorageError};
use convene::time::{SignedDuration, Timestamp};

use crate::databases::{Kind, TestDatabase, for_each_database};

fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-01-05T12:00:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_mins(minute)).unwrap()
}

async fn address(conn: &mut Conn, n: u8, due: i64) -> RemoteFeedId {
    let url = format!("https://example.org/{n}");
    let address = Address { hash: &[n; 32], url: &url, credentials: Some(&[n]), created_at: at(0) };
    let id = subscriptions::put_remote(conn, &address).await.unwrap();
    subscriptions::due_by(conn, id, at(due)).await.unwrap();
    id
}

fn claim(now: i64) -> Claim {
    Claim { by: -7, now: at(now), until: at(now + 10) }
}

async fn claimed(conn: &mut Conn, now: i64, limit: i64) -> Vec<RemoteFeedId> {
    let mut ids: Vec<RemoteFeedId> =
        subscriptions::claim_due(conn, &claim(now), limit).await.unwrap().iter().map(|it| it.id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn what_is_due_is_claimed_once_and_those_first_that_wait_longest() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (late, early) = (address(&mut conn, 1, 5).await, address(&mut conn, 2, 3).await);
        let later = address(&mut conn, 3, 30).await;
        assert_eq!(address(&mut conn, 1, 8).await, late, "it is there already, and not put off");
        assert!(!subscriptions::is_any_due(&mut conn, at(2)).await.unwrap());
        assert_eq!(claimed(&mut conn, 2, 9).await, []);
        assert!(subscriptions::is_any_due(&mut conn, at(6)).await.unwrap());
        assert_eq!(claimed(&mut conn, 6, 1).await, [early]);
        assert_eq!(claimed(&mut conn, 6, 9).await, [late]);
        assert_eq!(claimed(&mut conn, 6, 9).await, []);
        assert!(!subscriptions::is_any_due(&mut conn, at(6)).await.unwrap());
        assert_eq!(subscriptions::claim_one(&mut conn, early, &claim(15)).await.unwrap(), None);
        assert_eq!(claimed(&mut conn, 16, 9).await, [late, early], "the claims have ended by themselves");
        assert_eq!(subscriptions::claim_one(&mut conn, later, &claim(6)).await.unwrap().unwrap().lease, 1);
        assert_eq!(subscriptions::claim_one(&mut conn, RemoteFeedId(99), &claim(6)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_noted_by_whoever_holds_the_lease_only() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let id = address(&mut conn, 1, 0).await;
        let first = subscriptions::claim_one(&mut conn, id, &claim(0)).await.unwrap().unwrap();
        assert_eq!((first.url.as_str(), first.credentials.as_deref()), ("https://example.org/1", Some(&[1][..])));
        assert_eq!((first.lease, first.content_version, first.failures), (1, 0, 0));
        let second = subscriptions::claim_one(&mut conn, id, &claim(10)).await.unwrap().unwrap();
        let (lost, held) = (Lease { remote: id, number: 1 }, Lease { remote: id, number: second.lease });
        let good = Good {
            at: at(11),
            etag: Some("\"e\""),
            last_modified: None,
            content_hash: Some(&[9; 32]),
            content_version: 4,
            feed_minutes: Some(30),
            found: Some(("{}", Some("Something."))),
            next_due_at: at(60),
        };
        assert!(!subscriptions::hold(&mut conn, lost, at(30)).await.unwrap());
        subscriptions::finish_good(&mut conn, lost, &good).await.unwrap();
        assert_eq!(state(&mut conn, id).await.last_status, RemoteStatus::Pending);
        assert!(subscriptions::hold(&mut conn, held, at(30)).await.unwrap());
        subscriptions::finish_good(&mut conn, held, &good).await.unwrap();
        let after = state(&mut conn, id).await;
        assert_eq!(
            (after.last_status, after.notice.as_deref(), after.last_error),
            (RemoteStatus::Good, Some("Something."), None)
        );
        assert_eq!((after.next_due_at, after.leased_until, after.last_good_at), (Some(at(60)), None, Some(at(11))));
        assert!(!subscriptions::hold(&mut conn, held, at(30)).await.unwrap(), "it is over");
        let third = subscriptions::claim_one(&mut conn, id, &claim(60)).await.unwrap().unwrap();
        assert_eq!((third.etag.as_deref(), third.content_hash.as_deref()), (Some("\"e\""), Some(&[9; 32][..])));
        let failed = Failed { status: RemoteStatus::Gone, error: "Gone.", failures: 1, next_due_at: None };
        subscriptions::finish_failed(&mut conn, Lease { remote: id, number: third.lease }, &failed).await.unwrap();
        let after = state(&mut conn, id).await;
        assert_eq!(
            (after.last_status, after.last_error.as_deref(), after.next_due_at),
            (RemoteStatus::Gone, Some("Gone."), None)
        );
        assert_eq!((after.content_version, after.last_good_at), (4, Some(at(11))));
        assert_eq!(claimed(&mut conn, 100_000, 9).await, []);
        subscriptions::forget_unused(&mut conn, id).await.unwrap();
        assert_eq!(subscriptions::state(&mut conn, id).await.unwrap(), None);
        assert_eq!(subscriptions::list(&mut conn, UserId(1)).await.unwrap(), []);
    })
    .await;
}

async fn state(conn: &mut Conn, id: RemoteFeedId) -> subscriptions::RemoteState {
    subscriptions::state(conn, id).await.unwrap().unwrap()
}

/// On PostgreSQL two transactions claim at the same time: neither waits for the other.
#[tokio::test]
async fn claims_at_the_same_time_do_not_wait_for_each_other() -> Result<(), StorageError> {
    let database = TestDatabase::migrated(Kind::Postgres).await;
    let db = database.open().await;
    let mut conn = db.write().await?;
    for n in 1..=6 {
        address(&mut conn, n, 0).await;
    }
    conn.commit().await?;
    let (mut one, mut two) = (db.write().await?, db.write().await?);
    let (first, second) = (claimed(&mut one, 1, 3).await, claimed(&mut two, 1, 9).await);
    assert_eq!((first.len(), second.len()), (3, 3));
    assert!(first.iter().all(|id| !second.contains(id)));
    one.commit().await?;
    two.commit().await?;
    let mut conn = db.write().await?;
    assert_eq!(claimed(&mut conn, 1, 9).await, []);
    Ok(())
}
