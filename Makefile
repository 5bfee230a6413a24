# Needs make and a Python 3.11, 3.12 or 3.13 with venv and pip; everything else is installed below, in this folder.
# Another Python: make install PYTHON=/path/to/python3.12      Arguments: make demo ARGS="--exit"

SHELL := /bin/sh
BIN := .venv/bin
NODE := olorin_pipelines/typegen/node
FRONT := examples/olorin/front
UV := .uv/bin/uv
UV_VERSION := 0.13.9
INSTALLED := .venv/.installed
NODE_INSTALLED := $(NODE)/node_modules/.package-lock.json
FRONT_INSTALLED := $(FRONT)/node_modules/.package-lock.json
FRONT_TYPES := $(FRONT)/src/api/generated/v2/manifest.json
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(FRONT) --no-audit --no-fund --loglevel=error
# Two processes, a file in one of them as a whole: many tests wait. ARGS="-n 0" runs them in this one, for a debugger.
TESTS := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)

unexport PYTHONDONTWRITEBYTECODE # hundreds of processes are started: each would compile all it imports
export DAGSTER_DISABLE_TELEMETRY := yes
export UV_PROJECT_ENVIRONMENT := .venv

.DEFAULT_GOAL := help
.PHONY: help install demo dev test test-all test-front check format bench test-real test-own-api screenshots docs site clean
.DELETE_ON_ERROR:

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) $(NODE_INSTALLED) $(FRONT_INSTALLED) $(FRONT_TYPES) ## Install everything the project needs into .venv; quick when nothing changed.

demo: install ## Play the story: four releases, Envoy, Dagster. ARGS=--exit ends after it.
	$(BIN)/olorin demo $(ARGS)

dev: install ## The embedded world (Dagster, Envoy, example service) without a story.
	$(BIN)/olorin dev $(ARGS)

test: install ## Run the tests (under 5 minutes).
	$(TESTS) $(ARGS)

test-all: install ## Run all tests, the slow ones too. ARGS="-m slow" runs those alone.
	$(TESTS) -m "" $(ARGS)

test-front: install ## Build, type-check and test the example front end, in Chromium too (about 2 minutes).
	$(NPM) run build
	$(NPM) run test
	$(NPM) run test:contract
	$(NPM) run test:browser

check: install ## Format, lint, types, structure, Dagster definitions (under 2 minutes).
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_structure_*.py tests/test_docs_*.py
	$(BIN)/dagster definitions validate -w workspace.yaml

format: install ## Format the code and apply the safe fixes.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install ## Measure the customer-visible times, as JSON.
	$(BIN)/python -m bench slice --json $(ARGS)

test-real: install ## The contract gate against chromadb and prefect, from PyPI. ARGS="chromadb --seconds 300"
	$(BIN)/python -m tests.real.services $(ARGS)

test-own-api: install ## The wheel from an empty folder, on three services from PyPI; prints the transcript.
	$(BIN)/python -m tests.real.own_api $(ARGS)

screenshots: install ## Make docs/images from a running demo, in headless Chromium.
	$(BIN)/python -m tests.browser.screenshots docs/images $(ARGS)
	$(NPM) run build
	PICTURES="$(CURDIR)/docs/images" $(NPM) run test:browser -- pictures

docs: install ## Generate the pages of docs/ that come from the code.
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/licences.py

site: docs ## Build the site of docs/ into build/site, strictly; open build/site/index.html.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean: ## Remove what was installed and built, and the caches; var/ stays.
	rm -rf .venv .uv $(NODE)/node_modules $(FRONT)/node_modules $(FRONT)/dist $(FRONT)/src/api/generated dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# uv has an environment of its own, because `uv sync` removes from .venv what the lock does not name.
$(UV): Makefile
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed: make install PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(INSTALLED): uv.lock pyproject.toml | $(UV)
	test -x $(BIN)/python || $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv
	$(UV) sync --quiet --locked --all-extras --compile-bytecode # a run worker imports anew: 2 s sooner
	@touch $@

$(NODE_INSTALLED): $(NODE)/package-lock.json $(NODE)/package.json | $(INSTALLED)
	$(BIN)/python -m olorin_pipelines.typegen.install
	@touch $@

$(FRONT_INSTALLED): $(FRONT)/package-lock.json $(FRONT)/package.json | $(INSTALLED)
	$(NPM) ci --ignore-scripts
	@touch $@

# The front end is a registered consumer: to be judged it has to compile.
$(FRONT_TYPES): $(FRONT)/contract/openapi.json $(FRONT)/scripts/generate-api-types.mjs | $(NODE_INSTALLED) $(FRONT_INSTALLED)
	BACKEND_URL= $(NPM) run --silent generate-api-types
	@touch $@
