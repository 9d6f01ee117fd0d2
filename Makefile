# Two commands do everything: `make serve` and `make test`. The others are parts of them.
PYTHON  ?= python3
VENV    ?= .venv
CONTENT ?= content
INDEX   ?= .index
PORT    ?= 8000
SIZES   ?= 1000 10000
SECONDS ?= 600
KILLS   ?= 200
SOAK    ?= 3600
TIMES   ?= 20
WORKERS ?= 2
DATA    ?= .bench
BIN     := $(VENV)/bin
# What the tests of a cluster cover: other code than the others.
CLUSTER_DATA := .coverage-cluster
# WORKERS processes run the tests; who has done its share takes over of another's.
PYTEST  := -m pytest -q -n $(WORKERS) --dist worksteal --durations=25

.DEFAULT_GOAL := help
.PHONY: help serve index test test-cluster packages check audit other-whoosh test-newest properties fuzz guided-fuzz faults soak lock upgrade bench relevance \
        relevance-keep screenshots format clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# The versions of requirements.txt and requirements-dev.txt, each file by its hash, and no others:
# what was tested is what runs. Any pip since 2018 can install them.
PIP      = -m pip install --quiet --disable-pip-version-check
LOCKED   = $(PIP) --require-hashes
CHECKOUT = $(PIP) --no-deps --no-build-isolation --editable .

$(VENV)/installed: pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(LOCKED) --requirement requirements.txt
	$(BIN)/python $(CHECKOUT)
	@touch $@

$(VENV)/developing: $(VENV)/installed requirements-dev.txt
	$(BIN)/python $(LOCKED) --requirement requirements-dev.txt
	@touch $@

index: $(VENV)/installed  ## bring the index up to date with CONTENT
	$(BIN)/essays index $(CONTENT) --index $(INDEX)

serve: index  ## set up, index CONTENT, serve on 127.0.0.1:PORT
	$(BIN)/essays serve $(CONTENT) --index $(INDEX) --port $(PORT) --watch

test: check packages  ## everything that has to hold: format, lint, types, tests, coverage
	rm -f .coverage .coverage.* $(CLUSTER_DATA) $(CLUSTER_DATA).*
	$(BIN)/coverage run $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Kept for as long as the lock file beside the tests is the same.
CLIENTS := tests/app/web/api/algolia

packages: .node/installed  ## fetch the clients in JavaScript that tests run, if npm is there

.node/installed: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@mkdir -p .node && cp $^ .node
	@if command -v npm >/dev/null; then \
	  cd .node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch installed; \
	else echo "npm is not there: tests that need it are left out"; fi

test-cluster: $(VENV)/developing  ## the tests that ask OpenSearch, over three nodes of it
	rm -f $(CLUSTER_DATA) $(CLUSTER_DATA).*
	COVERAGE_FILE=$(CLUSTER_DATA) $(BIN)/python -m tests.cluster.nodes run \
	  $(BIN)/coverage run -m pytest -q -m cluster --durations=10
	COVERAGE_FILE=$(CLUSTER_DATA) $(BIN)/coverage combine --quiet
	COVERAGE_FILE=$(CLUSTER_DATA) $(BIN)/coverage report --omit=/nowhere --include='*/opensearch/*'

check: $(VENV)/developing  ## format, lint, types, and known weaknesses of what is installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tests.audit requirements.txt

audit: $(VENV)/developing  ## known weaknesses of all locked versions, those of the tests too
	$(BIN)/python -m tests.audit requirements-image.txt
	$(BIN)/python -m tests.audit requirements-dev.txt

$(VENV)-other/installed: $(VENV)/developing
	rm -rf $(VENV)-other
	$(BIN)/python $(PIP) --target $(VENV)-other "Whoosh-Reloaded==2.7.5"
	@touch $@

other-whoosh: $(VENV)-other/installed  ## index and search over the other maintained Whoosh
	PYTHONPATH=$(CURDIR)/$(VENV)-other $(BIN)/python -c 'import whoosh; print(whoosh.__file__)'
	PYTHONPATH=$(CURDIR)/$(VENV)-other $(BIN)/python $(PYTEST) -m "not slow" \
	  tests/indexer/schema tests/indexer/storage tests/indexer/build tests/app/search

$(VENV)-newest/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python $(PIP) --upgrade pip
	$(VENV)-newest/bin/python $(PIP) --upgrade --editable . --group dev
	@touch $@

test-newest: $(VENV)-newest/installed  ## the suite on the newest versions that pyproject.toml allows
	$(VENV)-newest/bin/python -m pip list --disable-pip-version-check --format freeze --exclude-editable
	$(VENV)-newest/bin/python $(PYTEST) -m "not slow and not browser"

fuzz: $(VENV)/developing  ## made-up files and made-up requests, SECONDS of each
	ESSAYS_FUZZ_SECONDS=$(SECONDS) $(BIN)/python -m pytest -q -rP tests/fuzz

# A fuzzer that the lock files leave out: it runs on Linux alone, and tests do not need it.
$(VENV)/guided: $(VENV)/developing
	$(BIN)/python $(PIP) "atheris==3.0.0"
	@touch $@

GUIDED := front-matter files queries addresses arrays contents

guided-fuzz: $(VENV)/guided  ## made-up bytes chosen by the code that they reach, SECONDS of each kind
	for target in $(GUIDED); do $(BIN)/python -m tests.fuzz.guided $$target $(SECONDS) || exit 1; done

properties: $(VENV)/developing  ## every property with new examples, TIMES as many as in the suite
	ESSAYS_EXAMPLES=$(TIMES) $(BIN)/python $(PYTEST) tests

faults: $(VENV)/developing  ## damage, full disks, links, KILLS kills of running builds, hostile requests
	ESSAYS_FAULTS=$(KILLS) $(BIN)/python -m pytest -q -rP tests/faults
	$(BIN)/python -m tests.faults.hostile --essays 10000 --tries 20

soak: $(VENV)/developing  ## an hour of readers and edits: SOAK seconds
	ESSAYS_SOAK_SECONDS=$(SOAK) $(BIN)/python -m pytest -q -s tests/faults/test_soak.py

# Written for every Python and system at once; versions stay as they are unless UPGRADE says. Extras
# are named, for a pip of 2023 and older takes `coverage[toml]` for another package than `coverage`.
LOCK    = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
          --no-strip-extras --generate-hashes --custom-compile-command 'make upgrade' \
          --quiet $(UPGRADE)
UPGRADE ?=

lock: $(VENV)/developing  ## bring the lock files in line with pyproject.toml
	$(LOCK) --group build --output-file requirements.txt
	$(LOCK) --group build --all-extras --constraint requirements.txt --output-file requirements-image.txt
	$(LOCK) --group dev --constraint requirements-image.txt --output-file requirements-dev.txt

upgrade:  ## move the lock files to the newest versions that pyproject.toml allows
	$(MAKE) lock UPGRADE=--upgrade
	@git diff --stat -- 'requirements*.txt'

bench: $(VENV)/developing  ## measure against other engines, over SIZES essays kept in DATA
	$(BIN)/python tests/bench/run.py --sizes $(SIZES) --data $(DATA) --out BENCHMARKS.md

relevance: $(VENV)/developing  ## how well it finds, over a COLLECTION and beside other engines
	@test -n "$(COLLECTION)" || { echo "Say which: make relevance COLLECTION=folder"; exit 2; }
	$(BIN)/python tests/relevance/run.py $(COLLECTION) --forms --out RELEVANCE.md

relevance-keep: $(VENV)/developing  ## keep what the golden questions reach now, if nothing fell
	$(BIN)/python tests/relevance/golden.py --keep

screenshots: $(VENV)/developing  ## pictures of every page, wide and narrow, light and dark
	$(BIN)/python -m tests.browser.screenshots $(CONTENT) screenshots

format: $(VENV)/developing  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove everything that was made
	rm -rf $(VENV) $(VENV)-other $(VENV)-newest .node $(INDEX) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
