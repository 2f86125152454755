# `make demo` and `make test` need python3 (3.10 or later), make, git and a package registry; nothing else is to be
# installed first. Everything goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs-ready
WORKERS ?= 2
DEMO := demo
BENCH := .bench
PLUGINS := $(sort $(wildcard plugins/toil-plugin-*))

.DEFAULT_GOAL := help
.PHONY: help demo test schedulers conformance lint types imports quick docs figure bench chaos clean

help:
	@echo "make demo     set up, then sort a generated file with a workflow"
	@echo "make test     set up, then check style, types and imports, and run the tests, but for these two:"
	@echo "make schedulers  run tests on further schedulers"
	@echo "make conformance  run the standards' tests of CWL runners"
	@echo "make lint     style alone      make types    types alone      make imports   import directions alone"
	@echo "make docs     build the documentation into docs/_build/html"
	@echo "make figure   draw the terminal in the README"
	@echo "make chaos    kill processes at 360 random moments, and restart"
	@echo "make bench    measure speed (benchmarks/README.md)"
	@echo "make clean    remove what the other targets made"

# Some distributions ship a python3 that has no ensurepip, and so cannot make a whole environment: there, virtualenv
# makes it, installed into a directory of its own since such a python3 is not to be changed.
$(READY): pyproject.toml $(PLUGINS:=/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and \
		"Toil needs Python 3.10 or later; make PYTHON=python3.12 names another one.")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) > /dev/null 2>&1 || { rm -rf $(VENV) && \
		$(PYTHON) -m pip install --quiet --target $(VENV)/bootstrap virtualenv && \
		PYTHONPATH=$(VENV)/bootstrap $(PYTHON) -m virtualenv --quiet $(VENV); } || \
		{ echo "$(PYTHON) can make no environment: install its venv module or its pip." >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' $(addprefix --editable ./,$(PLUGINS))
	@touch $@

$(DOCS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,docs]' $(addprefix --editable ./,$(PLUGINS))
	@touch $@

demo: $(READY)
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@$(BIN)/python tests/examples/scripts/make_lines.py $(DEMO)/lines.txt 100000
	@echo "Sorting $(DEMO)/lines.txt, made of 100,000 random lines, in parallel:"
	$(BIN)/toil run tests/examples/scripts/merge_sort.py $(DEMO)/store -- --input $(DEMO)/lines.txt --output $(DEMO)/sorted.txt
	@echo "The first lines of $(DEMO)/sorted.txt:"
	@head -n 3 $(DEMO)/sorted.txt
	@LC_ALL=C sort --check $(DEMO)/sorted.txt && echo "They are in order."

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports --no-logo

quick: lint types imports

# What takes minutes: all of the standards' tests of CWL runners, and schedulers other than Slurm and Grid Engine.
CONFORMANCE := plugins/toil-plugin-cwl/tests/test_cwl_conformance.py
SCHEDULERS := tests/integration $(sort $(wildcard tests/services/test_simulated_*.py)) \
	plugins/toil-plugin-htcondor plugins/toil-plugin-lsf plugins/toil-plugin-parasol plugins/toil-plugin-torque

test: quick
	$(BIN)/pytest -n $(WORKERS) $(addprefix --ignore=,$(CONFORMANCE) $(SCHEDULERS))

schedulers: $(READY)
	$(BIN)/pytest -n $(WORKERS) $(SCHEDULERS)

conformance: $(READY)
	$(BIN)/pytest -n $(WORKERS) $(CONFORMANCE)

chaos: $(READY)
	CHAOS_POINTS=$${CHAOS_POINTS:-120} $(BIN)/pytest -n $(WORKERS) tests/chaos

docs: $(DOCS_READY)
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

# The figure in the README: a run that succeeds, one that fails, and its restart, on a terminal.
figure: $(READY)
	@rm -rf $(DEMO) && mkdir -p $(DEMO) && cp tests/examples/scripts/merge_sort.py $(DEMO)
	@sed 's/  # noqa.*//' tests/examples/scripts/restart.py > $(DEMO)/average.py
	@$(BIN)/python tests/examples/scripts/make_lines.py $(DEMO)/lines.txt 100000
	$(BIN)/python docs/terminal_figure.py docs/demo.svg $(DEMO) \
		'toil run merge_sort.py -- --input lines.txt --output sorted.txt' \
		'toil run average.py store --retryCount 0' \
		'sed -i s/numberz/numbers/ average.py' \
		'toil run average.py store --restart'

# What is compared with, each in an environment of its own.
$(BENCH)/.ready: $(READY)
	$(PYTHON) -m venv $(BENCH)/original
	$(BENCH)/original/bin/pip install --quiet --disable-pip-version-check 'toil==9.6.0'
	$(PYTHON) -m venv $(BENCH)/peers
	$(BENCH)/peers/bin/pip install --quiet --disable-pip-version-check luigi parsl
	@touch $@

bench: $(BENCH)/.ready
	$(BIN)/python benchmarks/run.py --original $(BENCH)/original/bin/python --peers $(BENCH)/peers/bin/python \
		--output benchmarks/results.md

clean:
	rm -rf $(VENV) $(BENCH) $(DEMO) docs/_build build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
