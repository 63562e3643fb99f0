# Each verb brings what it needs: a private uv under .baton/uv, and with it the locked environment in .venv.
# Both are made once and again when pyproject.toml or uv.lock changes; a machine needs Python 3.11 or newer and make.

UV_VERSION := 0.13.8
UV_HOME := .baton/uv
UV := $(UV_HOME)/bin/uv
UV_STAMP := $(UV_HOME)/.uv-$(UV_VERSION)
BIN := .venv/bin
ENV_STAMP := .venv/.synced

# PYTHON=/path/to/python chooses the interpreter; without it the first that is new enough is taken.
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)

# Anything here lets make demo pay on local chain nodes, which are installed into .baton/nodes first: make demo CHAINS=1.
CHAINS ?=

# Anything here lets make demo kill worker, gateway and Temporal's server while its orders run: make demo CRASH=1.
CRASH ?=

# What `make bench` runs without a BENCH. The others take minutes: encryption, floor, growth, latency, notifications,
# open_orders, read_budget, sizing, soak, sources.
BENCHES := order_cost watch_cost
BENCH_ENV := .baton/bench

# Processes that share the test files; each has a Temporal server and a Baton of its own. JOBS=0 runs them in one.
JOBS ?= 4

# Whose tests `make quick` runs: parts that decide, read and write without a server.
QUICK := accounts affiliates bulk chains encoding holds nexus orchestra orders ownership recovery replay sources workflows

# Without their secrets and their network only the form of these can be checked.
PROMETHEUS := $(addprefix deploy/observability/,prometheus.yml prometheus.compose.yml)

# Appended to the command of a verb: make demo ARGS=--json, make test ARGS="-k lifecycle".
ARGS ?=

# Without bytecode each process compiles every module that it imports: tests, demo and benchmarks start many.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up test quick nodes test-chains test-production docs check lint types imports deploy rehearse fmt bench bench-env env clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(ENV_STAMP) ## run thirteen orders end to end on a throw-away stack; CHAINS=1 pays on real local nodes, CRASH=1 kills
	@$(if $(CHAINS),tests/local/nodes/install.sh >&2 || true)
	@$(BIN)/baton demo $(if $(CHAINS),--chains) $(if $(CRASH),--crash) $(ARGS)

up: $(ENV_STAMP) ## run the whole local stack until Ctrl-C; open orders survive a restart
	@$(BIN)/baton up $(ARGS)

test: $(ENV_STAMP) ## run the tests, the files shared out to JOBS processes
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

quick: $(ENV_STAMP) ## run the half of the tests that needs no server, in a minute
	$(BIN)/pytest -n 2 --dist loadfile $(QUICK:%=tests/%) $(wildcard tests/test_*.py) $(ARGS)

nodes: ## install the local chain nodes that can be installed here (anvil, Surfnet, bitcoind) under .baton/nodes
	@tests/local/nodes/install.sh || echo "The tests that need what is missing will be skipped." >&2

test-chains: nodes $(ENV_STAMP) ## run the tests that need real chain nodes, and install the nodes first
	$(BIN)/pytest -m nodes $(ARGS)

test-production: $(ENV_STAMP) ## run the long tests of many workers and gateways on PostgreSQL; under 15 minutes
	BATON_REQUIRE_POSTGRES=1 $(BIN)/pytest -m production tests/production $(ARGS)

docs: $(ENV_STAMP) ## write the generated tables and pages of the docs again
	$(BIN)/python -m tests.end_to_end.edge_table --write
	$(BIN)/python -m tests.pages.client_reference --write
	$(BIN)/python -m tests.pages.order_document --write
	$(BIN)/python -m tests.pages.metrics_page --write
	$(BIN)/python -m tests.pages.measured_figures --write
	$(BIN)/python -m tests.pages.sizing_page --write
	$(BIN)/python -m baton.cli.json_schemas docs/schemas

rehearse: $(ENV_STAMP) ## replay the stored histories with the code at hand
	@$(BIN)/baton rehearse --histories tests/replay/histories $(ARGS)

check: lint types imports deploy test ## run every check: lint, format, types, import direction, deployment, tests

lint: $(ENV_STAMP) ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(ENV_STAMP) ## check the types
	$(BIN)/mypy

imports: $(ENV_STAMP) ## check that imports point one way
	$(BIN)/lint-imports

deploy: $(ENV_STAMP) ## check Dockerfile, compose file and deployment scripts
	$(BIN)/hadolint Dockerfile
	$(BIN)/shellcheck .ci/run deploy/*.sh deploy/*/*.sh tests/local/nodes/*.sh
	@if command -v promtool >/dev/null; then \
		promtool check config --syntax-only $(PROMETHEUS) >/dev/null && promtool check rules deploy/observability/rules.yml; \
	else echo "The configuration of Prometheus was not checked: promtool is not installed."; fi
	@deploy/compose-check.sh

fmt: $(ENV_STAMP) ## format the code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(ENV_STAMP) $(if $(filter floor,$(BENCH)),bench-env) ## measure cost, throughput and watching, or one benchmark: make bench BENCH=floor
	@$(BIN)/python -m compileall -q activities baton bench workflows worker.py starter.py
	@for name in $(or $(BENCH),$(BENCHES)); do \
		script=bench/$$name.py; \
		if [ ! -e "$$script" ]; then echo "There is no $$script." >&2; exit 2; fi; \
		echo "== $$script" >&2; $(BIN)/python "$$script" $(ARGS) || exit 1; \
	done

# What BENCH=floor compares Baton with, in an environment of its own; without it that column is left out.
bench-env: $(UV_STAMP)
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=$(BENCH_ENV) UV_PYTHON_DOWNLOADS=never \
		$(UV) sync --quiet --locked --only-group bench --compile-bytecode --python $(BIN)/python >&2 || \
		echo "DBOS could not be installed into $(BENCH_ENV); its column will be left out." >&2

env: $(ENV_STAMP) ## only make the environment, in .venv

clean: ## remove the environment, tools and caches; the orders kept under .baton stay
	rm -rf .venv $(UV_HOME) $(BENCH_ENV) .baton/tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist
	find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

define find_python
python=; \
for candidate in $(CANDIDATES); do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		python=$$candidate; break; \
	fi; \
done; \
if [ -z "$$python" ]; then \
	echo "Python 3.11 or newer is needed; none of these is: $(CANDIDATES)." >&2; \
	echo "Install it, or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; \
fi
endef

$(UV_STAMP):
	@$(find_python); \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "$$python lacks its venv module (on Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; \
	fi; \
	echo "Installing uv $(UV_VERSION) into $(UV_HOME) ..." >&2; \
	rm -rf $(UV_HOME) && "$$python" -m venv $(UV_HOME) && \
	$(UV_HOME)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(ENV_STAMP): pyproject.toml uv.lock $(UV_STAMP)
	@$(find_python); \
	echo "Making the environment in .venv ..." >&2; \
	env -u VIRTUAL_ENV -u UV_PROJECT_ENVIRONMENT UV_PYTHON_DOWNLOADS=never \
		$(UV) sync --quiet --locked --extra service --compile-bytecode --python "$$python"
	@touch $@
