PYTHON = .venv/bin/python
# Where it is set, each process of a service compiles the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test run stop test check lint types figures bench soak screenshots samples clean

help:
	@echo "make run          install what is missing and show the main job on the samples   (make stop ends it)"
	@echo "make test         the test suite            make soak    the long tests"
	@echo "make check        lint, types and figures of the code, as CI runs them"
	@echo "make bench        speed and accuracy        make screenshots   the pictures in docs/"

setup:
	@sh setup.sh

setup-test:
	@sh setup.sh test

run: setup
	@$(PYTHON) samples/run_demo.py

stop:
	@$(PYTHON) samples/run_demo.py stop

test: setup-test
	@$(PYTHON) -m pytest -m "not soak" --numprocesses 2 --dist loadfile --no-loadscope-reorder

soak: setup-test
	@$(PYTHON) -m pytest -m soak --timeout 3600

# The checker does not follow the mapping of the rooms; it is shown the same tree through links.
types: setup-test
	@mkdir -p build/types/chartkeeper
	@for file in chartkeeper/*.py; do ln -sf ../../../$$file build/types/chartkeeper/; done
	@for room in filing index ingest ocr records webui; do \
	  ln -sfn ../../../$$room build/types/chartkeeper/$$room; done
	@$(PYTHON) -m mypy

lint: setup-test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

figures: setup-test
	@$(PYTHON) tests/house/figures.py

check: lint types figures

# Some hours on two cores; OCRmyPDF is measured beside ours where it is on PATH.
bench: setup-test
	@$(PYTHON) tests/bench/pipeline.py
	@$(PYTHON) tests/bench/reading.py --pages 8
	@$(PYTHON) tests/bench/reading_numbers.py
	@$(PYTHON) tests/bench/reading.py --turns --pages 20
	@$(PYTHON) tests/bench/reading.py --ablate --family tuning --pages 4
	@$(PYTHON) tests/bench/long_scan.py
	@$(PYTHON) tests/bench/filing.py
	@$(PYTHON) tests/bench/learning.py
	@$(PYTHON) tests/bench/patient_index.py
	@$(PYTHON) tests/bench/hostile.py
	@$(PYTHON) tests/bench/lanes.py
	@$(PYTHON) tests/bench/migration.py
	@$(PYTHON) tests/bench/capacity.py
	@$(PYTHON) tests/bench/crash.py --steps
	@$(PYTHON) tests/bench/crash.py

screenshots: setup-test
	@$(PYTHON) tests/bench/screenshots.py

samples: setup-test
	@$(PYTHON) samples/generate.py

clean:
	rm -rf build demo .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
