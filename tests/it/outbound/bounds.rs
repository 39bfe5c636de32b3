//! Answers without end, in time or in size. Each bound is small here, and nothing comes near it but what must.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use convene::outbound::{FetchError, FetchPolicy, Outbound};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpSocket;

use super::{CALENDAR, body, get, get_from, policy};
use crate::elsewhere::{Answer, Elsewhere};

const SOON: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_head_that_does_not_come() {
    let server = Elsewhere::start().await;
    let outbound = Outbound::new(FetchPolicy { first_byte: SOON, ..policy() }).unwrap();
    server.answer("/silent", Answer::bytes("").then_nothing());
    server.answer("/half", Answer::status(200).then_nothing());
    server.answer("/drip", Answer::bytes("HTTP/1.1 200 OK\r\n").then_drip("x".repeat(10_000), SOON / 10));
    server.answer("/redirect", Answer::redirect(302, "/silent"));
    for path in ["/silent", "/half", "/drip", "/redirect"] {
        assert_eq!(get(&outbound, &server.url(path)).await, Err(FetchError::TooSlow), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time() {
    let server = Elsewhere::start().await;
    let outbound = Outbound::new(FetchPolicy { total: 2 * SOON, ..policy() }).unwrap();
    let begun = Answer::status(200).with("Content-Length", "10000").end().then("BEGIN");
    server.answer("/stuck", begun.clone().then_nothing());
    server.answer("/drip", begun.then_drip("x".repeat(10_000), SOON / 10));
    for path in ["/stuck", "/drip"] {
        assert_eq!(get(&outbound, &server.url(path)).await, Err(FetchError::TooSlow), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let server = Elsewhere::start().await;
    let too_large = Err(FetchError::TooLarge { limit: 100_000 });
    server.answer("/announced", Answer::status(200).with("Content-Length", "100001").end().then_nothing());
    server.answer("/endless", Answer::status(200).end().then_for_ever([b'x'; 4096]));
    let chunked = Answer::status(200).with("Transfer-Encoding", "chunked").end();
    server.answer("/chunks", chunked.then_for_ever("4\r\nxxxx\r\n"));
    let packed = Answer::status(200).with("Content-Encoding", "gzip").end();
    server.answer("/packed", packed.clone().then(gzip(&[0; 100_001])));
    server.answer("/bomb", packed.clone().then(gzip(&vec![0; 50 << 20])));
    // An empty member over and over: nothing comes out, but it comes for ever.
    server.answer("/nothing", packed.then_for_ever(gzip(b"")));
    for path in ["/announced", "/endless", "/chunks", "/packed", "/bomb", "/nothing"] {
        assert_eq!(get_from(&server, path).await, too_large, "{path}");
    }
    server.answer("/whole", Answer::status(200).body([b'x'; 100_000]));
    assert_eq!(body(get_from(&server, "/whole").await).len(), 100_000);
    server.answer("/whole", Answer::status(200).with("Content-Encoding", "gzip").body(gzip(&[b'x'; 100_000])));
    assert_eq!(body(get_from(&server, "/whole").await).len(), 100_000);
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_calendar() {
    let server = Elsewhere::start().await;
    let length = (CALENDAR.len() + 1).to_string();
    server.answer("/short", Answer::status(200).with("Content-Length", &length).end().then(CALENDAR));
    let chunked = Answer::status(200).with("Transfer-Encoding", "chunked").end();
    server.answer("/chunk", chunked.clone().then("ff\r\nBEGIN:VCALENDAR"));
    server.answer("/last", chunked.clone().then("5\r\nBEGIN\r\n"));
    server.answer("/nonsense", chunked.then("zz\r\nBEGIN\r\n"));
    for path in ["/short", "/chunk", "/last", "/nonsense"] {
        assert_eq!(get_from(&server, path).await, Err(FetchError::CutOff), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_unpacked_is_no_calendar() {
    let server = Elsewhere::start().await;
    let whole = gzip(CALENDAR.as_bytes());
    let mut wrong_sum = whole.clone();
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    for (coding, packed) in [
        ("gzip", CALENDAR.as_bytes().to_vec()),
        ("gzip", whole[..5].to_vec()),
        ("gzip", whole[..20].to_vec()),
        ("gzip", whole[..whole.len() - 8].to_vec()),
        ("gzip", whole[..whole.len() - 1].to_vec()),
        ("gzip", wrong_sum),
        ("deflate", CALENDAR.as_bytes().to_vec()),
        ("deflate", vec![0x78, 0x9c]),
        ("br", whole.clone()),
        ("gzip, gzip", whole.clone()),
        ("zstd", whole.clone()),
    ] {
        server.answer("/c.ics", Answer::status(200).with("Content-Encoding", coding).body(packed.clone()));
        assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::BadEncoding), "{coding} {} bytes", packed.len());
    }
}

#[tokio::test]
async fn what_is_no_http() {
    let server = Elsewhere::start().await;
    for (name, answer) in [
        ("nothing", Answer::bytes("")),
        ("another protocol", Answer::bytes("220 mail.example ESMTP\r\n")),
        ("half a head", Answer::bytes("HTTP/1.1 200 OK\r\nContent-Le")),
        ("no status", Answer::bytes("HTTP/1.1 hello\r\n\r\n")),
        (
            "two lengths",
            Answer::status(200).with("Content-Length", "3").with("Content-Length", "5").end().then("abcde"),
        ),
        ("a negative length", Answer::status(200).with("Content-Length", "-3").end().then("abcde")),
        ("an endless header", Answer::status(200).then("X: ").then_for_ever([b'x'; 4096])),
        ("endless headers", Answer::status(200).then_for_ever("X: y\r\n")),
    ] {
        server.answer("/c.ics", answer);
        assert_eq!(get_from(&server, "/c.ics").await, Err(FetchError::NotHttp), "{name}");
    }
}

#[tokio::test]
async fn nobody_there() {
    // A port that is taken, and not listened on.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let outbound = Outbound::new(policy()).unwrap();
    let url = format!("http://{}/c.ics", taken.local_addr().unwrap());
    assert_eq!(get(&outbound, &url).await, Err(FetchError::Unreachable));
}

#[tokio::test]
async fn only_so_many_at_once() {
    let server = Elsewhere::start().await;
    let outbound = Arc::new(Outbound::new(FetchPolicy { at_once: 2, ..policy() }).unwrap());
    server.answer("/silent", Answer::bytes("").then_nothing());
    server.publish("/c.ics", CALENDAR);
    let begin = |path: &str| {
        let (outbound, url) = (Arc::clone(&outbound), server.url(path));
        tokio::spawn(async move { get(&outbound, &url).await })
    };
    let stuck = [begin("/silent"), begin("/silent")];
    while server.asked().len() < 2 {
        tokio::task::yield_now().await;
    }
    let waiting = begin("/c.ics");
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(server.asked().len() == 2 && !waiting.is_finished(), "it does not wait");
    // Whoever gives up leaves the place to the next one.
    stuck[0].abort();
    assert_eq!(body(waiting.await.unwrap()), CALENDAR.as_bytes());
    stuck[1].abort();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
