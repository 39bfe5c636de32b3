#!/usr/bin/env python3
"""What a request costs: the release server on SQLite in a temporary folder, loaded through its API, measured with wrk.

People in 8 zones, each with 200 single events in the year and 20 series (2 daily, 18 weekly) that began two years ago; an
hour's meeting, every 30 minutes, respecting working hours. CPU is the server's own: under load from
/proc/PID/stat, of single requests from /proc/PID/task/*/schedstat. Run by `make bench-http`; only the standard library is needed.
"""

import http.client
import json
import os
import pathlib
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone

SERVER = sys.argv[1] if len(sys.argv) > 1 else "target/release/convene"
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100"))
ZONES = ["Europe/Lisbon", "Europe/London", "Africa/Casablanca", "Europe/Berlin", "Europe/Paris", "Europe/Athens",
         "Africa/Cairo", "Europe/Helsinki"]
START = datetime(2026, 1, 5, tzinfo=timezone.utc)


class Server:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.start()

    def start(self):
        settings = dict(os.environ, CONVENE_RATE_LIMIT="off", CONVENE_LOG="warn", CONVENE_LISTEN=f"127.0.0.1:{self.port}",
                        CONVENE_DATABASE_URL=f"sqlite://{self.folder}/bench.db")
        self.process = subprocess.Popen([SERVER], env=settings)
        for _ in range(200):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        sys.exit("the server does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, body=None, cookie=None):
        client = Client(self.port, cookie)
        return client.ask(method, path, body)

    def cpu(self):
        """Seconds of CPU so far, of all threads."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except FileNotFoundError:
                pass
        return total / 1e9

    def long_cpu(self):
        """The same in hundredths, with the threads that have ended: for what takes seconds."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024


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


def event(day, rng):
    """Between 6 and 18 UTC; 11 to 13 stays free, so that there are slots."""
    half = 12 + rng.randrange(7) if rng.random() < 0.5 else 26 + rng.randrange(10)
    start = day + timedelta(minutes=30 * half)
    return start, start + timedelta(minutes=30 * (1 + rng.randrange(3)))


def body(title, times, rule=None):
    start, end = times
    made = {"title": title, "start_time": start.isoformat(), "end_time": end.isoformat()}
    return dict(made, recurrence=[rule]) if rule else made


def load_person(server, number, singles=200, series_start=START - timedelta(days=730)):
    rng = random.Random(number)
    client = Client(server.port)
    name = f"user{number}"
    made = client.must("POST", "/api/auth/register/", {
        "username": name, "password": "a long password", "email": f"{name}@example.org",
        "timezone": ZONES[number % 8]})
    client.headers["Cookie"] = client.cookie
    for _ in range(singles):
        client.must("POST", "/api/events/", body("Single", event(START + timedelta(days=rng.randrange(365)), rng)))
    for series in range(20):
        rule, every = ("RRULE:FREQ=DAILY", 1) if series < 2 else ("RRULE:FREQ=WEEKLY", 7)
        first = event(series_start + timedelta(days=rng.randrange(every)), rng)
        client.must("POST", "/api/events/", body("Series", first, rule))
    return made["user"]["id"], client


def load(server, numbers, **how):
    """People, loaded by four threads; by number, their ids and connections."""
    people, numbers, lock = {}, list(numbers), threading.Lock()

    def work():
        while True:
            with lock:
                if not numbers:
                    return
                number = numbers.pop()
            people[number] = load_person(server, number, **how)

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return [people[number] for number in sorted(people)]


def question(ids, days):
    return {"user_ids": ids, "duration_minutes": 60, "step_minutes": 30, "start": START.isoformat(),
            "end": (START + timedelta(days=days)).isoformat(), "limit": 10000}


def wrk(server, path, body=None, cookie=""):
    """Requests per second, and CPU of the server per request in milliseconds."""
    script = f"{server.folder}/wrk.lua"
    method = "POST" if body is not None else "GET"
    text = f'wrk.method = "{method}"\nwrk.headers["Content-Type"] = "application/json"\nwrk.headers["Cookie"] = "{cookie}"\n'
    if body is not None:
        text += f"wrk.body = [[{json.dumps(body)}]]\n"
    text += 'done = function(s) io.write(string.format("RESULT %d %d %d\\n", s.requests, s.duration, ' \
            's.errors.status + s.errors.read + s.errors.timeout)) end\n'
    pathlib.Path(script).write_text(text)
    command = ["wrk", "-t1", "-c4", "-s", script, f"http://127.0.0.1:{server.port}{path}"]
    subprocess.run(command + ["-d1s"], capture_output=True, check=True)
    before = server.long_cpu()
    said = subprocess.run(command + [f"-d{SECONDS}s"], capture_output=True, check=True, text=True).stdout
    cpu = server.long_cpu() - before
    requests, micros, errors = map(int, next(l for l in said.splitlines() if l.startswith("RESULT")).split()[1:])
    if errors or not requests:
        sys.exit(f"{path}: {errors} errors\n{said}")
    return requests / (micros / 1e6), cpu / requests * 1e3


def one_by_one(server, client, body, before=lambda n: None, count=60):
    """The median CPU of single requests in milliseconds, each after `before`."""
    costs = []
    for n in range(count):
        before(n)
        start = server.cpu()
        client.must("POST", "/api/scheduling/find-slots/", body)
        costs.append(server.cpu() - start)
    return sorted(costs)[count // 2] * 1e3


def changes(people):
    """Changes an event in the calendar of one of these people."""
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


def found(client, body):
    answer = client.must("POST", "/api/scheduling/find-slots/", body)
    return answer["total_slots_found"]


rows = []


def say(what, value, bound="", good=None):
    verdict = "" if good is None else ("  ok" if good else "  OVER")
    rows.append(f"{what:<66} {value:>22}   {bound}{verdict}")
    print(rows[-1], flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="convene-bench-") as folder:
        server = Server(folder)
        try:
            measure(server)
        finally:
            server.stop()


def measure(server):
    began = time.time()
    people = load(server, range(PEOPLE))
    ids, (_, client) = [id for id, _ in people], people[0]
    cookie = client.headers["Cookie"]
    print(f"{PEOPLE} people with 220 events each, loaded through the API in {time.time() - began:.0f} s\n")
    find = "/api/scheduling/find-slots/"

    rate, health = wrk(server, "/healthz")
    say("GET /healthz", f"{health:.4f} ms {rate:8.0f}/s")
    warm = {}
    for count, days, bound in [(10, 7, 0.25), (50, 7, None), (PEOPLE, 7, None), (10, 90, None), (50, 90, 3)]:
        asked = question(ids[:count], days)
        rate, cost = wrk(server, find, asked, cookie)
        warm[count, days] = cost, found(client, asked)
        text = f"<= {bound} ms" if bound else ""
        say(f"find-slots, {count} people, {days} days ({warm[count, days][1]} slots), warm",
            f"{cost:.4f} ms {rate:8.0f}/s", text, bound and cost <= bound)
    ratio = warm[10, 7][0] / health
    say("  10 people, 7 days, against /healthz", f"{ratio:.1f} x", "<= 20 x", ratio <= 20)
    for count, days in [(10, 7), (50, 90)]:
        asked = question(ids[:count], days)
        before = one_by_one(server, client, asked)
        after = one_by_one(server, client, asked, changes(people[:count]))
        say(f"{count} people, {days} days: one by one, warm", f"{before:.4f} ms")
        say("  first after a change of one calendar", f"{after:.4f} ms {after / before:5.2f} x", "<= 3 x", after <= 3 * before)
    ratio = warm[PEOPLE, 7][0] / warm[10, 7][0]
    say(f"10 -> {PEOPLE} people, 7 days", f"{ratio:.2f} x", "<= 12 x", ratio <= 12)
    for count in (10, 50):
        (short, few), (long, many) = warm[count, 7], warm[count, 90]
        ratio, linear = long / short, many / few
        say(f"7 -> 90 days, {count} people", f"{ratio:.2f} x", f"<= {linear:.2f} x (slots)", ratio <= linear)
    growth(server, people)


def growth(server, people):
    ids, client = [id for id, _ in people[:10]], people[0][1]
    asked, cookie, find = question(ids, 7), client.headers["Cookie"], "/api/scheduling/find-slots/"
    reload = changes(people[:10])
    old = load(server, range(1000, 1010), singles=0, series_start=START - timedelta(days=25 * 365))
    new = load(server, range(2000, 2010), singles=0, series_start=START - timedelta(days=1))
    times = {}
    for name, group in [("old", old), ("new", new)]:
        group_asked = question([id for id, _ in group], 7)
        _, times[name, "warm"] = wrk(server, find, group_asked, cookie)
        times[name, "cold"] = one_by_one(server, client, group_asked, changes(group))
    for state, label in [("warm", "warm"), ("cold", "after a change")]:
        ratio = times["old", state] / times["new", state]
        say(f"series 25 years old : 1 day old, {label}", f"{ratio:.2f} x", "<= 1.1 x", ratio <= 1.1)
    _, warm = wrk(server, find, asked, cookie)
    cold = one_by_one(server, client, asked, reload)
    multiply(server, 9)
    _, warm_after = wrk(server, find, asked, cookie)
    cold_after = one_by_one(server, client, asked, reload)
    for label, ratio in [("warm", warm_after / warm), ("after a change", cold_after / cold)]:
        say(f"ten times the history outside the window, {label}", f"{ratio:.2f} x", "<= 1.1 x", ratio <= 1.1)
    many = clone_people(server, 500)
    asked = dict(question(many, 366), limit=1000)
    client = Client(server.port, cookie)
    start = server.cpu()
    slots = found(client, asked)
    first = server.cpu() - start
    start = server.cpu()
    found(client, asked)
    second = server.cpu() - start
    say(f"500 people, 366 days ({slots} slots), first", f"{first:.3f} s", "< 1 s", first < 1)
    say("  again", f"{second:.3f} s", "< 1 s", second < 1)
    say("  memory: resident, and at its peak", f"{server.memory():.0f} / {server.memory('VmHWM'):.0f} MB")


def multiply(server, times):
    """The single events again, years before."""
    server.stop()
    with sqlite3.connect(f"{server.folder}/bench.db") as db:
        year = 365 * 86_400 * 1_000_000
        for n in range(1, times + 1):
            db.execute(f"""INSERT INTO events (calendar_id, uid, object, first_start, last_end, busy_type, transparent,
                sequence, source, title, search_text, created_at, updated_at)
                SELECT calendar_id, uid || '-{n}', object, first_start - {n * year}, last_end - {n * year}, busy_type,
                transparent, sequence, source, title, search_text, created_at, updated_at FROM events
                WHERE source IS NULL AND uid GLOB '????????-????-????-????-????????????'""")
    server.start()


def clone_people(server, count):
    """So many people, most of them copies of others with all their events."""
    server.stop()
    with sqlite3.connect(f"{server.folder}/bench.db") as db:
        known = [row[0] for row in db.execute("SELECT id FROM users WHERE username GLOB 'user[0-9]*' ORDER BY id")][:PEOPLE]
        ids = list(known)
        columns = {table: ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})")
                                    if row[1] not in ("id", "user_id", "calendar_id", "username_key", "email_key"))
                   for table in ("users", "calendars", "events")}
        for n in range(count - len(known)):
            source = known[n % len(known)]
            made = db.execute(f"""INSERT INTO users (username_key, email_key, {columns['users']})
                SELECT 'copy{n}', 'copy{n}@example.org', {columns['users']} FROM users WHERE id = ?""", (source,)).lastrowid
            ids.append(made)
            calendar = db.execute(f"""INSERT INTO calendars (user_id, {columns['calendars']})
                SELECT ?, {columns['calendars']} FROM calendars WHERE user_id = ?""", (made, source)).lastrowid
            db.execute(f"""INSERT INTO events (calendar_id, {columns['events']})
                SELECT ?, {columns['events']} FROM events WHERE calendar_id IN
                (SELECT id FROM calendars WHERE user_id = ?)""", (calendar, source))
    server.start()
    return ids


main()
