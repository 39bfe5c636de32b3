//! Which version of a thing a change was meant for (the precondition of RFC 9110 section 13.1.1), free of HTTP.

/// The versions that a change accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl Expected {
    /// Whether a thing of this version may be changed.
    pub fn is_met_by(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
