use jiff::Timestamp;

use super::fold::push_folded;
use super::make::{raw_line, text_line};
use super::value::utc_text;
use super::write::{CalendarHead, head_lines};
use crate::time::Period;

/// When somebody is busy, as a VFREEBUSY says it (RFC 5545 section 3.6.4): published, so without ATTENDEE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFreeBusy<'a> {
    /// UID.
    pub uid: &'a str,
    /// DTSTAMP: when it was made.
    pub stamp: Timestamp,
    /// ORGANIZER: the calendar address of whoever's time it is.
    pub organizer: &'a str,
    /// CN of the organizer.
    pub name: &'a str,
    /// DTSTART and DTEND: the time that it is about.
    pub window: Period,
    /// What is not free, in order.
    pub periods: Vec<(Period, FreeBusyType)>,
}

/// FBTYPE (RFC 5545 section 3.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreeBusyType {
    /// `BUSY`
    Busy,
    /// `BUSY-TENTATIVE`
    Tentative,
    /// `BUSY-UNAVAILABLE`
    Unavailable,
}

impl PublishedFreeBusy<'_> {
    /// The VCALENDAR of it: `METHOD:PUBLISH`, instants in UTC, a FREEBUSY line for each period.
    pub fn to_ics(&self) -> String {
        let mut lines = head_lines(&CalendarHead { method: Some("PUBLISH"), ..CalendarHead::default() });
        lines.extend([
            "BEGIN:VFREEBUSY".to_owned(),
            text_line("UID", &[], self.uid),
            raw_line("DTSTAMP", &[], &utc_text(self.stamp)),
            raw_line("ORGANIZER", &[("CN", self.name)], self.organizer),
            raw_line("DTSTART", &[], &utc_text(self.window.start())),
            raw_line("DTEND", &[], &utc_text(self.window.end())),
        ]);
        lines.extend(self.periods.iter().map(|(period, kind)| {
            let value = format!("{}/{}", utc_text(period.start()), utc_text(period.end()));
            raw_line("FREEBUSY", &[("FBTYPE", kind.as_str())], &value)
        }));
        lines.extend(["END:VFREEBUSY".to_owned(), "END:VCALENDAR".to_owned()]);
        let mut text = String::new();
        lines.iter().for_each(|line| push_folded(&mut text, line));
        text
    }
}

impl FreeBusyType {
    /// The word of RFC 5545.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Unavailable => "BUSY-UNAVAILABLE",
        }
    }
}
