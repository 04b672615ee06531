# Xuncha 巡查. `make` alone explains itself; README.md says more.
# Works with GNU Make 3.81 (macOS) and later, as an ordinary user.

PORT   ?= 8000
HOST   ?= 0.0.0.0
DATA   ?= ./data
URL    ?= http://localhost:$(PORT)
PHOTOS ?= ../shared/photos
OUT    ?= demo-out
LOSS   ?= 0.3
KILLS  ?= 3
ROUNDS ?= 1
SEED   ?=
ARGS   ?=

PY     := .venv/bin/python
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
RUN    := exec env XUNCHA_DATA="$(DATA)" HOST="$(HOST)" PORT="$(PORT)" $(PY)

.DEFAULT_GOAL := help
.PHONY: help setup serve demo test test-unit test-browser check bench soak quarter tamper reuse screenshots clean drawing

help: ## say what can be done here
	@echo "Xuncha 巡查"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo "  settings: PORT=$(PORT) HOST=$(HOST) DATA=$(DATA) for serve · URL= PHOTOS= OUT= for demo · PHOTOS= for reuse, soak"
	@echo "            SEED= for quarter, reuse, soak, tamper · LOSS=$(LOSS) KILLS=$(KILLS) ROUNDS=$(ROUNDS) for soak · ARGS= for the rest"

setup: .venv/.run static/vendor/.made ## set up what is missing, start nothing, make no data

serve: .venv/.run static/vendor/.made ## set up what is missing, then serve on PORT with the data in DATA
	@$(RUN) -m app.serve

demo: .venv/.run ## play the main job against the server at URL with the photos in PHOTOS, write to OUT
	@$(PY) -m app.demo --url "$(URL)" --photos "$(PHOTOS)" --out "$(OUT)"

test: test-unit test-browser ## everything: rules, both databases, real S3, real browser

test-unit: .venv/.dev static/vendor/.made ## the tests that need no browser
	@command -v pdfsig >/dev/null || sh tools/apt_install.sh poppler-utils || true # a second look at signatures
	@$(PY) -m pytest -q -n 3 --dist worksteal -m "not browser" $(ARGS)

test-browser: .venv/.dev node_modules/.dev static/vendor/.made ## the stories in a real Chromium
	@sh tools/ensure_chromium.sh
	@$(PY) -m pytest -q -n 3 --dist worksteal -m browser $(ARGS)

check: .venv/.dev static/vendor/.made ## linter, types, templates, invariants (the rest of the tests: make test)
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -m djlint --lint --quiet templates
	@$(PY) -m pytest -q tests/invariants

bench: .venv/.dev node_modules/.dev static/vendor/.made ## measure speed against the targets, write bench.json
	@sh tools/ensure_chromium.sh
	@$(PY) -m tools.bench $(ARGS)

drawing: .venv/.run ## write the state diagram of a notice into the README, from the table that decides
	@$(PY) -m app.notices.drawing README.md

soak: .venv/.dev static/vendor/.made ## a patrol without signal, killed and cut off on purpose: nothing may be lost or doubled
	@sh tools/ensure_chromium.sh
	@$(PY) -m tools.soak $(if $(filter file,$(origin PHOTOS)),,--photos "$(PHOTOS)") --loss $(LOSS) --kills $(KILLS) --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

quarter: .venv/.dev ## three months of reminders in half hours, with limits and moved dates, run twice, late and killed: each is sent once
	@$(PY) -m tools.quarter $(if $(SEED),--seed $(SEED)) $(ARGS)

reuse: .venv/.dev ## change every photo in PHOTOS in every way and look it up among 10,000 invented ones: recall, false pairs
	@OPENBLAS_NUM_THREADS=1 nice -n 10 $(PY) -m tools.reuse --photos "$(PHOTOS)" $(if $(SEED),--seed $(SEED)) $(ARGS)

tamper: .venv/.dev static/vendor/.made ## a year of honest work, then thirty falsifications: each is named, nothing else
	@$(PY) -m tools.tamper $(if $(SEED),--seed $(SEED)) $(ARGS)

screenshots: .venv/.dev static/vendor/.made ## phone-size pictures of the pages, into docs/screenshots
	@sh tools/ensure_chromium.sh
	@$(PY) -m tools.screenshots $(ARGS)

clean: ## remove what these targets made; DATA stays
	rm -rf .venv node_modules static/vendor .pytest_cache .ruff_cache .mypy_cache test-results
	find app tests tools migrations -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up, each step once: a stamp is older than what it was made from when it must be made again

.venv/bin/python:
	@sh tools/make_venv.sh .venv

.venv/.run: requirements.txt constraints.txt | .venv/bin/python
	@echo "installing Python packages …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "installing what tests and checks need …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.run: package-lock.json
	@command -v npm >/dev/null || { echo "xuncha: npm is missing. Install Node.js 18 or later (https://nodejs.org)."; exit 1; }
	@echo "installing front-end packages …"
	@$(NPM_CI) --omit=dev
	@touch $@

node_modules/.dev: package-lock.json
	@command -v npm >/dev/null || { echo "xuncha: npm is missing. Install Node.js 18 or later (https://nodejs.org)."; exit 1; }
	@echo "installing front-end test packages …"
	@$(NPM_CI)
	@touch node_modules/.run $@

# the packages are needed only while copying, so a newer node_modules is no reason to copy again
static/vendor/.made: package-lock.json tools/vendor.py $(shell find static/js -name '*.js') .venv/.run
	@test -f node_modules/.run || $(MAKE) --no-print-directory node_modules/.run
	@$(PY) tools/vendor.py
	@touch $@
