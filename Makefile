# Two commands matter: `make run` and `make test`. Both install what they need into .venv and node_modules first.
# The locks name everything, so pip resolves nothing (`--no-deps`): what is published later cannot break an install.

SHELL := /bin/sh
BIN := .venv/bin
SUPERVISOR = $(BIN)/python -m server.supervisor
LOCK = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links -q --custom-compile-command "make lock"

.PHONY: run test check migrate backup restore jobs replay lighthouse lock clean help

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

run: .venv/run.stamp node_modules/.stamp ## Bring Huying up: database, web, worker; Ctrl-C stops it (PORT=8123 make run)
	@exec $(SUPERVISOR) run --with-parent

test: .venv/dev.stamp node_modules/.stamp ## Check and test everything against its own database, never var/
	@exec tests/everything

check: .venv/dev.stamp node_modules/.stamp ## Only format, lint, types and the import rule
	@exec tests/check

migrate: .venv/run.stamp ## Bring the database to the tables of this version
	@$(SUPERVISOR) migrate

backup: .venv/run.stamp ## Write database and photos to backups/<time>/ (or TO=folder), counted
	@$(SUPERVISOR) backup $(if $(TO),--to "$(TO)")

restore: .venv/run.stamp ## Bring FROM=backups/<time> into an empty database and store, and compare
	@test -n "$(FROM)" || { echo "Say which backup: make restore FROM=backups/<time>"; exit 1; }
	@$(SUPERVISOR) restore "$(FROM)"

jobs: .venv/run.stamp ## List jobs that failed for good (RETRY="12 13" tries them again)
	@$(SUPERVISOR) jobs $(RETRY)

replay: .venv/run.stamp ## Send real messages through the verbs in a database of its own, and review (FILE=…)
	@$(BIN)/python -m server.demo.replay "$(or $(FILE),../shared/data/messages_with_replies.csv)"

lighthouse: .venv/run.stamp node_modules/.stamp tools/lighthouse/node_modules/.stamp ## Ask Lighthouse about a resident's first pages (PORT=… of a running server, RUNS=3)
	@$(BIN)/python -m bench.lighthouse

lock: .venv/dev.stamp ## Renew requirements/ from pyproject.toml
	@$(BIN)/python -m pip install -q "uv>=0.9"
	@$(LOCK) --extra dev -o requirements/dev.txt
	@$(LOCK) --no-annotate -c requirements/dev.txt -o requirements/run.txt

clean: ## Remove what was installed and cached; var/ and backups/ stay
	rm -rf .venv node_modules tools/lighthouse/node_modules .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made.stamp:
	@tests/tools/python
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.txt
	@echo "Installing Python packages (requirements/run.txt)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt
	@touch $@

.venv/dev.stamp: .venv/made.stamp requirements/dev.txt
	@echo "Installing Python packages (requirements/dev.txt)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

node_modules/.stamp: package.json package-lock.json
	@tests/tools/node
	@echo "Installing browser libraries (package-lock.json)"
	@npm ci --silent --no-audit --no-fund
	@touch $@

tools/lighthouse/node_modules/.stamp: tools/lighthouse/package.json tools/lighthouse/package-lock.json
	@tests/tools/node
	@echo "Installing Lighthouse (tools/lighthouse/package-lock.json)"
	@cd tools/lighthouse && npm ci --silent --no-audit --no-fund
	@touch $@
