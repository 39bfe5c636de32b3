use crate::fields::FieldErrors;
use crate::ical::{NotAnObject, PropertyError, SeriesError};
use crate::ids::UserId;
use crate::recurrence::ExpandError;
use crate::storage::{Constraint, StorageError};

/// Why an event's use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Absent, or somebody else's.
    #[error("there is no such event")]
    NotFound,
    /// The calendar is absent, or somebody else's.
    #[error("there is no such calendar")]
    NoSuchCalendar,
    /// The event has no such occurrence.
    #[error("there is no such occurrence")]
    NoSuchOccurrence,
    /// The calendar has an event of this UID.
    #[error("the calendar has an event with this UID already")]
    UidTaken,
    /// The calendar is a subscription.
    #[error("this calendar is a subscription, which cannot be changed here")]
    ReadOnlyCalendar,
    /// The event is a copy of somebody else's meeting.
    #[error("only the organizer can change when this meeting takes place; answer the invitation instead")]
    NotOrganizer,
    /// The user is not among the attendees.
    #[error("the attendees of this event do not include you")]
    NotInvited,
    /// The user has as many events as allowed.
    #[error("at most {0} events are allowed; delete some first")]
    TooMany(usize),
    /// These users have as many events as allowed.
    #[error("there is no room for another event in the calendars of users {}", listed(.0))]
    NoRoomFor(Vec<UserId>),
    /// The event is not the version that the change was meant for.
    #[error("the event was changed meanwhile")]
    Changed,
    /// The window has more occurrences than may be listed.
    #[error("{0}")]
    TooManyOccurrences(String),
    /// What is stored cannot be read as the event that it was.
    #[error("the stored event is damaged: {0}")]
    Damaged(String),
    /// The machine has too much to do with others of this kind.
    #[error("too many {0} are under way at the moment; try again soon")]
    NoTurn(&'static str),
    /// The machine failed.
    #[error("{0}")]
    Machine(String),
    /// The database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl EventError {
    /// Bad input in one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, message))
    }
}

impl From<StorageError> for EventError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unique(Constraint::EventUid) => Self::UidTaken,
            StorageError::Orphan => Self::NoSuchCalendar,
            other => Self::Storage(other),
        }
    }
}

impl From<FieldErrors> for EventError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<NotAnObject> for EventError {
    fn from(error: NotAnObject) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<PropertyError> for EventError {
    fn from(error: PropertyError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<ExpandError> for EventError {
    fn from(error: ExpandError) -> Self {
        Self::TooManyOccurrences(error.to_string())
    }
}

impl From<SeriesError> for EventError {
    fn from(error: SeriesError) -> Self {
        match error {
            SeriesError::Property(error) => error.into(),
            SeriesError::Expand(error) => error.into(),
            error @ SeriesError::ExceptedByRule => Self::field("recurrence", error.to_string()),
            SeriesError::NoSeries | SeriesError::NothingBefore => Self::NoSuchOccurrence,
        }
    }
}

fn listed(ids: &[UserId]) -> String {
    ids.iter().map(UserId::to_string).collect::<Vec<_>>().join(", ")
}
