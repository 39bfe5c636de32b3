//! The shapes of accounts on the wire.

mod examples;

use poem_openapi::{Enum, Object};

use super::problem::ApiError;
use super::wire::{DayOut, instant_out, parse_instant, parse_time, time_out};
use crate::accounts::{Actor, Credentials, NewToken, Password, ProfileChange, Registration, TokenRequest, Via};
use crate::fields::FieldErrors;
use crate::storage::accounts::{User, Visibility};
use crate::storage::sessions::Session;
use crate::storage::tokens::{ApiToken, Scope};
use crate::time::Zone;

/// What somebody registers with.
#[derive(Object)]
#[oai(example)]
pub struct RegistrationIn {
    /// Letters, digits and `@ . + - _`; unique without regard to case.
    #[oai(validator(min_length = 3, max_length = 150))]
    pub username: String,
    /// 8 to 1024 bytes; not the username, and not among the commonest passwords.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub password: String,
    /// Unique without regard to case.
    #[oai(validator(min_length = 3, max_length = 254))]
    pub email: String,
    /// IANA name of the zone of the working hours, and of local times without an offset.
    #[oai(default = "utc", validator(min_length = 1, max_length = 100))]
    pub timezone: String,
}

/// A name and its password.
#[derive(Object)]
#[oai(example)]
pub struct LoginIn {
    /// In any case.
    #[oai(validator(min_length = 1, max_length = 150))]
    pub username: String,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub password: String,
}

/// What happened.
#[derive(Object)]
#[oai(example)]
pub struct MessageOut {
    /// In words.
    pub message: String,
}

/// The answer to a registration.
#[derive(Object)]
#[oai(example)]
pub struct RegisteredOut {
    /// `User registered successfully`.
    pub message: String,
    /// The account.
    pub user: NewUserOut,
}

/// A new account.
#[derive(Object)]
pub struct NewUserOut {
    /// The user's id, to be named in searches.
    pub id: i64,
    /// As registered.
    pub username: String,
    /// As registered.
    pub email: String,
    /// IANA name.
    pub timezone: String,
    /// Local time, `HH:MM:SS`.
    pub working_hours_start: String,
    /// Local time, `HH:MM:SS`.
    pub working_hours_end: String,
}

/// The answer to a login.
#[derive(Object)]
#[oai(example)]
pub struct LoginOut {
    /// `Login successful`.
    pub message: String,
    /// Who signed in.
    pub user: LoggedInOut,
}

/// Who signed in.
#[derive(Object)]
pub struct LoggedInOut {
    /// The user's id.
    pub id: i64,
    /// As registered.
    pub username: String,
    /// As registered.
    pub email: String,
    /// IANA name.
    pub timezone: String,
}

/// A profile.
#[derive(Object)]
#[oai(example)]
pub struct ProfileOut {
    /// The user's id.
    pub id: i64,
    /// As the user wrote it.
    pub username: String,
    /// As the user wrote it.
    pub email: String,
    /// IANA name of the zone of the working hours, and of local times without an offset.
    pub timezone: String,
    /// When work starts, by the wall clock of the zone, `HH:MM:SS`.
    pub working_hours_start: String,
    /// When work ends; at or before the start: on the next day.
    pub working_hours_end: String,
    /// The days on which work starts.
    pub working_days: Vec<DayOut>,
    /// Who may ask when this user is free.
    pub free_busy_visibility: VisibilityOut,
}

/// What to change of a profile; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
pub struct ProfileIn {
    /// Taken, and ignored: ids never change.
    pub id: Option<i64>,
    /// Letters, digits and `@ . + - _`; unique without regard to case.
    #[oai(validator(min_length = 3, max_length = 150))]
    pub username: Option<String>,
    /// Unique without regard to case.
    #[oai(validator(min_length = 3, max_length = 254))]
    pub email: Option<String>,
    /// IANA name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub timezone: Option<String>,
    /// `HH:MM` or `HH:MM:SS`, by the wall clock of the zone.
    #[oai(validator(min_length = 1, max_length = 8))]
    pub working_hours_start: Option<String>,
    /// `HH:MM` or `HH:MM:SS`; at or before the start: on the next day.
    #[oai(validator(min_length = 1, max_length = 8))]
    pub working_hours_end: Option<String>,
    /// The days on which work starts.
    #[oai(validator(max_items = 7))]
    pub working_days: Option<Vec<DayOut>>,
    /// Who may ask when this user is free.
    pub free_busy_visibility: Option<VisibilityOut>,
}

/// The password, as a proof.
#[derive(Object)]
#[oai(example)]
pub struct PasswordProofIn {
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub password: String,
}

/// A new password, with the present one as a proof.
#[derive(Object)]
#[oai(example)]
pub struct PasswordChangeIn {
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub current_password: String,
    /// 8 to 1024 bytes; not the username, and not among the commonest passwords.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub new_password: String,
}

/// Where the user is signed in.
#[derive(Object)]
#[oai(example)]
pub struct SessionOut {
    /// The session's id.
    pub id: i64,
    /// When the user signed in.
    pub created_at: String,
    /// When the session was last used, to the hour.
    pub last_used_at: String,
    /// When it ends, unless it is used.
    pub expires_at: String,
    /// What the browser called itself at sign-in.
    pub user_agent: String,
    /// The address from which the user signed in.
    pub address: String,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// An API token, without its secret.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct TokenOut {
    /// The token's id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scope: ScopeOut,
    /// When it was made.
    pub created_at: String,
    /// When it was last used, to the minute.
    pub last_used_at: Option<String>,
    /// When it ends, if ever.
    pub expires_at: Option<String>,
}

/// An API token, with its secret.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct NewTokenOut {
    /// The token's id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scope: ScopeOut,
    /// When it was made.
    pub created_at: String,
    /// When it ends, if ever.
    pub expires_at: Option<String>,
    /// The secret. It is not shown again.
    pub token: String,
}

/// An API token to be made.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct TokenIn {
    /// What to call it.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub name: String,
    /// What it allows.
    #[oai(default)]
    pub scope: ScopeOut,
    /// When it ends (RFC 3339); left out, never.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub expires_at: Option<String>,
}

/// A user, as others see one.
#[derive(Object)]
#[oai(example)]
pub struct PersonOut {
    /// The user's id, to be named in searches.
    pub id: i64,
    /// The name.
    pub username: String,
    /// IANA name.
    pub timezone: String,
}

/// Who may ask when a user is free.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "Visibility", rename_all = "lowercase")]
pub enum VisibilityOut {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    Users,
    /// Nobody else.
    Private,
}

/// What a token allows.
#[derive(Enum, Clone, Copy, Debug, Default)]
#[oai(rename = "TokenScope", rename_all = "lowercase")]
pub enum ScopeOut {
    /// To look.
    #[default]
    Read,
    /// To look and to change.
    Write,
}

impl From<RegistrationIn> for Registration {
    fn from(given: RegistrationIn) -> Self {
        Self {
            username: given.username,
            password: Password::new(given.password),
            email: given.email,
            timezone: given.timezone,
        }
    }
}

impl From<LoginIn> for Credentials {
    fn from(given: LoginIn) -> Self {
        Self { username: given.username, password: Password::new(given.password) }
    }
}

impl RegisteredOut {
    /// The answer to a registration.
    pub fn of(user: &User) -> Self {
        let user = NewUserOut {
            id: user.id.0,
            username: user.username.clone(),
            email: user.email.clone(),
            timezone: user.timezone.name().to_owned(),
            working_hours_start: time_out(user.work_start),
            working_hours_end: time_out(user.work_end),
        };
        Self { message: "User registered successfully".to_owned(), user }
    }
}

impl LoginOut {
    /// The answer to a login.
    pub fn of(user: &User) -> Self {
        let user = LoggedInOut {
            id: user.id.0,
            username: user.username.clone(),
            email: user.email.clone(),
            timezone: user.timezone.name().to_owned(),
        };
        Self { message: "Login successful".to_owned(), user }
    }
}

impl ProfileOut {
    /// A user's own profile.
    pub fn of(user: &User) -> Self {
        Self {
            id: user.id.0,
            username: user.username.clone(),
            email: user.email.clone(),
            timezone: user.timezone.name().to_owned(),
            working_hours_start: time_out(user.work_start),
            working_hours_end: time_out(user.work_end),
            working_days: user.work_days.iter().map(DayOut::of).collect(),
            free_busy_visibility: user.free_busy_visibility.into(),
        }
    }
}

impl ProfileIn {
    /// What it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn change(self) -> Result<ProfileChange, ApiError> {
        let mut errors = FieldErrors::new();
        let mut time = |field: &str, text: Option<String>| match text {
            Some(text) => errors.take(field, parse_time(&text)),
            None => None,
        };
        let work_start = time("working_hours_start", self.working_hours_start);
        let work_end = time("working_hours_end", self.working_hours_end);
        errors.into_result().map_err(ApiError::invalid)?;
        Ok(ProfileChange {
            username: self.username,
            email: self.email,
            timezone: self.timezone,
            work_start,
            work_end,
            work_days: self.working_days.map(|days| days.into_iter().map(DayOut::weekday).collect()),
            free_busy_visibility: self.free_busy_visibility.map(Into::into),
        })
    }
}

impl SessionOut {
    /// A session, as seen by `actor`.
    pub fn of(session: &Session, actor: &Actor) -> Self {
        Self {
            id: session.id.0,
            created_at: instant_out(session.created_at),
            last_used_at: instant_out(session.last_used_at),
            expires_at: instant_out(session.expires_at),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
            current: actor.via == Via::Session(session.id),
        }
    }
}

impl TokenOut {
    /// A token.
    pub fn of(token: &ApiToken) -> Self {
        Self {
            id: token.id.0,
            name: token.name.clone(),
            scope: token.scope.into(),
            created_at: instant_out(token.created_at),
            last_used_at: token.last_used_at.map(instant_out),
            expires_at: token.expires_at.map(instant_out),
        }
    }
}

impl NewTokenOut {
    /// A token with its secret.
    pub fn of(new: &NewToken) -> Self {
        Self {
            id: new.token.id.0,
            name: new.token.name.clone(),
            scope: new.token.scope.into(),
            created_at: instant_out(new.token.created_at),
            expires_at: new.token.expires_at.map(instant_out),
            token: new.secret.reveal().to_owned(),
        }
    }
}

impl TokenIn {
    /// What it asks for.
    ///
    /// # Errors
    /// 400.
    pub fn request(self) -> Result<TokenRequest, ApiError> {
        let expires_at = match self.expires_at {
            Some(text) => {
                let parsed = parse_instant(&text, &Zone::utc());
                Some(parsed.map_err(|error| ApiError::invalid_field("expires_at", error.to_string()))?)
            }
            None => None,
        };
        Ok(TokenRequest { name: self.name, scope: self.scope.into(), expires_at })
    }
}

impl PersonOut {
    /// A user, as others see one.
    pub fn of(user: &User) -> Self {
        Self { id: user.id.0, username: user.username.clone(), timezone: user.timezone.name().to_owned() }
    }
}

impl From<Visibility> for VisibilityOut {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => Self::Public,
            Visibility::Users => Self::Users,
            Visibility::Private => Self::Private,
        }
    }
}

impl From<VisibilityOut> for Visibility {
    fn from(visibility: VisibilityOut) -> Self {
        match visibility {
            VisibilityOut::Public => Self::Public,
            VisibilityOut::Users => Self::Users,
            VisibilityOut::Private => Self::Private,
        }
    }
}

impl From<Scope> for ScopeOut {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
        }
    }
}

impl From<ScopeOut> for Scope {
    fn from(scope: ScopeOut) -> Self {
        match scope {
            ScopeOut::Read => Self::Read,
            ScopeOut::Write => Self::Write,
        }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}
