"""The occurrences of iCalendar files by recurring-ical-events: a JSON object a file, `{"file", "error"}` or `{"file",
"occurrences": [[uid, start, end, exact_end, recurrence_id], …], "years": […]}`, sorted, instants in epoch seconds.

Usage: occurrences_of_files.py ZONE FIRST_YEAR LAST_YEAR FILE… Dates and times without a zone are those of ZONE. Years are
looked at from the first event on, then those before it, until it takes too long: `years` tells which were.

Three things are done to what it reads and answers. X-WR-TIMEZONE is taken away, which moves series in UTC into that zone: RFC
5545 has no such property. TZID is taken away from dates, which section 3.2.19 says have none. `exact_end` is the end by RFC 5545 section 3.8.5.3, where a series has DTEND in a zone: the start
and the exact length of the first occurrence; recurring-ical-events adds what the wall clock shows. It is null elsewhere.
"""

import datetime as dt
import json
import os
import re
import signal
import sys
import time
import zoneinfo

import icalendar
import recurring_ical_events

UTC = dt.timezone.utc
DATE_IN_A_ZONE = re.compile(rb"^((?:DTSTART|DTEND)(?:;VALUE=DATE)?);TZID=([^;:\r\n]+(?:;VALUE=DATE)?):(\d{8})(?=\r?$)", re.M)
MOST_SECONDS = 3
ENOUGH_SECONDS = 0.7


def instant(value, zone):
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return int(value.timestamp())


def exact_end(event, masters, zone):
    """The end by the length of the component that the occurrence is made from."""
    source = masters.get(str(event.get("UID", "")))
    start = event.start
    if source is None or not isinstance(start, dt.datetime) or start.tzinfo is None:
        return None
    begin, end = source.get("DTSTART"), source.get("DTEND")
    if begin is None or end is None or not isinstance(end.dt, dt.datetime) or end.dt.tzinfo is None:
        return None
    return instant(start, zone) + instant(end.dt, zone) - instant(begin.dt, zone)


def occurrences(path, zone, first, last):
    with open(path, "rb") as file:
        calendars = icalendar.Calendar.from_ical(DATE_IN_A_ZONE.sub(rb"\1:\3", file.read()), multiple=True)
    found, left = set(), set()
    for calendar in calendars:
        calendar.pop("X-WR-TIMEZONE", None)
        events = calendar.walk("VEVENT")
        masters = {str(event.get("UID", "")): event for event in events if "RECURRENCE-ID" not in event}
        named = [event for event in events if "RECURRENCE-ID" in event]
        overrides = {str(event.get("UID", "")) + event["RECURRENCE-ID"].to_ical().decode() for event in named}
        query = recurring_ical_events.of(calendar, skip_bad_series=False)
        begin = min((event["DTSTART"].dt.year for event in events if "DTSTART" in event), default=first)
        begin = min(max(begin, first), last)
        for year in [*range(begin, last), *range(begin - 1, first - 1, -1)]:
            if time.process_time() > ENOUGH_SECONDS:
                left.add(year)
                continue
            window = dt.datetime(year, 1, 1, tzinfo=UTC), dt.datetime(year + 1, 1, 1, tzinfo=UTC)
            for event in query.between(*window):
                uid = str(event.get("UID", ""))
                named = event.get("RECURRENCE-ID")
                is_override = named is not None and uid + named.to_ical().decode() in overrides
                exact = None if is_override else exact_end(event, masters, zone)
                name = instant(named.dt, zone) if named is not None else None
                found.add((uid, instant(event.start, zone), instant(event.end, zone), exact, name))
    return {"occurrences": sorted(found, key=str), "years": [year for year in range(first, last) if year not in left]}


def one_file(path, zone, first, last):
    """In a process of its own, because a series by the second takes for ever."""
    read, write_end = os.pipe()
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        try:
            answer = occurrences(path, zone, first, last)
        except BaseException as error:
            answer = {"error": f"{type(error).__name__} {error}"[:200]}
        with os.fdopen(write_end, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else {"error": f"it takes more than {MOST_SECONDS} s"}


def main():
    zone, first, last, *paths = sys.argv[1:]
    # The machine's own zones may be older than the package.
    zoneinfo.reset_tzpath(())
    for path in paths:
        print(json.dumps({"file": path} | one_file(path, zoneinfo.ZoneInfo(zone), int(first), int(last))), flush=True)


main()
