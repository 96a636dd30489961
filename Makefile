# Cairn: `make run` starts it, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
DATA ?= .cairn
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run distributed test test-fast lint format bench chaos lock contracts clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cairn needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make a virtual environment (on Debian: apt-get install python3-venv)."; exit 1; }

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## Cairn on http://127.0.0.1:8080 with a sample organisation, data kept in .cairn
	@exec $(BIN)/python -m cairn up --sample --data $(DATA) --port $(PORT)

distributed: $(VENV)/.dev ## the services of docker-compose.yml as processes here: Kafka, PostgreSQL, nginx, Prometheus
	@exec $(BIN)/python -m deploy.local --profile observability $(ARGS)

test: $(VENV)/.dev ## everything, with a real Kafka and PostgreSQL where they can be had
	@sh deploy/kafka/fetch.sh || true
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

test-fast: $(VENV)/.dev ## only what needs neither Kafka nor PostgreSQL
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "not kafka and not postgres and not slow" $(ARGS)

lint: $(VENV)/.dev ## style, types, architecture, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m cairn contracts check

format: $(VENV)/.dev ## let ruff arrange the code
	$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

bench: $(VENV)/.dev ## measure, side by side with yardsticks
	@sh deploy/kafka/fetch.sh || true
	$(BIN)/python -m benchmarks $(ARGS)

chaos: $(VENV)/.dev ## use and break a distributed Cairn at once, then check the invariants (ARGS="--seed 1" or --mutants)
	@sh deploy/kafka/fetch.sh
	$(BIN)/python -m tests.chaos $(ARGS)

contracts: $(VENV)/.dev ## write the generated schemas and documents anew
	$(BIN)/python -m cairn contracts write

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes -q pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what was built, not the data
	rm -rf $(VENV) .build .pytest_cache .mypy_cache .ruff_cache .hypothesis
