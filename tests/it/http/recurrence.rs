//! Series through the API: the examples of RFC 5545, and those at whose local time the clocks change. What is expected comes from
//! the vectors (three independent programs) or from jiff's own wall clock, never from an answer.

use jiff::civil::{DateTime, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::client::Client;
use super::server::{Settings, on, on_both};
use crate::databases::Kind;
use crate::recurrence::vectors::cases;

/// The instants at which the occurrences of an event in this window start and end.
async fn occurrences(client: &Client, event: &Value, window: (Timestamp, Timestamp)) -> Vec<(Timestamp, Timestamp)> {
    let query = format!("?start={}&end={}&limit=5000", window.0, window.1);
    let listed = client.get(&format!("/api/events/{}/occurrences/{query}", event["id"])).await.is(200);
    let instant = |value: &Value| value.as_str().unwrap().parse().unwrap();
    listed.as_array().unwrap().iter().map(|it| (instant(&it["start_time"]), instant(&it["end_time"]))).collect()
}

fn tz(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// In RFC 5545 section 3.8.5.3, "every Friday the 13th, forever" starts on a Tuesday, which is excluded.
const OUT_OF_STEP: &str = "rfc29";

async fn rfc_examples(client: &Client) -> usize {
    let mut count = 0;
    for case in cases().filter(|case| case.id.starts_with("rfc")) {
        count += 1;
        let (zone, local) = case.start.split_once(':').unwrap();
        let start: DateTime = local.parse().unwrap();
        let mut lines = vec![format!("RRULE:{}", case.rule)];
        if case.id == OUT_OF_STEP {
            lines.push(format!("EXDATE;TZID={zone}:{local}"));
        }
        let body = json!({
            "title": case.id,
            "start_time": start.to_string(),
            "end_time": (start + 1.minute()).to_string(),
            "timezone": zone,
            "recurrence": lines
        });
        let event = client.post("/api/events/", &body).await.is(201);
        let last = *case.expected.last().unwrap();
        let end = if case.complete { last + 40 * 366 * 86_400 } else { last + 1 };
        let found = occurrences(client, &event, (second(case.expected[0] - 86_400), second(end))).await;
        let expected: Vec<_> = case.expected.iter().map(|start| (second(*start), second(start + 60))).collect();
        assert_eq!(found, expected, "{} {}", case.id, case.rule);
        if case.complete {
            let path = format!("/api/events/{}/occurrences/?limit=5000", event["id"]);
            let whole = client.get(&path).await.is(200);
            assert_eq!(whole.as_array().unwrap().len(), expected.len(), "{}", case.id);
        }
    }
    count
}

#[tokio::test]
async fn the_examples_of_rfc_5545() {
    on_both(async |server| {
        assert_eq!(rfc_examples(&server.user("alice").await).await, 42);
    })
    .await;
}

/// A daily series, whose occurrences jiff tells.
struct Daily {
    zone: &'static str,
    start: DateTime,
    /// Length in minutes of elapsed time.
    minutes: i64,
    days: i32,
}

impl Daily {
    async fn check(&self, client: &Client) {
        let tz = tz(self.zone);
        let end = self.start + self.minutes.minutes();
        let body = json!({
            "title": "x",
            "start_time": self.start.to_string(),
            "end_time": end.to_string(),
            "timezone": self.zone,
            "recurrence": ["RRULE:FREQ=DAILY"]
        });
        let event = client.post("/api/events/", &body).await.is(201);
        let mut expected = Vec::new();
        for day in 0..self.days {
            let local = self.start + i64::from(day).days();
            let start = tz.to_ambiguous_zoned(local).compatible().unwrap().timestamp();
            expected.push((start, start + self.minutes.minutes()));
        }
        // A day that the zone skips shares its time with the next one.
        expected.sort();
        let window = (expected[0].0, expected.last().unwrap().0 + 1.second());
        assert_eq!(occurrences(client, &event, window).await, expected, "{} {}", self.zone, self.start);
    }
}

/// Cairo skips the midnight of 24 April 2026 and repeats the hour before that of 30 October; Havana skips that of 8 March
/// and repeats the hour after that of 1 November.
#[tokio::test]
async fn midnights_over_a_change_of_clocks() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for (zone, start) in [
            ("Africa/Cairo", date(2026, 4, 20)),
            ("Africa/Cairo", date(2026, 10, 26)),
            ("America/Havana", date(2026, 3, 4)),
            ("America/Havana", date(2026, 10, 29)),
        ] {
            for (hour, minute) in [(0, 0), (0, 30), (23, 0), (23, 30)] {
                Daily { zone, start: start.at(hour, minute, 0, 0), minutes: 45, days: 8 }.check(&client).await;
            }
        }
    })
    .await;
}

/// By hand, as a check of the check: the midnight that Cairo skips becomes 01:00 summer time, 22:00 UTC as every day before.
#[tokio::test]
async fn the_skipped_midnight_of_cairo() {
    on(Kind::Sqlite, Settings::default(), async |server| {
        let client = server.user_in("alice", "Africa/Cairo").await;
        let body = json!({
            "title": "x", "start_time": "2026-04-22T00:00:00", "end_time": "2026-04-22T00:30:00",
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]
        });
        let event = client.post("/api/events/", &body).await.is(201);
        let window = ("2026-04-01T00:00:00Z".parse().unwrap(), "2026-06-01T00:00:00Z".parse().unwrap());
        let found = occurrences(&client, &event, window).await;
        let starts: Vec<String> = found.iter().map(|(start, _)| start.to_string()).collect();
        let by_hand = [
            "2026-04-21T22:00:00Z",
            "2026-04-22T22:00:00Z",
            "2026-04-23T22:00:00Z",
            "2026-04-24T21:00:00Z",
            "2026-04-25T21:00:00Z",
        ];
        assert_eq!(starts, by_hand);
    })
    .await;
}

/// Lord Howe moves by half an hour.
#[tokio::test]
async fn nights_over_a_change_of_clocks() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for start in [date(2026, 4, 2), date(2026, 10, 1)] {
            for (hour, minute) in [(22, 0), (1, 45), (2, 0), (2, 15)] {
                let start = start.at(hour, minute, 0, 0);
                Daily { zone: "Australia/Lord_Howe", start, minutes: 8 * 60, days: 7 }.check(&client).await;
            }
        }
    })
    .await;
}

/// Apia had no 30 December 2011. Its local times are those of a gap: the offset before it applies, a day later by the clock,
/// and so the occurrence of that day falls on the 31st's.
#[tokio::test]
async fn nights_over_the_day_that_apia_skipped() {
    on_both(async |server| {
        let client = server.user("alice").await;
        let body = json!({
            "title": "Night shift",
            "start_time": "2011-12-27T22:00:00",
            "end_time": "2011-12-28T06:00:00",
            "timezone": "Pacific/Apia",
            "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20120103T080000Z"]
        });
        let event = client.post("/api/events/", &body).await.is(201);
        let window = ("2011-12-01T00:00:00Z".parse().unwrap(), "2012-02-01T00:00:00Z".parse().unwrap());
        let found = occurrences(&client, &event, window).await;
        let mut starts: Vec<String> = found.iter().map(|(start, _)| start.to_string()).collect();
        starts.dedup();
        // 22:00 at -10 up to the 29th, at +14 from the 31st on.
        let by_hand = [
            "2011-12-28T08:00:00Z",
            "2011-12-29T08:00:00Z",
            "2011-12-30T08:00:00Z",
            "2011-12-31T08:00:00Z",
            "2012-01-01T08:00:00Z",
            "2012-01-02T08:00:00Z",
            "2012-01-03T08:00:00Z",
        ];
        assert_eq!(starts, by_hand);
        assert!(found.iter().all(|(start, end)| *end == *start + 8.hours()));
    })
    .await;
}

/// Dates in the owner's zone; jiff says when each begins there.
#[tokio::test]
async fn all_day_series_over_changes_of_clocks() {
    on_both(async |server| {
        for (index, (zone, first, skipped)) in [
            ("Pacific/Apia", date(2011, 12, 27), Some(date(2011, 12, 30))),
            ("Pacific/Apia", date(2012, 3, 29), None),
            ("Australia/Lord_Howe", date(2026, 4, 2), None),
            ("Australia/Lord_Howe", date(2026, 10, 1), None),
            ("Africa/Cairo", date(2026, 4, 20), None),
            ("America/Havana", date(2026, 3, 4), None),
        ]
        .into_iter()
        .enumerate()
        {
            let client = server.user_in(&format!("user{index}"), zone).await;
            let body = json!({
                "title": "x", "all_day": true, "start_date": first.to_string(),
                "end_date": first.tomorrow().unwrap().to_string(), "recurrence": ["RRULE:FREQ=DAILY;COUNT=7"]
            });
            let event = client.post("/api/events/", &body).await.is(201);
            let tz = tz(zone);
            let begins = |day: i32| {
                let day = first + i64::from(day).days();
                (day, tz.to_ambiguous_zoned(day.at(0, 0, 0, 0)).compatible().unwrap().timestamp())
            };
            let expected: Vec<_> = (0..7)
                .map(|day| (begins(day).0, begins(day).1, begins(day + 1).1))
                .filter(|(day, ..)| Some(*day) != skipped)
                .map(|(_, start, end)| (start, end))
                .collect();
            let window = (begins(-10).1, begins(20).1);
            let mut found = occurrences(&client, &event, window).await;
            found.retain(|(start, end)| start < end);
            assert_eq!(found, expected, "{zone} {first}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_the_rfc_forbids_is_refused_by_its_part() {
    on_both(async |server| {
        let client = server.user("alice").await;
        for (line, part) in [
            ("RRULE:FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
            ("RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260301T000000Z", "COUNT"),
            ("RRULE:FREQ=DAILY;INTERVAL=0", "INTERVAL"),
            ("RRULE:FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
            ("RRULE:FREQ=YEARLY;BYDAY=XX", "BYDAY"),
            ("RRULE:FREQ=DAILY;BYDAY=1MO", "BYDAY"),
            ("RRULE:INTERVAL=2", "FREQ"),
            ("RRULE:FREQ=FORTNIGHTLY", "FREQ"),
            ("RRULE:FREQ=DAILY;BYSETPOS=1", "BYSETPOS"),
            ("RRULE:FREQ=DAILY;UNTIL=yesterday", "UNTIL"),
            ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "RRULE"),
            ("EXDATE:yesterday", "EXDATE"),
            ("RDATE;TZID=Mars/Olympus:20260105T090000", "TZID"),
            ("DTSTART:20260105T090000Z", "DTSTART"),
            ("FREQ=DAILY", "FREQ=DAILY"),
            ("", ""),
        ] {
            let body = json!({
                "title": "x", "start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z", "recurrence": [line]
            });
            let answer = client.post("/api/events/", &body).await;
            answer.names("recurrence");
            let said = answer.is(400)["errors"]["recurrence"][0].as_str().unwrap().to_owned();
            assert!(said.contains(part), "{line}: {said}");
        }
        assert_eq!(client.get("/api/events/").await.is(200), json!([]));
    })
    .await;
}
