//! The VEVENTs of a file as objects, one for each UID.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::ReadObject;
use super::mend::{ReadEvent, digest, made_uid};
use super::method::Method;
use super::remarks;
use super::report::Report;
use super::unknown_end::{last_as_long, says_its_length, settle_end};
use crate::freebusy::Status;
use crate::ical::calendar_object::CalendarObject;
use crate::ical::component::{Component, Rewrite};
use crate::ical::event::VEvent;
use crate::ical::line::ContentLine;
use crate::ical::make::{raw_line, text_line};
use crate::ical::recurrence::{Recurrence, date_lines};
use crate::ical::value::{date_or_time_line, dates_or_times};
use crate::recurrence::Rule;
use crate::time::{DateOrTime, Timestamp, Zone};

/// The objects, in the order in which their UIDs appear.
pub fn group(events: Vec<ReadEvent>, owner: &Zone, report: &mut Report) -> Vec<ReadObject> {
    let mut order: Vec<Vec<ReadEvent>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for event in events {
        match places.get(&event.uid) {
            Some(place) => order[*place].push(event),
            None => {
                places.insert(event.uid.clone(), order.len());
                order.push(vec![event]);
            }
        }
    }
    order.into_iter().flat_map(|events| objects_of(events, owner, report)).collect()
}

/// The objects of one UID: one, unless the file uses it for events that have nothing to do with one another.
fn objects_of(mut events: Vec<ReadEvent>, owner: &Zone, report: &mut Report) -> Vec<ReadObject> {
    leave_answers_out(&mut events, report);
    if events.len() == 1 {
        events.iter_mut().for_each(|event| settle_length(event, None, owner, report));
        return object(events, owner, report).into_iter().collect();
    }
    let (overrides, masters): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.is_override);
    let (master, strangers) = choose_master(masters, report);
    let start = master.as_ref().and_then(|master| VEvent::of(&master.component).start().ok());
    let mut kept: Vec<ReadEvent> = Vec::new();
    // By the instant that an override replaces, and whether it is for all that follow.
    let mut seen: HashMap<(Timestamp, bool), (usize, Stamp)> = HashMap::new();
    for mut event in overrides {
        if let Some(start) = &start
            && align_recurrence_id(&mut event.component, start)
        {
            about(&event, report, |report| report.remark(event.line, remarks::aligned("RECURRENCE-ID")));
        }
        settle_length(&mut event, master.as_ref(), owner, report);
        let view = VEvent::of(&event.component);
        let Ok(Some(id)) = view.recurrence_id() else { continue };
        let (key, stamp) = ((id.instant(owner), view.is_following()), stamp(&view));
        match seen.get_mut(&key) {
            Some((place, known)) => {
                let remark = remarks::overrides_twice(&id.to_string());
                about(&event, report, |report| report.warn(event.line, Some(&event.uid), remark));
                if *known <= stamp {
                    *known = stamp;
                    kept[*place] = event;
                }
            }
            None => {
                seen.insert(key, (kept.len(), stamp));
                kept.push(event);
            }
        }
    }
    let main = master.into_iter().chain(kept).collect();
    let strangers = strangers.into_iter().map(|stranger| vec![stranger]);
    std::iter::once(main).chain(strangers).filter_map(|events| object(events, owner, report)).collect()
}

/// The newest of several components without RECURRENCE-ID, and those that are other events under the same UID. Versions
/// differ in SEQUENCE or their stamps; other events start or are called differently at the same SEQUENCE.
fn choose_master(masters: Vec<ReadEvent>, report: &mut Report) -> (Option<ReadEvent>, Vec<ReadEvent>) {
    if masters.len() < 2 {
        return (masters.into_iter().next(), Vec::new());
    }
    let mut best: Option<(ReadEvent, Facts)> = None;
    let (mut strangers, mut names) = (Vec::new(), HashSet::new());
    for mut event in masters {
        let facts = Facts::of(&event.component);
        let Some((_, known)) = &best else {
            best = Some((event, facts));
            continue;
        };
        if facts.is_version_of(known) {
            if facts.digest != known.digest {
                about(&event, report, |report| report.warn(event.line, Some(&event.uid), remarks::two_versions()));
            } else {
                about(&event, report, |report| report.remark(event.line, remarks::same_twice()));
            }
            if facts.stamp >= known.stamp {
                best = Some((event, facts));
            }
        } else if names.insert(facts.digest) {
            let uid = made_uid(&facts.digest);
            let remark = remarks::shared_uid(&uid);
            about(&event, report, |report| report.warn(event.line, Some(&event.uid), remark));
            event.component.replace_one("UID", Some(text_line("UID", &[], &uid)));
            event.uid = uid;
            strangers.push(event);
        } else {
            about(&event, report, |report| report.remark(event.line, remarks::same_twice()));
        }
    }
    (best.map(|(event, _)| event), strangers)
}

/// Says something of one event.
fn about(event: &ReadEvent, report: &mut Report, say: impl FnOnce(&mut Report) -> Option<usize>) {
    report.findings.enter(event.index);
    say(report);
    report.findings.leave(|| (Some(event.uid.clone()), VEvent::of(&event.component).summary()));
}

/// What says whether two components are versions of one event.
struct Facts {
    digest: [u8; 32],
    stamp: Stamp,
    start: Option<DateOrTime>,
    summary: Option<String>,
}

impl Facts {
    fn of(component: &Component) -> Self {
        let event = VEvent::of(component);
        let (start, summary) = (event.start().ok(), event.summary());
        Self { digest: digest(component), stamp: stamp(&event), start, summary }
    }

    fn is_version_of(&self, other: &Self) -> bool {
        self.digest == other.digest
            || self.stamp.0 != other.stamp.0
            || (self.start == other.start && self.summary == other.summary)
    }
}

/// What says which of two versions is newer: SEQUENCE, LAST-MODIFIED, DTSTAMP (RFC 5546 section 2.1.5).
pub type Stamp = (i64, Option<Timestamp>, Option<Timestamp>);

/// The stamp of an event.
pub fn stamp(event: &VEvent<'_>) -> Stamp {
    (event.sequence(), event.last_modified(), event.dtstamp())
}

fn object(mut events: Vec<ReadEvent>, owner: &Zone, report: &mut Report) -> Option<ReadObject> {
    for event in events.iter_mut().filter(|event| event.is_recurring) {
        let aligned = align_recurrence(&mut event.component, owner);
        for name in aligned {
            about(event, report, |report| report.remark(event.line, remarks::aligned(name)));
        }
    }
    if let Some(first) = events.first().filter(|_| events.iter().all(|event| event.is_override)) {
        about(first, report, |report| report.remark(first.line, remarks::no_master()));
    }
    let first = events.first()?;
    let (uid, index, line, method) = (first.uid.clone(), first.index, first.line, first.method);
    let object = CalendarObject::of(events.into_iter().map(|event| event.component).collect())?;
    Some(ReadObject { object, uid, index, line, method })
}

/// Where a file has the event itself, what attendees answer to it is no version of it.
fn leave_answers_out(events: &mut Vec<ReadEvent>, report: &mut Report) {
    let is_answer = |event: &ReadEvent| event.method == Method::Answer;
    if events.iter().all(is_answer) || !events.iter().any(is_answer) {
        return;
    }
    events.retain(|event| {
        if is_answer(event) {
            about(event, report, |report| report.warn(event.line, Some(&event.uid), remarks::answer()));
        }
        !is_answer(event)
    });
}

/// How long an override is that does not say it: as long as the others; without them, until its day ends.
fn settle_length(event: &mut ReadEvent, master: Option<&ReadEvent>, owner: &Zone, report: &mut Report) {
    let is_open = event.start_is_made && !says_its_length(&event.component);
    match master {
        Some(master) if is_open || event.end_is_taken => last_as_long(&mut event.component, &master.component, owner),
        None if is_open && event.is_override && VEvent::of(&event.component).status() != Status::Cancelled => {
            let taken = settle_end(&mut event.component, owner);
            about(event, report, |report| report.warn(event.line, Some(&event.uid), remarks::no_length(taken)));
        }
        _ => {}
    }
}

/// RECURRENCE-ID in the kind of the master's DTSTART: programs write a date for a time, and a local time without its zone.
/// Answers whether it was not.
pub fn align_recurrence_id(component: &mut Component, start: &DateOrTime) -> bool {
    let Some(id) = VEvent::of(component).recurrence_id().ok().flatten() else { return false };
    let aligned = aligned(&id, start);
    if aligned == id {
        return false;
    }
    let following = VEvent::of(component).is_following();
    let line = date_or_time_line("RECURRENCE-ID", &aligned);
    let line = if following { line.replacen("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE", 1) } else { line };
    component.replace_one("RECURRENCE-ID", Some(line));
    true
}

/// UNTIL and EXDATE in the kind of DTSTART. Some programs drop a whole series where they differ. Answers which of them were
/// not.
fn align_recurrence(component: &mut Component, owner: &Zone) -> BTreeSet<&'static str> {
    let mut changed = BTreeSet::new();
    let event = VEvent::of(component);
    let has_any = Recurrence::NAMES.iter().any(|name| event.property(name).is_some());
    let Ok(start) = event.start() else { return changed };
    if !has_any {
        return changed;
    }
    let rules: Vec<&str> = event.properties("RRULE").map(ContentLine::value).collect();
    // With times of its own a rule has several occurrences a day, and a date means all of them.
    let one_a_day = !rules.iter().any(|rule| rule.to_ascii_uppercase().contains("BYHOUR"))
        && !rules
            .iter()
            .any(|rule| ["HOURLY", "MINUTELY", "SECONDLY"].iter().any(|word| rule.to_ascii_uppercase().contains(word)));
    component.rewrite(|line| {
        if line.is("RRULE") || line.is("EXRULE") {
            let rule = Rule::parse(line.value()).ok();
            let fitting = rule.and_then(|rule| with_fitting_until(line, &rule, &start, owner));
            changed.extend(fitting.is_some().then_some("UNTIL"));
            return fitting.map_or(Rewrite::Keep, Rewrite::Replace);
        }
        if !line.is("EXDATE") && !line.is("RDATE") || (line.is("EXDATE") && !one_a_day) {
            return Rewrite::Keep;
        }
        let Ok(values) = dates_or_times(line) else { return Rewrite::Keep };
        let fitting: Vec<DateOrTime> = values.iter().map(|value| aligned(value, &start)).collect();
        if fitting == values {
            return Rewrite::Keep;
        }
        changed.insert(if line.is("EXDATE") { "EXDATE" } else { "RDATE" });
        Rewrite::Replace(date_lines(line.name(), fitting).join("\n"))
    });
    changed
}

/// A value in the kind of the start. A time in another zone names the same instant and stays.
fn aligned(value: &DateOrTime, start: &DateOrTime) -> DateOrTime {
    match (start, value) {
        (DateOrTime::Date(_), DateOrTime::Floating(local) | DateOrTime::Zoned { local, .. }) => {
            DateOrTime::Date(local.date())
        }
        (DateOrTime::Floating(_) | DateOrTime::Zoned { .. }, DateOrTime::Date(date)) => {
            start.with_local(date.to_datetime(start.local().time()))
        }
        (DateOrTime::Zoned { zone, .. }, DateOrTime::Floating(local)) => {
            DateOrTime::Zoned { local: *local, zone: zone.clone() }
        }
        _ => value.clone(),
    }
}

/// RFC 5545 section 3.3.10: UNTIL is a date where DTSTART is one, and UTC where DTSTART has a zone. A date means all of that
/// day.
fn with_fitting_until(line: ContentLine<'_>, rule: &Rule, start: &DateOrTime, owner: &Zone) -> Option<String> {
    let until = match (start, rule.until()?) {
        (DateOrTime::Date(_), DateOrTime::Floating(local) | DateOrTime::Zoned { local, .. }) => {
            DateOrTime::Date(local.date())
        }
        (DateOrTime::Zoned { .. }, DateOrTime::Date(date)) => start.with_local(date.at(23, 59, 59, 0)),
        (DateOrTime::Zoned { .. }, DateOrTime::Floating(local)) => start.with_local(*local),
        (DateOrTime::Floating(_), DateOrTime::Zoned { .. }) => {
            DateOrTime::Floating(owner.local(rule.until()?.instant(owner)))
        }
        (DateOrTime::Floating(_), DateOrTime::Date(date)) => DateOrTime::Floating(date.at(23, 59, 59, 0)),
        _ => return None,
    };
    Some(raw_line(line.name(), &[], &rule.clone().with_until(&until).to_string()))
}
