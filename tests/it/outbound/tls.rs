//! https, and webcal, which does not say whether it is https.

use std::path::Path;
use std::sync::Arc;

use convene::outbound::{FetchError, FetchPolicy, Fetched, Outbound, Refusal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{CALENDAR, Scripted, body, get, policy};
use crate::elsewhere::{Answer, Elsewhere};
use crate::program::project;

const BASIC: Option<&str> = Some("Basic YW5uOnBhNTU=");

fn read(name: &str) -> Vec<u8> {
    std::fs::read(project("tests/data/tls").join(Path::new(name))).unwrap()
}

/// A server that is `calendar.test` by its certificate.
async fn secure() -> Elsewhere {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivateKeyDer::try_from(read("server.key.der")).unwrap();
    let config = config.with_single_cert(vec![read("server.der").into()], key).unwrap();
    Elsewhere::start_with_tls(TlsAcceptor::from(Arc::new(config))).await
}

/// Trusts the authority of that certificate.
fn trusting() -> Outbound {
    trusting_with(FetchPolicy { authorities: vec![read("authority.der").into()], ..policy() })
}

fn trusting_with(policy: FetchPolicy) -> Outbound {
    let here: &[&[&str]] = &[&["127.0.0.1"]];
    let names = Scripted::new(&[("calendar.test", here), ("other.test", here)]);
    Outbound::with_names(policy, names).unwrap()
}

fn url(scheme: &str, host: &str, server: &Elsewhere, path: &str) -> String {
    format!("{scheme}://{host}:{}{path}", server.address.port())
}

#[tokio::test]
async fn a_certificate_is_for_its_name_and_of_a_known_authority() {
    let server = secure().await;
    server.publish("/c.ics", CALENDAR);
    let at = |host| url("https", host, &server, "/c.ics");
    assert_eq!(body(get(&trusting(), &at("calendar.test")).await), CALENDAR.as_bytes());
    assert_eq!(get(&trusting(), &at("other.test")).await, Err(FetchError::Untrusted));
    assert_eq!(get(&trusting(), &at("127.0.0.1")).await, Err(FetchError::Untrusted));
    assert_eq!(get(&trusting_with(policy()), &at("calendar.test")).await, Err(FetchError::Untrusted));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn https_to_what_speaks_no_tls() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", CALENDAR);
    assert_eq!(get(&trusting(), &url("https", "calendar.test", &server, "/c.ics")).await, Err(FetchError::NoTls));
}

#[tokio::test]
async fn webcal_is_https_where_that_is_spoken_and_http_elsewhere() {
    let (secure, plain) = (secure().await, Elsewhere::start().await);
    secure.publish("/c.ics", CALENDAR);
    plain.publish("/c.ics", CALENDAR);
    for server in [&secure, &plain] {
        let found = get(&trusting(), &url("webcal", "calendar.test", server, "/c.ics")).await;
        assert!(matches!(found, Ok(Fetched::Body { moved_to: None, .. })), "{found:?}");
        assert_eq!(server.asked().len(), 1);
    }
    // By its number, as a feed of our own says it.
    assert_eq!(body(get(&trusting(), &plain.webcal_url("/c.ics")).await), CALENDAR.as_bytes());
    // Who cannot show who he is does not become trusted by speaking in clear.
    assert_eq!(get(&trusting(), &url("webcal", "other.test", &secure, "/c.ics")).await, Err(FetchError::Untrusted));
}

#[tokio::test]
async fn webcal_goes_on_by_http_where_a_server_hangs_up_on_tls_and_not_where_it_says_no() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", CALENDAR);
    server.answer_noise(b"");
    assert_eq!(body(get(&trusting(), &server.webcal_url("/c.ics")).await), CALENDAR.as_bytes());
    // A fatal alert: handshake_failure (RFC 8446, 6).
    server.answer_noise(&[0x15, 3, 3, 0, 2, 2, 40]);
    assert_eq!(get(&trusting(), &server.webcal_url("/c.ics")).await, Err(FetchError::Handshake));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_password_is_not_sent_in_clear_unless_http_was_written() {
    let (secure, plain) = (secure().await, Elsewhere::start().await);
    secure.publish("/c.ics", CALENDAR);
    plain.publish("/c.ics", CALENDAR);
    let user = "ann:pa55@calendar.test";
    let unencrypted = Err(Refusal::Unencrypted.into());
    assert_eq!(get(&trusting(), &url("webcal", user, &plain, "/c.ics")).await, unencrypted);
    secure.answer("/down", Answer::redirect(302, &url("http", "calendar.test", &plain, "/c.ics")));
    assert_eq!(get(&trusting(), &url("https", user, &secure, "/down")).await, unencrypted);
    plain.answer_noise(b"");
    assert_eq!(get(&trusting(), &url("webcal", user, &plain, "/c.ics")).await, Err(FetchError::Unreachable));
    assert!(plain.asked().is_empty());
    for (scheme, server) in [("webcal", &secure), ("https", &secure), ("http", &plain)] {
        body(get(&trusting(), &url(scheme, user, server, "/c.ics")).await);
        assert_eq!(server.asked_since().last().unwrap().header("authorization"), BASIC);
    }
}

#[tokio::test]
async fn redirects_go_up_to_https_and_without_a_password_down_to_http() {
    let (secure, plain) = (secure().await, Elsewhere::start().await);
    secure.publish("/c.ics", CALENDAR);
    plain.publish("/c.ics", CALENDAR);
    plain.answer("/up", Answer::redirect(301, &url("https", "calendar.test", &secure, "/c.ics")));
    secure.answer("/down", Answer::redirect(301, &url("http", "calendar.test", &plain, "/c.ics")));
    for (scheme, server, path) in [("http", &plain, "/up"), ("https", &secure, "/down")] {
        body(get(&trusting(), &url(scheme, "calendar.test", server, path)).await);
    }
    // These are not the ports of http and https, so another port is another server.
    body(get(&trusting(), &url("http", "ann:pa55@calendar.test", &plain, "/up")).await);
    assert_eq!(secure.asked_since().last().unwrap().header("authorization"), None);
}
