"""Disks that are full, fail or refuse under a service at work: it lives on, and so do files."""

import errno
import time

import pytest

from chartkeeper.records.vault import file_sha256
from crash.harness import drop, opened, result, settle
from crash.paper import no_paper, picture
from crash.power import SCRATCH
from crash.shim import Op, Shim, environment
from crash.truth import lost_or_twice

# So long a fault lasts after it was first met.
FAULT_SECONDS = 0.5
MEETING_SECONDS = 60
RECOVERY_SECONDS = 120
# Where, what, and the words in the log that say so.
USUAL = [
    ("/vault/", "EROFS", "vault cannot be written to"),
    ("/index/", "ENOSPC", "index writer pauses: A disk is full"),
]
FAULTS = [
    *USUAL,
    ("/ledger.db", "EIO", "ledger cannot be used just now"),
    ("/vault/", "ENOSPC", "disk that holds the vault is full"),
    ("/vault/", "EIO", "vault cannot be written to"),
    ("/vault/", "EACCES", "vault cannot be written to"),
    ("/ledger.db", "ENOSPC", "ledger cannot be used just now"),
    ("/index/", "EIO", "index writer pauses: A disk or share is failing"),
    ("/failed/", "EACCES", "no right to one of its folders"),
    ("/failed/", "ENOSPC", "A disk is full"),
    ("/inbox/.chartkeeper", "EACCES", "Files cannot be moved within the inbox"),
    ("/inbox/.chartkeeper", "EIO", "A disk or share is failing"),
]


class Trouble:
    """A service at work whose disks can be made to fail."""

    def __init__(self, folder, template, library):
        with_shim = environment(library, folder / "control")
        names = ("LD_PRELOAD", "CRASH_CONTROL")
        given = {name: with_shim[name] for name in names}
        self.service = opened(template, folder / "home", given)
        self.shim = Shim(folder / "control", self.service.home, [f"/{SCRATCH}/"])
        self.folder, self.dropped = folder, {}

    def drop(self, name, make):
        path = self.folder / name
        make(path, len(self.dropped))
        self.dropped[name] = file_sha256(path)
        drop(self.service, path)

    def go_through(self, where, error, words):
        """Two files come while something fails, and one when it is mended."""
        number = len(self.dropped)
        already = self.said().count(words)
        self.shim.reset()
        self.shim.fail(getattr(errno, error), where, set(Op) - {Op.SYNC})
        self.drop(f"{number} scan.png", picture)
        self.drop(f"{number} bad.pdf", no_paper)
        self.wait(lambda: self.said().count(words) > already, f"the log says nothing of {where}")
        time.sleep(FAULT_SECONDS)
        assert self.service.process.poll() is None, "the service ended"
        assert self.shim.failed > 0
        self.shim.mend()
        self.drop(f"{number} after.png", picture)
        self.service.wait_idle(len(self.dropped), RECOVERY_SECONDS)

    def said(self):
        return self.service.log.read_text(encoding="utf-8")

    def wait(self, fulfilled, otherwise):
        end = time.monotonic() + MEETING_SECONDS
        while not fulfilled():
            assert time.monotonic() < end, f"{otherwise}: {self.said()[-2000:]}"
            time.sleep(0.1)


@pytest.fixture
def trouble(library, template, tmp_path):
    scene = Trouble(tmp_path, template, library)
    scene.service.start()
    yield scene
    scene.service.stop()


def went_well(trouble):
    settle(trouble.service, len(trouble.dropped))
    found, problems = result(trouble.service)
    assert problems == []
    assert lost_or_twice(trouble.service.home, trouble.dropped) == []
    good = sorted(name for name in trouble.dropped if name.endswith("png"))
    bad = sorted(trouble.dropped.keys() - set(good))
    assert list(found.failed) == bad
    expected = {f"{name} accepted None" for name in good}
    assert found.arrivals.keys() == expected | {
        f"{name} refused unsupported_format" for name in bad
    }
    assert len(found.hits["distinct"]) == len(good)
    # No part ended, nobody was blamed, and no file was named.
    said = trouble.said()
    assert "it starts again" not in said
    assert "Traceback" not in said
    assert not [name for name in trouble.dropped if name in said]


def test_the_service_lives_through_faults_of_its_disks(trouble):
    for fault in USUAL:
        trouble.go_through(*fault)
    went_well(trouble)


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("where", "error", "words"), FAULTS)
def test_each_fault(trouble, where, error, words):
    trouble.go_through(where, error, words)
    went_well(trouble)
