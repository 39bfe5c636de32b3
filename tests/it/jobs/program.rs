//! Jobs of the program itself: they run from the start, and stop with it.

use std::time::{Duration, Instant};

use convene::storage::{Db, DbOptions, jobs as stored};

use crate::program::Program;

async fn rows(program: &Program) -> Vec<stored::Job> {
    let url = format!("sqlite:{}", program.folder.path().join("convene.db").display());
    let db = Db::open(&url, &DbOptions::default()).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let rows = stored::list(&mut conn).await.unwrap();
    drop(conn);
    db.close().await;
    rows
}

#[tokio::test]
async fn they_are_done_soon_after_the_start_and_not_again_after_a_restart() {
    let mut program = Program::start();
    let soon = Instant::now() + Duration::from_secs(30);
    let mut done = rows(&program).await;
    while done.is_empty() || done.iter().any(|job| job.last_finished_at.is_none()) {
        assert!(Instant::now() < soon, "{done:?}\n{}", program.log());
        done = rows(&program).await;
    }
    program.signal("TERM");
    assert_eq!(program.wait(Duration::from_secs(5)).code(), Some(0), "{}", program.log());
    assert!(!program.log().contains("WARN"), "{}", program.log());
    let folder = std::mem::replace(&mut program.folder, tempfile::tempdir().unwrap());
    let mut again = Program::start_in(folder, &[]);
    again.signal("TERM");
    assert_eq!(again.wait(Duration::from_secs(5)).code(), Some(0), "{}", again.log());
    assert_eq!(rows(&again).await, done);
}
