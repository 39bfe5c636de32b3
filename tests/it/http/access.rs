//! The three ways in: cookie, bearer token, HTTP Basic. What each allows, how it ends, and who is kept out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use convene::time::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::{PASSWORD, Settings, TestServer, on_both, on_both_with};

const PROFILE: &str = "/api/auth/profile/";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn basic(client: &Client, name: &str, password: &str) -> Client {
    client.with("authorization", format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

async fn token(client: &Client, body: Value) -> (i64, String) {
    let made = client.post("/api/auth/tokens/", &body).await.is(201);
    (made["id"].as_i64().unwrap(), made["token"].as_str().unwrap().to_owned())
}

/// The attributes of the session cookie that an answer sets.
fn cookie(answer: &super::client::Answer) -> Vec<String> {
    let header = answer.header("set-cookie").unwrap_or_else(|| panic!("{answer:#?}"));
    header.split("; ").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    on_both(async |server| {
        let registered = json!({ "username": "alice", "password": PASSWORD, "email": "a@example.com" });
        let answer = server.stranger().post("/api/auth/register/", &registered).await;
        let set = cookie(&answer);
        let value = set[0].strip_prefix("sessionid=").unwrap();
        assert!(value.len() >= 43, "256 bits");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"] {
            assert!(set.iter().any(|found| found == attribute), "{attribute}: {set:?}");
        }
        assert!(!set.iter().any(|attribute| attribute == "Secure"), "{set:?}");
    })
    .await;
    let https = Settings { arguments: &["--public-url=https://calendar.example.org"], ..Settings::default() };
    on_both_with(https, async |server| {
        let registered = json!({ "username": "alice", "password": PASSWORD, "email": "a@example.com" });
        let answer = server.stranger().post("/api/auth/register/", &registered).await;
        assert!(cookie(&answer).iter().any(|attribute| attribute == "Secure"));
    })
    .await;
}

#[tokio::test]
async fn logout_ends_the_session_on_the_server() {
    on_both(async |server| {
        let registered = json!({ "username": "alice", "password": PASSWORD, "email": "a@example.com" });
        let client = server.stranger();
        let answer = client.post("/api/auth/register/", &registered).await;
        let stolen = server.stranger().with("cookie", cookie(&answer)[0].clone());
        stolen.get(PROFILE).await.is(200);
        let out = client.send(Method::POST, "/api/auth/logout/", None).await;
        out.is(200);
        let set = cookie(&out);
        assert!(set[0] == "sessionid=" && set.iter().any(|attribute| attribute == "Max-Age=0"), "{set:?}");
        stolen.get(PROFILE).await.is(401);
        client.send(Method::POST, "/api/auth/logout/", None).await.is(401);
    })
    .await;
}

#[tokio::test]
async fn a_session_lasts_two_weeks_after_its_last_use() {
    on_both(async |server| {
        let (used, idle) = (server.user("used").await, server.user("idle").await);
        for _ in 0..3 {
            server.clock.advance(hours(14 * 24 - 1));
            let answer = used.get(PROFILE).await;
            answer.is(200);
            assert!(
                cookie(&answer).iter().any(|attribute| attribute == "Max-Age=1209600"),
                "the browser keeps it longer"
            );
        }
        idle.get(PROFILE).await.is(401);
        server.clock.advance(hours(14 * 24) - SignedDuration::from_secs(1));
        used.get(PROFILE).await.is(200);
        server.clock.advance(hours(14 * 24));
        used.get(PROFILE).await.is(401);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    on_both(async |server| {
        let first = server.user("alice").await;
        server.clock.advance(hours(1));
        let second = server.stranger().with("user-agent", "Firefox/140");
        let login = json!({ "username": "alice", "password": PASSWORD });
        second.post("/api/auth/login/", &login).await.is(200);
        let sessions = second.get("/api/auth/sessions/").await.is(200);
        let sessions = sessions.as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        let fields = ["id", "created_at", "last_used_at", "expires_at", "user_agent", "address", "current"];
        assert_eq!(keys(&sessions[0]), fields);
        let latest = &sessions[0];
        assert_eq!((&latest["user_agent"], &latest["current"]), (&json!("Firefox/140"), &json!(true)));
        assert_eq!((&latest["address"], &latest["created_at"]), (&json!("127.0.0.1"), &json!("2025-12-18T13:00:00Z")));
        assert_eq!(latest["expires_at"], "2026-01-01T13:00:00Z");
        assert_eq!(sessions[1]["current"], false);

        second.delete(&format!("/api/auth/sessions/{}/", sessions[1]["id"])).await.is(204);
        first.get(PROFILE).await.is(401);
        second.get(PROFILE).await.is(200);
        second.delete(&format!("/api/auth/sessions/{}/", sessions[1]["id"])).await.is(404);
        second.delete(&format!("/api/auth/sessions/{}/", latest["id"])).await.is(204);
        second.get(PROFILE).await.is(401);
    })
    .await;
}

#[tokio::test]
async fn a_login_starts_a_session_of_its_own() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let planted = client.with("cookie", "sessionid=planted-by-somebody-else");
        let login = json!({ "username": "alice", "password": PASSWORD });
        let answer = planted.post("/api/auth/login/", &login).await;
        answer.is(200);
        assert_ne!(cookie(&answer)[0], "sessionid=planted-by-somebody-else");
        server.stranger().with("cookie", "sessionid=planted-by-somebody-else").get(PROFILE).await.is(401);
    })
    .await;
}

#[tokio::test]
async fn a_token_shows_its_secret_once_and_ends_when_told() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = json!({ "name": "Laptop", "scope": "write", "expires_at": "2025-12-19T12:00:00Z" });
        let made = client.post("/api/auth/tokens/", &body).await.is(201);
        assert_eq!(keys(&made), ["id", "name", "scope", "created_at", "expires_at", "token"]);
        let secret = made["token"].as_str().unwrap();
        let bearer = server.stranger().bearing(secret);
        assert_eq!(bearer.get(PROFILE).await.is(200)["username"], "alice");
        let listed = client.get("/api/auth/tokens/").await;
        assert!(!listed.text.contains(secret));
        let listed = listed.is(200);
        assert_eq!(keys(&listed[0]), ["id", "name", "scope", "created_at", "last_used_at", "expires_at"]);
        assert_eq!(listed[0]["last_used_at"], "2025-12-18T12:00:00Z");
        server.clock.advance(hours(24) - SignedDuration::from_secs(1));
        bearer.get(PROFILE).await.is(200);
        server.clock.advance(SignedDuration::from_secs(1));
        bearer.get(PROFILE).await.is(401);

        let (id, secret) = token(&client, json!({ "name": "default" })).await;
        let bearer = server.stranger().bearing(&secret);
        assert_eq!(client.get("/api/auth/tokens/").await.is(200)[1]["scope"], "read");
        bearer.get(PROFILE).await.is(200);
        client.delete(&format!("/api/auth/tokens/{id}/")).await.is(204);
        bearer.get(PROFILE).await.is(401);
        let past = json!({ "name": "past", "expires_at": "2025-12-01T00:00:00Z" });
        client.post("/api/auth/tokens/", &past).await.names("expires_at");
    })
    .await;
}

#[tokio::test]
async fn basic_takes_a_token_or_the_password() {
    on_both(async |server| {
        let (alice, bob) = (server.user("Alice").await, server.user("bob").await);
        let (_, secret) = token(&alice, json!({ "name": "phone", "scope": "write" })).await;
        let (_, reading) = token(&alice, json!({ "name": "display" })).await;
        let stranger = server.stranger();
        for password in [PASSWORD, &secret] {
            for name in ["Alice", "alice"] {
                let body = json!({ "timezone": "UTC" });
                assert_eq!(basic(&stranger, name, password).patch(PROFILE, &body).await.is(200)["id"], alice.id);
            }
        }
        basic(&stranger, "alice", &reading).get(PROFILE).await.is(200);
        basic(&stranger, "alice", &reading).patch(PROFILE, &json!({})).await.is(403);
        for (name, password) in
            [("alice", "wrong-password"), ("bob", &*secret), ("nobody", PASSWORD), ("", ""), ("alice", "")]
        {
            basic(&stranger, name, password).get(PROFILE).await.is(401);
        }
        for garbage in
            ["Basic", "Basic ", "Basic %%%", "Basic YWxpY2U=", "Bearer", "Bearer ", "Bearer cvn_", "Basic //79/A=="]
        {
            stranger.with("authorization", garbage).get(PROFILE).await.is(401);
        }
        bob.get(PROFILE).await.is(200);
    })
    .await;
}

/// The cookie first, then the header; a cookie that is worth nothing keeps nobody out.
#[tokio::test]
async fn the_ways_in_have_an_order() {
    on_both(async |server| {
        let (alice, bob) = (server.user("alice").await, server.user("bob").await);
        let (_, secret) = token(&bob, json!({ "name": "x" })).await;
        let both = alice.with("authorization", format!("Bearer {secret}"));
        assert_eq!(both.get(PROFILE).await.is(200)["username"], "alice");
        let stale = server.stranger().bearing(&secret).with("cookie", "sessionid=nothing");
        assert_eq!(stale.get(PROFILE).await.is(200)["username"], "bob");
        let wrong = server.stranger().bearing("cvn_wrong");
        let answer = wrong.get(PROFILE).await;
        answer.is(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"convene\""));
    })
    .await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_with_the_cookie() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = json!({ "timezone": "Asia/Tokyo" });
        let own = format!("http://{}", server.address);
        let refused: &[(&'static str, &str)] = &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", &format!("http://{}.evil.example", server.address)),
        ];
        for (name, value) in refused {
            client.with(name, *value).patch(PROFILE, &body).await.is(403);
            client.with(name, *value).send(Method::POST, "/api/auth/logout/", None).await.is(403);
            client.with(name, *value).get(PROFILE).await.is(200);
        }
        assert_eq!(client.get(PROFILE).await.is(200)["timezone"], "UTC");
        for (name, value) in [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", &own)] {
            client.with(name, value).patch(PROFILE, &body).await.is(200);
        }
        let (_, secret) = token(&client, json!({ "name": "x", "scope": "write" })).await;
        let bearer = server.stranger().bearing(&secret);
        bearer.with("sec-fetch-site", "cross-site").patch(PROFILE, &body).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    on_both(async |server| {
        server.user("alice").await;
        let stranger = server.stranger();
        let mut answers = Vec::new();
        for name in ["alice", "nobody", "\u{202e}weird"] {
            let body = json!({ "username": name, "password": "wrong-password" });
            let answer = stranger.post("/api/auth/login/", &body).await;
            answer.is(401);
            answers.push(answer.text);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    })
    .await;
}

const LIMITED: Settings = Settings { arguments: &["--trusted-proxies=1"], limits_logins: true };

async fn login_from(server: &TestServer, address: &str, name: &str, password: &str) -> super::client::Answer {
    let client = server.stranger().with("x-forwarded-for", address);
    client.post("/api/auth/login/", &json!({ "username": name, "password": password })).await
}

#[tokio::test]
async fn failed_logins_are_limited_and_recover() {
    on_both_with(LIMITED, async |server| {
        server.user("alice").await;
        for _ in 0..10 {
            login_from(server, "192.0.2.1", "alice", "wrong-password").await.is(401);
        }
        for (name, password) in [("alice", "wrong-password"), ("ALICE", PASSWORD)] {
            let refused = login_from(server, "192.0.2.1", name, password).await;
            refused.is(429);
            let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
        login_from(server, "192.0.2.2", "alice", PASSWORD).await.is(200);
        let refused = login_from(server, "192.0.2.1", "alice", PASSWORD).await;
        let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        server.clock.advance(SignedDuration::from_secs(wait));
        login_from(server, "192.0.2.1", "alice", PASSWORD).await.is(200);
        login_from(server, "192.0.2.1", "alice", "wrong-password").await.is(401);
        login_from(server, "192.0.2.1", "alice", PASSWORD).await.is(429);
    })
    .await;
}

/// Basic and the proofs of password changes and deletions are no way around the limit.
#[tokio::test]
async fn no_way_around_the_limit_on_failed_logins() {
    on_both_with(LIMITED, async |server| {
        let alice = server.user("alice").await;
        let stranger = server.stranger().with("x-forwarded-for", "192.0.2.1");
        for _ in 0..10 {
            basic(&stranger, "alice", "wrong-password").get(PROFILE).await.is(401);
        }
        basic(&stranger, "alice", PASSWORD).get(PROFILE).await.is(429);
        let inside = alice.with("x-forwarded-for", "192.0.2.3");
        let body = json!({ "current_password": "wrong-password", "new_password": "anotherPass456" });
        for _ in 0..10 {
            inside.post("/api/auth/password/", &body).await.is(403);
        }
        inside.post("/api/auth/password/", &body).await.is(429);
        let proof = json!({ "password": PASSWORD });
        inside.send(Method::DELETE, PROFILE, Some(&proof)).await.is(429);
        inside.get(PROFILE).await.is(200);
    })
    .await;
}

/// One address that tries many names is limited as well, and a client cannot choose its address.
#[tokio::test]
async fn one_address_cannot_try_many_names() {
    on_both_with(LIMITED, async |server| {
        server.user("alice").await;
        let mut status = 401;
        for index in 0..101 {
            let forged = format!("198.51.100.{index}, 192.0.2.1");
            status = login_from(server, &forged, &format!("name{index}"), "wrong-password").await.status;
        }
        assert_eq!(status, 429);
        login_from(server, "192.0.2.1", "alice", PASSWORD).await.is(429);
        login_from(server, "192.0.2.9", "alice", PASSWORD).await.is(200);
    })
    .await;
}

/// Two hashes run at once, so one more than ten can fail.
#[tokio::test]
async fn many_logins_at_the_same_time_are_limited_too() {
    on_both_with(LIMITED, async |server| {
        server.user("alice").await;
        let tries = (0..60).map(|_| login_from(server, "192.0.2.1", "alice", "wrong-password"));
        let answers = futures_util::future::join_all(tries).await;
        let failed = answers.iter().filter(|answer| answer.status == 401).count();
        assert!((10..=11).contains(&failed), "{failed} of {} were looked at", answers.len());
        assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status)));
    })
    .await;
}
