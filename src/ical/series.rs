//! What concerns a whole series: its recurrence set, overrides and exceptions of single occurrences, and the split of a
//! series in two.

use super::calendar_object::CalendarObject;
use super::component::Component;
use super::event::VEvent;
use super::make::text_line;
use super::recurrence::{Recurrence, in_zone, like_start};
use super::value::{PropertyError, date_or_time_line, span_between};
use crate::freebusy::BusySource;
use crate::limits::Limits;
use crate::recurrence::{ExpandError, Occurrence, Rdate, RecurrenceSet, Rule, Span, Work};
use crate::time::{DateOrTime, Period, Timestamp, Zone};

/// Why a series cannot be edited so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// A property cannot be read.
    #[error(transparent)]
    Property(#[from] PropertyError),
    /// The series is too long to be counted out.
    #[error(transparent)]
    Expand(#[from] ExpandError),
    /// The object holds overrides only, or does not recur.
    #[error("the event is no series")]
    NoSeries,
    /// The rest of a series would start EXRULE anew, which then took other occurrences away.
    #[error("a series with EXRULE cannot be split; give it EXDATEs instead")]
    ExceptedByRule,
    /// The series would have to be split at its very start, or before it.
    #[error("the series has no occurrence before this one")]
    NothingBefore,
}

/// The components of an object, looked at.
struct Views<'o> {
    events: Vec<VEvent<'o>>,
    has_master: bool,
}

impl<'o> Views<'o> {
    /// All but the master.
    fn overrides(&self) -> &[VEvent<'o>] {
        self.events.get(usize::from(self.has_master)..).unwrap_or_default()
    }

    fn recurrence_set(&self, limits: &Limits, work: &mut Work) -> Result<RecurrenceSet, SeriesError> {
        let found = self.overrides().len();
        if found > limits.recurrence_values {
            return Err(ExpandError::TooManyValues { found, limit: limits.recurrence_values }.into());
        }
        let overrides = self.overrides().iter().map(VEvent::as_override).collect::<Result<Vec<_>, _>>()?;
        let head = self.events.first().ok_or(SeriesError::NoSeries)?;
        let recurrence = if self.has_master { head.recurrence(limits)? } else { Recurrence::default() };
        let mut set = RecurrenceSet {
            start: head.start()?,
            span: head.span()?,
            rules: recurrence.rules,
            rdates: recurrence.rdates,
            exdates: recurrence.exdates,
            exrules: recurrence.exrules,
            overrides,
            has_master: self.has_master,
            last_starts: Vec::new(),
        };
        set.resolve_within(work)?;
        Ok(set)
    }
}

impl CalendarObject {
    /// When the event occurs, resolved (see [`RecurrenceSet::resolve`]).
    ///
    /// # Errors
    /// A property that cannot be read, or a bound of `limits` that is exceeded.
    pub fn recurrence_set(&self, limits: &Limits) -> Result<RecurrenceSet, SeriesError> {
        self.recurrence_set_within(limits, &mut Work::once(limits))
    }

    fn recurrence_set_within(&self, limits: &Limits, work: &mut Work) -> Result<RecurrenceSet, SeriesError> {
        self.views().recurrence_set(limits, work)
    }

    /// Views of all components, made once.
    fn views(&self) -> Views<'_> {
        let events: Vec<VEvent<'_>> = self.components().iter().map(VEvent::of).collect();
        let has_master = events.first().is_some_and(|first| first.property("RECURRENCE-ID").is_none());
        Views { events, has_master }
    }

    /// What the event blocks: the search index of it. Without a master the first state is that of the first override,
    /// which nothing uses.
    ///
    /// # Errors
    /// As [`CalendarObject::recurrence_set`].
    pub fn busy_source(&self, limits: &Limits) -> Result<BusySource, SeriesError> {
        self.busy_source_within(limits, &mut Work::once(limits))
    }

    /// As [`CalendarObject::busy_source`], with the steps that are left to the events of a file.
    ///
    /// # Errors
    /// As [`CalendarObject::recurrence_set`].
    pub fn busy_source_within(&self, limits: &Limits, work: &mut Work) -> Result<BusySource, SeriesError> {
        let views = self.views();
        let set = views.recurrence_set(limits, work)?;
        let states = views.events.first().into_iter().chain(views.overrides()).map(VEvent::busy_state).collect();
        Ok(BusySource { set, states })
    }

    /// The master for editing.
    pub fn master_mut(&mut self) -> Option<&mut Component> {
        if self.has_master() { self.components_mut().first_mut() } else { None }
    }

    /// A component for editing: 0 is the master (see [`Occurrence::component`]), `i` the override `i - 1`.
    pub fn component_mut(&mut self, occurrence_component: usize) -> Option<&mut Component> {
        let index = if self.has_master() { occurrence_component } else { occurrence_component.checked_sub(1)? };
        self.components_mut().get_mut(index)
    }

    /// The component that describes an occurrence (see [`Occurrence::component`]).
    pub fn event(&self, occurrence_component: usize) -> Option<VEvent<'_>> {
        let index = if self.has_master() { occurrence_component } else { occurrence_component.checked_sub(1)? };
        self.components().get(index).map(VEvent::of)
    }

    /// The override of one occurrence for editing, made where there is none: a copy of the component that describes the
    /// occurrence, alarms and all, without recurrence lines, with its times and a RECURRENCE-ID of the kind and zone of
    /// the master's DTSTART.
    ///
    /// # Errors
    /// [`SeriesError::NoSeries`], or a property that cannot be read.
    pub fn override_mut(&mut self, occurrence: &Occurrence, owner: &Zone) -> Result<&mut Component, SeriesError> {
        if let Some(index) = self.override_index(&occurrence.recurrence_id, owner) {
            return self.components_mut().get_mut(index).ok_or(SeriesError::NoSeries);
        }
        let source = self.event(occurrence.component).ok_or(SeriesError::NoSeries)?;
        let master = self.master().ok_or(SeriesError::NoSeries)?;
        let recurrence_id = like_start("RECURRENCE-ID", &occurrence.recurrence_id, &master.start()?)?;
        let span = source.span()?;
        let mut copy = source.component().clone();
        copy.replace(&["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"], Vec::new());
        copy.push(&date_or_time_line("RECURRENCE-ID", &recurrence_id));
        copy.move_to(&occurrence.start, span);
        let components = self.components_mut();
        components.push(copy);
        components.last_mut().ok_or(SeriesError::NoSeries)
    }

    /// Takes one occurrence away: its override goes, and EXDATE names it, with the kind and zone of DTSTART. An object
    /// without a master, or whose event does not recur, has no EXDATE; there the override alone goes.
    ///
    /// # Errors
    /// A property that cannot be read.
    pub fn cancel_occurrence(&mut self, recurrence_id: &DateOrTime, owner: &Zone) -> Result<(), SeriesError> {
        while let Some(index) = self.override_index(recurrence_id, owner) {
            if self.components().len() == 1 {
                return Err(SeriesError::NoSeries);
            }
            self.components_mut().remove(index);
        }
        let Some(master) = self.master_mut() else { return Ok(()) };
        let start = VEvent::of(master).start()?;
        let exdate = like_start("EXDATE", recurrence_id, &start)?;
        master.push(&date_or_time_line("EXDATE", &exdate));
        Ok(())
    }

    /// Removes the override of one occurrence, so that it is like the others again. Answers whether there was one.
    pub fn remove_override(&mut self, recurrence_id: &DateOrTime, owner: &Zone) -> bool {
        let index = self.override_index(recurrence_id, owner).filter(|_| self.components().len() > 1);
        index.map(|index| self.components_mut().remove(index)).is_some()
    }

    /// Gives all components another UID.
    pub fn set_uid(&mut self, uid: &str) {
        for component in self.components_mut() {
            component.replace_one("UID", Some(text_line("UID", &[], uid)));
        }
    }

    /// Ends the series before an occurrence and answers the rest as an object of its own, which starts with that
    /// occurrence: the rules are divided (UNTIL here, what is left of COUNT there), and so are RDATE, EXDATE and the
    /// overrides.
    ///
    /// # Errors
    /// [`SeriesError`]; nothing has changed then.
    pub fn split(
        &mut self,
        at: &Occurrence,
        new_uid: &str,
        owner: &Zone,
        limits: &Limits,
    ) -> Result<Self, SeriesError> {
        let master = self.master().filter(VEvent::is_recurring).ok_or(SeriesError::NoSeries)?;
        let (start, span) = (master.start()?, master.span()?);
        let cut = at.recurrence_id.instant(owner);
        if cut <= start.instant(owner) {
            return Err(SeriesError::NothingBefore);
        }
        let recurrence = master.recurrence(limits)?;
        if !recurrence.exrules.is_empty() {
            return Err(SeriesError::ExceptedByRule);
        }
        let first = like_start("RECURRENCE-ID", &at.recurrence_id, &start)?;
        let (before, after) = divide(&recurrence, &Cut { start: &start, span, first: &first, at: cut, owner, limits })?;
        let mut head = master.component().clone();
        let mut tail = head.clone();
        head.set_recurrence(&before, limits);
        tail.set_recurrence(&after, limits);
        tail.move_to(&first, span);
        let is_later = |component: &Component| {
            let id = VEvent::of(component).recurrence_id().ok().flatten();
            id.is_some_and(|id| id.instant(owner) >= cut)
        };
        let (later, earlier): (Vec<_>, Vec<_>) =
            self.components()[1..].iter().cloned().partition(|component| is_later(component));
        *self.components_mut() = std::iter::once(head).chain(earlier).collect();
        let mut rest = Self::of_one(tail);
        rest.components_mut().extend(later);
        rest.set_uid(new_uid);
        Ok(rest)
    }

    /// Moves a whole series: the master gets other times, and its UNTILs, EXDATEs and RDATEs and the RECURRENCE-IDs of its
    /// overrides move with it by the same difference of wall-clock time, and into the same kind of value, so that they name
    /// the same occurrences as before. Overrides that say when else their occurrence is keep saying so.
    ///
    /// # Errors
    /// [`SeriesError::NoSeries`] without a master, or a property that cannot be read.
    pub fn reschedule(&mut self, start: &DateOrTime, end: &DateOrTime, limits: &Limits) -> Result<(), SeriesError> {
        let master = self.master().ok_or(SeriesError::NoSeries)?;
        let (old, span) = (master.start()?, master.span()?);
        let new_span =
            span_between(start, end).ok_or_else(|| PropertyError::new("DTEND", "DTEND is before DTSTART"))?;
        let recurrence = master.recurrence(limits)?;
        let moves = Move { from: &old, to: start };
        if !moves.is_none() {
            let moved = Recurrence {
                rules: recurrence.rules.iter().map(|rule| moves.rule(rule)).collect(),
                rdates: recurrence.rdates.iter().map(|rdate| moves.rdate(rdate)).collect(),
                exdates: recurrence.exdates.iter().map(|exdate| moves.value(exdate)).collect(),
                exrules: recurrence.exrules.iter().map(|rule| moves.rule(rule)).collect(),
            };
            for component in self.components_mut().iter_mut() {
                moves.carry(component, (span, new_span))?;
            }
            if let Some(master) = self.master_mut() {
                master.set_recurrence(&moved, limits);
            }
        }
        if let Some(master) = self.master_mut() {
            master.set_times(start, end);
        }
        Ok(())
    }

    fn override_index(&self, recurrence_id: &DateOrTime, owner: &Zone) -> Option<usize> {
        let wanted = recurrence_id.instant(owner);
        self.components().iter().position(|component| {
            let event = VEvent::of(component);
            let id = event.recurrence_id().ok().flatten();
            !event.is_following() && id.is_some_and(|id| id.instant(owner) == wanted)
        })
    }
}

/// Where and how a series is cut.
struct Cut<'a> {
    start: &'a DateOrTime,
    span: Span,
    first: &'a DateOrTime,
    at: Timestamp,
    owner: &'a Zone,
    limits: &'a Limits,
}

fn divide(recurrence: &Recurrence, cut: &Cut<'_>) -> Result<(Recurrence, Recurrence), SeriesError> {
    let is_before = |value: &DateOrTime| value.instant(cut.start.zone(cut.owner)) < cut.at;
    let (mut before, mut after) = (Recurrence::default(), Recurrence::default());
    for rule in &recurrence.rules {
        let text = rule.to_string();
        before.rules.push(reparse(&ended(&text, cut))?);
        if let Some(rest) = rest_of(&text, cut)? {
            after.rules.push(reparse(&rest)?);
        }
    }
    for rdate in &recurrence.rdates {
        let start = match rdate {
            Rdate::At(start) | Rdate::Period { start, .. } => start,
        };
        let side = if is_before(start) { &mut before } else { &mut after };
        side.rdates.push(rdate.clone());
    }
    for exdate in &recurrence.exdates {
        let side = if is_before(exdate) { &mut before } else { &mut after };
        side.exdates.push(exdate.clone());
    }
    Ok((before, after))
}

fn reparse(rule: &str) -> Result<Rule, PropertyError> {
    Rule::parse(rule).map_err(|error| PropertyError::new("RRULE", error.to_string()))
}

/// The rule with an UNTIL just before the cut, unless it ends earlier by itself.
fn ended(rule: &str, cut: &Cut<'_>) -> String {
    let until = match cut.first {
        DateOrTime::Date(date) => DateOrTime::Date(date.yesterday().unwrap_or(*date)).to_string(),
        DateOrTime::Floating(local) => {
            DateOrTime::Floating(local.saturating_sub(jiff::Span::new().seconds(1))).to_string()
        }
        DateOrTime::Zoned { .. } => {
            DateOrTime::utc(cut.at.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(cut.at)).to_string()
        }
    };
    // UNTIL values of one kind sort as text.
    let until = part(rule, "UNTIL").filter(|old| *old < until.as_str()).map_or(until.clone(), str::to_owned);
    format!("{};UNTIL={until}", without(rule, &["COUNT", "UNTIL"]))
}

/// The rule from the cut on: with what is left of COUNT, or as it was; `None` where nothing is left.
fn rest_of(rule: &str, cut: &Cut<'_>) -> Result<Option<String>, SeriesError> {
    let Some(count) = part(rule, "COUNT").and_then(|count| count.parse::<u64>().ok()) else {
        return Ok(Some(rule.to_owned()));
    };
    let mut alone = RecurrenceSet {
        start: cut.start.clone(),
        span: cut.span,
        rules: vec![reparse(rule)?],
        rdates: Vec::new(),
        exdates: Vec::new(),
        exrules: Vec::new(),
        overrides: Vec::new(),
        has_master: true,
        last_starts: Vec::new(),
    };
    alone.resolve(cut.limits)?;
    let gone = occurrences_before(&alone, cut)?;
    Ok((gone < count).then(|| format!("{};COUNT={}", without(rule, &["COUNT"]), count - gone)))
}

fn occurrences_before(set: &RecurrenceSet, cut: &Cut<'_>) -> Result<u64, SeriesError> {
    let Ok(window) = Period::new(set.start.instant(cut.owner), cut.at) else { return Ok(0) };
    let found = set.expand(cut.owner, window, cut.limits)?;
    Ok(found.iter().filter(|occurrence| occurrence.starts_at < cut.at).count() as u64)
}

fn part<'a>(rule: &'a str, key: &str) -> Option<&'a str> {
    let pairs = rule.split(';').filter_map(|part| part.split_once('='));
    pairs.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

fn without(rule: &str, keys: &[&str]) -> String {
    let kept = rule.split(';').filter(|part| {
        let key = part.split('=').next().unwrap_or("");
        !keys.iter().any(|gone| key.eq_ignore_ascii_case(gone))
    });
    kept.collect::<Vec<_>>().join(";")
}

/// A move of a series on the wall clock, perhaps into another zone.
struct Move<'a> {
    from: &'a DateOrTime,
    to: &'a DateOrTime,
}

impl Move<'_> {
    fn is_none(&self) -> bool {
        self.from == self.to
    }

    fn value(&self, value: &DateOrTime) -> DateOrTime {
        if value.is_date() != self.from.is_date() {
            return value.clone();
        }
        let value = match self.from {
            DateOrTime::Zoned { zone, .. } => in_zone(value, zone),
            _ => value.clone(),
        };
        let difference = self.from.local().duration_until(self.to.local());
        let local = value.local().saturating_add(difference);
        self.to.with_local(local)
    }

    /// Lets an override name the same occurrence as before. One that only says other things than the master, at the
    /// occurrence's own time, moves with it; `spans` are the lengths of the master before and after.
    fn carry(&self, component: &mut Component, spans: (Span, Span)) -> Result<(), PropertyError> {
        let event = VEvent::of(component);
        let Some(id) = event.recurrence_id()? else { return Ok(()) };
        let (start, span, following) = (event.start()?, event.span()?, event.is_following());
        let moved = self.value(&id);
        let line = date_or_time_line("RECURRENCE-ID", &moved);
        let range = if following { "RECURRENCE-ID;RANGE=THISANDFUTURE" } else { "RECURRENCE-ID" };
        component.replace_one("RECURRENCE-ID", Some(line.replacen("RECURRENCE-ID", range, 1)));
        let utc = Zone::utc();
        if start.is_date() == id.is_date() && start.instant(id.zone(&utc)) == id.instant(&utc) {
            let span = if span == spans.0 { spans.1 } else { span };
            let zone = moved.zone(&utc);
            let ends_at = span.end(moved.local(), moved.instant(zone), zone);
            component.set_times(&moved, &span.end_as_written(&moved, ends_at, zone));
        }
        Ok(())
    }

    fn rule(&self, rule: &Rule) -> Rule {
        match rule.until() {
            Some(until) => rule.clone().with_until(&self.value(until)),
            None => rule.clone(),
        }
    }

    fn rdate(&self, rdate: &Rdate) -> Rdate {
        match rdate {
            // A period has no dates.
            Rdate::Period { start, .. } if self.to.is_date() => Rdate::At(self.value(start)),
            Rdate::At(at) => Rdate::At(self.value(at)),
            Rdate::Period { start, span } => Rdate::Period { start: self.value(start), span: *span },
        }
    }
}
