//! The OpenAPI document: as poem-openapi makes it, with what that leaves out put right.
//!
//! Put right: paths have their trailing slash, calls without security say so, each call lists those error answers that
//! it can give rather than all there are, bodies have examples, and schemas say what the server holds to.

mod answers;
mod examples;
mod schemas;
mod yaml;

use poem_openapi::{OpenApi, OpenApiService, Tags};
use serde_json::{Map, Value, json};

use super::accounts::AccountsApi;
use super::bookings::BookingsApi;
use super::calendars::CalendarsApi;
use super::events::EventsApi;
use super::feeds::{self, FeedsApi};
use super::imports::ImportsApi;
use super::scheduling::SchedulingApi;
use super::subscriptions::SubscriptionsApi;
use super::transfer::TransferApi;

/// What a call is about.
#[derive(Tags)]
pub enum Tag {
    /// Who you are: registration, login, profile, sessions, API tokens.
    Accounts,
    /// What events are kept in.
    Calendars,
    /// Single, all-day and recurring events, and the occurrences of a series.
    Events,
    /// Whole files: iCalendar in and out.
    Transfer,
    /// When everybody is free.
    Scheduling,
    /// Calendars under a secret address, for calendar apps to subscribe to.
    Feeds,
    /// Calendars that are kept the same as calendars elsewhere.
    Subscriptions,
}

/// The document, as it is served and as `convene openapi` prints it.
pub struct Document(Value);

/// The calls themselves, to be nested under `/api`.
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(
        (
            AccountsApi,
            CalendarsApi,
            EventsApi,
            TransferApi,
            ImportsApi,
            SchedulingApi,
            BookingsApi,
            FeedsApi,
            SubscriptionsApi,
        ),
        "Convene",
        env!("CARGO_PKG_VERSION"),
    )
    .description(DESCRIPTION)
    .url_prefix("/api")
}

impl Document {
    /// The document of this version.
    pub fn new() -> Self {
        let mut document: Value = serde_json::from_str(&service().spec()).unwrap_or(Value::Null);
        // What poem-openapi makes is OpenAPI 3.0 but for a summary and the licence's SPDX name, which 3.1 brought.
        document["openapi"] = json!("3.0.3");
        document["info"]["license"] = json!({ "name": "MIT OR Apache-2.0" });
        document["servers"] = json!([{ "url": "/", "description": "This server" }]);
        if let Some(paths) = document["paths"].as_object_mut() {
            *paths = std::mem::take(paths).into_iter().map(with_slash).collect();
            paths.insert(feeds::DOCUMENTED_PATH.to_owned(), feeds::documented());
        }
        each_operation(&mut document, |_, _, operation| {
            state_security(operation);
            keep_own_tag(operation);
        });
        answers::mend(&mut document, CAN_MISS, CAN_CONFLICT);
        examples::mend(&mut document);
        schemas::mend(&mut document);
        Self(document)
    }

    /// The document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// As JSON, indented.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.0).unwrap_or_default();
        text.push('\n');
        text
    }

    /// As YAML.
    pub fn yaml(&self) -> String {
        yaml::of(&self.0)
    }

    /// The page of Swagger UI, with the document inside.
    pub fn swagger_ui(&self) -> String {
        let service = service();
        // The page holds the document as poem-openapi makes it; ours takes its place. `</` would end the script early.
        let ours = self.json().replace("</", "<\\/");
        service.swagger_ui_html().replace(&service.spec(), &ours).replace("<title>Swagger UI", "<title>Convene API")
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

/// Calls `visit` with each path, method and operation.
pub fn each_operation(document: &mut Value, mut visit: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                visit(path, method, operation);
            }
        }
    }
}

const DESCRIPTION: &str = "Convene answers \"when are we all free?\" across time zones, working hours and calendars.

Every path is known with and without its trailing slash. Instants are RFC 3339: requests may use any offset, or none for \
local time in the request's own `timezone`, else in the zone of your profile. Errors are RFC 9457 problem documents; those \
of status 400 name the fields that are wrong.

**Signing in:** `POST /api/auth/login/` sets a cookie that this page uses from then on; programs make an API token and send it as \
`Authorization: Bearer …`; calendar apps send it as the password of HTTP Basic.";

/// The documented form of a path; that of a file is its name.
fn with_slash((path, item): (String, Value)) -> (String, Value) {
    if path.ends_with(".ics") {
        return (path, item);
    }
    (format!("{}/", path.trim_end_matches('/')), item)
}

/// A call that nobody need sign in for says so with an empty list: without one, tools assume the document's default.
fn state_security(operation: &mut Map<String, Value>) {
    operation.entry("security").or_insert_with(|| json!([]));
}

/// Tools list a call under each of its tags; its own, where it has one, comes after that of the calls around it.
fn keep_own_tag(operation: &mut Map<String, Value>) {
    if let Some(tags) = operation.get_mut("tags").and_then(Value::as_array_mut) {
        tags.drain(..tags.len().saturating_sub(1));
    }
}

/// Calls that name something else than in their path.
const CAN_MISS: &[&str] = &["createEvent", "listEvents", "book"];

/// Calls that can be in conflict with what is there.
const CAN_CONFLICT: &[&str] = &[
    "register",
    "updateProfile",
    "patchProfile",
    "createToken",
    "createCalendar",
    "createFeed",
    "createSubscription",
    "patchSubscription",
    "deleteCalendar",
    "createEvent",
    "updateEvent",
    "patchEvent",
    "updateOccurrence",
    "patchOccurrence",
    "book",
    "hold",
    "respond",
    "importIntoCalendar",
    "importEvents",
];
