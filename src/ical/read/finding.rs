//! Findings: what a person is told about a file. Those that say the same are one, with a count and the first places, so that
//! one habit of a program is one line to read, and the list is bounded whatever the file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::remark::Remark;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// An event is left out.
    Error,
    /// What is meant is not written; the likeliest is taken.
    Guessed,
    /// What is meant is plain, though it is not written as RFC 5545 has it.
    Repaired,
    /// Nothing was changed; worth knowing.
    Note,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Which zone a time is in.
    TimeZone,
    /// The identity of an event.
    Uid,
    /// DTSTAMP, CREATED, LAST-MODIFIED: which of two versions is the newer one.
    Stamp,
    /// When an event is.
    Dates,
    /// A date where a time is expected, or the other way round.
    ValueType,
    /// When a series occurs.
    Recurrence,
    /// Lines and components.
    Structure,
    /// Characters.
    Encoding,
    /// More than is sensible, or allowed.
    Size,
    /// What the file is sent for.
    Method,
    /// One event twice.
    Duplicate,
    /// Components that are no events.
    Ignored,
}

/// Something that a person should know of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub kind: FindingKind,
    /// What was found.
    pub found: String,
    /// What was made of it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// What to change at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// In how many events; in how many lines, where it is about no event.
    pub count: usize,
    /// The first five of them; never empty.
    pub places: Vec<FindingPlace>,
}

/// Where something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingPlace {
    /// The line of the file, from 1 on.
    pub line: usize,
    /// The UID of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The event's title: what a person knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// The findings of a file in the making.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    /// The place in `list` of each thing that was said.
    known: BTreeMap<Key, usize>,
    /// The event that each of `list` was last counted for.
    counted_for: Vec<Option<usize>>,
    errors: usize,
    left_out: usize,
    /// The event that is looked at, by its place among those of the file.
    event: Option<usize>,
    /// Places in `list` and there of what was found in it.
    unnamed: Vec<(usize, usize)>,
    repaired: BTreeSet<usize>,
    guessed: BTreeSet<usize>,
}

type Key = (FindingKind, Cow<'static, str>, Cow<'static, str>);

/// More kinds of findings than a person reads; errors have as much room again, so that nothing crowds them out.
pub const MOST_FINDINGS: usize = 500;
const MOST_PLACES: usize = 5;
const LONGEST_UID: usize = 200;
const LONGEST_TITLE: usize = 100;

impl Findings {
    /// What follows is about this event: its place among the VEVENTs of the file.
    pub fn enter(&mut self, event: usize) {
        self.event = Some(event);
    }

    /// What follows is about the file again. The UID and title of the event are only asked for where something was found.
    pub fn leave(&mut self, names: impl FnOnce() -> (Option<String>, Option<String>)) {
        self.event = None;
        if self.unnamed.is_empty() {
            return;
        }
        let (uid, title) = names();
        let (uid, title) = (clipped(uid, LONGEST_UID), clipped(title, LONGEST_TITLE));
        for (at, place) in self.unnamed.drain(..) {
            if let Some(place) = self.list.get_mut(at).and_then(|finding| finding.places.get_mut(place)) {
                (place.uid, place.title) = (uid.clone(), title.clone());
            }
        }
    }

    /// Adds a finding, or counts it where the same was said before; answers what to count it by the next time.
    pub fn add(&mut self, line: usize, remark: Remark) -> Option<usize> {
        self.mark(remark.severity);
        let key = (remark.kind, remark.found.clone(), remark.made.clone());
        if let Some(at) = self.known.get(&key).copied() {
            self.count(at, line);
            return Some(at);
        }
        let is_error = remark.severity == Severity::Error;
        let of_its_sort = if is_error { self.errors } else { self.list.len() - self.errors };
        if of_its_sort >= MOST_FINDINGS {
            self.left_out += 1;
            return None;
        }
        let at = self.list.len();
        self.errors += usize::from(is_error);
        self.known.insert(key, at);
        self.list.push(remark.into_finding());
        self.counted_for.push(None);
        self.count(at, line);
        Some(at)
    }

    /// Adds a finding about so many components of the file, which are no events.
    pub fn add_many(&mut self, line: usize, remark: Remark, count: usize) {
        let added = self.add(line, remark).and_then(|at| self.list.get_mut(at));
        if let Some(finding) = added {
            finding.count = count;
        }
    }

    /// Counts a finding once more.
    pub fn again(&mut self, at: usize, line: usize) {
        if let Some(severity) = self.list.get(at).map(|finding| finding.severity) {
            self.mark(severity);
            self.count(at, line);
        }
    }

    /// How many events were repaired, and for how many something was guessed, besides those that are left out.
    pub fn touched(&self, left_out: &BTreeSet<usize>) -> (usize, usize) {
        (self.repaired.difference(left_out).count(), self.guessed.difference(left_out).count())
    }

    /// The findings, the gravest first, then in the order of the file; and how many were left out.
    pub fn into_list(mut self) -> (Vec<Finding>, usize) {
        self.list.sort_by_key(|finding| (finding.severity, finding.places.first().map(|place| place.line)));
        (self.list, self.left_out)
    }

    fn mark(&mut self, severity: Severity) {
        let Some(event) = self.event else { return };
        match severity {
            Severity::Repaired => self.repaired.insert(event),
            Severity::Guessed => self.guessed.insert(event),
            Severity::Error | Severity::Note => false,
        };
    }

    fn count(&mut self, at: usize, line: usize) {
        let (Some(finding), Some(counted_for)) = (self.list.get_mut(at), self.counted_for.get_mut(at)) else { return };
        if self.event.is_some() && *counted_for == self.event {
            return;
        }
        *counted_for = self.event;
        finding.count += 1;
        if finding.places.len() < MOST_PLACES {
            if self.event.is_some() {
                self.unnamed.push((at, finding.places.len()));
            }
            finding.places.push(FindingPlace { line, ..FindingPlace::default() });
        }
    }
}

impl Finding {
    /// What was found and what was made of it, as a sentence part.
    pub fn sentence(&self) -> String {
        match &self.made {
            Some(made) => format!("{}; {made}", self.found),
            None => self.found.clone(),
        }
    }
}

fn clipped(text: Option<String>, longest: usize) -> Option<String> {
    let text = text?;
    Some(text[..text.floor_char_boundary(longest)].to_owned())
}
