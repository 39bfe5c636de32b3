use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::dates::Place;
use super::foreign_zone::ForeignZone;
use super::outline::RawCalendar;
use super::remark::Remark;
use super::remarks;
use super::report::Report;
use crate::ical::line::ContentLine;
use crate::ical::text;
use crate::ical::tzid::{fixed, offset_seconds, tzid_of, zone_of};
use crate::ical::value::shorten;
use crate::time::{NameOf, Zone, zone_known_as, zone_named, zone_with_offsets};

/// Which zone each TZID of a file means.
pub struct Zones<'a> {
    calendars: Vec<Names<'a>>,
    owner: &'a Zone,
    /// The owner's zone, for what is not searched for.
    fallback: Found,
    known: usize,
    /// Whether it was said that there are more.
    is_full: bool,
    matched: usize,
}

/// A zone, and the TZID that we know it by.
#[derive(Clone, Debug)]
pub struct Found {
    pub zone: Zone,
    pub tzid: String,
    /// What to count each further use by, where the zone is not what the file names.
    finding: Option<usize>,
}

/// The zones that one VCALENDAR defines or names.
struct Names<'a> {
    /// What was found before, by the TZID as written.
    known: HashMap<String, Option<Found>>,
    /// The text of each VTIMEZONE by its TZID.
    defined: HashMap<String, &'a str>,
    /// Those of them that no zone is like and that list their changes, by the TZID as written.
    shifting: HashMap<String, ForeignZone>,
    /// X-WR-TIMEZONE.
    default: Option<(String, Option<Zone>)>,
}

impl<'a> Zones<'a> {
    /// The zones of a file, whose events belong to a calendar in the zone `owner`.
    pub fn new(calendars: &'a [RawCalendar], owner: &'a Zone, report: &mut Report) -> Self {
        let calendars = calendars.iter().map(|calendar| Names::of(calendar, report)).collect();
        let fallback = Found { zone: owner.clone(), tzid: tzid_of(owner), finding: None };
        Self { calendars, owner, fallback, known: 0, is_full: false, matched: 0 }
    }

    /// The zone of the calendar that the events go into.
    pub fn owner(&self) -> &'a Zone {
        self.owner
    }

    /// The zone that X-WR-TIMEZONE names.
    pub fn default_of(&self, calendar: usize) -> Option<Zone> {
        self.calendars.get(calendar)?.default.as_ref()?.1.clone()
    }

    /// The zone for a TZID; `None` for an empty one. IANA names and the names of Windows are told apart from those that only
    /// the file knows; what is guessed is warned of, once.
    pub fn find(&mut self, tzid: &str, place: Place, report: &mut Report) -> Option<&Found> {
        let names = self.calendars.get_mut(place.calendar)?;
        if let Some(zone) = names.shifting.get(tzid).and_then(|foreign| Zone::fixed(foreign.offset_at(place.local)?)) {
            let finding = names.known.get(tzid).and_then(Option::as_ref).and_then(|found| found.finding);
            names.known.insert(tzid.to_owned(), Some(Found { tzid: tzid_of(&zone), zone, finding }));
        }
        let is_known = names.known.contains_key(tzid);
        if !is_known && self.known >= MOST_KNOWN {
            // Said once, not counted: there may be a million of them.
            if !std::mem::replace(&mut self.is_full, true) {
                report.warn(place.number, None, remarks::too_many_zones());
            }
            return Some(&self.fallback);
        }
        if !is_known {
            let found = self.search(tzid, place).map(|(zone, how)| {
                let finding = how.and_then(|how| how.tell(place, report));
                Found { tzid: tzid_of(&zone), zone, finding }
            });
            self.known += 1;
            self.calendars.get_mut(place.calendar)?.known.insert(tzid.to_owned(), found);
        }
        let found = self.calendars.get(place.calendar)?.known.get(tzid)?.as_ref();
        if let Some(finding) = found.filter(|_| is_known).and_then(|found| found.finding) {
            report.findings.again(finding, place.number);
        }
        found
    }

    /// The zone, and what there is to say of it.
    fn search(&mut self, tzid: &str, place: Place) -> Option<(Zone, Option<Told>)> {
        let name = tzid.trim().trim_matches('"').trim();
        if name.is_empty() {
            return None;
        }
        let shown = shorten(name);
        if let Some(zone) = zone_of(name) {
            let is_so = tzid_of(&zone) == tzid;
            let why = "an IANA name in another spelling";
            let how = (!is_so).then(|| Told::Quietly(remarks::zone_by_name(&shown, &zone, why)));
            return Some((zone, how));
        }
        if let Some((zone, how)) = zone_known_as(name) {
            let why = match how {
                NameOf::Iana => "the IANA name that is in it",
                NameOf::Windows => "CLDR's table of Windows names",
            };
            let remark = remarks::zone_by_name(&shown, &zone, why);
            return Some((zone, Some(Told::Quietly(remark))));
        }
        let names = self.calendars.get(place.calendar);
        let defined = names.and_then(|names| names.defined.get(&key(name)).copied());
        if let Some(text) = defined.filter(|_| self.matched < MOST_MATCHED) {
            self.matched += 1;
            let foreign = ForeignZone::read(text);
            let found = foreign.find(place.local.year());
            let shifting = found.as_ref().is_none_or(|(zone, _)| !zone.is_iana());
            if let Some(zone) = foreign.offset_at(place.local).filter(|_| shifting).and_then(Zone::fixed) {
                let remark = remarks::zone_by_list(&shown);
                self.calendars.get_mut(place.calendar)?.shifting.insert(tzid.to_owned(), foreign);
                return Some((zone, Some(Told::Aloud(remark))));
            }
            if let Some((zone, how)) = found {
                let remark = remarks::zone_by_rules(&shown, &zone, how);
                return Some((zone, Some(Told::Aloud(remark))));
            }
        }
        if let Some(zone) = by_two_offsets(name) {
            return Some((zone.clone(), Some(Told::Aloud(remarks::zone_by_offsets(&shown, &zone)))));
        }
        if let Some(zone) = by_offset(name) {
            let remark = remarks::zone_by_offset(&shown, &zone);
            return Some((zone, Some(Told::Aloud(remark))));
        }
        let (zone, whose) = match names.and_then(|names| names.default.as_ref()) {
            Some((_, Some(zone))) => (zone.clone(), "the file's X-WR-TIMEZONE"),
            _ => (self.owner.clone(), "the zone of the calendar"),
        };
        let remark = remarks::zone_by_default(&shown, &zone, whose);
        Some((zone, Some(Told::Aloud(remark))))
    }
}

/// What there is to say of a zone that is not what the file names.
enum Told {
    /// With a warning: it may be another one that is meant.
    Aloud(Remark),
    /// As a finding only.
    Quietly(Remark),
}

impl Told {
    fn tell(self, place: Place, report: &mut Report) -> Option<usize> {
        match self {
            Self::Aloud(remark) => report.warn(place.number, None, remark),
            Self::Quietly(remark) => report.remark(place.number, remark),
        }
    }
}

/// More names than any real file has.
const MOST_KNOWN: usize = 2000;
/// To match a VTIMEZONE against all zones is dear, so a file has no more of it than this.
const MOST_MATCHED: usize = 30;

impl<'a> Names<'a> {
    fn of(calendar: &'a RawCalendar, report: &mut Report) -> Self {
        let mut defined = HashMap::new();
        for zone in &calendar.zones {
            let tzid = zone.text.lines().filter_map(ContentLine::parse).find(|line| line.is("TZID"));
            let line = zone.numbers.first().copied().unwrap_or(1) as usize;
            match tzid.filter(|_| zone.fault.is_none()) {
                None => {
                    report.remark(line, remarks::unusable_vtimezone());
                }
                Some(tzid) => match defined.entry(key(&tzid.text())) {
                    Entry::Occupied(_) => {
                        report.remark(line, remarks::second_vtimezone(&tzid.text()));
                    }
                    Entry::Vacant(place) => {
                        place.insert(zone.text.as_str());
                    }
                },
            }
        }
        let mut lines = calendar.properties.lines().filter_map(ContentLine::parse);
        let default = lines.find(|line| line.is("X-WR-TIMEZONE")).map(|line| {
            let name = line.text();
            let zone = zone_named(&name);
            if zone.is_none() && !name.trim().is_empty() {
                report.remark(1, remarks::unknown_default_zone(&name));
            }
            (name, zone)
        });
        Self { known: HashMap::new(), defined, shifting: HashMap::new(), default }
    }
}

/// TZIDs are compared without quotes, escapes and case.
fn key(tzid: &str) -> String {
    text::unescape(tzid.trim().trim_matches('"').trim()).to_lowercase()
}

/// `GMT +0100 (Standard) / GMT +0200 (Daylight)`: the zone that is likeliest to have both.
fn by_two_offsets(name: &str) -> Option<Zone> {
    let upper = name.to_ascii_uppercase();
    let (standard, daylight) = upper.split_once('/')?;
    let offset = |text: &str, word: &str| {
        let text = text.trim().strip_suffix(word)?.trim().strip_prefix("GMT")?;
        offset_seconds(text.trim())
    };
    zone_with_offsets(offset(standard, "(STANDARD)")?, offset(daylight, "(DAYLIGHT)")?)
}

/// `UTC+11`, `GMT-03:00`, `(GMT-03:00)`, `+0100`: an offset that the name itself says.
fn by_offset(name: &str) -> Option<Zone> {
    let inner = name.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(name, |(inner, _)| inner);
    let upper = inner.trim().to_ascii_uppercase();
    let offset = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).unwrap_or(&upper).trim();
    let (sign, digits) = offset.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() <= 2 => (digits, "00"),
        None => digits.split_at_checked(digits.len().checked_sub(2)?)?,
    };
    let digits_only = hours.bytes().chain(minutes.bytes()).all(|b| b.is_ascii_digit());
    (digits_only && hours.len() <= 2).then(|| fixed(&format!("{sign}{hours:0>2}{minutes:0>2}"))).flatten()
}
