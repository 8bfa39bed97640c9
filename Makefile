# Two commands matter: `make run` and `make test`. Both install what they need into .venv,
# exactly what the lock files name, and are quick the second time.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test coverage faults firefox screenshots lint format lock clean browser

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# What is imported is compiled when it first is; most of what is installed never is.
ASIDE := --disable-pip-version-check --quiet --no-compile

# Changed content, not a changed date, calls for a new installation.
digest = $(shell cat $(1) | cksum | tr ' ' '-')
RUN_STAMP := $(VENV)/installed-run-$(call digest,requirements.lock setup.cfg pyproject.toml)
TEST_STAMP := $(VENV)/installed-test-$(call digest,requirements-test.lock setup.cfg pyproject.toml)

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(RUN_STAMP) ## the platform with demonstration data on http://127.0.0.1:8000
	@export XHH_HTTPS=false; \
	$(BIN)/xhh db upgrade; \
	$(BIN)/xhh demo --if-empty --address http://127.0.0.1:$(PORT); \
	echo "http://127.0.0.1:$(PORT)"; \
	exec $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 --no-control-socket wsgi:app

test: $(TEST_STAMP) browser lint ## everything a change must pass, as continuous integration runs it
	$(BIN)/pytest -n auto --dist worksteal

coverage: $(TEST_STAMP) browser ## which lines no test reaches
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

faults: $(TEST_STAMP) ## hurt the real application in 17 ways and count its ballots (as root)
	@command -v strace > /dev/null || apt-get install --quiet --yes strace \
		|| echo "strace is needed: apt-get install strace" >&2
	$(BIN)/python -m tests.faults --write benchmarks/results/faults.md $(FAULTS)

firefox: $(TEST_STAMP) ## whole forms in a real Firefox too
	@command -v firefox-esr firefox > /dev/null \
		|| { echo "Firefox is needed: apt-get install firefox-esr" >&2; exit 1; }
	$(BIN)/pytest -q tests/firefox/journeys.py

screenshots: $(TEST_STAMP) browser ## take the pictures of docs/screenshots anew
	SCREENSHOTS=docs/screenshots $(BIN)/pytest -q tests/browser/test_main_job.py -k intervals

lint: $(TEST_STAMP) ## style, format and types
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy

format: $(TEST_STAMP) ## bring the code into the agreed form
	$(BIN)/ruff check --no-cache --fix .
	$(BIN)/ruff format --no-cache .

lock: ## write the lock files anew from setup.cfg (needs uv)
	@command -v uv > /dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	uv pip compile setup.cfg --extra checkout --extra postgresql $(LOCKING) -o requirements.lock
	uv pip compile setup.cfg --extra checkout --extra postgresql --extra test $(LOCKING) \
		--constraint requirements.lock -o requirements-test.lock
LOCKING := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	--custom-compile-command "make lock"

clean: ## remove what installing, building and testing made; instance/ stays
	rm -rf $(VENV) build dist *.egg-info .coverage htmlcov .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the commands rest on -----------------------------------------------------------------

$(BIN)/python:
	@for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			$$candidate -m venv $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "Python's venv module is incomplete. Run: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed. Run: apt-get install python3 python3-venv" >&2; exit 1

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install $(ASIDE) --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install $(ASIDE) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_STAMP): | $(BIN)/python
	@echo "Installing the locked dependencies and test tools into $(VENV) ..."
	@$(BIN)/python -m pip install $(ASIDE) --require-hashes -r requirements-test.lock
	@$(BIN)/python -m pip install $(ASIDE) --no-deps --no-build-isolation --editable .
	@touch $@

browser: $(TEST_STAMP)
	@PLAYWRIGHT=$(BIN)/playwright tests/support/provide-browser
