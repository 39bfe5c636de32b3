//! What is made of answers: copies, validators, redirects, packed bodies, and statuses that are no calendar.

use std::io::Write;

use convene::outbound::{FetchError, Fetched, Outbound, Refusal, RemoteUrl, Validators};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::{CALENDAR, body, get, get_from, get_known, policy};
use crate::elsewhere::{Answer, Elsewhere};

#[tokio::test]
async fn a_copy_is_asked_for_again_by_both_of_its_validators() {
    let server = Elsewhere::start().await;
    let outbound = Outbound::new(policy()).unwrap();
    let date = "Tue, 02 Dec 2025 08:00:00 GMT";
    server.answer_by("/c.ics", move |asked| {
        let is_known =
            asked.header("if-none-match") == Some("W/\"a\"") && asked.header("if-modified-since") == Some(date);
        match is_known {
            true => Answer::status(304).end(),
            false => Answer::calendar(CALENDAR, &[("ETag", "W/\"a\""), ("Last-Modified", date)]),
        }
    });
    let first = get(&outbound, &server.url("/c.ics")).await;
    let Ok(Fetched::Body { bytes, validators, moved_to }) = first else { panic!("{first:?}") };
    assert_eq!((&bytes[..], moved_to), (CALENDAR.as_bytes(), None));
    assert_eq!(validators.etag.as_deref(), Some("W/\"a\""));
    assert_eq!(validators.last_modified.as_deref(), Some(date));
    assert_eq!(
        get_known(&outbound, &server.url("/c.ics"), &validators).await,
        Ok(Fetched::NotModified { moved_to: None })
    );
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[0].header("if-none-match"), asked[0].header("if-modified-since")), (None, None));
}

#[tokio::test]
async fn it_says_who_asks_and_what_it_can_read() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", CALENDAR);
    body(get_from(&server, "/c.ics?key=1").await);
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/c.ics?key=1"));
    assert_eq!(asked.header("accept-encoding"), Some("gzip, deflate"));
    assert!(asked.header("accept").unwrap().contains("text/calendar"));
    assert!(asked.header("user-agent").unwrap().starts_with("Convene/"));
    assert_eq!(asked.header("host"), Some(server.address.to_string().as_str()));
    for absent in ["authorization", "cookie", "referer"] {
        assert_eq!(asked.header(absent), None);
    }
}

#[tokio::test]
async fn not_modified_without_having_asked_is_no_answer() {
    let server = Elsewhere::start().await;
    server.answer("/c.ics", Answer::status(304).end());
    assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::Status { code: 304, retry_after: None }));
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let server = Elsewhere::start().await;
    let text = CALENDAR.repeat(50);
    let (mut gzip, mut zlib, mut deflate) = (
        GzEncoder::new(Vec::new(), Compression::default()),
        ZlibEncoder::new(Vec::new(), Compression::default()),
        DeflateEncoder::new(Vec::new(), Compression::default()),
    );
    gzip.write_all(text.as_bytes()).unwrap();
    zlib.write_all(text.as_bytes()).unwrap();
    deflate.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let twice = [&gzip[..], &gzip[..]].concat();
    for (coding, packed, times) in [
        ("gzip", gzip.clone(), 1),
        ("x-gzip", gzip.clone(), 1),
        ("GZIP", twice, 2),
        ("deflate", zlib.finish().unwrap(), 1),
        ("deflate", deflate.finish().unwrap(), 1),
        ("identity", text.clone().into_bytes(), 1),
        ("identity, gzip", gzip, 1),
    ] {
        server.answer("/c.ics", Answer::status(200).with("Content-Encoding", coding).body(packed));
        assert_eq!(body(get_from(&server, "/c.ics").await), text.repeat(times).as_bytes(), "{coding}");
    }
    server.answer("/c.ics", Answer::status(200).with("Content-Encoding", "gzip").body(""));
    assert_eq!(body(get_from(&server, "/c.ics").await), b"");
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_its_last_chunk_or_the_connection() {
    let server = Elsewhere::start().await;
    server.answer("/closed", Answer::status(200).end().then(CALENDAR));
    assert_eq!(body(get_from(&server, "/closed").await), CALENDAR.as_bytes());
    let chunked = Answer::status(200).with("Transfer-Encoding", "chunked").end();
    server.answer("/chunked", chunked.then("5\r\nBEGIN\r\n4;x=y\r\n:END\r\n0\r\n\r\n"));
    assert_eq!(body(get_from(&server, "/chunked").await), b"BEGIN:END");
}

#[tokio::test]
async fn whatever_has_status_200_is_passed_on() {
    let server = Elsewhere::start().await;
    let page = "<!DOCTYPE html><title>Sign in</title>";
    server.answer("/c.ics", Answer::status(200).with("Content-Type", "text/html").body(page));
    assert_eq!(body(get_from(&server, "/c.ics").await), page.as_bytes());
    server.answer("/c.ics", Answer::status(200).body([0xff, 0, 0xfe]));
    assert_eq!(body(get_from(&server, "/c.ics").await), [0xff, 0, 0xfe]);
}

#[tokio::test]
async fn redirects_are_followed_and_permanent_ones_remembered() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", CALENDAR);
    let outbound = Outbound::new(policy()).unwrap();
    for (codes, is_moved) in [
        (&[301][..], true),
        (&[308, 301], true),
        (&[302], false),
        (&[303], false),
        (&[307], false),
        (&[301, 302], false),
        (&[302, 301], false),
        (&[301, 301, 308, 308, 301], true),
    ] {
        for (at, code) in codes.iter().enumerate() {
            let to = if at + 1 == codes.len() { "/c.ics".to_owned() } else { server.url(&format!("/{}", at + 1)) };
            server.answer(&format!("/{at}"), Answer::redirect(*code, &to));
        }
        let found = get(&outbound, &server.url("/0")).await;
        let Ok(Fetched::Body { bytes, moved_to, .. }) = found else { panic!("{codes:?}: {found:?}") };
        let moved_to = moved_to.map(|url| url.shown().to_owned());
        assert_eq!(moved_to, is_moved.then(|| server.url("/c.ics")), "{codes:?}");
        assert_eq!(&bytes[..], CALENDAR.as_bytes());
    }
}

#[tokio::test]
async fn validators_go_along_a_redirect() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", CALENDAR);
    let outbound = Outbound::new(policy()).unwrap();
    let new = RemoteUrl::parse(&server.url("/c.ics")).unwrap();
    for (code, moved_to) in [(302, None), (308, Some(new))] {
        server.answer("/old", Answer::redirect(code, "c.ics"));
        let Ok(Fetched::Body { validators, .. }) = get(&outbound, &server.url("/old")).await else { panic!() };
        assert_eq!(get_known(&outbound, &server.url("/old"), &validators).await, Ok(Fetched::NotModified { moved_to }));
    }
}

#[tokio::test]
async fn redirects_end_somewhere() {
    let server = Elsewhere::start().await;
    server.answer("/loop", Answer::redirect(302, "/loop"));
    assert_eq!(get_from(&server, "/loop").await, Err(FetchError::TooManyRedirects { limit: 5 }));
    assert_eq!(server.asked().len(), 6);
    for (location, error) in [
        ("", None),
        ("ftp://a.example/c.ics", Some(Refusal::Scheme)),
        ("file:///etc/passwd", Some(Refusal::Scheme)),
        ("webcal://a.example/c.ics", Some(Refusal::Scheme)),
    ] {
        server.answer("/c.ics", Answer::redirect(302, location));
        let expected = error.map_or(FetchError::TooManyRedirects { limit: 5 }, FetchError::Refused);
        assert_eq!(get_from(&server, "/c.ics").await, Err(expected), "{location:?}");
    }
    for broken in [Answer::status(302).end(), Answer::redirect(302, "http://[x/"), Answer::redirect(301, "http://")] {
        server.answer("/c.ics", broken);
        assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::BadRedirect));
    }
    let long = format!("/{}", "x".repeat(5000));
    server.answer("/c.ics", Answer::redirect(302, &long));
    assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::BadRedirect));
}

#[tokio::test]
async fn other_statuses_are_errors_that_say_when_to_come_back() {
    let server = Elsewhere::start().await;
    let later = Some("2025-12-18T12:02:00Z");
    for (code, retry_after, expected) in [
        (204, None, None),
        (206, None, None),
        (300, None, None),
        (400, None, None),
        (401, None, None),
        (403, None, None),
        (404, None, None),
        (429, Some("120"), later),
        (429, Some("0"), Some("2025-12-18T12:00:00Z")),
        (503, Some("Thu, 18 Dec 2025 12:02:00 GMT"), later),
        (503, Some("Thursday, 18-Dec-25 12:02:00 GMT"), later),
        (503, Some("Thu Dec 18 12:02:00 2025"), later),
        (503, Some("soon"), None),
        (503, Some("-5"), None),
        (503, Some(""), None),
        (500, None, None),
        (502, None, None),
    ] {
        let answer = Answer::status(code);
        let answer = retry_after.map_or(answer.clone(), |value| answer.with("Retry-After", value));
        server.answer("/c.ics", if code == 204 { answer.end() } else { answer.body(CALENDAR) });
        let retry_after = expected.map(|instant| instant.parse().unwrap());
        assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::Status { code, retry_after }), "{code}");
    }
    server.answer("/c.ics", Answer::status(503).with("Retry-After", "99999999999999999999").body(""));
    let Err(FetchError::Status { retry_after: Some(_), .. }) = get_from(&server, "/c.ics").await else { panic!() };
    server.answer("/c.ics", Answer::status(410).body("gone"));
    assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::Gone));
    assert_eq!(get_from(&server, "/other").await, Err(FetchError::Status { code: 404, retry_after: None }));
}

#[test]
fn every_error_is_a_sentence() {
    for (error, words) in [
        (FetchError::Status { code: 404, retry_after: None }, "answers 404: there is no calendar"),
        (FetchError::Status { code: 401, retry_after: None }, "wants a user name and password"),
        (FetchError::Status { code: 500, retry_after: None }, "has trouble of its own"),
        (FetchError::TooLarge { limit: 5 }, "at most 5 bytes"),
        (FetchError::TooManyRedirects { limit: 5 }, "more than 5 times"),
        (FetchError::Refused(Refusal::Port(22)), "port 22 is not allowed"),
        (FetchError::Refused(Refusal::Address), "not on the public internet"),
        (FetchError::Gone, "gone for good"),
    ] {
        assert!(error.to_string().contains(words), "{error}");
    }
    let plain = Validators::default();
    assert_eq!((plain.etag, plain.last_modified), (None, None));
}
