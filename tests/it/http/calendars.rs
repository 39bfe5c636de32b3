//! `/api/calendars/`.

use serde_json::{Value, json};

use super::client::{Client, keys};
use super::server::on_both;

const CALENDARS: &str = "/api/calendars/";

fn path(calendar: &Value) -> String {
    format!("/api/calendars/{}/", calendar["id"])
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(CALENDARS, &body).await.is(201)
}

async fn default_calendar(client: &Client) -> Value {
    client.get(CALENDARS).await.is(200)[0].clone()
}

fn event(calendar: &Value) -> Value {
    json!({
        "title": "x",
        "calendar_id": calendar["id"],
        "start_time": "2026-01-05T09:00:00Z",
        "end_time": "2026-01-05T10:00:00Z"
    })
}

#[tokio::test]
async fn a_calendar_has_these_fields_and_defaults() {
    on_both(async |server| {
        let client = server.user_in("alice", "Europe/Berlin").await;
        let made = make(&client, json!({ "name": "Work" })).await;
        let fields = ["id", "name", "color", "description", "timezone", "is_default", "kind", "counts_as_busy", "ctag"];
        assert_eq!(keys(&made), fields);
        let mut expected = made.clone();
        for (field, value) in [
            ("name", json!("Work")),
            ("color", json!("#3a87ad")),
            ("description", json!("")),
            ("timezone", json!("Europe/Berlin")),
            ("is_default", json!(false)),
            ("kind", json!("local")),
            ("counts_as_busy", json!(true)),
        ] {
            expected[field] = value;
        }
        assert_eq!(made, expected);
        assert!(made["id"].is_i64() && made["ctag"].is_string());

        let all = json!({
            "name": "Ünïcode 📅",
            "color": "#ABCDEF",
            "description": "two\nlines",
            "timezone": "America/New_York",
            "counts_as_busy": false
        });
        let made = make(&client, all.clone()).await;
        for (field, value) in all.as_object().unwrap().iter().filter(|(field, _)| *field != "color") {
            assert_eq!(made[field], *value, "{field}");
        }
        assert_eq!(made["color"], "#abcdef");
        assert_eq!(client.get(&path(&made)).await.is(200), made);
        let names = |list: &Value| list.as_array().unwrap().iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
        assert_eq!(names(&client.get(CALENDARS).await.is(200)), ["Calendar", "Work", "Ünïcode 📅"]);
    })
    .await;
}

#[tokio::test]
async fn put_gives_defaults_to_what_is_left_out_and_patch_leaves_it() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let all = json!({
            "name": "Work",
            "color": "#abcdef",
            "description": "d",
            "timezone": "Asia/Tokyo",
            "counts_as_busy": false
        });
        let made = make(&client, all.clone()).await;
        let changes = [
            ("name", json!("Play")),
            ("color", json!("#000000")),
            ("description", json!("")),
            ("timezone", json!("Africa/Cairo")),
            ("counts_as_busy", json!(true)),
        ];
        let mut expected = made.clone();
        for (field, value) in changes {
            expected[field] = value.clone();
            let patched = client.patch(&path(&made), &json!({ field: value })).await.is(200);
            assert_ne!(patched["ctag"], expected["ctag"], "{field}");
            expected["ctag"] = patched["ctag"].clone();
            assert_eq!(patched, expected, "{field}");
        }
        let sent_back = client.put(&path(&made), &expected).await.is(200);
        expected["ctag"] = sent_back["ctag"].clone();
        assert_eq!(sent_back, expected, "what was read can be sent back");
        let put = client.put(&path(&made), &json!({ "name": "Bare" })).await.is(200);
        assert_eq!((&put["color"], &put["description"]), (&json!("#3a87ad"), &json!("")));
        assert_eq!((&put["timezone"], &put["counts_as_busy"]), (&json!("UTC"), &json!(true)));
        client.put(&path(&made), &json!({ "color": "#000000" })).await.names("name");
    })
    .await;
}

#[tokio::test]
async fn what_a_calendar_may_not_be() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let long = "x".repeat(256);
        let cases = [
            ("name", json!("")),
            ("name", json!("  ")),
            ("name", json!(long)),
            ("color", json!("red")),
            ("color", json!("#12345g")),
            ("color", json!("#12345")),
            ("color", json!("#éé3")),
            ("timezone", json!("Eastern Standard Time")),
            ("timezone", json!("Mars/Olympus")),
            ("counts_as_busy", json!("yes")),
            ("colour", json!("#000000")),
        ];
        for (field, value) in cases {
            let mut body = json!({ "name": "Work" });
            body[field] = value;
            client.post(CALENDARS, &body).await.names(field);
        }
        assert_eq!(client.get(CALENDARS).await.is(200).as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_default_calendar_stays_and_others_go_with_their_events() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let (default, work) = (default_calendar(&client).await, make(&client, json!({ "name": "Work" })).await);
        let kept = client.post("/api/events/", &event(&default)).await.is(201);
        let lost = client.post("/api/events/", &event(&work)).await.is(201);
        client.delete(&path(&default)).await.is(409);
        client.delete(&path(&work)).await.is(204);
        client.get(&path(&work)).await.is(404);
        client.get(&format!("/api/events/{}/", lost["id"])).await.is(404);
        let listed = client.get("/api/events/").await.is(200);
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &kept["id"]));
    })
    .await;
}

/// The ctag and the entity tag change with the calendar and with everything inside it, and else not.
#[tokio::test]
async fn the_tags_change_with_every_change_inside() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let work = make(&client, json!({ "name": "Work" })).await;
        let other = make(&client, json!({ "name": "Other" })).await;
        let mut known = Vec::new();
        let mut see = async |changed: bool, why: &str| {
            let answer = client.get(&path(&work)).await;
            let tags = (answer.is(200)["ctag"].clone(), answer.tag());
            if let Some(last) = known.last() {
                assert_eq!(*last != tags, changed, "{why}");
            }
            assert!(!changed || !known.contains(&tags), "{why}");
            let not_modified = client.with("if-none-match", tags.1.clone()).get(&path(&work)).await;
            assert_eq!((not_modified.status, not_modified.tag()), (304, tags.1.clone()));
            known.push(tags);
        };
        see(true, "new").await;
        see(false, "read").await;
        let made = client.post("/api/events/", &event(&work)).await.is(201);
        let one = format!("/api/events/{}/", made["id"]);
        see(true, "an event was added").await;
        client.patch(&one, &json!({ "title": "y" })).await.is(200);
        see(true, "an event was changed").await;
        client.post("/api/events/", &event(&other)).await.is(201);
        see(false, "an event was added elsewhere").await;
        client.patch(&one, &json!({ "calendar_id": other["id"] })).await.is(200);
        see(true, "an event left").await;
        client.patch(&one, &json!({ "calendar_id": work["id"] })).await.is(200);
        see(true, "an event came").await;
        client.delete(&one).await.is(204);
        see(true, "an event was deleted").await;
        client.patch(&path(&work), &json!({ "name": "Play" })).await.is(200);
        see(true, "the calendar was changed").await;
    })
    .await;
}

#[tokio::test]
async fn if_match_keeps_a_change_from_running_over_another() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let answer = client.post(CALENDARS, &json!({ "name": "Work" })).await;
        let (work, first) = (answer.is(201), answer.tag());
        let one = path(&work);
        let late = client.with("if-match", first.clone());
        let changed = late.patch(&one, &json!({ "name": "Play" })).await;
        changed.is(200);
        late.patch(&one, &json!({ "name": "Late" })).await.is(412);
        late.put(&one, &json!({ "name": "Late" })).await.is(412);
        late.delete(&one).await.is(412);
        assert_eq!(client.get(&one).await.is(200)["name"], "Play");
        assert_eq!(client.get(&one).await.tag(), changed.tag(), "a refused change changes no tag");
        client.with("if-match", changed.tag()).delete(&one).await.is(204);
        client.with("if-match", "*").delete(&one).await.is(404);
    })
    .await;
}

#[tokio::test]
async fn a_user_has_so_many_calendars_and_no_more() {
    let few = super::server::Settings { arguments: &["--max-calendars=2"], ..Default::default() };
    super::server::on_both_with(few, async |server| {
        let client = server.user("alice").await;
        let work = make(&client, json!({ "name": "Work" })).await;
        client.post(CALENDARS, &json!({ "name": "More" })).await.is(409);
        client.delete(&path(&work)).await.is(204);
        make(&client, json!({ "name": "More" })).await;
    })
    .await;
}
