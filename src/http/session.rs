//! The session cookie: how it is set and cleared, and that only our own pages may change things with it.

use std::time::Duration;

use poem::Request;
use poem::http::{Method, header};
use poem::web::cookie::{Cookie, CookieJar, SameSite};

use super::problem::ApiError;
use crate::accounts::{SESSION_LIFE, Secret};
use crate::app::App;

/// The name of the cookie.
pub const COOKIE: &str = "sessionid";

/// The secret that came in the cookie, if any.
pub fn secret_in(request: &Request) -> Option<Secret> {
    let cookie = request.cookie().get(COOKIE)?;
    Some(Secret::received(cookie.value_str())).filter(|secret| !secret.reveal().is_empty())
}

/// Has the browser keep the secret of a new session.
pub fn set(app: &App, jar: &CookieJar, secret: &Secret) {
    let life = Duration::try_from(SESSION_LIFE).unwrap_or_default();
    jar.add(cookie(app, secret.reveal(), life));
}

/// Has the browser keep the secret of the session that it used for as long again.
pub fn keep(app: &App, request: &Request, secret: &Secret) {
    set(app, request.cookie(), secret);
}

/// Has the browser forget the session.
pub fn clear(app: &App, jar: &CookieJar) {
    jar.add(cookie(app, "", Duration::ZERO));
}

/// Refuses a request that changes something with a cookie and says itself that another site made it.
///
/// # Errors
/// 403.
pub fn check_same_origin(app: &App, request: &Request) -> Result<(), ApiError> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if safe || is_same_origin(app, request) {
        return Ok(());
    }
    Err(ApiError::forbidden("A page of another site may not change anything with this session."))
}

fn is_same_origin(app: &App, request: &Request) -> bool {
    if let Some(site) = request.header("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = request.header(header::ORIGIN) else { return true };
    let host = request.header(header::HOST).unwrap_or_default();
    let own_host = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
    own_host || app.public_url == origin || app.public_url.starts_with(&format!("{origin}/"))
}

fn cookie(app: &App, value: &str, life: Duration) -> Cookie {
    let mut cookie = Cookie::new_with_str(COOKIE, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(app.public_url.starts_with("https://"));
    cookie.set_max_age(life);
    cookie
}
