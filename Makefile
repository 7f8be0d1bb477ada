# Goodword's commands. Variables: PYTHON (the Python that makes .venv), ARGS (handed on).
PYTHON ?= python3
ARGS ?=

# A virtual environment holds absolute paths, so a folder that was moved needs a new one.
ifneq ($(file < .venv/where),$(CURDIR))
RENEW := renew
endif
BIN := .venv/bin
TOOLS := $(BIN)/python -m tools

.PHONY: run test quick faults bench lint shots messages lock clean renew help
.DEFAULT_GOAL := help

help:
	@echo "make run     installs Goodword here and serves the demo on 127.0.0.1:8000"
	@echo "make test    runs every test and check, and fetches what they need"
	@echo "make quick   runs the tests on SQLite, without browser and mail servers"
	@echo "make faults  pulls the plug 300 times, sends 10,000 mails: an hour; ARGS=--kills=20"
	@echo "make bench   measures all of it, a quarter of an hour; ARGS='mixed --cases 1000'"
	@echo "make lint    runs ruff, mypy and import-linter"
	@echo "make shots   writes pictures of every screen to shots/"
	@echo "make messages  gathers the words for the translations and compiles them"
	@echo "make lock    writes constraints.txt anew"
	@echo "make clean   removes what these commands made, but never ./data"

run: .venv/installed
	@exec $(BIN)/goodword demo $(ARGS)

test: .venv/installed-dev
	@$(TOOLS).needs
	@$(TOOLS).suite $(if $(WHOLE),--whole) -- $(ARGS)

quick: .venv/installed-dev
	@$(TOOLS).suite --quick -- $(ARGS)

faults: .venv/installed-dev
	@$(TOOLS).needs
	@$(TOOLS).suite --faults -- $(ARGS)

bench: .venv/installed-dev
	@$(TOOLS).needs
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m bench $(ARGS)

lint: .venv/installed-dev
	@$(TOOLS).suite --lint

shots: .venv/installed-dev
	@$(TOOLS).needs chromium
	@$(TOOLS).shots $(ARGS)

messages: .venv/installed-dev
	@$(TOOLS).messages

lock:
	@sh tools/lock.sh "$(PYTHON)"

clean:
	rm -rf .venv .tools build dist shots .mypy_cache .ruff_cache .pytest_cache
	rm -rf .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

renew:

.venv/installed: pyproject.toml constraints.txt $(RENEW)
	@sh tools/environment.sh "$(PYTHON)" . $@

.venv/installed-dev: .venv/installed
	@sh tools/environment.sh "$(PYTHON)" ".[dev]" $@
