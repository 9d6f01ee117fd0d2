# Two commands do everything: `make serve` and `make test`. The others are parts of them.
PYTHON  ?= python3
VENV    ?= .venv
CONTENT ?= content
INDEX   ?= .index
PORT    ?= 8000
SIZES   ?= 1000 10000
DATA    ?= .bench
BIN     := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve index test check other-whoosh bench relevance relevance-keep screenshots format clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developing: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

index: $(VENV)/installed  ## bring the index up to date with CONTENT
	$(BIN)/essays index $(CONTENT) --index $(INDEX)

serve: index  ## set up, index CONTENT, serve on 127.0.0.1:PORT
	$(BIN)/essays serve $(CONTENT) --index $(INDEX) --port $(PORT) --watch

test: check  ## everything that has to hold: format, lint, types, tests, coverage
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: $(VENV)/developing  ## format, lint and types alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)-other/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-other
	$(VENV)-other/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(VENV)-other/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	$(VENV)-other/bin/python -m pip uninstall --quiet --yes whoosh3
	$(VENV)-other/bin/python -m pip install --quiet --disable-pip-version-check "Whoosh-Reloaded==2.7.5"
	@touch $@

other-whoosh: $(VENV)-other/installed  ## index and search over the other maintained Whoosh
	$(VENV)-other/bin/python -m pytest -q -m "not slow" tests/indexer tests/app/search

$(VENV)/benching: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

bench: $(VENV)/benching  ## measure against other engines, over SIZES essays kept in DATA
	$(BIN)/python tests/bench/run.py --sizes $(SIZES) --data $(DATA) --out BENCHMARKS.md

relevance: $(VENV)/benching  ## how well it finds, over a COLLECTION and beside other engines
	@test -n "$(COLLECTION)" || { echo "Say which: make relevance COLLECTION=folder"; exit 2; }
	$(BIN)/python tests/relevance/run.py $(COLLECTION) --out RELEVANCE.md

relevance-keep: $(VENV)/developing  ## keep what the golden questions reach now, if nothing fell
	$(BIN)/python tests/relevance/golden.py --keep

screenshots: $(VENV)/developing  ## pictures of every page, wide and narrow, light and dark
	$(BIN)/python -m tests.browser.screenshots $(CONTENT) screenshots

format: $(VENV)/developing  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove everything that was made
	rm -rf $(VENV) $(VENV)-other $(INDEX) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
