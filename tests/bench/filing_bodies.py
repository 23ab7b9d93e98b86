"""What a paper says below its head: real de-identified reports where they fit, else made up."""

import json
import random
import re
from collections import defaultdict
from datetime import timedelta
from functools import cache
from pathlib import Path

from filing_cases import ARRIVED, Case
from filing_layouts import LEFT, RIGHT
from filing_senders import FAMILIES, filled, wordings, written_date
from filing_sheet import wrapped

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "mtsamples" / "reports.jsonl"
# Of fewer texts each would come again and again.
FEWEST_REPORTS = 10
KIND_OF_REPORT = {
    "operative report": "operative_note",
    "consultation": "consult_note",
    "radiology report": "imaging_report",
    "progress or follow-up note": "progress_note",
    "discharge summary": "discharge_summary",
    "emergency visit": "ed_note",
    "history and physical": "history_physical",
    "letter": "letter",
}
_ECHO = re.compile(r"echo|doppler", re.IGNORECASE)
_SCOPE = re.compile(r"colonoscop|egd|bronchoscop|gastroscop|endoscop", re.IGNORECASE)
_NO_OPERATION = re.compile(
    _SCOPE.pattern + "|cathet|angiogr|inject|block|discogr|biopsy|cystoscop|lead", re.IGNORECASE
)
REPORT_SHARE = 0.6
# How long texts are, in characters: most papers have one sheet, few have four.
TEXT_CHARACTERS = (1_400, 1_400, 1_400, 1_800, 3_200, 5_000, 9_000)
# A report stands under another patient's head than it was written of; age and sex must be that
# one's.
_AGED = re.compile(
    r"\b\d{1,3}[\s-]*(?:years?|yrs?|y|months?|mo|weeks?|days?)[\s./-]*(?:old\b|o\b)", re.IGNORECASE
)
_SEXED = re.compile(
    r"(?P<before>-year-old(?:\W+\w+){0,3}?\W+)"
    r"(?P<noun>man|woman|male|female|boy|girl|gentleman|lady)\b|(?P<letter>(?<=-year-old )[MF]\b)",
    re.IGNORECASE,
)
_NOUNS = {"M": ("man", "male", "boy", "gentleman"), "F": ("woman", "female", "girl", "lady")}
_LINE_END = re.compile(r",\s*(?=[A-Z][A-Z /&-]{3,40}:)|(?<=[.:;]),(?=\s*[A-Z0-9])")


@cache
def reports() -> dict[str, dict[str, list[str]]]:
    """The real reports by family and type; empty where the set is not beside the checkout."""
    found: dict[str, dict[str, list[str]]] = {family: {} for family in FAMILIES}
    if not REPORTS.is_file():
        return found
    texts: dict[str, list[str]] = defaultdict(list)
    for line in REPORTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        texts[_type_of(row["sample_name"], row.get("doc_type"))].append(row["text"])
    known = [name for name in sorted(texts) if name and len(texts[name]) >= FEWEST_REPORTS]
    for at, family in enumerate(FAMILIES):
        found[family] = {name: texts[name][at::2] for name in known}
    return found


def _type_of(title: str, kind: str | None) -> str:
    """The type of a report, empty where its source's kind is too coarse to tell."""
    doc_type = KIND_OF_REPORT.get(kind or "", "")
    if doc_type == "imaging_report" and _ECHO.search(title):
        return "echo_report"
    if doc_type == "operative_note" and _NO_OPERATION.search(title):
        return "procedure_note" if _SCOPE.search(title) else ""
    return doc_type


def body_of(case: Case, rng: random.Random) -> list[str]:
    """The lines of the body, each no wider than the paper."""
    texts = reports()[case.sender.family].get(case.type)
    if texts and rng.random() < REPORT_SHARE:
        text = rng.choice(texts)[: rng.choice(TEXT_CHARACTERS)]
        lines = _report_lines(_as_of(case, text))
    else:
        lines = _filled_lines(case, rng)
    at = rng.randrange(len(lines) + 1) if case.sentences else 0
    lines = [*lines[:at], *case.sentences, *lines[at:]]
    return [piece for line in lines for piece in _fitting(line, case)]


def _as_of(case: Case, text: str) -> str:
    """`text` with the age and the sex of the patient of the case."""
    sex = case.person.sex

    def noun(match: re.Match[str]) -> str:
        if match["letter"]:
            return sex
        kind = next(at for nouns in _NOUNS.values() for at, one in enumerate(nouns)
                    if one == match["noun"].lower())  # fmt: skip
        return match["before"] + _NOUNS[sex][kind]

    return _SEXED.sub(noun, _AGED.sub(f"{_years(case)}-year-old", text))


def _years(case: Case) -> int:
    """How old the patient of the case is on its day."""
    return max(0, (case.day - case.person.dob).days // 365)


def filled_body(case: Case, rng: random.Random) -> list[str]:
    """The lines of a made-up body of the type, blanks filled in."""
    return [piece for line in _filled_lines(case, rng) for piece in _fitting(line, case)]


def _filled_lines(case: Case, rng: random.Random) -> list[str]:
    text = filled(rng.choice(wordings(case.sender.family, "bodies", case.type)), rng)
    providers = wordings(case.sender.family, "providers")
    while "$DATE" in text:
        day = ARRIVED - timedelta(days=rng.randrange(30, 4_000))
        text = text.replace("$DATE", written_date(max(day, case.person.dob), "%m/%d/%Y"), 1)
    for name, value in (
        ("$PROVIDER", rng.choice(providers)),
        ("$AGE", str(_years(case))),
        ("$ADDRESS", case.person.address),
        ("$CITY", case.person.city),
        ("$PHONE", case.person.phone),
    ):
        text = text.replace(name, value)
    lines = text.splitlines()
    return [line.upper() for line in lines] if case.sender.caps else lines


def _report_lines(text: str) -> list[str]:
    lines: list[str] = []
    # The scrape put commas where lines ended.
    for part in _LINE_END.split(text):
        heading, colon, rest = part.partition(":")
        if colon and heading.isupper() and len(heading) < 45:
            lines += [f"# {heading}:", rest.lstrip(", ")]
        else:
            lines.append(part)
    return [line for line in lines if line.strip(" ,.")]


def _fitting(line: str, case: Case) -> list[str]:
    if line.startswith(("# ", "| ", "_ ")):
        return [line]
    return wrapped(line, case.sender.font, case.sender.size, RIGHT - LEFT)
