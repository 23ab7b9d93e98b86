"""Mutated real files through the examiner, the reader and the drawer, for a bounded time.

    python tests/hostile/fuzzing.py [--seconds 120] [--seed N] [--keep FOLDER]

Each file is made from the seed that is printed with it and from nothing else. Whatever it ends in
must be a stated outcome; a file that ends otherwise is kept, and belongs into tests/hostile/kept.
"""

import argparse
import random
import re
import struct
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from checkout import ROOT  # noqa: E402 - the path comes first

from chartkeeper.ingest.drawing import Drawers  # noqa: E402 - the path comes first
from chartkeeper.ingest.examining import Examiner  # noqa: E402 - the path comes first
from chartkeeper.ingest.readers import Readers  # noqa: E402 - the path comes first
from chartkeeper.ingest.reading import Failure, Job, Terms  # noqa: E402 - the path comes first
from chartkeeper.ocr.errors import (  # noqa: E402 - the path comes first
    DrawingStopped,
    FileStoppedProgram,
    FileTookTooLong,
    UnreadableFile,
    UnreadablePage,
)
from chartkeeper.ocr.limits import Limits  # noqa: E402 - the path comes first
from chartkeeper.records.model import Lane, PageTask  # noqa: E402 - the path comes first
from hostile.corpus import corpus  # noqa: E402 - the path comes first

LIMITS = Limits(
    max_file_bytes=64 << 20,
    max_pages=50,
    max_pixels=30_000_000,
    page_timeout_seconds=6,
    examine_timeout_seconds=6,
)
MEMORY_BYTES = 2 << 30
MAX_SEED_BYTES = 300_000
WIDTH_PIXELS = 800
EDGES = (0, 1, 2, 255, 256, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
TIFF_TYPES = (0, 1, 2, 3, 4, 5, 7, 12, 13, 16, 17, 99)


@dataclass
class Tally:
    """What the files ended in; `unstated` are the seeds of those that ended as nothing may."""

    outcomes: Counter = field(default_factory=Counter)
    stopped: list = field(default_factory=list)
    unstated: list = field(default_factory=list)


def originals():
    """Real and made files to mutate: samples and what the corpus has that is accepted."""
    found = {}
    for path in sorted((ROOT / "samples").rglob("*")):
        if path.suffix in {".pdf", ".tif", ".tiff", ".jpg", ".png"}:
            found[path.name] = path.read_bytes()
    for kind in corpus():
        if not kind.refused and not kind.slow:
            found[kind.name] = kind.make(Path())
    return [found[name] for name in sorted(found) if len(found[name]) <= MAX_SEED_BYTES]


def mutated(seed, bases):
    """The file of a seed."""
    luck = random.Random(seed)
    content = bytearray(luck.choice(bases))
    for _ in range(luck.choice((1, 1, 2, 4, 8))):
        luck.choice(WAYS)(luck, content, bases)
    return bytes(content)


def flip_bits(luck, content, _bases):
    for _ in range(luck.choice((1, 3, 20, 200))):
        if content:
            content[luck.randrange(len(content))] ^= 1 << luck.randrange(8)


def put_edges(luck, content, _bases):
    width = luck.choice((1, 2, 4))
    value = luck.choice(EDGES) & ((1 << 8 * width) - 1)
    if len(content) > width:
        at = luck.randrange(len(content) - width)
        content[at : at + width] = value.to_bytes(width, luck.choice(("little", "big")))


def cut(luck, content, _bases):
    del content[luck.randrange(len(content) + 1) :]


def shuffle_blocks(luck, content, _bases):
    size = luck.choice((16, 128, 1024))
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    if len(blocks) > 2:
        one, other = luck.sample(range(len(blocks)), 2)
        blocks[one], blocks[other] = blocks[other], blocks[one]
        content[:] = b"".join(blocks)


def double_block(luck, content, _bases):
    if content:
        at = luck.randrange(len(content))
        piece = bytes(content[at : at + luck.choice((4, 64, 4096))])
        content[at:at] = piece * luck.choice((1, 2, 50))


def splice(luck, content, bases):
    other = luck.choice(bases)
    content[luck.randrange(len(content) + 1) :] = other[luck.randrange(len(other)) :]


def change_tag(luck, content, _bases):
    """One entry of the first directory of a TIFF: its tag, type, count or value."""
    if content[:4] != b"II*\0" or len(content) < 8:
        return put_edges(luck, content, _bases)
    (at,) = struct.unpack_from("<I", content, 4)
    if at + 2 > len(content):
        return None
    (count,) = struct.unpack_from("<H", content, at)
    place = at + 2 + 12 * luck.randrange(max(1, min(count, 200)))
    if place + 12 > len(content):
        return None
    part, code, values = luck.choice(
        (
            (0, "<H", [*range(254, 300), 322, 323, 324, 325, 330, 347, 512, 513, 34665, 65535]),
            (2, "<H", TIFF_TYPES),
            (4, "<I", EDGES),
            (8, "<I", (*EDGES, at, len(content), luck.randrange(len(content)))),
        )
    )
    struct.pack_into(code, content, place + part, luck.choice(values))
    return None


def change_number(luck, content, _bases):
    """A number in the text of a PDF."""
    found = list(re.finditer(rb"(?<![\w.])-?\d{1,9}(?![\w.])", content))
    if found:
        number = luck.choice(found)
        new = luck.choice((b"0", b"-1", b"1", b"99999", b"2147483648", b"0.00001", b"1e9", b"4"))
        content[number.start() : number.end()] = new


def change_name(luck, content, _bases):
    """A name in a PDF in place of another one."""
    found = list(re.finditer(rb"/[A-Za-z0-9]{1,20}", content))
    if len(found) > 1:
        one, other = luck.sample(found, 2)
        content[one.start() : one.end()] = bytes(other[0])


WAYS = (
    flip_bits,
    flip_bits,
    put_edges,
    cut,
    shuffle_blocks,
    double_block,
    splice,
    change_tag,
    change_tag,
    change_number,
    change_number,
    change_name,
)


class Bench:
    """The examiner, a reader and a drawer, as in service."""

    def __init__(self, folder, readers):
        self.path = folder / "mutated"
        self.examiner, self.readers = Examiner(), readers
        self.drawers = Drawers(1, folder, LIMITS, longest_wait_seconds=20)

    def outcomes(self, content):
        """What becomes of a file: a word for each step, all of them stated."""
        self.path.write_bytes(content)
        try:
            facts = self.examiner.examine(self.path, LIMITS)
        except UnreadableFile as error:
            return [error.code]
        pages = sorted({1, facts.page_count})
        return ["accepted", *(self._read(facts, page) for page in pages), self._draw(facts)]

    def _read(self, facts, page):
        task = PageTask(page, 1, "0" * 64, facts.format, page, 0, Lane.DAILY)
        self.readers.submit(Job(task, self.path))
        deadline = time.monotonic() + 4 * LIMITS.page_timeout_seconds
        while time.monotonic() < deadline:
            for found in self.readers.outcomes(1):
                if not isinstance(found.result, Failure):
                    return "page read"
                return f"page failed: {found.result.reason.split('. ')[0]}"
        raise AssertionError("the reader gave no answer")

    def _draw(self, facts):
        try:
            self.drawers.draw(self.path, facts.format, 1, 0, WIDTH_PIXELS, LIMITS)
        except UnreadablePage as error:
            return f"not drawn: {error.code}"
        return "drawn"


STOPPED = (
    FileStoppedProgram.code,
    FileTookTooLong.code,
    "page failed: The page made the reader stop",
    f"not drawn: {DrawingStopped.code}",
)


def fuzz(seconds, first_seed, folder, report=print):
    """Mutated files, one after the other, for so many seconds; returns the tally."""
    bases, tally = originals(), Tally()
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    deadline, seed = time.monotonic() + seconds, first_seed
    with Readers(1, Terms(scratch, LIMITS, MEMORY_BYTES)) as readers:
        bench = Bench(folder, readers)
        while time.monotonic() < deadline:
            _try(bench, seed, bases, tally, report)
            seed += 1
        bench.drawers.end()
    report(f"seeds {first_seed} to {seed - 1}, {len(bases)} originals")
    return tally


def _try(bench, seed, bases, tally, report):
    try:
        found = bench.outcomes(mutated(seed, bases))
    except Exception as error:  # noqa: BLE001 - whatever it is, its seed is wanted
        report(f"seed {seed}: {type(error).__name__}: {error}")
        tally.unstated.append(seed)
        return
    tally.outcomes.update(found)
    if any(outcome in STOPPED for outcome in found):
        report(f"seed {seed}: {'; '.join(found)}")
        tally.stopped.append(seed)


def main():
    options = argparse.ArgumentParser(description="Mutated files through the examiner and reader.")
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--keep", type=Path, help="where files go that stopped a child or worse")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tally = fuzz(given.seconds, given.seed, Path(name))
    for outcome, count in tally.outcomes.most_common():
        print(f"{count:7} {outcome}")
    print(f"{len(tally.stopped)} stopped a child, {len(tally.unstated)} ended in nothing stated")
    for seed in [*tally.stopped, *tally.unstated] if given.keep else []:
        (given.keep / f"seed-{seed}.bin").write_bytes(mutated(seed, originals()))
    return len(tally.unstated) > 0


if __name__ == "__main__":
    sys.exit(main())
