//! The ways in which a file may come, and what is refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;

use super::{calendar, counts, event, upload};
use crate::http::client::{Answer, Client};
use crate::http::server::{Settings, on_both, on_both_with};

const PATH: &str = "/api/events/import/";

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A form with these parts: name, content.
fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, content) in parts {
        body.push_str(&format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.ics\"\r\n\
             Content-Type: text/calendar\r\n\r\n{content}\r\n"
        ));
    }
    format!("{body}--limit--\r\n").into_bytes()
}

async fn post(client: &Client, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Answer {
    client.send_raw(Method::POST, PATH, content_type, body.into()).await
}

const FORM: Option<&str> = Some("multipart/form-data; boundary=limit");

#[tokio::test]
async fn a_file_may_come_as_the_body_or_in_a_form_plain_or_packed() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let packed = ann.with("content-encoding", "gzip");
        let file = |uid: &str| calendar(&event(uid, ""));
        for answer in [
            post(&ann, Some("text/calendar"), file("1")).await,
            post(&ann, Some("Text/Calendar; charset=UTF-8; component=VEVENT"), file("2")).await,
            post(&ann, FORM, form(&[("file", &file("3"))])).await,
            post(&packed, Some("text/calendar"), gzip(file("4").as_bytes())).await,
            post(&packed, FORM, gzip(&form(&[("file", &file("5"))]))).await,
        ] {
            assert_eq!(counts(&answer.is(200)), [1, 0, 0, 0]);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_calendar_file_is_refused_in_words() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let file = calendar(&event("1", ""));
        for content_type in [None, Some("application/json"), Some("text/plain"), Some("text/calendars")] {
            post(&ann, content_type, file.clone()).await.is(415);
        }
        for coding in ["br", "gzip, gzip", "zstd"] {
            post(&ann.with("content-encoding", coding), Some("text/calendar"), file.clone()).await.is(415);
        }
        post(&ann.with("content-encoding", "gzip"), Some("text/calendar"), file.clone()).await.names("body");
        let cut = gzip(file.as_bytes());
        post(&ann.with("content-encoding", "gzip"), Some("text/calendar"), &cut[..cut.len() - 9]).await.names("body");
        for nothing in ["", "hello", "{\"a\": 1}", "<html></html>", "BEGIN:VCARD\r\nEND:VCARD\r\n"] {
            let answer = post(&ann, Some("text/calendar"), nothing).await;
            answer.names("file");
            assert!(answer.text.contains("line "), "{answer:#?}");
        }
        post(&ann, FORM, form(&[])).await.names("file");
        post(&ann, FORM, form(&[("file", &file), ("file", &file)])).await.names("file");
        post(&ann, FORM, form(&[("files", &file)])).await.names("files");
        post(&ann, FORM, "--limit\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nBEGIN:").await.names("body");
        post(&ann, Some("multipart/form-data"), form(&[("file", &file)])).await.names("body");
        ann.send_raw(Method::PUT, PATH, Some("text/calendar"), file.clone().into()).await.is(405);
        ann.send_raw(Method::POST, "/api/events/import/?dry=1", Some("text/calendar"), file.into()).await.names("dry");
        assert_eq!(ann.get("/api/events/").await.is(200), serde_json::json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_file_beyond_the_bounds_is_refused_however_it_comes() {
    let settings = Settings {
        arguments: &["--max-import-bytes", "20000", "--max-import-components", "20"],
        ..Settings::default()
    };
    on_both_with(settings, async |server| {
        let ann = server.user("ann").await;
        let large = calendar(&event("1", &format!("DESCRIPTION:{}", "x".repeat(40_000))));
        let packed = ann.with("content-encoding", "gzip");
        upload(&ann, PATH, large.clone()).await.is(413);
        upload(&packed, PATH, gzip(large.as_bytes())).await.is(413);
        upload(&packed, PATH, gzip(&vec![0; 100_000_000])).await.is(413);
        post(&ann, FORM, form(&[("file", &large)])).await.is(413);
        let many: String = (0..21).map(|i| event(&i.to_string(), "")).collect();
        upload(&ann, PATH, calendar(&many)).await.names("file");
        let fitting: String = (0..20).map(|i| event(&i.to_string(), "")).collect();
        upload(&ann, PATH, calendar(&fitting)).await.is(200);
    })
    .await;
}
