# `make demo` runs the whole path on real data, `make test` all tests. Both set up what they need first.
.DELETE_ON_ERROR:
.PHONY: help demo lab test lint unit integration js ui notebooks test-services test-dbt test-full bench docs-parity clean

BIN := .venv/bin
PYTHON := $(BIN)/python
STAMPS := .venv/.stamps
PYTHON_STAMP := $(STAMPS)/python
NODE_STAMP := node_modules/.yarn-state.yml
LAB_STAMP := $(STAMPS)/lab
TS_SOURCES := $(shell find labextension -type f \( -name '*.ts' -o -name '*.tsx' -o -name '*.css' -o -name '*.json' -o -name '*.js' -o -name '*.svg' \) 2>/dev/null)
DEMO := .demo
# Jupyter Server refuses root unless told; containers often have nobody else.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(PYTHON_STAMP): pyproject.toml jobs/pyproject.toml constraints.txt scripts/setup.sh
	bash scripts/setup.sh

$(NODE_STAMP): package.json yarn.lock .yarnrc.yml | $(PYTHON_STAMP)
	@echo "setup: installing JavaScript packages"
	PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable
	@touch $@

$(LAB_STAMP): $(TS_SOURCES) package.json tsconfig.json | $(NODE_STAMP) $(PYTHON_STAMP)
	@echo "setup: building the JupyterLab extension"
	PATH="$(CURDIR)/$(BIN):$$PATH" jlpm build:prod
	PATH="$(CURDIR)/$(BIN):$$PATH" jupyter-builder develop . --overwrite
	@touch $@

.PHONY: setup
setup: $(PYTHON_STAMP) $(NODE_STAMP) $(LAB_STAMP) ## Set up .venv, node_modules and the extension

demo: setup ## The whole path on real data: explore, promote, verify, push, run
	$(BIN)/olo demo $(DEMO)

lab: setup ## Open JupyterLab on the demo notebook
	@[ -f $(DEMO)/project/olo.yml ] || $(BIN)/olo demo $(DEMO)
	cd $(DEMO)/project && OLO_STATE="$(CURDIR)/$(DEMO)/state" "$(CURDIR)/$(BIN)/jupyter" lab --ServerApp.root_dir="$$PWD" notebooks/flight_delays.ipynb $(AS_ROOT) $(LAB_ARGS)

.PHONY: compiled
compiled: setup
	@# Where PYTHONDONTWRITEBYTECODE is set, each program that a test starts would compile the sources again.
	@$(PYTHON) -m compileall -q olo_jupyter magics converters jobs/olo_jobs dbt_adapter

test: compiled ## All tests that need no service
	@# A browser and a kernel wait for much: what takes one process only runs beside them. The others take two.
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target ui lint js notebooks
	$(MAKE) --no-print-directory unit integration docs release

lint: setup ## ruff, mypy, import-linter, eslint, prettier
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy dbt_adapter
	$(BIN)/lint-imports
	PATH="$(CURDIR)/$(BIN):$$PATH" jlpm lint:check

unit: setup ## Unit tests and doctests
	$(PYTHON) -m pytest tests/unit converters jobs/olo_jobs olo_jupyter magics -n 2 -q

integration: setup ## Tests over several rooms
	$(PYTHON) -m pytest tests/integration tests/contract tests/parity --ignore tests/integration/dbt -n 2 -q
	$(PYTHON) -m pytest tests/integration/dbt --ignore tests/integration/dbt/suites -q
	$(PYTHON) -m pytest tests/integration/dbt/suites -n 2 --dist loadscope -q # dbt keeps one configuration a process

.PHONY: docs site
docs: setup ## The documentation: it builds, its links and code are right, its tutorial is followed
	$(PYTHON) -m pytest tests/docs -n 2 -q

site: setup ## Build the documentation: docs/_build/html/index.html
	$(PYTHON) -m sphinx --fail-on-warning --keep-going --quiet --builder html docs docs/_build/html

js: setup ## Unit tests of the extension
	PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test

notebooks: setup ## The examples in a real kernel: nbval, then papermill
	$(PYTHON) -m pytest tests/notebooks -q

ui: setup ## A real JupyterLab in Chromium
	PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test:ui

test-services: compiled ## Tests against real servers, which are installed into a cache
	$(PYTHON) -m pytest tests/services -n 2 --no-loadscope-reorder -q

test-dbt: setup ## All of dbt's own adapter tests on the embedded lakehouse (make test runs the main ones)
	$(PYTHON) -m pytest tests/integration/dbt -m "full or not full" -n 2 --dist loadscope -q

test-full: setup ## The long repetitions that the other targets leave out: hours
	$(PYTHON) -m pytest tests/unit tests/integration --ignore tests/integration/dbt -m full -n 2 -q
	$(PYTHON) -m pytest tests/services tests/release -m full -q
	OLO_FULL=1 PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test:ui frame

wheels: setup ## The two wheels in dist/, which docker-compose.yml installs
	rm -f dist/olo_*.whl
	cd jobs && $(CURDIR)/$(PYTHON) -m hatchling build --target wheel --directory $(CURDIR)/dist
	SKIP_JUPYTER_BUILDER=1 $(PYTHON) -m hatchling build --target wheel --directory dist

.PHONY: env wheels audit release release-check
env: ## Passwords for docker-compose.yml, drawn at random, into .env
	@python3 scripts/make_env.py

audit: setup ## The pinned packages against the advisories in OLO_ADVISORIES
	$(PYTHON) scripts/audit.py

release: setup ## Tests of what is released and deployed: Compose, wheels, licences
	$(PYTHON) -m pytest tests/release -n 2 -q

release-check: setup ## Build the release in dist/, and refuse one that isn't right
	$(PYTHON) scripts/release_check.py

bench: compiled ## Measure, and write benchmarks/RESULTS.md (ONLY=tpch,… SCALE=10 QUICK=1)
	ONLY="$(ONLY)" SCALE="$(SCALE)" QUICK="$(QUICK)" $(PYTHON) -m benchmarks

clean: ## Remove what was built and the demo
	rm -rf .venv node_modules lib olo_jupyter/labextension $(DEMO)
