#!/bin/bash
# Import and export of a file of 10,000 events beside what libical needs for bare parsing and serialising of it, in one
# run: CPU seconds, the best of five. Needs `make tools` and a release build; PYTHON and CONVENE name others than these.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.cache/venv/bin/python}
CONVENE=${CONVENE:-target/release/convene}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

"$PYTHON" benches/import.py make "$WORK/events.ics" 10000
ls -l "$WORK/events.ics" | awk '{ print "file: 10,000 events, " $5 / 1e6 " MB" }'
"$PYTHON" benches/import.py run "$CONVENE" "$WORK"
