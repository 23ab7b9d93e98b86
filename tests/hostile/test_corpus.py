"""Each kind of hostile file ends in its stated outcome, in the children that service has."""

import time

import pytest
from sheets import note

from chartkeeper.ingest.examining import Examiner
from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import Failure, Job, Terms
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.model import Lane, PageTask
from hostile.corpus import corpus

LIMITS = Limits(
    max_file_bytes=256 << 20, max_pages=200, page_timeout_seconds=30, examine_timeout_seconds=20
)
IMPATIENT = Limits(max_pages=200, page_timeout_seconds=3)
MEMORY_BYTES = 2 << 30
# A look at the structure takes milliseconds; a busy machine gets some more.
LOOK_SECONDS = 10
# Of a long file the first pages and the last one are read.
PAGES_READ = 6


@pytest.fixture(scope="module")
def examiner():
    return Examiner()


def examined(examiner, kind, path):
    """What became of a file: the code of its refusal, or its facts."""
    try:
        return examiner.examine(path, LIMITS)
    except UnreadableFile as error:
        return error.code if "." in str(error) else f"{error.code} without a sentence"


def job(name, path, facts, number):
    task = PageTask(hash((name, number)), 1, "0" * 64, facts.format, number, 0, Lane.DAILY)
    return Job(task, path)


def some_pages(facts):
    return [n for n in range(1, facts.page_count + 1) if n <= PAGES_READ or n == facts.page_count]


def read_all(readers, jobs):
    """The results of jobs by the number of their page, read side by side."""
    left, results = list(jobs), {}
    while left or readers.busy:
        while left and readers.free:
            readers.submit(left.pop(0))
        results.update({found.task.page_id: found.result for found in readers.outcomes(1)})
    return results


def unlike_stated(kinds, folder, examiner, readers):
    """The kinds that ended otherwise than stated, with what became of them."""
    wrong, facts_of = [], {}
    for kind in kinds:
        began = time.monotonic()
        found = examined(examiner, kind, kind.put(folder))
        stated = kind.refused or kind.pages
        got = found if isinstance(found, str) else found.page_count
        if got != stated or time.monotonic() - began > LOOK_SECONDS:
            wrong.append((kind.name, got, time.monotonic() - began))
        elif not kind.refused:
            facts_of[kind.name] = found
    jobs = {
        (kind.name, number): job(kind.name, folder / kind.name, facts_of[kind.name], number)
        for kind in kinds
        if kind.name in facts_of
        for number in some_pages(facts_of[kind.name])
    }
    results = read_all(readers, jobs.values())
    stated_failures = {(kind.name, number) for kind in kinds for number in kind.failed}
    for which, asked in jobs.items():
        result = results[asked.task.page_id]
        if isinstance(result, Failure) != (which in stated_failures):
            wrong.append((*which, getattr(result, "reason", "read")))
    return wrong


def test_there_are_more_than_sixty_kinds():
    assert len(corpus()) > 150


def test_every_kind_ends_in_its_stated_outcome(tmp_path, examiner):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Readers(2, Terms(scratch, LIMITS, MEMORY_BYTES)) as readers:
        quick = [kind for kind in corpus() if not kind.slow]
        assert unlike_stated(quick, tmp_path, examiner, readers) == []
        assert [path for path in scratch.rglob("*") if path.is_file()] == []
    assert list(scratch.iterdir()) == []


@pytest.mark.soak
def test_what_uses_up_its_time_fails_and_the_next_page_is_read(tmp_path, examiner):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    slow = [kind for kind in corpus() if kind.slow]
    with Readers(1, Terms(scratch, IMPATIENT, MEMORY_BYTES)) as readers:
        assert unlike_stated(slow, tmp_path, examiner, readers) == []
        good = note(tmp_path / "good.png", "alpha")
        facts = examiner.examine(good, LIMITS)
        (result,) = read_all(readers, [job("good", good, facts, 1)]).values()
        assert "alpha" in result.text
    assert list(scratch.iterdir()) == []
