//! `kill -9` at any moment under write load: after a restart every acknowledged write is there, of each that was not
//! acknowledged all or nothing, and the database is sound.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Semaphore;

use crate::databases::{Kind, TestDatabase};
use crate::program::{Program, http_client, http_client_builder};

const ROUNDS: usize = 12;
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_acknowledged_is_lost_and_nothing_is_half_written() {
    crash(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_nothing_acknowledged_is_lost_and_nothing_is_half_written() {
    crash(Kind::Postgres).await;
}

async fn crash(kind: Kind) {
    let database = TestDatabase::migrated(kind).await;
    let variables = [("CONVENE_DATABASE_URL", database.url.as_str()), ("CONVENE_LOG", "warn,convene::serve=info")];
    let mut program = Program::start_with(&variables);
    let acknowledged = Arc::new(Semaphore::new(0));
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        writers.push(Writer::register(&program.base, number).await);
    }
    let mut unsure = 0;
    for _ in 0..ROUNDS {
        let tasks: Vec<_> = writers
            .into_iter()
            .map(|writer| tokio::spawn(writer.write(program.base.clone(), Arc::clone(&acknowledged))))
            .collect();
        // At any moment of any write, but not before the first few.
        acknowledged.acquire_many(5 + random_up_to(40) as u32).await.unwrap().forget();
        tokio::time::sleep(Duration::from_millis(random_up_to(20))).await;
        let folder = program.kill();
        writers = Vec::new();
        for task in tasks {
            writers.push(task.await.unwrap());
        }
        program = Program::start_in(folder, &variables);
        for writer in &mut writers {
            unsure += usize::from(writer.unsure.is_some());
            writer.check(&program.base).await;
        }
        check_file(&database).await;
    }
    let writes = writers.iter().map(|writer| writer.acknowledged).sum::<usize>();
    println!("{kind:?}: {writes} acknowledged writes, {unsure} cut off by a kill");
    assert!(writes > ROUNDS * 5 && unsure > ROUNDS, "{writes} writes, {unsure} cut off");
    assert!(!program.log().contains("ERROR"), "{}", program.log());
}

/// What SQLite itself thinks of its file.
async fn check_file(database: &TestDatabase) {
    if database.kind == Kind::Sqlite {
        let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.unwrap();
        assert_eq!(sound, "ok");
        let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut conn).await.unwrap();
        assert!(orphans.is_empty());
        conn.close().await.unwrap();
    }
}

/// Somebody who writes into a calendar of their own, and knows what must be in it.
struct Writer {
    client: Client,
    token: String,
    calendar: i64,
    /// Titles by id: what was acknowledged.
    events: BTreeMap<i64, String>,
    /// The version of the calendar: one more with every write.
    version: i64,
    /// The write that no answer came to.
    unsure: Option<Write>,
    acknowledged: usize,
}

#[derive(Clone, Debug)]
enum Write {
    Create(String),
    Rename(i64, String),
    Delete(i64),
}

impl Writer {
    async fn register(base: &str, number: usize) -> Self {
        let client = http_client_builder().cookie_store(true).build().unwrap();
        let post = |path: &str, body: Value| client.post(format!("{base}/api/auth/{path}/")).json(&body).send();
        let account = json!({"username": format!("writer{number}"), "password": "securePass123",
            "email": format!("writer{number}@example.com")});
        assert_eq!(post("register", account).await.unwrap().status(), 201);
        let made: Value = post("tokens", json!({"name": "x", "scope": "write"})).await.unwrap().json().await.unwrap();
        let token = made["token"].as_str().unwrap().to_owned();
        let calendars: Value = client.get(format!("{base}/api/calendars/")).send().await.unwrap().json().await.unwrap();
        let mut writer = Self {
            client: http_client(),
            token,
            calendar: calendars[0]["id"].as_i64().unwrap(),
            events: BTreeMap::new(),
            version: 0,
            unsure: None,
            acknowledged: 0,
        };
        writer.version = writer.version_on(base).await;
        writer
    }

    /// Writes until no answer comes.
    async fn write(mut self, base: String, acknowledged: Arc<Semaphore>) -> Self {
        loop {
            let write = self.next();
            self.unsure = Some(write.clone());
            let call = match &write {
                Write::Create(title) => self.call(Method::POST, &base, "events/").json(&event(title)),
                Write::Rename(id, title) => {
                    self.call(Method::PATCH, &base, &format!("events/{id}/")).json(&json!({"title": title}))
                }
                Write::Delete(id) => self.call(Method::DELETE, &base, &format!("events/{id}/")),
            };
            let Ok(answer) = call.send().await else { return self };
            let status = answer.status();
            assert!(status.is_success(), "{write:?}: {status}");
            let Ok(body) = answer.bytes().await else { return self };
            self.unsure = None;
            acknowledged.add_permits(1);
            self.acknowledged += 1;
            self.version += 1;
            let id = || serde_json::from_slice::<Value>(&body).unwrap()["id"].as_i64().unwrap();
            match write {
                Write::Create(title) => self.events.insert(id(), title),
                Write::Rename(id, title) => self.events.insert(id, title),
                Write::Delete(id) => self.events.remove(&id),
            };
        }
    }

    fn next(&self) -> Write {
        let title = format!("write {} of {}", self.acknowledged, self.calendar);
        match (self.acknowledged % 5, self.events.first_key_value(), self.events.last_key_value()) {
            (1, _, Some((id, _))) => Write::Rename(*id, title),
            (3, Some((id, _)), _) => Write::Delete(*id),
            _ => Write::Create(title),
        }
    }

    /// Whether the server has what it acknowledged; what it was cut off at is from now on what the server says it is.
    async fn check(&mut self, base: &str) {
        let listed: Value = self.json(base, "events/?limit=5000").await;
        let found: BTreeMap<i64, String> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (event["id"].as_i64().unwrap(), event["title"].as_str().unwrap().to_owned()))
            .collect();
        let version = self.version_on(base).await;
        if found != self.events || version != self.version {
            let write = self.unsure.take();
            let mut expected = self.events.clone();
            match &write {
                Some(Write::Create(title)) => {
                    let new = found.iter().find(|(id, found)| !self.events.contains_key(id) && *found == title);
                    expected.extend(new.map(|(id, title)| (*id, title.clone())));
                }
                Some(Write::Rename(id, title)) => drop(expected.insert(*id, title.clone())),
                Some(Write::Delete(id)) => drop(expected.remove(id)),
                None => {}
            }
            assert_eq!(found, expected, "after {write:?}, whole or not at all");
            assert_eq!(version, self.version + 1, "the calendar's version counts its writes: {write:?}");
            (self.events, self.version) = (expected, version);
        }
        self.unsure = None;
        self.check_whole(base).await;
    }

    /// The newest events: the stored object, and the index made from it, say the same.
    async fn check_whole(&self, base: &str) {
        for (id, title) in self.events.iter().rev().take(5) {
            let stored = self.call(Method::GET, base, &format!("events/{id}/ics/")).send().await.unwrap();
            let stored = stored.text().await.unwrap();
            assert!(stored.contains(&format!("SUMMARY:{title}\r\n")), "{title}: {stored}");
            let occurrences: Value = self.json(base, &format!("events/{id}/occurrences/")).await;
            assert_eq!(occurrences.as_array().unwrap().len(), 5, "{title}");
        }
    }

    async fn version_on(&self, base: &str) -> i64 {
        let calendar = self.json(base, &format!("calendars/{}/", self.calendar)).await;
        calendar["ctag"].as_str().unwrap().parse().unwrap()
    }

    async fn json(&self, base: &str, path: &str) -> Value {
        self.call(Method::GET, base, path).send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    fn call(&self, method: Method, base: &str, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{base}/api/{path}")).bearer_auth(&self.token)
    }
}

fn event(title: &str) -> Value {
    json!({
        "title": title,
        "start_time": "2026-03-02T09:00:00", "end_time": "2026-03-02T10:00:00", "timezone": "Europe/Berlin",
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
        "description": "as long as a few pages of the database's file ".repeat(200),
    })
}

fn random_up_to(most: u64) -> u64 {
    RandomState::new().hash_one(0) % most
}
