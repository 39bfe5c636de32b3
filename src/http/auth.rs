//! Who asks: the extractors that authenticate a request by cookie, bearer token or HTTP Basic, tried in this order.
//!
//! What the actor may do is not decided here.

use poem::http::{HeaderMap, header};
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::problem::ApiError;
use super::{app_of, session};
use crate::accounts::{self, Actor, Credentials, Origin, Password, Secret, Writer};
use crate::app::App;

/// Somebody who is signed in.
pub struct SignedIn(pub Actor);

/// Somebody who is signed in and may change things.
pub struct CanWrite(pub Writer);

/// Somebody who is signed in, or nobody.
pub struct MaybeSignedIn(pub Option<Actor>);

/// Where the request comes from.
pub struct From(pub Origin);

macro_rules! security_extractor {
    ($name:ident, optional: $optional:literal, $request:ident => $make:expr) => {
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_schemes(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![COOKIE, BEARER, BASIC]
            }

            fn has_security_fallback() -> bool {
                $optional
            }

            async fn from_request(
                $request: &'a Request,
                _body: &mut RequestBody,
                _options: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                Ok(Self($make))
            }
        }
    };
}

security_extractor!(SignedIn, optional: false, request => required(request).await?);
security_extractor!(CanWrite, optional: false, request => required(request).await?.into_writer().map_err(ApiError::from)?);
security_extractor!(MaybeSignedIn, optional: true, request => authenticate(request).await?);

impl<'a> FromRequest<'a> for From {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(origin(app_of(request)?, request)))
    }
}

const COOKIE: &str = "session";
const BEARER: &str = "bearer";
const BASIC: &str = "basic";

async fn required(request: &Request) -> Result<Actor, ApiError> {
    authenticate(request)
        .await?
        .ok_or_else(|| ApiError::unauthorized("Sign in first: no valid session or token came with this request."))
}

async fn authenticate(request: &Request) -> Result<Option<Actor>, ApiError> {
    let app = app_of(request)?;
    if let Some(secret) = session::secret_in(request)
        && let Some(proof) = accounts::authenticate_session(app, &secret).await?
    {
        session::check_same_origin(app, request)?;
        if proof.renewed {
            session::keep(app, request, &secret);
        }
        return Ok(Some(proof.actor));
    }
    match authorization(request.headers())? {
        Some(Authorization::Bearer(secret)) => match accounts::authenticate_token(app, &secret).await? {
            Some(actor) => Ok(Some(actor)),
            None => Err(ApiError::unauthorized("This token is unknown, ended or expired.")),
        },
        Some(Authorization::Basic(given)) => {
            Ok(Some(accounts::authenticate_basic(app, given, &origin(app, request)).await?))
        }
        None => Ok(None),
    }
}

enum Authorization {
    Bearer(Secret),
    Basic(Credentials),
}

/// The `Authorization` header; nothing where there is none or it is of another scheme.
fn authorization(headers: &HeaderMap) -> Result<Option<Authorization>, ApiError> {
    let malformed = || ApiError::unauthorized("The Authorization header is malformed.");
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, rest) = value.to_str().map_err(|_| malformed())?.split_once(' ').ok_or_else(malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(Authorization::Bearer(Secret::received(rest.trim()))));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return basic(rest.trim()).map(|given| Some(Authorization::Basic(given))).ok_or_else(malformed);
    }
    Ok(None)
}

/// RFC 7617 section 2.
fn basic(encoded: &str) -> Option<Credentials> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = zeroize::Zeroizing::new(String::from_utf8(bytes).ok()?);
    let (username, password) = text.split_once(':')?;
    Some(Credentials { username: username.to_owned(), password: Password::new(password.to_owned()) })
}

fn origin(app: &App, request: &Request) -> Origin {
    let user_agent = request.header(header::USER_AGENT).unwrap_or_default().to_owned();
    Origin { address: address(app, request), user_agent }
}

/// The client's address: the connection's, or what the outermost trusted proxy saw.
fn address(app: &App, request: &Request) -> String {
    let own = || match request.remote_addr().as_socket_addr() {
        Some(address) => address.ip().to_string(),
        None => "local".to_owned(),
    };
    if app.trusted_proxies == 0 {
        return own();
    }
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let index = forwarded.len().checked_sub(app.trusted_proxies);
    match index.and_then(|index| forwarded.get(index)).and_then(|text| text.parse::<std::net::IpAddr>().ok()) {
        Some(address) => address.to_string(),
        None => own(),
    }
}

fn register_schemes(registry: &mut Registry) {
    registry.create_security_scheme(
        COOKIE,
        scheme("apiKey", "The cookie that login and register set.", |scheme| {
            scheme.key_in = Some("cookie");
            scheme.name = Some(session::COOKIE);
        }),
    );
    registry.create_security_scheme(
        BEARER,
        scheme("http", "An API token.", |scheme| {
            scheme.scheme = Some("bearer");
        }),
    );
    registry.create_security_scheme(
        BASIC,
        scheme("http", "Username, and an API token or the password.", |scheme| {
            scheme.scheme = Some("basic");
        }),
    );
}

fn scheme(
    ty: &'static str,
    description: &'static str,
    fill: impl FnOnce(&mut MetaSecurityScheme),
) -> MetaSecurityScheme {
    let mut scheme = MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    fill(&mut scheme);
    scheme
}
