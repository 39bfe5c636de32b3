//! That every relaxation is exact when it is asked again through the API, and that none is withheld where one would help.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Person, Server, register, with};
use crate::databases::{Kind, TestDatabase};

const SEARCHES: usize = 500;
const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland"];

async fn ask(person: &Person, body: &Value) -> Value {
    let said = person.post("/scheduling/find-slots/", body.clone()).await;
    assert_eq!(said.status, 200, "{said:?} to {body}");
    said.body
}

/// Six people around the world, each with some series and events.
async fn people() -> (Server, Vec<Person>) {
    let server = Server::start(TestDatabase::migrated(Kind::Sqlite).await).await;
    let mut people = Vec::new();
    for (n, zone) in ZONES.into_iter().enumerate() {
        let person = register(&server.client, &server.base, &format!("user{n}"), zone).await;
        for (k, (day, hour, length)) in
            [(5, 9, 3), (6, 13, 2), (7, 10, 5), (8, 8, 4), (9, 15, 1)].into_iter().enumerate()
        {
            let (day, hour) = (day + (n % 2), hour + n % 3);
            let status = if (n + k) % 3 == 0 { "tentative" } else { "confirmed" };
            let body = json!({ "title": "x", "start_time": format!("2026-01-{day:02}T{hour:02}:00:00"),
                "end_time": format!("2026-01-{day:02}T{:02}:00:00", hour + length), "status": status, "timezone": zone,
                "recurrence": if k < 3 { vec!["RRULE:FREQ=WEEKLY"] } else { vec![] } });
            assert_eq!(person.post("/events/", body).await.status, 201);
        }
        people.push(person);
    }
    (server, people)
}

/// A search, mostly one that finds little.
fn questions(ids: Vec<i64>) -> impl Strategy<Value = Value> {
    let some = prop::sample::subsequence(ids.clone(), 1..=4);
    let others = prop::sample::subsequence(ids, 2..=3);
    let buffers = (prop::sample::select(vec![0, 0, 10, 30, 45]), prop::sample::select(vec![0, 0, 15, 60]));
    let shape = (1_u32..=8, 0_u32..24 * 14, 4_u32..=60, prop::sample::select(vec![15, 30, 60, 45]));
    let align = prop::sample::select(vec!["clock", "clock", "free"]);
    (some, prop::option::weighted(0.3, (others, 1..=2)), buffers, shape, align, any::<bool>()).prop_map(
        |(ids, group, (before, after), (quarters, from, hours, step), align, hours_count)| {
            let start = jiff::Timestamp::constant(1_767_571_200, 0) + jiff::SignedDuration::from_hours(from.into());
            let end = start + jiff::SignedDuration::from_hours(hours.into());
            let groups: Vec<Value> =
                group.iter().map(|(ids, need)| json!({ "user_ids": ids, "need": need })).collect();
            json!({ "user_ids": ids, "groups": groups, "duration_minutes": quarters * 45, "start": start.to_string(),
                "end": end.to_string(), "step_minutes": step, "align": align, "respect_working_hours": hours_count || from % 4 > 0,
                "buffer_before_minutes": before, "buffer_after_minutes": after, "limit": 1, "explain": true })
        },
    )
}

/// The same question with the change of a relaxation.
fn changed(question: &Value, relaxation: &Value) -> Value {
    let change = match relaxation["change"].as_str().unwrap() {
        "without_user" => json!({ "user_ids": without(question, &relaxation["user_id"]) }),
        "shorter" => json!({ "duration_minutes": relaxation["minutes"] }),
        "wider_hours" => json!({ "wider_hours": { "earlier_minutes": relaxation["earlier_minutes"],
            "later_minutes": relaxation["later_minutes"] } }),
        "later_end" => json!({ "end": relaxation["end"] }),
        "smaller_buffer" => json!({ "buffer_before_minutes": relaxation["buffer_before_minutes"],
            "buffer_after_minutes": relaxation["buffer_after_minutes"] }),
        "tentative_as_free" => json!({ "tentative": "free" }),
        other => panic!("{other}"),
    };
    with(question.clone(), with(change, json!({ "explain": false })))
}

fn without(question: &Value, id: &Value) -> Vec<Value> {
    question["user_ids"].as_array().unwrap().iter().filter(|it| *it != id).cloned().collect()
}

/// Single changes of every kind, by hand.
fn single_changes(question: &Value) -> Vec<Value> {
    let ids = question["user_ids"].as_array().unwrap();
    let mut changes: Vec<Value> = Vec::new();
    if ids.len() > 1 {
        changes.extend(ids.iter().map(|id| json!({ "user_ids": without(question, id) })));
    }
    changes.push(json!({ "duration_minutes": 5 }));
    changes.push(json!({ "tentative": "free" }));
    changes.push(json!({ "buffer_before_minutes": 0, "buffer_after_minutes": 0 }));
    if question["respect_working_hours"] == true {
        changes.extend([120, 1440].map(|n| json!({ "wider_hours": { "earlier_minutes": n } })));
        changes.extend([120, 1440].map(|n| json!({ "wider_hours": { "later_minutes": n } })));
    }
    let end: jiff::Timestamp = question["end"].as_str().unwrap().parse().unwrap();
    changes
        .extend([1, 7].map(|days| json!({ "end": (end + jiff::SignedDuration::from_hours(24 * days)).to_string() })));
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_relaxation_holds_when_it_is_asked_again() {
    let (_server, people) = people().await;
    let strategy = questions(people.iter().map(|person| person.id).collect());
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let (mut searches, mut relaxations) = (0, std::collections::BTreeMap::<String, usize>::new());
    while searches < SEARCHES {
        let question = strategy.new_tree(&mut runner).unwrap().current();
        let found = ask(&people[searches % people.len()], &question).await;
        let total = found["total_slots_found"].as_u64().unwrap();
        if total > 5 {
            continue;
        }
        searches += 1;
        let offered = found["explanation"]["relaxations"].as_array().unwrap();
        for relaxation in offered {
            let again = ask(&people[0], &changed(&question, relaxation)).await;
            assert_eq!(again["total_slots_found"], relaxation["total_slots_found"], "{relaxation} of {question}");
            assert!(again["total_slots_found"].as_u64().unwrap() > total);
            *relaxations.entry(relaxation["change"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        if offered.is_empty() {
            for change in single_changes(&question) {
                let again = ask(&people[0], &with(question.clone(), change.clone())).await;
                assert!(again["total_slots_found"].as_u64().unwrap() <= total, "{change} would help: {question}");
            }
        }
    }
    println!("asked again: {relaxations:?}");
    assert_eq!(relaxations.len(), 6, "not every kind came up: {relaxations:?}");
}
