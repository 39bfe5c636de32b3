"""Random recurrence sets with the occurrences that independent programs find: a JSON object a line.

Usage: random_recurrence.py SEED COUNT [--all]. Each rule is expanded by python-dateutil and by libical on the wall clock;
a case on which they disagree is left out (with --all it comes with both answers, "expected" and "libical"). Extra dates,
exceptions and zones are put on top as RFC 5545 says it: sections 3.8.5.1 to 3.8.5.3, and 3.3.5 for local times that a
clock skips or shows twice. A start that is not among a rule's times is an occurrence all the same.

Fields: start, rdates, exdates as "zone:20260105T090000", "20260105T090000" or "20260105"; rules, exrules; owner, the zone of
dates and floating times; expected, in epoch seconds, sorted; end, the end of the window that these are all of.
"""

import ctypes
import datetime as dt
import itertools
import json
import os
import random
import signal
import sys
import zoneinfo

from dateutil import rrule

# The machine's own zones may be older than the package.
zoneinfo.reset_tzpath(())

ZONES = """UTC Europe/Berlin Europe/London Europe/Dublin America/New_York America/Santiago America/Havana America/Sao_Paulo
America/St_Johns America/Vancouver Africa/Cairo Africa/Casablanca Asia/Beirut Asia/Kathmandu Asia/Tehran Asia/Kolkata
Australia/Lord_Howe Australia/Sydney Pacific/Apia Pacific/Auckland Pacific/Chatham""".split()
FREQUENCIES = {"YEARLY": 25, "MONTHLY": 27, "WEEKLY": 22, "DAILY": 16, "HOURLY": 4, "MINUTELY": 3, "SECONDLY": 3}
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
MOST = 60
FAR = int(dt.datetime(2200, 1, 1, tzinfo=dt.timezone.utc).timestamp())
EPOCH = dt.datetime(1970, 1, 1)

libical = ctypes.CDLL("libical.so.3")
libical.icalrecur_expand_recurrence.argtypes = [
    ctypes.c_char_p,
    ctypes.c_long,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_long),
]



def some(rng, values, most=4):
    return sorted(rng.sample(values, rng.randint(1, min(most, len(values)))))


def signed(rng, low, high, most=3):
    return some(rng, [n for n in range(-high, high + 1) if abs(n) >= low], most)


def random_rule(rng, all_day):
    """The parts of a rule that RFC 5545 section 3.3.10 allows together, without its end."""
    frequencies = {name: weight for name, weight in FREQUENCIES.items() if not all_day or name[0] in "YWD" or name == "MONTHLY"}
    freq = rng.choices(list(frequencies), frequencies.values())[0]
    rule = {"FREQ": freq}
    sub_daily = freq in ("HOURLY", "MINUTELY", "SECONDLY")
    if rng.random() < 0.5:
        high = {"YEARLY": 5, "MONTHLY": 14, "WEEKLY": 14, "DAILY": 40}.get(freq, 100)
        rule["INTERVAL"] = rng.randint(1, high)
    chance = lambda p: rng.random() < p
    if chance(0.3):
        rule["BYMONTH"] = some(rng, range(1, 13))
    if freq == "YEARLY" and chance(0.08):
        rule["BYWEEKNO"] = signed(rng, 1, 53)
    if freq in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and chance(0.1):
        rule["BYYEARDAY"] = signed(rng, 1, 366)
    if freq != "WEEKLY" and chance(0.3):
        rule["BYMONTHDAY"] = signed(rng, 1, 31)
    if chance(0.4):
        days = rng.sample(DAYS, rng.randint(1, 6))
        if freq in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in rule and chance(0.5):
            high = 5 if freq == "MONTHLY" or "BYMONTH" in rule else 53
            days = [f"{rng.choice([n for n in range(-high, high + 1) if n])}{day}" for day in days[:3]]
        rule["BYDAY"] = days
    if not all_day:
        if chance(0.15):
            rule["BYHOUR"] = some(rng, range(24))
        if chance(0.1):
            rule["BYMINUTE"] = some(rng, range(60))
        if chance(0.04):
            rule["BYSECOND"] = some(rng, range(60))
    if any(key.startswith("BY") for key in rule) and not sub_daily and chance(0.2):
        rule["BYSETPOS"] = signed(rng, 1, 5)
    if chance(0.25):
        rule["WKST"] = rng.choice(DAYS)
    return rule


def text(rule):
    words = lambda value: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return ";".join(f"{key}={words(value)}" for key, value in rule.items())


def by_dateutil(rule, start, most):
    return list(itertools.islice(rrule.rrulestr(rule, dtstart=start), most))


def by_libical(rule, start, most):
    found = (ctypes.c_long * most)()
    begin = int((start - EPOCH).total_seconds())
    libical.icalrecur_expand_recurrence(rule.encode(), begin, most, found)
    return [EPOCH + dt.timedelta(seconds=second) for second in found if second]


def instant(local, zone):
    return int(local.replace(tzinfo=zone).timestamp())


def write(local, zone, kind="time"):
    if kind == "date":
        return local.strftime("%Y%m%d")
    digits = local.strftime("%Y%m%dT%H%M%S")
    return digits if zone is None else digits + "Z" if zone == "UTC" else f"{zone}:{digits}"


def elsewhere(rng, second):
    """An instant, written in a zone where that says it."""
    name = rng.choice(ZONES)
    zone = zoneinfo.ZoneInfo(name)
    local = dt.datetime.fromtimestamp(second, zone)
    if local.fold or int(local.timestamp()) != second:
        name, local = "UTC", dt.datetime.fromtimestamp(second, dt.timezone.utc)
    return write(local.replace(tzinfo=None), name)


def random_case(rng):
    kind = rng.choices(["zoned", "floating", "date"], [70, 15, 15])[0]
    zone_name = rng.choice(ZONES)
    zone = zoneinfo.ZoneInfo(zone_name)
    rule = random_rule(rng, kind == "date")
    clock = dt.time() if kind == "date" else dt.time(rng.choice([0, 0, 1, 2, 2, 3, 9, 14, 23]), rng.choice([0, 0, 15, 30, 45]))
    day = dt.date(2000, 1, 1) + dt.timedelta(days=rng.randrange(30 * 365))
    start = dt.datetime.combine(day, clock)
    first = by_dateutil(text(rule), start, 1)
    if not first:
        return None
    if rng.random() < 0.97:
        start = first[0]
    end = rng.random()
    if end < 0.3:
        rule["COUNT"] = rng.randint(1, 50)
    walls = by_dateutil(text(rule), start, MOST + 1)
    theirs = by_libical(text(rule), start, MOST + 1)
    until = None
    if 0.3 <= end < 0.55 and walls:
        until = rng.choice(walls) + dt.timedelta(seconds=rng.choice([0, 0, 1, -1, 3600]))
    complete = len(walls) <= MOST
    walls, theirs = walls[:MOST], theirs[:MOST]
    last = instant(walls[-1], zone) if walls else 0
    if until:
        bound = until.replace(hour=0, minute=0, second=0) if kind == "date" else until
        cut = lambda all: [wall for wall in all if instant(wall, zone) <= instant(bound, zone)]
        complete = len(cut(walls)) < len(walls) or complete
        walls, theirs = cut(walls), cut(theirs)
        if kind == "zoned":
            rule["UNTIL"] = dt.datetime.fromtimestamp(instant(bound, zone), dt.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        else:
            rule["UNTIL"] = write(bound, None, kind)
    case = {
        "start": write(start, zone_name if kind == "zoned" else None, kind),
        "owner": zone_name,
        "rules": [text(rule)],
        "rdates": [],
        "exdates": [],
        "end": FAR if complete else last + 1,
    }
    found = {instant(wall, zone): wall for wall in reversed(walls + [start])}
    other = {instant(wall, zone) for wall in theirs + [start]}
    if rng.random() < 0.3:
        add_exceptions(rng, case, kind, (zone_name, zone), found, other)
    case["expected"] = sorted(second for second in found if second < case["end"])
    case["libical"] = sorted(second for second in other if second < case["end"])
    return case


def add_exceptions(rng, case, kind, named, found, other):
    """RDATE, EXDATE and EXRULE on top of what a rule makes."""
    zone_name, zone = named
    name = zone_name if kind == "zoned" else None
    for _ in range(rng.randint(0, 3)):
        wall = rng.choice(list(found.values())) + dt.timedelta(days=rng.randint(0, 9))
        if kind != "date":
            wall += dt.timedelta(hours=rng.randint(0, 23))
        second = instant(wall, zone)
        written = elsewhere(rng, second) if kind == "zoned" and rng.random() < 0.4 else write(wall, name, kind)
        case["rdates"].append(written)
        found.setdefault(second, dt.datetime.fromtimestamp(second, zone).replace(tzinfo=None) if kind == "zoned" else wall)
        other.add(second)
    for _ in range(rng.randint(0, 4)):
        second, wall = rng.choice(list(found.items()))
        gone = [second]
        if kind == "zoned" and rng.random() < 0.3:
            case["exdates"].append(elsewhere(rng, second))
        elif kind != "date" and rng.random() < 0.2:
            case["exdates"].append(write(wall, None, "date"))
            gone = [at for at, other_wall in found.items() if other_wall.date() == wall.date()]
        elif kind == "zoned" and instant(wall, zone) != second:
            continue
        else:
            case["exdates"].append(write(wall, name, kind))
        for at in gone:
            found.pop(at, None)
            other.discard(at)
        if not found:
            break


def in_time(make):
    """What `make` returns, from a process of its own; None where that takes long, be it within libical."""
    read, write_end = os.pipe()
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, 0.2)
        try:
            answer = json.dumps(make())
        except (OverflowError, ValueError):
            answer = "null"
        os.write(write_end, answer.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer or b"null")


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    everything = "--all" in sys.argv
    rng = random.Random(seed)
    made = 0
    while made < count:
        state = rng.getrandbits(64)
        case = in_time(lambda: random_case(random.Random(state)))
        if case is None or not case["expected"]:
            continue
        agreed = case["expected"] == case["libical"]
        if not everything:
            if not agreed:
                continue
            del case["libical"]
        print(json.dumps(case | {"id": f"{seed}-{made}"}), flush=True)
        made += 1


main()
