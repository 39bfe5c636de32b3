//! A VTIMEZONE of a file (RFC 5545 section 3.6.5): which zone has these rules.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

use crate::ical::line::ContentLine;
use crate::ical::tzid::offset_seconds;
use crate::time::{DateOrTime, Zone, chief_zones, zone_named};

/// What a VTIMEZONE says.
#[derive(Debug, Default)]
pub struct ForeignZone {
    observances: Vec<Observance>,
    /// X-LIC-LOCATION, where it names a zone.
    location: Option<Zone>,
}

/// STANDARD or DAYLIGHT.
#[derive(Debug)]
struct Observance {
    start: DateTime,
    from: i32,
    to: i32,
    is_dst: bool,
    rule: Option<YearlyRule>,
    dates: Vec<DateTime>,
}

/// A change that comes every year.
#[derive(Debug, Default)]
struct YearlyRule {
    month: Option<i8>,
    /// The n-th (or from the end) such weekday; 0 stands for any.
    day: Option<(i8, Weekday)>,
    month_days: Vec<i8>,
    until: Option<DateOrTime>,
}

/// A change of offset: the instant, and the offset from then on.
type Change = (Timestamp, i32);

impl ForeignZone {
    /// Reads the lines of a VTIMEZONE. What cannot be read is passed over.
    pub fn read(text: &str) -> Self {
        let mut zone = Self::default();
        let mut current: Option<Vec<ContentLine<'_>>> = None;
        for line in text.lines().filter_map(ContentLine::parse) {
            let is_observance = matches!(line.value(), "STANDARD" | "DAYLIGHT");
            if line.is("BEGIN") && is_observance {
                current = Some(vec![line]);
            } else if line.is("END") && is_observance {
                let read = current.take().and_then(|lines| Observance::read(&lines));
                zone.observances.extend(read.filter(|_| zone.observances.len() < MOST_OBSERVANCES));
            } else if let Some(lines) = &mut current {
                lines.push(line);
            } else if line.is("X-LIC-LOCATION") {
                zone.location = zone_named(line.value());
            }
        }
        zone
    }

    /// The zone with these rules: an IANA zone that changes its clocks as this does in one of the periods that are tried, or
    /// in the years of the changes that it lists, else a fixed offset or a rule of our own; and how it was found. `year` is when it is used: rules of the past are only
    /// looked for where that is past too. `None` where it says nothing that can be used.
    pub fn find(&self, year: i16) -> Option<(Zone, &'static str)> {
        if self.observances.is_empty() {
            return self.location.clone().map(|zone| (zone, "its X-LIC-LOCATION"));
        }
        if let Some(zone) = self.fixed() {
            return Some((zone, "its only offset"));
        }
        let periods = PERIODS.into_iter().filter(|(_, last)| year <= *last || *last >= 2030);
        for (first, last, least) in periods.map(|(first, last)| (first, last, 1)).chain(self.listed()) {
            let wanted = self.changes(first, last);
            if wanted.len() < least {
                continue;
            }
            let candidates = self.location.clone().into_iter().chain(chief_zones());
            let others = Zone::iana_names().iter().filter(|name| name.contains('/') && !name.starts_with("Etc/"));
            let candidates = candidates.chain(others.filter_map(|name| Zone::iana(name).ok()));
            if let Some(zone) = candidates.into_iter().find(|zone| changes_of(zone, first, last) == wanted) {
                return Some((zone, "its rules"));
            }
        }
        self.posix().map(|zone| (zone, "its rules, which no IANA zone has"))
    }

    /// The offset at a local time, where no zone has these rules and nothing says how they go on: that of the last change
    /// before it (RFC 5545 section 3.6.5). `None` where [`ForeignZone::find`] knows better.
    pub fn offset_at(&self, local: DateTime) -> Option<i32> {
        if self.observances.iter().any(|o| o.rule.is_some()) || self.fixed().is_some() {
            return None;
        }
        let onsets =
            self.observances.iter().flat_map(|o| std::iter::once(&o.start).chain(&o.dates).map(move |at| (at, o)));
        let last = onsets.clone().filter(|(at, _)| **at <= local).max_by_key(|(at, _)| **at).map(|(_, o)| o.to);
        last.or_else(|| onsets.min_by_key(|(at, _)| **at).map(|(_, o)| o.from))
    }

    /// The years of the changes, where all of them are listed; two are the least that tell one zone from others.
    fn listed(&self) -> Option<(i16, i16, usize)> {
        if self.observances.iter().any(|o| o.rule.is_some()) {
            return None;
        }
        let changing = self.observances.iter().filter(|o| o.from != o.to);
        let years = changing.flat_map(|o| std::iter::once(o.start.year()).chain(o.dates.iter().map(|at| at.year())));
        let last = years.clone().max()?.min(LAST_LISTED);
        Some((years.min()?.max(last - MOST_YEARS), last, 2))
    }

    /// The one offset, where all observances have the same.
    fn fixed(&self) -> Option<Zone> {
        let first = self.observances.first()?;
        self.observances.iter().all(|o| o.to == first.to).then(|| Zone::fixed(first.to)).flatten()
    }

    /// The changes of these years, in order, without those that change nothing.
    fn changes(&self, first: i16, last: i16) -> Vec<Change> {
        let mut all: Vec<(Timestamp, i32, i32)> = Vec::new();
        for observance in &self.observances {
            let onsets = observance.onsets(first, last);
            all.extend(onsets.map(|local| (utc(local, observance.from), observance.from, observance.to)));
        }
        all.sort_unstable();
        all.dedup();
        all.into_iter().filter(|(_, from, to)| from != to).map(|(at, _, to)| (at, to)).collect()
    }

    /// The POSIX rule of the two observances that last.
    fn posix(&self) -> Option<Zone> {
        let lasting = |is_dst: bool| {
            let open = |o: &&Observance| o.is_dst == is_dst && o.rule.as_ref().is_some_and(|rule| rule.until.is_none());
            self.observances.iter().filter(open).max_by_key(|o| o.start)
        };
        let Some((standard, daylight)) = lasting(false).zip(lasting(true)) else {
            return self.observances.iter().max_by_key(|o| o.start).and_then(|last| Zone::fixed(last.to));
        };
        let (name, offset) = posix_offset(standard.to);
        let (dst_name, dst_offset) = posix_offset(daylight.to);
        let (begin, end) = (daylight.posix_date()?, standard.posix_date()?);
        Zone::posix(&format!("{name}{offset}{dst_name}{dst_offset},{begin},{end}"))
    }
}

/// The years that are compared, in the order of what they say: the present rules for long, the present rules, and those
/// that held in North America and Europe before.
const PERIODS: [(i16, i16); 4] = [(2008, 2030), (2024, 2030), (1998, 2006), (1988, 1994)];
/// Of a long list the last years do.
const MOST_YEARS: i16 = 60;
const LAST_LISTED: i16 = 2100;
const MOST_OBSERVANCES: usize = 500;
const MOST_DATES: usize = 1000;

impl Observance {
    fn read(lines: &[ContentLine<'_>]) -> Option<Self> {
        let value = |name: &str| lines.iter().find(|line| line.is(name)).map(|line| line.value().trim());
        let to = offset_seconds(value("TZOFFSETTO")?)?;
        let dates = lines.iter().filter(|line| line.is("RDATE")).flat_map(|line| line.value().split(','));
        let start = value("DTSTART").and_then(local).unwrap_or(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        Some(Self {
            start,
            from: value("TZOFFSETFROM").and_then(offset_seconds).unwrap_or(to),
            to,
            is_dst: lines.first().is_some_and(|line| line.value() == "DAYLIGHT"),
            rule: value("RRULE").map(YearlyRule::read),
            dates: dates.filter_map(local).take(MOST_DATES).collect(),
        })
    }

    fn onsets(&self, first: i16, last: i16) -> impl Iterator<Item = DateTime> + '_ {
        let single = std::iter::once(self.start).chain(self.dates.iter().copied());
        let single = single.filter(move |local| (first..=last).contains(&local.year()));
        let ruled = (first..=last).filter_map(|year| self.onset_in(year));
        single.chain(ruled.filter(|local| *local != self.start))
    }

    fn onset_in(&self, year: i16) -> Option<DateTime> {
        let rule = self.rule.as_ref()?;
        let local = rule.date_in(year, self.start.date())?.to_datetime(self.start.time());
        let ended = rule.until.as_ref().is_some_and(|until| match until {
            DateOrTime::Zoned { .. } => utc(local, self.from) > until.instant(&Zone::utc()),
            DateOrTime::Date(date) => local.date() > *date,
            DateOrTime::Floating(until) => local > *until,
        });
        (local >= self.start && !ended).then_some(local)
    }

    /// `M3.2.0/2`: month, week, weekday, time (POSIX.1 section 8.3).
    fn posix_date(&self) -> Option<String> {
        let rule = self.rule.as_ref()?;
        let (nth, weekday) = rule.day?;
        let month = rule.month.unwrap_or(self.start.month());
        let week = match (nth, rule.month_days.first()) {
            (-1, _) => 5,
            (1..=4, _) => nth,
            (5, _) => 5,
            (0, Some(from)) if from % 7 == 1 => from / 7 + 1,
            _ => return None,
        };
        let time = self.start.time();
        let clock = format!("{}:{:02}:{:02}", time.hour(), time.minute(), time.second());
        Some(format!("M{month}.{week}.{}/{clock}", weekday.to_sunday_zero_offset()))
    }
}

impl YearlyRule {
    fn read(value: &str) -> Self {
        let mut rule = Self::default();
        for (key, value) in value.split(';').filter_map(|part| part.split_once('=')) {
            match key.to_ascii_uppercase().as_str() {
                "BYMONTH" => rule.month = value.split(',').next().and_then(|m| m.parse().ok()),
                "BYDAY" => rule.day = value.split(',').next().and_then(numbered_day),
                "BYMONTHDAY" => {
                    rule.month_days = value.split(',').filter_map(|day| day.parse().ok()).take(31).collect()
                }
                "UNTIL" => rule.until = value.parse().ok(),
                _ => {}
            }
        }
        rule
    }

    fn date_in(&self, year: i16, start: Date) -> Option<Date> {
        let month = self.month.unwrap_or(start.month());
        let first = Date::new(year, month, 1).ok()?;
        match self.day {
            None => {
                let day = self.month_days.first().copied().unwrap_or(start.day());
                Date::new(year, month, day).ok()
            }
            Some((0, weekday)) => {
                let fits = |date: &Date| {
                    date.weekday() == weekday && (self.month_days.is_empty() || self.month_days.contains(&date.day()))
                };
                (1..=first.days_in_month()).filter_map(|day| Date::new(year, month, day).ok()).find(fits)
            }
            Some((nth, weekday)) => first.nth_weekday_of_month(nth, weekday).ok(),
        }
    }
}

/// The changes of a known zone in these years, as [`ForeignZone::changes`] has them.
fn changes_of(zone: &Zone, first: i16, last: i16) -> Vec<Change> {
    let Ok(before) = Date::new(first - 1, 12, 31) else { return Vec::new() };
    let begin = zone.resolve(before.at(23, 59, 59, 0));
    let mut offset = zone.offset_seconds(begin);
    let mut changes = Vec::new();
    for change in zone.transitions(begin).take(200) {
        let before = Zone::utc().local(change.at).saturating_add(jiff::Span::new().seconds(offset));
        if before.year() > last {
            break;
        }
        if change.offset_seconds != offset && before.year() >= first {
            changes.push((change.at, change.offset_seconds));
        }
        offset = change.offset_seconds;
    }
    changes
}

fn utc(local: DateTime, offset: i32) -> Timestamp {
    Zone::utc().resolve(local.saturating_sub(jiff::Span::new().seconds(offset)))
}

fn local(text: &str) -> Option<DateTime> {
    text.trim().parse::<DateOrTime>().ok().map(|value| value.local())
}

fn numbered_day(text: &str) -> Option<(i8, Weekday)> {
    let (number, day) = text.trim().split_at_checked(text.trim().len().checked_sub(2)?)?;
    let weekday = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    (-5..=5).contains(&number).then_some((number, weekday))
}

/// `<+01>` and `-1`: POSIX counts offsets west of Greenwich.
fn posix_offset(seconds_east: i32) -> (String, String) {
    let (sign, west) = if seconds_east < 0 { ('-', "") } else { ('+', "-") };
    let size = seconds_east.unsigned_abs();
    let (hours, minutes) = (size / 3600, size / 60 % 60);
    (format!("<{sign}{hours:02}{minutes:02}>"), format!("{west}{hours}:{minutes:02}"))
}
