# make run    install, then run the validator with a local subnet of its own: twelve forwards, weights, an epoch that pays
# make test   install, then everything that must hold
# make        what there is

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
V10 := .venv-v10
FORWARDS ?= 12
MINUTES ?= 30
SEED ?= 1
SEEDS ?= 1-10000
PROCESSES ?= 2

.PHONY: help install run test check unit simulation mutation bench faults models diagram clean

help:
	@sed -n 's/^# make/make/p' Makefile

# make install   make .venv alone
install: $(VENV)/installed

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
		|| { echo "error: Python 3.11 to 3.14 is needed: make install PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# make .venv-v10/installed   the SDK of the deployed fleet, which needs an environment of its own; only tests speak to it
$(V10)/installed: tests/interop/requirements.txt | $(VENV)/installed
	$(BIN)/python -m venv $(V10)
	$(V10)/bin/python -m pip install --quiet --requirement tests/interop/requirements.txt
	@touch $@

run: install
	$(BIN)/python -m cmd.validator --neuron.max_forwards $(FORWARDS)

test: check unit

# make check   style, types and the direction of imports
check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

# make unit    the tests: the core with every branch of it covered, all the rest, and five hundred simulated worlds
unit: install $(V10)/installed
	$(BIN)/python -m pytest tests/core tests/scenarios --cov=core --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100
	$(BIN)/python -m pytest --ignore=tests/core --ignore=tests/scenarios
	$(BIN)/python -m tests.simulation --seeds 1-500 --forwards 20 --jobs $(PROCESSES)

# make simulation  a night's work: ten thousand simulated worlds of two hundred forwards each, and the planted bugs (SEEDS=1-500 for less)
simulation: install
	mkdir -p runs
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --forwards 200 --jobs $(PROCESSES) --json runs/simulation.json
	$(BIN)/python -m tests.simulation.planted --jobs $(PROCESSES) --json runs/planted.json

# make mutation  change the core in some three thousand ways, one at a time: do the tests notice? (a quarter of an hour; PROCESSES=1 to leave a core free)
mutation: install
	$(BIN)/python -m tests.mutation --processes $(PROCESSES)

# make bench   what batching gains: each part of the reward stack beside a plain loop (BENCH="--only dpo --runs 3" for less); what a day's journal costs; what a call costs, beside the SDK 10's dendrite; what a flood does to an axon; what an epoch of Yuma Consensus takes; what a day takes the core
bench: install $(V10)/installed
	$(BIN)/python -m tests.bench.scoring $(BENCH)
	$(BIN)/python -m tests.bench.journal
	$(BIN)/python -m tests.bench.dendrite
	$(BIN)/python -m tests.bench.axon
	$(BIN)/python -m tests.bench.yuma
	$(BIN)/python -m tests.bench.subnet_day

# make faults  a validator through half an hour of a chain that fails at random, audited (MINUTES=5 SEED=2 for another)
faults: install
	$(BIN)/python -m tests.faults --minutes $(MINUTES) --seed $(SEED)

# make models  make the shipped models anew from the corpus
models: install
	$(BIN)/python -m adapters.scoring.embedded.make

clean:
	rm -rf $(VENV) $(V10) runs mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
