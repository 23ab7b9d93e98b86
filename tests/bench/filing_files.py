"""Files of scans: documents one after another, separator sheets, fax covers, blank backs."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from filing_cases import Case
from filing_drawing import draw
from filing_population import Population
from filing_sheet import Sheet
from filing_traps import make_case

from chartkeeper.ocr.page import PageKind

KINDS = ("clean", "fax_fine", "fax_standard", "fax_copy")
KIND_WEIGHTS = (40, 25, 20, 15)
SEPARATED_SHARE = 0.3
COVER_SHARE, BLANK_SHARE = 0.12, 0.1


@dataclass(frozen=True)
class Side:
    """One side of paper: its kind, its marks, the text of its bar code."""

    kind: PageKind
    sheet: Sheet
    bar: str = ""


@dataclass(frozen=True)
class Paper:
    """A document in a file: the case and its pages, counted from 1 in the file.

    `owners` has for each written page the numbers of the patients that it may be linked to.
    """

    case: Case
    first: int
    last: int
    owners: dict[int, frozenset[str]]


@dataclass(frozen=True)
class File:
    """A scan to be filed: its sides, what is in it, how it was scanned."""

    number: int
    kind: str
    sides: tuple[Side, ...]
    papers: tuple[Paper, ...]
    separated: bool


def make_files(
    family: str,
    people: Population,
    seed: int,
    count: int,
    traps: tuple[str, ...] = (),
    kinds: tuple[str, ...] = KINDS,
) -> Iterator[File]:
    """Files with `count` documents together; the same for the same arguments."""
    number = made = 0
    while made < count:
        rng = random.Random(f"file {family} {seed} {number}")
        size = min(rng.choices((1, 2, 3, 4), (62, 20, 10, 8))[0], count - made)
        weights = [KIND_WEIGHTS[KINDS.index(kind)] for kind in kinds]
        kind = rng.choices(kinds, weights)[0]
        cases = [make_case(family, people, rng, traps) for _ in range(size)]
        # A cover sheet belongs to what comes behind it; alone it stands at the end of a file.
        cases.sort(key=lambda case: case.type == "cover_sheet")
        yield file_of(number, kind, cases, rng)
        number, made = number + 1, made + size


def file_of(number: int, kind: str, cases: list[Case], rng: random.Random) -> File:
    """The documents in one file, in order."""
    claiming = any(case.claimed for case in cases)
    covers = sum(case.type == "cover_sheet" for case in cases)
    separated = claiming or covers > 1 or (len(cases) > 1 and rng.random() < SEPARATED_SHARE)
    plain = not claiming and rng.random() < 0.5
    sides: list[Side] = []
    papers: list[Paper] = []
    for at, case in enumerate(cases):
        if separated:
            sides.append(_separator(case, plain=plain))
        _add_cover(case, at, kind, rng)
        start = len(sides) + 1
        written = []
        for sheet in draw(case, rng):
            sides.append(Side(PageKind.CONTENT, sheet))
            written.append(len(sides))
            if rng.random() < BLANK_SHARE and kind == "clean":
                sides.append(Side(PageKind.BLANK, Sheet()))
        papers.append(Paper(case, start, len(sides), owners_of(case, written)))
    return File(number, kind, tuple(sides), tuple(papers), separated)


def owners_of(case: Case, written: list[int]) -> dict[int, frozenset[str]]:
    """Whose each page is: a cover also that of whom it names, a strange sheet that of the other.

    So a document that is cut apart rightly may be linked part by part, but not as a whole.
    """
    truth = case.person.mrn if case.second else case.truth
    owners = dict.fromkeys(written, frozenset({truth} if truth else ()))
    if case.cover:
        owners[written[0]] |= {case.cover.mrn}
    if case.second:
        owners[written[-1]] = frozenset({case.second.mrn})
    return owners


def _add_cover(case: Case, at: int, kind: str, rng: random.Random) -> None:
    """A fax often begins with a cover sheet about the patient of what it covers."""
    wanted = at == 0 and kind != "clean" and rng.random() < COVER_SHARE
    if wanted and not case.cover and case.type != "cover_sheet" and not case.listed:
        case.cover = replace(case.person, suffix="")


def _separator(case: Case, *, plain: bool) -> Side:
    """A sheet that only separates, or says whose and what the document behind it is."""
    bar = "PATCHT"
    if not plain and case.truth:
        bar = f"SEP|MRN={case.claimed or case.truth};DOS={case.day:%Y-%m-%d}"
    return Side(PageKind.SEPARATOR, Sheet(), bar)
