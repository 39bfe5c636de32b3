//! Bookings, holds and answers over HTTP, on both databases, with a clock that stands still.

mod book;
mod faults;
mod free_busy;
mod holds;
mod imports;
mod leaving;
mod meetings;
mod race;
mod relaxations;

use std::sync::Arc;

use clap::Parser;
use convene::cli::Cli;
use convene::serve;
use convene::time::{FrozenClock, SignedDuration};
use poem::listener::{Acceptor, Listener, TcpListener};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::databases::{Kind, TestDatabase};
use crate::program::http_client;

/// Monday, early.
const NOW: &str = "2026-01-05T06:00:00Z";

/// A server in this process.
struct Server {
    base: String,
    clock: Arc<FrozenClock>,
    client: Client,
    database: Option<TestDatabase>,
    _stop: oneshot::Sender<()>,
}

/// Somebody who is signed in.
#[derive(Clone)]
struct Person {
    id: i64,
    cookie: String,
    base: String,
    client: Client,
}

/// A status and a body.
#[derive(Clone, Debug)]
struct Said {
    status: u16,
    body: Value,
}

async fn for_each_server(test: impl AsyncFn(&mut Server)) {
    for_each_server_with(&[], test).await;
}

async fn for_each_server_with(arguments: &[&str], test: impl AsyncFn(&mut Server)) {
    for kind in Kind::ALL {
        println!("on {kind:?}:");
        let mut server = Server::start_with(TestDatabase::migrated(kind).await, arguments).await;
        test(&mut server).await;
        server.database.take().unwrap().discard().await;
    }
}

impl Server {
    async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, &[]).await
    }

    async fn start_with(database: TestDatabase, more: &[&str]) -> Self {
        let url = database.url.clone();
        let arguments = ["convene", "--rate-limit", "off", "--log", "off", "--database-url", &url];
        let arguments = arguments.iter().chain(more);
        let config = Cli::try_parse_from(arguments).unwrap().config;
        let clock = Arc::new(FrozenClock::at(NOW.parse().unwrap()));
        let app = Arc::new(serve::open(&config, clock.clone()).await.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = *listener.local_addr()[0].as_socket_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(async move {
            let stopped = async {
                stopped.await.unwrap_or_default();
            };
            serve::run(app, listener, &config, stopped).await.unwrap();
        });
        let base = format!("http://{address}/api");
        Self { base, clock, client: http_client(), database: Some(database), _stop: stop }
    }

    async fn register(&self, name: &str) -> Person {
        register(&self.client, &self.base, name, "UTC").await
    }

    async fn people<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let mut people = Vec::new();
        for name in names {
            people.push(self.register(name).await);
        }
        people.try_into().ok().unwrap()
    }

    fn wait(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }
}

async fn register(client: &Client, base: &str, name: &str, timezone: &str) -> Person {
    let body = json!({ "username": name, "password": "a long password", "email": format!("{name}@example.org"),
        "timezone": timezone });
    let answer = client.post(format!("{base}/auth/register/")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let id = answer.json::<Value>().await.unwrap()["user"]["id"].as_i64().unwrap();
    Person { id, cookie, base: base.to_owned(), client: client.clone() }
}

impl Person {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Said {
        self.try_to_ask(method, path, body, headers).await.unwrap()
    }

    async fn try_to_ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Said> {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).header("Cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok(Said { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    async fn get(&self, path: &str) -> Said {
        self.ask(Method::GET, path, None, &[]).await
    }

    async fn post(&self, path: &str, body: Value) -> Said {
        self.ask(Method::POST, path, Some(body), &[]).await
    }

    async fn patch(&self, path: &str, body: Value) -> Said {
        self.ask(Method::PATCH, path, Some(body), &[]).await
    }

    async fn delete(&self, path: &str) -> Said {
        self.ask(Method::DELETE, path, None, &[]).await
    }

    async fn book(&self, body: Value) -> Said {
        self.post("/scheduling/book/", body).await
    }

    /// All events of the person.
    async fn events(&self) -> Vec<Value> {
        self.get("/events/").await.body.as_array().unwrap().clone()
    }

    /// The only event of the person.
    async fn event(&self) -> Value {
        let [event] = <[Value; 1]>::try_from(self.events().await).unwrap();
        event
    }

    /// The only event of the person, as unfolded iCalendar.
    async fn ics(&self) -> String {
        let id = self.event().await["id"].clone();
        let text = self.get(&format!("/events/{id}/ics/")).await.body.as_str().unwrap().to_owned();
        text.replace("\r\n ", "").replace("\r\n", "\n")
    }

    /// Imports a file into the default calendar.
    async fn import(&self, file: &str) -> Value {
        let request = self.client.post(format!("{}/events/import/", self.base)).header("Cookie", &self.cookie);
        let file = file.replace('\n', "\r\n");
        let answer = request.header("Content-Type", "text/calendar").body(file).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn respond(&self, word: &str) -> Said {
        let id = self.event().await["id"].clone();
        self.post(&format!("/events/{id}/respond/"), json!({ "response": word })).await
    }

    /// PARTSTAT of an attendee, as the person's copy says it.
    async fn status_of(&self, name: &str) -> String {
        let ics = self.ics().await;
        let line = ics.lines().find(|it| it.starts_with("ATTENDEE") && it.ends_with(&format!("{name}@example.org")));
        let rest = line.unwrap().split("PARTSTAT=").nth(1).unwrap();
        rest.split([';', ':']).next().unwrap().to_owned()
    }

    /// How many starts a search for an hour on Monday the 5th finds for these people, from 09:00 to 12:00.
    async fn slots_on_monday(&self, ids: &[i64]) -> u64 {
        let body = json!({ "user_ids": ids, "duration_minutes": 60, "start": "2026-01-05T09:00:00Z",
            "end": "2026-01-05T12:00:00Z" });
        let said = self.post("/scheduling/find-slots/", body).await;
        assert_eq!(said.status, 200, "{said:?}");
        said.body["total_slots_found"].as_u64().unwrap()
    }
}

/// Starts in an empty [`Person::slots_on_monday`].
const ALL_FREE: u64 = 5;
/// Starts left when 10:00 to 11:00 is taken.
const TEN_TAKEN: u64 = 2;

/// A booking of Monday from 10:00 to 11:00.
fn at_ten(ids: &[i64]) -> Value {
    json!({ "user_ids": ids, "start_time": "2026-01-05T10:00:00Z", "duration_minutes": 60, "title": "Planning" })
}

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}
