use super::finding::Findings;
use super::remark::Remark;

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
    pub findings: Findings,
}

impl Report {
    /// Warns, and adds to the findings; answers what to count the finding by the next time.
    pub fn warn(&mut self, line: usize, uid: Option<&str>, remark: impl Into<Remark>) -> Option<usize> {
        let remark = remark.into();
        if self.warnings.len() < MOST_WARNINGS {
            let message = remark.sentence();
            self.warnings.push(Warning { message, uid: uid.map(str::to_owned), line });
        } else {
            self.left_out += 1;
        }
        self.findings.add(line, remark)
    }

    /// Warns of the same as a finding says, where there is no more room for warnings anyhow; answers whether that is so. Of
    /// some things there may be millions.
    pub fn warn_again(&mut self, at: usize, line: usize) -> bool {
        let is_full = self.warnings.len() >= MOST_WARNINGS;
        if is_full {
            self.left_out += 1;
            self.findings.again(at, line);
        }
        is_full
    }

    /// Adds to the findings what is not worth a warning.
    pub fn remark(&mut self, line: usize, remark: Remark) -> Option<usize> {
        self.findings.add(line, remark)
    }

    /// Leaves an event out, for what the remark says.
    pub fn fail(&mut self, (index, uid): (usize, Option<String>), line: usize, remark: Remark) {
        self.errors.push(ComponentError { index, uid, line, message: remark.found.clone().into_owned() });
        self.findings.add(line, remark);
    }
}

pub const MOST_WARNINGS: usize = 1000;
