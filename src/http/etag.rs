//! Entity tags: the version of a thing in quotation marks, and what `If-Match` and `If-None-Match` say of it.

use crate::versions::Expected;

/// The strong entity tag of a version (RFC 9110 section 8.8.3).
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// The entity tag of a version as one sees it who is in a zone on which its instants depend.
pub fn of_zoned(version: i64, zone: &str) -> String {
    format!("\"{version}@{zone}\"")
}

/// The strong entity tag of a version that is a word of letters and digits.
pub fn of_text(version: &str) -> String {
    format!("\"{version}\"")
}

/// The versions that an `If-Match` header accepts (RFC 9110 section 13.1.1); a tag that we never gave matches nothing.
pub fn expected(if_match: Option<&str>) -> Expected {
    match if_match.map(str::trim) {
        None | Some("*") => Expected::Any,
        Some(list) => Expected::OneOf(list.split(',').filter_map(version).collect()),
    }
}

/// Whether an `If-None-Match` header names this tag, weakly or not (RFC 9110 section 13.1.2): the client has it already.
pub fn is_known(if_none_match: Option<&str>, tag: &str) -> bool {
    let weak = |known: &str| known.trim().trim_start_matches("W/") == tag;
    match if_none_match.map(str::trim) {
        None => false,
        Some("*") => true,
        Some(list) => list.split(',').any(weak),
    }
}

fn version(tag: &str) -> Option<i64> {
    let inside = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    inside.split('@').next()?.parse().ok()
}
