# Hailong. `make` alone lists what can be made.
.DEFAULT_GOAL := help
.PHONY: help env demo serve test check bench load fuzz simulate faults docs lock browser java clean

PYTHON ?= python3
DATA ?= var/demo
BIN := .venv/bin
INSTALL_SELF = $(BIN)/pip install --no-deps --no-build-isolation -e . --config-settings editable_mode=compat
export HAILONG_DATA := $(DATA)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What is compiled once is kept: collecting the tests again takes half the time.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 10

demo: .venv/run.stamp ## One round of a province, from nothing to the published result (var/demo).
	@$(BIN)/hailong demo --data $(DATA)

serve: .venv/run.stamp ## Serve that round; a phone on the same network can scan its QR codes.
	@$(BIN)/hailong serve

test: .venv/dev.stamp browser ## Run the tests, with a real PostgreSQL and a real browser.
	@$(BIN)/python -m pytest -n 3 --dist loadgroup

spark: .venv-spark/dev.stamp ## Run the tests on Spark (400 MB, own environment, Java 17).
	@.venv-spark/bin/python -m pytest -n 0 -m spark tests/analysis/test_spark.py

check: .venv/dev.stamp browser ## Format, lint, types, contracts, tests.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@HAILONG_BROWSER=chromium $(BIN)/python -m pytest -n 3 --dist loadgroup -m "long or not long"

fuzz: .venv/dev.stamp ## Look for input that breaks a parser or the application, for minutes.
	@$(BIN)/python -m pytest -n 2 --hypothesis-profile=searching tests/hostile/test_fuzz.py tests/hostile/test_openapi.py
	@if $(BIN)/python -c 'import atheris' 2>/dev/null; then \
	  for parser in table workbook sheet document questionnaire xlsform design frame code sealed answers; do \
	    $(BIN)/python tools/fuzz_parsers.py $$parser -max_total_time=60 -max_len=4096 || exit 1; \
	  done; \
	else echo "atheris is not installed: no coverage-guided fuzzing."; fi
	@$(BIN)/python -W ignore tools/try_addresses.py

bench: .venv/dev.stamp browser ## Measure what the README and docs claim, and print it.
	@$(BIN)/python -m bench

load: .venv/dev.stamp ## Load the servers as a province and a country would (15 minutes; SHORT=1 tries it).
	@timeout 1200 $(BIN)/python -W ignore -m bench.loads $(PART) $(if $(SHORT),--short)

simulate: .venv/dev.stamp ## Repeat samples of synthetic persons and print how well designs hold.
	@$(BIN)/python -m pytest tests -m slow -s -n 0

faults: .venv/dev.stamp browser ## Kill, cut, fill and overload the servers and print what was lost (45 minutes at most).
	@timeout 2700 $(BIN)/python -m pytest -n 0 -s -m "faults or not faults" tests/faults \
	  tests/hostile/test_limits.py tests/journeys/test_phone.py -k "not test_phone or offline_3_hours"

docs: .venv/dev.stamp ## Build the documentation (site/).
	@$(BIN)/mkdocs build --strict --quiet

env: .venv/dev.stamp ## Make the environment with all that tests and linters need.

lock: .venv/dev.stamp ## Lock every version with its hashes anew.
	@$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --build-deps-for wheel \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock pyproject.toml
	@$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --build-deps-for wheel \
	  --no-emit-index-url --no-emit-find-links --no-header --extra dev -c requirements.lock \
	  -o requirements-dev.lock pyproject.toml
	@$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --build-deps-for wheel \
	  --no-emit-index-url --no-emit-find-links --no-header --extra dev --extra spark \
	  -c requirements-dev.lock -o requirements-spark.lock pyproject.toml

clean: ## Remove the environment, the demonstration and everything else that was made.
	@rm -rf .venv .venv-spark var site build *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -y -q python3-venv; \
	  else echo "Run first: sudo apt-get install python3-venv"; exit 1; fi; }
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@test -e .venv/dev.stamp || $(BIN)/pip install -q --require-hashes -r requirements.lock
	@$(INSTALL_SELF) > .venv/install.log 2>&1 || { cat .venv/install.log; exit 1; }
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	@$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	@$(INSTALL_SELF) > .venv/install.log 2>&1 || { cat .venv/install.log; exit 1; }
	@touch $@

.venv-spark/dev.stamp: requirements-spark.lock pyproject.toml | .venv/bin/python java
	@test -e .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/pip install -q --require-hashes -r requirements-spark.lock
	@$(subst $(BIN),.venv-spark/bin,$(INSTALL_SELF)) > .venv-spark/install.log 2>&1 \
	  || { cat .venv-spark/install.log; exit 1; }
	@touch $@

java:
	@command -v java >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -y -q openjdk-17-jre-headless; \
	  else echo "Run first: sudo apt-get install openjdk-17-jre-headless"; exit 1; fi; }

# The shell is the same engine without the windows around it: a page costs half.
browser:
	@command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then \
	    apt-get update -q && apt-get install -y -q chromium chromium-headless-shell; \
	  fi; command -v chromium >/dev/null || { \
	    echo "Run first: sudo apt-get install chromium chromium-headless-shell"; exit 1; }; }
