//! New content lines, written by the `icalendar` crate's property builder behind a guard: the builder quotes and escapes,
//! but neither cleans parameter values nor knows RFC 6868.

use icalendar::Property;

use super::text;

/// A line with a TEXT value, which is escaped here.
pub fn text_line(name: &str, params: &[(&str, &str)], value: &str) -> String {
    raw_line(name, params, &text::escape(value))
}

/// A line whose value is already as it is to be written (a date, a rule, a URI, a list of escaped texts).
pub fn raw_line(name: &str, params: &[(&str, &str)], value: &str) -> String {
    if params.is_empty() {
        // There is nothing to quote.
        return plain_line(name, value);
    }
    // The builder escapes the values of properties that it knows as TEXT; under a name that it does not know it leaves
    // the value alone, and the name is put in afterwards.
    let mut property = Property::new(UNKNOWN, one_line(value));
    for (key, value) in params {
        property.add_parameter(key, &text::encode_param(value));
    }
    let folded: String = property.done().try_into().unwrap_or_default();
    let line = folded.trim_end_matches(['\r', '\n']).replace("\r\n ", "");
    format!("{name}{}", line.strip_prefix(UNKNOWN).unwrap_or(":"))
}

const UNKNOWN: &str = "V";

fn plain_line(name: &str, value: &str) -> String {
    let mut line = String::with_capacity(name.len() + 1 + value.len());
    line.push_str(name);
    line.push(':');
    match value.bytes().any(|byte| text::is_control(char::from(byte))) {
        true => line.extend(value.chars().filter(|c| !text::is_control(*c))),
        false => line.push_str(value),
    }
    line
}

fn one_line(value: &str) -> String {
    value.chars().filter(|c| !text::is_control(*c)).collect()
}
