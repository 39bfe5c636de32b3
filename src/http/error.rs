//! The words of the use cases as HTTP statuses: one exhaustive match for each of their errors.

use super::problem::ApiError;
use super::scheduling_wire::PeriodOut;
use crate::accounts::AccountError;
use crate::bookings::{BookingError, LeavingError};
use crate::calendars::CalendarError;
use crate::events::EventError;
use crate::imports::ImportError;
use crate::publishing::FeedError;
use crate::scheduling::SchedulingError;
use crate::storage::StorageError;
use crate::subscriptions::SubscriptionError;

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        let said = error.to_string();
        match error {
            AccountError::Invalid(errors) => Self::invalid(errors),
            AccountError::UsernameTaken => Self::conflict(Some("username"), sentence(&said)),
            AccountError::EmailTaken => Self::conflict(Some("email"), sentence(&said)),
            AccountError::WrongCredentials => Self::unauthorized(&sentence(&said)),
            AccountError::WrongPassword => Self::forbidden(sentence(&said)),
            AccountError::TooManyAttempts(wait) => Self::too_many_requests(&sentence(&said), wait.seconds),
            AccountError::NoSuchSession => Self::not_found("session"),
            AccountError::NoSuchToken => Self::not_found("token"),
            AccountError::NoSuchUser => Self::not_found("user"),
            AccountError::TooManyTokens(_) => Self::conflict(None, sentence(&said)),
            AccountError::ReadOnlyToken => Self::forbidden(sentence(&said)),
            AccountError::Changed => Self::precondition_failed(),
            AccountError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            AccountError::Storage(error) => error.into(),
        }
    }
}

impl From<CalendarError> for ApiError {
    fn from(error: CalendarError) -> Self {
        let said = error.to_string();
        match error {
            CalendarError::Invalid(errors) => Self::invalid(errors),
            CalendarError::NotFound => Self::not_found("calendar"),
            CalendarError::IsDefault | CalendarError::TooMany(_) => Self::conflict(None, sentence(&said)),
            CalendarError::Changed => Self::precondition_failed(),
            CalendarError::Storage(error) => error.into(),
        }
    }
}

impl From<EventError> for ApiError {
    fn from(error: EventError) -> Self {
        let said = error.to_string();
        match error {
            EventError::Invalid(errors) => Self::invalid(errors),
            EventError::NotFound => Self::not_found("event"),
            EventError::NoSuchCalendar => Self::not_found("calendar"),
            EventError::NoSuchOccurrence => Self::not_found("occurrence"),
            EventError::UidTaken => Self::conflict(Some("uid"), sentence(&said)),
            EventError::ReadOnlyCalendar | EventError::NotOrganizer => Self::forbidden(sentence(&said)),
            EventError::TooMany(_) | EventError::NoRoomFor(_) | EventError::NotInvited => {
                Self::conflict(None, sentence(&said))
            }
            EventError::Changed => Self::precondition_failed(),
            EventError::NoTurn(_) => Self::unavailable(&sentence(&said)),
            EventError::TooManyOccurrences(reason) => Self::invalid_field("end", reason),
            EventError::Damaged(reason) | EventError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            EventError::Storage(error) => error.into(),
        }
    }
}

impl From<FeedError> for ApiError {
    fn from(error: FeedError) -> Self {
        let said = error.to_string();
        match error {
            FeedError::Invalid(errors) => Self::invalid(errors),
            FeedError::NotFound => Self::not_found("feed"),
            FeedError::TooMany(_) => Self::conflict(None, sentence(&said)),
            FeedError::Damaged(reason) | FeedError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            FeedError::Storage(error) => error.into(),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotFound => Self::not_found("import"),
            ImportError::Damaged(reason) | ImportError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            ImportError::Storage(error) => error.into(),
        }
    }
}

impl From<SubscriptionError> for ApiError {
    fn from(error: SubscriptionError) -> Self {
        let said = error.to_string();
        match error {
            SubscriptionError::Invalid(errors) => Self::invalid(errors),
            SubscriptionError::NotFound => Self::not_found("subscription"),
            SubscriptionError::Duplicate => Self::conflict(Some("url"), sentence(&said)),
            SubscriptionError::TooMany(_) => Self::conflict(None, sentence(&said)),
            SubscriptionError::TooOften(seconds) => Self::too_many_requests(&sentence(&said), seconds),
            SubscriptionError::Calendar(error) => error.into(),
            SubscriptionError::Event(error) => error.into(),
            SubscriptionError::Lost => Self::unavailable("Another server is at work on this; try again."),
            SubscriptionError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            SubscriptionError::Storage(error) => error.into(),
        }
    }
}

impl From<SchedulingError> for ApiError {
    fn from(error: SchedulingError) -> Self {
        let said = error.to_string();
        match error {
            SchedulingError::Invalid(errors) => Self::invalid(errors),
            SchedulingError::NotSignedIn(_) => Self::unauthorized(&sentence(&said)),
            SchedulingError::Private(_) => Self::forbidden(sentence(&said)),
            SchedulingError::Machine(reason) => {
                tracing::error!(%reason, "a use case failed: {reason}");
                Self::internal()
            }
            // Whatever it is: an unread calendar is not a free one, and the question stands.
            SchedulingError::Storage(error) => {
                tracing::error!(%error, "the calendars could not be read: {error}");
                Self::unavailable("The calendars cannot be read at the moment; try again.")
            }
        }
    }
}

impl From<BookingError> for ApiError {
    fn from(error: BookingError) -> Self {
        let said = error.to_string();
        match error {
            BookingError::Invalid(errors) => Self::invalid(errors),
            BookingError::NotFree { busy, next } => {
                let busy = busy.into_iter().map(|id| id.0).collect();
                Self::not_free(sentence(&said), busy, next.into_iter().map(PeriodOut::utc).collect())
            }
            BookingError::NoSuchHold => Self::not_found("hold; its time may be over"),
            BookingError::TooManyHolds(_) => Self::conflict(None, sentence(&said)),
            BookingError::KeyReused => Self::invalid_field("Idempotency-Key", said),
            BookingError::Scheduling(error) => error.into(),
            BookingError::Event(error) => error.into(),
            BookingError::Storage(error) => error.into(),
        }
    }
}

impl From<LeavingError> for ApiError {
    fn from(error: LeavingError) -> Self {
        match error {
            LeavingError::Account(error) => error.into(),
            LeavingError::Calendar(error) => error.into(),
            LeavingError::Event(error) => error.into(),
            LeavingError::Storage(error) => error.into(),
        }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "the database failed: {error}");
        match error {
            StorageError::Unavailable(_) | StorageError::Conflict(_) => {
                Self::unavailable("The database is not available at the moment; try again.")
            }
            StorageError::Unstorable(_) => Self::invalid_field("body", "has a character that cannot be stored"),
            StorageError::Unique(_) => Self::conflict(None, "Something with this name is there already."),
            StorageError::Orphan => Self::not_found("owner any more"),
            StorageError::Corrupt(_) | StorageError::Statement(_) => Self::internal(),
        }
    }
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}
