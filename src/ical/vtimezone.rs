//! VTIMEZONE (RFC 5545 section 3.6.5) from the zone's own changes of offset: rules where a change recurs, single dates
//! where it does not.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::make::{raw_line, text_line};
use super::onset::{Onset, Pattern};
use super::reach::Reach;
use super::tzid::offset_text;
use crate::time::{DateOrTime, Zone};

/// The lines of the VTIMEZONE for `zone`, right in all years that `reach` names.
pub fn vtimezone_lines(tzid: &str, zone: &Zone, reach: Reach) -> Vec<String> {
    let span = Years::of(reach);
    let onsets = onsets(zone, span);
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), text_line("TZID", &[], tzid)];
    // Where no change comes before the first use, the zone needs an offset to begin with.
    if onsets.first().is_none_or(|first| first.local.year() >= reach.first) {
        let start = year_start(span.from);
        let offset = zone.offset_seconds(zone.resolve(start));
        let name = zone.abbreviation(zone.resolve(start));
        lines.extend(observance("STANDARD", start, (offset, offset), named(name)));
    }
    for observance in observances(&onsets, span) {
        lines.extend(observance.lines(zone));
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// The years to look at: `from` to `reach` are used, up to `horizon` the pattern of rules is looked for.
#[derive(Clone, Copy)]
struct Years {
    from: i16,
    reach: i16,
    horizon: i16,
}

impl Years {
    /// From the year before the first, so that the change that holds in January is there.
    fn of(reach: Reach) -> Self {
        let from = (reach.first - 1).clamp(1, 9990);
        let lasting = LASTING_FROM.max(from + 1);
        let (last, ahead) = match reach.last {
            Some(last) if last < lasting => (last.max(from), LOOK_AHEAD),
            _ => (lasting, FULL_CYCLE),
        };
        let reach = last.saturating_add(1).min(9990);
        Self { from, reach, horizon: (reach + ahead).min(9998) }
    }
}

/// Every IANA zone follows its lasting rule from this year on (the last irregular changes are Morocco's, in 2087).
const LASTING_FROM: i16 = 2090;
/// So many more years are looked at to see whether a change recurs.
const LOOK_AHEAD: i16 = 4;
/// The days of the week come back to the same dates after so many years: what held so long holds for ever.
const FULL_CYCLE: i16 = 28;

fn onsets(zone: &Zone, span: Years) -> Vec<Onset> {
    let start = zone.resolve(year_start(span.from));
    let end = zone.resolve(year_start(span.horizon + 1));
    let mut offset = zone.offset_seconds(start);
    let mut onsets = Vec::new();
    for change in zone.transitions(start).take_while(|change| change.at < end).take(MOST_CHANGES) {
        // A change of name or of the daylight flag alone shows on no clock.
        if change.offset_seconds != offset {
            onsets.push(Onset {
                local: local_at(change.at, offset),
                from: offset,
                to: change.offset_seconds,
                is_dst: change.is_dst,
            });
        }
        offset = change.offset_seconds;
    }
    onsets
}

/// More than any zone has in the years that are looked at.
const MOST_CHANGES: usize = 2000;

/// The wall clock by the offset that still holds, as DTSTART of an observance wants it.
fn local_at(at: Timestamp, offset_seconds: i32) -> DateTime {
    let utc = Zone::utc().local(at);
    utc.saturating_add(jiff::Span::new().seconds(offset_seconds))
}

fn year_start(year: i16) -> DateTime {
    DateTime::constant(year, 1, 1, 0, 0, 0, 0)
}

/// A STANDARD or DAYLIGHT component in the making.
struct Observance {
    onsets: Vec<Onset>,
    /// The rule of all its onsets, and whether it goes on for ever.
    rule: Option<(Pattern, bool)>,
}

/// Groups the changes: runs of at least three years by one rule, what remains by its offsets.
fn observances(onsets: &[Onset], span: Years) -> Vec<Observance> {
    let mut runs: Vec<(Vec<Onset>, Vec<Pattern>)> = Vec::new();
    for onset in onsets {
        let patterns = Pattern::all_of(onset.local);
        let run = runs.iter_mut().rev().find(|(run, _)| run.last().is_some_and(|last| last.precedes(onset)));
        match run {
            Some((run, common)) if common.iter().any(|p| patterns.contains(p)) => {
                common.retain(|pattern| patterns.contains(pattern));
                run.push(*onset);
            }
            _ => runs.push((vec![*onset], patterns)),
        }
    }
    let mut observances: Vec<Observance> = Vec::new();
    for (mut run, common) in runs {
        let lasts = run.last().is_some_and(|last| last.local.year() >= span.horizon);
        if run.len() >= SHORTEST_RULE {
            let rule = common.first().map(|pattern| (*pattern, lasts));
            observances.push(Observance { onsets: run, rule });
            continue;
        }
        run.retain(|onset| onset.local.year() <= span.reach);
        let alike =
            |o: &Observance| o.rule.is_none() && o.onsets.first().zip(run.first()).is_some_and(|(a, b)| a.is_like(b));
        match observances.iter_mut().find(|o| alike(o)) {
            Some(known) => known.onsets.append(&mut run),
            None if run.is_empty() => {}
            None => observances.push(Observance { onsets: run, rule: None }),
        }
    }
    observances.retain(|o| o.onsets.first().is_some_and(|first| first.local.year() <= span.reach));
    observances
}

const SHORTEST_RULE: usize = 3;

impl Observance {
    fn lines(&self, zone: &Zone) -> Vec<String> {
        let Some(first) = self.onsets.first() else { return Vec::new() };
        let mut recurrence = named(self.name(zone));
        match self.rule {
            Some((pattern, lasts)) => {
                let until = self.onsets.last().filter(|_| !lasts).map(|last| last.instant_text());
                recurrence.push(raw_line("RRULE", &[], &pattern.rule(until.as_deref())));
            }
            None if self.onsets.len() > 1 => {
                let rest: Vec<String> = self.onsets[1..].iter().map(|onset| local_text(onset.local)).collect();
                recurrence.push(raw_line("RDATE", &[], &rest.join(",")));
            }
            None => {}
        }
        let kind = if first.is_dst { "DAYLIGHT" } else { "STANDARD" };
        observance(kind, first.local, (first.from, first.to), recurrence)
    }

    /// What the time is called, where it is always called so.
    fn name(&self, zone: &Zone) -> Option<String> {
        let mut names = self.onsets.iter().map(|onset| zone.abbreviation(onset.instant()));
        let first = names.next()??;
        names.all(|name| name.as_ref() == Some(&first)).then_some(first)
    }
}

fn named(name: Option<String>) -> Vec<String> {
    name.map(|name| text_line("TZNAME", &[], &name)).into_iter().collect()
}

fn observance(name: &str, start: DateTime, (from, to): (i32, i32), more: Vec<String>) -> Vec<String> {
    let mut lines = vec![
        format!("BEGIN:{name}"),
        raw_line("DTSTART", &[], &local_text(start)),
        raw_line("TZOFFSETFROM", &[], &offset_text(from)),
        raw_line("TZOFFSETTO", &[], &offset_text(to)),
    ];
    lines.extend(more);
    lines.push(format!("END:{name}"));
    lines
}

fn local_text(local: DateTime) -> String {
    DateOrTime::Floating(local).to_string()
}
