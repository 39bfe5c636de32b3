use super::AccountError;
use super::actor::{Actor, Via, Writer};
use super::names::{self, Email, Username};
use super::passwords::Password;
use super::sessions::{NewSession, Origin, open_session};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::storage::Conn;
use crate::storage::accounts::{self as stored, PasswordHash, Profile, User, Visibility};
use crate::storage::calendars::{self, CalendarKind, CalendarTraits, NewCalendar};
use crate::time::{Days, Time, Zone};

/// What somebody registers with, as it came in.
#[derive(Clone)]
pub struct Registration {
    /// 3 to 150 letters, digits and `@ . + - _`.
    pub username: String,
    /// 8 to 1024 bytes.
    pub password: Password,
    /// An e-mail address.
    pub email: String,
    /// An IANA zone name.
    pub timezone: String,
}

/// Makes an account with its default calendar, and signs it in.
///
/// # Errors
/// `Invalid`, `UsernameTaken`, `EmailTaken`.
pub async fn register(app: &App, new: Registration, origin: &Origin) -> Result<(User, NewSession), AccountError> {
    let (profile, hash) = checked(app, new).await?;
    let mut conn = app.db.write().await?;
    let user = insert(app, &mut conn, &profile, &hash).await?;
    let session = open_session(app, &mut conn, user.id, origin).await?;
    conn.commit().await?;
    tracing::info!(user = %user.id, "user {} registered", user.id);
    Ok((user, session))
}

/// Makes an account with its default calendar: the operator's way.
///
/// # Errors
/// `Invalid`, `UsernameTaken`, `EmailTaken`.
pub async fn add_user(app: &App, new: Registration) -> Result<User, AccountError> {
    let (profile, hash) = checked(app, new).await?;
    let mut conn = app.db.write().await?;
    let user = insert(app, &mut conn, &profile, &hash).await?;
    conn.commit().await?;
    Ok(user)
}

/// Gives a user a new password and ends all sessions and tokens: the operator's way.
///
/// # Errors
/// `Invalid`, `NoSuchUser`.
pub async fn set_password(app: &App, username: &str, password: Password) -> Result<(), AccountError> {
    password.check_for(username).map_err(|message| FieldErrors::one("password", message))?;
    let hash = PasswordHash(app.passwords.hash(password).await?);
    let mut conn = app.db.write().await?;
    let found = stored::by_username_key(&mut conn, &names::username_key(username)).await?;
    let user = found.ok_or(AccountError::NoSuchUser)?;
    stored::set_password_hash(&mut conn, user.id, &hash).await?;
    super::sessions::end_all(&mut conn, user.id, None).await?;
    Ok(conn.commit().await?)
}

/// The user of this name as one that may change things: the operator's way.
///
/// # Errors
/// `NoSuchUser`.
pub async fn acting_for(app: &App, username: &str) -> Result<Writer, AccountError> {
    let mut conn = app.db.read().await?;
    let found = stored::by_username_key(&mut conn, &names::username_key(username)).await?;
    let user = found.ok_or(AccountError::NoSuchUser)?;
    Actor { user, via: Via::Operator }.into_writer()
}

/// The working hours of a new account.
const WORK_START: Time = Time::constant(9, 0, 0, 0);
const WORK_END: Time = Time::constant(17, 0, 0, 0);

async fn checked(app: &App, new: Registration) -> Result<(Profile, PasswordHash), AccountError> {
    let mut errors = FieldErrors::new();
    let username = errors.take("username", names::username(&new.username));
    let email = errors.take("email", names::email(&new.email));
    let zone = errors.take("timezone", Zone::iana(&new.timezone));
    errors.take("password", new.password.check_for(&new.username));
    let (Some(username), Some(email), Some(zone)) = (username, email, zone) else {
        return Err(errors.into());
    };
    errors.into_result()?;
    let hash = PasswordHash(app.passwords.hash(new.password).await?);
    Ok((profile(username, email, zone), hash))
}

fn profile(username: Username, email: Email, timezone: Zone) -> Profile {
    Profile {
        username: username.text,
        username_key: username.key,
        email: email.text,
        email_key: email.key,
        timezone,
        work_start: WORK_START,
        work_end: WORK_END,
        work_days: Days::ALL,
        free_busy_visibility: Visibility::Users,
    }
}

async fn insert(app: &App, conn: &mut Conn, profile: &Profile, hash: &PasswordHash) -> Result<User, AccountError> {
    let now = app.clock.now();
    let id = stored::insert(conn, profile, hash, now).await?;
    let traits = CalendarTraits {
        name: "Calendar".to_owned(),
        color: "#3a87ad".to_owned(),
        description: String::new(),
        timezone: profile.timezone.clone(),
        counts_as_busy: true,
    };
    let calendar = NewCalendar { user_id: id, is_default: true, kind: CalendarKind::Local, traits, created_at: now };
    calendars::insert(conn, &calendar).await?;
    stored::by_id(conn, id).await?.ok_or(AccountError::NoSuchUser)
}
