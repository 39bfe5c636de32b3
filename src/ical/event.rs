use jiff::Timestamp;

use super::component::Component;
use super::line::ContentLine;
use super::participant::{Participant, ParticipationStatus, email_of, status_of};
use super::recurrence::Recurrence;
use super::text;
use super::value::{self, PropertyError};
use crate::freebusy::{BusyState, Status, Transparency};
use crate::limits::Limits;
use crate::recurrence::{Override, Span};
use crate::time::{DateOrTime, Zone};

/// A VEVENT as it reads (RFC 5545 section 3.6.1): a view of its lines.
#[derive(Clone, Debug)]
pub struct VEvent<'a> {
    component: &'a Component,
    lines: Vec<ContentLine<'a>>,
}

impl<'a> VEvent<'a> {
    /// The view of a component.
    pub fn of(component: &'a Component) -> Self {
        Self { component, lines: component.properties().collect() }
    }

    /// The component that is viewed.
    pub fn component(&self) -> &'a Component {
        self.component
    }

    /// The first property with that name.
    pub fn property(&self, name: &str) -> Option<ContentLine<'a>> {
        self.lines.iter().copied().find(|line| line.is(name))
    }

    /// All properties with that name, in their order.
    pub fn properties<'s>(&'s self, name: &'s str) -> impl Iterator<Item = ContentLine<'a>> + 's {
        self.lines.iter().copied().filter(move |line| line.is(name))
    }

    /// The text of the first property with that name.
    pub fn text(&self, name: &str) -> Option<String> {
        self.property(name).map(ContentLine::text)
    }

    /// UID; empty where there is none, which [`read`](super::read()) never leaves so.
    pub fn uid(&self) -> String {
        self.text("UID").unwrap_or_default()
    }

    /// SUMMARY.
    pub fn summary(&self) -> Option<String> {
        self.text("SUMMARY")
    }

    /// DESCRIPTION.
    pub fn description(&self) -> Option<String> {
        self.text("DESCRIPTION")
    }

    /// LOCATION.
    pub fn location(&self) -> Option<String> {
        self.text("LOCATION")
    }

    /// URL, which is no TEXT and has no escapes.
    pub fn url(&self) -> Option<String> {
        self.property("URL").map(|line| line.value().to_owned())
    }

    /// The items of all CATEGORIES lines.
    pub fn categories(&self) -> Vec<String> {
        let items = self.properties("CATEGORIES").flat_map(|line| text::split_list(line.value()));
        items.map(|item| text::unescape(item).trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }

    /// DTSTART.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn start(&self) -> Result<DateOrTime, PropertyError> {
        let line = self.property("DTSTART").ok_or_else(|| PropertyError::new("DTSTART", "it is missing"))?;
        value::date_or_time(line)
    }

    /// How long it lasts, by DTEND or DURATION; without either a whole day from a date, and no time from a date-time. An
    /// all-day event that ends on its first day, as some programs write it, lasts that day, and one of `PT24H` a day, however
    /// long that is (RFC 5545 section 3.8.2.5 wants days there).
    ///
    /// # Errors
    /// DTSTART, DTEND or DURATION cannot be read, or DTEND is before DTSTART.
    pub fn span(&self) -> Result<Span, PropertyError> {
        let start = self.start()?;
        let span = if let Some(line) = self.property("DTEND") {
            value::span_between(&start, &value::date_or_time(line)?)
                .ok_or_else(|| PropertyError::new("DTEND", "DTEND is before DTSTART"))?
        } else if let Some(line) = self.property("DURATION") {
            value::duration(line.value().trim()).ok_or_else(|| {
                let message = format!("\"{}\" is no duration such as PT1H30M", value::shorten(line.value()));
                PropertyError::new("DURATION", message)
            })?
        } else {
            Span::ZERO
        };
        let seconds = span.seconds + span.wall;
        Ok(match start {
            DateOrTime::Date(_) if span == Span::ZERO => Span::days(1),
            DateOrTime::Date(_) => Span::days(span.days + seconds / 86_400 + i64::from(seconds % 86_400 > 0)),
            _ => span,
        })
    }

    /// The end as it is written, or as it follows from DURATION or the lack of both.
    ///
    /// # Errors
    /// As [`VEvent::span`].
    pub fn end(&self) -> Result<DateOrTime, PropertyError> {
        let (start, span) = (self.start()?, self.span()?);
        let written = self.property("DTEND").map(value::date_or_time).transpose()?;
        if let Some(end) = written.filter(|end| !(end.is_date() && *end == start)) {
            return Ok(end);
        }
        let utc = Zone::utc();
        let zone = start.zone(&utc);
        let ends_at = span.end(start.local(), start.instant(zone), zone);
        Ok(span.end_as_written(&start, ends_at, zone))
    }

    /// Whether DTSTART is a date.
    pub fn is_all_day(&self) -> bool {
        self.start().is_ok_and(|start| start.is_date())
    }

    /// STATUS; confirmed where there is none or another word.
    pub fn status(&self) -> Status {
        match self.word("STATUS").as_deref() {
            Some("TENTATIVE") => Status::Tentative,
            Some("CANCELLED" | "CANCELED") => Status::Cancelled,
            _ => Status::Confirmed,
        }
    }

    /// TRANSP (RFC 5545 section 3.8.2.7); opaque where there is none.
    pub fn transparency(&self) -> Transparency {
        match self.word("TRANSP").as_deref() {
            Some("TRANSPARENT") => Transparency::Transparent,
            _ => Transparency::Opaque,
        }
    }

    /// SEQUENCE; 0 where there is none.
    pub fn sequence(&self) -> i64 {
        self.word("SEQUENCE").and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// CREATED.
    pub fn created(&self) -> Option<Timestamp> {
        self.property("CREATED").and_then(value::instant)
    }

    /// LAST-MODIFIED.
    pub fn last_modified(&self) -> Option<Timestamp> {
        self.property("LAST-MODIFIED").and_then(value::instant)
    }

    /// DTSTAMP.
    pub fn dtstamp(&self) -> Option<Timestamp> {
        self.property("DTSTAMP").and_then(value::instant)
    }

    /// ORGANIZER.
    pub fn organizer(&self) -> Option<Participant> {
        self.property("ORGANIZER").map(Participant::of)
    }

    /// All ATTENDEEs.
    pub fn attendees(&self) -> Vec<Participant> {
        self.properties("ATTENDEE").map(Participant::of).collect()
    }

    /// RECURRENCE-ID.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn recurrence_id(&self) -> Result<Option<DateOrTime>, PropertyError> {
        self.property("RECURRENCE-ID").map(value::date_or_time).transpose()
    }

    /// Whether `RANGE=THISANDFUTURE` stands on RECURRENCE-ID (RFC 5545 section 3.2.13).
    pub fn is_following(&self) -> bool {
        let range = self.property("RECURRENCE-ID").and_then(|line| line.param("RANGE"));
        range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"))
    }

    /// The RRULE, RDATE, EXDATE and EXRULE lines, whole and in their order.
    pub fn recurrence_lines(&self) -> Vec<String> {
        let lines = self.lines.iter().filter(|line| Recurrence::NAMES.iter().any(|name| line.is(name)));
        lines.map(|line| line.raw().to_owned()).collect()
    }

    /// Whether there is any RRULE or RDATE.
    pub fn is_recurring(&self) -> bool {
        self.property("RRULE").is_some() || self.property("RDATE").is_some()
    }

    /// What the RRULE, RDATE, EXDATE and EXRULE lines say.
    ///
    /// # Errors
    /// One of them cannot be read, or there are more values than [`Limits::recurrence_values`].
    pub fn recurrence(&self, limits: &Limits) -> Result<Recurrence, PropertyError> {
        Recurrence::of(self.lines.iter().copied(), limits)
    }

    /// What it blocks, and for whom not.
    pub fn busy_state(&self) -> BusyState {
        let declined = self.properties("ATTENDEE").filter(|line| status_of(*line) == ParticipationStatus::Declined);
        BusyState {
            status: self.status(),
            transparency: self.transparency(),
            declined_by: declined.filter_map(email_of).collect(),
        }
    }

    /// This component as an override of its series.
    ///
    /// # Errors
    /// Its RECURRENCE-ID, start or length cannot be read, or there is no RECURRENCE-ID.
    pub fn as_override(&self) -> Result<Override, PropertyError> {
        let missing = || PropertyError::new("RECURRENCE-ID", "it is missing");
        let recurrence_id = self.recurrence_id()?.ok_or_else(missing)?;
        Ok(Override { recurrence_id, following: self.is_following(), start: self.start()?, span: self.span()? })
    }

    fn word(&self, name: &str) -> Option<String> {
        self.property(name).map(|line| line.value().trim().to_ascii_uppercase())
    }
}
