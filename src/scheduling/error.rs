use crate::fields::FieldErrors;
use crate::ids::UserId;
use crate::storage::StorageError;

/// Why a question about people's time has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SchedulingError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Nobody is signed in, and these users are not public.
    #[error("sign in to ask about users {}", list(.0))]
    NotSignedIn(Vec<UserId>),
    /// These users let nobody else ask.
    #[error("users {} do not show when they are free", list(.0))]
    Private(Vec<UserId>),
    /// The search did not come to its end.
    #[error("{0}")]
    Machine(String),
    /// The database failed: for a scheduler, an unread calendar is not a free one.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<FieldErrors> for SchedulingError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

/// The ids of users, as a sentence has them.
pub(super) fn list(ids: &[UserId]) -> String {
    ids.iter().map(UserId::to_string).collect::<Vec<_>>().join(", ")
}
