"""The way through the room on one screen: a run of pages becomes a filing."""

from collections.abc import Sequence
from datetime import date

from chartkeeper.filing.claim import (
    NO_CLAIM,
    Claim,
    claimed_date,
    claimed_patient,
    claimed_type,
    objections,
)
from chartkeeper.filing.classify import decide_type
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.doctypes import DocType
from chartkeeper.filing.patient import PatientDecision
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.service_date import Births, decide_date
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.records.model import Decision, DocumentStatus, Filing, Known, Patient

LIKELY_CANDIDATES = 3


def file_run(  # noqa: PLR0913 - what is known of a run of pages, by name
    pages: Sequence[Page],
    clues: Clues,
    known: Known,
    rulebook: Rulebook,
    arrived_on: date,
    unread: Sequence[int] = (),
    *,
    claim: Claim = NO_CLAIM,
) -> Filing:
    """What becomes of a run of pages: type, patient, service date, and whether a clerk must look.

    `pages` are those of one document as `split` gives them, at least one of `pages` and `unread`;
    `clues` what `read_clues` found on them; `known` what the patient index says to `wanted(clues)`;
    `unread` the numbers of pages of the run that could not be read; `claim` what a separator sheet
    before them says. Raises ValueError for no pages.
    """
    numbers = [*(page.number for page in pages), *unread]
    if not numbers:
        raise ValueError("a document has at least one page")
    doctypes = rulebook.doctypes
    read_type = decide_type(pages, doctypes, rulebook.learned)
    decided_type = claimed_type(read_type, claim, doctypes)
    patient = claimed_patient(pages, clues, known, rulebook.policy, claim)
    births = _births(patient, known.candidates)
    read_date = decide_date(pages, clues, decided_type.value, doctypes, births, arrived_on)
    service_date = claimed_date(read_date, claim, births.sure, arrived_on)
    reason = _reason(pages, unread, decided_type, patient.decision, service_date, rulebook)
    denied = objections(claim, decided_type, service_date, doctypes)
    reason = ". ".join(filter(None, (reason, *denied)))
    return Filing(
        first_page=min(numbers),
        last_page=max(numbers),
        type=decided_type,
        patient=patient.decision,
        service_date=service_date,
        candidates=patient.candidates,
        status=DocumentStatus.REVIEW if reason else DocumentStatus.FILED,
        reason=reason,
    )


def _births(patient: PatientDecision, candidates: Sequence[Patient]) -> Births:
    """The birth date of the patient, or those of whoever it may be."""
    born = _birth_date(patient.decision, candidates)
    likely = {one.patient_id for one in patient.candidates[:LIKELY_CANDIDATES]}
    return Births(born, frozenset(one.dob for one in candidates if one.id in likely))


def _birth_date(patient: Decision, candidates: Sequence[Patient]) -> date | None:
    return next((one.dob for one in candidates if str(one.id) == patient.value), None)


def _reason(
    pages: Sequence[Page],
    unread: Sequence[int],
    decided_type: Decision,
    patient: Decision,
    service_date: Decision,
    rulebook: Rulebook,
) -> str:
    """Why a clerk must look, in a clerk's words; empty if all is decided."""
    reasons = [_could_not_read(unread)] if unread else []
    if not any(page.kind is PageKind.CONTENT and page.words for page in pages):
        blank = all(page.kind is PageKind.BLANK for page in pages)
        reasons.append(
            "All pages are blank" if blank and not unread else "Nothing could be read on the pages"
        )
        return ". ".join(reasons)
    if patient.value is None:
        reasons.append(f"Patient: {patient.because}")
    if decided_type.value is None:
        reasons.append(f"Type: {decided_type.because}")
    else:
        reasons += _held_back(rulebook.doctypes[decided_type.value], service_date, rulebook.policy)
    return ". ".join(reasons)


def _held_back(doctype: DocType, service_date: Decision, policy: Policy) -> list[str]:
    """Why a document of this type waits for a person although its type is known."""
    name = _with_article(doctype.name)
    held = []
    if service_date.value is None and doctype.date_required:
        held.append(f"Date: {service_date.because}, and {name} must not be filed undated")
    if not policy.may_file(doctype.key):
        held.append(f"Type: by the settings of this home a person files {name}")
    return held


def _with_article(name: str) -> str:
    """A type's name inside a sentence; short names in capitals keep them (`an ECG`)."""
    inside = name if name.isupper() else name[0].lower() + name[1:]
    return f"{'an' if inside[0].lower() in 'aeiou' else 'a'} {inside}"


def _could_not_read(unread: Sequence[int]) -> str:
    numbers = ", ".join(str(number) for number in sorted(unread))
    return f"{'Page' if len(unread) == 1 else 'Pages'} {numbers} could not be read"
