use jiff::{SignedDuration, Timestamp};

use super::AccountError;
use super::actor::{Actor, Via, Writer};
use super::secret::Secret;
use crate::app::App;
use crate::fields::FieldErrors;
use crate::ids::TokenId;
use crate::storage::TokenHash;
use crate::storage::tokens::{self as stored, ApiToken, Scope};

/// An API token to be.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// What its owner calls it: 1 to 100 characters.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A token with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The token.
    pub token: ApiToken,
    /// What to send as `Authorization: Bearer …`.
    pub secret: Secret,
}

/// Makes a token.
///
/// # Errors
/// `Invalid`, `TooManyTokens`.
pub async fn create_token(app: &App, actor: &Writer, request: TokenRequest) -> Result<NewToken, AccountError> {
    let now = app.clock.now();
    let mut errors = FieldErrors::new();
    if request.name.trim().is_empty() || request.name.chars().count() > 100 {
        errors.add("name", "must have 1 to 100 characters");
    }
    if request.expires_at.is_some_and(|end| end <= now) {
        errors.add("expires_at", "must be in the future");
    }
    errors.into_result()?;
    let secret = Secret::random(PREFIX)?;
    let new = stored::NewToken {
        user_id: actor.user.id,
        name: request.name.clone(),
        scope: request.scope,
        token_hash: TokenHash(secret.hash()),
        created_at: now,
        expires_at: request.expires_at,
    };
    let mut conn = app.db.write().await?;
    crate::storage::accounts::lock(&mut conn, actor.user.id).await?;
    let most = app.limits.tokens_per_user;
    if usize::try_from(stored::count_live(&mut conn, actor.user.id, now).await?).unwrap_or(usize::MAX) >= most {
        return Err(AccountError::TooManyTokens(most));
    }
    let id = stored::insert(&mut conn, &new).await?;
    conn.commit().await?;
    let token = ApiToken {
        id,
        user_id: new.user_id,
        name: new.name,
        scope: new.scope,
        created_at: now,
        last_used_at: None,
        expires_at: new.expires_at,
    };
    Ok(NewToken { token, secret })
}

/// A user's tokens, in the order in which they were made.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn list_tokens(app: &App, actor: &Actor) -> Result<Vec<ApiToken>, AccountError> {
    let mut conn = app.db.read().await?;
    Ok(stored::list(&mut conn, actor.user.id).await?)
}

/// Ends a token.
///
/// # Errors
/// `NoSuchToken`.
pub async fn delete_token(app: &App, actor: &Writer, id: TokenId) -> Result<(), AccountError> {
    let mut conn = app.db.write().await?;
    if !stored::delete(&mut conn, actor.user.id, id).await? {
        return Err(AccountError::NoSuchToken);
    }
    Ok(conn.commit().await?)
}

/// Who stands behind a token; nobody, where it is unknown or has expired.
///
/// # Errors
/// [`AccountError::Storage`].
pub async fn authenticate_token(app: &App, secret: &Secret) -> Result<Option<Actor>, AccountError> {
    let mut conn = app.db.read().await?;
    let found = stored::by_token_hash(&mut conn, TokenHash(secret.hash())).await?;
    drop(conn);
    let now = app.clock.now();
    let Some(found) = found.filter(|token| token.expires_at.is_none_or(|end| end > now)) else { return Ok(None) };
    let noted = found.last_used_at.is_some_and(|used| now.duration_since(used) < NOTED_EVERY);
    if !noted {
        let mut conn = app.db.write().await?;
        stored::touch(&mut conn, found.token_id, now).await?;
        conn.commit().await?;
    }
    Ok(Some(Actor { user: found.user, via: Via::Token(found.token_id, found.scope) }))
}

/// Whether it has the shape of a token, and so is no password.
pub(super) fn looks_like_one(secret: &Secret) -> bool {
    let text = secret.reveal();
    text.len() == PREFIX.len() + 43 && text.starts_with(PREFIX)
}

/// Makes a leaked token recognisable to those who scan for them.
const PREFIX: &str = "cvn_";
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
