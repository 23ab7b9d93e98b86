"""What a page shows of where it stands in its document: its head, its end, whose it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median

from rapidfuzz import fuzz

from chartkeeper.filing.classify import best_of, cue_points
from chartkeeper.filing.clues import Clues, read_clues
from chartkeeper.filing.cover import is_cover
from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.filing.folio import Folio, folios
from chartkeeper.filing.houses import names_house
from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.match import LOWEST_PROOF_CONFIDENCE
from chartkeeper.filing.titles import Title, is_continued, title_of
from chartkeeper.filing.values import Clue
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page

SURE_CONFIDENCE = max(LOWEST_PROOF_CONFIDENCE, 0.7)
HEAD_PAGE_SHARE = 0.25
LETTERHEAD_PAGE_SHARE = 0.18
SALUTATION_PAGE_SHARE = 0.55
HEAD_RUNS = 12
LETTERHEAD_RUNS = 4  # the name of a house stands so near over its address
TALL_HEIGHTS = 1.25
END_RUNS = 5
HOUSE_WORDS_ALONE = 5
PROSE_TOKENS = 8
FOOT_PAGE_SHARE = 0.92
SHEET_CONFIDENCE, SHEET_WORDS = 0.9, 160
# What a recorder prints, or somebody lays on the copier, is a whole sheet without a title.
_OWN_SHEETS = {"ecg_report": "an ECG tracing", "insurance_card": "an insurance card"}
SAME_LINE_PERCENT = 85
_TELEPHONE = re.compile(r"\b\d{3}[-. ]\d{4}\b|\b(?:TEL|PHONE|FAX)\b", re.IGNORECASE)
_STREET = re.compile(
    r"\b(?:SUITE|STREET|AVENUE|AVE|ROAD|BLVD|BOULEVARD|PARKWAY|PLAZA|DRIVE|LANE|P\.?O\.? BOX)\b"
    r"|\b[A-Z]{2},? \d{5}\b",
    re.IGNORECASE,
)
# Days of the paper, not of what it is about.
_STAMPED = word_set("PRINTED PRINT FAXED RECEIVED REVISED REV SIGNED DICTATED TRANSCRIBED REPORTED")
_SALUTATION = re.compile(r"^(?:DEAR|TO WHOM IT MAY)\b", re.IGNORECASE)
_CLOSING = re.compile(
    r"\bEND OF (?:REPORT|DOCUMENT|NOTE|TRANSCRIPTION|SUMMARY|LETTER|RECORD|MESSAGE)"
    r"|\*+\s*(?:FINAL|END)\b.{0,24}\*"
    r"|(?:ELECTRONICALLY|DIGITALLY) (?:SIGNED|AUTHENTICATED|VERIFIED)"
    r"|\b(?:E-?SIGNED|SIGNED|AUTHENTICATED|DICTATED|TRANSCRIBED) (?:BY|ELECTRONICALLY)\b|\bSIGNED:"
    r"|\bSIGNATURE\b|^SINCERELY\b|\b(?:BEST|KIND|WARM) REGARDS\b|\bRESPECTFULLY\b"
    r"|^CC:|^(?-i:[A-Z]{2,3}[/:][a-z]{2,3})\b|^[DT]: ?\d{1,2}/\d{1,2}/\d{2,4}"
    r"|\b(?:MD|M\.D\.|DO|D\.O\.|PA-C|NP|ARNP|DPT|CRNP),?$",
    re.IGNORECASE | re.MULTILINE,
)
_GOES_ON = re.compile(
    r"\bCONTINUE[SD]? (?:ON|OVER|NEXT)\b|\b(?:SEE|ON) NEXT PAGE\b|\(CONT|\(MORE\)|\bTURN OVER\b"
    r"|^\W*CONTINUED\W*$",
    re.IGNORECASE,
)
_NUMBERED = word_set(
    "ACCESSION CASE SPECIMEN ACCOUNT ACCT FIN CSN VISIT ENCOUNTER ORDER REQUISITION CLAIM RX"
)
_NUMBER = re.compile(
    rf"\b({'|'.join(sorted(_NUMBERED))})"
    r"\s*(?:NO|NUMBER|NUM|ID)?\s*[.:#]*\s*([A-Z]{0,4}[-\s]?\d[A-Z0-9-]{4,})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """A line at the top that names a house; `full` if an address or telephone goes with it."""

    run: Run
    full: bool

    @property
    def letters(self) -> str:
        """The name as letterheads are compared: capital letters only."""
        return "".join(char for char in self.run.text.upper() if char.isalpha())


@dataclass(frozen=True)
class Traits:
    """What is seen of one page with words, as far as it tells where documents begin and end.

    `head` are its first lines without digits, `salutation` the line that opens a letter. `identity`
    is what is labelled as the patient's and was read surely; `numbers` are other numbers, `days`
    dates, by their labels. `closing` is the line near its end that closes a document. `filled` is
    how far down the page its text reaches, from 0 to 1.
    """

    page: Page
    folios: tuple[Folio, ...]
    title: Title | None
    head: tuple[str, ...]
    letterhead: Letterhead | None
    salutation: Run | None
    identity: Clues
    numbers: Mapping[str, frozenset[str]]
    days: Mapping[str, frozenset[date]]
    is_cover: bool
    is_continued: bool
    goes_on: bool
    closing: Run | None
    filled: float
    first_words: str
    last_words: str
    doctypes: DocTypes

    @cached_property
    def own_sheet(self) -> str | None:
        """What the page is called if its few words surely are of a kind that follows no other."""
        if len(self.page.words) > SHEET_WORDS:
            return None
        key, confidence = best_of(cue_points([self.page], self.doctypes))
        return _OWN_SHEETS.get(key) if confidence >= SHEET_CONFIDENCE else None

    @cached_property
    def is_titled_on_top(self) -> bool:
        """Whether the title stands over all that says whose the page is."""
        if self.title is None:
            return False
        named = [clue.box.top for clue in self.identity.labelled]
        return bool(named) and self.title.box.bottom <= min(named)

    @cached_property
    def has_identity_block(self) -> bool:
        """Whether two kinds of identifiers of the patient stand in the upper part of the page."""
        limit = self.page.height * 0.45
        return len({clue.kind for clue in self.identity.labelled if clue.box.top < limit}) > 1


def traits(page: Page, doctypes: DocTypes) -> Traits:
    """What `page`, which must have words, shows of its place."""
    all_runs = runs(page)
    clues = read_clues([page])
    top = [run for run in all_runs if run.box.top < page.height * HEAD_PAGE_SHARE][:HEAD_RUNS]
    body = [run for run in all_runs if run.box.top <= page.height * FOOT_PAGE_SHARE]
    return Traits(
        page=page,
        folios=folios(page),
        title=title_of(page, doctypes),
        head=_lines(top),
        letterhead=_letterhead(page, top),
        salutation=_salutation(page, all_runs),
        identity=_sure(clues),
        numbers=_numbers(all_runs, clues.others),
        days=_days(clues.others),
        is_cover=is_cover(page),
        is_continued=is_continued(page),
        goes_on=any(_GOES_ON.search(run.text) for run in all_runs[-3:]),
        closing=_closing(body),
        filled=max((run.box.bottom for run in body), default=0) / page.height,
        first_words=_prose(all_runs),
        last_words=body[-1].text if body else "",
        doctypes=doctypes,
    )


def alike(one: str, other: str) -> bool:
    """Whether two lines are one line, read twice."""
    return fuzz.ratio(one, other) >= SAME_LINE_PERCENT


def _lines(found: Sequence[Run]) -> tuple[str, ...]:
    """The lines of `found` in capitals, digits left out: page numbers and dates change."""
    lines: dict[int, list[str]] = {}
    for run in found:
        lines.setdefault(run.line, []).append("".join(c for c in run.text.upper() if c.isalpha()))
    return tuple(text for parts in lines.values() if (text := " ".join(filter(None, parts))))


def _letterhead(page: Page, top: Sequence[Run]) -> Letterhead | None:
    """The house at the top: the line over an address, or a name first or in tall letters."""
    upper = [run for run in top if run.box.top < page.height * LETTERHEAD_PAGE_SHARE]
    for at, run in enumerate(upper):
        if _is_address(run, upper[at + 1 : at + 3]):
            return Letterhead(_name_over(upper[: at + 1]), full=True)
    ordinary = median(word.box.height for word in page.words) or 1
    first = [run for run in upper[:1] if len(run.tokens) <= HOUSE_WORDS_ALONE]
    tall = [run for run in upper if _height(run) >= ordinary * TALL_HEIGHTS]
    named = (run for run in (*first, *tall) if names_house(run))
    return next((Letterhead(run, full=False) for run in named), None)


def _is_address(run: Run, following: Sequence[Run]) -> bool:
    """Whether a line has a street or town, with a telephone number in it or right behind it."""
    if ":" in run.text.split(",")[0] or not _STREET.search(run.text):
        return False
    return any(_TELEPHONE.search(other.text) for other in (run, *following))


def _name_over(upper: Sequence[Run]) -> Run:
    """The tallest of the lines down to an address: the name of the house stands over it."""
    names = [run for run in upper[:-1] if sum(map(str.isalpha, run.text)) > len(run.text) / 2]
    return max(reversed(names[-LETTERHEAD_RUNS:]), key=_height, default=upper[-1])


def _height(run: Run) -> float:
    return median(token.word.box.height for token in run.tokens)


def _salutation(page: Page, all_runs: Sequence[Run]) -> Run | None:
    upper = (run for run in all_runs if run.box.top < page.height * SALUTATION_PAGE_SHARE)
    return next((run for run in upper if _SALUTATION.match(run.text)), None)


def _sure(clues: Clues) -> Clues:
    def well_read(group: tuple[Clue, ...]) -> tuple[Clue, ...]:
        return tuple(c for c in group if c.confidence >= SURE_CONFIDENCE and not c.doubted)

    return Clues(well_read(clues.mrns), well_read(clues.birth_dates), well_read(clues.names))


def _numbers(all_runs: Sequence[Run], others: Sequence[Clue]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for clue in others:
        label = clue.label.upper().partition(" ")[0]
        if clue.keys and clue.confidence >= SURE_CONFIDENCE and label in _NUMBERED:
            found.setdefault(label[:4], set()).update(clue.keys)
    for run in all_runs:
        for label, number in _NUMBER.findall(run.text):
            key = "".join(char for char in number.upper() if char.isalnum())
            found.setdefault(label.upper()[:4], set()).add(key)
    return {label: frozenset(keys) for label, keys in found.items()}


def _days(others: Sequence[Clue]) -> Mapping[str, frozenset[date]]:
    found: dict[str, set[date]] = {}
    for clue in others:
        label = clue.label.upper()
        if clue.dates and clue.confidence >= SURE_CONFIDENCE and not _STAMPED & set(label.split()):
            found.setdefault(label, set()).update(clue.dates)
    return {label: frozenset(days) for label, days in found.items()}


def _closing(body: Sequence[Run]) -> Run | None:
    """The line near the end of the text that closes a document."""
    return next((run for run in reversed(body[-END_RUNS:]) if _CLOSING.search(run.text)), None)


def _prose(all_runs: Sequence[Run]) -> str:
    """The first line of the page that runs on like prose; empty if there is none."""
    return next((run.text for run in all_runs if len(run.tokens) > PROSE_TOKENS), "")
