//! Random people, events and questions around changes of clocks: how they are told to the server, and when they block time.

use convene::time::Weekday;
use jiff::civil::{DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::client::Client;

pub const MINUTE: i64 = 60;

/// Zones, each with an instant at which its clocks change (or not, in UTC and Kathmandu).
const MOMENTS: &[(&str, &str)] = &[
    ("UTC", "2026-01-05T00:00:00Z"),
    ("Asia/Kathmandu", "2026-07-15T00:00:00Z"),
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Sydney", "2026-04-04T16:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("America/Santiago", "2026-09-06T04:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00:00Z"),
    ("America/Havana", "2025-11-02T05:00:00Z"),
];

const WEEK: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

#[derive(Clone, Debug)]
pub struct Plan {
    pub people: Vec<PersonPlan>,
    pub question: Question,
}

#[derive(Clone, Debug)]
pub struct PersonPlan {
    zone: &'static str,
    hours: (i8, i8, i8, i8),
    /// Monday is the lowest bit.
    days: u8,
    pub events: Vec<EventPlan>,
}

#[derive(Clone, Debug)]
pub struct EventPlan {
    /// In minutes since the epoch; the wall clock of `zone` then is what counts.
    start: i64,
    length: i64,
    zone: &'static str,
    shape: Shape,
    free: bool,
    status: &'static str,
    elsewhere: bool,
}

#[derive(Clone, Debug)]
enum Shape {
    Single,
    AllDay { days: i64, every: i64, count: i64 },
    Series { step: Step, count: usize, cancelled: Option<usize>, moved: Option<(usize, i64)> },
}

#[derive(Clone, Debug)]
enum Step {
    Days(i64),
    /// Beside the weekday of the start.
    Weekdays(u8),
}

#[derive(Clone, Debug)]
pub struct Question {
    pub window: (i64, i64),
    pub duration: i64,
    pub step: i64,
    pub free_grid: bool,
    pub zone: &'static str,
    pub before: i64,
    pub after: i64,
    tentative_is_free: bool,
    all_day: &'static str,
    hours: HoursPlan,
    pub excludes_first: bool,
}

#[derive(Clone, Debug)]
enum HoursPlan {
    Own,
    None,
    These((i8, i8, i8, i8), Option<u8>, Option<&'static str>),
}

/// Wall-clock hours.
pub struct Hours {
    pub zone: &'static str,
    pub start: Time,
    pub end: Time,
    pub days: Vec<Weekday>,
}

pub fn any_plan() -> impl Strategy<Value = Plan> {
    let people = vec((zone(), hours(), days(), vec(event(), 0..5)), 1..4);
    (prop::sample::select(MOMENTS), people, question()).prop_map(|((zone, moment), people, mut question)| {
        let origin = moment.parse::<Timestamp>().unwrap().as_second() / MINUTE;
        question.window = (origin + question.window.0, origin + question.window.0 + question.window.1);
        let person = |(index, (own, hours, days, mut events)): (usize, (_, _, _, Vec<EventPlan>))| {
            for event in &mut events {
                event.start += origin;
            }
            PersonPlan { zone: if index == 0 { zone } else { own }, hours, days, events }
        };
        Plan { people: people.into_iter().enumerate().map(person).collect(), question }
    })
}

fn zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(MOMENTS).prop_map(|(zone, _)| zone)
}

fn hours() -> impl Strategy<Value = (i8, i8, i8, i8)> {
    const HOURS: &[(i8, i8, i8, i8)] =
        &[(9, 0, 17, 0), (8, 30, 20, 45), (22, 0, 6, 0), (0, 0, 0, 0), (0, 0, 0, 0), (2, 30, 14, 0), (18, 0, 2, 30)];
    prop::sample::select(HOURS)
}

fn days() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(127_u8), 1 => 0..128_u8]
}

fn event() -> impl Strategy<Value = EventPlan> {
    let step = prop_oneof![(1..4_i64).prop_map(Step::Days), (0..128_u8).prop_map(Step::Weekdays)];
    let moved = prop::option::of((0..4_usize, -600..600_i64));
    let shape = prop_oneof![
        3 => Just(Shape::Single),
        1 => (1..3_i64, 1..4_i64, 1..4_i64).prop_map(|(days, every, count)| Shape::AllDay { days, every, count }),
        3 => (step, 1..9_usize, prop::option::of(0..4_usize), moved)
            .prop_map(|(step, count, cancelled, moved)| Shape::Series { step, count, cancelled, moved }),
    ];
    // Apia's skipped day gives two occurrences one name: it has a test of its own.
    let zone = zone().prop_map(|zone| if zone == "Pacific/Apia" { "Asia/Kathmandu" } else { zone });
    let status = prop::sample::select(&["confirmed", "confirmed", "tentative", "cancelled"][..]);
    let state = (prop::bool::weighted(0.15), status, prop::bool::weighted(0.1));
    (-4000..4000_i64, prop_oneof![5..90_i64, 5..700_i64], zone, shape, state).prop_map(
        |(start, length, zone, shape, (free, status, elsewhere))| EventPlan {
            start,
            length,
            zone,
            shape,
            free,
            status,
            elsewhere,
        },
    )
}

fn question() -> impl Strategy<Value = Question> {
    let buffer = || prop_oneof![2 => Just(0), 1 => 0..50_i64];
    let other = (hours(), prop::option::of(days()), prop::option::of(zone()));
    let hours = prop_oneof![
        4 => Just(HoursPlan::Own),
        1 => Just(HoursPlan::None),
        1 => other.prop_map(|(hours, days, zone)| HoursPlan::These(hours, days, zone)),
    ];
    let grid = (prop::sample::select(&[1, 7, 15, 30, 30, 45, 60, 100, 720][..]), any::<bool>(), zone());
    let policies = (any::<bool>(), prop::sample::select(&["transparency", "busy", "free"][..]), any::<bool>());
    ((-2000..1000_i64, 200..4500_i64), 5..150_i64, grid, (buffer(), buffer()), policies, hours).prop_map(
        |(
            window,
            duration,
            (step, free_grid, zone),
            (before, after),
            (tentative_is_free, all_day, excludes),
            hours,
        )| {
            Question {
                window,
                duration,
                step,
                free_grid,
                zone,
                before,
                after,
                tentative_is_free,
                all_day,
                hours,
                excludes_first: excludes,
            }
        },
    )
}

impl PersonPlan {
    pub fn profile(&self) -> Value {
        json!({
            "timezone": self.zone,
            "working_hours_start": time_text(self.hours.0, self.hours.1),
            "working_hours_end": time_text(self.hours.2, self.hours.3),
            "working_days": day_names(self.days)
        })
    }
}

impl EventPlan {
    pub fn body(&self, elsewhere: &Value) -> Value {
        let mut body = json!({
            "title": "x",
            "event_type": if self.free { "free" } else { "busy" },
            "status": self.status
        });
        if self.elsewhere {
            body["calendar_id"] = elsewhere.clone();
        }
        if let Shape::AllDay { days, every, count } = &self.shape {
            let first = self.local().date();
            body["all_day"] = json!(true);
            body["start_date"] = json!(first.to_string());
            body["end_date"] = json!((first + days.days()).to_string());
            body["recurrence"] = json!([format!("RRULE:FREQ=DAILY;INTERVAL={every};COUNT={count}")]);
            return body;
        }
        body["start_time"] = json!(self.local().to_string());
        body["end_time"] = json!(text(instant(&tz(self.zone), self.local()) + self.length));
        body["timezone"] = json!(self.zone);
        if let Shape::Series { step, count, .. } = &self.shape {
            let rule = match step {
                Step::Days(every) => format!("FREQ=DAILY;INTERVAL={every}"),
                Step::Weekdays(days) => format!("FREQ=WEEKLY;BYDAY={}", day_names(*days | self.own_day()).join(",")),
            };
            body["recurrence"] = json!([format!("RRULE:{rule};COUNT={count}")]);
        }
        body
    }

    /// Cancels and moves single occurrences.
    pub async fn edit(&self, client: &Client, id: &Value) {
        let Shape::Series { cancelled, moved, .. } = &self.shape else { return };
        let all = self.starts();
        let path = |start: i64| {
            let name = text(start).replace(['-', ':'], "");
            format!("/api/events/{id}/occurrences/{name}/")
        };
        if let Some((start, by)) = moved.and_then(|(index, by)| Some((all.get(index)?, by))) {
            let body = json!({ "start_time": text(start + by), "end_time": text(start + by + self.length) });
            client.patch(&path(*start), &body).await.is(200);
        }
        if let Some(start) = cancelled.and_then(|index| all.get(index)) {
            client.delete(&path(*start)).await.is(204);
        }
    }

    /// When it blocks the time of its owner.
    pub fn blocked(&self, owner: &PersonPlan, question: &Question) -> Vec<(i64, i64)> {
        let is_all_day = matches!(self.shape, Shape::AllDay { .. });
        let transparent = match question.all_day {
            "busy" if is_all_day => false,
            "free" if is_all_day => true,
            _ => self.free,
        };
        let looked_through = question.tentative_is_free && self.status == "tentative";
        if transparent || looked_through || self.elsewhere || self.status == "cancelled" {
            return Vec::new();
        }
        match &self.shape {
            Shape::AllDay { days, every, count } => {
                let (first, zone) = (self.local().date(), tz(owner.zone));
                let midnight = |day: i64| instant(&zone, (first + day.days()).at(0, 0, 0, 0));
                (0..*count).map(|nth| (midnight(nth * every), midnight(nth * every + days))).collect()
            }
            Shape::Single => vec![(self.starts()[0], self.starts()[0] + self.length)],
            Shape::Series { cancelled, moved, .. } => {
                let all = self.starts().into_iter().enumerate();
                let kept = all.filter(|(index, _)| Some(*index) != *cancelled);
                let shift = |index| moved.filter(|(which, _)| *which == index).map_or(0, |(_, by)| by);
                kept.map(|(index, start)| (start + shift(index), start + shift(index) + self.length)).collect()
            }
        }
    }

    /// The local time at which it first starts: one that exists.
    fn local(&self) -> DateTime {
        tz(self.zone).to_datetime(Timestamp::from_second(self.start * MINUTE).unwrap())
    }

    fn own_day(&self) -> u8 {
        1 << self.local().weekday().to_monday_zero_offset()
    }

    /// Its original starts.
    fn starts(&self) -> Vec<i64> {
        let (tz, first) = (tz(self.zone), self.local());
        let Shape::Series { step, count, .. } = &self.shape else { return vec![instant(&tz, first)] };
        let wanted = |day: i64| match step {
            Step::Days(every) => day % every == 0,
            Step::Weekdays(days) => {
                let weekday = (first + day.days()).weekday().to_monday_zero_offset();
                (days | self.own_day()) >> weekday & 1 == 1
            }
        };
        (0..).filter(|day| wanted(*day)).take(*count).map(|day| instant(&tz, first + day.days())).collect()
    }
}

impl Question {
    pub fn body(&self, user_ids: &[i64], excluded: &[Value]) -> Value {
        let mut body = json!({
            "user_ids": user_ids,
            "duration_minutes": self.duration,
            "start": text(self.window.0),
            "end": text(self.window.1),
            "step_minutes": self.step,
            "align": if self.free_grid { "free" } else { "clock" },
            "timezone": self.zone,
            "buffer_before_minutes": self.before,
            "buffer_after_minutes": self.after,
            "tentative": if self.tentative_is_free { "free" } else { "busy" },
            "all_day": self.all_day,
            "exclude_event_ids": excluded,
            "limit": 10_000
        });
        match &self.hours {
            HoursPlan::Own => {}
            HoursPlan::None => body["respect_working_hours"] = json!(false),
            HoursPlan::These(hours, days, zone) => {
                let mut these = json!({ "start": time_text(hours.0, hours.1), "end": time_text(hours.2, hours.3) });
                if let Some(days) = days {
                    these["days"] = json!(day_names(*days));
                }
                if let Some(zone) = zone {
                    these["timezone"] = json!(zone);
                }
                body["working_hours"] = these;
            }
        }
        body
    }

    /// The hours of a person, where hours count.
    pub fn hours(&self, person: &PersonPlan) -> Option<Hours> {
        let (hours, days, zone) = match &self.hours {
            HoursPlan::None => return None,
            HoursPlan::Own => (person.hours, person.days, person.zone),
            HoursPlan::These(hours, days, zone) => (*hours, days.unwrap_or(person.days), zone.unwrap_or(person.zone)),
        };
        let time = |hour, minute| Time::new(hour, minute, 0, 0).unwrap();
        let days = (0..7).filter(|day| days >> day & 1 == 1).map(|day| WEEK[day].1).collect();
        Some(Hours { zone, start: time(hours.0, hours.1), end: time(hours.2, hours.3), days })
    }
}

pub fn tz(name: &str) -> TimeZone {
    static BUNDLED: std::sync::LazyLock<TimeZoneDatabase> = std::sync::LazyLock::new(TimeZoneDatabase::bundled);
    BUNDLED.get(name).unwrap()
}

/// RFC 5545 section 3.3.5.
fn instant(tz: &TimeZone, local: DateTime) -> i64 {
    tz.to_ambiguous_zoned(local).compatible().unwrap().timestamp().as_second() / MINUTE
}

fn text(minute: i64) -> String {
    Timestamp::from_second(minute * MINUTE).unwrap().to_string()
}

fn time_text(hour: i8, minute: i8) -> String {
    format!("{hour:02}:{minute:02}")
}

fn day_names(days: u8) -> Vec<&'static str> {
    (0..7).filter(|day| days >> day & 1 == 1).map(|day| WEEK[day].0).collect()
}
