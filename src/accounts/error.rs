use super::attempts::TooManyAttempts;
use super::passwords::HashingFailed;
use super::secret::NoRandomness;
use crate::fields::FieldErrors;
use crate::storage::{Constraint, StorageError};

/// Why an account's use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The input is wrong.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The username belongs to somebody.
    #[error("this username is taken")]
    UsernameTaken,
    /// The e-mail address belongs to somebody.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// No such name, or not its password: the two look the same.
    #[error("the username or the password is wrong")]
    WrongCredentials,
    /// The present password, asked for as a proof, is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// Too many failed logins.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// There is no such session of this user.
    #[error("there is no such session")]
    NoSuchSession,
    /// There is no such token of this user.
    #[error("there is no such token")]
    NoSuchToken,
    /// There is no such user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has as many tokens as allowed.
    #[error("at most {0} API tokens are allowed; delete one first")]
    TooManyTokens(usize),
    /// The token may only read.
    #[error("this token may only read")]
    ReadOnlyToken,
    /// The profile is not the version that the change was meant for.
    #[error("the profile was changed meanwhile")]
    Changed,
    /// The machine failed.
    #[error("{0}")]
    Machine(String),
    /// The database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for AccountError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unique(Constraint::Username) => Self::UsernameTaken,
            StorageError::Unique(Constraint::Email) => Self::EmailTaken,
            other => Self::Storage(other),
        }
    }
}

impl From<HashingFailed> for AccountError {
    fn from(error: HashingFailed) -> Self {
        Self::Machine(error.to_string())
    }
}

impl From<NoRandomness> for AccountError {
    fn from(error: NoRandomness) -> Self {
        Self::Machine(error.to_string())
    }
}

impl From<FieldErrors> for AccountError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}
