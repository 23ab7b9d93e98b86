PYTHON = .venv/bin/python

.PHONY: help setup run test check types lint bench soak screenshots samples clean

help:
	@echo "make run     install what is missing, start a demo on the samples"
	@echo "make test    the test suite"
	@echo "make check   lint, types and figures of the code, as CI runs them"
	@echo "make bench   speed and accuracy figures      make soak   the long tests"

setup:
	@sh ./setup.sh

types: setup
	@mkdir -p build/types/chartkeeper
	@for file in chartkeeper/*.py; do ln -sf ../../../$$file build/types/chartkeeper/; done
	@for room in filing index ingest ocr records webui; do \
	  ln -sfn ../../../$$room build/types/chartkeeper/$$room; done
	@$(PYTHON) -m mypy

lint: setup
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

check: lint types
	@$(PYTHON) tests/house/figures.py
