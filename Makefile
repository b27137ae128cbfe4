# The menu. README and CI call only these.
#   make report   set up, load the embedded sample, make the nightly summary of its last session
#   make test     set up and pass the tests
#   make check    lint, format, types, import contracts
#   make notebooks  run the notebooks on the sample and keep what CI compares
#   make docs       write the generated references
#   make lab      JupyterLab on the notebooks, with the sample ready
#   make image    build the container image
#   make e2e      the container and Airflow, on real parts
#   make bench    side-by-side measurements
#   make lock     resolve the locked sets anew

PYTHON ?= python3
SAMPLE_STORE := .sample-store
SAMPLE_DATE := 2025-06-30
BIN := .venv/bin
IMAGE := trade-dashboard:latest
REVISION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
AIRFLOWS := .venv-airflow-hub .venv-airflow
AIRFLOW_DATE := 2026-11-23
AIRFLOW_HUB_DATE := 2025-05-20
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: report test check notebooks docs lab image e2e e2e-containers $(AIRFLOWS:%=e2e-in-%) bench lock clean
.DEFAULT_GOAL := report

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, but $(PYTHON) is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv

# one stamp a locked set: what is installed is what the lock says
.venv/.runtime: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing the locked set (once)"
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing the tools of tests and checks (once)"
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.lab: requirements-lab.txt .venv/.runtime
	@echo "Installing JupyterLab (once)"
	$(BIN)/pip install --quiet --require-hashes -r requirements-lab.txt
	@touch $@

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(LOCK_FLAGS) pyproject.toml

lock: .venv/.dev
	$(LOCK) -o requirements.txt
	$(LOCK) -o requirements-remote.txt --extra s3 --extra gcs -c requirements.txt
	$(LOCK) -o requirements-lab.txt --extra lab -c requirements.txt
	$(LOCK) -o requirements-dev.txt --group dev -c requirements-lab.txt -c requirements-remote.txt

# made anew when the sample or the store's layout changes
$(SAMPLE_STORE)/commits: .venv/.runtime $(wildcard lib/trade_dashboard/sources/sample/*.csv.gz) lib/trade_dashboard/store/layout.py
	@rm -rf $(SAMPLE_STORE)
	@$(BIN)/trade-dashboard --store $(SAMPLE_STORE) ingest sample > /dev/null
	@touch $@

report: $(SAMPLE_STORE)/commits
	@$(BIN)/trade-dashboard --store $(SAMPLE_STORE) run nightly_summary --date $(SAMPLE_DATE) > outputs/.last.json
	@echo "The page: $(CURDIR)/outputs/nightly_summary/$(SAMPLE_DATE)/report.html"

test: export TRADE_DASHBOARD_STORE := $(CURDIR)/$(SAMPLE_STORE)
test: SPREAD := --numprocesses auto --dist loadscope
test: .venv/.dev $(SAMPLE_STORE)/commits
	$(BIN)/python -m pytest tests --ignore tests/e2e $(SPREAD) $(PYTEST_FLAGS)
	$(BIN)/python -m pytest --nbval-lax notebooks -W default $(SPREAD) $(PYTEST_FLAGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/reference.py --check

# after a change of a notebook or of what it shows: run it on the sample, keep what CI compares, strip the rest
notebooks: export TRADE_DASHBOARD_STORE := $(CURDIR)/$(SAMPLE_STORE)
notebooks: .venv/.dev $(SAMPLE_STORE)/commits
	$(BIN)/python tests/record.py notebooks

docs: .venv/.dev
	$(BIN)/python docs/reference.py

lab: export TRADE_DASHBOARD_STORE := $(CURDIR)/$(SAMPLE_STORE)
lab: .venv/.lab $(SAMPLE_STORE)/commits
	$(BIN)/jupyter lab --notebook-dir notebooks $(LAB_FLAGS)

# --target report stops before JupyterLab, whichever builder there is
image:
	docker build --quiet --network host --target report --build-arg REVISION=$(REVISION) --tag $(IMAGE) .

# the two ends of what the hub may be; packages are as of a day, since they are no part of what we ship
.venv-airflow/.ready: requirements-airflow.txt
.venv-airflow/.ready: AS_OF := $(AIRFLOW_DATE)
.venv-airflow-hub/.ready: requirements-airflow-hub.txt
.venv-airflow-hub/.ready: AS_OF := $(AIRFLOW_HUB_DATE)
$(AIRFLOWS:%=%/.ready): .venv/.dev
	@echo "Installing Airflow in a venv of its own: $(@D) (once)"
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --exclude-newer $(AS_OF) -r $(filter requirements-%,$^)
	@touch $@

# the container and Airflow do not share packages with the reports, so theirs are other calls of pytest
e2e: export TRADE_DASHBOARD_NO_SKIP := 1
e2e: export TRADE_DASHBOARD_IMAGE := $(IMAGE)
e2e: $(AIRFLOWS:%=%/.ready)
	.ci/engine
	$(MAKE) --no-print-directory image
	$(MAKE) --no-print-directory --jobs 2 --output-sync $(AIRFLOWS:%=e2e-in-%) e2e-containers

$(AIRFLOWS:%=e2e-in-%): e2e-in-%:
	$*/bin/python -m pytest airflow-hub/tests $(PYTEST_FLAGS)
	TRADE_DASHBOARD_AIRFLOWS=$*/bin/airflow $(BIN)/python -m pytest tests/e2e/test_airflow.py $(PYTEST_FLAGS)

e2e-containers:
	$(BIN)/python -m pytest tests/e2e --ignore tests/e2e/test_airflow.py $(PYTEST_FLAGS)

# to try it, or one row of it: make bench BENCH_FLAGS="--quick --only cold"
bench: .venv/.dev
	$(BIN)/python benchmarks/store.py
	$(BIN)/python benchmarks/round_trips.py
	$(BIN)/python benchmarks/runs.py $(BENCH_FLAGS)

clean:
	rm -rf .venv .venv-bench $(AIRFLOWS) $(SAMPLE_STORE)
