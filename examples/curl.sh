#!/usr/bin/env bash
# A tour of Convene with curl: sign up, keep events, and find when two people are free.
#
#   examples/curl.sh http://127.0.0.1:8000
#
# It can be run any number of times: the names of the two people are new each time.
set -euo pipefail

base=${1:?usage: $0 http://HOST:PORT}/api
unique=$(date +%s)-$$
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# call NAME METHOD PATH [JSON]: as that person; prints the answer, and keeps it in $answer.
call() {
  echo "$2 $3 ${4:-}" >&2
  answer=$(curl --silent --show-error --fail-with-body -b "$folder/$1" -c "$folder/$1" -X "$2" "$base/$3" ${4:+--json "$4"})
  echo "$answer"
}

# field NAME: the first number of that name in the answer.
field() {
  grep -o "\"$1\":[0-9]*" <<<"$answer" | head -n 1 | cut -d : -f 2
}

echo "# Two people, each with a time zone"
call alice POST auth/register/ '{"username": "alice-'"$unique"'", "password": "securePass123",
  "email": "alice-'"$unique"'@example.com", "timezone": "Europe/Berlin"}'
alice=$(field id)
call bob POST auth/register/ '{"username": "bob-'"$unique"'", "password": "securePass123",
  "email": "bob-'"$unique"'@example.com", "timezone": "America/New_York"}'
bob=$(field id)
call bob PATCH auth/profile/ '{"working_days": ["MO", "TU", "WE", "TH", "FR"]}'

echo "# A single event, in local time"
call alice POST events/ '{"title": "Project kickoff",
  "start_time": "2026-03-02T15:00:00", "end_time": "2026-03-02T16:00:00"}'

echo "# A recurring one"
call alice POST events/ '{"title": "Stand-up",
  "start_time": "2026-03-02T16:00:00", "end_time": "2026-03-02T16:30:00",
  "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"]}'
series=$(field id)

echo "# An all-day one"
call alice POST events/ '{"title": "Day off", "all_day": true, "start_date": "2026-03-04", "end_date": "2026-03-05"}'

echo "# One occurrence an hour earlier"
call alice PATCH "events/$series/occurrences/20260303T150000Z/" '{
  "start_time": "2026-03-03T15:00:00", "end_time": "2026-03-03T15:30:00"}'

echo "# What is in the calendar, with occurrences in place of series"
call alice GET 'events/?start=2026-03-02T00:00:00Z&end=2026-03-04T00:00:00Z&expand=true'

echo "# When are both free for an hour?"
call alice POST scheduling/find-slots/ '{"user_ids": ['"$alice, $bob"'], "duration_minutes": 60,
  "timezone": "Europe/Berlin", "start": "2026-03-02T00:00:00", "end": "2026-03-06T00:00:00"}'

echo "# Why is there no room for two and a half hours?"
call alice POST scheduling/find-slots/ '{"user_ids": ['"$alice, $bob"'], "duration_minutes": 150,
  "timezone": "Europe/Berlin", "start": "2026-03-02T00:00:00", "end": "2026-03-05T00:00:00"}'

echo "# That series as iCalendar, as a calendar app would read it, with a token for a password"
call alice POST auth/tokens/ '{"name": "Phone"}' >"$folder/token"
token=$(grep -o 'cvn_[A-Za-z0-9_-]*' "$folder/token")
curl --silent --show-error --fail-with-body -u "alice-$unique:$token" "$base/events/$series/ics/"
