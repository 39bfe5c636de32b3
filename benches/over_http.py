#!/usr/bin/env python3
"""What a request costs: the release server on SQLite in a temporary folder, loaded through its API, measured with wrk.

People in 8 zones, each with 200 single events in the year and 20 series (2 daily, 18 weekly) that began two years ago; an
hour's meeting, every 30 minutes, respecting working hours. CPU is the server's own, of all its threads, ended ones too. What is
compared is measured in turns, round by round, so that whatever else the machine does is shared; each figure is the median of
the rounds, and each ratio the median of the rounds' ratios. Run by `make bench-http`; only the standard library is needed.

"after a change" is the first request after one event of one person was changed through the API; "nothing remembered" the first
one after all calendars asked about were changed, as by another server on the same database.
"""

import http.client
import json
import os
import pathlib
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone

SERVER = sys.argv[1] if len(sys.argv) > 1 else "target/release/convene"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
SINGLES = int(os.environ.get("BENCH_SINGLES", "60"))
ZONES = ["Europe/Lisbon", "Europe/London", "Africa/Casablanca", "Europe/Berlin", "Europe/Paris", "Europe/Athens",
         "Africa/Cairo", "Europe/Helsinki"]
START = datetime(2026, 1, 5, tzinfo=timezone.utc)
FIND = "/api/scheduling/find-slots/"
MOST_MEMORY = 256


class Server:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.start()

    def start(self):
        settings = dict(os.environ, CONVENE_RATE_LIMIT="off", CONVENE_LOG="error", CONVENE_LISTEN=f"127.0.0.1:{self.port}",
                        CONVENE_DATABASE_URL=f"sqlite://{self.folder}/bench.db")
        self.process = subprocess.Popen([SERVER], env=settings)
        for _ in range(200):
            try:
                if Client(self.port).ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        sys.exit("the server does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        """Seconds of CPU so far, of all threads, ended ones too: the process's own clock (clock_getcpuclockid(3))."""
        return time.clock_gettime_ns((~self.process.pid << 3) | 2) / 1e9

    def memory(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024

    def forget_peak(self):
        """VmHWM counts from here on (proc(5), clear_refs)."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def write(self, work):
        """Writes into the database beside the server."""
        with sqlite3.connect(f"{self.folder}/bench.db", timeout=30) as db:
            return work(db)

    def forget(self, ids):
        """Has the server work out these people's busy time anew."""
        marks = ", ".join("?" * len(ids))
        self.write(lambda db: db.execute(f"UPDATE calendars SET version = version + 1 WHERE user_id IN ({marks})", ids))


class Client:
    """One connection that stays open."""

    def __init__(self, port, cookie=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Content-Type": "application/json"}
        if cookie:
            self.headers["Cookie"] = cookie

    def ask(self, method, path, body=None):
        text = json.dumps(body) if body is not None else None
        try:
            self.connection.request(method, path, text, self.headers)
            answer = self.connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # The server was stopped in between.
            self.connection.close()
            self.connection.request(method, path, text, self.headers)
            answer = self.connection.getresponse()
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        return answer.status, answer.read()

    def must(self, method, path, body=None):
        status, text = self.ask(method, path, body)
        if status >= 300:
            sys.exit(f"{method} {path}: {status} {text[:500]}")
        return json.loads(text or "null")


# What is asked about.


def event(day, rng):
    """Between 6 and 18 UTC; 11 to 13 stays free, so that there are slots."""
    half = 12 + rng.randrange(7) if rng.random() < 0.5 else 26 + rng.randrange(10)
    start = day + timedelta(minutes=30 * half)
    return start, start + timedelta(minutes=30 * (1 + rng.randrange(3)))


def body(title, times, rule=None):
    start, end = times
    made = {"title": title, "start_time": start.isoformat(), "end_time": end.isoformat()}
    return dict(made, recurrence=[rule]) if rule else made


def load_person(server, number, seed, singles=200, series_start=START - timedelta(days=730)):
    rng = random.Random(seed)
    client = Client(server.port)
    name = f"user{number}"
    made = client.must("POST", "/api/auth/register/", {
        "username": name, "password": "a long password", "email": f"{name}@example.org",
        "timezone": ZONES[seed % 8]})
    client.headers["Cookie"] = client.cookie
    for _ in range(singles):
        client.must("POST", "/api/events/", body("Single", event(START + timedelta(days=rng.randrange(365)), rng)))
    for series in range(20):
        rule, every = ("RRULE:FREQ=DAILY", 1) if series < 2 else ("RRULE:FREQ=WEEKLY", 7)
        first = event(series_start + timedelta(days=rng.randrange(every)), rng)
        client.must("POST", "/api/events/", body("Series", first, rule))
    return made["user"]["id"], client


def load(server, numbers, **how):
    """People, loaded by four threads: their ids and connections. Those whose numbers end alike have the same events."""
    people, numbers, lock = {}, list(numbers), threading.Lock()

    def work():
        while True:
            with lock:
                if not numbers:
                    return
                number = numbers.pop()
            people[number] = load_person(server, number, number % 1000, **how)

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return [people[number] for number in sorted(people)]


def question(people, days, start=START):
    return {"user_ids": [id for id, _ in people], "duration_minutes": 60, "step_minutes": 30, "start": start.isoformat(),
            "end": (start + timedelta(days=days)).isoformat(), "limit": 10000}


def changes(people):
    """Changes an event in the calendar of one of these people, in turn."""
    made = {}

    def change(n):
        _, client = people[n % len(people)]
        path = made.get(n % len(people))
        if path is None:
            day = START + timedelta(days=400)
            first = client.must("POST", "/api/events/", body("Changing", (day, day + timedelta(hours=1))))
            path = made[n % len(people)] = f"/api/events/{first['id']}/"
        client.must("PATCH", path, {"title": f"Changed {n}"})

    return change


def lengthen_history(server, people, times):
    """The single events of these people again, years before: beside them, there are more."""
    year = 365 * 86_400 * 1_000_000
    marks, ids = ", ".join("?" * len(people)), [id for id, _ in people]

    def work(db):
        for n in range(1, times + 1):
            db.execute(f"""INSERT INTO events (calendar_id, uid, object, first_start, last_end, busy_type, transparent,
                sequence, source, title, search_text, created_at, updated_at)
                SELECT calendar_id, uid || '-{n}', object, first_start - {n * year}, last_end - {n * year}, busy_type,
                transparent, sequence, source, title, search_text, created_at, updated_at FROM events
                WHERE source IS NULL AND uid GLOB '????????-????-????-????-????????????' AND calendar_id IN
                (SELECT id FROM calendars WHERE user_id IN ({marks}))""", ids)

    server.write(work)


def clone_people(server, people, count):
    """So many people, most of them copies of these with all their events."""
    known, made = [id for id, _ in people], []

    def work(db):
        columns = {table: ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})")
                                    if row[1] not in ("id", "user_id", "calendar_id", "username_key", "email_key"))
                   for table in ("users", "calendars", "events")}
        for n in range(count - len(known)):
            source = known[n % len(known)]
            user = db.execute(f"""INSERT INTO users (username_key, email_key, {columns['users']})
                SELECT 'copy{n}', 'copy{n}@example.org', {columns['users']} FROM users WHERE id = ?""", (source,)).lastrowid
            made.append((user, None))
            calendar = db.execute(f"""INSERT INTO calendars (user_id, {columns['calendars']})
                SELECT ?, {columns['calendars']} FROM calendars WHERE user_id = ?""", (user, source)).lastrowid
            db.execute(f"""INSERT INTO events (calendar_id, {columns['events']})
                SELECT ?, {columns['events']} FROM events WHERE calendar_id IN
                (SELECT id FROM calendars WHERE user_id = ?)""", (calendar, source))

    server.write(work)
    return people + made


# How it is measured.


class Load:
    """Requests that wrk sends for a second per round: CPU per request in milliseconds, and requests per second."""

    def __init__(self, server, cookie, body=None, path=FIND):
        self.server, self.costs, self.rates = server, [], []
        self.script = f"{server.folder}/{id(self)}.lua"
        self.url = f"http://127.0.0.1:{server.port}{path}"
        method = "POST" if body is not None else "GET"
        text = f'wrk.method = "{method}"\nwrk.headers["Content-Type"] = "application/json"\n'
        text += f'wrk.headers["Cookie"] = "{cookie}"\n'
        if body is not None:
            text += f"wrk.body = [[{json.dumps(body)}]]\n"
        text += 'done = function(s) io.write(string.format("RESULT %d %d %d\\n", s.requests, s.duration, ' \
                's.errors.status + s.errors.read + s.errors.timeout)) end\n'
        pathlib.Path(self.script).write_text(text)

    def sample(self, _round):
        before = self.server.cpu()
        command = ["wrk", "-t1", "-c4", "-d1s", "-s", self.script, self.url]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        cpu = self.server.cpu() - before
        requests, micros, errors = map(int, next(l for l in said.splitlines() if l.startswith("RESULT")).split()[1:])
        if errors or not requests:
            sys.exit(f"{self.url}: {errors} errors\n{said}")
        self.costs.append(cpu / requests * 1e3)
        self.rates.append(requests / (micros / 1e6))


class Single:
    """Single requests, one per round, each after something that is not counted: CPU of each in milliseconds."""

    def __init__(self, server, client, body, before=lambda n: None):
        self.server, self.client, self.body, self.before, self.costs = server, client, body, before, []

    def sample(self, n):
        self.before(n)
        start = self.server.cpu()
        self.client.must("POST", FIND, self.body)
        self.costs.append((self.server.cpu() - start) * 1e3)


def in_turns(rows, rounds):
    """In another order each round, as a light request after a heavy one finds the processor's caches empty."""
    rows = list(rows)
    for row in rows:
        row.sample(0)
        row.costs.clear()
    for n in range(1, rounds + 1):
        for row in random.Random(n).sample(rows, len(rows)):
            row.sample(n)


def cost(row):
    return statistics.median(row.costs)


def ratio(row, beside):
    return statistics.median(one / other for one, other in zip(row.costs, beside.costs))


verdicts = []


def say(what, value, bound="", good=None):
    verdict = "" if good is None else ("  ok" if good else "  OVER")
    verdicts.append(good)
    print(f"{what:<74} {value:>22}   {bound}{verdict}", flush=True)


def say_ratio(what, value, most, digits=2):
    say(what, f"{value:.{digits}f} x", f"<= {most:g} x", value <= most)


def main():
    with tempfile.TemporaryDirectory(prefix="convene-bench-") as folder:
        server = Server(folder)
        try:
            measure(server)
        finally:
            server.stop()
    sys.exit(1 if False in verdicts else 0)


def measure(server):
    began = time.time()
    people = load(server, range(100))
    old = load(server, range(1000, 1010), singles=0, series_start=START - timedelta(days=25 * 365))
    new = load(server, range(2000, 2010), singles=0, series_start=START - timedelta(days=1))
    long_ago = load(server, range(3000, 3010))
    lengthen_history(server, long_ago, 9)
    print(f"{len(people)} people with 220 events each, and 30 for comparison, loaded through the API in "
          f"{time.time() - began:.0f} s\n", flush=True)
    groups = {"old": (old, 7), "new": (new, 7), "long": (long_ago, 7)}
    for count, days in [(10, 7), (50, 7), (100, 7), (10, 90), (50, 90)]:
        groups[count, days] = (people[:count], days)
    client = people[0][1]
    asked = {name: question(*group) for name, group in groups.items()}
    # Where all series are under way, the younger ones too.
    for name in ["old", "new"]:
        asked[name] = question(*groups[name], START + timedelta(days=28))
    found = {name: client.must("POST", FIND, body)["total_slots_found"] for name, body in asked.items()}
    warm(server, client, asked, found)
    first(server, client, groups, asked)
    cold(server, client, asked, found)
    largest(server, client, people)


def warm(server, client, asked, found):
    """Under load, all that is asked about being remembered."""
    cookie = client.headers["Cookie"]
    health = Load(server, cookie, path="/healthz")
    rows = {name: Load(server, cookie, body) for name, body in asked.items()}
    in_turns([health, *rows.values()], ROUNDS)
    say("GET /healthz", f"{cost(health):.4f} ms {statistics.median(health.rates):8.0f}/s")
    for (count, days), most in {(10, 7): 0.25, (50, 7): None, (100, 7): None, (10, 90): None, (50, 90): 3}.items():
        row = rows[count, days]
        say(f"find-slots, {count} people, {days} days ({found[count, days]} slots)",
            f"{cost(row):.4f} ms {statistics.median(row.rates):8.0f}/s", f"<= {most} ms" if most else "",
            cost(row) <= most if most else None)
    say_ratio("  10 people, 7 days : /healthz", ratio(rows[10, 7], health), 20, 1)
    growth(rows, found, "")


def growth(rows, found, state):
    say_ratio(f"  ten times the history outside the window{state}", ratio(rows["long"], rows[10, 7]), 1.1)
    say_ratio(f"  series 25 years old : 1 day old{state}", ratio(rows["old"], rows["new"]), 1.1)
    say_ratio(f"  10 -> 100 people{state}", ratio(rows[100, 7], rows[10, 7]), 12)
    for count in (10, 50):
        linear = round(found[count, 90] / found[count, 7], 2)
        say_ratio(f"  7 -> 90 days, {count} people (linear in slots){state}", ratio(rows[count, 90], rows[count, 7]), linear)


def first(server, client, groups, asked):
    """One by one: as it was, and after one person's calendar changed."""
    for job in [(10, 7), (50, 90)]:
        same = Single(server, client, asked[job])
        changed = Single(server, client, asked[job], changes(groups[job][0]))
        in_turns([same, changed], SINGLES)
        say(f"{job[0]} people, {job[1]} days, one by one: as before", f"{cost(same):.4f} ms")
        say_ratio(f"  after a change: {cost(changed):.4f} ms", ratio(changed, same), 3)


def cold(server, client, asked, found):
    """One by one, nothing being remembered."""
    def forgetting(body):
        return Single(server, client, body, lambda _: server.forget(body["user_ids"]))

    rows = {name: forgetting(body) for name, body in asked.items()}
    in_turns(rows.values(), SINGLES // 2)
    for name in [(10, 7), (50, 90)]:
        say(f"{name[0]} people, {name[1]} days, nothing remembered", f"{cost(rows[name]):.4f} ms")
    growth(rows, found, ", nothing remembered")


def largest(server, client, people):
    many = clone_people(server, people, 500)
    # What came before, the hashes of passwords above all, is not what a search needs.
    server.stop()
    server.start()
    asked = dict(question(many, 366), limit=1000)
    before = server.memory("VmRSS")
    server.forget_peak()
    for label in ["first", "again"]:
        start = server.cpu()
        found = client.must("POST", FIND, asked)["total_slots_found"]
        spent = server.cpu() - start
        say(f"500 people, 366 days ({found} slots), {label}", f"{spent:.3f} s", "< 1 s", spent < 1)
    for n in range(1, 7):
        later = dict(question(many, 366, START + timedelta(days=7 * n)), limit=1000)
        client.must("POST", FIND, later)
    peak = server.memory("VmHWM")
    say(f"  memory at its peak, over eight of these; before them {before:.0f} MB", f"{peak:.0f} MB", f"<= {MOST_MEMORY} MB",
        peak <= MOST_MEMORY)


main()
