"""The occurrences of an iCalendar file by the program's own expansion: a line each, `start end status summary`, sorted.

Usage: expansions.py READER ZONE FIRST_DAY LAST_DAY FILE ICAL_JS where READER is libical, ical or ical.js, and ICAL_JS the
ES module of the last. Dates are
midnights in ZONE, and so are times without a zone. Zones are those that the file defines.
"""

import ctypes
import datetime
import subprocess
import sys
import zoneinfo

UTC = datetime.timezone.utc


class Time(ctypes.Structure):
    """`struct icaltimetype` of libical 3."""

    _fields_ = [(name, ctypes.c_int) for name in "year month day hour minute second is_date is_daylight".split()]
    _fields_ += [("zone", ctypes.c_void_p)]


class Span(ctypes.Structure):
    """`struct icaltime_span`: seconds since the epoch."""

    _fields_ = [("start", ctypes.c_long), ("end", ctypes.c_long), ("is_busy", ctypes.c_int)]


VEVENT = 4
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Span), ctypes.c_void_p)


def library():
    lib = ctypes.CDLL("libical.so.3")
    for name, answer, *arguments in [
        ("icalparser_parse_string", ctypes.c_void_p, ctypes.c_char_p),
        ("icalcomponent_get_first_component", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
        ("icalcomponent_get_next_component", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
        ("icalcomponent_get_uid", ctypes.c_char_p, ctypes.c_void_p),
        ("icalcomponent_get_summary", ctypes.c_char_p, ctypes.c_void_p),
        ("icalcomponent_get_status", ctypes.c_int, ctypes.c_void_p),
        ("icalcomponent_get_dtstart", Time, ctypes.c_void_p),
        ("icalcomponent_get_first_property", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
        ("icalproperty_string_to_kind", ctypes.c_int, ctypes.c_char_p),
        ("icalproperty_enum_to_string", ctypes.c_char_p, ctypes.c_int),
        ("icalproperty_get_datetime_with_component", Time, ctypes.c_void_p, ctypes.c_void_p),
        ("icaltime_from_string", Time, ctypes.c_char_p),
        ("icaltime_as_timet_with_zone", ctypes.c_long, Time, ctypes.c_void_p),
        ("icalcomponent_foreach_recurrence", None, ctypes.c_void_p, Time, Time, CALLBACK, ctypes.c_void_p),
    ]:
        function = getattr(lib, name)
        function.restype, function.argtypes = answer, arguments
    return lib


def libical(data, zone, first, last):
    """By `icalcomponent_foreach_recurrence`, which leaves overrides to its caller, as to Evolution: what an override
    replaces is known by its RECURRENCE-ID."""
    lib = library()
    calendar = lib.icalparser_parse_string(data)
    events = []
    event = lib.icalcomponent_get_first_component(calendar, VEVENT)
    while event:
        events.append(event)
        event = lib.icalcomponent_get_next_component(calendar, VEVENT)

    def seconds(time):
        return lib.icaltime_as_timet_with_zone(time, time.zone)

    # Not `icalcomponent_get_recurrenceid`, which forgets the TZID.
    originals, kind = {}, lib.icalproperty_string_to_kind(b"RECURRENCE-ID")
    for event in events:
        original = lib.icalcomponent_get_first_property(event, kind)
        if original:
            time = lib.icalproperty_get_datetime_with_component(original, event)
            originals[event] = (lib.icalcomponent_get_uid(event), seconds(time))

    # A day more on each side, since dates are midnights of UTC to it.
    begin = lib.icaltime_from_string(f"{first - datetime.timedelta(1):%Y%m%dT%H%M%SZ}".encode())
    end = lib.icaltime_from_string(f"{last + datetime.timedelta(1):%Y%m%dT%H%M%SZ}".encode())
    found = []
    for event in events:
        start = lib.icalcomponent_get_dtstart(event)
        uid = lib.icalcomponent_get_uid(event)
        status = (lib.icalproperty_enum_to_string(lib.icalcomponent_get_status(event)) or b"CONFIRMED").decode().lower()
        summary = lib.icalcomponent_get_summary(event).decode()

        def note(_event, span, _data):
            if event not in originals and (uid, span.contents.start) in originals.values():
                return
            times = [datetime.datetime.fromtimestamp(it, UTC) for it in (span.contents.start, span.contents.end)]
            if start.is_date:
                times = [it.date() for it in times]
            found.append((*times, status, summary))

        lib.icalcomponent_foreach_recurrence(event, begin, end, CALLBACK(note), None)
    return found


def ical(data, zone, first, last):
    """By the timeline of PyPI `ical`, which Home Assistant shows."""
    from ical.calendar_stream import IcsCalendarStream

    calendar = IcsCalendarStream.calendar_from_ics(data.decode())
    for event in calendar.timeline_tz(zone).overlapping(first, last):
        status = event.status.value.lower() if event.status else "confirmed"
        yield event.dtstart, event.dtend, status, event.summary


ICAL_JS = """
import fs from "node:fs";
const ICAL = (await import(process.argv[1])).default;
const [first, last] = process.argv.slice(2).map(Number);
const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const text = (time) => time.isDate ? time.toString() : time.toJSDate().toISOString();
const say = (start, end, item) => {
  const status = (item.component.getFirstPropertyValue("status") ?? "CONFIRMED").toLowerCase();
  console.log(JSON.stringify([text(start), text(end), status, item.summary]));
};
const events = calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
const masters = new Map(events.filter((it) => !it.isRecurrenceException()).map((it) => [it.uid, it]));
for (const event of events.filter((it) => it.isRecurrenceException())) {
  const master = masters.get(event.uid);
  if (master) master.relateException(event); else say(event.startDate, event.endDate, event);
}
for (const event of masters.values()) {
  if (!event.isRecurring()) { say(event.startDate, event.endDate, event); continue; }
  const times = event.iterator();
  for (let next = times.next(); next && next.toUnixTime() < last; next = times.next()) {
    const { startDate, endDate, item } = event.getOccurrenceDetails(next);
    say(startDate, endDate, item);
  }
}
"""


def ical_js(data, zone, first, last, module):
    """By the `Event.iterator` and `getOccurrenceDetails` of ical.js, as Thunderbird does it."""
    import json

    # A year more, for what an override moves to before its original time.
    until = str((last + datetime.timedelta(366)).timestamp())
    command = ["node", "--input-type=module", "-e", ICAL_JS, module, str(first.timestamp()), until]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    for line in done.stdout.decode().splitlines():
        start, end, status, summary = json.loads(line)
        read = datetime.datetime.fromisoformat if "T" in start else datetime.date.fromisoformat
        yield read(start), read(end), status, summary


def instant(value, zone):
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)


def main():
    reader, zone, first, last, path, module = sys.argv[1:]
    zone = zoneinfo.ZoneInfo(zone)
    first, last = (datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), UTC) for day in (first, last))
    with open(path, "rb") as file:
        data = file.read()
    lines = []
    readers = {"libical": libical, "ical": ical, "ical.js": lambda *window: ical_js(*window, module)}
    for start, end, status, summary in readers[reader](data, zone, first, last):
        start, end = instant(start, zone), instant(end, zone)
        if start < last and end > first:
            lines.append(f"{start:%Y-%m-%dT%H:%M:%SZ} {end:%Y-%m-%dT%H:%M:%SZ} {status} {summary}")
    print("\n".join(sorted(lines)))


main()
