# `make run` and `make test` are all the set-up there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

help: ## List what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## Start Studio: web, queue and, without an API key, the simulator
	@exec $(BIN)/python manage.py studio

# Tests flush to the disk all the time; where memory has room for their files, they need not wait for it.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -k --output=avail /dev/shm | tail -1)" -gt 2000000 ] && echo /dev/shm)
COVERAGE := $(BIN)/coverage
# Percent of lines and branches: of what speaks to Luma, keeps the rows and lets people in, and of everything else.
EXACT_AT := 99.9
REST_AT := 95
EXACT := studio/luma/*,studio/engine/*,studio/models/*,studio/views/permissions.py

# The move to PostgreSQL is tried where PostgreSQL is installed.
ELSEWHERE := $(if $(wildcard /usr/lib/postgresql/*/bin/initdb),studio/migrations/*,studio/engine/backup/moving.py)

BESIDE := "not browser and not stack and not alone"
# Each browser test has a studio, ports and a folder of its own, or shares those of its file; it waits more than it works.
BROWSERS := "browser and not stack and not alone"
# So does each test of a studio as its own processes, but where it times them.
STACK := "stack and not alone"
AGAIN := --last-failed --last-failed-no-failures none

test: export TMPDIR := $(or $(MEMORY),$(TMPDIR),/tmp)
test: $(VENV)/.dev ## Run every test, with a real queue and a real browser, and measure what they cover
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m tests.firefox
	@$(COVERAGE) erase
	@# Sockets, queues and browsers run in real time: what fails, and is named then, is run once more alone before it counts.
	$(COVERAGE) run -m pytest -q -n 6 --dist loadgroup -m $(BESIDE) || $(COVERAGE) run -m pytest -q -m $(BESIDE) $(AGAIN)
	@# A browser shows what a page does; which lines ran for it is measured by the tests of views.
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --durations=40 --durations-min=5 -m $(BROWSERS) || $(BIN)/python -m pytest -q -m $(BROWSERS) $(AGAIN)
	$(COVERAGE) run -m pytest -q -n 2 --dist loadfile --durations=40 --durations-min=5 -m $(STACK) || $(COVERAGE) run -m pytest -q -m $(STACK) $(AGAIN)
	$(COVERAGE) run -m pytest -q --durations=40 --durations-min=5 -m alone || $(COVERAGE) run -m pytest -q -m alone $(AGAIN)
	@$(COVERAGE) combine --quiet
	@$(COVERAGE) report --include='$(EXACT)' --omit='$(ELSEWHERE)' --precision=2 --fail-under=$(EXACT_AT); exact=$$?; \
	$(COVERAGE) report --omit='$(EXACT),studio/migrations/*' --fail-under=$(REST_AT) && exit $$exact

check: $(VENV)/.dev ## Format, lint, types, templates, styles, scripts, migrations, settings, unit tests on each Python
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.static_format --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	STUDIO_TLS=on STUDIO_ALLOWED_HOSTS=studio.example $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m tests.pythons

format: $(VENV)/.dev ## Put code, templates, style sheets and scripts in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html') || true
	$(BIN)/python -m tests.static_format

bench: $(VENV)/.dev ## Measure: click to wire, done to screen, start, idle, first load, pages at a million pictures
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m benchmarks; status=$$?; $(BIN)/python -m benchmarks.pages && exit $$status

screenshots: $(VENV)/.dev ## Photograph every page for the README
	$(BIN)/python -m docs.screenshots

soak: $(VENV)/.dev ## Kill and freeze the whole studio at random for SOAK_MINUTES (5)
	$(BIN)/python -m tests.soak

topology: $(VENV)/.dev ## Several machines on this one, from Debian's postgresql and nginx: kill each, measure every recovery (5 minutes)
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m tests.topology

test-servers: export TMPDIR := $(or $(MEMORY),$(TMPDIR),/tmp)
test-servers: $(VENV)/.dev ## The suites on PostgreSQL and S3 (SERVERS=ci: a part in minutes; all of it takes over an hour)
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m tests.servers --part $(or $(SERVERS),all)

prove: $(VENV)/.dev ## Every figure of docs/reliability.md: crash matrix, state search, rivals, 30 minutes of soak (two hours)
	$(BIN)/python -m pytest -q tests/faults
	HOSTILE_TEXTS=all $(BIN)/python -m pytest -q tests/views/test_hostile_texts.py
	$(BIN)/python -m tests.crash
	CRASH_SEARCH=2000x50 $(BIN)/python -m pytest -q --timeout 0 tests/crash/test_machine.py
	$(BIN)/python -m tests.soak.rivals
	SOAK_MINUTES=30 $(BIN)/python -m tests.soak

lock: $(VENV)/.dev ## Lock requirements.in and requirements-dev.in: every package they bring, with hashes
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file $$name.txt $$name.in || exit 1; \
	done

clean: ## Remove the virtual environment and caches; pictures and rows under var/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.run: requirements.txt
	@bash bin/venv $(PYTHON) $(VENV) requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt
	@bash bin/venv $(PYTHON) $(VENV) requirements-dev.txt
	@touch $(VENV)/.run $@

.PHONY: help run test check format bench soak topology test-servers prove screenshots lock clean
