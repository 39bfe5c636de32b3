//! Schemas as validators and generators of clients read them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Closes the objects of requests, says which texts of answers are instants and dates, and drops what says nothing.
pub fn mend(document: &mut Value) {
    let requests = names_in(document, |operation| operation.get("requestBody"));
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas {
            if requests.contains(name) {
                close(schema);
                hide_passwords(schema);
            } else {
                say_formats(schema);
            }
        }
    }
    simplify(document);
}

/// The names of all schemas that a part of the operations is made of.
fn names_in(document: &mut Value, part: impl Fn(&Map<String, Value>) -> Option<&Value>) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    super::each_operation(document, |_, _, operation| {
        part(operation).into_iter().for_each(|value| references(value, &mut waiting));
    });
    let mut names = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if names.insert(name.clone()) {
            references(&document["components"]["schemas"][&name], &mut waiting);
        }
    }
    names
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(SCHEMAS));
            found.extend(name.map(str::to_owned));
            object.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

const SCHEMAS: &str = "#/components/schemas/";

/// A field that is not there is refused, so that a misspelt one never passes silently.
fn close(schema: &mut Value) {
    if schema["type"] == "object" && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = json!(false);
    }
}

/// Tools do not show what is typed into these.
fn hide_passwords(schema: &mut Value) {
    for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if name.ends_with("password") {
            property["format"] = json!("password");
            property["writeOnly"] = json!(true);
        }
    }
}

/// By the names of fields, which are the same everywhere. Requests also take local times, which are of no format.
fn say_formats(schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties.iter_mut().filter(|(_, property)| property["type"] == "string") {
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&["_time", "_at"]) || name == "start" || name == "end" {
            property["format"] = json!("date-time");
        } else if ends(&["_date"]) {
            property["format"] = json!("date");
        }
    }
}

fn simplify(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for name in ["minimum", "maximum"] {
                if let Some(number) = object.get_mut(name) {
                    make_whole(number);
                }
            }
            if object.get("deprecated") == Some(&json!(false)) {
                object.shift_remove("deprecated");
            }
            if object.contains_key("in") {
                object.shift_remove("explode");
            }
            if let Some(parts) = object.get_mut("allOf").and_then(Value::as_array_mut) {
                parts.retain(|part| part.get("$ref").is_some());
            }
            object.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// `1` for `1.0`.
fn make_whole(number: &mut Value) {
    if let Some(whole) = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15) {
        *number = json!(whole as i64);
    }
}
