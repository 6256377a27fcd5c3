# The repository's commands. `make help` lists them; each is a line that can be typed by hand too.
PYTHON ?= python3
BIN := .venv/bin
DIR ?= html
PORT ?= 8000

.PHONY: help install demo test test-all site serve check bench bench-peers lint docs world faults mutants lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: .venv/installed ## the environment alone: .venv/bin/review

.venv/installed: lock/build.txt lock/all.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "1 of 4: an environment of its own, in .venv; nothing outside this folder is changed"
	@$(PYTHON) -m venv .venv
	@echo "2 of 4: what builds packages, from PyPI, each compared with its hash in lock/build.txt"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/build.txt
	@echo "3 of 4: $$(grep -c '^[a-z0-9].*==' lock/all.txt) packages of lock/all.txt likewise: some minutes, once"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r lock/all.txt
	@echo "4 of 4: the command itself: .venv/bin/review"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: install ## the monthly update on a fictional review, its site in build/demo/html
	$(BIN)/python -m review.demo

test: install ## the test suite: every fault once, samples of the matrices
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not whole"

test-all: install .venv/linters .venv-asreview/installed ## the rest: whole matrices, kills at every write, the large samples, ASReview itself
	$(BIN)/python -m pytest -n 2 --dist worksteal -m whole

site: install ## the review's own site, into build/html
	$(BIN)/review publish

serve: install ## look at a built site: make serve, or DIR=demo/html
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/$(DIR) $(PORT)

check: install ## all problems of the review's files
	$(BIN)/review check

bench: install ## slow measurements, into build/bench.json
	$(BIN)/python tests/bench.py

bench-peers: install .venv-peers/installed ## bib-dedupe beside ours on the same sets (slow; optional)
	.venv-peers/bin/python -m tests.dedupe_peer

.venv-asreview/installed: lock/asreview.txt
	$(PYTHON) -m venv .venv-asreview
	.venv-asreview/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/asreview.txt
	@touch $@

.venv-peers/installed: lock/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/peers.txt
	@touch $@

faults: install ## every fault and kill of the monthly update, as a matrix (some minutes)
	$(BIN)/python -m tests.faults

mutants: install ## the product with one fault each: which of them no test sees (half an hour at most)
	$(BIN)/python -m tests.mutants

lint: install .venv/linters ## ruff, mypy --strict, codespell; shellcheck, actionlint, zizmor where installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	bash .ci/lint-workflows

.venv/linters: lock/lint.txt .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/lint.txt || echo "zizmor can't be installed on this machine: workflows are linted without it"
	@touch $@

docs: install ## regenerate docs/data.md and docs/schema from the models
	$(BIN)/python -m review.files.reference

world: install ## regenerate the demonstration's PubMed world
	$(BIN)/python demo/make_world.py

lock: ## renew the locked dependencies (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" lock/build.in -o lock/build.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --extra dev -o lock/all.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" lock/peers.in -o lock/peers.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" lock/lint.in -o lock/lint.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" -c lock/all.txt lock/zensical.in -o lock/zensical.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" lock/asreview.in -o lock/asreview.txt

clean: ## remove what was built
	rm -rf build
