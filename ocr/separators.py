"""Separator sheets: what their bar codes say, and which pages are such sheets.

A bar carries `KEY=value` pairs separated by `;`, optionally after `SEP|`, on one or several bars:
`MRN=1234567`, `TYPE=LAB`, `DOS=2026-07-18`; `PATCHT` marks a sheet that only separates. What it
says is a claim of whoever printed the sheet, to be checked against the pages behind it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from chartkeeper.ocr.page import Barcode

PREFIX = "SEP|"
PLAIN = "PATCHT"
KEYS = frozenset({"MRN", "TYPE", "DOS"})
MAX_BAR_CHARACTERS = 256
# A sheet bears a title and some lines for people; a page of a chart has more letters than this.
MAX_MARKS = 200
_Value = TypeVar("_Value")
_MRN = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,31}")
_TYPE = re.compile(r"[A-Z][A-Z_]{0,39}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Separator:
    """What a separator sheet claims of the pages behind it; nothing where it only separates."""

    mrn: str = ""
    type: str = ""
    service_date: date | None = None

    @property
    def plain(self) -> bool:
        """Whether it claims nothing."""
        return self == Separator()


def parse_bar(text: str) -> Separator | None:
    """The claims of one bar, None for a bar that is no separator's.

    Letters may be small or capital, keys in any order; keys of others are passed over. A value that
    cannot be one (`DOS=2026-13-45`) is left out; two different values of a key are no separator.
    """
    bare = text.strip().upper()
    if len(bare) > MAX_BAR_CHARACTERS:
        return None
    bare = bare.removeprefix(PREFIX)
    if bare.replace(" ", "") == PLAIN:
        return Separator()
    pairs = [piece.partition("=") for piece in bare.split(";") if piece.strip()]
    if not pairs or not all(key.strip() and sign for key, sign, _ in pairs):
        return None
    values = {(key.strip(), value.strip()) for key, _, value in pairs if key.strip() in KEYS}
    fields = dict(values)
    return _separator(fields) if fields and len(fields) == len(values) else None


def claims(codes: Iterable[Barcode]) -> Separator | None:
    """What the bars of one sheet claim together; None if none of them is a separator's.

    Where two bars contradict each other, neither is believed.
    """
    found = [separator for code in codes if (separator := parse_bar(code.text))]
    if not found:
        return None
    return Separator(
        mrn=_agreed({one.mrn for one in found if one.mrn}) or "",
        type=_agreed({one.type for one in found if one.type}) or "",
        service_date=_agreed({one.service_date for one in found if one.service_date}),
    )


def is_separator(codes: Iterable[Barcode], marks: int) -> bool:
    """Whether a page with these codes, and so many marks beside them, is a separator sheet.

    A report with a label of the same wording on it has more marks and stays a page of a chart.
    """
    return marks <= MAX_MARKS and claims(codes) is not None


def _separator(fields: dict[str, str]) -> Separator:
    mrn, kind = fields.get("MRN", ""), fields.get("TYPE", "")
    return Separator(
        mrn=mrn if _MRN.fullmatch(mrn) else "",
        type=kind if _TYPE.fullmatch(kind) else "",
        service_date=_day(fields.get("DOS", "")),
    )


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _agreed(values: set[_Value]) -> _Value | None:
    return next(iter(values)) if len(values) == 1 else None
