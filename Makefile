# Every task of the project; `make help` lists them. `make run` and `make test` do all set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi

.PHONY: help run test check fmt e2e bench migrate vendor catalogues elastic clean

help: ## list the tasks
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## set up and start the site and its worker (PORT, HOST, DATABASE_URL)
	@$(PYTHON) deploy/run.py

.venv/.run: requirements.lock deploy/bootstrap.py
	@$(PYTHON) deploy/bootstrap.py run

.venv/.dev: requirements-dev.lock deploy/bootstrap.py
	@$(PYTHON) deploy/bootstrap.py dev

test: .venv/.dev ## the whole suite; services this machine lacks are skipped with the reason
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

e2e: .venv/.dev ## only the journeys in Chromium, with pictures of every page in build/screenshots
	KEEP_PICTURES=1 $(BIN)/python -m pytest tests/browser $(ARGS)

check: .venv/.dev ## ruff, mypy, import contracts, templates, catalogues, security lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/bandit -q -r marketplace search_index config.py wsgi.py -c pyproject.toml
	$(FLASK) i18n check

fmt: .venv/.dev ## format the sources and bring the catalogue in line with them
	$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .
	$(FLASK) i18n refresh

elastic: .venv/.dev ## start an Elasticsearch to try (needs Java 17, Maven, unzip) and print the line to export
	@$(BIN)/python -m tests.elastic

bench: .venv/.dev ## measure at scale and print tables
	$(BIN)/python -m tests.bench $(ARGS)

migrate: .venv/.dev ## write the next migration from the models (NAME=0002_words)
	$(FLASK) db revision --autogenerate --rev-id "$(NAME)" -m "$(NAME)"

vendor: ## re-make static/vendor from npm packages (needs npm)
	$(BIN)/python deploy/vendor.py

clean: ## remove the environment and what was built (not your data)
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache
