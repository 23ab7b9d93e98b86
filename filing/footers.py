"""The line that ends a printout or heads its pages: name, number and birth date in one row.

Record systems print it so, without labels and with nothing else. A row of a list has the same form:
so it must stand under a page of more than a few lines, or on top of every page of several.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from chartkeeper.filing.banners import VISIT_NUMBERS
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.labels import role_of, spelled
from chartkeeper.filing.layout import Run, Token
from chartkeeper.filing.match import best_fit
from chartkeeper.filing.names import letters
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import Clue, are_capitalised, name_clue, name_words
from chartkeeper.filing.wordings import LabelKind, Owner, load_wordings
from chartkeeper.ocr.page import Box, Page, PageKind
from chartkeeper.records.model import Patient

# So many lines stand over it, and no more under it: `Printed on`, `Page 1 of 1`.
LINES_OVER, LINES_UNDER = 8, 2
LINES_NEAR, LINES_OF_HEAD = 3, 6
Identity = tuple[Clue, Clue, Clue]  # name, number, birth date
_NOBODY_ELSE = frozenset({None, Owner.PATIENT, Owner.CLINICIAN})
_LINES = load_wordings().lines
_PLAIN = {word.upper() for word in _LINES.ages | _LINES.of_nobody} | {"M", "F"}


def closing_line(page: Page, clues: Clues, patient: Patient) -> Iterator[Identity]:
    """Name, number and birth date of `patient` where they alone make the last line of `page`."""
    lines = _lines(page)
    for at in range(max(LINES_OVER, len(lines) - 1 - LINES_UNDER), len(lines)):
        found = _identity(page, lines[at], clues, patient)
        if not found or _are_about_others(page, lines[at - LINES_NEAR : at + 1]):
            continue
        if _is_nothing_else(page, lines[at], clues, found):
            yield found


def running_heads(pages: Sequence[Page], clues: Clues, patient: Patient) -> Iterator[Identity]:
    """The same where they head each of several pages, beside no more than other dates.

    On one page a row of three may be the only row of a list.
    """
    content = [page for page in pages if page.kind is PageKind.CONTENT]
    named = any(patient.mrn_key in clue.keys for clue in clues.numbers)
    heads = [_head(page, clues, patient) for page in content] if named else []
    if len(heads) > 1 and all(heads):
        yield from filter(None, heads)


def _head(page: Page, clues: Clues, patient: Patient) -> Identity | None:
    lines = _lines(page)
    days = [clue for clue in clues.dates if clue.page == page.number]
    for at, line in enumerate(lines[:LINES_OF_HEAD]):
        found = _identity(page, line, clues, patient)
        if found and not _are_about_others(page, lines[max(0, at - LINES_NEAR) : at + 1]):
            return found if _is_nothing_else(page, line, clues, (*found, *days)) else None
    return None


def _lines(page: Page) -> list[tuple[Run, ...]]:
    return [tuple(group) for _, group in groupby(labels_on(page)[0], key=lambda run: run.line)]


def _identity(page: Page, line: Sequence[Run], clues: Clues, patient: Patient) -> Identity | None:
    """The patient's name at the start of `line`, with the number and birth date in it."""
    name = _name_at_start(page, line[0], patient)
    number = _within(line, page, [c for c in clues.numbers if patient.mrn_key in c.keys])
    day = _within(line, page, [c for c in clues.dates if patient.dob in c.dates])
    return (name, replace(number, kind=LabelKind.MRN), day) if name and number and day else None


def _is_nothing_else(page: Page, line: Sequence[Run], clues: Clues, known: Sequence[Clue]) -> bool:
    """Whether `line` holds no more than `known`, a visit's number, an age or a sex.

    The label of any other number is a word.
    """
    counted = [clue.box for clue in clues.others if clue.page == page.number]
    boxes = [*(clue.box for clue in known), *counted]
    return all(_is_plain(token, boxes) for run in line for token in run.tokens)


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
    return key in _PLAIN | VISIT_NUMBERS or (not key and len(token.text) <= len("100"))


def _are_about_others(page: Page, lines: Sequence[Sequence[Run]]) -> bool:
    """Whether `lines` speak of a relative: the last of them may be theirs."""
    near = {run.line for line in lines for run in line}
    all_runs, labels = labels_on(page)
    named = {
        label.owner
        for run, found in zip(all_runs, labels, strict=True)
        if run.line in near
        for label in found
    }
    words = {role_of(spelled(one.key)) for line in lines[-2:] for run in line for one in run.tokens}
    return bool((named | words) - _NOBODY_ELSE)
