use crate::events::EventError;
use crate::fields::FieldErrors;
use crate::ids::UserId;
use crate::scheduling::SchedulingError;
use crate::storage::StorageError;
use crate::time::Period;

/// Why nothing was booked, held or released.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Some who are needed have something else then.
    #[error("users {} are not free then", listed(.busy))]
    NotFree {
        /// Who.
        busy: Vec<UserId>,
        /// The next times at which all are free, three at the most.
        next: Vec<Period>,
    },
    /// The hold is unknown, somebody else's, or its time is over.
    #[error("there is no such hold: its time may be over")]
    NoSuchHold,
    /// The user has as many holds as allowed.
    #[error("at most {0} holds at a time are allowed; confirm or release some first")]
    TooManyHolds(usize),
    /// The key came with another request before.
    #[error("was used for another request within the last 24 hours")]
    KeyReused,
    /// These people may not be asked about, or the search for other times failed.
    #[error(transparent)]
    Scheduling(#[from] SchedulingError),
    /// The event could not be written.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BookingError {
    /// Whether another transaction was in the way, so that the whole may well succeed if it is done again.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Storage(StorageError::Conflict(_))
                | Self::Event(EventError::Storage(StorageError::Conflict(_)))
                | Self::Scheduling(SchedulingError::Storage(StorageError::Conflict(_)))
        )
    }
}

impl From<FieldErrors> for BookingError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

fn listed(ids: &[UserId]) -> String {
    ids.iter().map(UserId::to_string).collect::<Vec<_>>().join(", ")
}
