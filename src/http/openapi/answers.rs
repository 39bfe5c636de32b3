//! The answers that each call can give, written once and referred to.

use std::collections::{BTreeMap, BTreeSet};

use poem_openapi::types::ToJSON;
use serde_json::{Map, Value, json};

use crate::http::problem::ApiError;

/// Says of each call only what it can answer, refers to the errors' one description, and names headers as RFC 9110 does.
pub fn mend(document: &mut Value, can_miss: &[&str], can_conflict: &[&str]) {
    let errors = error_answers(document);
    super::each_operation(document, |path, method, operation| {
        keep_possible(path, method, operation, can_miss, can_conflict);
        let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        for (status, answer) in answers {
            match errors.get(status) {
                Some((name, _)) => *answer = json!({ "$ref": format!("#/components/responses/{name}") }),
                None => name_headers(answer),
            }
        }
    });
    let shared = errors.into_iter().map(|(_, (name, answer))| (name, answer)).collect::<Map<_, _>>();
    document["components"]["responses"] = Value::Object(shared);
    document["components"]["headers"] = json!({ "RequestId": {
        "description": "The request's id: the client's own X-Request-Id where that was a sane one. The log has it too.",
        "schema": { "type": "string" },
    }});
}

/// One of every error, as it is answered.
fn examples() -> Vec<ApiError> {
    vec![
        ApiError::invalid_field("timezone", "\"Mars/Olympus\" is no time zone; use an IANA name such as Europe/Berlin"),
        ApiError::unauthorized("Sign in first: no valid session or token came with this request."),
        ApiError::forbidden("This token may only read."),
        ApiError::not_found("event"),
        ApiError::timeout(),
        ApiError::conflict(Some("username"), "This username is taken."),
        ApiError::precondition_failed(),
        ApiError::too_large(1 << 20),
        ApiError::unsupported_media_type("application/json"),
        ApiError::too_many_requests("Too many failed logins; try again in 30 seconds.", 30),
        ApiError::internal(),
        ApiError::unavailable("The database is not available at the moment; try again."),
    ]
}

/// The description of each error by its status, with the name to refer to it by.
fn error_answers(document: &mut Value) -> ByStatus {
    let mut found = ByStatus::new();
    super::each_operation(document, |_, _, operation| {
        let answers = operation.get("responses").and_then(Value::as_object);
        for (status, answer) in answers.into_iter().flatten().filter(|(status, _)| is_error(status)) {
            found.entry(status.clone()).or_insert_with(|| (String::new(), answer.clone()));
        }
    });
    for example in examples() {
        let problem = example.problem();
        if let Some((name, answer)) = found.get_mut(&problem.status.to_string()) {
            *name = problem.title.split([' ', '-']).collect();
            name_headers(answer);
            answer["content"]["application/problem+json"]["example"] = problem.to_json().unwrap_or_default();
        }
    }
    found.retain(|_, (name, _)| !name.is_empty());
    found
}

type ByStatus = BTreeMap<String, (String, Value)>;

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

/// Strikes the answers that this call cannot give.
fn keep_possible(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    can_miss: &[&str],
    can_conflict: &[&str],
) {
    let headers: BTreeSet<String> =
        parameters(operation).filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect();
    let has_body = operation.contains_key("requestBody");
    let signs_in = operation.get("security").and_then(Value::as_array).is_some_and(|schemes| !schemes.is_empty());
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let possible = |status: &str| match status {
        "304" => headers.contains("If-None-Match"),
        "401" => signs_in || id == "login",
        // A token that may only read, a page of another site, a private person: none of these keeps anybody from reading.
        "403" => signs_in && method != "get",
        "404" => path.contains('{') || can_miss.contains(&id.as_str()),
        "405" => false,
        "408" | "413" | "415" => has_body,
        "409" => can_conflict.contains(&id.as_str()),
        "412" => headers.contains("If-Match"),
        // Names and passwords come with HTTP Basic too.
        "429" => signs_in || id == "login",
        _ => true,
    };
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.retain(|status, _| possible(status));
    }
}

fn parameters(operation: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
}

/// poem-openapi writes the names of headers in capitals.
fn name_headers(answer: &mut Value) {
    let given = answer["headers"].take();
    let mut headers = Map::new();
    for (name, mut header) in given.as_object().cloned().unwrap_or_default() {
        let known = HEADERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
        if let Some((_, says)) = known {
            header["description"] = json!(says);
        }
        headers.insert(known.map_or(name, |(known, _)| (*known).to_owned()), header);
    }
    headers.insert("X-Request-Id".to_owned(), json!({ "$ref": "#/components/headers/RequestId" }));
    answer["headers"] = Value::Object(headers);
}

const HEADERS: [(&str, &str); 5] = [
    ("ETag", "The version, to be sent back in If-Match or If-None-Match."),
    ("Link", "The next page, with rel=\"next\"; absent on the last one (RFC 8288)."),
    ("Retry-After", "Seconds after which to try again."),
    ("WWW-Authenticate", "How to sign in (RFC 9110 section 11.6.1)."),
    ("Content-Disposition", "A name for the file (RFC 6266)."),
];
