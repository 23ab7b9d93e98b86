"""Who signs for somebody else: a parent's identifiers stand in a child's consent."""

import re
from collections.abc import Iterator, Sequence

from chartkeeper.filing.labels import role_of
from chartkeeper.filing.layout import runs
from chartkeeper.filing.names import letters
from chartkeeper.filing.wordings import Owner
from chartkeeper.filing.words import FIRST_PERSON
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Patient

MOST_CHARACTERS = 500  # of a sentence that a form puts into somebody's mouth
_SPEAKS = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(FIRST_PERSON)))})\s")
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)])[.;]\s")
# `treatment of my minor son`, `the mother of`, `on behalf of`; not `I appoint my son as my agent`.
_FOR_ANOTHER = (
    re.compile(r"\b(?:of|for|to|on|by|treat) (?:my|our) (\w+)(?: (\w+))?", re.IGNORECASE),
    re.compile(r"\b(\w+) of\b", re.IGNORECASE),
    re.compile(r"\b(\w+) for (?!Health|Medical)[A-Z][a-z]"),
)
_DUTIES = frozenset({"BEHALF", "RESPONSIBLE"})
_NAME_WORDS = 6


def speaks_for_another(patient: Patient, pages: Sequence[Page]) -> tuple[int, str]:
    """The page on which the patient signs for somebody else, and the words; or nothing."""
    said = (
        (page.number, words)
        for page in pages
        for sentence in _sentences(page)
        if _is_named(patient, sentence)
        for words in _for_another(sentence)
    )
    return next(said, (0, ""))


def _sentences(page: Page) -> Iterator[str]:
    """What follows each `I, ` on `page`, to the end of its sentence."""
    text = " ".join(run.text for run in runs(page))
    for match in _SPEAKS.finditer(text):
        behind = text[match.end() : match.end() + MOST_CHARACTERS]
        yield _SENTENCE_END.split(behind)[0]


def _is_named(patient: Patient, sentence: str) -> bool:
    words = {letters(word) for word in sentence.split()[:_NAME_WORDS]}
    first = letters(patient.first.split()[0]) if patient.first else ""
    return first in words and any(letters(part) in words for part in patient.last.split())


def _for_another(sentence: str) -> Iterator[str]:
    for wording in _FOR_ANOTHER:
        for match in wording.finditer(sentence):
            words = [letters(word) for word in match.groups() if word]
            if any(word in _DUTIES or role_of(word) is Owner.RELATIVE for word in words):
                yield match.group()
