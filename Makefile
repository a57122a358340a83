# Everything that a developer or CI runs. `make up` is all that a user needs.
#
# PYTHON may name another interpreter, 3.11 or newer; OPENAI_PYTHON, ANTHROPIC_PYTHON and BYTEPLUS_PYTHON
# other unpacked source distributions of the vendors' SDKs than those that are had by themselves;
# VOLCENGINE_PYTHON a checkout of theirs, whose distribution has no examples; DBOS a `dbos` to be
# measured beside ours, and TRANSFORMERS and VLLM interpreters that have those.

PYTHON ?= python3
DBOS ?= dbos
TRANSFORMERS ?=
VLLM ?=
VENV := .venv
BIN := $(VENV)/bin
OPENAI_PYTHON ?= $(VENV)/suites/openai
ANTHROPIC_PYTHON ?= $(VENV)/suites/anthropic
BYTEPLUS_PYTHON ?= $(VENV)/suites/byteplus
VOLCENGINE_PYTHON ?=
# What is compiled is kept, whatever the shell says: each run of the tests would compile them anew.
RUN := PYTHONDONTWRITEBYTECODE= $(BIN)/python -W error::SyntaxWarning
LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --upgrade
export UV_CACHE_DIR := $(abspath $(VENV))/cache
SOURCES := src tests tools

.PHONY: up down test test-fast check format shape docs art bench conformance lock clean help

help:  ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

up: $(VENV)/runtime $(VENV)/fonts  ## Set up, bring the starter model, start server and worker, say how to use it
	@$(BIN)/seedbed up

down:  ## Stop the server and the workers
	@$(BIN)/seedbed down

# The slow tests of these measure, kill, and wait for what others would hold up: they have the machine
# for themselves. The others only take long.
ALONE := tests/bench tests/jobs tests/serving tests/store \
  $(filter-out %/test_description.py,$(wildcard tests/stories/test_*.py))
PARALLEL := COVERAGE_PROCESS_START=$(abspath pyproject.toml) $(RUN) -m pytest -q -n auto

test: $(VENV)/dev $(VENV)/older $(VENV)/system  ## Run every test, slow ones included, and hold coverage to its marks
	$(RUN) -m coverage erase
	$(PARALLEL) -m "not slow"
	$(PARALLEL) -m slow --dist loadfile $(ALONE:%=--ignore=%)
	$(RUN) -m coverage run -m pytest -q -m slow $(ALONE)
	$(RUN) -m coverage combine -q
	$(RUN) tools/cover.py

# Left out are the doors and commands, a third of all tests, but for what each door answers as it was
# recorded; what measures, draws, or calls through the vendors' clients, which take a while to be imported.
LEFT := tests/__% tests/api tests/bench tests/cli tests/house tests/stories
FAST := $(filter-out $(LEFT),$(wildcard tests/*)) tests/api/test_recorded.py --ignore=tests/engines/drafting

test-fast: $(VENV)/dev  ## Run the fast tests of all below the doors, and a few of each door, in half a minute
	$(RUN) -m pytest -q -m "not slow" -n auto --hypothesis-profile=fast $(FAST)

check: $(VENV)/dev  ## Format, lint, types, floors, docs, changelog
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports --no-cache
	$(RUN) tools/docs.py --check
	$(BIN)/towncrier build --draft --version next > /dev/null

format: $(VENV)/dev  ## Format and mend what can be mended
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

shape: $(VENV)/dev  ## Print the longest files and functions, import loops and suppressions
	$(RUN) tools/shape.py

docs: $(VENV)/dev  ## Write the generated parts of the reference
	$(RUN) tools/docs.py

art: $(VENV)/dev  ## Make the drawing engine's pictures and words anew, from packages of npm's
	PYTHONPATH=tools $(RUN) -m art $(VENV)/art
	$(RUN) tools/drawn.py

bench: $(VENV)/dev $(VENV)/system  ## Measure anew what the docs print; takes minutes on a quiet machine
	$(BIN)/seedbed bench engines --json benchmarks/engines.json
	$(BIN)/seedbed bench gateway --json benchmarks/gateway.json
	$(BIN)/seedbed bench doors --json benchmarks/doors.json
	$(RUN) tools/beside_postgresql.py $(BIN)/seedbed bench jobs --postgresql {} --dbos "$(DBOS)" \
	  --json benchmarks/jobs.json
	$(BIN)/seedbed bench media --json benchmarks/media.json
	$(BIN)/seedbed bench serving $(if $(TRANSFORMERS),--transformers "$(TRANSFORMERS)") \
	  $(if $(VLLM),--vllm "$(VLLM)") --json benchmarks/serving.json
	$(MAKE) docs

conformance: $(VENV)/kit $(VENV)/suites  ## Call every method of the vendors' SDKs, and run their own tests and examples
	PYTHONPATH=tools $(RUN) -m conformance --openai "$(OPENAI_PYTHON)" \
	  --anthropic "$(ANTHROPIC_PYTHON)" --byteplus "$(BYTEPLUS_PYTHON)" \
	  $(if $(VOLCENGINE_PYTHON),--volcengine "$(VOLCENGINE_PYTHON)") --json benchmarks/conformance.json
	$(MAKE) docs

lock: $(VENV)/uv  ## Compile the locks anew from pyproject.toml, and of what is named below
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	@echo $(OLDER) | tr ' ' '\n' | $(LOCK) --no-deps - -o requirements-older.lock
	@echo $(KIT) | tr ' ' '\n' | $(LOCK) --no-deps - -o requirements-kit.lock

clean:  ## Take the environment away; what lies in SEEDBED_HOME stays
	rm -rf $(VENV)

# The environment grows by three marks: uv, what runs, what develops. Each is made again only when
# the file it depends on has changed.

$(VENV)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Seedbed needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
	    "Name another with: make PYTHON=python3.12 up"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python has no venv module here. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing uv"
	@$(BIN)/python -m pip install --quiet --no-cache-dir --disable-pip-version-check "uv>=0.9"
	@touch $@

$(VENV)/runtime: $(VENV)/uv requirements.lock pyproject.toml
	@echo "Installing what Seedbed runs on"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

# Programs of the system's that tests look through or start, each with what brings it; named here,
# so that a new machine has them. Debian keeps those of PostgreSQL away from the PATH.
SYSTEM := strace:strace initdb:postgresql

# Letters for pictures and films. Without them the house runs, and refuses texts by the script.
$(VENV)/fonts: $(VENV)/uv
	@ls /usr/share/fonts/*/noto/NotoSansCJK-Regular.ttc > /dev/null 2>&1 || \
	  { echo "Installing fonts" && apt-get update -qq && \
	    apt-get install -y -qq fonts-noto-cjk fonts-noto-core > /dev/null; } || \
	  echo "For texts in pictures install Noto Sans and Noto Sans CJK, as your system calls them."
	@touch $@

$(VENV)/system: $(VENV)/uv $(VENV)/fonts Makefile
	@PATH="$$PATH:$$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"; \
	  for each in $(SYSTEM); do \
	    command -v $${each%:*} > /dev/null || missing="$$missing $${each#*:}"; done; \
	  test -z "$$missing" || { echo "Installing$$missing"; \
	    apt-get update -qq && apt-get install -y -qq $$missing > /dev/null; } || \
	  { echo "The tests need$$missing; install what your system calls them."; exit 1; }
	@touch $@

# The generation of the SDKs before this one, what the vendors' own tests need, and those tests and
# examples.
# `--no-deps`: what is here already is not put beside itself.
OLDER := anthropic==0.121.0 openai==2.54.0 distro
KIT := aiohappyeyeballs aiohttp aiosignal asttokens dirty-equals executing frozenlist http-snapshot \
  httpx-aiohttp inline-snapshot multidict propcache pytest-asyncio respx yarl

$(VENV)/older $(VENV)/kit: $(VENV)/%: requirements-%.lock $(VENV)/dev
	@rm -rf $@ $@.new
	@$(BIN)/uv pip install --quiet --no-deps --require-hashes --target $@.new -r $<
	@mv $@.new $@

$(VENV)/suites: requirements-dev.lock $(VENV)/dev
	@echo "Fetching the vendors' own tests and examples"
	@rm -rf $@ $@.new && mkdir -p $@.new/openai $@.new/anthropic $@.new/byteplus
	@awk '/^[a-z]/ { wanted = /^(openai|anthropic|byteplus-python-sdk-v2)==/ } wanted' $< \
	  > $@.new/wanted.txt
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
	  --require-hashes --dest $@.new -r $@.new/wanted.txt
	@for each in openai anthropic byteplus; do tar -xzf $@.new/$$each[-_]*.tar.gz \
	  --strip-components=1 -C $@.new/$$each || exit 1; done
	@mv $@.new $@

$(VENV)/dev: $(VENV)/runtime requirements-dev.lock
	@echo "Installing what Seedbed is developed with"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
