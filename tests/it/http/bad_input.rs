//! What no call may take, made from the OpenAPI document: for every field of every body and every parameter a wrong type, an empty, a
//! too long, an out-of-range and an unknown value. A field that is new in the document is in here by itself.

use reqwest::Method;
use serde_json::{Value, json};

use super::operations::{Operation, Owner, document, operations};
use super::server::on_both;

/// A wrong value in a place of a body.
struct Wrong {
    /// The field of the body that the answer must name.
    field: String,
    body: Value,
}

#[tokio::test]
async fn every_field_of_every_body() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let mut count = 0;
        for operation in operations().into_iter().filter(|operation| operation.body.is_object()) {
            let path = owner.fill(&operation.path);
            for wrong in wrong_bodies(&operation) {
                count += 1;
                let answer = owner.client.send(operation.method.clone(), &path, Some(&wrong.body)).await;
                answer.names(&wrong.field);
            }
        }
        assert!(count > 1500, "{count} wrong bodies");
    })
    .await;
}

fn wrong_bodies(operation: &Operation) -> Vec<Wrong> {
    let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
    let schema = resolved(schema);
    let base = operation.body.as_object().unwrap();
    let mut all = Vec::new();
    let mut add = |field: &str, body: Value| all.push(Wrong { field: field.to_owned(), body });
    for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut body = base.clone();
        body.remove(field).unwrap_or_else(|| panic!("{} needs {field}", operation.id));
        add(field, Value::Object(body));
    }
    for name in ["no_such_field", "Title", "titel "] {
        let mut body = base.clone();
        body.insert(name.to_owned(), json!("x"));
        add(name, Value::Object(body));
    }
    for (field, of_field) in schema["properties"].as_object().unwrap() {
        let is_mentioned = of_field["description"].as_str().is_some_and(|text| text.starts_with("Taken, and ignored"));
        // At a login a name is right or wrong, whatever it looks like.
        let counts = !is_mentioned && operation.id != "login";
        for value in wrong_values(field, of_field, counts) {
            let mut body = base.clone();
            body.insert(field.clone(), value);
            if operation.path.contains("scheduling") && field == "windows" {
                body.remove("start");
                body.remove("end");
            }
            add(field, Value::Object(body));
        }
    }
    all
}

/// The schema itself, with what stands beside a reference to it.
fn resolved(schema: &Value) -> Value {
    let reference = schema["$ref"].as_str();
    let parts = reference.map(|it| vec![json!({ "$ref": it })]).or_else(|| schema["allOf"].as_array().cloned());
    let Some(parts) = parts else { return schema.clone() };
    let mut whole = json!({});
    for part in parts {
        let found = match part["$ref"].as_str() {
            Some(path) => resolved(document().pointer(path.trim_start_matches('#')).unwrap()),
            None => part,
        };
        for (key, value) in found.as_object().unwrap() {
            whole[key] = value.clone();
        }
    }
    whole
}

/// Wrong values for a field. `counts` where its value is looked at beyond its type.
fn wrong_values(name: &str, schema: &Value, counts: bool) -> Vec<Value> {
    let schema = resolved(schema);
    let mut wrong = Vec::new();
    // Where it is not, the document says what it does.
    wrong.extend(Some(Value::Null).filter(|_| schema["nullable"] != true));
    match schema["type"].as_str().unwrap() {
        "string" => {
            wrong.extend([json!(1), json!(1.5), json!(true), json!([]), json!({}), json!(["x"]), json!("x\u{0}y")]);
            if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
                wrong.push(json!(""));
            }
            if let Some(most) = schema["maxLength"].as_u64() {
                wrong.push(json!("x".repeat(most as usize + 1)));
                wrong.push(json!("é".repeat(most as usize + 1)));
            }
            if schema["enum"].is_array() {
                wrong.extend([json!("nonsense"), json!(""), json!("BUSY ")]);
            }
            assert!(
                !counts || schema["maxLength"].is_u64() || schema["enum"].is_array(),
                "the text {name} has no bound in the document"
            );
            wrong.extend(nonsense(name).iter().map(|text| json!(text)).filter(|_| counts));
        }
        "integer" => {
            wrong.extend([json!("1"), json!(1.5), json!(true), json!([]), json!({}), json!(1e300)]);
            wrong.extend([json!(u64::MAX), serde_json::from_str("123456789012345678901234567890").unwrap()]);
            if let Some(least) = schema["minimum"].as_f64() {
                wrong.extend([json!(least as i64 - 1), json!(i64::MIN)]);
            }
            if let Some(most) = schema["maximum"].as_f64() {
                wrong.extend([json!(most as i64 + 1), json!(i64::MAX)]);
            }
        }
        "boolean" => wrong.extend([json!("true"), json!(1), json!(0), json!([]), json!({})]),
        "array" => {
            wrong.extend([json!("x"), json!(1), json!(true), json!({}), json!([null]), json!([[]])]);
            if schema["minItems"].as_u64().is_some_and(|least| least > 0) {
                wrong.push(json!([]));
            }
            let most = schema["maxItems"].as_u64().unwrap_or_else(|| panic!("{name} has no bound in the document"));
            let item = resolved(&schema["items"]);
            let sample = if item["type"] == "object" { sample(name) } else { good_item(&item) };
            wrong.push(json!(vec![sample; most as usize + 1]));
            wrong.extend(wrong_values(name, &item, false).into_iter().map(|value| json!([value])));
        }
        "object" => {
            wrong.extend([json!("x"), json!(1), json!([]), json!(true)]);
            let sample = sample(name);
            let with = |field: &str, value: Value| {
                let mut sample = sample.clone();
                sample[field] = value;
                sample
            };
            wrong.push(with("no_such_field", json!(1)));
            for (inner, of_inner) in schema["properties"].as_object().unwrap() {
                wrong.extend(wrong_values(inner, of_inner, true).into_iter().map(|value| with(inner, value)));
            }
        }
        other => panic!("{name} is of the unknown type {other}"),
    }
    wrong
}

/// Texts that have the right length and make no sense.
fn nonsense(field: &str) -> &'static [&'static str] {
    const INSTANTS: &[&str] = &[
        "yesterday",
        "2026-13-45T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00+99:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "+010000-01-01T00:00:00Z",
        "-000001-01-01T00:00:00Z",
        "2026-01-01T00:00:00[Europe/Berlin]",
        "1767225600",
    ];
    match field {
        "start_time" | "end_time" | "expires_at" => INSTANTS,
        "start" | "end" => &["yesterday", "24:00", "9", "2026-13-45T00:00:00Z", "9999-12-31T23:59:59Z"],
        "start_date" | "end_date" => &["yesterday", "2026-02-30", "20260101", "2026-1-1", "0000-01-01", "9999-12-31"],
        "timezone" => &["Mars/Olympus", "Eastern Standard Time", "+01:00", "CEST-1", "europe/berlin/x", "../UTC"],
        "working_hours_start" | "working_hours_end" => &["24:00", "9:00", "09:60", "09:00:60", "noon", "09:00Z"],
        "color" => &["#12345g", "1234567", "#ÿÿÿÿÿÿ"],
        "email" => &["nobody", "a@b", "a b@example.com", "@example.com"],
        "username" => &["a b c", "a/b", "abc\n"],
        "url" => &["not a uri", "://x", "http://a b"],
        "title" | "name" => &[" ", "\t\n"],
        "uid" => &[" ", "a\nb"],
        "new_password" => &["short", "password", "12345678"],
        _ => &[],
    }
}

/// A right value of a nested field.
fn sample(field: &str) -> Value {
    match field {
        "groups" => json!({ "user_ids": [1], "need": 1 }),
        "windows" => json!({ "start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z" }),
        "working_hours" => json!({ "start": "09:00", "end": "17:00" }),
        "wider_hours" => json!({ "earlier_minutes": 0, "later_minutes": 0 }),
        other => panic!("give `{other}` a sample in tests/it/http/bad_input.rs"),
    }
}

fn good_item(schema: &Value) -> Value {
    match (schema["type"].as_str(), schema["enum"].as_array()) {
        (_, Some(values)) => values[0].clone(),
        (Some("integer"), _) => json!(1),
        (Some("string"), _) => json!("x"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_parameter_of_every_call() {
    on_both(async |server| {
        let owner = Owner::new(server).await;
        let mut count = 0;
        for operation in operations() {
            let path = owner.fill(&operation.path);
            let mut queries =
                vec![("no_such_parameter", "1".to_owned()), ("%00", "1".to_owned()), ("a%20b", String::new())];
            for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                if name == "recurrence_id" || parameter["in"] == "header" {
                    continue; // What is no time is the name of no occurrence: see occurrences.rs.
                }
                let values = wrong_parameters(name, &resolved(&parameter["schema"]));
                match parameter["in"].as_str().unwrap() {
                    "query" if parameter["required"] == true => {
                        queries.extend(values.into_iter().map(|value| (name, value)));
                        let path = format!("{path}?");
                        operation.call(&owner.client, &path).await.is(400);
                    }
                    "query" => queries.extend(values.into_iter().map(|value| (name, value))),
                    "path" => {
                        for value in values.iter().filter(|value| !value.is_empty()) {
                            count += 1;
                            let wrong = operation.path.replace(&format!("{{{name}}}"), value);
                            let wrong = wrong.replace("{recurrence_id}", "20260106T090000Z");
                            operation.call(&owner.client, &wrong).await.names(name);
                        }
                    }
                    _ => {}
                }
            }
            for (name, value) in queries {
                count += 1;
                let answer = operation.call(&owner.client, &operation.with_query(&path, &[(name, &value)])).await;
                answer.names(name);
            }
        }
        assert!(count > 200, "{count} wrong parameters");
    })
    .await;
}

fn wrong_parameters(name: &str, schema: &Value) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match schema["type"].as_str().unwrap() {
        "integer" => {
            let mut wrong = texts(&["", "x", "1.5", "1e3", "0x10", "true", "%00", "1%20", "99999999999999999999999"]);
            let bound = |key: &str, by: i64| schema[key].as_f64().map(|bound| (bound as i64 + by).to_string());
            wrong.extend(bound("minimum", -1));
            wrong.extend(bound("maximum", 1));
            wrong
        }
        "boolean" => texts(&["", "maybe", "2", "%00", "TRUE%20"]),
        "string" if schema["enum"].is_array() => texts(&["", "nonsense", "%00", "%FF"]),
        "string" => {
            let most = schema["maxLength"].as_u64().unwrap_or_else(|| panic!("{name} has no bound in the document"));
            let mut wrong = texts(&["%00", "a%00b"]);
            wrong.push("x".repeat(most as usize + 1));
            if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
                wrong.push(String::new());
            }
            if ["start", "end"].contains(&name) {
                wrong.extend(texts(&[
                    "yesterday",
                    "2026-01-01",
                    "0000-01-01T00:00:00Z",
                    "9999-12-31T23:59:59Z",
                    "%FF%FE",
                ]));
            }
            wrong
        }
        other => panic!("{name} is of the unknown type {other}"),
    }
}

/// What is not JSON of the right shape at all.
#[tokio::test]
async fn every_body_as_a_whole() {
    let deep = |open: &str, close: &str| format!("{{\"title\":{}{}}}", open.repeat(10_000), close.repeat(10_000));
    let broken: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "{\"title\":",
        "{\"title\": \"x\",}",
        "{'title': 'x'}",
        "null",
        "[]",
        "[{}]",
        "\"x\"",
        "1",
        "NaN",
        "{\"title\": NaN}",
        "{} {}",
        "{\"title\": \"\\ud800\"}",
        "\u{feff}{}",
        "{\"title\": 1e999999999}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([deep("[", "]").into_bytes(), deep("{\"a\":", "}").into_bytes(), "[".repeat(10_000).into_bytes()])
    .chain([b"{\"title\": \"\xff\xfe\"}".to_vec(), b"\x00".to_vec(), vec![0xff; 100]])
    .collect();
    on_both(async |server| {
        let owner = Owner::new(server).await;
        for operation in operations().into_iter().filter(|operation| operation.body.is_object()) {
            let (method, path) = (operation.method.clone(), owner.fill(&operation.path));
            let send = async |kind: Option<&str>, body: Vec<u8>| {
                owner.client.send_raw(method.clone(), &path, kind, body).await
            };
            for body in &broken {
                send(Some("application/json"), body.clone()).await.names("body");
            }
            let good = operation.body.to_string().into_bytes();
            for kind in [
                None,
                Some("text/plain"),
                Some("application/x-www-form-urlencoded"),
                Some("application/jsonx"),
                Some(""),
            ] {
                send(kind, good.clone()).await.is(415);
            }
            let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
            send(Some("application/json"), large.into_bytes()).await.is(413);
        }
    })
    .await;
}

/// The largest body that is taken, and one byte more.
#[tokio::test]
async fn a_body_may_have_a_mebibyte() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for (length, status) in [(1 << 20, 201), ((1 << 20) + 1, 413)] {
            let mut body =
                br#"{"title":"x","start_time":"2026-01-05T09:00:00Z","end_time":"2026-01-05T10:00:00Z"}"#.to_vec();
            body.resize(length, b' ');
            client
                .send_raw(Method::POST, "/api/events/", Some("application/json; charset=utf-8"), body)
                .await
                .is(status);
        }
    })
    .await;
}
