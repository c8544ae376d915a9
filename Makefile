# Everything runs in .venv; a second run of any target starts at once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: chat test check demo bench soak lock clean

chat: $(READY)
	@$(BIN)/schullotse chat

test: $(READY)
	$(BIN)/python -m pytest -n 2

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/schullotse check

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Schullotse needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The web door and the review pages with a made-up year, on http://127.0.0.1:8080; the login is printed.
demo: $(READY)
	@$(BIN)/python -m bot.demo

# Bots are killed a thousand times on each messenger and database, and every message is counted.
soak: $(READY)
	$(BIN)/python -m tests.nemesis.hunt --kills 1000 --channel telegram --store sqlite
	$(BIN)/python -m tests.nemesis.hunt --kills 1000 --channel telegram --store postgresql
	$(BIN)/python -m tests.nemesis.hunt --kills 1000 --channel matrix --store sqlite
	$(BIN)/python -m tests.nemesis.hunt --kills 1000 --channel matrix --store postgresql
	$(BIN)/python -m benchmarks.reload 10000

# Quality and speed, printed; peers for comparison are installed for this only. benchmarks/README.md has the last results.
bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.understanding
	$(BIN)/python -m benchmarks.names
	$(BIN)/python -m benchmarks.danger
	$(BIN)/python -m benchmarks.turn
	$(BIN)/python -m benchmarks.channels
	$(BIN)/python -m benchmarks.review

# Newer versions: change pyproject.toml or just run this, then read the difference. No address of any index is written.
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet pip-tools
	.venv-lock/bin/pip-compile --quiet --extra dev --extra postgres --extra audit --generate-hashes --allow-unsafe --strip-extras --upgrade \
		--no-header --no-annotate -o requirements.txt pyproject.toml
	.venv-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --upgrade -c requirements.txt \
		--no-header --no-annotate -o benchmarks/requirements.txt benchmarks/requirements.in
	sed -i '/^--/d' requirements.txt benchmarks/requirements.txt
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-lock build .pytest_cache .mypy_cache .ruff_cache
