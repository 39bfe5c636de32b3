//! User names and passwords in addresses: sent to their host, kept encrypted, shown nowhere.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use base64::Engine;
use serde_json::{Value, json};

use super::{SETTINGS, SUBSCRIPTIONS, days, path, read, refresh, refresh_later, subscribe, with_elsewhere};
use crate::databases::Kind;
use crate::elsewhere::Elsewhere;
use crate::http::server::{Settings, TestServer, on};

const PASSWORD: &str = "p4ssw%C3%B6rd:with";
const WITH_KEY: Settings =
    Settings { arguments: &["--fetch-allow=127.0.0.0/8", "--secret-key=0123456789abcdef0123456789abcdef"], ..SETTINGS };
const WITH_OTHER_KEY: Settings =
    Settings { arguments: &["--fetch-allow=127.0.0.0/8", "--secret-key=fedcba9876543210fedcba9876543210"], ..SETTINGS };

fn secret_url(elsewhere: &Elsewhere) -> String {
    elsewhere.url("/c.ics").replace("http://", &format!("http://alice:{PASSWORD}@"))
}

#[tokio::test]
async fn they_are_sent_to_their_host_and_never_shown() {
    for (kind, settings) in [(Kind::Sqlite, SETTINGS), (Kind::Sqlite, WITH_KEY), (Kind::Postgres, WITH_KEY)] {
        on(kind, settings, async |server| {
            let elsewhere = Elsewhere::start().await;
            let alice = server.user("alice").await;
            elsewhere.publish("/c.ics", &days(&[5]));
            let made = subscribe(&alice, &secret_url(&elsewhere)).await;
            refresh(server).await;
            refresh_later(server).await;
            let seen = read(&alice, &made).await;
            assert_eq!((&seen["last_status"], &seen["url"]), (&"ok".into(), &elsewhere.url("/c.ics").into()));
            let expected = base64::engine::general_purpose::STANDARD.encode("alice:p4sswörd:with");
            for asked in elsewhere.asked() {
                assert_eq!(asked.header("authorization"), Some(format!("Basic {expected}").as_str()));
            }
            let again = alice.post(SUBSCRIPTIONS, &json!({ "url": secret_url(&elsewhere) })).await;
            let all = format!("{made}{seen}{}{}", alice.get(SUBSCRIPTIONS).await.is(200), again.is(409));
            assert!(!all.contains("p4ss") && !all.contains("alice:"), "{all}");
        })
        .await;
    }
}

#[tokio::test]
async fn they_do_not_lie_in_the_database_in_clear_and_the_key_is_for_its_owner_only() {
    on(Kind::Sqlite, SETTINGS, async |server| {
        let elsewhere = Elsewhere::start().await;
        let alice = server.user("alice").await;
        subscribe(&alice, &elsewhere.url("/d.ics")).await;
        assert!(!key_file(server).exists(), "nothing needs it yet");
        subscribe(&alice, &secret_url(&elsewhere)).await;
        let key = std::fs::read_to_string(key_file(server)).unwrap();
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(std::fs::metadata(key_file(server)).unwrap().permissions().mode() & 0o777, 0o600);
        let folder = key_file(server).parent().unwrap().to_owned();
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let bytes = std::fs::read(&file).unwrap();
            let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(!has("p4ss"), "{} has the password", file.display());
            assert!(has("/d.ics") || !file.ends_with("convene.db-wal"), "the other address is in there");
        }
    })
    .await;
}

fn key_file(server: &TestServer) -> PathBuf {
    PathBuf::from(format!("{}.key", server.database_url().trim_start_matches("sqlite:")))
}

#[tokio::test]
async fn without_a_key_and_a_place_for_one_they_are_refused() {
    on(Kind::Postgres, SETTINGS, async |server| {
        let elsewhere = Elsewhere::start().await;
        let alice = server.user("alice").await;
        let refused = alice.post(SUBSCRIPTIONS, &json!({ "url": secret_url(&elsewhere) })).await;
        refused.names("url");
        assert!(refused.text.contains("CONVENE_SECRET_KEY") && !refused.text.contains("p4ss"), "{refused:#?}");
        assert_eq!(alice.get(SUBSCRIPTIONS).await.is(200), json!([]));
        subscribe(&alice, &elsewhere.url("/c.ics")).await;
    })
    .await;
}

#[tokio::test]
async fn servers_with_the_same_key_share_them_and_one_with_another_key_says_what_to_do() {
    for kind in Kind::ALL {
        on(kind, WITH_KEY, async |server| {
            let elsewhere = Elsewhere::start().await;
            let alice = server.user("alice").await;
            elsewhere.publish("/c.ics", &days(&[5]));
            let made = subscribe(&alice, &secret_url(&elsewhere)).await;
            let (same, other) = (server.beside(WITH_KEY).await, server.beside(WITH_OTHER_KEY).await);
            assert_eq!(refresh(&same).await, 1);
            assert_eq!(read(&alice, &made).await["last_status"], "ok");
            assert_eq!(refresh_later(&other).await, 1);
            let seen = read(&alice, &made).await;
            assert_eq!((&seen["last_status"], &seen["event_count"]), (&"failed".into(), &1.into()));
            assert!(seen["last_error"].as_str().unwrap().contains("subscribe to it anew"), "{seen:#}");
            assert_eq!(elsewhere.asked().len(), 1);
            same.stop().await;
            other.stop().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_does_not_carry_them() {
    with_elsewhere(async |server, elsewhere| {
        if server.app.db.file().is_none() {
            return;
        }
        let alice = server.user("alice").await;
        let third = Elsewhere::start_at([127, 0, 0, 2].into()).await;
        third.publish("/c.ics", &days(&[5]));
        elsewhere.answer("/c.ics", crate::elsewhere::Answer::redirect(302, &third.url("/c.ics")));
        let made = subscribe(&alice, &secret_url(elsewhere)).await;
        let seen = alice.post(&format!("{}refresh/", path(&made)), &Value::Null).await.is(200);
        assert_eq!(seen["last_status"], "ok", "{seen:#}");
        assert!(elsewhere.asked()[0].header("authorization").is_some());
        assert_eq!(third.asked()[0].header("authorization"), None);
    })
    .await;
}
