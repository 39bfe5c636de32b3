//! Single occurrences of a series: listing, changing and cancelling them, and splitting the series at one.

use super::change::Context;
use super::meeting::{Held, snapshot};
use super::read::{object, owned};
use super::write::{check_room, context, insert, locked, new_uid, store, view};
use super::{EventChange, EventError, EventView, ListPlace, Page};
use crate::accounts::{Actor, Writer};
use crate::app::App;
use crate::ical::{CalendarObject, VEvent};
use crate::ids::EventId;
use crate::limits::Limits;
use crate::recurrence::{Occurrence, RecurrenceSet};
use crate::storage::Conn;
use crate::time::{DateOrTime, Period, SignedDuration, Timestamp, Zone};
use crate::versions::Expected;

/// Which occurrences of one event to list.
#[derive(Clone, Debug, Default)]
pub struct OccurrencesQuery {
    /// Those that end after this instant; from the first on, where it is not given.
    pub start: Option<Timestamp>,
    /// Those that start before this instant. Where it is not given, up to the last one, or a year in an endless series.
    pub end: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
    /// Those after this place.
    pub after: Option<ListPlace>,
}

/// Which occurrence of which version of which event.
#[derive(Clone, Debug)]
pub struct OccurrenceTarget {
    /// The event.
    pub event: EventId,
    /// The original start; a local time is in the zone of the series.
    pub recurrence_id: DateOrTime,
    /// The versions of the event that are accepted.
    pub expected: Expected,
}

/// How far a change of an occurrence reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// This occurrence alone.
    #[default]
    This,
    /// This one and all after it: the series is split here.
    Following,
}

/// The occurrences of one event, in the order of their starts.
///
/// # Errors
/// `NotFound`, `Invalid`, `TooManyOccurrences`.
pub async fn list_occurrences(
    app: &App,
    actor: &Actor,
    id: EventId,
    query: &OccurrencesQuery,
) -> Result<Page, EventError> {
    let mut conn = snapshot(app).await?;
    let row = owned(&mut conn, actor.user.id, id).await?;
    drop(conn);
    let (object, owner) = (object(&row)?, &actor.user.timezone);
    let set = object.recurrence_set(&app.limits)?;
    let found = set.expand(owner, window(&set, query)?, &app.limits)?;
    let places = found.into_iter().map(|occurrence| (ListPlace::of(id, &occurrence, owner), occurrence));
    let wanted = places.filter(|(place, _)| query.after.is_none_or(|after| *place > after));
    let mut wanted: Vec<(ListPlace, Occurrence)> = wanted.take(query.limit + 1).collect();
    let more = wanted.len() > query.limit;
    wanted.truncate(query.limit);
    let next = wanted.last().map(|(place, _)| *place).filter(|_| more);
    let events = wanted.iter().map(|(_, occurrence)| EventView::of_occurrence(&row, &object, occurrence, owner));
    Ok(Page { events: events.collect::<Result<_, _>>()?, next })
}

/// Changes one occurrence, or splits the series there and changes the rest; answers the occurrence, or the new series.
///
/// # Errors
/// `NotFound`, `NoSuchOccurrence`, `Invalid`, `ReadOnlyCalendar`, `TooMany`, `Changed`.
pub async fn change_occurrence(
    app: &App,
    actor: &Writer,
    target: &OccurrenceTarget,
    change: &EventChange,
    range: Range,
) -> Result<EventView, EventError> {
    change.check()?;
    let mut conn = app.db.write().await?;
    let mut at = Place::find(app, actor, &mut conn, target).await?;
    at.check_stays(change)?;
    let answer = match range {
        Range::This => at.change_one(app, actor, &mut conn, change).await?,
        Range::Following => at.change_rest(app, actor, &mut conn, change).await?,
    };
    conn.commit().await?;
    Ok(answer)
}

/// Takes one occurrence out of the series, or ends the series before it.
///
/// # Errors
/// `NotFound`, `NoSuchOccurrence`, `ReadOnlyCalendar`, `Changed`.
pub async fn cancel_occurrence(
    app: &App,
    actor: &Writer,
    target: &OccurrenceTarget,
    range: Range,
) -> Result<(), EventError> {
    let mut conn = app.db.write().await?;
    let mut at = Place::find(app, actor, &mut conn, target).await?;
    let context = context(app, actor);
    match range {
        Range::Following if at.is_first(context.owner)? => {
            // By now the place holds the copies only where the actor organizes the meeting.
            at.must_organize()?;
            at.held.remove(app, &mut conn, &actor.user.email_key).await?;
        }
        Range::Following => {
            at.object.split(&at.occurrence, &new_uid(), context.owner, context.limits)?;
            at.store(app, &mut conn, &context).await?;
        }
        Range::This => {
            at.object.cancel_occurrence(&at.occurrence.recurrence_id, context.owner)?;
            at.store(app, &mut conn, &context).await?;
        }
    }
    Ok(conn.commit().await?)
}

/// Removes the overrides of occurrences that the series does not have any more, after a change of its rules.
pub(super) fn drop_lost_overrides(
    object: &mut CalendarObject,
    before: &CalendarObject,
    context: &Context<'_>,
) -> Result<(), EventError> {
    let rules =
        |object: &CalendarObject| object.master().map(|master| (master.start().ok(), master.recurrence_lines()));
    if object.overrides().len() == 0 || rules(object) == rules(before) {
        return Ok(());
    }
    let set = RecurrenceSet { overrides: Vec::new(), ..object.recurrence_set(context.limits)? };
    let ids: Vec<DateOrTime> = object
        .overrides()
        .map(|event| event.recurrence_id())
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    for id in ids {
        if set.occurrence_at(context.owner, &id, context.limits)?.is_none() {
            object.remove_override(&id, context.owner);
        }
    }
    Ok(())
}

/// An occurrence of an event whose calendar is locked.
struct Place {
    held: Held,
    before: CalendarObject,
    object: CalendarObject,
    occurrence: Occurrence,
}

impl Place {
    async fn find(app: &App, actor: &Writer, conn: &mut Conn, target: &OccurrenceTarget) -> Result<Self, EventError> {
        let held = locked(conn, actor.user.id, (target.event, &target.expected), None).await?;
        let object = object(&held.row)?;
        let occurrence = occurrence(&object, &target.recurrence_id, &actor.user.timezone, &app.limits)?;
        Ok(Self { held, before: object.clone(), object, occurrence })
    }

    /// Whether it takes place is not for the participants of a meeting to say.
    fn must_organize(&self) -> Result<(), EventError> {
        if self.held.meeting.is_some() && !self.held.organizes { Err(EventError::NotOrganizer) } else { Ok(()) }
    }

    /// Whether the change leaves it in its series' calendar, under its series' name.
    fn check_stays(&self, change: &EventChange) -> Result<(), EventError> {
        if change.calendar_id.is_some_and(|id| id != self.held.row.calendar_id) {
            return Err(EventError::field("calendar_id", "an occurrence stays in the calendar of its series"));
        }
        if change.uid.as_ref().is_some_and(|uid| *uid != self.held.row.uid) {
            return Err(EventError::field("uid", "cannot be changed"));
        }
        Ok(())
    }

    fn is_first(&self, owner: &Zone) -> Result<bool, EventError> {
        let start = self.object.representative().start()?;
        Ok(self.occurrence.recurrence_id.instant(owner) <= start.instant(owner))
    }

    async fn change_one(
        &mut self,
        app: &App,
        actor: &Writer,
        conn: &mut Conn,
        change: &EventChange,
    ) -> Result<EventView, EventError> {
        let context = context(app, actor);
        let component = self.object.override_mut(&self.occurrence, context.owner)?;
        change.apply_to_override(component, &context)?;
        self.put(app, conn).await?;
        let row = owned(conn, actor.user.id, self.held.row.id).await?;
        let now = occurrence(&self.object, &self.occurrence.recurrence_id, context.owner, context.limits)?;
        EventView::of_occurrence(&row, &self.object, &now, context.owner)
    }

    async fn change_rest(
        &mut self,
        app: &App,
        actor: &Writer,
        conn: &mut Conn,
        change: &EventChange,
    ) -> Result<EventView, EventError> {
        let context = context(app, actor);
        // An occurrence is shown without recurrence: sent back like that, it does not end the series.
        let recurrence = change.recurrence.clone().filter(|lines| !lines.is_empty());
        let change = EventChange { uid: None, recurrence, ..change.clone() };
        if self.is_first(context.owner)? {
            change.apply(&mut self.object, &context)?;
            self.put(app, conn).await?;
            return view(conn, actor, self.held.row.id).await;
        }
        self.must_organize()?;
        let mut rest = self.object.split(&self.occurrence, &new_uid(), context.owner, context.limits)?;
        let unmoved = rest.clone();
        change.apply(&mut rest, &context)?;
        self.held.check_change(&unmoved, &mut rest)?;
        check_room(app, conn, actor.user.id).await?;
        self.store(app, conn, &context).await?;
        let id = insert(app, conn, self.held.row.calendar_id, &rest).await?;
        self.held.split_others(app, conn, (id, &rest)).await?;
        view(conn, actor, id).await
    }

    /// Stores the series, which has fewer occurrences now, in every copy of a meeting. Nobody is asked again: those that are
    /// left are what was answered to.
    async fn store(&mut self, app: &App, conn: &mut Conn, context: &Context<'_>) -> Result<(), EventError> {
        self.must_organize()?;
        if let Some(master) = self.object.master_mut() {
            let sequence = VEvent::of(master).sequence().saturating_add(1);
            master.touch(context.now, Some(sequence));
        }
        store(app, conn, &self.held.row, self.held.row.calendar_id, &self.object).await?;
        self.held.reach_others(app, conn, &self.object).await
    }

    /// Stores the series, in every copy of a meeting.
    async fn put(&mut self, app: &App, conn: &mut Conn) -> Result<(), EventError> {
        self.held.check_change(&self.before, &mut self.object)?;
        store(app, conn, &self.held.row, self.held.row.calendar_id, &self.object).await?;
        self.held.reach_others(app, conn, &self.object).await
    }
}

/// The occurrence of a series with this original start.
fn occurrence(
    object: &CalendarObject,
    recurrence_id: &DateOrTime,
    owner: &Zone,
    limits: &Limits,
) -> Result<Occurrence, EventError> {
    let set = object.recurrence_set(limits)?;
    let recurs = !set.rules.is_empty() || !set.rdates.is_empty() || !set.overrides.is_empty();
    let id = match (recurrence_id, &set.start) {
        (DateOrTime::Floating(local), DateOrTime::Zoned { .. }) => set.start.with_local(*local),
        _ => recurrence_id.clone(),
    };
    let same_kind = id.is_date() == set.start.is_date();
    let found = if recurs && same_kind { set.occurrence_at(owner, &id, limits)? } else { None };
    found.ok_or(EventError::NoSuchOccurrence)
}

/// What is listed of an endless series where the client names no end.
const A_YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

fn window(set: &RecurrenceSet, query: &OccurrencesQuery) -> Result<Period, EventError> {
    let bounds = set.bounds();
    let later = |instant: Timestamp, by| instant.checked_add(by).unwrap_or(Timestamp::MAX);
    let start = query.start.unwrap_or(bounds.first_start);
    // An occurrence of no length at the very end lies in the window too.
    let last = bounds.last_end.map(|end| later(end, SignedDuration::from_secs(1)));
    let end = query.end.or(last.filter(|last| *last > start)).unwrap_or_else(|| later(start, A_YEAR));
    Period::new(start, end).map_err(|_| EventError::field("end", "must be after start"))
}
