use crate::accounts::NoRandomness;
use crate::fields::FieldErrors;
use crate::ical::NotAnObject;
use crate::storage::StorageError;

/// Why a feed's use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Absent, or somebody else's; or no feed has this secret.
    #[error("there is no such feed")]
    NotFound,
    /// The user has as many feeds as allowed.
    #[error("at most {0} feeds are allowed; delete one first")]
    TooMany(usize),
    /// What is stored of an event cannot be read.
    #[error("an event cannot be read: {0}")]
    Damaged(String),
    /// The machine failed.
    #[error("{0}")]
    Machine(String),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<FieldErrors> for FeedError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<NotAnObject> for FeedError {
    fn from(error: NotAnObject) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<NoRandomness> for FeedError {
    fn from(error: NoRandomness) -> Self {
        Self::Machine(error.to_string())
    }
}
