# The console's verbs; `make help` explains them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Without it every start would compile every package again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
DEVICES ?=
SEED ?=
CAPTURES ?=
ESTATE ?= yes
TESTS ?= tests
FLAGS ?=
UP_FLAGS = $(if $(DEVICES),--devices "$(DEVICES)") $(if $(SEED),--seed "$(SEED)") \
  $(if $(CAPTURES),--captures "$(CAPTURES)") $(if $(filter no,$(ESTATE)),--no-estate)
DAILY := not long and not faults

.PHONY: help setup up manage test ci pages faults long check format shape bench lock screens supported clean

help: ## Explain every verb
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the virtual environment and install the pinned packages; does nothing when that is done
	@.ci/setup

up: setup ## Start the console on a living estate (DEVICES=400000, SEED=7, CAPTURES=folder, ESTATE=no)
	@exec $(PY) -m cango_ops.embedded up $(UP_FLAGS)

manage: setup ## Run a management command against the console of this checkout (RUN="add_person --help")
	@exec $(PY) -m cango_ops.embedded manage $(RUN)

test: setup ## Run all tests but the long ones, browser tests included (TESTS=tests/sites, FLAGS="-n 2 -x")
	@$(PY) -m pytest -m "$(DAILY)" $(FLAGS) $(TESTS)

ci: setup ## As test, in two halves side by side; up to six that failed are run once more, alone
	@$(PY) tests/second_chance.py -m "$(DAILY)" $(FLAGS)

pages: setup ## Run the browser tests alone
	@$(PY) -m pytest -m "pages and not long" $(TESTS)

faults: setup ## Run the tests that kill and restart real parts
	@$(PY) -m pytest -m faults $(TESTS)

long: setup ## Run the tests that `make test` leaves out for their length
	@$(PY) -m pytest -m long --hypothesis-profile=search $(TESTS)

check: setup ## Lint, format, types, import arrows, missing migrations
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy .
	@$(VENV)/bin/lint-imports
	@$(PY) -m pytest -q tests/test_migrations.py

format: setup ## Put the code into its format
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

shape: setup ## Print the sizes of functions and files; warns, never fails
	@$(PY) tests/shape.py

bench: setup ## Measure and print what docs/benchmarks.md promises
	@$(PY) -m pytest -m long tests/bench -s

screens: setup ## Take screenshots of the running console's pages into .screens/
	@$(PY) -m tests.pages.screens

supported: setup ## Write docs/devices.md: every recorded machine and what is read of it
	@exec $(PY) manage.py supported $(if $(CAPTURES),--captures "$(CAPTURES)")

lock: setup ## Pin requirements.in again, with hashes, into requirements.lock
	@$(VENV)/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
	  --python-version 3.11 requirements.in --output-file requirements.lock

clean: ## Stop nothing, remove the data, logs and secrets of this checkout's console (asks first)
	@read -r -p "Remove .run with the console's database? [y/N] " answer; \
	  if [ "$$answer" = y ]; then rm -rf .run; fi
