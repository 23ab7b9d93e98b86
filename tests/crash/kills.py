"""A run of real files in which the service is killed again and again, and one undisturbed."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from service import Service

from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import ArrivalState, PageState
from chartkeeper.records.work import progress
from crash.harness import drop, hashes, made_home, opened, result, settle
from crash.paper import Made, make_files
from crash.truth import Outcome, differences, lost_or_twice

# How long the service lives at most before it is killed, from when it has begun to take in.
LONGEST_LIFE_SECONDS = 6.0
# Some are killed while they start.
SHORTEST_SHARE_OF_START = 0.5
# A file is under way for about so long.
AT_WORK = 1.5
START_SECONDS = 60.0
LAST_LIFE_SECONDS = 3600.0


@dataclass(slots=True)
class Report:
    """What came of a run; `hit` counts the kills that found something of that kind under way."""

    files: int
    kills: int = 0
    pages: int = 0
    start_seconds: float = 0.0
    undisturbed_seconds: float = 0.0
    seconds: float = 0.0
    hit: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    lost_or_twice: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    verify: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All that is wrong, in words."""
        return [*self.lost_or_twice, *self.differences, *self.verify]


def run(
    folder: Path,
    count: int,
    kills: int,
    seed: int = 5,
    longest_life_seconds: float = LONGEST_LIFE_SECONDS,
) -> Report:
    """Have so many files taken in, read, filed and indexed while the service is killed so often."""
    template, files = made_home(folder), list(make_files(folder / "files", count, seed))
    report = Report(count)
    started = time.monotonic()
    expected = _undisturbed(opened(template, folder / "undisturbed"), files, report)
    report.undisturbed_seconds = time.monotonic() - started
    started = time.monotonic()
    service = opened(template, folder / "killed")
    try:
        luck = random.Random(seed)
        shortest = SHORTEST_SHARE_OF_START * report.start_seconds
        longest = report.start_seconds + longest_life_seconds
        lives = [luck.uniform(shortest, longest) for _ in range(kills)]
        _kill_often(service, files, lives, luck, report)
        service.start()
        settle(service, count, LAST_LIFE_SECONDS)
    finally:
        service.stop()
    report.seconds = time.monotonic() - started
    found, report.verify = result(service)
    report.differences = differences(found, expected)
    report.lost_or_twice += lost_or_twice(service.home, hashes([made.path for made in files]))
    report.outcomes = Counter(line.split()[-2] for line in found.arrivals)
    return report


def _undisturbed(service: Service, files: list[Made], report: Report) -> Outcome:
    for made in files:
        drop(service, made.path)
    service.start()
    try:
        report.start_seconds = _started(service)
        settle(service, len(files), LAST_LIFE_SECONDS)
    finally:
        service.stop()
    expected, problems = result(service)
    assert not problems, problems
    report.pages = sum(_now(service).pages.values())
    return expected


def _started(service: Service) -> float:
    """Wait for the first file to be taken in; how long that took."""
    started = time.monotonic()
    while not sum(_now(service).arrivals.values()):
        assert time.monotonic() < started + START_SECONDS, "the service does not start"
        time.sleep(0.05)
    return time.monotonic() - started


def _kill_often(
    service: Service, files: list[Made], lives: list[float], luck: random.Random, report: Report
) -> None:
    """Lives of these lengths; files are dropped at random moments, half of them before a kill."""
    ends = list(accumulate(lives))
    moments = sorted(
        luck.uniform(0, ends[-1]) if number % 2 else luck.choice(ends) - luck.uniform(0, AT_WORK)
        for number in range(len(files))
    )
    dropped = hashes([made.path for made in files])
    began, at = 0.0, 0
    for life in lives:
        service.start()
        started = time.monotonic()
        while at < len(files) and moments[at] < began + life:
            time.sleep(max(0.0, moments[at] - began - (time.monotonic() - started)))
            drop(service, files[at].path)
            at += 1
        time.sleep(max(0.0, life - (time.monotonic() - started)))
        service.kill()
        began += life
        report.kills += 1
        report.hit.update(_under_way(service))
        names = [made.path.name for made in files[:at]]
        report.lost_or_twice += lost_or_twice(service.home, {name: dropped[name] for name in names})


def _under_way(service: Service) -> list[str]:
    """What a kill found half done."""
    now = _now(service)
    found = {
        "files being taken in": now.arrivals[ArrivalState.CLAIMED],
        "pages being read": now.pages[PageState.READING],
        "pages not yet indexed": now.unindexed,
        "claims not yet cleared": len(list(service.inbox.glob(".chartkeeper/*"))),
    }
    return [name for name, number in found.items() if number] or ["nothing"]


def _now(service: Service):
    ledger = open_ledger(service.home / "ledger.db")
    try:
        with ledger.read() as connection:
            return progress(connection)
    finally:
        ledger.close()
