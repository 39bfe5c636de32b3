//! Entity tags: the version of a thing in quotation marks, and what `If-Match` and `If-None-Match` say of it.

use crate::versions::Expected;

/// The strong entity tag of a version (RFC 9110 section 8.8.3).
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// The versions that an `If-Match` header accepts (RFC 9110 section 13.1.1); a tag that we never gave matches nothing.
pub fn expected(if_match: Option<&str>) -> Expected {
    match if_match.map(str::trim) {
        None | Some("*") => Expected::Any,
        Some(list) => Expected::OneOf(list.split(',').filter_map(version).collect()),
    }
}

/// Whether an `If-None-Match` header names this version (RFC 9110 section 13.1.2): the client has it already.
pub fn is_known(if_none_match: Option<&str>, version: i64) -> bool {
    match if_none_match.map(str::trim) {
        None => false,
        Some("*") => true,
        Some(list) => list.split(',').filter_map(|tag| self::version(weak(tag))).any(|known| known == version),
    }
}

/// `If-None-Match` compares weakly.
fn weak(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

fn version(tag: &str) -> Option<i64> {
    tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}
