"""What deciding whose a document is costs beside reading it, with many patients in the index.

    python tests/bench/patient_index.py [--patients 1000000] [--documents 200] [--json FILE]

Loads so many invented patients into a real ledger, with names as unevenly common as in real life,
and files papers of some of them: looking up, weighing, deciding. The lines are milliseconds.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "filing"))

from filing_paper import pages

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.decide import file_run
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.wanted import wanted
from chartkeeper.records import patients
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.model import Patient, mrn_key

SURNAMES, GIVEN_NAMES = 60_000, 4_000
AT_ONCE = 20_000
ARRIVED = date(2026, 1, 5)
STEPS = ("read clues", "look up", "decide", "together")


def letters(number, size):
    """A made-up name, another for each number."""
    consonants, vowels = "BCDFGHKLMNPRSTVW", "AEIOU"
    name = ""
    for _ in range(size):
        number, at = divmod(number, len(consonants) * len(vowels))
        name += consonants[at // len(vowels)] + vowels[at % len(vowels)].lower()
    return name.capitalize()


def ranked(rng, count):
    """A rank drawn so that the first ones are very common (by Zipf's law)."""
    return min(count - 1, int(count ** rng.random()) - 1)


def person(rng, number):
    born = date(1925, 1, 1) + timedelta(days=rng.randrange(36_500))
    mrn = f"{1_000_000 + number:08d}"
    last, first = letters(ranked(rng, SURNAMES), 3), letters(ranked(rng, GIVEN_NAMES), 2)
    return Patient(number, mrn, mrn_key(mrn), last, first, born, sex=rng.choice("MF"))


def load(ledger, count, rng):
    kept = []
    for start in range(0, count, AT_ONCE):
        with ledger.write() as connection:
            for number in range(start, min(count, start + AT_ONCE)):
                one = person(rng, number + 1)
                patients.save(connection, one)
                kept += [one] if number % max(1, count // 1_000) == 0 else []
    return kept


def paper_of(rng, one, other):
    """Two pages with a header, many dates and numbers, and names of other people."""
    visits = "\n".join(
        f"{ARRIVED - timedelta(days=rng.randrange(9_000)):%m/%d/%Y}  Visit {rng.randrange(10**7)}"
        for _ in range(25)
    )
    head = f"Patient: {one.last.upper()}, {one.first.upper()}   DOB: {one.dob:%m/%d/%Y}"
    head += f"   MRN: {one.mrn}" if rng.random() < 0.7 else ""
    notes = f"Attending: {other.first} {other.last} MD\nMother: {other.last}, {one.first}\n"
    return pages(f"# PROGRESS NOTE\n{head}\n{notes}{visits}", f"{head}\n{visits}")


def timed(ledger, rulebook, paper):
    start = time.perf_counter()
    clues = read_clues(paper)
    read = time.perf_counter()
    with ledger.read() as connection:
        known = patients.known(connection, wanted(clues, paper))
    looked = time.perf_counter()
    filing = file_run(paper, clues, known, rulebook, ARRIVED)
    end = time.perf_counter()
    spans = (read - start, looked - read, end - looked, end - start)
    return [span * 1000 for span in spans], filing.patient.value, len(known.candidates)


def measure(count, documents):
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        create_ledger(path)
        ledger = open_ledger(path)
        start = time.perf_counter()
        people = load(ledger, count, rng)
        loading = time.perf_counter() - start
        rulebook = Rulebook(load_doctypes())
        results = [
            timed(ledger, rulebook, paper_of(rng, rng.choice(people), rng.choice(people)))
            for _ in range(documents)
        ]
        size = path.stat().st_size
        ledger.close()
    return summary(count, loading, size, results)


def summary(count, loading, size, results):
    steps = {
        name: {
            "median_ms": round(statistics.median(spans), 1),
            "p95_ms": round(sorted(spans)[int(len(spans) * 0.95)], 1),
        }
        for name, spans in zip(STEPS, zip(*(r[0] for r in results), strict=True), strict=True)
    }
    return {
        "patients": count,
        "documents": len(results),
        "linked": sum(r[1] is not None for r in results),
        "candidates_median": statistics.median(r[2] for r in results),
        "loaded_per_second": round(count / loading),
        "ledger_bytes_per_patient": round(size / count),
        "steps": steps,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.patients, options.documents)
    for name, step in found["steps"].items():
        print(f"{name:<12} median {step['median_ms']:>7} ms   p95 {step['p95_ms']:>7} ms")
    print(json.dumps({key: value for key, value in found.items() if key != "steps"}))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
