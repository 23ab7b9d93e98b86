"""Prints the index's speed on synthetic pages: `python tests/index/measure.py [pages]`."""

import datetime as dt
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from chartkeeper.index import store
from chartkeeper.index.entry import PageEntry
from chartkeeper.index.language import parse
from chartkeeper.index.search import open_searcher

CHANCE = random.Random(1)
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
VOCABULARY = ["".join(CHANCE.choices(LETTERS, k=CHANCE.randint(2, 11))) for _ in range(20_000)]
COMMON = VOCABULARY[:200]


def text():
    """300 words by Zipf's law, of which 3 % are misread."""
    ranks = (min(int(CHANCE.paretovariate(0.7)), len(VOCABULARY)) - 1 for _ in range(300))
    found = [VOCABULARY[rank] for rank in ranks]
    for at in CHANCE.sample(range(300), 9):
        found[at] = found[at][:-1] + CHANCE.choice("1lI0O") + CHANCE.choice(LETTERS)
    return " ".join(found)


def page(number):
    date = dt.date(2015, 1, 1) + dt.timedelta(days=CHANCE.randrange(3650))
    kind = ("lab_report", "progress_note", "letter")[number % 3]
    return PageEntry(
        f"p{number}", kind, str(number // 40), f"name{number // 40} test", date, text()
    )


def queries():
    word, common = CHANCE.choice(VOCABULARY[200:5000]), CHANCE.sample(COMMON, 3)
    patient, year = CHANCE.randrange(100), CHANCE.randrange(2015, 2024)
    phrase = "x".join(CHANCE.sample(COMMON[:30], 2)).replace("x", " ")
    return {
        "rare term": word,
        "common term": common[0],
        "AND of 3": " ".join(common),
        "phrase": f'"{phrase}"',
        "prefix": f"{CHANCE.choice([w for w in VOCABULARY if len(w) > 5])[:4]}*",
        "mrn + term": f"mrn:{patient + 1} {common[1]}",
        "date + term": f"date:{year} {common[2]}",
    }


def timed(function):
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1000


def spread(times):
    ordered = sorted(times)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    return f"p50 {p50:6.1f}  p95 {p95:6.1f}  max {ordered[-1]:6.1f} ms"


def measure_writing(folder, pages):
    fsync, spent = os.fsync, []

    def counted(descriptor):
        spent.append(timed(lambda: fsync(descriptor)))

    os.fsync = counted
    with store.open_writer(folder) as writer:
        batches = [pages[at : at + 200] for at in range(0, len(pages), 200)]
        taken = [timed(lambda batch=batch: writer.write(batch, [])) for batch in batches]
        print(f"write, 200 a commit: {len(pages) / sum(taken) * 1000:.0f} pages/s, {spread(taken)}")
        spent.clear()
        new = [timed(lambda n=n: writer.write([page(10**6 + n)], [])) for n in range(40)]
        print(f"write, 1 new page:   {spread(new)}; of it fsync {sum(spent) / 40:.1f} ms")
        old = [timed(lambda n=n: writer.write([page(n)], [])) for n in range(40)]
        print(f"write, 1 relinked:   {spread(old)}")
    os.fsync = fsync


def measure_searching(folder):
    opening = timed(lambda: open_searcher(folder).search(parse("mrn:1"), 20))
    searcher = open_searcher(folder)
    print(f"open and first search {opening:.0f} ms, {searcher.count()} pages")
    times = {}
    for _ in range(40):
        for name, query in queries().items():
            tree = parse(query)
            best = min(timed(lambda tree=tree: searcher.search(tree, 20)) for _ in range(2))
            times.setdefault(name, []).append(best)
            newest = timed(lambda tree=tree: searcher.search(tree, 20, newest_first=True))
            times.setdefault(f"{name}, newest", []).append(newest)
    for name, taken in times.items():
        print(f"{name:22s} {spread(taken)}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    folder = Path(tempfile.mkdtemp()) / "index"
    pages = [page(number) for number in range(count)]
    store.create_index(folder)
    measure_writing(folder, pages)
    for label in ("many segments", "rebuilt"):
        print(f"-- {label}: {len(list(folder.glob('g-*/*.seg')))} segments")
        measure_searching(folder)
        if label == "many segments":
            with store.start_rebuild(folder) as rebuild:
                taken = timed(lambda: (rebuild.add(pages), rebuild.switch()))
            print(f"rebuild: {count / taken * 1000:.0f} pages/s")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{size / 2**20:.1f} MB on disk, peak {peak} MB (pages held in memory included)")


if __name__ == "__main__":
    main()
