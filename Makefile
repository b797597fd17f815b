# Wufu (五福). `make demo` and `make test` each work alone on a fresh clone; see docs/start.md.

SHELL   := /bin/bash
PYTHON  ?= python3
BIN     := .venv/bin
SETUP   := $(PYTHON) tools/setup.py
# Passed on: make demo ARGS="--minutes 2", make test ARGS="tests/ledger -n 0"
ARGS    ?=
# A file's tests stay together: each worker has engines of its own, and a file's fixtures are made once.
# How many workers, and which files come first: tests/conftest.py.
WORKERS := -n auto --dist loadfile --no-loadscope-reorder
PYTHONS := $(wildcard wufu tests bench tools)
# The longest first: two run at once, each says what it found when it ends, and none hides another's failure.
CHECKS  := check-types check-tidy check-app check-imports check-format check-lint
# Half of what a new process costs is reading sources that were read before, so what was read is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test setup check format bench lock clean $(CHECKS)

demo: setup ## a living world on this machine: open the page it prints
	@$(BIN)/wufu demo $(ARGS)

test: setup ## every test, real PostgreSQL, NATS and Chromium
	@$(SETUP) browser spark test-app
	$(BIN)/pytest $(WORKERS) $(ARGS)

setup: ## the environment and the built pages, nothing else
	@$(SETUP) environment app

check: setup ## format, lint, strict types, the import ladder, tidiness, the app's types
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync=target $(CHECKS)

check-types:
	$(BIN)/mypy $(PYTHONS)

check-tidy:
	$(BIN)/pytest tests/tidy

check-app:
	@$(SETUP) check-app

check-imports:
	$(BIN)/lint-imports

check-format:
	$(BIN)/ruff format --check

check-lint:
	$(BIN)/ruff check

format: setup ## rewrite the Python code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## the measurements of docs/benchmarks.md
	$(BIN)/wufu bench ledger --json
	$(BIN)/wufu bench settle --winners 791405 --json
	$(BIN)/wufu bench draws --json
	$(BIN)/wufu bench taps --json
	$(BIN)/wufu bench redpacket --json
	$(BIN)/wufu bench split --json
	$(BIN)/wufu bench chat --json
	$(BIN)/wufu bench strength --json
	$(BIN)/wufu bench pymk --people 1600000 --ties 30000000 --json

lock: setup ## resolve requirements.lock anew from pyproject.toml
	@$(SETUP) lock

clean: ## remove the environment, the built pages and all caches (never your data)
	rm -rf .venv app/node_modules wufu/app_dist build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
