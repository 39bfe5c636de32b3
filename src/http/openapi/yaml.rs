//! JSON as YAML that every parser reads alike: those of YAML 1.1 take a bare `09:00:00` for a number, `2025-12-30` for a
//! date and `no` for false, so all that is not plainly a word is quoted.

use serde_json::Value;

/// The value in block style.
pub fn of(value: &Value) -> String {
    let mut text = String::new();
    append(&mut text, value, 0);
    text
}

/// Begins on the line where the cursor is, and ends with a line break.
fn append(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (index, (name, inner)) in fields.iter().enumerate() {
                if index > 0 {
                    indent(text, depth);
                }
                text.push_str(&scalar(name));
                text.push(':');
                below(text, inner, depth + usize::from(!inner.is_array()));
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    indent(text, depth);
                }
                text.push_str("- ");
                append(text, item, depth + 1);
            }
        }
        Value::String(words) => push_line(text, &scalar(words)),
        other => push_line(text, &other.to_string()),
    }
}

/// What a name stands for: on its line, or on those below it.
fn below(text: &mut String, value: &Value, depth: usize) {
    let is_block =
        value.as_object().is_some_and(|it| !it.is_empty()) || value.as_array().is_some_and(|it| !it.is_empty());
    if is_block {
        text.push('\n');
        indent(text, depth);
    } else {
        text.push(' ');
    }
    append(text, value, depth);
}

fn push_line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

/// A text, in quotation marks unless it can be nothing but a text.
fn scalar(words: &str) -> String {
    if is_plain(words) { words.to_owned() } else { Value::from(words).to_string() }
}

fn is_plain(words: &str) -> bool {
    let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    words.starts_with(|first: char| first.is_ascii_alphabetic())
        && words.chars().all(|letter| letter.is_ascii_alphanumeric() || " _-./(),;'`".contains(letter))
        && !words.ends_with(' ')
        && !reserved.contains(&words.to_ascii_lowercase().as_str())
}
