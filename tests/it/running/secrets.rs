//! No log tells a secret, however much it tells.

use base64::Engine;
use reqwest::header;
use serde_json::{Value, json};

use crate::databases::{Kind, TestDatabase};
use crate::elsewhere::{Answer, Elsewhere};
use crate::program::{Program, command, http_client, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_everything_has_no_password_token_or_cookie() {
    for kind in Kind::ALL {
        let database = TestDatabase::migrated(kind).await;
        let mut program = Program::start_with(&[
            ("CONVENE_LOG", "trace"),
            ("CONVENE_DATABASE_URL", &database.url),
            ("CONVENE_SECRET_KEY", SECRET_KEY),
            ("CONVENE_FETCH_ALLOW", "127.0.0.0/8"),
        ]);
        let mut add =
            command(program.folder.path(), &[("CONVENE_LOG", "trace"), ("CONVENE_DATABASE_URL", &database.url)]);
        let added = run(add.args(["user", "add", "operator", "--email", "o@example.com"]), "operators-Password");
        assert!(added.status.success());
        let mut secrets = use_secrets(&program.base).await;
        secrets.extend(["operators-Password", SECRET_KEY].map(str::to_owned));
        secrets.extend(subscribe(&program.base).await);
        program.wait_for("with 409");
        let log = program.log() + &String::from_utf8_lossy(&added.stderr);
        assert!(log.contains(" DEBUG ") && log.contains("/api/auth/profile/"), "it logs everything");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert!(line.is_none(), "{secret:?} stands in the log of {kind:?}: {line:?}");
        }
    }
}

const SECRET_KEY: &str = "the-secret-key-of-this-very-server";

/// Subscribes to an address with a password in it, which is asked for in vain and then with success; answers what is secret
/// about it: the password in all its forms, and the path.
async fn subscribe(base: &str) -> Vec<String> {
    let (elsewhere, client) = (Elsewhere::start().await, http_client());
    elsewhere.answer("/secret-path.ics", Answer::redirect(302, "/other-secret.ics"));
    let url = elsewhere.url("/secret-path.ics").replace("http://", "http://reader:elsewhere-Passw%6Frd@");
    let call = |path: &str| {
        client.post(format!("{base}/api/subscriptions/{path}")).basic_auth("alice", Some("second-Password"))
    };
    let made = call("").json(&json!({ "url": url })).send().await.unwrap();
    let made: Value = made.error_for_status().unwrap().json().await.unwrap();
    let refresh = format!("{}/refresh/", made["id"]);
    for calendar in ["<html>", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"] {
        elsewhere.publish("/other-secret.ics", calendar);
        call(&refresh).send().await.unwrap().error_for_status().unwrap();
    }
    let asked = elsewhere.asked();
    let basic = asked[0].header("authorization").unwrap().trim_start_matches("Basic ").to_owned();
    let secrets = ["elsewhere-Password", "elsewhere-Passw%6Frd", "secret-path", "other-secret"];
    secrets.map(str::to_owned).into_iter().chain([basic]).collect()
}

/// Signs in in every way, and with wrong secrets too; answers them all.
async fn use_secrets(base: &str) -> Vec<String> {
    let client = http_client();
    let post = |path: &str, body: Value| client.post(format!("{base}/api/auth/{path}/")).json(&body);
    let words =
        ["first-Password", "second-Password", "wrong-Password", "cvn_wrongwrongwrongwrongwrongwrongwrongwrongwro"];
    let account = json!({"username": "alice", "password": words[0], "email": "alice@example.com"});
    let registered = post("register", account).send().await.unwrap();
    let cookie = registered.headers()[header::SET_COOKIE].to_str().unwrap();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let made = post("tokens", json!({"name": "x", "scope": "write"})).header("Cookie", format!("sessionid={session}"));
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    let profile = || client.get(format!("{base}/api/auth/profile/"));
    for call in [
        profile().bearer_auth(&token),
        profile().basic_auth("alice", Some(&token)),
        profile().basic_auth("alice", Some(words[0])),
        post("password", json!({"current_password": words[0], "new_password": words[1]})).bearer_auth(&token),
    ] {
        assert!(call.send().await.unwrap().status().is_success());
    }
    for call in [
        profile().bearer_auth(words[3]),
        profile().basic_auth("alice", Some(words[2])),
        profile().header("Cookie", format!("sessionid={}", words[3])),
        post("login", json!({"username": "alice", "password": words[2]})),
        post("login", json!({"username": "alice", "password": [words[2]]})),
        post("register", json!({"username": "alice", "password": words[2], "email": "alice@example.com"})),
    ] {
        assert!(call.send().await.unwrap().status().is_client_error());
    }
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("alice:{}", words[0]));
    words.map(str::to_owned).into_iter().chain([session, token, basic]).collect()
}
