# What a maintainer does with this repository. `make test` is all that the CI does.

SHELL := /bin/bash
VENV := .cache/venv
ICAL_JS := 2.2.1
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: test lint tools openapi bench bench-http bench-hostile bench-import fuzz

test: tools lint
	cargo test --all-targets
	cargo test --doc

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

# Whatever the tests need and this machine lacks: a PostgreSQL for the suite's own server, a browser, Python programs.
tools: $(VENV)/.requirements .cache/node/.ical.js-$(ICAL_JS)
	@missing=(); \
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql); \
	command -v curl >/dev/null || missing+=(curl); \
	{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || missing+=(chromium); \
	compgen -G '/usr/lib/*/libical.so.3' >/dev/null || missing+=(libical3); \
	if [ $${#missing[@]} -gt 0 ]; then \
	  $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi

$(VENV)/.requirements: tests/requirements.txt
	@python3 -m venv --help >/dev/null 2>&1 && python3 -c 'import ensurepip' 2>/dev/null || { \
	  $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3 python3-venv; }
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# ical.js, which Thunderbird reads calendars with.
.cache/node/.ical.js-$(ICAL_JS):
	@command -v npm >/dev/null || { \
	  $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nodejs npm; }
	npm install --silent --no-audit --no-fund --prefix .cache/node ical.js@$(ICAL_JS)
	@touch $@

# The golden OpenAPI documents, from the program itself.
openapi:
	mkdir -p openapi
	cargo run --quiet -- openapi > openapi/openapi.json
	cargo run --quiet -- openapi --yaml > openapi/openapi.yaml

bench:
	cargo bench

# What a request costs, from the release server, beside GET /healthz.
bench-http:
	@command -v wrk >/dev/null || { $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends wrk; }
	cargo build --release
	python3 benches/over_http.py target/release/convene

# What hostile and large uploads cost, in CPU and memory of the release server; it fails where one exceeds its bounds.
bench-hostile:
	cargo build --release
	python3 benches/hostile.py target/release/convene

# Import and export beside libical.
bench-import: tools
	cargo build --release
	benches/import.sh

# Each fuzz target for so many seconds. Without a sanitizer, so that the stable compiler will do: the house has no unsafe code.
SECONDS := 600
fuzz:
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	for target in reader rule zone; do \
	  mkdir -p tests/fuzz/corpus/$$target tests/fuzz/seeds/$$target; \
	  cargo fuzz run --fuzz-dir tests/fuzz -s none $$target tests/fuzz/corpus/$$target tests/fuzz/seeds/$$target -- \
	    -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=4096 -dict=tests/fuzz/ical.dict || exit 1; \
	done
