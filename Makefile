# Learning Hub. `make help` explains every target.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 3000
ARGS ?=
BIN := .venv/bin

.PHONY: help run fleet fleet-restart test search faults faults-quick check k8s-check image-check fix lock migrate messages compile openapi readme shell clean-data clean infra-check

help: ## Say what each target does.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed-local compile ## Start everything on http://127.0.0.1:3000 (HOST=, PORT=); Ctrl-C stops it.
	@exec $(BIN)/python -m scripts.run --host "$(HOST)" --port "$(PORT)" --starter $$PPID

fleet: .venv/installed-local compile ## Start it as a process for each service and queue, on PostgreSQL, Redis and RabbitMQ; Ctrl-C stops it.
	@exec $(BIN)/python -m scripts.fleet --host "$(HOST)" --starter $$PPID

fleet-restart: ## Restart one process of the running fleet: NAME=course-service; without NAME, list them.
	@exec $(BIN)/python -m scripts.fleet --restart "$(NAME)"

test: .venv/installed-test compile ## Run the tests; ARGS="tests/courses -k publish" narrows them.
	@exec $(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

search: .venv/installed-test compile ## Let the tests that try at random try twenty times as much.
	@exec $(BIN)/python -m pytest --numprocesses 3 --dist loadfile -m hypothesis --search 20 $(ARGS)

faults: .venv/installed-test compile ## Hurt a fleet in every way, under three seeds, and look what is lost; ARGS="--only F3,F6 --seeds 1".
	@exec $(BIN)/python -m tests.faults.run $(ARGS)

faults-quick: .venv/installed-test compile ## The faults that CI tries, in four minutes.
	@exec $(BIN)/python -m tests.faults.run --quick $(ARGS)

check: .venv/installed-dev ## Lint, types, import contracts, migrations, OpenAPI document.
	@exec $(BIN)/python -m scripts.check

k8s-check: k8s/.venv/installed infra/cdk/.venv-checkov/installed ## Render the manifests of k8s/ and hold them against registry, schemas and policies; offline once installed.
	@exec $(BIN)/python -m scripts.k8s_check

image-check: ## Build the image and run it by compose on a real Docker engine, through nginx, gateway and services; ARGS=--journey runs fewer.
	@exec $(PYTHON) -m scripts.image $(ARGS)

fix: .venv/installed-dev ## Let ruff sort, format and mend what it can.
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

migrate: .venv/installed-local ## Migrate the database that DATABASE_URL names, or the running embedded one.
	@exec $(BIN)/python manage.py migrate

shell: .venv/installed-local ## A Django shell on that database.
	@exec $(BIN)/python manage.py shell

openapi: .venv/installed-dev ## Write openapi.yaml from the views.
	@exec $(BIN)/python manage.py spectacular --validate --fail-on-warn --file openapi.yaml

readme: .venv/installed-local ## Write the README's table of settings from config/env.py.
	@exec $(BIN)/python -m scripts.readme

messages: .venv/installed-local ## Collect what is to be translated into the .po files (needs gettext), and compile them.
	@exec $(BIN)/python manage.py makemessages --all --no-location --extension=html,mjml,py,txt --ignore='.venv/*' --ignore='var/*'
	@exec $(BIN)/python -m scripts.compile_messages

compile: .venv/bin/python ## Compile the translations that have changed; `run` and `test` do it by themselves.
	@exec $(BIN)/python -m scripts.compile_messages

lock: .venv/installed-dev ## Write requirements/*.txt from the *.in files; ARGS=--upgrade moves the open ones.
	@cd requirements && for set in base local test dev production; do \
		echo "requirements/$$set.txt"; \
		../$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command 'make lock' $(ARGS) $$set.in --output-file $$set.txt; \
	done
	@$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' $(ARGS) k8s/requirements.in --output-file k8s/requirements.txt
	@cd infra/cdk && for set in requirements checkov; do \
		echo "infra/cdk/$$set.txt"; \
		../../$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command 'make lock' $(ARGS) $$set.in --output-file $$set.txt; \
	done

infra-check: infra/cdk/.venv/installed infra/cdk/.venv-checkov/installed ## AWS: synthesise, test and lint the stacks, offline.
	@exec infra/cdk/.venv/bin/python infra/cdk/check.py

clean-data: ## Delete the embedded database and all else under var/. There is no way back.
	@$(PYTHON) -m scripts.clean_data

clean: ## Delete the virtualenv and the caches, not the data.
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Learning Hub needs Python 3.11 or newer: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)'; exit 1; }
	@echo 'Making .venv'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'No venv module: on Debian and Ubuntu, apt-get install python3-venv'; exit 1; }

# One stamp per set: a second `make run` installs nothing. test includes local, dev includes test.
.venv/installed-%: requirements/%.txt | .venv/bin/python
	@echo 'Installing requirements/$*.txt (by hash)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
	@case $* in dev) touch .venv/installed-test .venv/installed-local;; test) touch .venv/installed-local;; esac

# Tools that read stacks and manifests have environments of their own: CDK with Node, and checkov, whose pins fit nothing else.
infra/cdk/.venv/installed: infra/cdk/requirements.txt
infra/cdk/.venv-checkov/installed: infra/cdk/checkov.txt
k8s/.venv/installed: k8s/requirements.txt
infra/cdk/.venv/installed infra/cdk/.venv-checkov/installed k8s/.venv/installed: | .venv/installed-dev
	@echo 'Installing $< into $(@D) (by hash)'
	@$(BIN)/uv venv --quiet --no-config --clear $(@D)
	@$(BIN)/uv pip install --quiet --no-config --python $(@D)/bin/python --require-hashes --requirement $<
	@touch $@
