use super::component::Component;
use super::line::ContentLine;
use super::make::raw_line;
use super::value::{self, PropertyError, date_list_line, digits, duration_text, shorten};
use crate::limits::Limits;
use crate::recurrence::{Rdate, Rule};
use crate::time::{DateOrTime, Zone};

/// The RRULE, RDATE and EXDATE values of a component (RFC 5545 section 3.8.5), and EXRULE of RFC 2445.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recurrence {
    /// RRULE.
    pub rules: Vec<Rule>,
    /// RDATE, one entry a value.
    pub rdates: Vec<Rdate>,
    /// EXDATE, one entry a value.
    pub exdates: Vec<DateOrTime>,
    /// EXRULE.
    pub exrules: Vec<Rule>,
}

impl Recurrence {
    /// The names of the lines.
    pub const NAMES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

    /// Reads the lines that a client gives, such as `RRULE:FREQ=WEEKLY;COUNT=10` and
    /// `EXDATE;TZID=Europe/Berlin:20260105T090000`, for an event that starts at `start`. Dates and times are brought to the
    /// kind and zone of the start, as other programs want them: a local time without TZID is in the zone of the start.
    ///
    /// # Errors
    /// A line that is none of the four, a rule that RFC 5545 forbids, a value of another kind than the start (UNTIL
    /// included), an unknown zone, or more values than [`Limits::recurrence_values`]; the message names the part.
    pub fn parse<S: AsRef<str>>(lines: &[S], start: &DateOrTime, limits: &Limits) -> Result<Self, PropertyError> {
        let parsed = lines.iter().map(|line| parse_line(line.as_ref())).collect::<Result<Vec<_>, _>>()?;
        let mut recurrence = Self::of(parsed.iter().copied(), limits)?;
        for rule in recurrence.rules.iter().chain(&recurrence.exrules) {
            check_until(rule, start)?;
        }
        for exdate in &mut recurrence.exdates {
            *exdate = like_start("EXDATE", exdate, start)?;
        }
        for rdate in &mut recurrence.rdates {
            match rdate {
                Rdate::At(at) | Rdate::Period { start: at, .. } => *at = like_start("RDATE", at, start)?,
            }
        }
        Ok(recurrence)
    }

    /// Reads the recurrence lines among `lines`.
    pub(super) fn of<'a>(lines: impl Iterator<Item = ContentLine<'a>>, limits: &Limits) -> Result<Self, PropertyError> {
        let (mut recurrence, mut count) = (Self::default(), 0_usize);
        for line in lines.filter(|line| Self::NAMES.iter().any(|name| line.is(name))) {
            let is_rule = line.is("RRULE") || line.is("EXRULE");
            count += 1 + line.value().bytes().filter(|b| *b == b',' && !is_rule).count();
            if count > limits.recurrence_values {
                let message = format!("more than {} RRULE, RDATE and EXDATE values", limits.recurrence_values);
                return Err(PropertyError::new(line.name(), message));
            }
            if is_rule {
                let rule = Rule::parse(line.value()).map_err(|e| PropertyError::new(line.name(), e.to_string()))?;
                if line.is("RRULE") { &mut recurrence.rules } else { &mut recurrence.exrules }.push(rule);
            } else if line.is("RDATE") {
                recurrence.rdates.extend(value::rdates(line)?);
            } else {
                recurrence.exdates.extend(value::dates_or_times(line)?);
            }
        }
        Ok(recurrence)
    }

    /// The lines that say the same: one a rule, and one for the values of each kind.
    pub fn to_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.rules.iter().map(|rule| raw_line("RRULE", &[], &rule.to_string())).collect();
        let at = self.rdates.iter().filter_map(|rdate| match rdate {
            Rdate::At(at) => Some(at.clone()),
            Rdate::Period { .. } => None,
        });
        lines.extend(date_lines("RDATE", at.collect()));
        lines.extend(self.rdates.iter().filter_map(period_line));
        lines.extend(date_lines("EXDATE", self.exdates.clone()));
        lines.extend(self.exrules.iter().map(|rule| raw_line("EXRULE", &[], &rule.to_string())));
        lines
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.rdates.is_empty() && self.exdates.is_empty() && self.exrules.is_empty()
    }
}

impl Component {
    /// Replaces its RRULE, RDATE, EXDATE and EXRULE lines as a group. Lines that say the same already stay as they are.
    ///
    /// # Errors
    /// Never for what [`Recurrence::parse`] made; the old lines may be unreadable and are replaced then.
    pub fn set_recurrence(&mut self, recurrence: &Recurrence, limits: &Limits) {
        let same = Recurrence::of(self.properties(), limits).is_ok_and(|old| old == *recurrence);
        if !same {
            self.replace(&Recurrence::NAMES, recurrence.to_lines());
        }
    }
}

/// A date or time as it is written beside a start of that kind: in its zone. A date-time that names another zone is the
/// same instant there.
///
/// # Errors
/// A date beside a date-time, or the other way round.
pub fn like_start(name: &str, value: &DateOrTime, start: &DateOrTime) -> Result<DateOrTime, PropertyError> {
    match (start, value) {
        (DateOrTime::Date(_), DateOrTime::Date(_)) | (DateOrTime::Floating(_), DateOrTime::Floating(_)) => {
            Ok(value.clone())
        }
        (DateOrTime::Zoned { zone, .. }, DateOrTime::Floating(_) | DateOrTime::Zoned { .. }) => {
            Ok(in_zone(value, zone))
        }
        _ => {
            let message =
                format!("{} is a {}, but the event starts with a {}", digits(value), kind(value), kind(start));
            Err(PropertyError::new(name, message))
        }
    }
}

/// The same instant written in `zone`; a local time is taken for one of that zone.
pub fn in_zone(value: &DateOrTime, zone: &Zone) -> DateOrTime {
    match value {
        DateOrTime::Zoned { zone: own, .. } if own == zone => value.clone(),
        DateOrTime::Zoned { .. } => DateOrTime::at(value.instant(zone), zone.clone()),
        other => DateOrTime::Zoned { local: other.local(), zone: zone.clone() },
    }
}

/// The lines of `values`, one for each kind and zone in the order in which they appear.
pub fn date_lines(name: &str, values: Vec<DateOrTime>) -> Vec<String> {
    let mut groups: Vec<Vec<DateOrTime>> = Vec::new();
    for value in values {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| same_kind(first, &value))) {
            Some(group) => group.push(value),
            None => groups.push(vec![value]),
        }
    }
    groups.iter().map(|group| date_list_line(name, &[], group)).collect()
}

fn parse_line(line: &str) -> Result<ContentLine<'_>, PropertyError> {
    let parsed = ContentLine::parse(line).filter(|parsed| Recurrence::NAMES.iter().any(|name| parsed.is(name)));
    parsed.filter(|_| !line.contains(['\r', '\n'])).ok_or_else(|| {
        let message = format!("\"{}\" is no RRULE, RDATE or EXDATE line", shorten(line));
        PropertyError::new("recurrence", message)
    })
}

/// RFC 5545 section 3.3.10: UNTIL has the value type of DTSTART, and is UTC where DTSTART has a zone.
fn check_until(rule: &Rule, start: &DateOrTime) -> Result<(), PropertyError> {
    let Some(until) = rule.until() else { return Ok(()) };
    let wanted = match (start, until) {
        (DateOrTime::Date(_), DateOrTime::Date(_))
        | (DateOrTime::Floating(_), DateOrTime::Floating(_))
        | (DateOrTime::Zoned { .. }, DateOrTime::Zoned { .. }) => return Ok(()),
        (DateOrTime::Date(_), _) => "a date (20260131), like the start",
        (DateOrTime::Floating(_), _) => "a local date-time (20260131T235959), like the start",
        (DateOrTime::Zoned { .. }, _) => "a UTC date-time (20260131T225959Z), because the start has a time and a zone",
    };
    Err(PropertyError::new("RRULE", format!("UNTIL must be {wanted}; it is {until}")))
}

fn period_line(rdate: &Rdate) -> Option<String> {
    let Rdate::Period { start, span } = rdate else { return None };
    let mut line = date_list_line("RDATE", &[("VALUE", "PERIOD")], std::slice::from_ref(start));
    line.push('/');
    line.push_str(&duration_text(*span));
    Some(line)
}

fn same_kind(a: &DateOrTime, b: &DateOrTime) -> bool {
    match (a, b) {
        (DateOrTime::Zoned { zone: a, .. }, DateOrTime::Zoned { zone: b, .. }) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn kind(value: &DateOrTime) -> &'static str {
    if value.is_date() { "date" } else { "date-time" }
}
