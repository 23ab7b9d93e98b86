"""The line that a fax machine prints at the edge of every page that it sends.

In the United States it must name day, time and sender (47 CFR 68.318(d)); makers add the page. A
document's own header has some of these too, so a line counts only when they come together with
something that a fax alone prints, at the outer edge, and no label of a chart stands among them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from chartkeeper.ocr.fax_misread import mended
from chartkeeper.ocr.orient import turned_box
from chartkeeper.ocr.page import Box, FaxHeader, Page, Word, around

# Machines print at the very edge; scanned again, the line slips down the page a little.
TOP_PART = 0.12
BOTTOM_PART = 0.94
# Text lines whose middles lie this near, in heights of a line, are one line of print.
SAME_ROW_HEIGHTS = 0.6
# A row of fewer letters and digits is dirt at the edge.
MIN_CHARACTERS = 4
MAX_ROWS = 4
MAX_ROW_CHARACTERS = 200
MAX_PAGES = 999
# A page number of a less sure reading is not claimed.
SURE_CONFIDENCE = 0.6
# A line of less sure words is read twice.
SURE_OF_SIGNS = 0.9
MAX_SENDER_CHARACTERS = 80

_MONTH = r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?"
_DAY = re.compile(
    rf"""(?<!\d)(?:
      \d{{1,4}} \s?[/.-]\s? \d{{1,2}} \s?[/.-]\s? \d{{2,4}}
    | (?:19|20)\d\d [\s./-]{{1,2}} {_MONTH} [\s./-]{{0,2}} \d{{1,2}}
    | \d{{1,2}} [\s./-]{{0,2}} {_MONTH} [\s.,/'-]{{0,3}} \d{{2,4}}
    )(?!\d) | \b{_MONTH} [\s./-]{{0,2}} \d{{1,2}} [\s.,/'-]{{1,3}} (?:\d{{4}}|\d{{2}}) (?![\d:])""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = re.compile(
    r"(?<![\d:])(?:[01]?\d|2[0-3])\s?[:;]\s?[0-5]\d(?:\s?[:;]\s?[0-5]\d)?"
    r"(?:\s?[AP]\.?\s?M\b\.?)?(?![\d:])",
    re.IGNORECASE,
)
_NO_CLOCK = re.compile(r"(?<!\S)\S{1,3}[:;]\S{1,5}(?!\S)")
_PAGE = r"(?<![A-Z])(?:P|PG|PAG|PAGE|PAGINA|SEITE)[.:,\s]*"
_PLACES = (
    re.compile(
        _PAGE + r"(\d{1,3})\s?(?:/|\s?OF\s|\s?VON\s|\s?DE\s)\s?(\d{1,3})(?![\d/:])", re.IGNORECASE
    ),
    re.compile(r"(?<![\d/-])(\d{1,3})\s?/\s?(0\d{1,2})(?![\d/:-])"),
    re.compile(r"(?<![\d/-])(\d{1,3})\s?(?:/|\s?OF\s)\s?(\d{1,3})\W*$", re.IGNORECASE),
)
# A number without a count: two digits might be `2/5` with its stroke lost.
_PAGE_ALONE = re.compile(_PAGE + r"(0\d{1,2}|[1-9])(?![\d/:])", re.IGNORECASE)
_ANY_PLACE = re.compile(_PAGE + r"\d{1,7}(?!\d)", re.IGNORECASE)
_PADDED_PLACE = re.compile(r"(?<![\d/])(?:0\d{1,3}\s?/\s?\d{1,3}|\d{1,3}\s?/\s?0\d{1,2})(?![\d/])")
_PHONE = re.compile(r"(?<![\d/:])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?![\d/:])")
_FAX = re.compile(
    r"(?<![A-Z])(?:E?FAX|FACSIMILE|TELEFAX|FR[O0]?M|TO\s?:|TSID|CSID|RECEIVED\sTIME|VON\s?:|AN\s?:)"
    r"(?![A-Z])|-[>»=]",
    re.IGNORECASE,
)
_JOB = re.compile(r"\bT-\d{3}\b|\bF-\d{3}\b|\bRECEIVED\sTIME\b", re.IGNORECASE)
_CHART_LABEL = re.compile(
    r"\b(?:PRINT(?:ED)?|RUN|COLLECTED|REPORT(?:ED)?|PATIENT|MRN|DOB|ACC(?:OUN)?T|ADMIT(?:TED)?|"
    r"ORDERED|SPECIMEN|ACCESSION|DICTATED|TRANSCRIBED|SIGNED|VISIT|APPOINTMENT|SEX|AGE|NAME|DATE|"
    r"DISCHARGED|RECEIVED|EXAM(?:INED)?|HOURS|PAGES)\b"
    r"(?:\s(?:DATE|ON|BY|NAME|ID|NO|AT|TIME))?\.?\s?(?:[:#]|(?=\d))",
    re.IGNORECASE,
)
# `Last, First`: beside a number that may be a telephone's a chart names its patient.
_NAME = re.compile(r"[^\W\d_]{2,},\s?[^\W\d_]{2,}")
_FROM = re.compile(r"(?<![A-Z])FR[O0]?M(?![A-Z])\s?[:.-]?", re.IGNORECASE)
_TO = re.compile(r"(?<![A-Z])TO(?![A-Z])\s?:|->|\|", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of print across the page, which the reader may have taken for several."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Its words; the letter O among digits is a nought."""
        return " ".join(_noughts(word.text) for word in self.words)[:MAX_ROW_CHARACTERS]

    @property
    def middle(self) -> float:
        """Where it runs, in pixels from the top."""
        return sum(word.box.top + word.box.bottom for word in self.words) / (2 * len(self.words))

    @property
    def height(self) -> float:
        """The mean height of its words."""
        return sum(word.box.height for word in self.words) / len(self.words)


def header_as_it_lay(page: Page, words: Sequence[Word]) -> Page:
    """A page that was turned, with the header that stood upright before; `words` are those then.

    A machine prints its line along the edge that leaves it first, however the page lies in it.
    What was read in the place of the header as it lies now is left out.
    """
    upright = page.width, page.height
    lay = upright if page.rotation % 180 == 0 else upright[::-1]
    header = find_fax_header(words, *lay)
    if header is None:
        return page
    line = max((word.line for word in page.words), default=-1) + 1
    found = tuple(
        replace(word, box=turned_box(word.box, lay, page.rotation, upright), line=line)
        for word in words
        if word.line in header.lines
    )
    kept = (word for word in page.words if not any(_is_within(word, other) for other in found))
    return replace(page, words=(*kept, *found), fax_header=replace(header, lines=(line,)))


def _is_within(word: Word, other: Word) -> bool:
    """Whether the middle of a word lies in the box of another, or the other's in its own."""
    return other.box.holds_middle_of(word.box) or word.box.holds_middle_of(other.box)


def unsure_place(page: Page) -> Box | None:
    """Where the header of `page` stands, if its numbers or signs were not read surely."""
    if page.fax_header is None:
        return None
    row = _rows(word for word in page.words if word.line in page.fax_header.lines)[0]
    sure = all(word.confidence >= SURE_OF_SIGNS for word in row.words)
    if sure and page.fax_header.page:
        return None
    return around(row.words)


def read_twice(header: FaxHeader, again: str) -> FaxHeader:
    """The header with what another engine makes of its numbers: `again`, the line as it read that.

    Where one of the two did not find a number the other's counts; where they differ none does.
    """
    _, (page, pages) = _numbered(" ".join(map(_noughts, again.split())))
    if page is None:
        return header
    if header.page and (header.page, header.pages or pages) != (page, pages or header.pages):
        return replace(header, page=None, pages=None)
    return replace(header, page=page, pages=pages or header.pages)


def with_fax_header(page: Page) -> Page:
    """The page with the line of a fax machine that is found in its words, if there is one."""
    return replace(page, fax_header=find_fax_header(page.words, page.width, page.height))


def find_fax_header(words: Sequence[Word], width: int, height: int) -> FaxHeader | None:
    """The fax header among the `words` of an upright page of `width` x `height` pixels, if any.

    Of several, as on a fax sent on, the outermost speaks; `lines` names the lines of all. `page`
    and `pages` are None where they were not read surely.
    """
    rows = [row for row in _rows(words) if _is_print(row, width)]
    top = [row for row in rows if row.middle < height * TOP_PART][:MAX_ROWS]
    at = next((at for at, row in enumerate(top[:2]) if is_header_text(row.text)), None)
    if at is not None and all(_looks_sent(row.text) for row in top[:at]):
        stacked = [row for row in top[at + 1 :] if is_header_text(row.text)]
        return _header(top[at], (*top[:at], *stacked))
    foot = rows[-1] if rows and rows[-1].middle > height * BOTTOM_PART else None
    if foot and is_header_text(foot.text) and _is_surely_sent(foot.text):
        return _header(foot, ())
    return None


def is_header_text(text: str) -> bool:
    """Whether a line of print at a page's edge reads like a fax header."""
    if _CHART_LABEL.search(text) or (_NAME.search(text) and not _is_from_a_machine(text)):
        return False
    return _is_sent(text) or _is_sent(mended(text))


def _is_from_a_machine(text: str) -> bool:
    return bool(_FAX.search(text) or _JOB.search(text))


def _is_sent(text: str) -> bool:
    rest = _DAY.sub(" ", text)
    day = rest != text
    clock = _CLOCK.search(rest)
    if not clock:
        return False
    rest = _CLOCK.sub(" ", rest)
    padded = bool(_PADDED_PLACE.search(rest))
    place = padded or any(pattern.search(rest) for pattern in (*_PLACES, _ANY_PLACE))
    signs = padded + bool(_FAX.search(rest)) + bool(_PHONE.search(rest)) + bool(_JOB.search(rest))
    return bool(signs) and (day or (padded and signs > 1)) and (place or signs > 1)


def _looks_sent(text: str) -> bool:
    """Whether a line above a header may be another header, read badly."""
    patterns = (_CLOCK, _DAY, _PADDED_PLACE, _PHONE, _FAX)
    return not _CHART_LABEL.search(text) and sum(bool(p.search(text)) for p in patterns) > 1


def _is_surely_sent(text: str) -> bool:
    """At the foot documents print time, page and telephone themselves."""
    return bool(_JOB.search(text) or (_PADDED_PLACE.search(text) and _FAX.search(text)))


def _header(row: _Row, others: Sequence[_Row]) -> FaxHeader:
    sound = _is_sent(row.text)
    day, rest = _taken(_DAY, row.text)
    clock, rest = _taken(_CLOCK if sound else _NO_CLOCK, rest)
    page, pages, rest = _place(row, rest)
    lines = {word.line for one in (row, *others) for word in one.words}
    return FaxHeader(
        lines=tuple(sorted(lines)),
        page=page,
        pages=pages,
        sent=f"{day} {clock}".strip() if sound else "",
        sender=_sender(rest),
    )


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """What the pattern finds first, and the text with as many blanks in its place."""
    found = pattern.search(text)
    return (found.group().strip(), _blanked(text, found)) if found else ("", text)


def _blanked(text: str, found: re.Match[str]) -> str:
    blanks = "\0" * (found.end() - found.start())
    return text[: found.start()] + blanks + text[found.end() :]


def _place(row: _Row, text: str) -> tuple[int | None, int | None, str]:
    """Page and number of pages if surely read, and the text without them."""
    match, counts = _numbered(text)
    if not match:
        return None, None, text
    numbers = counts if _is_sure(row, match) else (None, None)
    return (*numbers, _blanked(text, match))


def _numbered(text: str) -> tuple[re.Match[str] | None, tuple[int | None, int | None]]:
    """What of a header says which page it is, and the page and number of pages that it says."""
    found = next((match for pattern in _PLACES if (match := pattern.search(text))), None)
    match = found or _PAGE_ALONE.search(text)
    if not match:
        return _ANY_PLACE.search(text), (None, None)
    page = int(match.group(1))
    pages = int(match.group(2)) if found else None
    sound = 1 <= page <= (pages or MAX_PAGES) <= MAX_PAGES
    return match, ((page, pages) if sound else (None, None))


def _is_sure(row: _Row, match: re.Match[str]) -> bool:
    """Whether the words under the match were read well, and by both readers alike."""
    at = 0
    for word in row.words:
        ends = at + len(_noughts(word.text))
        touched = at < match.end() and match.start() < ends
        differs = bool(word.other) and _noughts(word.other) != _noughts(word.text)
        if touched and (word.confidence < SURE_CONFIDENCE or differs):
            return False
        at = ends + 1
    return True


def _sender(rest: str) -> str:
    """The station as printed: what follows FROM, else the first of what is left."""
    named = _FROM.search(rest)
    if named:
        rest = rest[named.end() :]
    rest = _TO.split(rest)[0] if named else rest
    parts = [" ".join(part.split()) for part in re.split(r"\0+", rest)]
    parts = [part.strip(" .,:;|-/") for part in parts]
    return next((p for p in parts if sum(c.isalnum() for c in p) > 3), "")[:MAX_SENDER_CHARACTERS]


def _noughts(text: str) -> str:
    """The letter O beside a digit or stroke read as a nought."""
    if not any(character.isdigit() for character in text):
        return text
    return re.sub(r"(?<=[\d/.:-])[Oo](?![A-Za-z])|(?<![A-Za-z])[Oo](?=\d)", "0", text)


def _is_print(row: _Row, width: int) -> bool:
    inside = all(word.box.left < width for word in row.words)
    return inside and sum(c.isalnum() for c in row.text) >= MIN_CHARACTERS


def _rows(words: Iterable[Word]) -> list[_Row]:
    """The text lines from top to bottom, those side by side joined."""
    by_line = groupby(sorted(words, key=lambda word: word.line), key=lambda word: word.line)
    lines = sorted((_Row(tuple(line)) for _, line in by_line), key=lambda row: row.middle)
    joined: list[_Row] = []
    for line in lines:
        if joined and _is_beside(joined[-1], line):
            both = (*joined[-1].words, *line.words)
            joined[-1] = _Row(tuple(sorted(both, key=lambda word: word.box.left)))
        else:
            joined.append(line)
    return joined


def _is_beside(one: _Row, other: _Row) -> bool:
    near = abs(one.middle - other.middle) <= SAME_ROW_HEIGHTS * max(one.height, other.height)
    return near and not any(
        a.box.left < b.box.right and b.box.left < a.box.right
        for a in one.words
        for b in other.words
    )
