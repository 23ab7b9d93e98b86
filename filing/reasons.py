"""What is said to a clerk about whose a document is, and what is shown as evidence."""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import shorten

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.dates import is_default_birth_date
from chartkeeper.filing.match import (
    IDENTITY,
    LOWEST_PROOF_CONFIDENCE,
    Assessed,
    Match,
    agreement_of,
)
from chartkeeper.filing.names import Agreement, letters
from chartkeeper.filing.values import Clue
from chartkeeper.filing.weights import NAME_DIFFERS_BITS
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.filing.words import word_set
from chartkeeper.records.model import Candidate, Evidence

PROOFS_NEEDED = 2
MAX_QUOTED = 40
_CHILDREN = word_set("CHILD CHILDS CHILDREN INFANT INFANTS NEWBORN NEWBORNS BABY BABYS")
_SHOWN_AS = {LabelKind.MRN: "MRN", LabelKind.BIRTH_DATE: "birth date", LabelKind.NAME: "name"}


def why_chosen(best: Assessed) -> str:
    """Which proofs agree with the patient, and what else is only similar."""
    what = listed([shown(match.clue) for match in best.proofs])
    verb = "agree" if len(best.proofs) > 1 else "agrees"
    page = best.proofs[0].clue.page
    said = f"{what} on page {page} {verb} with {best.patient.shown_name}"
    similar = _only_similar(best)
    return f"{said}; {similar}" if similar else said


def _only_similar(best: Assessed) -> str:
    """The best match of an identifier that proves nothing because it is only similar."""
    proven = {match.clue.kind for match in best.proofs}
    rest = [found for kind, found in best.by_kind.items() if kind not in proven]
    near = [max(found, key=lambda match: match.bits) for found in rest]
    said = [
        f"{shown(match.clue)} is only similar"
        for match in near
        if match.agreement is Agreement.SIMILAR
    ]
    return " and ".join(said)


def evidence_for(best: Assessed) -> tuple[Evidence, ...]:
    """What on the pages speaks for the patient."""
    return tuple(_evidence(m.clue, m.bits) for m in best.matches if m.bits > 0)


def evidence_unweighed(clues: Clues, most: int) -> tuple[Evidence, ...]:
    """What was read, where it speaks for nobody."""
    return tuple(_evidence(clue, 0.0) for clue in clues.labelled[:most])


def candidate(one: Assessed) -> Candidate:
    """A patient whom a clerk may choose, with what agrees and what differs."""
    kinds = {kind: max(found, key=lambda m: m.bits) for kind, found in one.by_kind.items()}
    pieces = [
        f"{text}: {listed(group)}"
        for text, degree in (
            ("agrees", Agreement.EXACT),
            ("nearly agrees", Agreement.SIMILAR),
            ("differs", Agreement.DIFFERENT),
        )
        if (group := [_named(m) for m in kinds.values() if m.agreement is degree])
    ]
    extra = [one.sex, *one.bare] if one.sex else one.bare
    evidence = (*map(_matched, kinds.values()), *(_evidence(b.clue, b.bits) for b in extra))
    because = "; ".join(pieces) or "only a number or date somewhere on the pages agrees"
    return Candidate(one.patient.id, round(one.score, 1), because, evidence)


def too_little(best: Assessed, clues: Clues) -> str:
    """Why fewer than two identifiers prove."""
    exact = {m.clue.kind for m in best.matches if m.agreement is Agreement.EXACT}
    if len(exact) >= PROOFS_NEEDED:
        return _weak(best, exact)
    if not exact:
        return nobody_has(clues)
    read = {clue.kind for clue in clues.labelled}
    missing = [_SHOWN_AS[kind] for kind in IDENTITY if kind not in read]
    wrong = [_SHOWN_AS[kind] for kind in IDENTITY if kind in read and kind not in exact]
    tail = [f"{listed(missing)} not found on the pages"] if missing else []
    tail += [f"{listed(wrong)} on the pages is not in the index with it"] if wrong else []
    return f"Only the {_SHOWN_AS[next(iter(exact))]} agrees; {'; '.join(tail)}"


def _weak(best: Assessed, exact: set[LabelKind]) -> str:
    """Why two identifiers that agree prove nothing all the same."""
    what = listed([_SHOWN_AS[kind] for kind in IDENTITY if kind in exact])
    if LabelKind.BIRTH_DATE in exact and is_default_birth_date(best.patient.dob):
        return f"{what} agree, but a birth date of 01/01 may stand for an unknown one"
    agreeing = [m for m in best.matches if m.agreement is Agreement.EXACT]
    if any(match.former for match in agreeing):
        return f"{what} agree, but the MRN was merged into {best.patient.mrn}"
    theirs = [words for match in agreeing if not match.supports and (words := _another(match.clue))]
    if theirs:
        return f"{what} agree, but {theirs[0]}"
    twice = [m.clue for m in agreeing if m.clue.doubted]
    if twice:
        return f"{what} agree, but {shown(twice[0])} on page {twice[0].page} was read in two ways"
    unsure = [m.clue for m in agreeing if m.clue.confidence < LOWEST_PROOF_CONFIDENCE]
    if unsure:
        return f"{what} agree, but {shown(unsure[0])} on page {unsure[0].page} is hard to read"
    return f"{what} agree, but not two of them together on one page of the document"


def _another(clue: Clue) -> str:
    """That a clue may be somebody else's by where it stands, if it may."""
    where = f"{shown(clue)} on page {clue.page} stands"
    if clue.caption:
        return f'{where} behind "{quoted(clue.caption)}" and may be somebody else\'s'
    return f"{where} under somebody else's heading" if clue.beneath else ""


def nothing_labelled(clues: Clues) -> str:
    """That nothing says whose the pages are, or only whose child's they are."""
    childs = [one for one in clues.others if one.kind in IDENTITY and _is_childs(one)]
    if not childs:
        return "No patient name, birth date or MRN was found on the pages"
    first = childs[0]
    return (
        f'{shown(first)} on page {first.page} is labelled as a child\'s ("{quoted(first.label)}"), '
        "and nothing as a patient's"
    )


def _is_childs(clue: Clue) -> bool:
    return any(letters(word) in _CHILDREN for word in clue.label.split())


def nobody_has(clues: Clues) -> str:
    """That the index knows nobody like this."""
    groups = (clues.mrns, clues.birth_dates, clues.names)
    read = " or ".join(shown(group[0]) for group in groups if group)
    return f"No patient in the index has {read}"


def two_patients(one: Assessed, other: Assessed) -> str:
    """That two patients are proven."""
    first, second = one.proofs[0].clue.page, other.proofs[0].clue.page
    if first == second:
        return (
            f"The pages fit two patients: {one.patient.shown_name} and {other.patient.shown_name}"
        )
    return _named_on_pages(one, first, other, second)


def contradiction(best: Assessed, against: Match, others: Sequence[Assessed]) -> str:
    """What disagrees, and whose it is if it is another known patient's."""
    clue = against.clue
    owner = next((o for o in others if agreement_of(clue, o.patient) is Agreement.EXACT), None)
    if owner and clue.kind is not LabelKind.BIRTH_DATE:
        return _named_on_pages(best, best.proofs[0].clue.page, owner, clue.page)
    agreed = listed([_SHOWN_AS[match.clue.kind] for match in best.proofs])
    chosen = best.patient.shown_name
    return f"{agreed} agree with {chosen}, but {shown(clue)} on page {clue.page} does not"


def _named_on_pages(one: Assessed, first: int, other: Assessed, second: int) -> str:
    return (
        f"Two patients are named on these pages: page {first} {one.patient.shown_name}, "
        f"page {second} {other.patient.shown_name}"
    )


def quoted(words: str) -> str:
    """Words of the page, shortened to what a clerk needs to find them."""
    return shorten(words, MAX_QUOTED, placeholder=" ...")


def shown(clue: Clue) -> str:
    """A clue as a clerk would call it: `birth date 03/07/1961`."""
    return f"{_SHOWN_AS.get(clue.kind, clue.kind.value)} {clue.text}"


def _named(match: Match) -> str:
    return f"former {shown(match.clue)}" if match.former else shown(match.clue)


def _matched(match: Match) -> Evidence:
    """As a clerk should see it: what differs speaks against, what is similar only puts forward."""
    found = _evidence(match.clue, match.bits)
    if match.agreement is Agreement.DIFFERENT:
        # A name of which one half agrees still brings the patient into the list.
        return replace(found, weight=min(found.weight, NAME_DIFFERS_BITS))
    if match.agreement is Agreement.SIMILAR:
        return replace(found, meaning=f"{found.meaning}, only similar to")
    return found


def _evidence(clue: Clue, bits: float) -> Evidence:
    meaning = clue.kind.value if clue.label else f"{clue.kind.value}, not labelled"
    if clue.doubted:
        meaning += ", read in two ways"
    return Evidence(clue.page, clue.box, clue.text, meaning, bits)


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
