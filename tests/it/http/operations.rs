//! Every operation of the OpenAPI document has a row here that says who may call it. The calls are made from the document: as
//! nobody, with somebody else's ids, and with a token that may only read.

use std::sync::LazyLock;

use convene::http::openapi::Document;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::server::{PASSWORD, TestServer, on_both};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Whoever comes.
    Anyone,
    /// Whoever comes, about people who show themselves to everybody.
    AboutPublicPeople,
    /// Whoever is signed in.
    Reads,
    /// Whoever is signed in, but not with a token that may only read.
    Writes,
}

/// What an operation allows, and a body that it takes.
fn row(operation: &str) -> (Access, Value) {
    use Access::{AboutPublicPeople, Anyone, Reads, Writes};
    let event = json!({ "title": "x", "start_time": "2026-01-06T09:00:00Z", "end_time": "2026-01-06T10:00:00Z" });
    let calendar = json!({ "name": "x" });
    let question = json!({
        "user_ids": [1],
        "duration_minutes": 60,
        "start": "2026-01-05T00:00:00Z",
        "end": "2026-01-06T00:00:00Z"
    });
    let busy = json!({ "user_ids": [1], "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z" });
    match operation {
        "register" => (
            Anyone,
            json!({ "username": "another", "password": PASSWORD, "email": "another@example.com", "timezone": "UTC" }),
        ),
        "login" => (Anyone, json!({ "username": "owner", "password": PASSWORD })),
        // It ends the session by which it was asked, if by one.
        "logout" => (Reads, Value::Null),
        "getProfile" | "listSessions" | "listTokens" | "findUsers" => (Reads, Value::Null),
        "updateProfile" | "patchProfile" => (Writes, json!({})),
        "deleteAccount" => (Writes, json!({ "password": "not-the-password" })),
        "changePassword" => (Writes, json!({ "current_password": PASSWORD, "new_password": "anotherPass456" })),
        "deleteSession" | "deleteToken" => (Writes, Value::Null),
        "createToken" => (Writes, json!({ "name": "x" })),
        "listCalendars" | "getCalendar" => (Reads, Value::Null),
        "createCalendar" | "updateCalendar" => (Writes, calendar),
        "patchCalendar" => (Writes, json!({})),
        "deleteCalendar" => (Writes, Value::Null),
        "listEvents" | "getEvent" | "getEventIcs" | "listOccurrences" => (Reads, Value::Null),
        "createEvent" | "updateOccurrence" => (Writes, event),
        "updateEvent" => (Writes, with(event, "recurrence", json!(["RRULE:FREQ=DAILY"]))),
        "patchEvent" | "patchOccurrence" => (Writes, json!({})),
        "deleteEvent" | "deleteOccurrence" => (Writes, Value::Null),
        "findSlots" => (AboutPublicPeople, question),
        "freeBusy" => (AboutPublicPeople, busy),
        "freeBusyIcs" => (AboutPublicPeople, Value::Null),
        "book" | "hold" => (Writes, meeting()),
        "releaseHold" => (Writes, Value::Null),
        "respond" => (Writes, json!({ "response": "accepted" })),
        "listFeeds" => (Reads, Value::Null),
        "createFeed" => (Writes, json!({ "name": "x" })),
        "deleteFeed" | "rotateFeed" => (Writes, Value::Null),
        "listSubscriptions" | "getSubscription" | "getSubscriptionReport" | "getRepairedSubscription" => {
            (Reads, Value::Null)
        }
        "createSubscription" => (Writes, json!({ "url": "https://calendar.example.org/x.ics" })),
        "patchSubscription" => (Writes, json!({})),
        "deleteSubscription" | "refreshSubscription" => (Writes, Value::Null),
        "exportCalendar" | "exportEvents" => (Reads, Value::Null),
        "importIntoCalendar" | "importEvents" => (Writes, json!(FILE)),
        "listImports" | "getImportReport" | "getRepairedImport" => (Reads, Value::Null),
        "deleteImport" => (Writes, Value::Null),
        other => panic!("say in tests/it/http/operations.rs who may call `{other}`"),
    }
}

/// A file to import: the body of a call that takes no JSON.
const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:imported\r\n\
    DTSTAMP:20260101T000000Z\r\nDTSTART:20260107T090000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// One of the first user who registers.
fn meeting() -> Value {
    json!({ "user_ids": [1], "start_time": "2026-02-02T12:00:00Z", "duration_minutes": 30, "title": "Meeting" })
}

/// An operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its parameters in braces.
    pub path: String,
    /// What must stand in its query.
    pub query: Vec<(String, &'static str)>,
    /// As it stands in the document.
    pub value: Value,
    access: Access,
    /// A body that it takes: JSON, or the text of a file; null where it takes none.
    pub body: Value,
}

/// Somebody with a calendar, a series, an invitation, a hold, a second session and a token.
pub struct Owner {
    pub client: Client,
    calendar: Value,
    event: Value,
    invitation: Value,
    hold: Value,
    feed: Value,
    import: Value,
    subscription: Value,
    session: Value,
    token: Value,
}

/// The document as it is served.
pub fn document() -> &'static Value {
    static MADE: LazyLock<Document> = LazyLock::new(Document::new);
    MADE.value()
}

/// All of the document, those that take things away last.
pub fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            let id = value["operationId"].as_str().unwrap().to_owned();
            if id == "readFeed" {
                // Whoever knows the address may read it: see tests/it/feeds/access.rs.
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let (access, body) = row(&id);
            assert_eq!(body.is_null(), value.get("requestBody").is_none(), "{id} and its body");
            let (path, query) = (path.clone(), required_query(value));
            all.push(Operation { id, method, path, query, value: value.clone(), access, body });
        }
    }
    all.sort_by_key(|it| (it.method == Method::DELETE, it.id == "logout", std::cmp::Reverse(it.path.len())));
    all
}

fn required_query(operation: &Value) -> Vec<(String, &'static str)> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
    let value = |name: &str| match name {
        "start" => "2026-01-05T00:00:00Z",
        "end" => "2026-01-06T00:00:00Z",
        other => panic!("give the parameter `{other}` a value in tests/it/http/operations.rs"),
    };
    needed.map(|it| it["name"].as_str().unwrap()).map(|name| (name.to_owned(), value(name))).collect()
}

impl Operation {
    /// Makes the call; the document describes what is answered.
    pub async fn call(&self, client: &Client, path: &str) -> Answer {
        let path = self.with_query(path, &[]);
        let answer = match &self.body {
            Value::String(file) => {
                let file = file.clone().into_bytes();
                client.send_raw(self.method.clone(), &path, Some("text/calendar"), file).await
            }
            body => client.send(self.method.clone(), &path, Some(body).filter(|body| !body.is_null())).await,
        };
        let described = described(&self.value["responses"][answer.status.to_string()]);
        let kind = |text: &str| text.split(';').next().unwrap().to_owned();
        let sent = kind(answer.header("content-type").unwrap_or_default());
        let mut kinds = described["content"].as_object().into_iter().flatten().map(|(name, _)| kind(name));
        let fits = answer.text.is_empty() || kinds.any(|described| described == sent);
        assert!(described.is_object() && fits, "{} is not described: {answer:#?}", self.id);
        answer
    }

    /// The path with what must stand in its query, where `more` does not say it.
    pub fn with_query(&self, path: &str, more: &[(&str, &str)]) -> String {
        let needed = self.query.iter().map(|(name, value)| (name.as_str(), *value));
        let needed = needed.filter(|(name, _)| !path.contains('?') && !more.iter().any(|(known, _)| known == name));
        let pairs: Vec<String> =
            needed.chain(more.iter().copied()).map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// With ids of what belongs to somebody.
    fn has_ids(&self) -> bool {
        self.path.contains('{') && self.access != Access::AboutPublicPeople
    }
}

impl Owner {
    pub async fn new(server: &TestServer) -> Self {
        let client = server.user("owner").await;
        let calendar = client.post("/api/calendars/", &json!({ "name": "Second" })).await.is(201)["id"].clone();
        let series = json!({
            "title": "Series", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z",
            "recurrence": ["RRULE:FREQ=DAILY"]
        });
        let event = client.post("/api/events/", &series).await.is(201)["id"].clone();
        let hold =
            client.post("/api/scheduling/holds/", &with(meeting(), "start_time", json!("2026-02-03T12:00:00Z"))).await;
        let hold = hold.is(201)["hold_id"].clone();
        let feed = client.post("/api/feeds/", &json!({ "name": "x" })).await.is(201)["id"].clone();
        let file = FILE.replace("imported", "owned").into_bytes();
        let import = client.send_raw(Method::POST, "/api/events/import/", Some("text/calendar"), file).await;
        let import = import.is(200)["id"].clone();
        // The port is not open to anybody: it is refused before it is asked.
        let elsewhere = json!({ "url": "http://127.0.0.1:9/c.ics" });
        let subscription = client.post("/api/subscriptions/", &elsewhere).await.is(201)["id"].clone();
        let host = server.user("host").await;
        host.post("/api/scheduling/book/", &with(meeting(), "start_time", json!("2026-02-04T12:00:00Z"))).await.is(201);
        let invitation = client.get("/api/events/?start=2026-02-04T12:00:00Z&end=2026-02-04T12:30:00Z").await.is(200);
        let invitation = invitation[0]["id"].clone();
        let login = json!({ "username": "owner", "password": PASSWORD });
        server.clock.advance(convene::time::SignedDuration::from_secs(60));
        server.stranger().post("/api/auth/login/", &login).await.is(200);
        let session = client.get("/api/auth/sessions/").await.is(200)[0]["id"].clone();
        let token = client.post("/api/auth/tokens/", &json!({ "name": "x" })).await.is(201)["id"].clone();
        Self { client, calendar, event, invitation, hold, feed, import, subscription, session, token }
    }

    /// The path with the ids of what this user owns.
    pub fn fill(&self, path: &str) -> String {
        filled(path, |noun| match noun {
            "calendars" => self.calendar.to_string(),
            "events" if path.ends_with("/respond/") => self.invitation.to_string(),
            "events" => self.event.to_string(),
            "holds" => self.hold.to_string(),
            "feeds" => self.feed.to_string(),
            "imports" => self.import.to_string(),
            "subscriptions" => self.subscription.to_string(),
            "free-busy" => self.client.id.to_string(),
            "sessions" => self.session.to_string(),
            "tokens" => self.token.to_string(),
            "occurrences" => "20260106T090000Z".to_owned(),
            other => panic!("say in tests/it/http/operations.rs whose are the {other} of {path}"),
        })
    }

    /// All that this user owns, as the user sees it.
    async fn everything(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for path in ["auth/profile", "auth/sessions", "auth/tokens", "calendars", "events", "imports"] {
            all.push(self.client.get(&format!("/api/{path}/")).await.is(200));
        }
        all.push(self.client.get(&format!("/api/events/{}/occurrences/", self.event)).await.is(200));
        all
    }
}

/// An answer of the document, also where it stands there once for many.
fn described(answer: &Value) -> Value {
    match answer["$ref"].as_str() {
        Some(path) => document().pointer(path.trim_start_matches('#')).unwrap().clone(),
        None => answer.clone(),
    }
}

/// The path with each parameter replaced by what `id` gives for the noun before it.
fn filled(path: &str, id: impl Fn(&str) -> String) -> String {
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/') {
        let noun = segments.last().cloned().unwrap_or_default();
        let noun = if segment.starts_with('{') { id(&noun) } else { segment.to_owned() };
        segments.push(noun);
    }
    segments.join("/")
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let before = owner.everything().await;
        // Each anew: who logs in or registers is a stranger no more.
        let strangers: [fn(&TestServer) -> Client; 3] = [
            TestServer::stranger,
            |server| server.stranger().with("cookie", "sessionid=nothing"),
            |server| server.stranger().bearing("cvn_nothing"),
        ];
        for operation in operations() {
            for stranger in strangers {
                let answer = operation.call(&stranger(server), &owner.fill(&operation.path)).await;
                match operation.access {
                    Access::Anyone => assert!([200, 201, 409].contains(&answer.status), "{answer:#?}"),
                    Access::AboutPublicPeople | Access::Reads | Access::Writes => {
                        answer.is(401);
                        assert!(answer.header("www-authenticate").is_some(), "{answer:#?}");
                    }
                }
            }
        }
        let mut after = owner.everything().await;
        // `login` may be called by whoever knows the password, and starts sessions.
        let sessions = after[1].as_array_mut().unwrap();
        sessions.drain(..sessions.len() - 2);
        assert_eq!(after, before);
    })
    .await;
}

/// Not 403, and the same words as for what is not there at all.
#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    on_both(async |server| {
        let (owner, other) = (Owner::new(server).await, server.user("other").await);
        let before = owner.everything().await;
        let mut count = 0;
        for operation in operations().into_iter().filter(Operation::has_ids) {
            let theirs = operation.call(&other, &owner.fill(&operation.path)).await;
            theirs.is(404);
            let absent = filled(&operation.path, |noun| {
                if noun == "occurrences" { "20260106T090000Z".to_owned() } else { "999999".to_owned() }
            });
            for id in [absent.clone(), absent.replace("999999", "-1"), absent.replace("999999", "9223372036854775807")]
            {
                let absent = operation.call(&other, &id).await;
                absent.is(404);
                assert_eq!(absent.text, theirs.text, "{}", operation.id);
            }
            count += 1;
        }
        assert!(count >= 15, "{count} operations with ids");
        let calendar = with(row("createEvent").1, "calendar_id", owner.calendar.clone());
        other.post("/api/events/", &calendar).await.is(404);
        let own = other.post("/api/events/", &row("createEvent").1).await.is(201);
        let path = format!("/api/events/{}/", own["id"]);
        other.put(&path, &calendar).await.is(404);
        other.patch(&path, &json!({ "calendar_id": owner.calendar })).await.is(404);
        other.get(&format!("/api/events/?calendar_id={}", owner.calendar)).await.is(404);
        assert_eq!(owner.everything().await, before);
    })
    .await;
}

/// The paths of the test before are those of calls that work for the owner.
#[tokio::test]
async fn what_is_ones_own_is_there() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        for operation in operations().into_iter().filter(Operation::has_ids) {
            let answer = operation.call(&owner.client, &owner.fill(&operation.path)).await;
            answer.is_success();
        }
    })
    .await;
}

#[tokio::test]
async fn a_reading_token_changes_nothing() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let token = owner.client.post("/api/auth/tokens/", &json!({ "name": "r", "scope": "read" })).await.is(201);
        let reader = server.stranger().bearing(token["token"].as_str().unwrap());
        reader.get("/api/auth/profile/").await.is(200);
        let before = owner.everything().await;
        for operation in operations() {
            let path = owner.fill(&operation.path);
            match operation.access {
                Access::Writes => {
                    let answer = operation.call(&reader, &path).await;
                    answer.is(403);
                    assert!(answer.text.contains("may only read"), "{answer:#?}");
                }
                Access::Reads => {
                    operation.call(&reader, &path).await.is_success();
                }
                Access::AboutPublicPeople => {
                    operation.call(&reader, &path).await.is_success();
                }
                Access::Anyone => {}
            }
        }
        assert_eq!(owner.everything().await, before);
    })
    .await;
}

/// Of a path that is known, the methods that it does not know are 405 with those that it does.
#[tokio::test]
async fn other_methods_are_refused_by_name() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let all = operations();
        for operation in &all {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
                if all.iter().any(|known| known.path == operation.path && known.method == method) {
                    continue;
                }
                let answer = owner.client.send(method, &owner.fill(&operation.path), None).await;
                answer.is(405);
                assert!(answer.header("allow").unwrap().contains(operation.method.as_str()), "{answer:#?}");
            }
        }
        owner.client.get("/api/nothing/").await.is(404);
        owner.client.get("/api/events/1/nothing/").await.is(404);
        owner.client.get("/nothing").await.is(404);
    })
    .await;
}
