"""The document types: codes, chart tabs and the words that tell them, read from doctypes.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

TYPE_KEYS = (
    "discharge_summary", "history_physical", "consult_note", "progress_note", "operative_note",
    "procedure_note", "ed_note", "nursing_note", "lab_report", "pathology_report", "imaging_report",
    "ecg_report", "echo_report", "referral", "prescription", "medication_list", "immunization",
    "consent", "roi_authorization", "advance_directive", "insurance_card", "registration_form",
    "cover_sheet", "letter", "orders", "prior_auth", "therapy_note", "other",
)  # fmt: skip
SOURCES = frozenset({"hl7", "vendor", "own"})
RESTRICTED = "restricted"
SENSITIVITIES = frozenset({"normal", RESTRICTED})
MAX_PHRASE_WORDS = 9

_LOINC = re.compile(r"(\d{1,7})-(\d)")
_TEXTS = ("loinc", "display", "source", "name", "tab", "sensitivity")
_LISTS = ("date_labels", "separators", "title", "headings", "against")
_SWITCHES = ("date_required", "date_alone", "date_behind_exam", "date_left_over")


class DocTypesError(Exception):
    """The table of document types cannot be used; the message says which entry is wrong and why."""


@dataclass(frozen=True, slots=True)
class DocType:
    """One type of document.

    `loinc` and `display` are its code; `source` says how far that was checked: hl7, vendor, own.
    `name` is what people call it, `tab` its place in the chart. `date_labels` are the labels of its
    service date, the best first; `date_required` types wait for a clerk when undated; for
    `date_alone` types a date standing by itself near the top counts, for `date_behind_exam` types
    one that ends the line naming the exam, for `date_left_over` types the only one that is not
    another day's. `title`, `headings`, `body` (with weights) and `against`
    are the words that tell it; `separators` its codes on separator sheets.
    """

    key: str
    loinc: str
    display: str
    source: str
    name: str
    tab: str
    sensitivity: str
    date_required: bool
    date_alone: bool
    date_behind_exam: bool
    date_left_over: bool
    date_labels: tuple[str, ...]
    separators: tuple[str, ...]
    title: tuple[str, ...]
    headings: tuple[str, ...]
    against: tuple[str, ...]
    body: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class DocTypes:
    """All document types, in the order of the table."""

    types: tuple[DocType, ...]

    def __getitem__(self, key: str) -> DocType:
        """The type called `key`; raises KeyError for a key that is none."""
        return self._by_key[key]

    def of_separator(self, code: str) -> DocType | None:
        """The type that `TYPE=code` on a separator sheet means: a key, or one of its codes."""
        named = self._by_key.get(code.lower())
        return named or next((t for t in self.types if code.upper() in t.separators), None)

    @cached_property
    def _by_key(self) -> Mapping[str, DocType]:
        return {one.key: one for one in self.types}


@lru_cache(maxsize=1)
def load_doctypes() -> DocTypes:
    """The types that come with the product.

    Raises DocTypesError if the table misses a type, has an unknown one, or a code with a wrong
    check digit.
    """
    text = resources.files("chartkeeper.filing").joinpath("doctypes.toml").read_text("utf-8")
    return parse_doctypes(text)


def parse_doctypes(text: str) -> DocTypes:
    """The types that the TOML `text` lists; raises DocTypesError naming the entry at fault."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocTypesError(
            f"doctypes.toml is not valid TOML: {error}. Restore the file."
        ) from error
    missing, unknown = set(TYPE_KEYS) - set(table), set(table) - set(TYPE_KEYS)
    if missing or unknown:
        raise DocTypesError(
            f"doctypes.toml must list each document type once; missing: {sorted(missing)}, "
            f"unknown: {sorted(unknown)}. Correct the names in brackets."
        )
    types = tuple(_doctype(key, entry) for key, entry in table.items())
    codes = [code for one in types for code in one.separators]
    if len(codes) != len(set(codes)):
        raise DocTypesError(
            "doctypes.toml gives one separator code to two types. Keep one of them."
        )
    return DocTypes(types)


def loinc_check_digit(body: str) -> int:
    """The check digit of a LOINC code's digits before the hyphen, by Mod 10.

    Source: LOINC Users' Guide, appendix on calculating Mod 10 check digits; the same as Luhn's.
    """
    doubled = [
        int(digit) * 2 if at % 2 == 0 else int(digit) for at, digit in enumerate(reversed(body))
    ]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def _doctype(key: str, entry: Mapping[str, Any]) -> DocType:
    for name, kind in (
        *((n, str) for n in _TEXTS),
        *((n, list) for n in _LISTS),
        *((n, bool) for n in _SWITCHES),
    ):
        if not isinstance(entry.get(name), kind):
            raise DocTypesError(
                f"{key} in doctypes.toml lacks `{name}`. Write it as in the other types."
            )
    _check(key, entry)
    values: dict[str, Any] = {name: entry[name] for name in (*_TEXTS, *_SWITCHES)}
    values |= {name: tuple(str(item) for item in entry[name]) for name in _LISTS}
    body = tuple((str(cue), float(weight)) for cue, weight in entry.get("body", {}).items())
    return DocType(key=key, body=body, **values)


def _check(key: str, entry: Mapping[str, Any]) -> None:
    code = _LOINC.fullmatch(entry["loinc"])
    if not code or loinc_check_digit(code[1]) != int(code[2]):
        raise DocTypesError(
            f"The LOINC code {entry['loinc']} of {key} in doctypes.toml has a wrong check digit. "
            f"Look the code up at loinc.org."
        )
    if entry["source"] not in SOURCES or entry["sensitivity"] not in SENSITIVITIES:
        raise DocTypesError(
            f"`source` or `sensitivity` of {key} in doctypes.toml is not a known word."
        )
    longest = max((cue for name in _LISTS for cue in entry[name]), key=lambda cue: len(cue.split()))
    if len(longest.split()) > MAX_PHRASE_WORDS:
        raise DocTypesError(
            f"`{longest}` of {key} in doctypes.toml is longer than {MAX_PHRASE_WORDS} words."
        )
