"""Measures how words are misread: pages of the benchmark printed, aged, read, compared by place.

Makes `data/filing_noise.json`; see filing_misreads.py for what it holds.
"""

import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from filing_drawing import draw
from filing_misreads import CLASSES, FAX_LINES, GAPS, TABLE, class_of, gap_class, with_fax_line
from filing_population import Population
from filing_prints import printed
from filing_sheet import HEIGHT, WIDTH, Printed, Sheet, words_of
from filing_traps import make_case
from rapidfuzz.distance import Levenshtein

from chartkeeper.filing.doubt import fields_in_doubt
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine, second_engine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import Box, Page, Word
from chartkeeper.ocr.read import read_page

OUTCOMES = ("exact", "misread", "split", "joined", "lost")
MOST_CONFIDENCES = 150
LOWEST_RATE = 0.0003
MOST_SLIPS = 4
FEWEST_PAIRS = 8


@dataclass
class Tally:
    """What was counted on the pages of one kind of scan."""

    words: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    letters: Counter[str] = field(default_factory=Counter)
    became: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    slips: Counter[int] = field(default_factory=Counter)
    lengths: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    confidence: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    same_line: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    pages: list[float] = field(default_factory=list)
    second: Counter[str] = field(default_factory=Counter)
    agreed: list[float] = field(default_factory=list)


def measure(family: str, people: Population, pages: int, kinds: Sequence[str]) -> None:
    """Read `pages` sheets of each kind and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = {kind: _shown(_tally(family, people, pages, kind, folder)) for kind in kinds}
    before = json.loads(TABLE.read_text(encoding="utf-8"))["kinds"] if TABLE.is_file() else {}
    text = json.dumps({"pages_of_each": pages, "kinds": before | table}, sort_keys=True)
    text = text.replace("], ", "],\n").replace("}, ", "},\n")
    TABLE.write_text(text + "\n", encoding="utf-8")


def _tally(family: str, people: Population, pages: int, kind: str, folder: Path) -> Tally:
    tally = Tally()
    engines = Engines(first_engine(FirstEngine.AUTO, folder), second_engine())
    for number in range(pages):
        rng = random.Random(f"noise {kind} {number}")
        sheets = draw(make_case(family, people, rng), rng)
        sheet = sheets[number % len(sheets)]
        if kind != "clean":
            sheet = with_fax_line(sheet, 1, 1, number % len(FAX_LINES))
        path = folder / "page.tif"
        printed(sheet, kind, number, path)
        doubtful: list[Box] = []
        manner = Manner(engines, second_look=False, in_doubt=partial(_noted, doubtful))
        page = read_page(path, Format.TIFF, 1, Limits(), manner)
        count(tally, sheet, page, doubtful)
        print(f"{kind} {number + 1} of {pages}", flush=True)
    return tally


def _noted(doubtful: list[Box], page: Page) -> tuple[Box, ...]:
    found = fields_in_doubt(page)
    doubtful += found
    return found


def count(tally: Tally, sheet: Sheet, page: Page, doubtful: Sequence[Box] = ()) -> None:
    """Add one page: what was printed beside what was read at the same place."""
    truth = _straightened(words_of(sheet), page)
    links = {at: _overlapping(word, page.words) for at, word in enumerate(truth)}
    claims = Counter(at for found in links.values() for at in found)
    bad = 0
    for at, word in enumerate(truth):
        found = [page.words[number] for number in links[at]]
        outcome = _outcome(word, found, [claims[number] for number in links[at]])
        _count_word(tally, word, outcome, found)
        bad += outcome != "exact"
    tally.pages.append(bad / max(1, len(truth)))
    _count_lines(tally, truth, links, page.words)
    _count_second(tally, truth, page, doubtful)


def _straightened(words: Sequence[Printed], page: Page) -> list[Printed]:
    """The printed words where they came to lie on the page, in its pixels.

    Paper turns a little in machines; how much is told by the words that stand on it once only.
    """
    scale = np.diag([page.width / WIDTH, page.height / HEIGHT])
    places = np.array([[one.left, (one.top + one.bottom) / 2] for one in words]) @ scale
    once = Counter(one.text for one in words)
    read = Counter(one.text for one in page.words)
    found = {one.text: one.box for one in page.words if read[one.text] == 1}
    pairs = [
        (place, (box.left, box.top + box.height / 2))
        for one, place in zip(words, places, strict=True)
        if once[one.text] == 1 and len(one.text) > 2 and (box := found.get(one.text))
    ]
    if len(pairs) >= FEWEST_PAIRS:
        before, after = (np.array(part) for part in zip(*pairs, strict=True))
        known = np.column_stack([before, np.ones(len(before))])
        moves = np.linalg.lstsq(known, after, rcond=None)[0]
        places = np.column_stack([places, np.ones(len(places))]) @ moves
    return [_moved(one, place, scale) for one, place in zip(words, places, strict=True)]


def _moved(word: Printed, place: Any, scale: Any) -> Printed:
    across, down = float(scale[0][0]), float(scale[1][1])
    left, middle = float(place[0]), float(place[1])
    half = (word.bottom - word.top) / 2 * down
    right = left + (word.right - word.left) * across
    return replace(
        word, left=left, right=right, top=middle - half, bottom=middle + half, size=word.size * down
    )


def _outcome(word: Printed, found: Sequence[Word], claims: Sequence[int]) -> str:
    if not found:
        return "lost"
    if len(found) > 1:
        return "split"
    if claims[0] > 1:
        return "joined"
    return "exact" if found[0].text == word.text else "misread"


def _overlapping(word: Printed, read: Sequence[Word]) -> list[int]:
    middle = (word.top + word.bottom) / 2
    found = []
    for at, one in enumerate(read):
        box = one.box
        shared = min(word.right, box.right) - max(word.left, box.left)
        near = abs(box.top + box.height / 2 - middle) < word.size * 0.6
        if near and shared > 0.4 * min(word.right - word.left, box.width):
            found.append(at)
    return found


def _count_word(tally: Tally, word: Printed, outcome: str, found: Sequence[Word]) -> None:
    kind = class_of(word.text)
    tally.words[kind][outcome] += 1
    tally.lengths[kind].append(len(word.text))
    if outcome in ("exact", "misread"):
        tally.letters.update(word.text)
    if outcome in ("exact", "misread"):
        tally.confidence[outcome][kind].append(round(found[0].confidence, 3))
    if outcome == "misread":
        _count_letters(tally, word.text, found[0].text)


def _count_letters(tally: Tally, truth: str, read: str) -> None:
    changes = [op for op in Levenshtein.opcodes(truth, read) if op.tag != "equal"]
    slips = 0
    for change in changes:
        before = truth[change.src_start : change.src_end]
        after = read[change.dest_start : change.dest_end]
        slips += max(len(before), 1)
        if not before:
            at = max(0, change.src_start - 1)
            tally.became[truth[at]][truth[at] + after[:2]] += 1
        for at, char in enumerate(before):
            last = at == len(before) - 1
            tally.became[char][after[at:][:3] if last else after[at : at + 1]] += 1
    tally.slips[min(MOST_SLIPS, slips)] += 1


def _count_lines(
    tally: Tally, truth: Sequence[Printed], links: dict[int, list[int]], read: Sequence[Word]
) -> None:
    for at in range(1, len(truth)):
        one, other = truth[at - 1], truth[at]
        gap = gap_class(other.left - one.right, one.size)
        if one.row == other.row and gap and links[at] and links[at - 1]:
            same = read[links[at][0]].line == read[links[at - 1][-1]].line
            tally.same_line[gap].append(same)


def _count_second(
    tally: Tally, truth: Sequence[Printed], page: Page, doubtful: Sequence[Box]
) -> None:
    """How often the second reading of a doubtful field is right, by whether the first was."""
    for box in doubtful:
        there = [word for word in page.words if _inside(word.box, box)]
        printed_words = [word for word in truth if _inside(_box(word), box)]
        if not there or len(there) != len(printed_words):
            continue
        right = _said(word.text for word in printed_words)
        first = _said(word.text for word in there)
        again = _said(word.other or word.text for word in there)
        told = "same" if again == first else "right" if again == right else "other"
        tally.second[f"{'right' if first == right else 'wrong'} {told}"] += 1
        if told == "same":
            tally.agreed += [round(word.confidence, 3) for word in there]


def _said(texts: Iterable[str]) -> str:
    """What words say, however they are punctuated."""
    return "".join(char for text in texts for char in text.upper() if char.isalnum())


def _box(word: Printed) -> Box:
    width, height = round(word.right - word.left), round(word.bottom - word.top)
    return Box(round(word.left), round(word.top), width, height)


def _inside(small: Box, large: Box) -> bool:
    x, y = small.left + small.width / 2, small.top + small.height / 2
    return large.left <= x <= large.right and large.top <= y <= large.bottom


def _shown(tally: Tally) -> dict[str, Any]:
    """A tally as the table holds it."""
    average = mean(tally.pages) or 1.0
    return {
        "rates": {kind: _rates(tally, kind) for kind in CLASSES},
        "letters": {
            char: {"rate": round(became.total() / tally.letters[char], 5), "became": dict(became)}
            for char, became in tally.became.items()
        },
        "slips": [tally.slips[number] or 1 for number in range(1, MOST_SLIPS + 1)],
        "confidence": {
            outcome: {kind: _confidences(tally, outcome, kind) for kind in CLASSES}
            for outcome in ("exact", "misread")
        },
        "same_line": [1.0, *(_share(tally.same_line[gap]) for gap in range(1, len(GAPS) + 1))],
        "pages": [round(share / average, 3) for share in tally.pages],
        "second": dict(tally.second),
        "agreed": sorted(tally.agreed)[:: max(1, len(tally.agreed) // MOST_CONFIDENCES)],
    }


def _rates(tally: Tally, kind: str) -> dict[str, float]:
    counts = tally.words[kind]
    total = max(1, counts.total())
    rates = {name: round(max(LOWEST_RATE, counts[name] / total), 5) for name in OUTCOMES[1:]}
    return rates | {"mean_length": round(mean(tally.lengths[kind] or [4]), 2)}


def _confidences(tally: Tally, outcome: str, kind: str) -> list[float]:
    """Evenly spread over those that were seen; of all classes where one was hardly seen."""
    seen = tally.confidence[outcome][kind]
    if len(seen) < 5:
        seen = [value for values in tally.confidence[outcome].values() for value in values]
    seen = sorted(seen) or [0.5, 0.7, 0.9]
    step = max(1, len(seen) // MOST_CONFIDENCES)
    return seen[::step]


def _share(values: Sequence[bool]) -> float:
    return round(mean(values), 3) if values else 0.5
