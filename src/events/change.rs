//! What a client wants of an event, and how that changes the object.

use super::EventError;
use super::times::{Times, TimesChange};
use crate::fields::FieldErrors;
use crate::freebusy::{Status, Transparency};
use crate::ical::{CalendarObject, Component, NewEvent, Recurrence, VEvent};
use crate::ids::CalendarId;
use crate::limits::Limits;
use crate::recurrence::{RecurrenceSet, Span};
use crate::time::{DateOrTime, Timestamp, Zone};

/// What to change of an event; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EventChange {
    /// Where to keep it.
    pub calendar_id: Option<CalendarId>,
    /// UID: that of the event; it never changes.
    pub uid: Option<String>,
    /// SUMMARY: 1 to 255 characters.
    pub title: Option<String>,
    /// DESCRIPTION.
    pub description: Option<String>,
    /// LOCATION.
    pub location: Option<String>,
    /// URL.
    pub url: Option<String>,
    /// CATEGORIES.
    pub categories: Option<Vec<String>>,
    /// When.
    pub times: TimesChange,
    /// TRANSP.
    pub transparency: Option<Transparency>,
    /// STATUS.
    pub status: Option<Status>,
    /// RRULE, RDATE and EXDATE lines.
    pub recurrence: Option<Vec<String>>,
    /// Whether nothing of the times is to stay, as in a full update.
    pub whole: bool,
}

/// A new event.
#[derive(Clone, Debug, Default)]
pub struct NewEventRequest {
    /// UID; made where there is none.
    pub uid: Option<String>,
    /// All else.
    pub event: EventChange,
}

impl EventChange {
    /// The same change with the default for whatever it leaves out, but the calendar, which stays.
    #[must_use]
    pub fn whole(self) -> Self {
        Self {
            calendar_id: self.calendar_id,
            uid: self.uid,
            title: Some(self.title.unwrap_or_default()),
            description: Some(self.description.unwrap_or_default()),
            location: Some(self.location.unwrap_or_default()),
            url: Some(self.url.unwrap_or_default()),
            categories: Some(self.categories.unwrap_or_default()),
            times: self.times,
            transparency: Some(self.transparency.unwrap_or_default()),
            status: Some(self.status.unwrap_or_default()),
            recurrence: Some(self.recurrence.unwrap_or_default()),
            whole: true,
        }
    }

    /// Makes the change in the master of an object, or in its only override where there is no master.
    ///
    /// # Errors
    /// `Invalid`; then the object is not to be used any more.
    pub(super) fn apply(&self, object: &mut CalendarObject, context: &Context<'_>) -> Result<(), EventError> {
        if self.uid.as_ref().is_some_and(|uid| *uid != object.uid()) {
            return Err(EventError::field("uid", "cannot be changed"));
        }
        let before = object.clone();
        let zone = self.zone(&before.representative().start()?, context);
        let times = self.new_times(&object.representative(), context)?;
        if let Some(times) = &times {
            move_to(object, times, context)?;
        }
        if let Some(lines) = &self.recurrence {
            let start = object.representative().start()?;
            let recurrence = recurrence(lines, &start, context)?;
            let master =
                object.master_mut().ok_or_else(|| EventError::field("recurrence", "this event cannot recur"))?;
            master.set_recurrence(&recurrence, context.limits);
        }
        self.say(head_mut(object)?);
        if let Some(start) = times.map(|times| times.start).filter(|_| object.representative().is_recurring()) {
            check_series_start(&start, &zone)?;
        }
        super::occurrences::drop_lost_overrides(object, &before, context)?;
        stamp(object, &before, context.now)
    }

    /// Makes the change in the override of one occurrence.
    ///
    /// # Errors
    /// `Invalid`.
    pub(super) fn apply_to_override(&self, component: &mut Component, context: &Context<'_>) -> Result<(), EventError> {
        if self.recurrence.as_ref().is_some_and(|lines| !lines.is_empty()) {
            return Err(EventError::field(
                "recurrence",
                "one occurrence cannot recur; use range=following or change the event",
            ));
        }
        let before = component.clone();
        if let Some(times) = self.new_times(&VEvent::of(component), context)? {
            component.set_times(&times.start, &times.end);
        }
        self.say(component);
        if *component != before {
            let sequence = VEvent::of(component).sequence().saturating_add(1);
            component.touch(context.now, Some(sequence));
        }
        Ok(())
    }

    /// The new object.
    ///
    /// # Errors
    /// `Invalid`.
    pub(super) fn create(&self, uid: &str, context: &Context<'_>) -> Result<CalendarObject, EventError> {
        let times = self.times.whole(context.default_zone)?;
        let mut new = NewEvent::new(uid, "", times.start.clone(), times.end, context.now);
        if let Some(lines) = &self.recurrence {
            new.recurrence = recurrence(lines, &times.start, context)?;
        }
        if !new.recurrence.is_empty() {
            check_series_start(&times.start, self.times.timezone.as_ref().unwrap_or(context.default_zone))?;
        }
        let mut object = CalendarObject::create(&new);
        self.say(head_mut(&mut object)?);
        Ok(object)
    }

    /// On whose wall clock the event is to be, when it was at `old`.
    fn zone(&self, old: &DateOrTime, context: &Context<'_>) -> Zone {
        let stays = if self.whole { context.default_zone } else { old.zone(context.owner) };
        self.times.timezone.as_ref().unwrap_or(stays).clone()
    }

    /// What is wrong with the texts.
    pub(super) fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if let Some(title) = &self.title
            && (title.trim().is_empty() || title.chars().count() > 255)
        {
            errors.add("title", "must have 1 to 255 characters");
        }
        if self.categories.iter().flatten().any(|category| category.trim().is_empty()) {
            errors.add("categories", "must not have an empty one");
        }
        if self.url.as_ref().is_some_and(|url| !url.is_empty() && !is_uri(url)) {
            errors.add("url", "is not a URI, such as https://example.org/");
        }
        errors.into_result()
    }

    fn new_times(&self, old: &VEvent<'_>, context: &Context<'_>) -> Result<Option<Times>, EventError> {
        if self.whole {
            return Ok(Some(self.times.whole(context.default_zone)?));
        }
        if self.times.is_empty() {
            return Ok(None);
        }
        let old = Times { start: old.start()?, end: old.end()? };
        Ok(Some(self.times.applied(&old, context.owner)?))
    }

    /// Writes all but the times and the recurrence.
    fn say(&self, component: &mut Component) {
        let texts = [("SUMMARY", &self.title), ("DESCRIPTION", &self.description), ("LOCATION", &self.location)];
        for (name, value) in texts {
            if let Some(value) = value {
                component.set_text(name, Some(value.as_str()).filter(|value| !value.is_empty()));
            }
        }
        if let Some(url) = &self.url {
            component.set_raw("URL", Some(url.as_str()).filter(|url| !url.is_empty()));
        }
        if let Some(categories) = &self.categories {
            component.set_categories(categories);
        }
        if let Some(status) = self.status {
            component.set_status(status);
        }
        if let Some(transparency) = self.transparency {
            component.set_transparency(transparency);
        }
    }
}

/// What a change needs to know beside itself.
pub(super) struct Context<'a> {
    /// The zone of dates and floating times.
    pub owner: &'a Zone,
    /// The zone of times where the client names none.
    pub default_zone: &'a Zone,
    /// The bounds.
    pub limits: &'a Limits,
    /// Now.
    pub now: Timestamp,
}

fn head_mut(object: &mut CalendarObject) -> Result<&mut Component, EventError> {
    let index = usize::from(!object.has_master());
    object.component_mut(index).ok_or_else(|| EventError::Damaged("it has no component".to_owned()))
}

fn move_to(object: &mut CalendarObject, times: &Times, context: &Context<'_>) -> Result<(), EventError> {
    if object.has_master() {
        Ok(object.reschedule(&times.start, &times.end, context.limits)?)
    } else {
        head_mut(object)?.set_times(&times.start, &times.end);
        Ok(())
    }
}

fn recurrence(lines: &[String], start: &DateOrTime, context: &Context<'_>) -> Result<Recurrence, EventError> {
    let wrong = |reason: String| EventError::field("recurrence", reason);
    let parsed = Recurrence::parse(lines, start, context.limits).map_err(|error| wrong(error.to_string()))?;
    let set = RecurrenceSet { rules: parsed.rules, ..RecurrenceSet::single(start.clone(), Span::ZERO) };
    match set.idle_rule(context.limits) {
        Ok(None) => Ok(Recurrence { rules: set.rules, ..parsed }),
        Ok(Some(rule)) => Err(wrong(format!("RRULE: {rule} never makes an occurrence"))),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// A series whose first start is the second passing of a repeated hour cannot be written on the wall clock of its zone.
fn check_series_start(start: &DateOrTime, zone: &Zone) -> Result<(), EventError> {
    let fell_back = matches!(start, DateOrTime::Zoned { zone: written, .. } if written != zone);
    if fell_back {
        let message = format!(
            "{start} is the second passing of an hour that {zone} repeats; a series cannot start then: give another time, or \
             let it recur in UTC"
        );
        return Err(EventError::field("start_time", message));
    }
    Ok(())
}

/// Stamps what changed: a new SEQUENCE where times, recurrence or status did (RFC 5546 section 2.1.4).
fn stamp(object: &mut CalendarObject, before: &CalendarObject, now: Timestamp) -> Result<(), EventError> {
    if object == before {
        return Ok(());
    }
    let significant = |object: &CalendarObject| {
        let event = object.representative();
        (event.start().ok(), event.end().ok(), event.recurrence_lines(), event.status())
    };
    let counts = significant(object) != significant(before);
    let sequence = before.representative().sequence().saturating_add(i64::from(counts));
    head_mut(object)?.touch(now, Some(sequence));
    Ok(())
}

/// A scheme and something behind it, without blanks or control characters (RFC 3986 section 3).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    scheme_is_one && !rest.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
