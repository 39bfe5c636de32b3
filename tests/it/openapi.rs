//! The OpenAPI document: kept in `openapi/`, sound, complete, and good enough to make a client from.

use std::collections::{BTreeMap, BTreeSet};

use convene::http::openapi::Document;
use serde_json::Value;

use crate::program::{Program, project, python_tool, succeed};

#[test]
fn it_is_kept_in_this_project_as_the_program_prints_it() {
    let document = Document::new();
    for (path, printed) in [("openapi/openapi.json", document.json()), ("openapi/openapi.yaml", document.yaml())] {
        let kept = std::fs::read_to_string(project(path)).unwrap_or_default();
        assert!(
            kept == printed,
            "{path} is not what the program prints; look at the change that this makes: make openapi"
        );
    }
}

#[test]
fn it_is_valid_the_same_in_both_forms_and_its_examples_are_what_it_says() {
    let mut check = python_tool("python");
    check.arg(project("tests/programs/openapi_document.py"));
    succeed(check.args([project("openapi/openapi.json"), project("openapi/openapi.yaml")]));
}

#[test]
fn every_operation_says_what_it_is() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations() {
        let text = |field: &str| operation[field].as_str().unwrap_or_default().to_owned();
        assert!(!text("summary").is_empty() && text("summary").len() < 60, "{name} has no short summary");
        assert!(ids.insert(text("operationId")) && !text("operationId").is_empty(), "{name} has no name of its own");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name} belongs to one tag");
        // What is a file is called like one.
        assert!(name.ends_with('/') || name.ends_with(".ics"), "{name} is documented with its slash");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter} has no description");
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let described =
                answer["$ref"].is_string() || answer["description"].as_str().is_some_and(|it| !it.is_empty());
            assert!(described, "{name} does not say what its {status} is");
        }
    }
}

#[test]
fn every_operation_lists_the_errors_that_it_can_give_and_no_others() {
    for (name, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        let method = name.split(' ').next().unwrap();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let takes = |header: &str| parameters.iter().any(|parameter| parameter["name"] == header);
        let signs_in = operation["security"] != Value::Array(Vec::new());
        let mut expected: BTreeSet<&str> = ["400", "500", "503"].into();
        if signs_in {
            // 429: a name and a password may come with every call, as HTTP Basic.
            expected.extend(["401", "429"]);
        }
        if signs_in && method != "get" {
            expected.insert("403");
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["408", "413", "415"]);
        }
        if takes("If-Match") {
            expected.insert("412");
        }
        if name.contains('{') {
            expected.insert("404");
        }
        expected.extend(OWN_ERRORS.iter().filter(|(own, _)| *own == id).flat_map(|(_, errors)| *errors));
        let listed = operation["responses"].as_object().unwrap().keys().map(String::as_str);
        let listed: BTreeSet<&str> = listed.filter(|status| status.starts_with(['4', '5'])).collect();
        assert_eq!(listed, expected, "{name}");
        let not_modified = operation["responses"].get("304").is_some();
        assert_eq!(not_modified, takes("If-None-Match"), "{name}: 304");
    }
}

/// What cannot be told from an operation's shape.
const OWN_ERRORS: &[(&str, &[&str])] = &[
    ("register", &["409"]),
    ("login", &["401", "429"]),
    ("updateProfile", &["409"]),
    ("patchProfile", &["409"]),
    ("createToken", &["409"]),
    ("createCalendar", &["409"]),
    ("deleteCalendar", &["409"]),
    ("listEvents", &["404"]),
    ("createEvent", &["404", "409"]),
    ("updateEvent", &["409"]),
    ("patchEvent", &["409"]),
    ("createFeed", &["409"]),
    ("createSubscription", &["409"]),
    ("patchSubscription", &["409"]),
    ("importIntoCalendar", &["409"]),
    ("importEvents", &["409"]),
    ("updateOccurrence", &["409"]),
    ("patchOccurrence", &["409"]),
    ("book", &["404", "409"]),
    ("hold", &["409"]),
    ("respond", &["409"]),
];

#[test]
fn every_operation_says_who_may_call_it() {
    let schemes = &document()["components"]["securitySchemes"];
    let kind = |name: &str, field: &str| schemes[name][field].clone();
    assert_eq!((kind("session", "in"), kind("session", "name")), ("cookie".into(), "sessionid".into()));
    assert_eq!((kind("bearer", "scheme"), kind("basic", "scheme")), ("bearer".into(), "basic".into()));
    for (name, operation) in operations() {
        let security = operation["security"].as_array().unwrap_or_else(|| panic!("{name} does not say"));
        let known: Vec<&str> =
            security.iter().flat_map(|it| it.as_object().unwrap().keys().map(String::as_str)).collect();
        let expected: &[&str] = match operation["operationId"].as_str().unwrap() {
            // The address of a feed is its own key.
            "register" | "login" | "readFeed" => &[],
            _ => &["session", "bearer", "basic"],
        };
        assert_eq!(known, expected, "{name}");
        // Without a session, public users can be asked about.
        let optional = security.iter().any(|it| it.as_object().unwrap().is_empty());
        assert_eq!(optional, name.contains("find-slots") || name.contains("free-busy"), "{name}");
    }
}

/// What a change takes back by null. In answers nothing is null: what is not there is left out.
const TAKEN_BACK: [&str; 1] = ["/components/schemas/SubscriptionPatch/properties/refresh_minutes"];

#[test]
fn nothing_is_null_but_what_a_change_takes_back_and_requests_are_closed() {
    let document = document();
    let mut faults = Vec::new();
    each_value(&document, "", &mut |path, value| {
        if value.get("nullable").is_some() || path.ends_with("/default") && value.is_null() {
            faults.push(path.to_owned());
        }
    });
    assert_eq!(faults, TAKEN_BACK);
    for name in
        ["RegistrationIn", "LoginIn", "ProfileIn", "EventIn", "EventPatch", "FindSlotsIn", "GroupIn", "WindowIn"]
    {
        assert_eq!(document["components"]["schemas"][name]["additionalProperties"], Value::Bool(false), "{name}");
    }
    assert!(document["components"]["schemas"]["Event"].get("additionalProperties").is_none());
}

#[tokio::test]
async fn a_generated_client_registers_keeps_events_and_finds_slots() {
    let (program, made) = (Program::start(), tempfile::tempdir().unwrap());
    let package = made.path().join("convene_client");
    let mut generate = python_tool("openapi-python-client");
    generate.args(["generate", "--meta", "none", "--path"]).arg(project("openapi/openapi.json"));
    let said =
        succeed(generate.arg("--output-path").arg(&package).arg("--config").arg(project("tests/programs/client.yaml")));
    assert!(!said.contains("WARNING") && !said.contains("Unable"), "{said}");
    let mut tour = python_tool("python");
    tour.arg(project("examples/generated_client.py")).arg(&program.base).env("PYTHONPATH", made.path());
    let said = succeed(&mut tour);
    assert!(said.contains("105 slots, the first at 2025-12-29 09:00:00+00:00"), "{said}");
}

fn document() -> Value {
    Document::new().value().clone()
}

/// `get /api/events/` and the like, with what is said of them.
fn operations() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.insert(format!("{method} {path}"), operation.clone());
        }
    }
    assert!(found.len() >= 33);
    found
}

fn each_value(value: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, value);
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| each_value(inner, &format!("{path}/{name}"), visit))
        }
        Value::Array(items) => items.iter().for_each(|inner| each_value(inner, path, visit)),
        _ => {}
    }
}
