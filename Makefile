# One command each; `make` alone lists them. Needs Python 3.11+ (3.13 preferred) and the package registries.
PY = .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup up story story-all down lint unit e2e openapi asyncapi connector test soak bench clean

help: ## list the commands
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F '\t' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: ## install uv, the locked environments, node and the CDK CLI (again only what changed)
	@sh infra/local/setup.sh

up: setup ## run renkei on this machine, play the story, wait; Ctrl-C stops it
	@$(PY) -m infra.local.up

story: setup ## play the story again, with a new person, against what `make up` runs
	@$(PY) -m infra.local.replay

story-all: setup ## a delivery of every platform there is, and where it is seen, against what `make up` runs
	@$(PY) -m infra.local.story_all

down: setup ## stop what an interrupted `make up` left running
	@$(PY) -m infra.local.down

lint: setup ## ruff, mypy, import rules, OpenAPI and AsyncAPI documents
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	@$(MAKE) --no-print-directory openapi asyncapi

openapi: setup ## check that the OpenAPI document in the repository is what the code serves
	@$(PY) -m api.openapi --check

asyncapi: setup ## check that the AsyncAPI document in the repository is what the code publishes
	@$(PY) -m hub.asyncapi --check

unit: setup ## the fast tests
	$(PY) -m pytest -q tests/unit tests/contracts

e2e: setup ## the story, asserted, on a stack of its own
	$(PY) -m pytest tests/e2e

connector: setup ## a new connector's folder, and what it still owes: NAME=acme KIND=crm
	@PYTHONPATH=functions $(PY) -m hub.new_connector $(NAME) $(KIND)

test: lint ## everything that CI runs
	$(PY) -m pytest tests/e2e
	$(PY) -m pytest -n 2 --dist loadfile --ignore=tests/e2e

soak: setup ## 10,000 deliveries with faults, 100,000 mutants (15 min at most), a town of 10,000; figures in build/soak.json
	$(PY) -m tests.benchmarks.soak

bench: setup ## cost and speed; figures in build/bench.json
	$(PY) -m tests.benchmarks.bench

clean: ## remove everything built (the environments too)
	rm -rf build cdk.out .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
