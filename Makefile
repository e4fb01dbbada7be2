# Two commands for a newcomer, `make demo` and `make test`. Each does all of its own set-up.

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# An editable install sees every change to Python files; these are what it was made from.
INSTALLED_FROM := pyproject.toml setup.py $(wildcard vplat/engines/_probe.c)

.PHONY: help demo test lint firmware compilers debugger readers clean
.NOTPARALLEL:

help:
	@echo "make demo      run the attention layer on eight cores and the accelerator"
	@echo "make test      check everything: lint, types, layers, and the whole test suite"
	@echo
	@echo "For developers:"
	@echo "make lint      ruff, mypy and import-linter alone"
	@echo "make firmware  rebuild the firmware and firmware/prebuilt from source"
	@echo "make clean     remove all that these commands have made"

demo: .venv/installed
	$(BIN)/vplat run firmware/prebuilt/attention.elf

test: compilers debugger readers lint
	$(BIN)/pytest -n auto

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

firmware: compilers .venv/installed
	$(MAKE) -C firmware PYTHON=$(CURDIR)/$(BIN)/python

compilers: | $(BIN)/python
	@tools/set-up.sh compilers

debugger readers:
	@tools/set-up.sh $@

$(BIN)/python:
	@tools/set-up.sh venv

.venv/installed: $(INSTALLED_FROM) | $(BIN)/python
	@echo "vplat: installing into .venv" >&2
	@$(PIP) install --editable .
	@touch $@

.venv/installed-dev: $(INSTALLED_FROM) | $(BIN)/python
	@echo "vplat: installing into .venv, with the developers' tools" >&2
	@$(PIP) install --editable '.[dev]'
	@touch .venv/installed $@

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	    .import_linter_cache firmware/build vplat/engines/_probe*.so
	find vplat tests -name __pycache__ -prune -exec rm -rf {} +
