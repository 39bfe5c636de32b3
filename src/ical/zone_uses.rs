use std::collections::BTreeMap;

use super::calendar_object::NotAnObject;
use super::component::{Boundary, Component, boundary, lines_of};
use super::fold::folded_length;
use super::line::ContentLine;
use super::reach::Reach;
use super::shape::walk;

/// The TZIDs that objects name, alarms included, with the years that each is used for: what a VCALENDAR needs to know before
/// its first object.
#[derive(Clone, Debug, Default)]
pub struct ZoneUses(BTreeMap<String, Reach>);

impl ZoneUses {
    /// Notes the zones of an object as it is stored (see [`CalendarObject::to_text`](super::CalendarObject::to_text)); answers how
    /// many bytes it has when it is written.
    ///
    /// # Errors
    /// [`NotAnObject`]: the text is no object.
    pub fn note_stored(&mut self, text: &str) -> Result<usize, NotAnObject> {
        let (mut named, mut length) = (Named::default(), 0);
        walk(text, |placed| {
            named.line(placed.line, placed.boundary, &mut self.0);
            length += folded_length(placed.line.raw());
        })?;
        Ok(length)
    }

    /// Notes the zones of a component.
    pub(super) fn note(&mut self, component: &Component) {
        let mut named = Named::default();
        for line in lines_of(component.text()).filter_map(ContentLine::parse) {
            named.line(line, boundary(line), &mut self.0);
        }
    }

    /// The zones in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Reach)> {
        self.0.iter().map(|(tzid, reach)| (tzid.as_str(), *reach))
    }
}

/// The zones of one component in the making: whether it has an end is known at its own end only.
#[derive(Default)]
struct Named<'t> {
    depth: usize,
    /// Whether the component recurs without an end that can be seen. COUNT is none: where it ends is not written down.
    is_endless: bool,
    zones: Vec<(&'t str, Reach)>,
}

impl<'t> Named<'t> {
    fn line(&mut self, line: ContentLine<'t>, boundary: Option<Boundary>, all: &mut BTreeMap<String, Reach>) {
        match boundary {
            Some(Boundary::Begin) => self.depth += 1,
            Some(Boundary::End) => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end(all);
                }
            }
            None => {
                self.is_endless |= self.depth == 1 && line.is("RRULE");
                if let Some(tzid) = tzid_of_line(line) {
                    self.zones.push((tzid, Reach::of(line)));
                    self.merge();
                }
            }
        }
    }

    /// The lines of a component that stand together name the same zone, mostly.
    fn merge(&mut self) {
        if let [.., (before, reach), (last, other)] = &mut *self.zones
            && before == last
        {
            *reach = reach.with(*other);
            self.zones.pop();
        }
    }

    fn end(&mut self, all: &mut BTreeMap<String, Reach>) {
        for (tzid, mut reach) in self.zones.drain(..) {
            if self.is_endless {
                reach.last = None;
            }
            match all.get_mut(tzid) {
                Some(known) => *known = known.with(reach),
                None => {
                    all.insert(tzid.to_owned(), reach);
                }
            }
        }
        self.is_endless = false;
    }
}

fn tzid_of_line(line: ContentLine<'_>) -> Option<&str> {
    let params = line.raw_params();
    // Few lines have it, and to split parameters is dear.
    if !params.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"TZID")) {
        return None;
    }
    let param = line.params().find(|param| param.name.eq_ignore_ascii_case("TZID"))?;
    Some(param.raw.trim().trim_matches('"'))
}
