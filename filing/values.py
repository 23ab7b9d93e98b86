"""What a value on a page says: a record number, a birth date, a name, read as it was printed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from chartkeeper.filing.dates import find_dates
from chartkeeper.filing.labels import Label, role_of
from chartkeeper.filing.layout import Token, runs, text_of
from chartkeeper.filing.names import SUFFIXES, WrittenName, letters, parse_name
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Box, Page, Word, around
from chartkeeper.records.model import mrn_key

MRN_DIGITS = range(3, 13)
MAX_NAME_TOKENS = 8
MAX_DATE_TOKENS = 9
_BARE_NUMBER = re.compile(r"(?<![\w./-])\d(?:[\d-]{3,11})\d(?![\w/]|[.-]\d)")
_MRN = re.compile(r"[A-Z]{0,4}[-.]?[0-9OIL|](?:[-. ]?[0-9OIL|]){2,14}[A-Z]?", re.IGNORECASE)
_AS_LETTERS = str.maketrans("0124567389|", "OIZASGTJBGI")
# A value put right where strokes or figures were read into it supports and proves nothing alone
# (LOWEST_PROOF_CONFIDENCE).
MENDED_CONFIDENCE = 0.5
_STROKE = re.compile(r"[^\W_]_+[^\W_]")
_FIGURE = re.compile(r"[234679]")
_AS_DIGITS = str.maketrans("OIL|", "0111")
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'‘’`.,-]*(?:['‘’`.,-]+[^\W\d_]*)*$")  # noqa: RUF001 - names
_PARTICLES = word_set(
    "de del della da das do dos di la las los le van von der den ter bin al el st y e"
)
# Words that stand after "Patient" or "RE:" and are no name.
_NO_NAMES = word_set(
    "AUTHORIZATION REQUEST REQUESTED REFERRAL REPORT RESULT RESULTS SIGNATURE INFORMATION "
    "INSTRUCTIONS EDUCATION HISTORY IDENTIFICATION CONSENT RECORDS RECORD CHART CLAIM APPEAL "
    "PRIOR MEDICAL LABORATORY IMAGING RADIOLOGY VISIT APPOINTMENT PRESCRIPTION REFILL ORDER "
    "ORDERS PATIENT PHYSICIAN PROVIDER HOSPITAL CLINIC CENTER INSURANCE DATE BIRTH NUMBER PHONE "
    "ADDRESS STATEMENT RIGHTS PORTAL CARE TREATMENT THERAPY FAX PAGES URGENT FOLLOW UP SURGERY "
    "PROCEDURE EXAM EXAMINATION EVALUATION ASSESSMENT CONSULTATION NOTE NOTES PROGRESS SUMMARY "
    "FORM MRI CT LAST FIRST MIDDLE INITIAL NAME LEGAL PREFERRED "
    "THE AND WITH WAS HAS IS YOUR OUR THIS FOR PRESENT CONTINUING"
)


@dataclass(frozen=True, slots=True)
class Clue:
    """Something read that identifies a person, with where it stands and how surely it was read.

    `label` is the wording that announced it, empty for a bare number or date. `confidence` is that
    of the least sure word, 0 to 1. `keys` are medical record numbers as compared, `dates` the days
    that may be meant (one a century for a two-digit year), `name` a name; each where it applies.
    `doubted` if a second reading says otherwise: then `keys`, `dates`, and `name` with `other_name`
    hold what either reading says, and nothing of it is proof. `caption` are words before the label
    that may make it somebody else's; `beneath` if it stands under somebody else's heading.
    """

    kind: LabelKind
    page: int
    box: Box
    text: str
    label: str
    confidence: float
    keys: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    name: WrittenName | None = None
    other_name: WrittenName | None = None
    doubted: bool = False
    caption: str = ""
    beneath: bool = False


def names_read(clue: Clue) -> tuple[WrittenName, ...]:
    """The name as read first, and as read again where that differs."""
    return tuple(name for name in (clue.name, clue.other_name) if name)


def clue_of(page: Page, label: Label, wording: str, value: tuple[Token, ...]) -> Clue | None:
    """What `value` says if it is what `label`, written as `wording`, announces."""
    if label.kind is LabelKind.MRN:
        return _mrn(page, wording, value)
    if label.kind is LabelKind.BIRTH_DATE:
        return _birth_date(page, wording, value)
    if label.kind is LabelKind.NAME:
        return name_clue(page, wording, value)
    if label.kind in (LabelKind.LAST_NAME, LabelKind.FIRST_NAME):
        return _name_part(page, label.kind, wording, value)
    if label.kind is LabelKind.SEX:
        return _sex(page, wording, value)
    return _something_else(page, wording, value)


def _mrn(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    tokens = [token for token in value if _says_something(token)][:4]
    if not tokens:
        return None
    used = tokens[:1]
    if len(tokens[0].key) < 5:  # 12 34 56: terminal digits written apart
        used += takewhile(_continues_number, tokens[1:])
    match = _MRN.fullmatch(text_of(used).strip(" .,;-*|"))
    if not match:
        return None
    written = _without_number_word(match.group())
    digits = sum(char.isdigit() for char in written)
    if digits not in MRN_DIGITS or digits * 2 < len(mrn_key(written)):
        return None
    return _made(LabelKind.MRN, page, used, wording, keys=_mrn_keys(written))


def _without_number_word(written: str) -> str:
    """`written` without the `No` of its label where that was read as part of the number."""
    return re.sub(r"^N[O0][.:]?(?=[0-9]{5})", "", written, flags=re.IGNORECASE)


def _says_something(token: Token) -> bool:
    """Whether anything but strokes and specks was read."""
    return any(char.isalnum() for char in token.text)


def _continues_number(token: Token) -> bool:
    return token.gap < 1.2 and token.text.strip("-.").isdigit()


def _mrn_keys(written: str) -> tuple[str, ...]:
    """The number as compared, and the same with letters that are misread digits as digits."""
    prefix = re.match(r"[A-Z]*", written.upper())
    start = prefix.end() if prefix else 0
    digits = mrn_key(written[:start] + written[start:].upper().translate(_AS_DIGITS))
    all_digits = mrn_key(written.upper().translate(_AS_DIGITS))
    keys = [digits, all_digits] if all_digits.isdigit() else [digits]
    return tuple(dict.fromkeys(key for key in keys if key))


def _birth_date(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    tokens = value[:MAX_DATE_TOKENS]
    text = text_of(tokens)
    dates = find_dates(text, compact=True)
    if not dates:
        return None
    first = dates[0]
    used = covering(tokens, first.start, first.end)
    clue = _made(LabelKind.BIRTH_DATE, page, used, wording, dates=first.readings)
    return _as_mended(clue) if first.guessed else clue


def covering(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    """The tokens that characters `start` to `end` of their text come from."""
    used, at = [], 0
    for token, before in zip(tokens, (None, *tokens), strict=False):
        at += int(before is not None and before.word is not token.word)
        if at < end and at + len(token.text) > start:
            used.append(token)
        at += len(token.text)
    return used


def name_clue(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    """The person name that `value` begins with, if there is one."""
    words = list(_by_parts(value) or name_words(value))[:MAX_NAME_TOKENS]
    parts = {letters(token.text) for token in words}
    if not words or parts & _NO_NAMES:
        return None
    text = text_of(words)
    name = parse_name(" ".join(map(_lettered, text.split())))
    if not name:
        return None
    clue = _made(LabelKind.NAME, page, words, wording, name=name)
    return _as_mended(clue) if _FIGURE.search(text) else clue


def _by_parts(value: Sequence[Token]) -> tuple[Token, ...]:
    """The words of a name behind each of which a bracket says which part it is; else nothing.

    So `Smith (last) Ann (first)`.
    """
    words: list[Token] = []
    asked: set[str] = set()
    start = 0
    for at, token in enumerate(value[2:], 2):
        if token.text[0] == ")" and value[at - 2].text == "(":
            words += value[start : at - 2]
            asked.add(value[at - 1].key)
            start = at + 1
    return tuple(name_words(words)) if asked >= {"LAST", "FIRST"} else ()


def _as_mended(clue: Clue) -> Clue:
    return replace(clue, confidence=min(clue.confidence, MENDED_CONFIDENCE))


def _name_part(page: Page, kind: LabelKind, wording: str, value: tuple[Token, ...]) -> Clue | None:
    words = list(name_words(value))[:MAX_NAME_TOKENS]
    if not words or {letters(token.text) for token in words} & _NO_NAMES:
        return None
    return _made(kind, page, words, wording)


def name_words(value: Sequence[Token]) -> Iterator[Token]:
    """The tokens from the start of `value` that can be parts of one name."""
    inside = _former_names(value)
    for at, token in enumerate(value):
        if at in inside:
            continue
        if token.text in ",.-" or (token.text != ";" and not _says_something(token)):
            continue
        if token.text == ";" and at == 1:  # a comma with a speck
            continue
        following = value[at + 1].text if at + 1 < len(value) else ""
        is_word = bool(_NAME_WORD.match(_lettered(token.text)))
        unknown_label = following in (":", "=") and at > 0
        prose = token.text.islower() and token.text not in _PARTICLES
        if not is_word or unknown_label or prose:
            return
        yield token


def _former_names(value: Sequence[Token]) -> frozenset[int]:
    """Where a former name stands in brackets within a name: `Smith (Jones), Ann`.

    At the end of a name a bracket may say who that is: `Ann Smith (Mother)`.
    """
    for at, token in enumerate(value[:-3]):
        one, closing, behind = value[at + 1 : at + 4]
        if token.text != "(" or not at or not closing.text.startswith(")"):
            continue
        key = letters(one.text)
        goes_on = behind.text == "," or closing.word.text.endswith(",")
        if goes_on and key not in SUFFIXES and not role_of(key):
            return frozenset((at, at + 1, at + 2))
    return frozenset()


def _lettered(text: str) -> str:
    """`text` with the figures in it that are misread letters as letters: `VICT0RIA`, `SM1TH`."""
    figures = sum(char.isdigit() or char == "|" for char in text)
    return text.translate(_AS_LETTERS) if 0 < figures * 3 <= len(text) else text


def are_capitalised(words: Sequence[Token]) -> bool:
    """Whether all `words`, particles aside, begin with a capital."""
    return all(word.text[0].isupper() or word.text in _PARTICLES for word in words)


def _something_else(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    """A number or date that some other label announces: an account, a specimen, a collection."""
    tokens = value[:MAX_DATE_TOKENS]
    text = text_of(tokens)
    dates = find_dates(text)
    if dates:
        used = covering(tokens, dates[0].start, dates[0].end)
        return _made(LabelKind.OTHER, page, used, wording, dates=dates[0].readings)
    number = _BARE_NUMBER.search(text)
    if number:
        used = covering(tokens, *number.span())
        return _made(LabelKind.OTHER, page, used, wording, keys=(mrn_key(number.group()),))
    return None


def _sex(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    for token in value[:4]:
        if token.text.upper().strip(".,/") in {"M", "F", "MALE", "FEMALE"}:
            return _made(LabelKind.SEX, page, [token], wording)
    return None


def bare_clues(page: Page) -> Iterator[Clue]:
    """Every number of 5 to 10 digits and every date on `page`, whatever stands before it."""
    for run in runs(page):
        text = run.text
        for written in find_dates(text):
            used = covering(run.tokens, written.start, written.end)
            yield _made(LabelKind.BIRTH_DATE, page, used, "", dates=written.readings)
        for match in _BARE_NUMBER.finditer(text):
            if 5 <= sum(char.isdigit() for char in match.group()) <= 10:
                used = covering(run.tokens, *match.span())
                yield _made(LabelKind.MRN, page, used, "", keys=(mrn_key(match.group()),))


def _confidence(word: Word) -> float:
    mended = bool(_STROKE.search(word.text))
    return min(word.confidence, MENDED_CONFIDENCE) if mended else word.confidence


def _made(  # noqa: PLR0913 - the last three are alternatives
    kind: LabelKind,
    page: Page,
    tokens: Sequence[Token],
    label: str,
    *,
    keys: tuple[str, ...] = (),
    dates: tuple[date, ...] = (),
    name: WrittenName | None = None,
) -> Clue:
    words = [token.word for token in tokens]
    confidence = min(map(_confidence, words))
    text = text_of(tokens).strip()
    return Clue(
        kind,
        page.number,
        around(words),
        text,
        label,
        confidence,
        keys,
        dates,
        name,
        doubted=any(word.other for word in words),
    )
