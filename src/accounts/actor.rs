use std::ops::Deref;

use super::AccountError;
use crate::ids::{SessionId, TokenId};
use crate::storage::accounts::User;
use crate::storage::tokens::Scope;

/// Who asks, and by what proof.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user: User,
    /// The proof.
    pub via: Via,
}

/// By what proof somebody is who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A session, in a cookie.
    Session(SessionId),
    /// An API token.
    Token(TokenId, Scope),
    /// Username and password with the request itself.
    Password,
    /// None: the operator, on the machine itself, acts for the user.
    Operator,
}

/// An actor that may change things. A use case that changes something takes this, so that none can forget to ask.
#[derive(Clone, Debug)]
pub struct Writer(Actor);

impl Actor {
    /// The actor as one that may change things.
    ///
    /// # Errors
    /// [`AccountError::ReadOnlyToken`].
    pub fn into_writer(self) -> Result<Writer, AccountError> {
        match self.via {
            Via::Token(_, Scope::Read) => Err(AccountError::ReadOnlyToken),
            Via::Token(_, Scope::Write) | Via::Session(_) | Via::Password | Via::Operator => Ok(Writer(self)),
        }
    }
}

impl Deref for Writer {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}
