//! More files in and out at once than there is room for: who waits too long is told to come again.

use reqwest::Response;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::streaming::{EVENTS, begin, fill, uids};
use super::{calendar, counts, event, export, import, upload};
use crate::databases::Kind;
use crate::http::client::Client;
use crate::http::server::{Settings, TestServer, on_both_with};

const PATH: &str = "/api/events/import/";
const LARGE: usize = 2_000_000;

fn settings(arguments: &'static [&'static str]) -> Settings {
    Settings { arguments, ..Settings::default() }
}

/// A connection on which somebody asks for this.
async fn ask(server: &TestServer, client: &Client, head: &str) -> TcpStream {
    let made = client.post("/api/auth/tokens/", &json!({ "name": "raw", "scope": "write" })).await.is(201);
    let token = made["token"].as_str().unwrap();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("{head}\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n", server.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// What comes, up to these words; all of it where the connection ends before.
async fn read_until(stream: &mut TcpStream, words: &str) -> String {
    let mut text = String::new();
    let mut buffer = vec![0; 4096];
    while !text.contains(words) {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            count => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
        }
    }
    text
}

#[tokio::test]
async fn a_file_is_taken_when_there_is_room_for_it() {
    let bounds = &["--max-import-bytes=2000000", "--import-memory-bytes=2000000", "--import-wait-seconds=0"];
    on_both_with(settings(bounds), async |server| {
        let ann = server.user("ann").await;
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nContent-Type: text/calendar\r\nContent-Length: {LARGE}\r\nExpect: 100-continue"
        );
        let mut first = ask(server, &ann, &head).await;
        // It is told to go on when it has its room.
        let told = read_until(&mut first, "\r\n\r\n").await;
        assert!(told.starts_with("HTTP/1.1 100"), "{told}");
        let refused = upload(&ann, PATH, calendar(&event("small", ""))).await;
        let said = "Too many imports are under way at the moment; try again soon.";
        assert_eq!((refused.is(503)["detail"].as_str(), refused.header("retry-after").is_some()), (Some(said), true));
        // Who sends all before reading is answered, too; who asks first need not send.
        let large = calendar(&event("other", &format!("DESCRIPTION:{}", "x".repeat(LARGE - 1000))));
        assert_eq!(upload(&ann, PATH, large).await.is(503)["detail"], said);
        assert!(read_until(&mut ask(server, &ann, &head).await, "\r\n\r\n").await.starts_with("HTTP/1.1 503"));
        let mut file = calendar(&event("large", ""));
        file.push_str(&"\r\n".repeat((LARGE - file.len()) / 2));
        file.push_str(&"\n".repeat(LARGE - file.len()));
        first.write_all(file.as_bytes()).await.unwrap();
        assert!(read_until(&mut first, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
        assert_eq!(counts(&import(&ann, calendar(&event("small", ""))).await), [1, 0, 0, 0]);
        // What is too large anyhow need not wait.
        let large = head.replace(&LARGE.to_string(), "9000000");
        assert!(read_until(&mut ask(server, &ann, &large).await, "\r\n\r\n").await.starts_with("HTTP/1.1 413"));
    })
    .await;
}

#[tokio::test]
async fn a_long_export_has_its_turn() {
    let bounds = &["--exports-at-once=1", "--export-wait-seconds=0"];
    on_both_with(settings(bounds), async |server| {
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        let first = begin(&ann, "/api/events/export/").await;
        let refused = ann.get("/api/events/export/").await;
        let said = "Too many long exports are under way at the moment; try again soon.";
        assert_eq!((refused.is(503)["detail"].as_str(), refused.header("retry-after").is_some()), (Some(said), true));
        // Short ones need no turn.
        let window = "/api/events/export/?start=2030-01-01T00:00:00Z&end=2030-02-01T00:00:00Z";
        assert_eq!(ann.get(window).await.status, 200);
        assert_eq!(uids(&first.text().await.unwrap()).len(), EVENTS);
        assert_eq!(uids(&export(&ann).await).len(), EVENTS);
    })
    .await;
}

/// One that is longer than is made at once needs a turn.
#[tokio::test]
async fn how_long_a_long_export_is_can_be_set() {
    let bounds = &["--export-whole-bytes=500000", "--exports-at-once=1", "--export-wait-seconds=0"];
    on_both_with(settings(bounds), async |server| {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        fill(&ann, EVENTS).await;
        import(&bob, calendar(&event("short", ""))).await;
        let first = begin(&ann, "/api/events/export/").await;
        assert_eq!(uids(&export(&bob).await), ["short"]);
        import(&bob, calendar(&event("longer", &"COMMENT:x\n".repeat(40_000)))).await;
        import(&bob, calendar(&event("another", &"COMMENT:x\n".repeat(40_000)))).await;
        assert_eq!(bob.get("/api/events/export/").await.is(503)["status"], 503);
        assert_eq!(uids(&first.text().await.unwrap()).len(), EVENTS);
        assert_eq!(uids(&export(&bob).await), ["short", "longer", "another"]);
    })
    .await;
}

/// Reads until the connection breaks.
async fn break_off(mut response: Response) {
    loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the answer came to an end as if it were whole"),
            Err(_) => break,
        }
    }
}

#[tokio::test]
async fn who_does_not_read_loses_the_turn() {
    let bounds = &["--exports-at-once=1", "--export-reader-seconds=1", "--export-wait-seconds=60"];
    on_both_with(settings(bounds), async |server| {
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        let slow = begin(&ann, "/api/events/export/").await;
        assert_eq!(uids(&export(&ann).await).len(), EVENTS);
        break_off(slow).await;
    })
    .await;
}

/// What a database that can be read no more looks like.
async fn spoil_database(server: &TestServer, kind: Kind) {
    match kind {
        Kind::Postgres => server.cut_off_database().await,
        Kind::Sqlite => {
            let path = server.database_url().strip_prefix("sqlite:").unwrap();
            for path in [path.to_owned(), format!("{path}-wal")] {
                std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
            }
        }
    }
}

/// A calendar that is cut off must not pass for a whole one: neither by the client's library nor by the bytes themselves,
/// which are fewer than Content-Length says (RFC 9112 section 8).
#[tokio::test]
async fn an_export_whose_database_goes_away_breaks_off_on_the_wire() {
    for kind in Kind::ALL {
        let server = TestServer::start(kind, Settings::default()).await;
        let ann = server.user("ann").await;
        fill(&ann, EVENTS).await;
        let mut raw = ask(&server, &ann, "GET /api/events/export/ HTTP/1.1").await;
        let mut text = read_until(&mut raw, "BEGIN:VEVENT").await;
        let mut response = begin(&ann, "/api/events/export/").await;
        assert!(response.chunk().await.unwrap().is_some());
        spoil_database(&server, kind).await;
        break_off(response).await;
        let mut rest = Vec::new();
        // The connection may be reset.
        drop(raw.read_to_end(&mut rest).await);
        text.push_str(&String::from_utf8_lossy(&rest));
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let announced =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        assert!(head.starts_with("HTTP/1.1 200"), "{kind:?}: {head}");
        assert!((1..announced.unwrap()).contains(&body.len()), "{kind:?}: {} bytes", body.len());
        assert!(!body.contains("END:VCALENDAR"), "{kind:?}");
        server.stop().await;
    }
}
