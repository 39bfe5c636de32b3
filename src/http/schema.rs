//! Checks a JSON value against the schema that the OpenAPI document shows for it, and names every field that is wrong.
//!
//! One declaration therefore serves the document and the check. It refuses to know what the values mean: that is checked
//! by the use cases.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::{Map, Value};

use crate::fields::FieldErrors;

/// What is wrong with `value`; nothing where it fits.
pub fn check(registry: &Registry, schema: &MetaSchemaRef, value: &Value) -> FieldErrors {
    let mut checker = Checker { registry, errors: FieldErrors::new() };
    checker.any(schema, "", value);
    checker.errors
}

struct Checker<'a> {
    registry: &'a Registry,
    errors: FieldErrors,
}

impl Checker<'_> {
    fn any(&mut self, schema: &MetaSchemaRef, path: &str, value: &Value) {
        match schema {
            MetaSchemaRef::Inline(schema) => self.one(schema, path, value),
            MetaSchemaRef::Reference(name) => {
                let registry = self.registry;
                if let Some(schema) = registry.schemas.get(name) {
                    self.one(schema, path, value);
                }
            }
        }
    }

    fn one(&mut self, schema: &MetaSchema, path: &str, value: &Value) {
        // A field with a default or a note of its own is a reference inside `allOf`.
        for part in &schema.all_of {
            self.any(part, path, value);
        }
        match (schema.ty, value) {
            (_, Value::Null) if schema.nullable => {}
            ("", _) => {}
            ("object", Value::Object(object)) => self.object(schema, path, object),
            ("array", Value::Array(items)) => self.array(schema, path, items),
            ("string", Value::String(text)) => self.string(schema, path, text, value),
            ("integer" | "number", Value::Number(number)) => self.number(schema, path, number),
            ("boolean", Value::Bool(_)) => {}
            (expected, _) => self.wrong(path, format!("expected {}, found {}", article(expected), kind(value))),
        }
    }

    fn object(&mut self, schema: &MetaSchema, path: &str, object: &Map<String, Value>) {
        for (name, value) in object {
            match schema.properties.iter().find(|(known, _)| known == name) {
                Some((_, field)) => self.any(field, &below(path, name), value),
                None => {
                    let known: Vec<&str> = schema.properties.iter().map(|(known, _)| *known).collect();
                    self.wrong(
                        &below(path, &shortened(name)),
                        format!("there is no such field; the fields are {}", known.join(", ")),
                    );
                }
            }
        }
        for name in schema.required.iter().filter(|name| !object.contains_key(**name)) {
            self.wrong(&below(path, name), "this field is required".to_owned());
        }
    }

    fn array(&mut self, schema: &MetaSchema, path: &str, items: &[Value]) {
        if schema.min_items.is_some_and(|least| items.len() < least) {
            self.wrong(path, "must not be empty".to_owned());
        }
        if let Some(most) = schema.max_items.filter(|most| items.len() > *most) {
            self.wrong(path, format!("has {} items; at most {most} are allowed", items.len()));
            return;
        }
        if let Some(item_schema) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                self.any(item_schema, &format!("{path}[{index}]"), item);
            }
        }
    }

    fn string(&mut self, schema: &MetaSchema, path: &str, text: &str, value: &Value) {
        let length = text.chars().count();
        if text.contains('\0') {
            self.wrong(path, "must not contain the NUL character".to_owned());
        }
        match schema.min_length {
            Some(1) if length == 0 => self.wrong(path, "must not be empty".to_owned()),
            Some(least) if length < least => {
                self.wrong(path, format!("is too short; at least {least} characters are needed"));
            }
            _ => {}
        }
        if let Some(most) = schema.max_length.filter(|most| length > *most) {
            self.wrong(path, format!("is too long; at most {most} characters are allowed"));
        }
        if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
            let allowed: Vec<&str> = schema.enum_items.iter().filter_map(Value::as_str).collect();
            self.wrong(path, format!("must be one of {}", allowed.join(", ")));
        }
    }

    fn number(&mut self, schema: &MetaSchema, path: &str, number: &serde_json::Number) {
        if schema.ty == "integer" && number.as_i64().is_none() {
            self.wrong(path, "expected a whole number".to_owned());
            return;
        }
        let Some(number) = number.as_f64() else { return };
        if let Some(least) = schema.minimum.filter(|least| number < *least) {
            self.wrong(path, format!("must be at least {least}"));
        }
        if let Some(most) = schema.maximum.filter(|most| number > *most) {
            self.wrong(path, format!("must be at most {most}"));
        }
    }

    /// Reports under the name of the field of the body; what is wrong deeper inside says where.
    fn wrong(&mut self, path: &str, message: String) {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        match path.split_at(end) {
            ("", _) => self.errors.add("body", message),
            (field, "") => self.errors.add(field, message),
            (field, _) => self.errors.add(field, format!("{path} {message}")),
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}

fn article(ty: &str) -> String {
    match ty {
        "object" | "array" | "integer" => format!("an {ty}"),
        _ => format!("a {ty}"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
