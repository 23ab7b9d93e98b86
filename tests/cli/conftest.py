"""One home for all tests of the command line: some samples imported, nothing served."""

import json

import pytest
from checkout import ROOT
from service import Service

SAMPLES = ROOT / "samples"
# One of each kind of paper; the whole set is for `make run`.
WANTED = ("born-digital", "clean-200-grey", "fax-fine", "fax-standard", "rotated-180")


def truths():
    lines = (SAMPLES / "truth.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def chosen():
    """The first file of each wanted condition, and the first packet."""
    kinds = set()
    for truth in truths():
        packet = len(truth["documents"]) > 1
        kind = "packet" if packet else truth["condition"]
        if kind not in kinds and (packet or kind in WANTED):
            kinds.add(kind)
            yield truth


@pytest.fixture(scope="session")
def expected():
    return list(chosen())


@pytest.fixture(scope="session")
def service(tmp_path_factory, expected):
    made = Service(tmp_path_factory.mktemp("cli") / "home")
    made.run("patients", "load", str(SAMPLES / "patients.csv"))
    paths = [str(SAMPLES / "charts" / truth["file"]) for truth in expected]
    made.run("import", *paths, "--exceptions", str(made.home / "exceptions.csv"))
    return made
