"""An identifier whose label was lost: believed only beside a labelled one of its owner."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from chartkeeper.filing.captions import introduction
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.labels import (
    RECORD_WORDS,
    opens_section_of_patient,
    role_of,
    spelled,
    stands_for_somebody,
)
from chartkeeper.filing.layout import Run, below, content_lines
from chartkeeper.filing.match import agreement_of
from chartkeeper.filing.names import Agreement, is_unparted, letters, parse_name
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import Clue, name_words
from chartkeeper.filing.wordings import LabelKind, Owner
from chartkeeper.ocr.page import Box, Page, PageKind, Word, around
from chartkeeper.records.model import Patient, PersonName

# That something without a label is an identifier is a guess: it supports and proves nothing alone
# (LOWEST_PROOF_CONFIDENCE).
CONFIDENCE = 0.5
FEWEST_DIGITS = 6
HEAD_SHARE = 0.35
MAX_NAME_WORDS = 4
_OWN = (None, Owner.MEMBER, Owner.CHILD)  # none: the patient, or nobody
_IDS = frozenset({"ID", "IDNO", "IDNUMBER", "IDNUM"})


def with_lost(clues: Clues, pages: Sequence[Page], candidates: Sequence[Patient]) -> Clues:
    """`clues` with the numbers, names and birth dates of candidates whose labels were lost."""
    found = with_lost_number(clues, candidates, pages)
    numbered = [(patient, _numbered_on(patient, found)) for patient in candidates]
    owners = [(patient, on) for patient, on in numbered if on]
    names = [] if clues.names else list(_lost_names(clues, pages, owners))
    if not clues.names and not names:
        names = list(_names_under_headings(clues, pages, candidates))
    days = [] if clues.birth_dates else list(_lost_days(clues, owners))
    return replace(found, names=(*found.names, *names), birth_dates=(*found.birth_dates, *days))


def with_lost_number(
    clues: Clues, candidates: Sequence[Patient], pages: Sequence[Page] = ()
) -> Clues:
    """`clues` with the numbers that belong to whoever the labelled name or birth date names.

    Only where no number is labelled as the patient's, only numbers that no other label claims (an
    account, a phone, somebody else's), only on the page of the identifier that agrees exactly. One
    behind a word for a record (`Chart 0012345`) is no guess.
    """
    if clues.mrns:
        return clues
    by_number = {page.number: page for page in pages}
    claims = replace(clues, others=tuple(one for one in clues.others if not _is_only_an_id(one)))
    free = [
        _called(one, by_number.get(one.page), RECORD_WORDS | {"ID"})
        for one in _unclaimed(clues.numbers, claims)
    ]
    return replace(clues, mrns=tuple(_owned(free, clues, candidates)))


def _is_only_an_id(clue: Clue) -> bool:
    """Whether a number is called an ID and no more: whose it is, it tells by its figures."""
    return letters(clue.label) in _IDS


def _called(clue: Clue, page: Page | None, words: Collection[str]) -> Clue:
    """`clue` with the word right before it as its label: one of `words`, or `Consumer #`.

    Not where somebody else is spoken of before it: `Mother's chart`.
    """
    run = next((run for run in labels_on(page)[0] if _holds(run, clue)), None) if page else None
    before = [one for one in run.tokens if one.word.box.right <= clue.box.left] if run else []
    keys = [spelled(token.key) for token in before if token.key]
    said = [key for key in keys if key and key != "#"][-1:]
    if not said or any(role_of(key) not in _OWN for key in keys):
        return clue
    called = said[0] in words or (keys[-1] == "#" and stands_for_somebody(said[0]))
    return replace(clue, label=said[0].capitalize()) if called else clue


def _holds(run: Run, clue: Clue) -> bool:
    return any(token.word.box == clue.box for token in run.tokens)


def _unclaimed(bare: Sequence[Clue], clues: Clues) -> list[Clue]:
    claimed = {(clue.page, clue.box) for clue in clues.others}
    return [clue for clue in bare if (clue.page, clue.box) not in claimed]


def _owned(free: Sequence[Clue], clues: Clues, candidates: Sequence[Patient]) -> Iterator[Clue]:
    for patient in candidates:
        numbers = [c for c in free if patient.mrn_key in c.keys and _is_long(patient.mrn_key)]
        if numbers:
            named_on = {c.page for c in clues.labelled if _is_exact(c, patient)}
            here = (number for number in numbers if number.page in named_on)
            yield from (number if number.label else _guess(number) for number in here)


def _guess(clue: Clue) -> Clue:
    return replace(clue, confidence=min(clue.confidence, CONFIDENCE))


def _is_long(key: str) -> bool:
    return sum(char.isdigit() for char in key) >= FEWEST_DIGITS


def _is_exact(clue: Clue, patient: Patient) -> bool:
    return agreement_of(clue, patient) is Agreement.EXACT


def _numbered_on(patient: Patient, clues: Clues) -> frozenset[int]:
    """The pages on which the patient's number is labelled as such.

    A name or birth date is believed without its label beside a number only: a guarantor's block has
    both of these, and its heading may be what could not be read.
    """
    return frozenset(clue.page for clue in clues.mrns if patient.mrn_key in clue.keys)


def _lost_days(clues: Clues, owners: Sequence[tuple[Patient, frozenset[int]]]) -> Iterator[Clue]:
    for day in _unclaimed(clues.dates, clues):
        if any(day.page in on and patient.dob in day.dates for patient, on in owners):
            yield _guess(day)


def _lost_names(
    clues: Clues, pages: Sequence[Page], owners: Sequence[tuple[Patient, frozenset[int]]]
) -> Iterator[Clue]:
    for page in pages:
        here = [patient for patient, on in owners if page.number in on]
        if here and page.kind is PageKind.CONTENT:
            yield from _names_on(page, clues, here)


def _names_on(page: Page, clues: Clues, owners: Sequence[Patient]) -> Iterator[Clue]:
    """The owners' names in full near the top of `page`, where no other label claims the line.

    Not behind words that nobody knows: they may announce somebody else.
    """
    theirs = _lines_of_others(page)
    for line in content_lines(page):
        if line[0].line in theirs or line[0].box.top > page.height * HEAD_SHARE:
            continue
        for words in _windows(line):
            box, known = around(words), _name_of(words, owners)
            claimed = known and _is_claimed(box, page.number, clues)
            if known and not claimed and not introduction(page, box):
                yield from _name_clue(words, box, page.number, known)


def _names_under_headings(
    clues: Clues, pages: Sequence[Page], candidates: Sequence[Patient]
) -> Iterator[Clue]:
    """The name right under `Patient Information`, of whom a label gives number or birth date."""
    for page in (page for page in pages if page.kind is PageKind.CONTENT):
        here = [clue for clue in clues.labelled if clue.page == page.number]
        owners = [one for one in candidates if any(_is_exact(clue, one) for clue in here)]
        all_runs = labels_on(page)[0] if owners else ()
        for heading in (run for run in all_runs if opens_section_of_patient(run)):
            tokens = tuple(name_words(below(heading.box, all_runs)))
            words = [token.word for token in tokens]
            known = _name_of(words, owners)
            if known:
                yield from _name_clue(words, around(words), page.number, known)


def _lines_of_others(page: Page) -> set[int]:
    """The lines with a label that says that something is somebody else's."""
    all_runs, labels = labels_on(page)
    return {
        run.line
        for run, found in zip(all_runs, labels, strict=True)
        if any(label.owner is not Owner.PATIENT for label in found)
    }


def _windows(line: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    for size in range(1, MAX_NAME_WORDS + 1):
        yield from (tuple(line[at : at + size]) for at in range(len(line) - size + 1))


def _name_of(words: Sequence[Word], owners: Sequence[Patient]) -> PersonName | None:
    """The owner's name that `words` are, letter by letter."""
    read = "".join(letters(word.text) for word in words)
    found = (
        known
        for patient in owners
        for known in (PersonName(patient.last, patient.first), *patient.aliases)
        if is_unparted(read, known.last, known.first, patient.middle)
    )
    return next(found, None)


def _is_claimed(box: Box, page: int, clues: Clues) -> bool:
    return any(
        clue.page == page and clue.box.left < box.right and box.left < clue.box.right
        for clue in clues.others
        if clue.box.top < box.bottom and box.top < clue.box.bottom
    )


def _name_clue(words: Sequence[Word], box: Box, page: int, known: PersonName) -> Iterator[Clue]:
    """The name, unless it may be a clinician's: `Xiong, Pa` reads like one with credentials."""
    text = " ".join(word.text for word in words)
    name = parse_name(f"{known.last}, {known.first}")
    if name:
        yield Clue(LabelKind.NAME, page, box, text, "", CONFIDENCE, name=name)
