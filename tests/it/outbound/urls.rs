//! Addresses of calendars elsewhere as people paste them, and what is not shown of them.

use convene::outbound::{Credentials, RemoteUrl, UrlRefused};

/// What is typed, what is shown, the host, and the user name and password.
#[track_caller]
fn check(typed: &str, shown: &str, host: &str, credentials: Option<(&str, &str)>) {
    let url = RemoteUrl::parse(typed).unwrap();
    assert_eq!((url.shown(), url.host()), (shown, host));
    let credentials = credentials.map(|(user, password)| Credentials { user: user.into(), password: password.into() });
    assert_eq!(url.credentials(), credentials.as_ref());
    let again = RemoteUrl::with_credentials(url.shown(), url.credentials().cloned()).unwrap();
    assert_eq!(again, url, "as stored");
}

#[track_caller]
fn refused(typed: &str, why: UrlRefused) {
    assert_eq!(RemoteUrl::parse(typed), Err(why), "{typed}");
}

#[test]
fn http_https_and_webcal_in_any_case() {
    check("https://a.example/c.ics", "https://a.example/c.ics", "a.example", None);
    check(" HTTP://A.Example/C.ics?x=1 ", "http://a.example/C.ics?x=1", "a.example", None);
    check("https://a.example:8443/", "https://a.example:8443/", "a.example", None);
    check("https://a.example:443/", "https://a.example/", "a.example", None);
    check("https://a.example", "https://a.example/", "a.example", None);
    check("WebCal://a.example/c.ics", "webcal://a.example/c.ics", "a.example", None);
    check("webcals://a.example/c.ics", "webcal://a.example/c.ics", "a.example", None);
    check("webcal://a.example:8000/c.ics", "webcal://a.example:8000/c.ics", "a.example", None);
    check("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b", "xn--bcher-kva.example", None);
    check("https://[2606:4700::1111]/", "https://[2606:4700::1111]/", "[2606:4700::1111]", None);
}

#[test]
fn a_fragment_goes() {
    check("https://a.example/c.ics#today", "https://a.example/c.ics", "a.example", None);
}

#[test]
fn user_name_and_password_are_taken_out() {
    check("https://ann:pa55@a.example/c", "https://a.example/c", "a.example", Some(("ann", "pa55")));
    check("webcal://ann:pa55@a.example/c", "webcal://a.example/c", "a.example", Some(("ann", "pa55")));
    check("https://ann@a.example/c", "https://a.example/c", "a.example", Some(("ann", "")));
    check("https://:key@a.example/c", "https://a.example/c", "a.example", Some(("", "key")));
    check("https://ann%40b:p%3A%2Fß%zz@a.example/", "https://a.example/", "a.example", Some(("ann@b", "p:/ß%zz")));
}

#[test]
fn what_is_stored_apart_comes_together_again() {
    let apart = Credentials { user: "ann".into(), password: "pa:55".into() };
    let url = RemoteUrl::with_credentials("https://a.example/c", Some(apart.clone())).unwrap();
    assert_eq!((url.shown(), url.credentials()), ("https://a.example/c", Some(&apart)));
    let colon = Credentials { user: "a:b".into(), password: String::new() };
    assert_eq!(RemoteUrl::with_credentials("https://a.example/", Some(colon)), Err(UrlRefused::Credentials));
}

#[test]
fn other_texts_are_refused() {
    for scheme in [
        "",
        "a.example/c.ics",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a/",
        "javascript:alert(1)",
        "data:,x",
    ] {
        refused(scheme, UrlRefused::Scheme);
    }
    for malformed in [
        "https:",
        "https:a.example/c",
        "https:/a.example",
        "https://",
        "https:///c.ics",
        "https://?x",
        "https://a b.example/",
        "https://a.example:70000/",
        "https://a.example:0/",
        "https://[::1/",
        "https://1.2.3.4.5/",
        "https://a.example/c\r\nX-Header: 1",
        "https://a.example/\u{0}",
    ] {
        refused(malformed, UrlRefused::Malformed);
    }
    refused("https://a%3Ab:c@a.example/", UrlRefused::Credentials);
    refused("https://a:%ff@a.example/", UrlRefused::Credentials);
    refused("https://a:%0d%0a@a.example/", UrlRefused::Credentials);
    refused(&format!("https://a.example/{}", "x".repeat(RemoteUrl::LONGEST)), UrlRefused::TooLong);
    refused(&format!("https://a.example/{}", "ä".repeat(RemoteUrl::LONGEST / 5)), UrlRefused::TooLong);
}

#[test]
fn a_log_shows_the_host_and_nothing_else() {
    for typed in ["https://ann:pa55word@a.example:8443/secret?token=secret", "webcal://ann:pa55word@a.example/secret"] {
        let url = RemoteUrl::parse(typed).unwrap();
        let said = format!("{url:?} {:?} {}", url.credentials(), url.host());
        assert!(said.contains("a.example"), "{said}");
        assert!(!["secret", "pa55word", "ann"].iter().any(|word| said.contains(word)), "{said}");
    }
}
