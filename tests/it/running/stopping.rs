//! SIGTERM: no more is accepted, what is under way is finished, and the end is a good one.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{ask_health, connect, is_closed, read_until, send};
use crate::program::Program;

const SOON: Duration = Duration::from_secs(5);

#[test]
fn it_ends_at_once_though_idle_connections_are_open() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start();
        let (mut used, mut fresh) = (connect(&program), connect(&program));
        ask_health(&mut used);
        let told = Instant::now();
        program.signal(signal);
        assert_eq!(program.wait(SOON).code(), Some(0), "{}", program.log());
        assert!(told.elapsed() < SOON && is_closed(&mut used) && is_closed(&mut fresh));
        assert!(program.log().contains("stopped"), "{}", program.log());
        assert!(!program.folder.path().join("convene.db-wal").exists(), "the database was closed");
    }
}

const BODY: &str = r#"{"username": "late", "password": "securePass123", "email": "late@example.com"}"#;

#[test]
fn it_finishes_what_is_under_way_and_accepts_no_more() {
    let mut program = Program::start();
    let mut client = connect(&program);
    begin_to_register(&mut client);
    program.signal("TERM");
    program.wait_for("stopping");
    let refused = Instant::now() + SOON;
    while TcpStream::connect(program.address()).is_ok() {
        assert!(Instant::now() < refused, "it still accepts");
    }
    send(&mut client, &BODY[10..]);
    let answer = read_until(&mut client, "\u{0}never");
    assert!(answer.contains("HTTP/1.1 201") && answer.contains("User registered successfully"), "{answer}");
    assert_eq!(program.wait(SOON).code(), Some(0));
    let again = Program::start_in(std::mem::replace(&mut program.folder, tempfile::tempdir().unwrap()), &[]);
    let mut client = connect(&again);
    begin_to_register(&mut client);
    send(&mut client, &BODY[10..]);
    assert!(read_until(&mut client, "is taken").contains("409"), "the account was kept");
}

#[test]
fn it_waits_ten_seconds_for_a_client_that_does_not_come_to_an_end() {
    let mut program = Program::start();
    let mut client = connect(&program);
    begin_to_register(&mut client);
    let told = Instant::now();
    program.signal("TERM");
    assert_eq!(program.wait(Duration::from_secs(15)).code(), Some(0), "{}", program.log());
    assert!((8..13).contains(&told.elapsed().as_secs()), "{:?}", told.elapsed());
}

/// Sends the head of a request, waits until the server has read it, and sends ten bytes of its body.
fn begin_to_register(client: &mut TcpStream) {
    let length = BODY.len();
    let head = format!(
        "POST /api/auth/register/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    send(client, &head);
    assert!(read_until(client, "\r\n\r\n").contains("100 Continue"));
    send(client, &BODY[..10]);
}
