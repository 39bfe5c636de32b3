//! The words: all that a reader says of a file, in one place, so that it is said alike.

use super::finding::{FindingKind as Kind, Severity};
use super::remark::Remark;
use super::unknown_end::Taken;
use super::written::Written;
use crate::ical::value::shorten;
use crate::time::Zone;

const SAVE_AS_UTF8: &str = "Save or publish the file as UTF-8.";
const EXPORT_AGAIN: &str = "Export the file again: it was cut off, or put together by hand.";
const GIVE_UIDS: &str = "Have the program that writes the file give each event a UID of its own that never changes.";
const USE_IANA: &str = "Write the IANA name of the zone (such as Europe/Berlin) as TZID.";
const WRITE_DATES: &str = "Write dates as 20260105, times as 20260105T090000 with a TZID, or as 20260105T090000Z.";
const LINK_FILES: &str = "Link attachments instead of putting them into the file.";
const STAMP_EVENTS: &str = "Have the program write DTSTAMP, and LAST-MODIFIED when an event changes.";
const KEEP_KINDS: &str = "Give DTEND, UNTIL, EXDATE, RDATE and RECURRENCE-ID as dates where DTSTART is a date, and as times where it is a time.";
const CHECK_RULE: &str = "Enter the repetition anew in the program that the event comes from.";

/// An event that cannot be read because of one of its properties.
pub fn unreadable(property: &str, message: String) -> Remark {
    let is = |names: &[&str]| names.iter().any(|name| property.eq_ignore_ascii_case(name));
    match () {
        () if is(&["DTSTART", "DTEND", "DURATION"]) => Remark::error(Kind::Dates, message)
            .advise("Open the event in its program and enter its start and end anew."),
        () if is(&["RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"]) => {
            Remark::error(Kind::Recurrence, message).advise(CHECK_RULE)
        }
        () => Remark::error(Kind::Structure, message),
    }
}

pub fn too_many_values() -> Remark {
    Remark::error(Kind::Recurrence, "the event has too many RRULE, RDATE and EXDATE values")
        .advise("Use a rule instead of single dates, or split the series.")
}

pub fn too_deep(most: usize) -> Remark {
    Remark::error(Kind::Structure, format!("components are nested deeper than {most}")).advise(EXPORT_AGAIN)
}

pub fn too_long(name: &str, most: usize) -> Remark {
    Remark::error(Kind::Size, format!("{} is longer than {most} bytes", shorten(name))).advise(LINK_FILES)
}

pub fn too_many_lines(most: usize) -> Remark {
    Remark::error(Kind::Size, format!("the component has more than {most} lines")).advise(LINK_FILES)
}

pub fn not_ended(name: &str, begun: u32, why: &str) -> Remark {
    Remark::error(Kind::Structure, format!("the {name} that begins in line {begun} is not ended before {why}"))
        .advise(EXPORT_AGAIN)
}

pub fn no_uid() -> Remark {
    Remark::repaired(Kind::Uid, "the event has no UID", "one is made from its content").advise(GIVE_UIDS)
}

pub fn spare_uid(is_empty: bool) -> Remark {
    let found = if is_empty { "the event has an empty UID line" } else { "the event has a second UID" };
    Remark::repaired(Kind::Uid, found, "the line is left out").advise(GIVE_UIDS)
}

pub fn no_stamp() -> Remark {
    Remark::repaired(Kind::Stamp, "the event has no DTSTAMP", "one is made").advise(STAMP_EVENTS)
}

pub fn mended_stamp(name: &str, value: &str) -> Remark {
    let found = format!("{} is no time in UTC", name.to_ascii_uppercase());
    Remark::repaired(Kind::Stamp, found, "it is written as one").such_as(value).advise(STAMP_EVENTS)
}

pub fn unreadable_stamp(name: &str) -> Remark {
    Remark::repaired(Kind::Stamp, format!("{name} cannot be read"), "it is left out").advise(STAMP_EVENTS)
}

pub fn twice(name: &str) -> Remark {
    Remark::guessed(Kind::Structure, format!("{name} stands there twice"), "the first counts")
        .advise("Look whether the first is the one that is meant.")
}

/// `source`: the property that the start is made from.
pub fn made_start(source: &'static str) -> Remark {
    Remark::guessed(Kind::Dates, "DTSTART is missing or cannot be read", format!("it is made from {source}"))
        .advise("Look whether the event starts when it should, and enter its start anew.")
}

/// Until it is known what is made of it: see [`taken_end`].
pub fn unreadable_end(found: String) -> Remark {
    Remark::guessed(Kind::Dates, found, "").advise("Open the event in its program and enter its end anew.")
}

/// As [`unreadable_end`].
pub fn unreadable_duration(value: &str) -> Remark {
    unreadable_end(format!("DURATION: \"{}\" is no duration such as PT1H30M", shorten(value)))
}

/// What an event is taken to last whose end cannot be read.
pub fn taken_end(unreadable: Remark, taken: Taken) -> Remark {
    match taken {
        Taken::AsSaid => other_counts(unreadable),
        _ => unreadable.so(length(taken)),
    }
}

/// A property that is there in another form too, which can be read.
pub fn other_counts(unreadable: Remark) -> Remark {
    Remark { severity: Severity::Guessed, ..unreadable }.so("what else says it counts")
}

pub fn no_length(taken: Taken) -> Remark {
    Remark::guessed(Kind::Dates, "nothing says how long this occurrence of a series lasts", length(taken))
        .advise("Export the whole series, or look whether the event ends when it should.")
}

fn length(taken: Taken) -> &'static str {
    match taken {
        Taken::AsSaid => "",
        Taken::OneDay => "the event is taken to last that day",
        Taken::UntilDayEnds => "the event is taken to last until its day ends, and an hour at least",
    }
}

pub fn unknown_word(name: &str, word: &str, taken: &'static str) -> Remark {
    Remark::note(Kind::Structure, format!("{name} is \"{}\", which RFC 5545 does not know of an event", shorten(word)))
        .so(taken)
        .advise("Look whether the event takes the time that it should.")
}

pub fn unreadable_id(found: String) -> Remark {
    let made = "this occurrence is kept as an event of its own, and the one that it replaces stays where it is";
    Remark::guessed(Kind::Recurrence, found, made).advise("Move the occurrence anew in the program that it comes from.")
}

pub fn duration_beside_end() -> Remark {
    Remark::guessed(Kind::Dates, "DURATION stands beside DTEND", "DTEND counts")
        .advise("Look whether the event ends when it should; RFC 5545 allows one of the two.")
}

pub fn mended_duration() -> Remark {
    Remark::repaired(Kind::Dates, "DURATION has blanks around its value", "they are left out")
}

pub fn mended_end(start_is_date: bool, end_is_date: bool) -> Remark {
    if start_is_date && end_is_date {
        return Remark::repaired(Kind::Dates, "DTEND is the day of DTSTART", "the event takes that whole day")
            .advise("Write the day after the last one as DTEND: it is exclusive.");
    }
    let found = if start_is_date {
        "DTEND is a time where DTSTART is a date"
    } else {
        "DTEND is not of the kind of DTSTART: a date, or without its zone"
    };
    Remark::repaired(Kind::ValueType, found, "it is read in the kind of DTSTART").advise(KEEP_KINDS)
}

pub fn left_out_dates(name: &str, found: String) -> Remark {
    let made = if name == "EXDATE" {
        "the date is left out, and the occurrence that it takes away stays"
    } else {
        "the date is left out, and no time is taken for it"
    };
    Remark::guessed(Kind::Recurrence, found, made)
        .advise(format!("{WRITE_DATES} Look whether each occurrence is there."))
}

pub fn rule(sentence: &str) -> Remark {
    let meant = Remark::of_sentence(Kind::Recurrence, sentence);
    Remark::guessed(Kind::Recurrence, meant.found, meant.made).advise(CHECK_RULE)
}

pub fn left_out_exrule(unreadable: &Remark) -> Remark {
    Remark::guessed(Kind::Recurrence, unreadable.found.clone(), "the line is left out, and what it takes away stays")
        .advise("Except the occurrences one by one (EXDATE): they count as taking place.")
}

pub fn mended_params(name: &str) -> Remark {
    let found = format!("{} has a parameter with a semicolon outside of quotes", shorten(name));
    Remark::repaired(Kind::Structure, found, "the parameter is quoted")
}

pub fn indented() -> Remark {
    Remark::repaired(Kind::Structure, "a line has blanks before its name", "they are left out").advise(EXPORT_AGAIN)
}

pub fn windows_1252() -> Remark {
    Remark::guessed(Kind::Encoding, "the file is not UTF-8", "it is read as Windows-1252").advise(SAVE_AS_UTF8)
}

pub fn broken_utf8() -> Remark {
    Remark::repaired(Kind::Encoding, "the file has broken characters", "each is replaced by \u{fffd}")
        .advise(SAVE_AS_UTF8)
}

pub fn utf16() -> Remark {
    Remark::repaired(Kind::Encoding, "the file is UTF-16", "it is read as such").advise(SAVE_AS_UTF8)
}

pub fn controls() -> Remark {
    Remark::repaired(Kind::Encoding, "a line has control characters", "they are left out")
}

pub fn line_ends(name: &str) -> Remark {
    Remark::note(Kind::Structure, format!("lines end in {name}, not in CRLF")).so("they are read all the same")
}

pub fn outside(name: &str) -> Remark {
    Remark::repaired(Kind::Structure, format!("{name} stands outside of any VCALENDAR"), "").advise(EXPORT_AGAIN)
}

pub fn end_without_begin(name: &str) -> Remark {
    Remark::repaired(Kind::Structure, format!("END:{} has no BEGIN", shorten(name)), "").advise(EXPORT_AGAIN)
}

pub fn unclosed(name: &str) -> Remark {
    Remark::repaired(Kind::Structure, format!("{} has no END", shorten(name)), "it ends with what is around it")
        .advise(EXPORT_AGAIN)
}

pub fn stray_line(made: &'static str) -> Remark {
    Remark::repaired(Kind::Structure, "this is no content line", made)
        .advise("Fold long lines by CRLF and one blank, and write a line end within a text as \\n.")
}

pub fn long_head() -> Remark {
    Remark::repaired(Kind::Size, "the VCALENDAR has more than 64 KiB of properties of its own", "the rest is left out")
}

pub fn large_event(bytes: usize) -> Remark {
    // In steps, so that events of about the same size are one finding.
    let kibibytes = (bytes / 1024).next_power_of_two() / 2;
    Remark::note(Kind::Size, format!("an event takes more than {kibibytes} KiB")).advise(LINK_FILES)
}

pub fn large_file(bytes: usize) -> Remark {
    let found = format!("the file is {} MiB large", bytes >> 20);
    Remark::note(Kind::Size, found)
        .so("all of it is transferred each time it changes")
        .advise("Publish fewer years of the past, and link attachments instead of putting them into the file.")
}

pub fn method(name: &str) -> Remark {
    Remark::note(Kind::Method, format!("METHOD:{} is not answered", shorten(name)))
        .so("the file is read as data")
        .advise("Answer the invitation in the program that it was sent to.")
}

pub fn cancelled() -> Remark {
    Remark::guessed(
        Kind::Method,
        "METHOD:CANCEL calls off an event whose STATUS does not say so",
        "it is read as cancelled",
    )
}

pub fn answer() -> Remark {
    Remark::note(Kind::Method, "this is an attendee's answer to an event that the file has").so("it is left out")
}

pub fn calendar_scale(name: &str) -> Remark {
    Remark::guessed(Kind::Dates, format!("CALSCALE {} is not known", shorten(name)), "dates are read as Gregorian")
        .advise("Export the calendar with Gregorian dates.")
}

pub fn not_version_2(version: Option<&str>) -> Remark {
    let found = match version {
        None => "the file has no VERSION".to_owned(),
        Some(version) => format!("VERSION is {}, not 2.0", shorten(version)),
    };
    Remark::note(Kind::Structure, found).so("it is read as 2.0")
}

pub fn ignored(name: &str) -> Remark {
    Remark::note(Kind::Ignored, format!("{name} is no event")).so("it is left out")
}

pub fn no_zone_for_times() -> Remark {
    Remark::note(Kind::TimeZone, "the times of the event have no zone")
        .so("they are that wall-clock time wherever the calendar's owner is")
        .advise("Give the times a TZID, or write them in UTC, if one instant is meant.")
}

pub fn too_many_zones() -> Remark {
    Remark::guessed(Kind::TimeZone, "the file has too many TZIDs", "the zone of the calendar is taken for the rest")
        .advise(USE_IANA)
}

/// `why`: `an IANA name in another spelling`.
pub fn zone_by_name(shown: &str, zone: &Zone, why: &str) -> Remark {
    Remark::repaired(
        Kind::TimeZone,
        format!("TZID \"{shown}\" is no IANA name"),
        format!("it is read as {zone} ({why})"),
    )
    .advise(USE_IANA)
}

/// `how`: `its rules`.
pub fn zone_by_rules(shown: &str, zone: &Zone, how: &str) -> Remark {
    Remark::guessed(
        Kind::TimeZone,
        format!("TZID \"{shown}\" is no known zone"),
        format!("by {how}, its VTIMEZONE is read as {zone}"),
    )
    .advise(USE_IANA)
}

pub fn zone_by_list(shown: &str) -> Remark {
    Remark::guessed(
        Kind::TimeZone,
        format!("TZID \"{shown}\" is no known zone"),
        "its times are read by the changes that its VTIMEZONE lists",
    )
    .advise(USE_IANA)
}

pub fn zone_by_offsets(shown: &str, zone: &Zone) -> Remark {
    Remark::guessed(
        Kind::TimeZone,
        format!("TZID \"{shown}\" has no VTIMEZONE"),
        format!("by its two offsets, it is read as {zone}"),
    )
    .advise(USE_IANA)
}

pub fn zone_by_offset(shown: &str, zone: &Zone) -> Remark {
    Remark::guessed(
        Kind::TimeZone,
        format!("TZID \"{shown}\" is no known zone and has no VTIMEZONE"),
        format!("it is read as the offset {zone}"),
    )
    .advise(format!("{USE_IANA} An offset alone does not say when the clocks change."))
}

/// `whose`: `the file's X-WR-TIMEZONE`.
pub fn zone_by_default(shown: &str, zone: &Zone, whose: &str) -> Remark {
    Remark::guessed(
        Kind::TimeZone,
        format!("TZID \"{shown}\" is no known zone and has no usable VTIMEZONE"),
        format!("{whose}, {zone}, is taken"),
    )
    .advise(format!("{USE_IANA} Look whether these events are at the right time."))
}

pub fn unknown_default_zone(name: &str) -> Remark {
    let found = format!("X-WR-TIMEZONE \"{}\" is no known zone", shorten(name));
    Remark::guessed(Kind::TimeZone, found, "the zone of the calendar is taken where the file names none")
        .advise(USE_IANA)
}

pub fn unusable_vtimezone() -> Remark {
    Remark::repaired(Kind::TimeZone, "a VTIMEZONE cannot be read", "its TZID is looked up by name").advise(EXPORT_AGAIN)
}

pub fn second_vtimezone(tzid: &str) -> Remark {
    let found = format!("TZID \"{}\" has several VTIMEZONEs", shorten(tzid));
    Remark::note(Kind::TimeZone, found).so("the first counts")
}

pub fn overrides_twice(id: &str) -> Remark {
    Remark::guessed(Kind::Duplicate, format!("two overrides of {id}"), "the newer one is kept")
}

pub fn two_versions() -> Remark {
    Remark::guessed(Kind::Duplicate, "the UID stands on two versions of the event", "the newer one is kept")
        .advise("Look whether the newer version is the right one.")
}

pub fn same_twice() -> Remark {
    Remark::repaired(Kind::Duplicate, "the event stands in the file twice", "it is kept once")
}

pub fn shared_uid(uid: &str) -> Remark {
    let made = format!("this one gets the UID {uid}");
    Remark::repaired(Kind::Duplicate, "the UID stands on another event too", made).advise(GIVE_UIDS)
}

pub fn no_master() -> Remark {
    Remark::note(Kind::Recurrence, "the file has single occurrences of a series, but not the series")
        .so("they are kept as they are")
        .advise("Export the whole series, if it is yours.")
}

pub fn aligned(name: &'static str) -> Remark {
    let found = match name {
        "UNTIL" => "UNTIL is not of the kind of DTSTART: a date, a time, or a time in UTC",
        "EXDATE" => "EXDATE is not of the kind of DTSTART: a date, or without its zone",
        "RDATE" => "RDATE is not of the kind of DTSTART: a date, or without its zone",
        _ => "RECURRENCE-ID is not of the kind of the series' DTSTART: a date, or without its zone",
    };
    Remark::repaired(Kind::ValueType, found, "it is read in the kind of DTSTART").advise(KEEP_KINDS)
}

/// A date or time that is written otherwise than RFC 5545 has it; `name` is the property.
pub fn written(name: &str, how: Written, words: &str) -> Remark {
    let (kind, found, made) = match how {
        Written::Otherwise => (Kind::Dates, "is not written as RFC 5545 has it", "it is read as the time that it says"),
        Written::DateUnmarked => (Kind::ValueType, "is a date without VALUE=DATE", "it is read as a date"),
        Written::DateInZone => (Kind::ValueType, "is a date with a TZID", "it is read as a date, which has no zone"),
        Written::Midnight => (Kind::ValueType, "says VALUE=DATE but has a time", "midnight is read as the day"),
        Written::TimeAsDate => (Kind::ValueType, "says VALUE=DATE but has a time", "it is read as that time"),
        Written::UtcInZone => (Kind::Dates, "has both Z and a TZID", "it is read as UTC, and written in the zone"),
        Written::ZoneOfUtc => (Kind::Dates, "has the TZID UTC", "it is written in UTC, with Z"),
        Written::Mixed => (Kind::ValueType, "has values of several kinds", "each kind gets a line of its own"),
        Written::CutZone => (Kind::Structure, "has a TZID with a colon outside of quotes", "the TZID is put together"),
        Written::Parameters => (Kind::ValueType, "has parameters that do not fit its value", "they are put right"),
    };
    Remark::repaired(kind, format!("{} {found}", name.to_ascii_uppercase()), made).such_as(words).advise(WRITE_DATES)
}
