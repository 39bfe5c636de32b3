//! The examples: one beside each JSON body, where all tools look for it; and a description of each answer.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Moves the examples of schemas to the bodies that have them, alone or in a list.
pub fn mend(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    super::each_operation(document, |_, _, operation| {
        if let Some(body) = operation.get_mut("requestBody") {
            show(body, &schemas);
        }
        for (_, answer) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            show(answer, &schemas);
            describe(answer, &schemas);
        }
        add_worked(operation);
    });
    for (_, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        schema.as_object_mut().and_then(|schema| schema.shift_remove("example"));
    }
}

/// Questions with their answers, as the tour of the README asks them; by the call that they are about.
static WORKED: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("worked_examples.json")).unwrap_or_default());

/// Puts worked examples beside the plain one, in what is asked and in what is answered, under the same names.
fn add_worked(operation: &mut Map<String, Value>) {
    let id = operation.get("operationId").cloned().unwrap_or_default();
    let worked: Vec<&Value> = WORKED.iter().filter(|example| example["operation"] == id).collect();
    if worked.is_empty() {
        return;
    }
    let places =
        [("/requestBody/content/application~1json", "request"), ("/responses/200/content/application~1json", "answer")];
    let mut whole = Value::Object(std::mem::take(operation));
    for (place, part) in places {
        let Some(media) = whole.pointer_mut(place).and_then(Value::as_object_mut) else { continue };
        let plain = media.shift_remove("example").unwrap_or_default();
        let mut examples =
            Map::from_iter([("plain".to_owned(), json!({ "summary": "The plain case", "value": plain }))]);
        for example in &worked {
            let name = example["name"].as_str().unwrap_or_default().to_owned();
            let (summary, description) = (&example["summary"], &example["description"]);
            examples.insert(name, json!({ "summary": summary, "description": description, "value": example[part] }));
        }
        media.insert("examples".to_owned(), Value::Object(examples));
    }
    if let Value::Object(whole) = whole {
        *operation = whole;
    }
}

fn show(body: &mut Value, schemas: &Value) {
    let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    // The same media type for every tool: some make a type of its own of each parameter.
    if let Some(json) = content.shift_remove("application/json; charset=utf-8") {
        content.insert("application/json".to_owned(), json);
    }
    for (_, media) in content.iter_mut().filter(|(_, media)| media.get("example").is_none()) {
        if let Some(example) = example_of(&media["schema"], schemas) {
            media["example"] = example;
        }
    }
}

/// An answer that says nothing of itself is what its schema says.
fn describe(answer: &mut Value, schemas: &Value) {
    if answer["description"] != "" {
        return;
    }
    let schema = &answer["content"]["application/json"]["schema"];
    let (list, schema) = if schema["type"] == "array" { ("A list: ", &schema["items"]) } else { ("", schema) };
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let says = schemas[name]["description"].as_str().unwrap_or("Done.");
    answer["description"] = json!(format!("{list}{says}"));
}

fn example_of(schema: &Value, schemas: &Value) -> Option<Value> {
    if schema["type"] == "array" {
        return Some(json!([example_of(&schema["items"], schemas)?]));
    }
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    schemas[name].get("example").cloned()
}
