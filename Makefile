# Two commands are all a newcomer needs: `make run` and `make test`. Both install what is missing and can be repeated.
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
PYTEST := $(BIN)/pytest --numprocesses 4 --dist loadfile --continue-on-collection-errors

.PHONY: setup setup-test run test test-deep lint bench fmt messages

setup:
	@.ci/setup run

setup-test:
	@.ci/setup test

run: setup
	@$(FLASK) db upgrade
	@$(FLASK) demo load
	@$(FLASK) people setup --if-needed
	@exec $(BIN)/gunicorn --config gunicorn.conf.py wsgi:app

test: setup-test lint
	HYPOTHESIS_PROFILE=ci $(PYTEST)

test-deep: setup-test lint
	HYPOTHESIS_PROFILE=deep $(PYTEST)

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup-test
	@$(BIN)/python -m tests.bench

fmt: setup-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Collect the texts of code (errors among them) and templates into the catalogues; then translate what is new.
messages: setup-test
	$(BIN)/pybabel --quiet extract --mapping babel.cfg $$($(BIN)/python -m tests.support.keywords) --sort-by-file --no-wrap \
		--project Shanliu --output ledger/translations/messages.pot ledger templates
	$(BIN)/pybabel --quiet update --input-file ledger/translations/messages.pot \
		--output-dir ledger/translations --no-wrap --no-fuzzy-matching
