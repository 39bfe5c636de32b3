//! By what two versions of an event are told to be the same: what it says, without what programs write anew each time.

use sha2::{Digest, Sha256};

use super::calendar_object::CalendarObject;
use super::component::{Boundary, Component, boundary};
use super::line::ContentLine;

/// A hash of what an object says. UID is not part of it, because some servers give every event another one whenever they
/// are asked, against RFC 5545 section 3.8.4.7; nor are the stamps and the number of the revision, which say nothing of the
/// event itself (sections 3.8.7.1 to 3.8.7.4); nor is the order of properties and overrides.
pub fn fingerprint(object: &CalendarObject) -> [u8; 32] {
    let mut parts: Vec<[u8; 32]> = object.components().iter().map(of_component).collect();
    // The master stays in its place: it is what the others override.
    let overrides = usize::from(object.has_master());
    if let Some(overrides) = parts.get_mut(overrides..) {
        overrides.sort_unstable();
    }
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// What two answers of a server are the same by: their lines, without the stamps that some write anew each time.
pub fn content_hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_stamp = line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"DTSTAMP"));
        if !is_stamp {
            hash.update(line);
        }
    }
    hash.finalize().into()
}

const VOLATILE: [&str; 5] = ["UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE"];

/// The properties of a component without regard to their order; then what is inside, which stands as it is.
fn of_component(component: &Component) -> [u8; 32] {
    let (mut own, mut inner, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for line in component.text().lines().filter_map(ContentLine::parse) {
        match boundary(line) {
            Some(Boundary::Begin) => depth += 1,
            Some(Boundary::End) => depth = depth.saturating_sub(1),
            None if VOLATILE.iter().any(|name| line.is(name)) => continue,
            None => {}
        }
        if depth == 1 { own.push(line.raw()) } else { inner.push(line.raw()) }
    }
    own.sort_unstable();
    let lines = own.into_iter().chain(inner);
    lines.fold(Sha256::new(), |hash, line| hash.chain_update(line).chain_update(b"\n")).finalize().into()
}
