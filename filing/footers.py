"""The line that ends a printout: name, number and birth date in one row, and nothing else.

Record systems print it under what they print, without labels. A row of a list has the same form, so
it must be the only one with such a number, under a page of more than a few lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.labels import role_of, spelled
from chartkeeper.filing.layout import Run, Token
from chartkeeper.filing.match import best_fit
from chartkeeper.filing.names import letters
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import Clue, are_capitalised, name_clue, name_words
from chartkeeper.filing.wordings import LabelKind, Owner, load_wordings
from chartkeeper.ocr.page import Box, Page
from chartkeeper.records.model import Patient

# So many lines stand over it, and no more under it: `Printed on`, `Page 1 of 1`.
LINES_OVER, LINES_UNDER = 8, 2
LINES_NEAR = 3
_NOBODY_ELSE = frozenset({Owner.PATIENT, Owner.CLINICIAN})
_LINES = load_wordings().lines
_PLAIN = {word.upper() for word in _LINES.ages | _LINES.of_nobody} | {"M", "F"}


def closing_line(page: Page, clues: Clues, patient: Patient) -> Iterator[tuple[Clue, Clue, Clue]]:
    """Name, number and birth date of `patient` where they alone make the last line of `page`."""
    lines = [tuple(group) for _, group in groupby(labels_on(page)[0], key=lambda run: run.line)]
    for at in range(max(LINES_OVER, len(lines) - 1 - LINES_UNDER), len(lines)):
        tokens = tuple(chain.from_iterable(run.tokens for run in lines[at]))
        name = _name_at_start(page, lines[at][0], patient)
        number = _within(lines[at], page, [c for c in clues.numbers if patient.mrn_key in c.keys])
        day = _within(lines[at], page, [c for c in clues.dates if patient.dob in c.dates])
        if not (name and number and day) or _are_about_others(
            page, lines[at - LINES_NEAR : at + 1]
        ):
            continue
        if all(_is_plain(token, (name.box, number.box, day.box)) for token in tokens):
            yield name, replace(number, kind=LabelKind.MRN), day


def _name_at_start(page: Page, run: Run, patient: Patient) -> Clue | None:
    """The patient's name, if `run` opens with it."""
    words = tuple(name_words(run.tokens))
    clue = name_clue(page, "", words) if words and are_capitalised(words) else None
    return clue if clue and clue.name and best_fit(clue.name, patient)[0].is_proof else None


def _within(line: Sequence[Run], page: Page, clues: Sequence[Clue]) -> Clue | None:
    """The first of `clues` that stands in `line`."""
    boxes = [token.word.box for run in line for token in run.tokens]
    mine = (
        clue
        for clue in clues
        if clue.page == page.number and any(_meets(box, clue.box) for box in boxes)
    )
    return next(mine, None)


def _meets(one: Box, other: Box) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def _is_plain(token: Token, identity: Sequence[Box]) -> bool:
    """Whether `token` is of the three, an age, a sex or a mark: no word, and no other number."""
    if token.is_punctuation or any(_meets(token.word.box, box) for box in identity):
        return True
    key = letters(token.text)
    return key in _PLAIN or (not key and len(token.text) <= len("100"))


def _are_about_others(page: Page, lines: Sequence[Sequence[Run]]) -> bool:
    """Whether `lines` speak of a relative, or the last two of anybody: the last may be theirs."""
    near = {run.line for line in lines for run in line}
    all_runs, labels = labels_on(page)
    named = {
        label.owner
        for run, found in zip(all_runs, labels, strict=True)
        if run.line in near
        for label in found
    }
    words = {role_of(spelled(one.key)) for line in lines[-2:] for run in line for one in run.tokens}
    return bool((named - _NOBODY_ELSE) | (words - {None}))
