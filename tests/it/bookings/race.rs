//! Many who want one time, and a server that is killed while it gives it to somebody.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::json;

use super::{Person, at_ten, register, with};
use crate::databases::{Kind, TestDatabase};
use crate::program::{Program, http_client};

/// A server in a process of its own.
fn start(database: &TestDatabase) -> Program {
    let log = ("CONVENE_LOG", "warn,convene::serve=info");
    Program::start_with(&[("CONVENE_DATABASE_URL", &database.url), ("CONVENE_RATE_LIMIT", "off"), log])
}

fn api(program: &Program) -> String {
    format!("{}/api", program.base)
}

async fn five(client: &Client, base: &str) -> Vec<Person> {
    let mut people = Vec::new();
    for name in ["ann", "bob", "cem", "dan", "eve"] {
        people.push(register(client, base, name, "UTC").await);
    }
    people
}

/// 200 requests of five people for one time, spread over these servers.
async fn race(kind: Kind, servers: usize) {
    let database = TestDatabase::migrated(kind).await;
    let mut processes = Vec::new();
    for _ in 0..servers {
        processes.push(start(&database));
    }
    let client = http_client();
    let people = five(&client, &api(&processes[0])).await;
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let mut person = people[n % 5].clone();
            person.base = api(&processes[n % servers]);
            // In every order.
            let mut ids = ids.clone();
            ids.rotate_left(n / 5 % 5);
            tokio::spawn(async move { person.book(at_ten(&ids)).await })
        })
        .collect();
    let (mut won, mut lost) = (0, 0);
    for task in tasks {
        let said = task.await.unwrap();
        match said.status {
            201 => won += 1,
            409 => {
                assert_eq!(said.body["unavailable_user_ids"].as_array().unwrap().len(), 5, "{said:?}");
                assert_eq!(said.body["next_slots"][0]["start_time"], "2026-01-05T11:00:00+00:00");
                lost += 1;
            }
            _ => panic!("{said:?}"),
        }
    }
    assert_eq!((won, lost), (1, 199));
    for person in &people {
        assert_eq!(person.events().await.len(), 1);
    }
    drop(processes);
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_bookings_of_one_time_one_wins_on_sqlite() {
    race(Kind::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_bookings_of_one_time_one_wins_on_postgres_with_two_servers() {
    race(Kind::Postgres, 2).await;
}

/// Kills the server while bookings of different times are under way, and looks at what is there afterwards.
async fn kill_midway(kind: Kind) {
    for round in 0..5 {
        let database = TestDatabase::migrated(kind).await;
        let process = start(&database);
        let client = http_client();
        let people = five(&client, &api(&process)).await;
        let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let (person, ids) = (people[n % 5].clone(), ids.clone());
                let start = format!("2026-01-{:02}T{:02}:00:00Z", 5 + n / 20, n % 20);
                let body = with(at_ten(&ids), json!({ "start_time": start }));
                tokio::spawn(async move { person.try_to_ask(Method::POST, "/scheduling/book/", Some(body), &[]).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + 60 * round)).await;
        drop(process.kill());
        let mut acknowledged = Vec::new();
        for task in tasks {
            if let Ok(Ok(said)) = task.await
                && said.status == 201
            {
                acknowledged.push(said.body["event"]["uid"].as_str().unwrap().to_owned());
            }
        }
        let process = start(&database);
        let mut copies = Vec::new();
        for person in &people {
            let person = Person { base: api(&process), ..person.clone() };
            let events = person.events().await;
            let mut uids: Vec<String> = events.iter().map(|it| it["uid"].as_str().unwrap().to_owned()).collect();
            uids.sort();
            copies.push(uids);
        }
        assert!(copies.iter().all(|uids| *uids == copies[0]), "not all have all: {copies:?}");
        assert!(acknowledged.iter().all(|uid| copies[0].contains(uid)), "an acknowledged booking is lost");
        println!("{kind:?}: killed with {} booked, {} acknowledged", copies[0].len(), acknowledged.len());
        drop(process);
        database.discard().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_midway_leaves_all_copies_or_none_on_sqlite() {
    kill_midway(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_midway_leaves_all_copies_or_none_on_postgres() {
    kill_midway(Kind::Postgres).await;
}
