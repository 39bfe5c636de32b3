//! Find-slots, end to end, against an oracle that looks at every minute of everybody: people with profiles, events and series that
//! come in through the API, asked about through the API. The oracle shares no code with the server, only jiff.

mod plan;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use super::client::Client;
use super::server::{Settings, TestServer};
use crate::databases::Kind;
use plan::{Hours, MINUTE, Plan, any_plan, tz};

const CASES: u32 = 100;

#[test]
fn find_slots_equals_a_minute_by_minute_oracle_on_sqlite() {
    run(Kind::Sqlite);
}

#[test]
fn find_slots_equals_a_minute_by_minute_oracle_on_postgres() {
    run(Kind::Postgres);
}

fn run(kind: Kind) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, people) = runtime.block_on(async {
        let server = TestServer::start(kind, Settings::default()).await;
        let mut people = Vec::new();
        for name in ["one", "two", "three"] {
            people.push(Person::new(&server, name).await);
        }
        (server, people)
    });
    let mut found = 0;
    let counted = std::cell::Cell::new(0);
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let result = TestRunner::new(config).run(&any_plan(), |plan| {
        let (answer, expected) = runtime.block_on(async {
            let ids = enter(&plan, &people).await;
            (ask(&plan, &people, &ids).await, expected(&plan))
        });
        counted.set(counted.get() + expected.len());
        if answer == expected {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!("{answer:?}\nshould be\n{expected:?}")))
        }
    });
    found += counted.get();
    assert!(result.is_ok(), "{}", result.unwrap_err());
    assert!(found > 1000, "the questions have answers: {found} slots");
    runtime.block_on(server.stop());
}

/// Somebody with a second calendar, which does not count as busy.
struct Person {
    client: Client,
    elsewhere: Value,
}

impl Person {
    async fn new(server: &TestServer, name: &str) -> Self {
        let client = server.user(name).await;
        let body = json!({ "name": "Elsewhere", "counts_as_busy": false });
        let elsewhere = client.post("/api/calendars/", &body).await.is(201)["id"].clone();
        Self { client, elsewhere }
    }

    async fn clear(&self) {
        for event in self.client.get("/api/events/").await.is(200).as_array().unwrap() {
            self.client.delete(&format!("/api/events/{}/", event["id"])).await.is(204);
        }
    }
}

/// Puts the plan into the server; answers the ids of the asking person's events. Half-way it asks, so that what the server
/// remembers of people's time must not outlive the changes that follow.
async fn enter(plan: &Plan, people: &[Person]) -> Vec<Value> {
    for (person, planned) in people.iter().zip(&plan.people) {
        person.clear().await;
        person.client.put("/api/auth/profile/", &planned.profile()).await.is(200);
    }
    let mut own = Vec::new();
    for half in 0..2 {
        for (index, (person, planned)) in people.iter().zip(&plan.people).enumerate() {
            let events = planned.events.iter().enumerate().filter(|(number, _)| number % 2 == half);
            for (_, event) in events {
                let body = event.body(&person.elsewhere);
                let made = person.client.post("/api/events/", &body).await.is(201);
                event.edit(&person.client, &made["id"]).await;
                if index == 0 {
                    own.push(made["id"].clone());
                }
            }
        }
        if half == 0 {
            ask(plan, people, &[]).await;
        }
    }
    own
}

/// The starts of the slots, in minutes since the epoch.
async fn ask(plan: &Plan, people: &[Person], own: &[Value]) -> Vec<i64> {
    let ids: Vec<i64> = people.iter().zip(&plan.people).map(|(person, _)| person.client.id).collect();
    let excluded = if plan.question.excludes_first { own.iter().take(1).cloned().collect() } else { Vec::new() };
    let body = plan.question.body(&ids, &excluded);
    let answer = people[0].client.post("/api/scheduling/find-slots/", &body).await.is(200);
    let slots = answer["available_slots"].as_array().unwrap();
    assert_eq!(answer["total_slots_found"], slots.len());
    let minute = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second() / MINUTE;
    for slot in slots {
        assert_eq!(minute(&slot["end_time"]) - minute(&slot["start_time"]), plan.question.duration);
    }
    slots.iter().map(|slot| minute(&slot["start_time"])).collect()
}

/// What the answer should be, minute by minute.
fn expected(plan: &Plan) -> Vec<i64> {
    let question = &plan.question;
    let (first, last) = question.window;
    let margin = 2000;
    let minutes = (last - first + 2 * margin) as usize;
    let people: Vec<Minutes> = plan
        .people
        .iter()
        .enumerate()
        .map(|(index, person)| {
            let mut of = Minutes { first: first - margin, works: vec![false; minutes], busy: vec![false; minutes] };
            for (from, to) in
                question.hours(person).map_or(vec![(i64::MIN, i64::MAX)], |hours| worked(&hours, first, last))
            {
                mark(&mut of.works, of.first, from, to);
            }
            // Entered are those of even places first.
            let without = (index == 0 && question.excludes_first && !person.events.is_empty()).then_some(0);
            let events = person.events.iter().enumerate().filter(|(number, _)| Some(*number) != without);
            for (from, to) in events.flat_map(|(_, event)| event.blocked(person, question)) {
                mark(&mut of.busy, of.first, from, to);
            }
            of
        })
        .collect();
    let can = |start: i64| {
        let end = start + question.duration;
        start >= first
            && end <= last
            && people.iter().all(|person| {
                (start..end).all(|minute| person.works[(minute - person.first) as usize])
                    && (start - question.before..end + question.after)
                        .all(|minute| !person.busy[(minute - person.first) as usize])
            })
    };
    let grid = tz(question.zone);
    let mut since = None;
    let mut starts = Vec::new();
    for start in first..last {
        if !can(start) {
            since = None;
            continue;
        }
        let begun = *since.get_or_insert(start);
        let local = grid.to_datetime(jiff::Timestamp::from_second(start * MINUTE).unwrap());
        let of_day = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let place = if question.free_grid { start - begun } else { of_day };
        if place % question.step == 0 {
            starts.push(start);
        }
    }
    starts
}

struct Minutes {
    first: i64,
    works: Vec<bool>,
    busy: Vec<bool>,
}

fn mark(minutes: &mut [bool], first: i64, from: i64, to: i64) {
    let last = first + minutes.len() as i64;
    for minute in from.clamp(first, last)..to.clamp(first, last) {
        minutes[(minute - first) as usize] = true;
    }
}

/// Hours belong to the day on which they start; an end at or before the start is on the next day.
fn worked(hours: &Hours, first: i64, last: i64) -> Vec<(i64, i64)> {
    let tz = tz(hours.zone);
    let minute = |local: jiff::civil::DateTime| {
        tz.to_ambiguous_zoned(local).compatible().unwrap().timestamp().as_second() / MINUTE
    };
    let date = |minute: i64| tz.to_datetime(jiff::Timestamp::from_second(minute * MINUTE).unwrap()).date();
    let (mut day, until) = (date(first - 5 * 1440), date(last + 5 * 1440));
    let mut periods = Vec::new();
    while day < until {
        let exists = date(minute(day.at(12, 0, 0, 0))) == day;
        let ends_on = if hours.end <= hours.start { day.tomorrow().unwrap() } else { day };
        if exists && hours.days.contains(&day.weekday()) {
            periods.push((minute(day.to_datetime(hours.start)), minute(ends_on.to_datetime(hours.end))));
        }
        day = day.tomorrow().unwrap();
    }
    periods
}
