"""How well documents are filed: whose, what, from when, and where one ends and the next begins.

    python tests/bench/filing.py [--family tuning unseen] [--documents 8000] [--seed N]
        [--patients 20000] [--kinds KIND...] [--traps TRAP...] [--real N] [--confusions]
        [--failures N] [--json FILE]
    python tests/bench/filing.py --measure-noise [--pages N]   makes data/filing_noise.json anew

Cases come from a generator that knows nothing of the rules that it judges: 26 senders with layouts
and wordings of their own, a patient index full of relatives and namesakes, thirty traps. Two
families: `tuning` may be looked into with --failures, of `unseen` only figures are told. Words are
laid out without a picture and misread as real reads were; with --real, sheets are printed, aged and
read with real OCR.

A document is linkable if at least two of our own MRN, the full birth date and the full name of its
patient are printed as the patient's, fit nobody else in the index, and nothing printed as the
patient's (nor a forced misreading) disagrees; a birth date of 1 January counts as none, and neither
does half a name or a nickname. A link is wrong if it is to anybody but the patient, or to anybody
at all where the truth says nobody: two patients on the paper, not in the index, a name for nobody.
A retired number that the index does not know of counts as one that disagrees. Where a paper was
cut, each part is judged by whose its pages are, so a strange sheet may be linked to its patient.

Filed are documents that nobody looks at: linked, and nothing else in doubt; these are the automatic
links. Of others the patient may be decided as well, while a clerk looks for other reasons:
wrong_decided counts those that are wrong of both.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from filing_bodies import REPORTS, reports
from filing_files import KINDS, File, make_files
from filing_measure import measure
from filing_misreads import pages_of
from filing_population import make_population
from filing_real import read_files
from filing_run import Desk, file_pages, open_desk
from filing_scores import Result, Scores, results_of
from filing_senders import FAMILIES
from filing_tables import as_json, confusions, failure, report, sorts_of
from filing_traps import NOT_ON_PAPER, TRAPS

from chartkeeper.ocr.page import Page
from chartkeeper.settings import quiet_engines

TOLD_EVERY = 1_000


def run(given: argparse.Namespace, desk: Desk, files: Iterator[tuple[File, list[Page]]]) -> Scores:
    """File everything, score it, and show failures where asked."""
    scores, shown = Scores(), Counter()
    for file, pages in files:
        filed = file_pages(desk, pages)
        results = results_of(file, filed.filings, desk.mrns)
        scores.add(file, filed, results)
        if filed.stumbled and given.failures:
            print(f"--- stumbled: {filed.stumbled}")
        for result in results:
            show(result, pages, given.failures, shown)
        done = scores.all.counts["documents"]
        if done // TOLD_EVERY > (done - len(results)) // TOLD_EVERY:
            print(f"{done} documents", file=sys.stderr, flush=True)
    return scores


def show(result: Result, pages: list[Page], most: int, shown: Counter[str]) -> None:
    """Print the result if it is one of the first failures of its sort."""
    for sort in sorts_of(result) if most else ():
        if shown[sort] < most:
            shown[sort] += 1
            print(*failure(sort, result, pages), sep="\n", flush=True)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="How well documents are filed.")
    parser.add_argument("--family", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--documents", type=int, default=8_000, help="of each family")
    parser.add_argument("--patients", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--traps", nargs="+", choices=["none", *TRAPS], default=[])
    parser.add_argument("--real", type=int, default=0, help="documents through real OCR as well")
    parser.add_argument("--confusions", action="store_true", help="the table of types")
    parser.add_argument("--failures", type=int, default=0, help="of each sort, family tuning only")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure-noise", action="store_true")
    parser.add_argument("--pages", type=int, default=40, help="of each kind, for the noise")
    given = parser.parse_args()
    if given.failures and given.family != ["tuning"]:
        parser.error("--failures is for --family tuning: nobody tunes on the unseen family")
    return given


def measured(given: argparse.Namespace) -> Iterator[tuple[str, dict[str, object]]]:
    """Each family through made-up readings, and through real ones where asked."""
    people = make_population(given.seed, given.patients)
    with open_desk(people) as desk:
        for family in given.family:
            made = (family, people, given.seed)
            kinds, traps = tuple(given.kinds), tuple(given.traps)
            if given.documents:
                files = make_files(*made, given.documents, traps, kinds)
                laid_out = ((file, pages_of(file, random.Random(file.number))) for file in files)
                yield family, told(given, family, run(given, desk, laid_out))
            if given.real:
                printable = tuple(
                    name for name in traps or ("none", *TRAPS) if name not in NOT_ON_PAPER
                )
                files = make_files(*made, given.real, printable, kinds)
                name = f"{family}, really read"
                yield name, told(given, name, run(given, desk, read_files(files)))


def told(given: argparse.Namespace, name: str, scores: Scores) -> dict[str, object]:
    """Print the tables of a run, and return its figures."""
    documents = scores.all.counts["documents"]
    print(f"\n## {name}", *report(scores, documents), sep="\n")
    if given.confusions:
        print(*confusions(scores), sep="\n")
    return as_json(scores, documents)


def main() -> None:
    """Read the command line, measure, tell."""
    given = options()
    quiet_engines()
    if given.measure_noise:
        measure("tuning", make_population(given.seed, 3_000), given.pages, given.kinds)
        return
    if not any(reports().values()):
        print(f"no real report texts at {REPORTS.parent}: all bodies are made up")
    figures = dict(measured(given))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
