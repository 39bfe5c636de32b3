"""Makes a file of events, and measures: see import.sh."""

import ctypes
import os
import subprocess
import sys
import time

EVENT = """BEGIN:VEVENT
UID:{number}-{uid:032x}@example.org
DTSTAMP:20260101T000000Z
CREATED:20251201T080000Z
LAST-MODIFIED:20251220T080000Z
DTSTART;TZID={zone}:2026{month:02}{day:02}T{hour:02}0000
DTEND;TZID={zone}:2026{month:02}{day:02}T{hour:02}3000
SUMMARY:Meeting {number}: Überblick und Planung
DESCRIPTION:Agenda of meeting {number}\\n\\n1. What happened since the last time\\n2. Wh
 at is next\\n3. Anything else\\, if there is time\\n
LOCATION:Room {hour}\\, Building {day}
ORGANIZER;CN="Doe, Jane":mailto:jane@example.org
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Doe, Jane
 ":mailto:jane@example.org
SEQUENCE:0
STATUS:CONFIRMED
TRANSP:OPAQUE
{more}END:VEVENT
"""


def make(path, count):
    zones = ["Europe/Berlin", "America/New_York", "Asia/Tokyo"]
    with open(path, "w", newline="") as file:
        file.write("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n")
        for number in range(int(count)):
            more = "RRULE:FREQ=WEEKLY;COUNT=20\n" if number % 10 == 0 else ""
            text = EVENT.format(
                number=number, uid=number * 7919, zone=zones[number % 3], month=number % 12 + 1, day=number % 28 + 1,
                hour=number % 10 + 8, more=more,
            )
            file.write(text.replace("\n", "\r\n"))
        file.write("END:VCALENDAR\r\n")


def child(command, env):
    """CPU seconds, wall seconds and peak memory in MB of a command."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0 and ("skipped" not in said or " 0 skipped" in said and "10000 " in said), (command, said)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024


def libical(path):
    """Prints the CPU seconds of parsing and of serialising: in a process of its own, as a child's peak memory counts from
    what its parent holds."""
    with open(path, "rb") as file:
        data = file.read()
    lib = ctypes.CDLL("libical.so.3")
    lib.icalparser_parse_string.restype = ctypes.c_void_p
    lib.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    lib.icalcomponent_as_ical_string_r.restype = ctypes.c_void_p
    lib.icalcomponent_as_ical_string_r.argtypes = [ctypes.c_void_p]
    lib.icalcomponent_free.argtypes = [ctypes.c_void_p]
    parsing, writing = [], []
    for _ in range(5):
        began = time.process_time()
        component = lib.icalparser_parse_string(data)
        parsed = time.process_time()
        lib.icalcomponent_as_ical_string_r(component)
        writing.append(time.process_time() - parsed)
        parsing.append(parsed - began)
        lib.icalcomponent_free(component)
    print(min(parsing), min(writing))


def run(convene, work):
    file, user = f"{work}/events.ics", ["--user", "ann"]
    said = subprocess.run([sys.executable, __file__, "libical", file], check=True, capture_output=True, text=True)
    parse, write = map(float, said.stdout.split())
    print(f"libical: parse {parse:.3f} s, serialise {write:.3f} s of CPU")
    found = {name: [] for name in ["nothing", "dry run", "import", "again", "export"]}
    for round in range(5):
        env = os.environ | {"CONVENE_DATABASE_URL": f"sqlite://{work}/{round}.db", "CONVENE_LOG": "warn"}
        add = [convene, "user", "add", "ann", "--email", "ann@example.org"]
        subprocess.run(add, env=env, input=b"securePass123\n", check=True, stdout=subprocess.DEVNULL)
        found["nothing"].append(child([convene, "migrate"], env))
        found["dry run"].append(child([convene, "import", file, *user, "--dry-run"], env))
        found["import"].append(child([convene, "import", file, *user], env))
        found["again"].append(child([convene, "import", file, *user], env))
        found["export"].append(child([convene, "export", *user, f"{work}/out.ics"], env))
    idle = min(found["nothing"])[0]
    for name, measured in found.items():
        cpu, wall, memory = min(measured)
        net = cpu - idle if name != "nothing" else cpu
        print(f"convene {name}: {net:.3f} s of CPU, {wall:.3f} s in all, {memory:.0f} MB at most")
    dry, export = min(found["dry run"])[0] - idle, min(found["export"])[0] - idle
    print(f"reading and indexing: {dry / parse:.2f} x libical's parse (bound 3, beside the rows)")
    print(f"export: {write / export:.2f} x libical's speed of serialising (bound 0.5)")


if __name__ == "__main__":
    {"make": make, "run": run, "libical": libical}[sys.argv[1]](*sys.argv[2:])
