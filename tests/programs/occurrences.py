"""The occurrences of iCalendar files by recurring-ical-events: a line each, `file<TAB>start end status summary`, or
`file<TAB>ERROR reason`; sorted within a file.

Usage: occurrences.py ZONE FIRST_DAY LAST_DAY FILE… Dates are midnights in ZONE, and so are times without a zone.
"""

import datetime
import sys
import zoneinfo

import icalendar
import recurring_ical_events

UTC = datetime.timezone.utc


def day(text):
    return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(), UTC)


def instant(value, zone):
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def occurrences(path, zone, first, last):
    with open(path, "rb") as file:
        calendar = icalendar.Calendar.from_ical(file.read())
    for event in recurring_ical_events.of(calendar, skip_bad_series=False).between(first, last):
        status = str(event.get("STATUS", "CONFIRMED")).lower()
        yield f"{instant(event.start, zone)} {instant(event.end, zone)} {status} {event.get('SUMMARY', '')}".rstrip()


def main():
    zone, first, last, *paths = sys.argv[1:]
    for path in paths:
        try:
            lines = sorted(occurrences(path, zoneinfo.ZoneInfo(zone), day(first), day(last)))
        except Exception as error:
            lines = [f"ERROR {type(error).__name__} {error}"]
        for line in lines:
            print(path, line.replace("\n", " "), sep="\t")


main()
