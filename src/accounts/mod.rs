//! Accounts: who somebody is, how they prove it, and what they may change of themselves.
//!
//! It refuses to know HTTP: cookies, headers and status codes are the faces' business.

mod actor;
pub mod attempts;
mod error;
mod names;
pub mod passwords;
mod profile;
mod registration;
mod secret;
mod sessions;
mod tokens;

pub use actor::{Actor, Via, Writer};
pub use attempts::TooManyAttempts;
pub use error::AccountError;
pub use names::username_key;
pub use passwords::Password;
pub use profile::{
    ChangedProfile, ProfileChange, change_password, confirm, people_by_prefix, remove_account, update_profile,
};
pub use registration::{Registration, acting_for, add_user, register, set_password};
pub use secret::{NoRandomness, Secret};
pub use sessions::{
    Credentials, NewSession, Origin, SESSION_LIFE, SessionProof, authenticate_basic, authenticate_session, end_session,
    list_sessions, login, logout,
};
pub use tokens::{NewToken, TokenRequest, authenticate_token, create_token, delete_token, list_tokens};
