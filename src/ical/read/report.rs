use std::collections::BTreeSet;

/// Bytes that are no iCalendar file at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct NotACalendar {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// A VEVENT that cannot be read; the others still are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentError {
    /// Its place among the VEVENTs of the file, from 0 on.
    pub index: usize,
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Something that is read otherwise than it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What was found, and what was made of it.
    pub message: String,
    /// The UID of the event, where it is about one.
    pub uid: Option<String>,
    /// The line, from 1 on.
    pub line: usize,
}

/// What is told about a file: bounded, whatever the file.
#[derive(Debug, Default)]
pub struct Report {
    pub errors: Vec<ComponentError>,
    pub warnings: Vec<Warning>,
    pub left_out: usize,
    said: BTreeSet<String>,
}

impl Report {
    pub fn warn(&mut self, line: usize, uid: Option<&str>, message: String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { message, uid: uid.map(str::to_owned), line });
        } else {
            self.left_out += 1;
        }
    }

    /// Warns with a message that is only made where there is room for it.
    pub fn warn_of(&mut self, line: usize, message: impl FnOnce() -> String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warn(line, None, message());
        } else {
            self.left_out += 1;
        }
    }

    /// Warns of what one warning is enough for.
    pub fn warn_once(&mut self, key: &str, line: usize, message: &str) {
        if self.said.len() < MOST_WARNINGS && !self.said.contains(key) {
            self.said.insert(key.to_owned());
            self.warn(line, None, message.to_owned());
        }
    }
}

const MOST_WARNINGS: usize = 1000;
