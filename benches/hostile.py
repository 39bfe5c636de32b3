"""Hostile uploads against the release server: what each costs in CPU and memory, and what it is answered.

Usage: hostile.py CONVENE [PART OF A CASE'S NAME]

Each case has a server of its own. Its CPU is that of the whole process, from /proc/PID/stat; its memory the most that was
resident during the call (VmHWM, reset through clear_refs), above what was resident before. A file may cost 4 times its size and
64 MiB of memory, and a hostile one a second of CPU, with 20 microseconds for each event that goes in. What went in is then
asked for: a year of occurrences, of busy time and of slots, the export and a feed, within the same bounds.
"""

import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n"
TAIL = b"END:VCALENDAR\r\n"
YEAR = ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")


def calendar(*parts):
    return HEAD + b"".join(parts) + TAIL


def event(uid, more=b""):
    return b"BEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260105T090000Z\r\n%sEND:VEVENT\r\n" % (uid, more)


def numbers(first, last):
    return ",".join(str(number) for number in range(first, last + 1)).encode()


def filled(unit, size=50 * MIB - 1000):
    """The unit, as often as fits in so many bytes."""
    return unit * (size // len(unit))


def rules():
    """Rules of a few hundred bytes that explode, each in a file of its own."""
    minutes, hours, signed = numbers(0, 59), numbers(0, 23), numbers(1, 366) + b"," + b",".join(b"-%d" % n for n in range(1, 367))
    product = b"BYHOUR=%s;BYMINUTE=%s;BYSECOND=%s" % (hours, minutes, minutes)
    found = {
        "every second of a year": b"FREQ=YEARLY;" + product,
        "every second of a day": b"FREQ=DAILY;" + product,
        "the last second of a year": b"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;%s;BYSETPOS=-1" % product,
        "positions in a huge set": b"FREQ=YEARLY;BYMONTH=%s;%s;BYSETPOS=%s" % (numbers(1, 12), product, signed),
        "positions in huge sets of months": b"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;%s;BYSETPOS=%s" % (product, signed),
        "counted positions that are never there": b"FREQ=HOURLY;BYMINUTE=0;BYSETPOS=%s;COUNT=3" % numbers(2, 366),
        "no such day": b"FREQ=SECONDLY;BYYEARDAY=366;BYMONTH=2",
        "no such day, counted": b"FREQ=SECONDLY;BYYEARDAY=366;BYMONTH=2;COUNT=2",
        "30 February": b"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;COUNT=9",
        "no such minute, counted": b"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=5;COUNT=3",
        "no such minute": b"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=5",
        "no such second, counted": b"FREQ=SECONDLY;INTERVAL=60;BYSECOND=5;COUNT=2",
        "secondly for ten years": b"FREQ=SECONDLY;UNTIL=20360105T090000Z",
        "secondly, counted": b"FREQ=SECONDLY;COUNT=315360000",
        "secondly, the most that is counted": b"FREQ=SECONDLY;BYDAY=MO;COUNT=3000000",
        "weeks that are rare": b"FREQ=YEARLY;INTERVAL=4294967295;BYWEEKNO=-53;COUNT=4294967295",
        "every numbered day": b"FREQ=YEARLY;BYDAY=%s;COUNT=2900000" % b",".join(b"%d%s" % (n, d) for d in (b"MO", b"SU") for n in range(1, 54)),
    }
    return {"rule: " + name: lambda rule=rule: calendar(event(b"it", b"RRULE:%s\r\n" % rule), event(b"beside")) for name, rule in found.items()}


def zone(tzid, observances=1, more=b""):
    body = b"".join(
        b"BEGIN:STANDARD\r\nDTSTART:%04d%02d%02dT020000\r\nTZOFFSETFROM:+0%d00\r\nTZOFFSETTO:+0%d00\r\n%sEND:STANDARD\r\n"
        % (1970 + n % 100, n % 12 + 1, n % 28 + 1, n % 7 + 1, (n + 1) % 7 + 1, more) for n in range(observances)
    )
    return b"BEGIN:VTIMEZONE\r\nTZID:%s\r\n%sEND:VTIMEZONE\r\n" % (tzid, body)


def dates(count):
    return [b"%08dT%06dZ" % (20260101 + n % 28, n % 24 * 10000) for n in range(count)]


def overrides(count):
    line = b"RECURRENCE-ID:%04d%02d%02dT%02d0000Z\r\n"
    return b"".join(event(b"it", line % (2026 + n // 8064, n // 672 % 12 + 1, n // 24 % 28 + 1, n % 24)) for n in range(count))


def series(count, rule):
    return calendar(*(event(b"%d" % n, b"RRULE:%s\r\n" % rule) for n in range(count)))


def valid(size):
    """An ordinary file: meetings of half a kilobyte, some of them series."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import importlib
    made = importlib.import_module("import")
    with tempfile.NamedTemporaryFile() as file:
        made.make(file.name, size // 680)
        return open(file.name, "rb").read()[:]


HOSTILE = {
    "nesting 100,000 deep": lambda: calendar(event(b"good"), event(b"deep", b"BEGIN:X-A\r\n" * 99_000 + b"END:X-A\r\n" * 99_000)),
    "nesting 100,000 deep, unclosed": lambda: calendar(event(b"good"), b"BEGIN:VALARM\r\n" * 100_000),
    **rules(),
    "1,000,000 RDATEs in a line": lambda: calendar(event(b"good"), event(b"it", b"RDATE:" + b",".join(dates(1_000_000)) + b"\r\n")),
    "1,000,000 RDATEs in a folded line": lambda: calendar(event(b"good"), event(b"it", b"RDATE:" + b",\r\n ".join(dates(1_000_000)) + b"\r\n")),
    "1,000,000 RDATE lines": lambda: calendar(event(b"good"), event(b"it", b"".join(b"RDATE:%s\r\n" % date for date in dates(1_000_000)))),
    "a line of 50 MiB": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + filled(b"x") + b"\r\n")),
    "a folded line of 50 MiB": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + filled(b"x" * 74 + b"\r\n ") + b"\r\n")),
    "a line of 50 MiB, folded at each byte": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + filled(b"x\r\n ") + b"\r\n")),
    "a name of 50 MiB": lambda: calendar(event(b"good"), event(b"it", filled(b"X") + b":\r\n")),
    "50 MiB without a line end": lambda: filled(b"x"),
    "stray text of 50 MiB": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:x\r\n" + filled(b"more\r\n"))),
    "lines that are no lines, 50 MiB": lambda: calendar(event(b"good"), event(b"it", filled(b"\xff\r\n"))),
    "a bomb of 1 GiB": lambda: (gzip.compress(bytes(1024 * MIB), 9), "gzip"),
    "a bomb of gzip in gzip": lambda: (gzip.compress(gzip.compress(bytes(200 * MIB), 9), 9), "gzip"),
    "1,000,000 empty members of gzip": lambda: (gzip.compress(b"") * 1_000_000, "gzip"),
    "NULs, 50 MiB": lambda: bytes(50 * MIB),
    "NULs in a line, 50 MiB": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + bytes(50 * MIB - 500) + b"\r\n")),
    "invalid UTF-8, 50 MiB": lambda: calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + filled(b"\xff\xfe\xc3(") + b"\r\n")),
    "invalid UTF-8 in short lines": lambda: calendar(event(b"good"), filled(b"X-A:\xff\xfe\xc3(\r\n")),
    "1,000,000 tiny VEVENTs": lambda: calendar(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 1_000_000),
    "99,000 tiny VEVENTs": lambda: calendar(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 99_000),
    "99,000 VEVENTs without UID": lambda: calendar(b"BEGIN:VEVENT\r\nDTSTART:20260105\r\nEND:VEVENT\r\n" * 99_000),
    "50 MiB of BEGIN:VEVENT": lambda: calendar(filled(b"BEGIN:VEVENT\r\n")),
    "50 MiB of BEGIN:VCALENDAR": lambda: filled(b"BEGIN:VCALENDAR\r\n"),
    "50 MiB of END:VEVENT": lambda: calendar(filled(b"END:VEVENT\r\n")),
    "99,000 VTIMEZONEs": lambda: calendar(*(zone(b"Z%d" % n) for n in range(99_000 // 2)), event(b"it")),
    "VTIMEZONEs that are used": lambda: calendar(
        *(zone(b"Z%d" % n, 20, b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2TU\r\n") for n in range(2000)),
        *(event(b"%d" % n, b"DTEND;TZID=Z%d:20260105T100000\r\n" % n) for n in range(2000))),
    "a VTIMEZONE of 90,000 observances": lambda: calendar(zone(b"Z", 90_000), event(b"it", b"DTEND;TZID=Z:20260105T100000\r\n")),
    "VTIMEZONEs of 1,000 RDATEs": lambda: calendar(
        *(zone(b"Z%d" % n, 40, b"RDATE:" + b",".join(date[:-1] for date in dates(1000)) + b"\r\n") for n in range(40)),
        *(event(b"%d" % n, b"DTEND;TZID=Z%d:20260105T100000\r\n" % n) for n in range(40))),
    "1,000,000 TZIDs": lambda: calendar(event(b"good"), *(event(b"%d" % n, b"".join(b"X-A;TZID=Zone%d:1\r\n" % (n * 1000 + k) for k in range(1000))) for n in range(1000))),
    "90,000 TZIDs of starts": lambda: calendar(*(b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;TZID=Zone%d:20260105T090000\r\nEND:VEVENT\r\n" % (n, n) for n in range(90_000))),
    "99,000 overrides of a series": lambda: calendar(event(b"it", b"RRULE:FREQ=HOURLY\r\n"), overrides(99_000)),
    "99,000 versions of an event": lambda: calendar(*(event(b"it", b"SEQUENCE:%d\r\n" % n) for n in range(99_000))),
    "99,000 events of a UID": lambda: calendar(*(event(b"it", b"SUMMARY:%d\r\n" % n) for n in range(99_000))),
    "10,000 series hard to count": lambda: series(10_000, b"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=5;COUNT=3"),
    "10,000 series that are counted far": lambda: series(10_000, b"FREQ=SECONDLY;BYDAY=MO;COUNT=3000000"),
    "10,000 series hard to search": lambda: series(10_000, b"FREQ=MINUTELY;INTERVAL=6;BYMINUTE=5"),
    "10,000 series that fill a window": lambda: series(10_000, b"FREQ=HOURLY"),
    "1,000,000 parameters": lambda: calendar(event(b"good"), event(b"it", b"X-A" + b";B=c" * 1_000_000 + b":d\r\n")),
    "1,000,000 parameters without a name": lambda: calendar(event(b"good"), event(b"it", b"X-A;B=c" + b";x" * 1_000_000 + b":d\r\n")),
    "1,000,000 parameters of ATTENDEE": lambda: calendar(event(b"good"), event(b"it", b"ATTENDEE" + b";B=c" * 1_000_000 + b":mailto:a@b.c\r\n")),
    "quotes that are not closed": lambda: calendar(event(b"good"), event(b"it", filled(b'X-A;B="c:d\r\n'))),
    "a quote that is not closed, 50 MiB": lambda: calendar(event(b"good"), event(b"it", b'X-A;B="' + filled(b"c:d;e=") + b"\r\n")),
    "50 MiB of CR": lambda: calendar(event(b"good"), filled(b"\r"), event(b"other")),
    "50 MiB of LF and a blank": lambda: calendar(event(b"good"), event(b"it", b"X-A:b" + filled(b"\n "))),
    "UTF-16 of 50 MiB": lambda: b"\xff\xfe" + calendar(event(b"good"), event(b"it", b"DESCRIPTION:" + filled(b"x", 25 * MIB - 500) + b"\r\n")).decode().encode("utf-16-le"),
    "UTF-16 of 50 MiB, three bytes each": lambda: b"\xff\xfe" + (calendar(event(b"good")).decode() + filled(b"X-A:\r\n", 100).decode() + "\u20ac" * (25 * MIB - 500)).encode("utf-16-le"),
    "13,000,000 lines of 4 bytes": lambda: calendar(*(event(b"%d" % n, b"A:\r\n" * 49_000) for n in range(260))),
    "99,000 attendees": lambda: calendar(event(b"good"), event(b"it", b"".join(b"ATTENDEE;PARTSTAT=DECLINED:mailto:%d@b.c\r\n" % n for n in range(49_000)))),
    "999 warnings of long lines": lambda: calendar(event(b"good"), *(event(b"%d" % n, b"EXDATE:" + b"x" * 50_000 + b"\r\n") for n in range(999))),
}

VALID = {
    "valid, 6 MB": lambda: valid(6_000_000),
    "valid, 50 MiB": lambda: valid(50 * MIB),
    "valid, 99,000 short events": lambda: calendar(*(event(b"%d" % n, b"SUMMARY:it\r\n") for n in range(99_000))),
    "valid, 90,000 weekly series": lambda: series(90_000, b"FREQ=WEEKLY;COUNT=50"),
    "valid, gzip": lambda: (gzip.compress(valid(30_000_000)), "gzip"),
    "valid, form": lambda: (valid(50 * MIB - 1000), "form"),
    "valid, UTF-16": lambda: b"\xff\xfe" + valid(20_000_000).decode().encode("utf-16-le"),
}


class Server:
    """A release server with a fresh database and one user."""

    def __init__(self, convene):
        self.folder = tempfile.TemporaryDirectory()
        log = os.path.join(self.folder.name, "log")
        self.process = subprocess.Popen(
            [convene, "--database-url", f"sqlite://{self.folder.name}/x.db", "--listen", "127.0.0.1:0", "--log", "warn,convene::serve=info"],
            stdout=subprocess.DEVNULL, stderr=open(log, "w"))
        while "listening on http://" not in (said := open(log).read()):
            assert self.process.poll() is None, said
            time.sleep(0.02)
        self.address = said.split("listening on http://")[1].split(",")[0]
        account = {"username": "alice", "password": "securePass123", "email": "alice@example.com"}
        self.cookie = {}
        status, headers, body = self.call("POST", "/api/auth/register/", json.dumps(account), {"Content-Type": "application/json"})
        assert status == 201, body
        self.cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
        self.id = json.loads(body)["user"]["id"]

    def call(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection(self.address, timeout=600)
        try:
            connection.request(method, path, body, {**self.cookie, **headers})
            response = connection.getresponse()
            size, kept = 0, b""
            while piece := response.read(1 << 16):
                size, kept = size + len(piece), kept + piece[: max(0, 20_000_000 - len(kept))] if size < 20_000_000 else kept
            self.size = size
            return response.status, {name.lower(): value for name, value in response.getheaders()}, kept
        except (ConnectionError, http.client.HTTPException) as error:
            return 0, {}, repr(error).encode()
        finally:
            connection.close()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name + ":"))

    def measured(self, *call):
        """Status, CPU in seconds, memory in bytes above what was there before, body."""
        before, rss = self.cpu(), self.memory("VmRSS")
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as refs:
            refs.write("5")
        status, _, body = self.call(*call)
        return status, self.cpu() - before, self.memory("VmHWM") - rss, body

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def upload(server, content):
    content, how = content if isinstance(content, tuple) else (content, "")
    headers = {"Content-Type": "text/calendar"}
    if how == "gzip":
        headers["Content-Encoding"] = "gzip"
    if how == "form":
        headers["Content-Type"] = "multipart/form-data; boundary=limit"
        content = b"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ics\"\r\n\r\n" + content + b"\r\n--limit--\r\n"
    return content, server.measured("POST", "/api/events/import/", content, headers)


def words(status, body):
    try:
        answer = json.loads(body)
    except ValueError:
        return body[:60].decode(errors="replace")
    if status != 200:
        return " ".join(message for messages in answer.get("errors", {}).values() for message in messages)[:90] or answer.get("detail", "")[:90]
    first = answer["errors"][0]["message"][:60] if answer["errors"] else ""
    return f"{answer['created']} in, {answer['skipped']} out. {first}"


def questions(server):
    """What is asked after an import; each a name and a call."""
    start, end = YEAR
    asked = {"user_ids": [server.id], "start": start, "end": end}
    as_json = {"Content-Type": "application/json"}
    yield "occurrences", ("GET", f"/api/events/?expand=true&start={start}&end={end}")
    yield "free-busy", ("POST", "/api/scheduling/free-busy/", json.dumps(asked), as_json)
    yield "slots", ("POST", "/api/scheduling/find-slots/", json.dumps({**asked, "duration_minutes": 30, "step_minutes": 1440}), as_json)
    yield "export", ("GET", "/api/events/export/")
    yield "export of a year", ("GET", f"/api/events/export/?start={start}&end={end}")
    feed = server.call("POST", "/api/feeds/", json.dumps({"name": "it", "detail": "busy"}), as_json)
    yield "busy feed", ("GET", "/feeds/" + json.loads(feed[2])["url"].split("/feeds/")[1])


def run(convene, wanted):
    failed = 0
    print(f"{'case':<44} {'MiB':>6} {'status':>6} {'CPU s':>6} {'memory':>7} {'bound':>6}  answer")
    for name, make in (HOSTILE | VALID).items():
        if wanted in name:
            server, content = Server(convene), make()
            content, (status, cpu, memory, body) = upload(server, content)
            is_valid = name in VALID
            size = len(gzip.decompress(content)) if is_valid and content.startswith(b"\x1f\x8b") else len(content)
            bound = 4 * size + 64 * MIB
            count = json.loads(body)["created"] if status == 200 else 0
            most = float("inf") if is_valid else 1 + 20e-6 * count
            bad = cpu > most or memory > bound or status not in (200, 400, 413)
            failed += bad
            line = f"{name:<44} {size / MIB:>6.1f} {status:>6} {cpu:>6.2f} {memory / MIB:>7.0f} {bound / MIB:>6.0f}"
            print(f"{line}  {'EXCEEDS ' if bad else ''}{words(status, body)}", flush=True)
            if status == 200:
                del content
                for question, call in questions(server):
                    status, cpu, memory, body = server.measured(*call)
                    bad = cpu > most or memory > 64 * MIB + 4 * server.size or status not in (200, 400)
                    failed += bad
                    if bad or wanted or is_valid or cpu > 0.5:
                        print(f"    {question:<40} {server.size / MIB:>6.1f} {status:>6} {cpu:>6.2f} {memory / MIB:>7.0f} {'EXCEEDS' if bad else '':>6}", flush=True)
            server.stop()
    print("all within their bounds" if not failed else f"{failed} exceed their bounds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
