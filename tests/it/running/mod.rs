//! Running the program: what it says, what it refuses, how it stops, and what it does about slow clients.

mod accounts;
mod configuration;
mod connections;
mod memory;
mod refusals;
mod secrets;
mod stopping;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Program;

/// A connection on which nothing was said yet. No read waits longer than any test should.
fn connect(program: &Program) -> TcpStream {
    let stream = TcpStream::connect(program.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Sends this.
fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

/// Asks for the health of the server, and lets the connection live on.
fn ask_health(stream: &mut TcpStream) {
    send(stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = read_until(stream, "ok\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// What is read up to these words; all of it where the connection ends before.
fn read_until(stream: &mut TcpStream, words: &str) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while !text.contains(words) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("{error} after {text:?}"),
        }
    }
    text
}

/// Whether the server has closed the connection, in good time.
fn is_closed(stream: &mut TcpStream) -> bool {
    read_until(stream, "\u{0}never").is_empty()
}
