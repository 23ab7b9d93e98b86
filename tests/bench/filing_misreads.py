"""Words as they are read from paper: misread, split, joined or lost as measured from real reads.

The table `data/filing_noise.json` is made by filing_measure.py. For each kind of scan it holds how
often words of a class are misread, which letters become which, how sure the reader then is, and how
often words far apart on a printed line are read as one line.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from filing_files import File
from filing_sheet import HEIGHT, WIDTH, Mark, Printed, Sheet, rows_of, words_of

from chartkeeper.filing.doubt import fields_in_doubt
from chartkeeper.ocr.fax_header import find_fax_header
from chartkeeper.ocr.page import Barcode, Box, Page, PageKind, TextSource, Word

TABLE = Path(__file__).with_name("data") / "filing_noise.json"
DPI = {"clean": 300, "fax_fine": 200, "fax_standard": 204, "fax_copy": 200}
# Gaps between neighbours on a printed line, in sizes of type; see `same_line` in the table.
GAPS = (1.5, 3.0, 6.0, 12.0)
FAX_LINES = (
    "07/28/2026  14:02   555-0118   SAMPLE SENDER   PAGE {p:02d}/{n:02d}",
    "Jul-27-2026 09:41  From: EXAMPLE OFFICE  To: 5550141   P.{p}/{n}",
    "2026-07-29 16:20  5550162 -> 5550141   p {p}/{n}",
)
CLASSES = ("numbers", "digits", "capitals", "letters", "signs")
NUMBER_CHARACTERS = 6
REGION_GAP = 1.5


@dataclass(frozen=True)
class _Read:
    """A word as read, before lines are numbered."""

    text: str
    word: Printed
    confidence: float


@cache
def noise() -> dict[str, Any]:
    """The table by kind of scan."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table["kinds"]


def class_of(text: str) -> str:
    """What a word is made of: long or short with digits, all capitals, other letters, or signs.

    Long ones are dates and numbers of people; short ones get lost in tables.
    """
    if any(char.isdigit() for char in text):
        return "numbers" if len(text) >= NUMBER_CHARACTERS else "digits"
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return "signs"
    return "capitals" if len(letters) > 1 and all(map(str.isupper, letters)) else "letters"


def gap_class(gap: float, size: float) -> int:
    """0 for the space between words of a sentence, up to 4 for the width of a column."""
    return sum(gap / size >= bound for bound in GAPS)


def pages_of(file: File, rng: random.Random) -> list[Page]:
    """The sides of a file as the reading room would hand them on."""
    return [
        content_page(sheet, number, file.kind, rng, forced_on(file, number))
        if side.kind is PageKind.CONTENT
        else bare_page(number, side.kind, side.bar)
        for number, (side, sheet) in enumerate(zip(file.sides, faxed_sheets(file), strict=True), 1)
    ]


def forced_on(file: File, number: int) -> dict[str, str]:
    """What is misread on this page in any case."""
    papers = (paper for paper in file.papers if paper.first <= number <= paper.last)
    return next((paper.case.misreads for paper in papers), {})


def faxed_sheets(file: File) -> list[Sheet]:
    """The sheets of a file, with the line of the fax machine where it came by fax."""
    sheets = [side.sheet for side in file.sides]
    if file.kind == "clean":
        return sheets
    # Separator sheets are laid between the pages by who receives the fax.
    sent = [at for at, side in enumerate(file.sides) if side.kind is not PageKind.SEPARATOR]
    style = file.number % len(FAX_LINES)
    for number, at in enumerate(sent, 1):
        sheets[at] = with_fax_line(sheets[at], number, len(sent), style)
    return sheets


def content_page(
    sheet: Sheet, number: int, kind: str, rng: random.Random, forced: dict[str, str]
) -> Page:
    """The sheet as the reading room would hand it on; `forced` words are misread in any case."""
    found = noise()[kind]
    factor = rng.choice(found["pages"])
    read: list[tuple[_Read, int]] = []
    for line, row in enumerate(_lines(words_of(sheet), found, rng)):
        read += [(word, line) for word in _read_row(row, found, factor, rng, forced)]
    dpi = DPI[kind]
    words = tuple(_word(one, line, dpi / 72) for one, line in read)
    size = round(WIDTH * dpi / 72), round(HEIGHT * dpi / 72)
    header = find_fax_header(words, *size)
    content = (PageKind.CONTENT, TextSource.OCR, words)
    page = Page(number, *size, dpi, 0, *content, fax_header=header)
    return _looked_again(page, [one.word.text for one, _ in read], found, rng)


def _looked_again(
    page: Page, truths: Sequence[str], found: dict[str, Any], rng: random.Random
) -> Page:
    """The page after its doubtful fields were read a second time, as ocr/fields.py compares."""
    words = list(page.words)
    for box in _doubtful(page):
        there = [at for at, word in enumerate(words) if _lies_in(word.box, box)]
        first = "right" if all(words[at].text == truths[at] for at in there) else "wrong"
        again = ("same", "right", "other")
        weights = [found["second"].get(f"{first} {outcome}", 0) + 0.01 for outcome in again]
        outcome = rng.choices(again, weights)[0]
        for at in there:
            words[at] = _second(words[at], truths[at], outcome, found, rng)
    return replace(page, words=tuple(words))


def _doubtful(page: Page) -> tuple[Box, ...]:
    try:
        return fields_in_doubt(page)
    except Exception:  # noqa: BLE001 - filing crashes on the page as well, and is counted there
        return ()


def _second(
    word: Word, truth: str, outcome: str, found: dict[str, Any], rng: random.Random
) -> Word:
    if outcome == "same":
        agreed = found["agreed"] or found["confidence"]["exact"]["letters"]
        return replace(word, confidence=max(word.confidence, rng.choice(agreed)))
    again = truth if outcome == "right" else misread(truth, found, rng)
    return word if again == word.text else replace(word, other=again)


def _lies_in(box: Box, place: Box) -> bool:
    across, down = box.left + box.width / 2, box.top + box.height / 2
    return place.left <= across <= place.right and place.top <= down <= place.bottom


def bare_page(number: int, page_kind: PageKind, bar: str) -> Page:
    """A blank page or a separator sheet."""
    codes = (Barcode("Code128", bar, Box(300, 300, 900, 200)),) if bar else ()
    return Page(number, 2550, 3300, 300, 0, page_kind, TextSource.NONE, (), barcodes=codes)


def with_fax_line(sheet: Sheet, number: int, pages: int, style: int) -> Sheet:
    """The sheet with the line that the sending machine prints over it, in one of three styles."""
    text = FAX_LINES[style].format(p=number, n=pages)
    return Sheet([Mark(26, 15, text, 8, "mono-bold"), *sheet.marks], sheet.rules)


def _lines(
    words: Sequence[Printed], found: dict[str, Any], rng: random.Random
) -> list[list[Printed]]:
    """The words by line of text: what stands far apart may be read as lines of its own.

    Columns that are read apart are read one after the other.
    """
    luck = rng.random()
    lines: list[list[Printed]] = []
    region: list[list[Printed]] = []
    for row in rows_of(words):
        pieces = _pieces(row, found["same_line"], luck)
        if region and (len(pieces) == 1 or _is_below(row[0], region[-1][-1])):
            lines += _by_column(region)
            region = []
        if len(pieces) > 1:
            region += pieces
        else:
            lines += pieces
    return [*lines, *_by_column(region)]


def _is_below(word: Printed, before: Printed) -> bool:
    """Whether there is more space above a word than between the lines of a block."""
    return word.top - before.bottom > REGION_GAP * word.size


def _pieces(row: Sequence[Printed], same_line: Sequence[float], luck: float) -> list[list[Printed]]:
    pieces: list[list[Printed]] = []
    for word in row:
        before = pieces[-1][-1] if pieces else None
        apart = before and gap_class(word.left - before.right, word.size)
        if before is None or (apart and luck > same_line[apart]):
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _by_column(region: Sequence[list[Printed]]) -> list[list[Printed]]:
    return sorted(region, key=lambda piece: piece[0].block)


def _read_row(
    row: Sequence[Printed],
    found: dict[str, Any],
    factor: float,
    rng: random.Random,
    forced: dict[str, str],
) -> list[_Read]:
    read: list[_Read] = []
    for word in row:
        if word.text.strip(",.") in forced:
            wrong = forced[word.text.strip(",.")]
            read.append(_Read(wrong, word, _confidence(found, "numbers", "misread", rng)))
            continue
        rates = found["rates"][class_of(word.text)]
        if rng.random() < rates["lost"] * factor:
            continue
        if rng.random() < rates["joined"] * factor and read and not _far(read[-1].word, word):
            read[-1] = _joined(read[-1], word)
            continue
        read += _read_word(word, found, factor, rng)
    return read


def _far(one: Printed, other: Printed) -> bool:
    return gap_class(other.left - one.right, other.size) > 0


def _joined(read: _Read, word: Printed) -> _Read:
    whole = replace(read.word, right=word.right, text=read.word.text + word.text)
    return _Read(read.text + word.text, whole, read.confidence)


def _read_word(
    word: Printed, found: dict[str, Any], factor: float, rng: random.Random
) -> list[_Read]:
    kind = class_of(word.text)
    rates = found["rates"][kind]
    if len(word.text) > 3 and rng.random() < rates["split"] * factor:
        return _split(word, found, rng)
    text = word.text
    # Longer words are misread more often; the rate was measured on words of mean length.
    chance = rates["misread"] * factor * len(text) / rates["mean_length"]
    if rng.random() < min(chance, 0.95):
        text = misread(text, found, rng)
    outcome = "exact" if text == word.text else "misread"
    return [_Read(text, word, _confidence(found, kind, outcome, rng))] if text else []


def _split(word: Printed, found: dict[str, Any], rng: random.Random) -> list[_Read]:
    at = rng.randrange(1, len(word.text))
    middle = word.left + (word.right - word.left) * at / len(word.text)
    kind = class_of(word.text)
    return [
        _part(replace(word, text=word.text[:at], right=middle), found, kind, rng),
        _part(replace(word, text=word.text[at:], left=middle), found, kind, rng),
    ]


def _part(word: Printed, found: dict[str, Any], kind: str, rng: random.Random) -> _Read:
    return _Read(word.text, word, _confidence(found, kind, "misread", rng))


def misread(text: str, found: dict[str, Any], rng: random.Random) -> str:
    """Text with as many letters misread as were at a time, each for what it was misread as."""
    for _ in range(rng.choices(range(1, 5), found["slips"])[0]):
        weights = [found["letters"].get(char, {"rate": 0.001})["rate"] for char in text]
        if not text:
            break
        at = rng.choices(range(len(text)), weights)[0]
        became = found["letters"].get(text[at], {}).get("became") or {"": 1}
        text = text[:at] + rng.choices(list(became), list(became.values()))[0] + text[at + 1 :]
    return text


def _confidence(found: dict[str, Any], kind: str, outcome: str, rng: random.Random) -> float:
    return float(rng.choice(found["confidence"][outcome][kind]))


def _word(read: _Read, line: int, scale: float) -> Word:
    word = read.word
    left, top = round(word.left * scale), round(word.top * scale)
    width = max(1, round(word.right * scale) - left)
    height = max(1, round(word.bottom * scale) - top)
    return Word(read.text, Box(left, top, width, height), read.confidence, line)
