"""Mutated real files end in stated outcomes; those that once did not are kept and tried again."""

import os
import time
from pathlib import Path

import pytest

from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import Terms
from hostile.fuzzing import LIMITS, MEMORY_BYTES, Bench, fuzz, mutated, originals

KEPT = sorted((Path(__file__).parent / "kept").glob("*.bin"))
# How long `make soak` tries new files.
SECONDS = float(os.environ.get("CHARTKEEPER_FUZZ_SECONDS", "120"))


@pytest.mark.soak
def test_mutated_files_end_in_stated_outcomes(tmp_path):
    tally = fuzz(SECONDS, int(time.time()) << 16, tmp_path)
    print(tally)
    assert tally.unstated == []
    assert tally.outcomes["accepted"] > 0


def test_a_seed_makes_the_same_file_again():
    bases = originals()
    assert mutated(7, bases) == mutated(7, bases)
    assert len({mutated(seed, bases) for seed in range(20)}) == 20


def test_files_that_once_stopped_a_child_end_in_stated_outcomes(tmp_path):
    (tmp_path / "scratch").mkdir()
    with Readers(1, Terms(tmp_path / "scratch", LIMITS, MEMORY_BYTES)) as readers:
        bench = Bench(tmp_path, readers)
        for path in KEPT:
            assert bench.outcomes(path.read_bytes())
        bench.drawers.end()
