//! Subscriptions of the program itself, as an operator runs it: killed in the middle of a fetch, told to stop there, and two
//! of them on one database. Whatever happens, no address is lost, and none is asked twice.

use std::time::{Duration, Instant};

use convene::ids::RemoteFeedId;
use convene::storage::subscriptions;
use convene::time::{Clock, SignedDuration, SystemClock};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::days;
use crate::databases::{Kind, TestDatabase};
use crate::elsewhere::{Answer, Elsewhere};
use crate::program::{Program, http_client, http_client_builder};

/// More than the grace that work under way has.
const SOON: Duration = Duration::from_secs(20);

/// A database, a server elsewhere, and what the program is started with.
struct Stage {
    database: TestDatabase,
    elsewhere: Elsewhere,
}

impl Stage {
    async fn new(kind: Kind) -> Self {
        Self { database: TestDatabase::migrated(kind).await, elsewhere: Elsewhere::start().await }
    }

    fn variables(&self) -> [(&str, &str); 4] {
        [
            ("CONVENE_DATABASE_URL", &self.database.url),
            ("CONVENE_FETCH_ALLOW", "127.0.0.0/8"),
            ("CONVENE_FETCH_AT_ONCE", "3"),
            ("CONVENE_LOG", "warn,convene::serve=info"),
        ]
    }

    fn start(&self) -> Program {
        Program::start_with(&self.variables())
    }

    /// Lets the claims of those who were killed come to their end. The clock of the program is the real one.
    async fn an_hour_later(&self) {
        self.database.execute("UPDATE remote_feeds SET leased_until = leased_until - 3600000000").await;
    }

    async fn address(&self, id: i64) -> subscriptions::RemoteState {
        let db = self.database.open().await;
        let mut conn = db.read().await.unwrap();
        let state = subscriptions::state(&mut conn, RemoteFeedId(id)).await.unwrap().unwrap();
        drop(conn);
        db.close().await;
        state
    }
}

/// Somebody who subscribes, by whichever server there is.
struct Owner {
    client: Client,
    token: String,
}

impl Owner {
    async fn register(program: &Program) -> Self {
        let client = http_client_builder().cookie_store(true).build().unwrap();
        let post =
            |path: &str, body: Value| client.post(format!("{}/api/auth/{path}/", program.base)).json(&body).send();
        let account = json!({ "username": "alice", "password": "securePass123", "email": "alice@example.com" });
        assert_eq!(post("register", account).await.unwrap().status(), 201);
        let made: Value = post("tokens", json!({ "name": "x", "scope": "write" })).await.unwrap().json().await.unwrap();
        Self { client: http_client(), token: made["token"].as_str().unwrap().to_owned() }
    }

    async fn subscribe(&self, program: &Program, url: &str) -> i64 {
        let made = self.call(program, Method::POST, "", Some(json!({ "url": url }))).await;
        made["id"].as_i64().unwrap_or_else(|| panic!("{made:#}"))
    }

    async fn read(&self, program: &Program, id: i64) -> Value {
        self.call(program, Method::GET, &format!("{id}/"), None).await
    }

    /// The subscription, once its address has answered well.
    async fn read_when_ok(&self, program: &Program, id: i64) -> Value {
        self.look(program, &format!("{id}/"), |seen| seen["last_status"] == "ok").await
    }

    /// Waits until so many addresses have answered well.
    async fn until_ok(&self, program: &Program, count: usize) {
        let is_ok = |seen: &&Value| seen["last_status"] == "ok";
        self.look(program, "", |all| all.as_array().unwrap().iter().filter(is_ok).count() == count).await;
    }

    /// Looks again and again, until it is as it should be.
    async fn look(&self, program: &Program, path: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + SOON;
        loop {
            let seen = self.call(program, Method::GET, path, None).await;
            if is_right(&seen) {
                return seen;
            }
            assert!(Instant::now() < until, "{seen:#}\n{}", program.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn call(&self, program: &Program, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self.client.request(method, format!("{}{}{path}", program.base, super::SUBSCRIPTIONS));
        let request = request.bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// The beginning of a calendar, and never more.
fn half() -> Answer {
    let calendar = days(&[5]);
    let begun = Answer::status(200).with("Content-Length", &calendar.len().to_string()).end();
    begun.then(&calendar[..calendar.len() / 2]).then_nothing()
}

/// Starts the program again, and makes it do something, after which it has looked at everything that is due.
async fn start_again(stage: &Stage, alice: &Owner, other: &str) -> Program {
    let program = stage.start();
    stage.elsewhere.publish(other, &days(&[6]));
    let other = alice.subscribe(&program, &stage.elsewhere.url(other)).await;
    alice.read_when_ok(&program, other).await;
    program
}

/// A program that waits for the rest of a calendar, whose owner subscribed to it.
async fn in_the_middle_of_a_fetch(kind: Kind) -> (Stage, Program, Owner, i64) {
    let stage = Stage::new(kind).await;
    stage.elsewhere.answer("/c.ics", half());
    let program = stage.start();
    let alice = Owner::register(&program).await;
    let made = alice.subscribe(&program, &stage.elsewhere.url("/c.ics")).await;
    stage.elsewhere.until_asked("/c.ics", 1).await;
    (stage, program, alice, made)
}

async fn stop(mut program: Program) {
    program.signal("TERM");
    assert_eq!(program.wait(SOON).code(), Some(0), "{}", program.log());
    let log = program.log();
    assert!(log.contains("stopped") && !log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_was_at_is_taken_over_when_its_claim_ends_and_done_once() {
    for kind in Kind::ALL {
        let (stage, program, alice, made) = in_the_middle_of_a_fetch(kind).await;
        drop(program.kill());
        stage.elsewhere.publish("/c.ics", &days(&[5]));

        let program = start_again(&stage, &alice, "/other.ics").await;
        assert_eq!(stage.elsewhere.times_asked("/c.ics"), 1, "who was killed may only be slow");
        assert_eq!(alice.read(&program, made).await["last_status"], "pending");
        let claimed_for = stage.address(1).await.leased_until.unwrap().duration_since(SystemClock.now());
        assert!(claimed_for.is_positive() && claimed_for < SignedDuration::from_mins(10), "{claimed_for}");

        stage.an_hour_later().await;
        let seen = alice.read_when_ok(&program, made).await;
        assert_eq!((&seen["event_count"], stage.elsewhere.times_asked("/c.ics")), (&json!(1), 2));
        stop(program).await;

        let program = start_again(&stage, &alice, "/third.ics").await;
        let asked = ["/c.ics", "/other.ics", "/third.ics"].map(|path| stage.elsewhere.times_asked(path));
        assert_eq!(asked, [2, 1, 1], "what was done is not done again");
        stop(program).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_in_the_middle_of_a_fetch_it_gives_the_address_back() {
    for kind in Kind::ALL {
        let (stage, program, alice, made) = in_the_middle_of_a_fetch(kind).await;
        stop(program).await;
        let left = stage.address(1).await;
        assert_eq!((left.leased_until, left.last_error), (None, None));

        stage.elsewhere.publish("/c.ics", &days(&[5]));
        let program = stage.start();
        let seen = alice.read_when_ok(&program, made).await;
        assert_eq!((&seen["event_count"], stage.elsewhere.times_asked("/c.ics")), (&json!(1), 2));
        stop(program).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_finishes_a_fetch_that_comes_to_its_end() {
    for kind in Kind::ALL {
        let stage = Stage::new(kind).await;
        let (open, opened) = watch::channel(false);
        let calendar = days(&[5]);
        let begun = Answer::status(200).with("Content-Length", &calendar.len().to_string()).end();
        stage.elsewhere.answer("/c.ics", begun.then_when(&opened).then(calendar));
        let mut program = stage.start();
        let alice = Owner::register(&program).await;
        let made = alice.subscribe(&program, &stage.elsewhere.url("/c.ics")).await;
        stage.elsewhere.until_asked("/c.ics", 1).await;
        program.signal("TERM");
        program.wait_for("stopping");
        open.send_replace(true);
        assert_eq!(program.wait(SOON).code(), Some(0), "{}", program.log());

        let program = start_again(&stage, &alice, "/other.ics").await;
        let seen = alice.read(&program, made).await;
        assert_eq!((&seen["last_status"], &seen["event_count"]), (&json!("ok"), &json!(1)));
        assert_eq!(stage.elsewhere.times_asked("/c.ics"), 1);
        stop(program).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_on_one_database_share_the_addresses_and_one_takes_over_from_the_other() {
    for kind in Kind::ALL {
        let stage = Stage::new(kind).await;
        let (open, opened) = watch::channel(false);
        let paths: Vec<String> = (0..6).map(|number| format!("/{number}.ics")).collect();
        for path in &paths {
            stage.elsewhere.answer(path, Answer::status(200).then_when(&opened).body(days(&[5])));
        }
        let (killed, left) = (stage.start(), stage.start());
        let alice = Owner::register(&killed).await;
        let mut made = Vec::new();
        for path in &paths {
            made.push(alice.subscribe(&killed, &stage.elsewhere.url(path)).await);
        }
        // Each asks three at once, so it takes both.
        stage.elsewhere.until_all_asked(&paths, 1).await;
        drop(killed.kill());
        open.send_replace(true);
        alice.until_ok(&left, 3).await;
        stage.an_hour_later().await;
        for id in made {
            assert_eq!(alice.read_when_ok(&left, id).await["event_count"], 1);
        }
        let asked: Vec<usize> = paths.iter().map(|path| stage.elsewhere.times_asked(path)).collect();
        assert_eq!((asked.iter().sum::<usize>(), asked.iter().max()), (9, Some(&2)), "{asked:?}");
        stop(left).await;
    }
}
