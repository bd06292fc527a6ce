# Headroom. `make` lists what can be done; `make run` and `make test` prepare all that they need.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The locks are complete: nothing is resolved at install time, and every file is checked by its hash.
INSTALL := $(PIP) install --no-deps --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/installed ## Set up everything and open the app on the generated sample
	$(BIN)/headroom app

.PHONY: test
test: browser lint ## Set up everything, check the code and run all tests but Spark's
	$(BIN)/python -m pytest -n 2

.PHONY: lint
lint: $(VENV)/installed ## Check style, format, types and translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m docs.translations --check

.PHONY: test-spark
test-spark: $(VENV)/installed-spark ## Run the tests that need Spark (Java is installed if missing)
	@.ci/have java || .ci/apt-install "Java 17 or newer" default-jre-headless
	$(BIN)/python -m pytest -m spark

.PHONY: bench
bench: $(VENV)/installed ## Measure against what a user would do instead
	$(BIN)/python -m benchmarks

.PHONY: sample
sample: $(VENV)/installed ## Generate the sample portfolios again
	$(BIN)/python -m sample_data.generate
	$(BIN)/python -m sample_data.plus

.PHONY: docs
docs: $(VENV)/installed ## Build the site of documents, with a reference of the code, in build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --config-file docs/site/mkdocs.yml

.PHONY: dist
dist: $(VENV)/installed ## Build the source archive and the wheel in dist
	rm -rf build/lib build/bdist.* dist
	$(BIN)/uv build --quiet --no-build-isolation --offline --python $(BIN)/python

.PHONY: hooks
hooks: $(VENV)/installed ## Check style, format and types before every commit from now on
	$(BIN)/pre-commit install

.PHONY: messages
messages: $(VENV)/installed ## Take the translations along with the texts of the code, and compile them
	$(BIN)/python -m docs.translations

.PHONY: documents
documents: $(VENV)/installed ## Write the documents that come from the code again
	$(BIN)/python -m docs.writer

.PHONY: lock
lock: $(VENV)/installed ## Write the requirements files again (UPGRADE=1 takes the newest versions)
	$(COMPILE) pyproject.toml --extra build --extra dev --extra docs --extra postgres \
		--output-file requirements.txt
	$(COMPILE) pyproject.toml --extra build --extra postgres --constraint requirements.txt \
		--output-file requirements-app.txt
	$(BIN)/python -c 'import tomllib; \
		project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print("\n".join(project["optional-dependencies"]["spark"]))' \
		| $(COMPILE) - --constraint requirements.txt --output-file requirements-spark.txt

.PHONY: clean
clean: ## Remove the environment, caches and what tests left
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: browser
browser:
	@.ci/have chromium chromium-browser google-chrome google-chrome-stable \
		|| .ci/apt-install "Chromium (for the browser tests)" chromium fonts-liberation

$(VENV)/bin/python:
	@.ci/have $(PYTHON) || { echo "Headroom needs Python 3.11 or newer: $(PYTHON) was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Headroom needs Python 3.11 or newer: set it with make PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| .ci/apt-install "Python's venv module" python3-venv
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked packages (about a minute, once) ..."
	@$(INSTALL) -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-spark: requirements-spark.txt $(VENV)/installed
	@$(INSTALL) -r requirements-spark.txt
	@touch $@
