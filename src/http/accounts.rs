//! `/api/auth/` and `/api/users/`: accounts, sessions and API tokens.

use poem::web::cookie::CookieJar;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::accounts_wire::*;
use super::auth::{CanWrite, From, SignedIn};
use super::body::Body;
use super::openapi::Tag;
use super::paging::{self, Here, Listed, default_limit};
use super::problem::ApiError;
use super::wire::NoContent;
use super::{AppRef, etag, session};
use crate::accounts::{self, Password};
use crate::app::App;
use crate::bookings;
use crate::ids::{SessionId, TokenId};

/// The calls about accounts.
pub struct AccountsApi;

#[OpenApi(tag = "Tag::Accounts")]
impl AccountsApi {
    /// Register
    ///
    /// Makes an account with its default calendar, and signs it in: the answer sets the session cookie.
    #[oai(path = "/auth/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        app: AppRef<'_>,
        jar: &CookieJar,
        from: From,
        body: Body<RegistrationIn>,
    ) -> Result<Registered, ApiError> {
        let (user, new) = accounts::register(&app, body.0.into(), &from.0).await?;
        session::set(&app, jar, &new.secret);
        Ok(Registered::Created(Json(RegisteredOut::of(&user))))
    }

    /// Log in
    ///
    /// Starts a session: the answer sets the session cookie, which lasts two weeks after its last use.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        app: AppRef<'_>,
        jar: &CookieJar,
        from: From,
        body: Body<LoginIn>,
    ) -> Result<Json<LoginOut>, ApiError> {
        let (user, new) = accounts::login(&app, body.0.into(), &from.0).await?;
        session::set(&app, jar, &new.secret);
        Ok(Json(LoginOut::of(&user)))
    }

    /// Log out
    ///
    /// Ends the session on the server, and has the browser forget its cookie.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logout")]
    async fn logout(&self, app: AppRef<'_>, jar: &CookieJar, actor: SignedIn) -> Result<Json<MessageOut>, ApiError> {
        accounts::logout(&app, &actor.0).await?;
        session::clear(&app, jar);
        Ok(Json(MessageOut { message: "Logout successful".to_owned() }))
    }

    /// Read the profile
    #[oai(path = "/auth/profile", method = "get", operation_id = "getProfile")]
    async fn profile(
        &self,
        actor: SignedIn,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ProfileAnswer, ApiError> {
        Ok(ProfileAnswer::unless_known(&actor.0.user, if_none_match.0.as_deref()))
    }

    /// Update the profile
    ///
    /// Any subset of the fields; what is left out stays.
    #[oai(path = "/auth/profile", method = "put", operation_id = "updateProfile")]
    async fn update_profile(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ProfileIn>,
    ) -> Result<ProfileAnswer, ApiError> {
        change_profile(&app, actor, if_match.0, body.0).await
    }

    /// Update some of the profile
    ///
    /// The same as PUT.
    #[oai(path = "/auth/profile", method = "patch", operation_id = "patchProfile")]
    async fn patch_profile(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The entity tag of the version to change.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ProfileIn>,
    ) -> Result<ProfileAnswer, ApiError> {
        change_profile(&app, actor, if_match.0, body.0).await
    }

    /// Delete the account
    ///
    /// The account and all that it owns are gone. The meetings that you organize are cancelled in everybody's calendar, the
    /// others declined.
    #[oai(path = "/auth/profile", method = "delete", operation_id = "deleteAccount")]
    async fn delete_account(
        &self,
        app: AppRef<'_>,
        jar: &CookieJar,
        actor: CanWrite,
        from: From,
        body: Body<PasswordProofIn>,
    ) -> Result<NoContent, ApiError> {
        bookings::delete_account(&app, &actor.0, Password::new(body.0.password), &from.0).await?;
        session::clear(&app, jar);
        Ok(NoContent::Done)
    }

    /// Change the password
    ///
    /// Every other session and token of the user ends.
    #[oai(path = "/auth/password", method = "post", operation_id = "changePassword")]
    async fn change_password(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        from: From,
        body: Body<PasswordChangeIn>,
    ) -> Result<NoContent, ApiError> {
        let (current, new) = (Password::new(body.0.current_password), Password::new(body.0.new_password));
        accounts::change_password(&app, &actor.0, current, new, &from.0).await?;
        Ok(NoContent::Done)
    }

    /// List sessions
    ///
    /// Where the user is signed in, the latest sign-in first.
    #[oai(path = "/auth/sessions", method = "get", operation_id = "listSessions")]
    async fn sessions(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// Most entries on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 400))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<SessionOut>, ApiError> {
        let found = accounts::list_sessions(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |session| session.id.0)?;
        Ok(Listed::Page(Json(page.iter().map(|session| SessionOut::of(session, &actor.0)).collect()), link))
    }

    /// End a session
    #[oai(path = "/auth/sessions/:id", method = "delete", operation_id = "deleteSession")]
    async fn end_session(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The session.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        accounts::end_session(&app, &actor.0, SessionId(id.0)).await?;
        Ok(NoContent::Done)
    }

    /// List API tokens
    ///
    /// Without their secrets, which are shown once, when they are made.
    #[oai(path = "/auth/tokens", method = "get", operation_id = "listTokens")]
    async fn tokens(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// Most entries on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 400))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<TokenOut>, ApiError> {
        let found = accounts::list_tokens(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |token| token.id.0)?;
        Ok(Listed::Page(Json(page.iter().map(TokenOut::of).collect()), link))
    }

    /// Make an API token
    ///
    /// For programs (`Authorization: Bearer …`) and calendar apps (as the password of HTTP Basic). The answer is the only
    /// one that shows the secret.
    #[oai(path = "/auth/tokens", method = "post", operation_id = "createToken")]
    async fn create_token(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        body: Body<TokenIn>,
    ) -> Result<TokenCreated, ApiError> {
        let new = accounts::create_token(&app, &actor.0, body.0.request()?).await?;
        Ok(TokenCreated::Created(Json(NewTokenOut::of(&new))))
    }

    /// End an API token
    #[oai(path = "/auth/tokens/:id", method = "delete", operation_id = "deleteToken")]
    async fn delete_token(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The token.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        accounts::delete_token(&app, &actor.0, TokenId(id.0)).await?;
        Ok(NoContent::Done)
    }

    /// Look up users
    ///
    /// Those whose name starts so, without regard to case, in the order of their names.
    #[oai(path = "/users", method = "get", operation_id = "findUsers")]
    async fn users(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// How the username starts; left out, all users.
        #[oai(validator(max_length = 150))]
        q: Query<Option<String>>,
        /// Most entries on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 400))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<PersonOut>, ApiError> {
        let prefix = q.0.unwrap_or_default();
        let after: String = paging::decode(cursor.0.as_deref())?.unwrap_or_default();
        let most = limit.0 as i64;
        let mut found = accounts::people_by_prefix(&app, &actor.0, (&prefix, &after), most + 1).await?;
        let more = found.len() > limit.0;
        found.truncate(limit.0);
        let next = found.last().filter(|_| more).map(|user| user.username.clone());
        Ok(Listed::Page(Json(found.iter().map(PersonOut::of).collect()), here.link_to_next(next)))
    }
}

async fn change_profile(
    app: &App,
    actor: CanWrite,
    if_match: Option<String>,
    body: ProfileIn,
) -> Result<ProfileAnswer, ApiError> {
    let expected = etag::expected(if_match.as_deref());
    let user = bookings::update_profile(app, &actor.0, body.change()?, &expected).await?;
    Ok(ProfileAnswer::of(&user))
}

/// The answer to a registration.
#[derive(ApiResponse)]
enum Registered {
    /// The account was made and is signed in.
    #[oai(status = 201)]
    Created(Json<RegisteredOut>),
}

/// The answer to the making of a token.
#[derive(ApiResponse)]
enum TokenCreated {
    /// The token was made.
    #[oai(status = 201)]
    Created(Json<NewTokenOut>),
}

/// A profile, or that the client has it.
#[derive(ApiResponse)]
enum ProfileAnswer {
    /// The profile.
    #[oai(status = 200)]
    Profile(Json<ProfileOut>, #[oai(header = "ETag")] String),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

impl ProfileAnswer {
    fn of(user: &crate::storage::accounts::User) -> Self {
        Self::Profile(Json(ProfileOut::of(user)), etag::of(user.version))
    }

    fn unless_known(user: &crate::storage::accounts::User, if_none_match: Option<&str>) -> Self {
        let tag = etag::of(user.version);
        if etag::is_known(if_none_match, &tag) { Self::NotModified(tag) } else { Self::of(user) }
    }
}
