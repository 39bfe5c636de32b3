//! `/api/auth/`: registration, the profile, the password, deletion, and the look-up of users.

use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::{PASSWORD, on_both};

fn registration(username: &str, email: &str) -> Value {
    json!({ "username": username, "password": PASSWORD, "email": email })
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

async fn login(client: &Client, username: &str, password: &str) -> super::client::Answer {
    client.post("/api/auth/login/", &json!({ "username": username, "password": password })).await
}

#[tokio::test]
async fn names_and_addresses_are_unique_without_regard_to_case() {
    on_both(async |server| {
        let stranger = server.stranger();
        stranger.post("/api/auth/register/", &registration("Ångström", "Anna@Example.com")).await.is(201);
        for name in ["ångström", "ÅNGSTRÖM"] {
            let refused = stranger.post("/api/auth/register/", &registration(name, "b@example.com")).await.is(409);
            assert_eq!(keys(&refused["errors"]), ["username"]);
        }
        let refused = stranger.post("/api/auth/register/", &registration("anna", "anna@EXAMPLE.com")).await.is(409);
        assert_eq!(keys(&refused["errors"]), ["email"]);
        assert_eq!(login(&server.stranger(), "ÅNGSTRÖM", PASSWORD).await.is(200)["user"]["username"], "Ångström");
        login(&server.stranger(), "anna", PASSWORD).await.is(401);
    })
    .await;
}

#[tokio::test]
async fn what_a_registration_may_not_be() {
    on_both(async |server| {
        let client = server.stranger();
        let good = registration("carol", "carol@example.com");
        let x151 = "x".repeat(151);
        let cases: &[(&str, &[&str])] = &[
            ("username", &["", "ab", &x151, "a b c", "a/b/c", "<script>", "abc\u{0}", "abc\n", " carol"]),
            (
                "email",
                &[
                    "",
                    "carol",
                    "carol@",
                    "@example.com",
                    "carol@localhost",
                    "a b@example.com",
                    "carol@example.com\r\nBcc: x@example.com",
                    "Carol <carol@example.com>",
                ],
            ),
            ("timezone", &["", "Mars/Olympus", "+02:00", "Europe/Berlin ", "../../etc/passwd"]),
            ("password", &["", "1234567", "password", "12345678", "qwertyuiop", "PASSWORD1", "iloveyou"]),
        ];
        for (field, values) in cases {
            for value in *values {
                client.post("/api/auth/register/", &with(good.clone(), field, *value)).await.names(field);
            }
        }
        let long = "ä".repeat(513);
        client.post("/api/auth/register/", &with(good.clone(), "password", long)).await.names("password");
        let same = json!({ "username": "carolcarol", "password": "CarolCarol", "email": "c@example.com" });
        client.post("/api/auth/register/", &same).await.names("password");
        for name in ["abc", &"x".repeat(150), "a@b.c+d-e_f", "李小龙"] {
            let email = format!("{}@example.com", name.len());
            client.post("/api/auth/register/", &registration(name, &email)).await.is(201);
        }
        let longest = with(registration("long", "long@example.com"), "password", "p".repeat(1024));
        client.post("/api/auth/register/", &longest).await.is(201);
        let made = client.post("/api/auth/register/", &registration("utc", "utc@example.com")).await.is(201);
        assert_eq!(made["user"]["timezone"], "UTC");
    })
    .await;
}

#[tokio::test]
async fn a_new_user_has_one_default_calendar() {
    on_both(async |server| {
        let berlin = server.user_in("berlin", "Europe/Berlin").await;
        let calendars = berlin.get("/api/calendars/").await.is(200);
        assert_eq!(calendars.as_array().unwrap().len(), 1);
        assert_eq!((&calendars[0]["is_default"], &calendars[0]["timezone"]), (&json!(true), &json!("Europe/Berlin")));
    })
    .await;
}

#[tokio::test]
async fn every_field_of_the_profile_can_be_changed_alone() {
    on_both(async |server| {
        let client = server.user("dora").await;
        let mut expected = client.get("/api/auth/profile/").await.is(200);
        let changes = [
            ("username", json!("Dora2")),
            ("email", json!("dora2@example.com")),
            ("timezone", json!("Asia/Kathmandu")),
            ("working_hours_start", json!("22:00:00")),
            ("working_hours_end", json!("06:30:00")),
            ("working_days", json!(["MO", "SA"])),
            ("working_days", json!([])),
            ("free_busy_visibility", json!("private")),
        ];
        for (index, (field, value)) in changes.into_iter().enumerate() {
            expected[field] = value.clone();
            let body = json!({ field: value });
            let changed = match index % 2 {
                0 => client.put("/api/auth/profile/", &body).await,
                _ => client.patch("/api/auth/profile/", &body).await,
            };
            assert_eq!(changed.is(200), expected, "{field}");
            assert_eq!(client.get("/api/auth/profile/").await.is(200), expected, "{field}");
        }
        let short = client.patch("/api/auth/profile/", &json!({ "working_hours_start": "08:15" })).await.is(200);
        assert_eq!(short["working_hours_start"], "08:15:00");
        assert_eq!(client.put("/api/auth/profile/", &short).await.is(200), short, "what was read can be sent back");
        server.user("erik").await;
        let taken = client.patch("/api/auth/profile/", &json!({ "username": "ERIK" })).await.is(409);
        assert_eq!(keys(&taken["errors"]), ["username"]);
        client
            .patch("/api/auth/profile/", &json!({ "working_hours_start": "24:00" }))
            .await
            .names("working_hours_start");
    })
    .await;
}

#[tokio::test]
async fn the_profile_has_an_entity_tag() {
    on_both(async |server| {
        let client = server.user("fritz").await;
        let answer = client.get("/api/auth/profile/").await;
        let first = answer.tag();
        let known = client.with("if-none-match", first.clone()).get("/api/auth/profile/").await;
        assert_eq!((known.status, known.text.as_str(), known.tag()), (304, "", first.clone()));
        client.with("if-none-match", "\"nothing\"").get("/api/auth/profile/").await.is(200);

        let change = json!({ "timezone": "Asia/Tokyo" });
        let changed = client.with("if-match", first.clone()).patch("/api/auth/profile/", &change).await;
        changed.is(200);
        assert_ne!(changed.tag(), first);
        for tag in [first.as_str(), "\"nothing\"", "W/\"1\"", "garbage", ""] {
            let late = client.with("if-match", tag).patch("/api/auth/profile/", &json!({ "timezone": "UTC" })).await;
            late.is(412);
        }
        let listed = format!("\"0\", {}", changed.tag());
        client.with("if-match", listed).put("/api/auth/profile/", &json!({ "timezone": "UTC" })).await.is(200);
        client.with("if-match", "*").put("/api/auth/profile/", &json!({ "timezone": "UTC" })).await.is(200);
        client.with("if-none-match", first).get("/api/auth/profile/").await.is(200);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_token() {
    on_both(async |server| {
        let client = server.user("greta").await;
        let other = server.stranger();
        login(&other, "greta", PASSWORD).await.is(200);
        let token = client.post("/api/auth/tokens/", &json!({ "name": "laptop", "scope": "write" })).await.is(201);
        let bearer = server.stranger().bearing(token["token"].as_str().unwrap());
        bearer.get("/api/auth/profile/").await.is(200);

        let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
        client.post("/api/auth/password/", &change("wrong-password", "anotherPass456")).await.is(403);
        client.post("/api/auth/password/", &change(PASSWORD, "short")).await.names("new_password");
        client.post("/api/auth/password/", &change(PASSWORD, "password")).await.names("new_password");
        other.get("/api/auth/profile/").await.is(200);
        bearer.get("/api/auth/profile/").await.is(200);

        assert_eq!(client.post("/api/auth/password/", &change(PASSWORD, "anotherPass456")).await.is(204), json!(null));
        client.get("/api/auth/profile/").await.is(200);
        other.get("/api/auth/profile/").await.is(401);
        bearer.get("/api/auth/profile/").await.is(401);
        login(&server.stranger(), "greta", PASSWORD).await.is(401);
        login(&server.stranger(), "greta", "anotherPass456").await.is(200);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_all_that_it_owns() {
    on_both(async |server| {
        let (client, witness) = (server.user("hans").await, server.user("ida").await);
        let event = json!({ "title": "x", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z" });
        client.post("/api/events/", &event).await.is(201);
        let token = client.post("/api/auth/tokens/", &json!({ "name": "x" })).await.is(201);
        let remove = async |password: &str| {
            let body = json!({ "password": password });
            client.send(reqwest::Method::DELETE, "/api/auth/profile/", Some(&body)).await
        };
        remove("wrong-password").await.is(403);
        client.get("/api/auth/profile/").await.is(200);
        remove(PASSWORD).await.is(204);
        client.get("/api/auth/profile/").await.is(401);
        server.stranger().bearing(token["token"].as_str().unwrap()).get("/api/events/").await.is(401);
        login(&server.stranger(), "hans", PASSWORD).await.is(401);
        assert_eq!(witness.get("/api/users/?q=hans").await.is(200), json!([]));
        let question = json!({ "user_ids": [client.id], "duration_minutes": 30 });
        witness.post("/api/scheduling/find-slots/", &question).await.names("user_ids");
        let again = server.user("hans").await;
        assert_ne!(again.id, client.id, "an id is never given twice");
        assert_eq!(again.get("/api/events/").await.is(200), json!([]));
    })
    .await;
}

#[tokio::test]
async fn users_are_found_by_how_their_names_start() {
    on_both(async |server| {
        let asking = server.user("zoe").await;
        for name in ["Ali", "alina", "ALISON", "bali", "al_x", "al%x"] {
            let email = format!("{}@example.com", name.replace('%', "p"));
            let body = registration(&name.replace('%', "+"), &email);
            server.stranger().post("/api/auth/register/", &body).await.is(201);
        }
        let names = async |query: &str| -> Vec<String> {
            let found = asking.get(&format!("/api/users/{query}")).await.is(200);
            let found = found.as_array().unwrap().clone();
            for user in &found {
                assert_eq!(keys(user), ["id", "username", "timezone"]);
            }
            found.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("?q=ali").await, ["Ali", "alina", "ALISON"]);
        assert_eq!(names("?q=ALIS").await, ["ALISON"]);
        assert_eq!(names("?q=al_").await, ["al_x"]);
        assert_eq!(names("?q=al%25").await, [""; 0]);
        assert_eq!(names("?q=nobody").await, [""; 0]);
        assert_eq!(names("?q=ali&limit=2").await, ["Ali", "alina"]);
        assert_eq!(names("").await.len(), 7);
        server.stranger().get("/api/users/?q=ali").await.is(401);
    })
    .await;
}
