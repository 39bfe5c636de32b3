//! Slow, silent and too many clients, on real sockets.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::{ask_health, connect, is_closed, read_until, send};
use crate::program::Program;

#[test]
fn a_head_that_comes_a_byte_at_a_time_is_cut_off() {
    let program = Program::start_with(&[("CONVENE_HEADER_SECONDS", "1")]);
    let (mut client, started) = (connect(&program), Instant::now());
    client.set_read_timeout(Some(Duration::from_millis(40))).unwrap();
    let mut closed = false;
    for byte in b"GET /healthz HTTP/1.1\r\nX-Slow: ".iter().chain(std::iter::repeat_n(&b'a', 1000)) {
        // A read tells of the end, and gives the pause between the bytes.
        closed = client.write_all(&[*byte]).is_err() || matches!(client.read(&mut [0; 64]), Ok(0));
        if closed || started.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    assert!(closed, "it still waits after {:?}", started.elapsed());
    assert!((900..4000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    ask_health(&mut connect(&program));
}

#[test]
fn the_head_of_a_second_request_has_the_same_time() {
    let program = Program::start_with(&[("CONVENE_HEADER_SECONDS", "1")]);
    let mut client = connect(&program);
    ask_health(&mut client);
    send(&mut client, "GET /heal");
    let started = Instant::now();
    assert!(is_closed(&mut client));
    assert!((900..4000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[test]
fn who_says_nothing_at_all_is_cut_off() {
    let program = Program::start_with(&[("CONVENE_HEADER_SECONDS", "1")]);
    let (mut client, started) = (connect(&program), Instant::now());
    assert!(is_closed(&mut client));
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[test]
fn an_idle_connection_is_closed() {
    let program = Program::start_with(&[("CONVENE_IDLE_SECONDS", "1")]);
    let mut client = connect(&program);
    ask_health(&mut client);
    let started = Instant::now();
    assert!(is_closed(&mut client));
    assert!((900..4000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[test]
fn a_body_has_more_time_than_a_head() {
    let program = Program::start_with(&[("CONVENE_HEADER_SECONDS", "1")]);
    let body = r#"{"username": "nobody",  "password": "no such password"}"#;
    for expect in ["", "Expect: 100-continue\r\n"] {
        let mut client = connect(&program);
        let length = body.len();
        send(
            &mut client,
            &format!(
                "POST /api/auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n{expect}\r\n"
            ),
        );
        if !expect.is_empty() {
            assert!(read_until(&mut client, "\r\n\r\n").contains("100 Continue"));
        }
        for part in body.as_bytes().chunks(11) {
            client.write_all(part).unwrap();
            client.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
            // The pause: there is nothing to read before the last part.
            let _ = client.peek(&mut [0]);
        }
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let answer = read_until(&mut client, "}");
        assert!(answer.contains("401 Unauthorized"), "{expect:?}: {answer:?}");
    }
}

#[test]
fn there_are_no_more_connections_than_allowed() {
    let program = Program::start_with(&[("CONVENE_MAX_CONNECTIONS", "2")]);
    let (mut first, mut second, mut third) = (connect(&program), connect(&program), connect(&program));
    ask_health(&mut first);
    ask_health(&mut second);
    send(&mut third, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(third.peek(&mut [0]).is_err(), "the third waits");
    ask_health(&mut first);
    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(read_until(&mut third, "ok\n").starts_with("HTTP/1.1 200"), "its turn came");
    ask_health(&mut second);
}
