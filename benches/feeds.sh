#!/bin/bash
# What published feeds cost: CPU time of the release server per request, for an unchanged poll against /healthz, for a
# remembered body of 10,000 events against a page of that size, and for the making of the body.
#
# Usage: benches/feeds.sh [REQUESTS]; it builds the program, and needs curl and python3.
set -euo pipefail
cd "$(dirname "$0")/.."
requests=${1:-2000}
cargo build --release --quiet
program=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/convene
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$program" --database-url "sqlite://$folder/x.db" --listen 127.0.0.1:8765 --log warn >"$folder/log" 2>&1 &
server=$!
base=http://127.0.0.1:8765
for _ in $(seq 100); do curl -sf "$base/readyz" >/dev/null && break; sleep 0.1; done
python3 - "$base" "$server" "$requests" <<'PYTHON'
import datetime, http.client, json, sys, time

base, server, requests = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = http.client.HTTPConnection(base.removeprefix("http://"))
cookie = {}


def call(method, path, body=None, headers={}):
    content = json.dumps(body) if body is not None else None
    sent = {**cookie, **headers, **({"Content-Type": "application/json"} if content else {})}
    connection.request(method, path, content, sent)
    response = connection.getresponse()
    return response, response.read()


# What clock_getcpuclockid(3) answers: the CPU time of all threads of a process, those that have ended too, by the nanosecond.
CPU_OF_SERVER = (~server << 3) | 2


def cpu():
    return time.clock_gettime(CPU_OF_SERVER)


def each(count, method, path, headers={}, status=200):
    before = cpu()
    for _ in range(count):
        response, body = call(method, path, headers=headers)
        assert response.status == status, (response.status, body[:200])
    return (cpu() - before) / count, len(body)


def row(name, cost, unit, value, bound, is_over):
    print(f"  {name:<14} {cost:>10}   {value:6.2f} {unit}   ({bound}){'   OVER' if is_over else ''}")


account = {"username": "alice", "password": "securePass123", "email": "alice@example.com"}
response, _ = call("POST", "/api/auth/register/", account)
cookie = {"Cookie": response.getheader("Set-Cookie").split(";")[0]}
start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
for number in range(10_000):
    at = start + datetime.timedelta(hours=number)
    event = {
        "title": f"Event {number}",
        "description": "Agenda: " + "what was, what is, what comes; " * 8,
        "location": "Room 12",
        "start_time": at.isoformat(),
        "end_time": (at + datetime.timedelta(minutes=30)).isoformat(),
    }
    response, body = call("POST", "/api/events/", event)
    assert response.status == 201, body
event = json.loads(body)["id"]
for detail in ["full", "busy"]:
    feed = json.loads(call("POST", "/api/feeds/", {"name": detail, "detail": detail})[1])
    path = feed["url"].removeprefix(base)
    made, rounds = 0.0, 20
    for number in range(rounds):
        at = start + datetime.timedelta(days=number)
        change = {"start_time": at.isoformat(), "end_time": (at + datetime.timedelta(hours=1)).isoformat()}
        response, body = call("PATCH", f"/api/events/{event}/", change)
        assert response.status == 200, body
        seconds, size = each(1, "GET", path)
        made += seconds / rounds
    tag = call("GET", path)[0].getheader("ETag")
    health, _ = each(requests, "GET", "/healthz")
    poll, _ = each(requests, "GET", path, {"If-None-Match": tag}, 304)
    remembered, _ = each(100, "GET", path)
    zipped, zipped_size = each(100, "GET", path, {"Accept-Encoding": "gzip"})
    static, static_size = each(500, "GET", "/docs")
    same_size = health + (static - health) * size / static_size
    print(f"{detail}: {size / 1e6:.2f} MB, gzip {zipped_size / 1e6:.2f} MB; /healthz {health * 1e6:.1f} us")
    speed, polls, sent = size / 1e6 / made, poll / health, remembered / same_size
    row("making it", f"{made * 1e3:.1f} ms", "MB/s", speed, "at least 30", speed < 30)
    row("unchanged poll", f"{poll * 1e6:.1f} us", "x /healthz", polls, "at most 8", polls > 8)
    row("remembered", f"{remembered * 1e6:.1f} us", "x a static page of that size", sent, "at most 2", sent > 2)
    print(f"  remembered, in gzip {zipped * 1e6:.1f} us")
PYTHON
