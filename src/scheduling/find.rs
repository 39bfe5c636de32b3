//! "When are we all free?": the question as a use case.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use super::memory::BusyOf;
use super::people::{Asked, people_and_busy};
use super::{Roles, SchedulingError};
use crate::accounts::Actor;
use crate::app::App;
use crate::fields::FieldErrors;
use crate::freebusy::AllDay;
use crate::ids::{EventId, UserId};
use crate::slots::{self, Align, Answer, Group, Order, Person, Query, Tentative};
use crate::storage::accounts::User;
use crate::time::{Days, Period, SignedDuration, Time, Timestamp, WorkingHours, Zone};

/// A question about common free time.
#[derive(Clone, Debug)]
pub struct Search {
    /// Who must be free.
    pub required: Vec<UserId>,
    /// Who should be free.
    pub optional: Vec<UserId>,
    /// Of whom enough must be free.
    pub groups: Vec<Group>,
    /// Length of the meeting, in minutes.
    pub duration_minutes: NonZeroU32,
    /// Where slots may lie.
    pub windows: Vec<Period>,
    /// Distance of candidate starts, in minutes.
    pub step_minutes: NonZeroU32,
    /// Where candidate starts lie.
    pub align: Align,
    /// Whose wall clock the grid follows.
    pub zone: Zone,
    /// Whether working hours count.
    pub respect_working_hours: bool,
    /// What replaces everyone's own hours.
    pub working_hours: Option<HoursOverride>,
    /// By how much everyone's hours are longer, before and after, in minutes.
    pub wider_hours: (u32, u32),
    /// Minutes kept free of events before the meeting.
    pub buffer_before_minutes: u32,
    /// Minutes kept free of events after the meeting.
    pub buffer_after_minutes: u32,
    /// What tentative events count as.
    pub tentative: Tentative,
    /// What all-day events count as.
    pub all_day: AllDay,
    /// The actor's own events to look through; of a meeting that the actor organizes, every copy.
    pub exclude_events: Vec<EventId>,
    /// In which order slots come.
    pub order: Order,
    /// Most slots in the answer.
    pub limit: usize,
    /// Whether to explain the answer.
    pub explain: bool,
}

/// Hours in place of everyone's own; what is `None` stays everyone's own.
#[derive(Clone, Debug)]
pub struct HoursOverride {
    /// When work starts.
    pub start: Time,
    /// When work ends.
    pub end: Time,
    /// On which days.
    pub days: Option<Days>,
    /// By whose wall clock.
    pub zone: Option<Zone>,
}

/// The answer, with what everybody should know of it.
#[derive(Clone, Debug)]
pub struct SearchAnswer {
    /// The slots.
    pub answer: Answer,
    /// Users of whom some event could not be told in time, so that they count as busy throughout.
    pub unknown: Vec<UserId>,
    /// Users of whom some calendar may well be out of date.
    pub stale: Vec<UserId>,
}

/// Finds the slots.
///
/// # Errors
/// `Invalid`, `NotSignedIn`, `Private`.
pub async fn find_slots(app: &App, actor: Option<&Actor>, search: Search) -> Result<SearchAnswer, SchedulingError> {
    let hull = check(app, &search)?;
    let first = prepare(app, actor, &search, hull, None).await?;
    let answer = run(first.query).await?;
    if answer.explanation.is_none() {
        return Ok(SearchAnswer { answer, unknown: first.unknown, stale: first.stale });
    }
    // Only an explanation looks beyond the window, at what a later end would give.
    let horizon = hull.end().checked_add(LOOK_AHEAD).unwrap_or(Timestamp::MAX);
    let second = prepare(app, actor, &search, hull, Some(horizon)).await?;
    Ok(SearchAnswer { answer: run(second.query).await?, unknown: second.unknown, stale: second.stale })
}

/// How much later an end an explanation may propose.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(31 * 24);

struct Prepared {
    query: Query,
    unknown: Vec<UserId>,
    stale: Vec<UserId>,
}

/// Everything that can be wrong without looking at anybody; answers from where to where the windows reach.
fn check(app: &App, search: &Search) -> Result<Period, SchedulingError> {
    let mut errors = FieldErrors::new();
    if search.required.is_empty() {
        errors.add("user_ids", "must name at least one user");
    }
    let most = app.limits.search_users;
    if named(search).everybody().len() > most {
        errors.add("user_ids", format!("names more than {most} users in all roles together"));
    }
    for (index, group) in search.groups.iter().enumerate() {
        let people: BTreeSet<&UserId> = group.people.iter().collect();
        if group.need > people.len() {
            errors.add("groups", format!("groups[{index}].need is {}, but the group has {}", group.need, people.len()));
        }
    }
    let start = search.windows.iter().map(|window| window.start()).min();
    let end = search.windows.iter().map(|window| window.end()).max();
    let hull = start.zip(end).and_then(|(start, end)| Period::new(start, end).ok());
    let days = app.limits.search_days;
    if hull.is_some_and(|hull| hull.duration() > SignedDuration::from_hours(days * 24)) {
        errors.add("end", format!("is more than {days} days after the start"));
    }
    errors.into_result()?;
    hull.ok_or_else(|| FieldErrors::one("windows", "must not be empty").into())
}

async fn prepare(
    app: &App,
    actor: Option<&Actor>,
    search: &Search,
    hull: Period,
    horizon: Option<Timestamp>,
) -> Result<Prepared, SchedulingError> {
    let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let end = horizon.unwrap_or(hull.end()).max(hull.end());
    let asked = Period::new(hull.start(), end).unwrap_or(hull);
    let window = asked.widened(minutes(search.buffer_before_minutes), minutes(search.buffer_after_minutes));
    let (named, all_day, exclude_events) = (named(search), search.all_day, search.exclude_events.as_slice());
    let (users, mut busy) = people_and_busy(app, &Asked { actor, named, window, all_day, exclude_events }).await?;
    let those = |is: fn(&BusyOf) -> bool| busy.iter().filter(|(_, busy)| is(busy)).map(|(id, _)| *id).collect();
    let (unknown, stale) = (those(|busy| busy.unknown), those(|busy| busy.stale));
    let people: BTreeMap<UserId, Person> = users
        .iter()
        .filter_map(|user| busy.remove(&user.id).map(|busy| (user.id, person(user, busy, search))))
        .collect();
    Ok(Prepared { query: query(search, people, horizon), unknown, stale })
}

fn named(search: &Search) -> Roles {
    let groups = search.groups.iter().flat_map(|group| &group.people).copied();
    Roles::of("user_ids", &search.required)
        .and("optional_user_ids", search.optional.iter().copied())
        .and("groups", groups)
}

fn person(user: &User, busy: BusyOf, search: &Search) -> Person {
    let working = search.respect_working_hours.then(|| working_hours(user, search));
    Person { working, busy: busy.busy, tentative: busy.tentative }
}

fn working_hours(user: &User, search: &Search) -> WorkingHours {
    let own = user.working_hours();
    let hours = match &search.working_hours {
        None => own,
        Some(given) => WorkingHours {
            start: given.start,
            end: given.end,
            days: given.days.unwrap_or(own.days),
            zone: given.zone.clone().unwrap_or(own.zone),
        },
    };
    let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    match search.wider_hours {
        (0, 0) => hours,
        (earlier, later) => hours.widened(minutes(earlier), minutes(later)),
    }
}

fn query(search: &Search, people: BTreeMap<UserId, Person>, known_until: Option<Timestamp>) -> Query {
    Query {
        windows: search.windows.clone(),
        duration_minutes: search.duration_minutes,
        step_minutes: search.step_minutes,
        align: search.align,
        zone: search.zone.clone(),
        people,
        required: search.required.clone(),
        optional: search.optional.clone(),
        groups: search.groups.clone(),
        buffer_before_minutes: search.buffer_before_minutes,
        buffer_after_minutes: search.buffer_after_minutes,
        tentative: search.tentative,
        order: search.order,
        limit: search.limit,
        explain: search.explain,
        known_until,
    }
}

/// Runs the search: a large one off the runtime's threads, which have other requests to answer.
async fn run(query: Query) -> Result<Answer, SchedulingError> {
    let hours: i64 = query.windows.iter().map(|window| window.duration().as_hours()).sum();
    let size = hours.unsigned_abs() * query.people.len() as u64;
    if size <= SMALL && !query.explain {
        return Ok(slots::find_slots(&query));
    }
    let search = tokio::task::spawn_blocking(move || slots::find_slots(&query));
    search.await.map_err(|error| SchedulingError::Machine(error.to_string()))
}

/// Ten people for ten weeks, in hours: less than a millisecond.
const SMALL: u64 = 10 * 70 * 24;
