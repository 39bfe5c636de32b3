//! Busy time as events that say nothing but when: what somebody sees who may know when a person is busy, and no more.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::calendar_object::CalendarObject;
use super::component::Component;
use super::make::{raw_line, text_line};
use super::recurrence::{Recurrence, in_zone};
use super::value::{date_list_line, date_or_time_line, duration_text, utc_text};
use crate::freebusy::{AllDay, BusySource, BusyType};
use crate::recurrence::{Override, Rdate, RecurrenceSet, Rule, Span};
use crate::time::{DateOrTime, Zone};

/// Time that is taken once: what most events are.
#[derive(Clone, Copy, Debug)]
pub struct BusyBlock {
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How firmly it is taken.
    pub kind: BusyType,
    /// SEQUENCE.
    pub sequence: i64,
    /// DTSTAMP and LAST-MODIFIED.
    pub changed_at: Timestamp,
}

/// The blocks of one event. Nothing is in them but times, how firmly they are taken, and the revision.
#[derive(Clone, Copy, Debug)]
pub struct BusyBlocks<'a> {
    /// When the event occurs, and what of it blocks.
    pub source: &'a BusySource,
    /// The zone of dates and of times without a zone.
    pub owner: &'a Zone,
    /// Whose time it is: what they declined does not block it.
    pub owner_email: &'a str,
    /// SEQUENCE.
    pub sequence: i64,
    /// DTSTAMP and LAST-MODIFIED.
    pub changed_at: Timestamp,
}

impl BusyBlock {
    /// The block, in UTC.
    pub fn object(&self, uid: &str) -> CalendarObject {
        CalendarObject::of_one(self.component(uid))
    }

    fn component(&self, uid: &str) -> Component {
        let lines = [("DTSTART", self.starts_at), ("DTEND", self.ends_at)];
        let lines = lines.map(|(name, instant)| raw_line(name, &[], &utc_text(instant)));
        component(uid, Some(self.kind), (self.sequence, self.changed_at), &lines)
    }
}

impl BusyBlocks<'_> {
    /// The blocks, none where the event takes no time: a series as a series with its exceptions, and single occurrences
    /// that block where their series does not as events of their own. `uid` names the series, or the single occurrence of
    /// that RECURRENCE-ID.
    pub fn objects(&self, uid: impl Fn(Option<&DateOrTime>) -> String) -> Vec<CalendarObject> {
        let set = &self.source.set;
        let mut kinds = self.source.kinds(self.owner_email, AllDay::Transparency).into_iter();
        let master = kinds.next().flatten().filter(|_| set.has_master && takes_time(set.span));
        let overrides = self.overrides(kinds.collect());
        // Programs that know RANGE need the whole series to tell what it does to it.
        let has_range = set.has_master && overrides.iter().any(|(it, kind)| it.following && kind.is_some());
        if master.is_some() || has_range {
            return self.series(&uid(None), master, &overrides).into_iter().collect();
        }
        let alone = overrides.into_iter().filter_map(|(it, kind)| self.alone(&uid(Some(&it.recurrence_id)), it, kind?));
        alone.collect()
    }

    /// The overrides that count, with how they block: of two for one occurrence the later, and none for an occurrence that
    /// an EXDATE takes away.
    fn overrides(&self, kinds: Vec<Option<BusyType>>) -> Vec<(&Override, Option<BusyType>)> {
        let set = &self.source.set;
        let instant = |id: &DateOrTime| id.instant(set.start.zone(self.owner));
        let gone: HashSet<Timestamp> =
            set.exdates.iter().map(|exdate| instant(&self.like(exdate, Some(&set.start)))).collect();
        let mut last: HashMap<(Timestamp, bool), usize> = HashMap::new();
        for (index, it) in set.overrides.iter().enumerate() {
            last.insert((instant(&it.recurrence_id), it.following), index);
        }
        let counts = |index: usize, it: &Override| {
            let at = instant(&it.recurrence_id);
            last.get(&(at, it.following)) == Some(&index) && (it.following || !gone.contains(&at))
        };
        let all = set.overrides.iter().zip(kinds).enumerate();
        let counted = all.filter(|(index, (it, _))| counts(*index, it));
        counted.map(|(_, (it, kind))| (it, kind.filter(|_| takes_time(it.span)))).collect()
    }

    fn series(
        &self,
        uid: &str,
        master: Option<BusyType>,
        overrides: &[(&Override, Option<BusyType>)],
    ) -> Option<CalendarObject> {
        let set = &self.source.set;
        if !recurs(set) && overrides.is_empty() {
            return self.block(uid, &set.start, set.span, master).map(CalendarObject::of_one);
        }
        let start = self.zoned(&set.start);
        let mut recurrence = self.recurrence(set, &start);
        let mut components = Vec::new();
        for (it, kind) in overrides {
            let id = self.like(&it.recurrence_id, Some(&start));
            if kind.is_none() && !it.following {
                recurrence.exdates.push(id);
                continue;
            }
            let range: &[(&str, &str)] = if it.following { &[("RANGE", "THISANDFUTURE")] } else { &[] };
            let mut lines = vec![date_list_line("RECURRENCE-ID", range, &[id])];
            lines.extend(self.time_lines(&self.zoned(&it.start), it.span));
            components.push(self.component(uid, *kind, &lines));
        }
        let mut lines = self.time_lines(&start, set.span);
        lines.extend(recurrence.to_lines());
        components.insert(0, self.component(uid, master, &lines));
        CalendarObject::of(components)
    }

    fn alone(&self, uid: &str, it: &Override, kind: BusyType) -> Option<CalendarObject> {
        self.block(uid, &it.start, it.span, Some(kind)).map(CalendarObject::of_one)
    }

    /// A block that does not recur: dates as dates, times in UTC.
    fn block(&self, uid: &str, start: &DateOrTime, span: Span, kind: Option<BusyType>) -> Option<Component> {
        let kind = kind?;
        if start.is_date() {
            return Some(self.component(uid, Some(kind), &self.time_lines(start, span)));
        }
        let (zone, starts_at) = (start.zone(self.owner), start.instant(self.owner));
        let ends_at = span.end(start.local(), starts_at, zone);
        let block = BusyBlock { starts_at, ends_at, kind, sequence: self.sequence, changed_at: self.changed_at };
        Some(block.component(uid))
    }

    fn component(&self, uid: &str, kind: Option<BusyType>, times: &[String]) -> Component {
        component(uid, kind, (self.sequence, self.changed_at), times)
    }

    /// DTSTART with DTEND, or with DURATION where that is nominal days of a series.
    fn time_lines(&self, start: &DateOrTime, span: Span) -> Vec<String> {
        let end = if span.days > 0 && !start.is_date() {
            raw_line("DURATION", &[], &duration_text(span))
        } else {
            let zone = start.zone(self.owner);
            let ends_at = span.end(start.local(), start.instant(zone), zone);
            date_or_time_line("DTEND", &span.end_as_written(start, ends_at, zone))
        };
        vec![date_or_time_line("DTSTART", start), end]
    }

    fn recurrence(&self, set: &RecurrenceSet, start: &DateOrTime) -> Recurrence {
        let rdate = |rdate: &Rdate| match rdate {
            Rdate::At(at) => Rdate::At(self.like(at, None)),
            Rdate::Period { start, span } => Rdate::Period { start: self.like(start, None), span: *span },
        };
        Recurrence {
            rules: set.rules.iter().map(|rule| self.rule(rule, start)).collect(),
            rdates: set.rdates.iter().map(rdate).collect(),
            exdates: set.exdates.iter().map(|exdate| self.like(exdate, Some(start))).collect(),
            exrules: set.exrules.iter().map(|rule| self.rule(rule, start)).collect(),
        }
    }

    /// The rule with an UNTIL of the kind that RFC 5545 section 3.3.10 wants beside the start.
    fn rule(&self, rule: &Rule, start: &DateOrTime) -> Rule {
        match (start, rule.until()) {
            (DateOrTime::Zoned { zone, .. }, Some(DateOrTime::Floating(local))) => {
                rule.clone().with_until(&DateOrTime::Zoned { local: *local, zone: zone.clone() })
            }
            (DateOrTime::Zoned { zone, .. }, Some(DateOrTime::Date(date))) => {
                let local = date.at(23, 59, 59, 0);
                rule.clone().with_until(&DateOrTime::Zoned { local, zone: zone.clone() })
            }
            _ => rule.clone(),
        }
    }

    /// A value of the kind and zone of the series' start. A date beside a date-time is the time of day of `at` on that
    /// day, else midnight.
    fn like(&self, value: &DateOrTime, at: Option<&DateOrTime>) -> DateOrTime {
        match (self.zoned(&self.source.set.start), value) {
            (DateOrTime::Date(_), value) => DateOrTime::Date(value.local().date()),
            (start, DateOrTime::Date(date)) => {
                let time = at.map_or(jiff::civil::Time::midnight(), |at| at.local().time());
                start.with_local(date.to_datetime(time))
            }
            (DateOrTime::Zoned { zone, .. }, value) => in_zone(value, &zone),
            (DateOrTime::Floating(_), value) => value.clone(),
        }
    }

    /// A time without a zone is one of the owner's: whoever reads it may live in another.
    fn zoned(&self, value: &DateOrTime) -> DateOrTime {
        match value {
            DateOrTime::Floating(local) => DateOrTime::Zoned { local: *local, zone: self.owner.clone() },
            other => other.clone(),
        }
    }
}

/// A component that says when, how firmly, and its revision: SEQUENCE, and when that was.
fn component(
    uid: &str,
    kind: Option<BusyType>,
    (sequence, changed_at): (i64, Timestamp),
    times: &[String],
) -> Component {
    let (uid, sequence, changed_at) = (text_line("UID", &[], uid), sequence.to_string(), utc_text(changed_at));
    let (status, transparency, shown) = match kind {
        Some(BusyType::Busy) => ("CONFIRMED", "OPAQUE", "BUSY"),
        Some(BusyType::Tentative) => ("TENTATIVE", "OPAQUE", "TENTATIVE"),
        None => ("CANCELLED", "TRANSPARENT", "FREE"),
    };
    let mut text = String::with_capacity(MOST_BLOCKS);
    text.extend(["BEGIN:VEVENT\n", &uid, "\nDTSTAMP:", &changed_at, "\n"]);
    times.iter().for_each(|line| text.extend([line, "\n"]));
    text.extend(["SUMMARY:Busy\nSTATUS:", status, "\nTRANSP:", transparency]);
    text.extend(["\nX-MICROSOFT-CDO-BUSYSTATUS:", shown, "\nSEQUENCE:", &sequence]);
    text.extend(["\nLAST-MODIFIED:", &changed_at, "\nEND:VEVENT\n"]);
    Component::from_checked_text(text)
}

/// As many bytes as most blocks have, and some more.
const MOST_BLOCKS: usize = 400;

fn recurs(set: &RecurrenceSet) -> bool {
    !set.rules.is_empty() || !set.rdates.is_empty() || !set.exdates.is_empty() || !set.exrules.is_empty()
}

fn takes_time(span: Span) -> bool {
    span != Span::ZERO
}
