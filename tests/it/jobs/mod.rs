//! Jobs: one instance does each, at its time, whatever happens to instances. The clock stands still unless a test moves it.

mod program;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use convene::jobs::{Job, Outcome, Schedule, Stop};
use convene::storage::jobs as stored;
use convene::time::{Clock, SignedDuration, Timestamp};
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::http::server::{TestServer, on_both};

const NAME: &str = "count";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How often the job was done.
type Count = Arc<AtomicUsize>;

/// An instance with one hourly job, which counts.
fn counting(count: &Count) -> Schedule {
    let count = Arc::clone(count);
    Schedule::new(vec![Job::new(NAME, HOUR, move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    })])
}

/// An instance whose job never comes to its end.
fn stuck() -> Schedule {
    Schedule::new(vec![Job::new(NAME, HOUR, |_| std::future::pending())])
}

/// What becomes of what is due, job after job.
async fn tick(server: &TestServer, schedule: &Schedule) -> Vec<Outcome> {
    let (_tell, stop) = Stop::new();
    let mut outcomes = Vec::new();
    while let Some(claim) = schedule.claim(&server.app, server.clock.now()).await.unwrap() {
        outcomes.push(claim.perform(&server.app, &stop, Duration::ZERO).await);
    }
    outcomes
}

async fn is_claimed(server: &TestServer, schedule: &Schedule) -> bool {
    schedule.claim(&server.app, server.clock.now()).await.unwrap().is_some()
}

async fn plan(server: &TestServer, schedule: &Schedule) {
    schedule.plan(&server.app, server.clock.now()).await.unwrap();
}

async fn row(server: &TestServer) -> stored::Job {
    let mut conn = server.app.db.read().await.unwrap();
    let mut rows = stored::list(&mut conn).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn count(count: &Count) -> usize {
    count.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_instances_one_does_a_job_once_for_each_time_that_it_is_due() {
    on_both(async |server| {
        let done = Count::default();
        let instances: Vec<Schedule> = (0..8).map(|_| counting(&done)).collect();
        join_all(instances.iter().map(|instance| plan(server, instance))).await;
        for round in 1..=10 {
            let outcomes = join_all(instances.iter().map(|instance| tick(server, instance))).await;
            assert_eq!(outcomes.concat(), [Outcome::Done], "round {round}");
            assert_eq!(count(&done), round);
            server.clock.advance(HOUR);
        }
    })
    .await;
}

#[tokio::test]
async fn a_restart_neither_loses_nor_doubles_a_job() {
    on_both(async |server| {
        let done = Count::default();
        let began = server.clock.now();
        let due = |hours: i64| began.checked_add(SignedDuration::from_hours(hours)).unwrap();
        plan(server, &counting(&done)).await;
        tick(server, &counting(&done)).await;
        assert_eq!((count(&done), row(server).await.next_due_at), (1, due(1)));
        server.clock.advance(SignedDuration::from_mins(59));
        let again = counting(&done);
        plan(server, &again).await;
        assert_eq!(tick(server, &again).await, [], "it is not due yet");
        server.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(tick(server, &again).await, [Outcome::Done]);
        // What was missed is done once, and the rhythm stays.
        server.clock.advance(SignedDuration::from_mins(5 * 60 + 20));
        assert_eq!(tick(server, &counting(&done)).await, [Outcome::Done]);
        assert_eq!((count(&done), row(server).await.next_due_at), (3, due(7)));
    })
    .await;
}

#[tokio::test]
async fn the_work_of_an_instance_that_dies_is_taken_over_when_its_lease_ends() {
    on_both(async |server| {
        let done = Count::default();
        let (killed, other) = (counting(&done), counting(&done));
        plan(server, &killed).await;
        let claim = killed.claim(&server.app, server.clock.now()).await.unwrap().unwrap();
        assert_eq!(claim.name(), NAME);
        assert!(!is_claimed(server, &other).await && !is_claimed(server, &killed).await);
        server.clock.advance(SignedDuration::from_secs(119));
        assert!(!is_claimed(server, &other).await, "the lease has not ended");
        server.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(tick(server, &other).await, [Outcome::Done]);
        assert!(!claim.renew(&server.app).await.unwrap(), "what was taken over is not had back");
        assert_eq!(count(&done), 1);
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_goes_on() {
    on_both(async |server| {
        let (slow, other) = (stuck(), stuck());
        plan(server, &slow).await;
        let claim = slow.claim(&server.app, server.clock.now()).await.unwrap().unwrap();
        for _ in 0..5 {
            server.clock.advance(SignedDuration::from_secs(90));
            assert!(claim.renew(&server.app).await.unwrap());
            assert!(!is_claimed(server, &other).await);
        }
        server.clock.advance(SignedDuration::from_secs(120));
        assert!(is_claimed(server, &other).await);
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_after_its_lease_was_taken_over_changes_nothing() {
    on_both(async |server| {
        let go_on = Arc::new(Notify::new());
        let waiting = Arc::clone(&go_on);
        let late = Schedule::new(vec![Job::new(NAME, HOUR, move |_| {
            let waiting = Arc::clone(&waiting);
            async move {
                waiting.notified().await;
                Ok(())
            }
        })]);
        plan(server, &late).await;
        let claim = late.claim(&server.app, server.clock.now()).await.unwrap().unwrap();
        server.clock.advance(SignedDuration::from_mins(3));
        let other = stuck();
        assert!(is_claimed(server, &other).await);
        let before = row(server).await;
        go_on.notify_one();
        let (_tell, stop) = Stop::new();
        assert_eq!(claim.perform(&server.app, &stop, Duration::ZERO).await, Outcome::Lost);
        assert_eq!(row(server).await, before);
    })
    .await;
}

#[tokio::test]
async fn what_fails_is_noted_and_tried_again_before_long() {
    on_both(async |server| {
        let tries = Count::default();
        let counted = Arc::clone(&tries);
        let failing = Schedule::new(vec![Job::new(NAME, HOUR, move |_| {
            let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move { if is_first { Err("the disk is\0 full".into()) } else { Ok(()) } }
        })]);
        plan(server, &failing).await;
        assert_eq!(tick(server, &failing).await, [Outcome::Failed]);
        let after = row(server).await;
        assert_eq!(after.last_error.as_deref(), Some("the disk is full"));
        assert_eq!(after.last_finished_at, Some(server.clock.now()));
        assert_eq!((after.lease_holder, after.leased_until), (None, None));
        server.clock.advance(SignedDuration::from_mins(4));
        assert_eq!(tick(server, &failing).await, []);
        server.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(tick(server, &failing).await, [Outcome::Done]);
        assert_eq!(row(server).await.last_error, None);
    })
    .await;
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_can_and_gives_back_the_rest() {
    on_both(async |server| {
        let (tell, stop) = Stop::new();
        tell.stop();
        let done = Count::default();
        let quick = counting(&done);
        plan(server, &quick).await;
        let claim = quick.claim(&server.app, server.clock.now()).await.unwrap().unwrap();
        assert_eq!(claim.perform(&server.app, &stop, Duration::ZERO).await, Outcome::Done);
        server.clock.advance(HOUR);
        let slow = stuck();
        let claim = slow.claim(&server.app, server.clock.now()).await.unwrap().unwrap();
        assert_eq!(claim.perform(&server.app, &stop, Duration::ZERO).await, Outcome::GivenBack);
        assert_eq!(tick(server, &quick).await, [Outcome::Done], "at once, not when the lease would have ended");
    })
    .await;
}

#[tokio::test]
async fn jobs_of_another_version_are_left_to_it() {
    on_both(async |server| {
        let newer = Schedule::new(vec![Job::new("of tomorrow", HOUR, |_| async { Ok(()) })]);
        plan(server, &newer).await;
        let done = Count::default();
        assert_eq!(tick(server, &counting(&done)).await, []);
        assert_eq!(tick(server, &newer).await, [Outcome::Done]);
    })
    .await;
}

#[tokio::test]
async fn the_server_s_own_jobs_run() {
    on_both(async |server| {
        let own = Schedule::new(convene::jobs::jobs());
        plan(server, &own).await;
        let outcomes = tick(server, &own).await;
        assert!(outcomes.len() >= 2 && outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
        let now: Timestamp = server.clock.now();
        let mut conn = server.app.db.read().await.unwrap();
        for job in stored::list(&mut conn).await.unwrap() {
            assert!(job.next_due_at > now && job.last_error.is_none(), "{job:?}");
        }
    })
    .await;
}
