use jiff::{SignedDuration, Timestamp};

use super::actor::{Actor, Via};
use super::names::username_key;
use super::passwords::{Password, Verdict};
use super::secret::Secret;
use super::{AccountError, tokens};
use crate::app::App;
use crate::ids::{SessionId, UserId};
use crate::storage::accounts::{self as stored, PasswordHash, User};
use crate::storage::sessions::{self, Session};
use crate::storage::{Conn, TokenHash};

/// A session lives this long after its last use.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A name with the password that is said to belong to it.
#[derive(Clone)]
pub struct Credentials {
    /// In any case.
    pub username: String,
    /// As it came in.
    pub password: Password,
}

/// Where a request comes from, for the owner's list of sessions and for the limit on failed logins.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub address: String,
    /// What the client calls itself.
    pub user_agent: String,
}

/// A session as its browser is to keep it.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Shown once.
    pub secret: Secret,
    /// When it ends, unless it is used.
    pub expires_at: Timestamp,
}

/// A session that proved who asks.
#[derive(Clone, Debug)]
pub struct SessionProof {
    /// Who asks.
    pub actor: Actor,
    /// Whether its life was prolonged just now, so that the browser should keep it longer.
    pub renewed: bool,
}

/// Signs somebody in.
///
/// # Errors
/// `WrongCredentials`, `TooManyAttempts`.
pub async fn login(app: &App, given: Credentials, origin: &Origin) -> Result<(User, NewSession), AccountError> {
    let user = prove(app, given, origin).await?;
    let mut conn = app.db.write().await?;
    let session = open_session(app, &mut conn, user.id, origin).await?;
    conn.commit().await?;
    Ok((user, session))
}

/// Ends the session by which the actor came, if by one.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn logout(app: &App, actor: &Actor) -> Result<(), AccountError> {
    let Via::Session(id) = actor.via else { return Ok(()) };
    let mut conn = app.db.write().await?;
    sessions::delete(&mut conn, actor.user.id, id).await?;
    Ok(conn.commit().await?)
}

/// Who stands behind the secret of a cookie; nobody, where it is unknown or has expired.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn authenticate_session(app: &App, secret: &Secret) -> Result<Option<SessionProof>, AccountError> {
    let mut conn = app.db.read_one().await?;
    let found = sessions::by_token_hash(&mut conn, TokenHash(secret.hash())).await?;
    app.db.done(conn);
    let now = app.clock.now();
    let Some(found) = found.filter(|session| session.expires_at > now) else { return Ok(None) };
    let renewed = now.duration_since(found.last_used_at) >= RENEWED_EVERY;
    if renewed {
        let mut conn = app.db.write().await?;
        sessions::renew(&mut conn, found.session_id, now, end_of_life(now)).await?;
        conn.commit().await?;
    }
    let actor = Actor { user: found.user, via: Via::Session(found.session_id) };
    Ok(Some(SessionProof { actor, renewed }))
}

/// Who a name and a password or API token belong to (HTTP Basic, as calendar apps send it).
///
/// # Errors
/// `WrongCredentials`, `TooManyAttempts`.
pub async fn authenticate_basic(app: &App, given: Credentials, origin: &Origin) -> Result<Actor, AccountError> {
    let secret = Secret::received(given.password.reveal());
    if tokens::looks_like_one(&secret) {
        let actor = tokens::authenticate_token(app, &secret).await?;
        let named = actor.filter(|actor| username_key(&actor.user.username) == username_key(&given.username));
        return named.ok_or(AccountError::WrongCredentials);
    }
    let user = prove(app, given, origin).await?;
    Ok(Actor { user, via: Via::Password })
}

/// Where a user is signed in, the latest first.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn list_sessions(app: &App, actor: &Actor) -> Result<Vec<Session>, AccountError> {
    let mut conn = app.db.read().await?;
    Ok(sessions::list(&mut conn, actor.user.id, app.clock.now()).await?)
}

/// Ends one of a user's sessions.
///
/// # Errors
/// `NoSuchSession`.
pub async fn end_session(app: &App, actor: &super::Writer, id: SessionId) -> Result<(), AccountError> {
    let mut conn = app.db.write().await?;
    if !sessions::delete(&mut conn, actor.user.id, id).await? {
        return Err(AccountError::NoSuchSession);
    }
    Ok(conn.commit().await?)
}

/// Ends all sessions and tokens of a user but the one by which they came.
pub(super) async fn end_all(conn: &mut Conn, user: UserId, keep: Option<Via>) -> Result<(), AccountError> {
    let (session, token) = match keep {
        Some(Via::Session(id)) => (Some(id), None),
        Some(Via::Token(id, _)) => (None, Some(id)),
        Some(Via::Password | Via::Operator) | None => (None, None),
    };
    sessions::delete_others(conn, user, session).await?;
    crate::storage::tokens::delete_others(conn, user, token).await?;
    Ok(())
}

/// Opens a session in the caller's transaction.
pub(super) async fn open_session(
    app: &App,
    conn: &mut Conn,
    user: UserId,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    let secret = Secret::random("")?;
    let now = app.clock.now();
    let expires_at = end_of_life(now);
    let new = sessions::NewSession {
        user_id: user,
        token_hash: TokenHash(secret.hash()),
        created_at: now,
        expires_at,
        user_agent: origin.user_agent.chars().filter(|c| !c.is_control()).take(300).collect(),
        address: origin.address.clone(),
    };
    sessions::insert(conn, &new).await?;
    Ok(NewSession { secret, expires_at })
}

/// Whether this is the password of that user; hashes it anew where its hash has become weak.
pub(super) async fn prove(app: &App, given: Credentials, origin: &Origin) -> Result<User, AccountError> {
    let key = username_key(&given.username);
    let now = app.clock.now();
    app.login_attempts.check(&key, &origin.address, now)?;
    let (user, stored_hash) = user_with_hash(app, &key).await?;
    let phc = stored_hash.as_ref().map(|hash| hash.0.as_str());
    let turn = app.passwords.turn().await?;
    // Of those who waited together, the first ones may have failed by now.
    app.login_attempts.check(&key, &origin.address, now)?;
    let verdict = turn.verify(given.password.clone(), phc).await?;
    match (verdict, user) {
        (Verdict::Right, Some(user)) => Ok(user),
        (Verdict::RightButWeak, Some(user)) => {
            drop(turn);
            rehash(app, user.id, given.password).await?;
            Ok(user)
        }
        _ => {
            app.login_attempts.failed(&key, &origin.address, now);
            Err(AccountError::WrongCredentials)
        }
    }
}

/// A use within this time of the last renewal prolongs nothing: a write per request would be waste.
const RENEWED_EVERY: SignedDuration = SignedDuration::from_hours(1);

fn end_of_life(now: Timestamp) -> Timestamp {
    now.checked_add(SESSION_LIFE).unwrap_or(Timestamp::MAX)
}

async fn user_with_hash(app: &App, key: &str) -> Result<(Option<User>, Option<PasswordHash>), AccountError> {
    let mut conn = app.db.read().await?;
    let Some(user) = stored::by_username_key(&mut conn, key).await? else { return Ok((None, None)) };
    let hash = stored::password_hash(&mut conn, user.id).await?;
    Ok((Some(user), hash))
}

async fn rehash(app: &App, user: UserId, password: Password) -> Result<(), AccountError> {
    let hash = PasswordHash(app.passwords.hash(password).await?);
    let mut conn = app.db.write().await?;
    stored::set_password_hash(&mut conn, user, &hash).await?;
    Ok(conn.commit().await?)
}
