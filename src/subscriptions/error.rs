use crate::calendars::CalendarError;
use crate::events::EventError;
use crate::fields::FieldErrors;
use crate::sealing::SealError;
use crate::storage::{Constraint, StorageError};

/// Why a subscription's use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Absent, or somebody else's.
    #[error("there is no such subscription")]
    NotFound,
    /// The user subscribes to this address already.
    #[error("you subscribe to this address already")]
    Duplicate,
    /// The user has as many subscriptions as allowed.
    #[error("at most {0} subscriptions are allowed; delete one first")]
    TooMany(usize),
    /// The user asks too often.
    #[error("this was asked for too often; try again in {0} seconds")]
    TooOften(u64),
    /// Somebody else took the work over.
    #[error("another server took over")]
    Lost,
    /// The calendar's part of it did not happen.
    #[error(transparent)]
    Calendar(CalendarError),
    /// The events' part of it did not happen.
    #[error(transparent)]
    Event(EventError),
    /// The machine failed.
    #[error("{0}")]
    Machine(String),
    /// The database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for SubscriptionError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unique(Constraint::Subscription) => Self::Duplicate,
            other => Self::Storage(other),
        }
    }
}

impl From<FieldErrors> for SubscriptionError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<CalendarError> for SubscriptionError {
    fn from(error: CalendarError) -> Self {
        match error {
            CalendarError::Invalid(errors) => Self::Invalid(errors),
            CalendarError::NotFound => Self::NotFound,
            CalendarError::Storage(error) => error.into(),
            other => Self::Calendar(other),
        }
    }
}

impl From<EventError> for SubscriptionError {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Storage(error) => error.into(),
            other => Self::Event(other),
        }
    }
}

impl From<SealError> for SubscriptionError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::NoKey => Self::Invalid(FieldErrors::one(
                "url",
                "has a user name and password, which this server has no key to keep with: its operator sets CONVENE_SECRET_KEY",
            )),
            SealError::Unopenable | SealError::Machine(_) => Self::Machine(error.to_string()),
        }
    }
}
