"""Stickers and recorders' headers without labels: name, number and birth date in one block.

Each of the three alone is anybody's. That all three stand together and are one patient's, letter by
letter, does not happen by chance, so they count as if labelled. What may not be a sticker (a row of
a list, somebody's block under a heading) is left alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chartkeeper.filing.captions import introduction
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.footers import closing_line, running_heads
from chartkeeper.filing.labels import is_of_an_age, names_the_patient, role_of, spelled
from chartkeeper.filing.layout import Run
from chartkeeper.filing.match import best_fit
from chartkeeper.filing.names import letters
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import Clue, are_capitalised, name_clue, name_words
from chartkeeper.filing.wordings import LabelKind, Owner
from chartkeeper.ocr.page import Box, Page, PageKind
from chartkeeper.records.model import Patient

HEAD_SHARE = 0.35
REACH_HEIGHTS = 10  # from the name to the last line of a block of three to five lines
FEWEST_DIGITS = 6
# What forms call the box for the plate or sticker: `Patient's Identification`.
_LABEL_CAPTIONS = frozenset({"IDENTIFICATION", "LABEL", "PLATE", "STICKER", "IMPRINT"})
# What recorders and billing systems print before the number by which the house knows a patient.
_NUMBER_LABELS = frozenset({"ID", "ACCOUNTNUMBER", "ACCOUNT"})
_FREE_LABELS = _NUMBER_LABELS | {f"PATIENT{caption}" for caption in _LABEL_CAPTIONS}


def with_stickers(clues: Clues, pages: Sequence[Page], candidates: Sequence[Patient]) -> Clues:
    """`clues` with those of blocks that are a candidate's, where no name or number is labelled."""
    if clues.mrns or clues.names:
        return clues
    found = [
        block
        for page in pages
        if page.kind is PageKind.CONTENT
        for patient in candidates
        for block in _blocks(page, clues, patient)
    ]
    found += [head for patient in candidates for head in running_heads(pages, clues, patient)]
    days = () if clues.birth_dates else tuple(day for _, _, day in found)
    return replace(
        clues,
        names=tuple(name for name, _, _ in found),
        mrns=tuple(number for _, number, _ in found),
        birth_dates=(*clues.birth_dates, *days),
    )


def _blocks(page: Page, clues: Clues, patient: Patient) -> Iterator[tuple[Clue, Clue, Clue]]:
    """The patient's name near the top of `page` with number and birth date beneath or beside it."""
    numbers = [
        clue
        for clue in _here(clues.numbers, page)
        if patient.mrn_key in clue.keys and _digits(clue) >= FEWEST_DIGITS
    ]
    days = [c for c in _here(clues.dates, page) if patient.dob in c.dates]
    if not numbers or not days or _lists_numbers(page, clues, _digits(numbers[0])):
        return
    yield from closing_line(page, clues, patient)
    for run, name in _names(page, patient):
        number = next(
            (c for c in numbers if _is_beneath(c, page, name) or _is_beside(c, clues, name)), None
        )
        day = next((c for c in days if _is_beneath(c, page, name)), None)
        stacked = day and (_is_stacked(name, day) or _caption_end(run))
        if number and day and stacked and _is_free(page, run, (number, day), clues):
            yield name, replace(number, kind=LabelKind.MRN), day


def _here(clues: Sequence[Clue], page: Page) -> list[Clue]:
    return [clue for clue in clues if clue.page == page.number]


def _lists_numbers(page: Page, clues: Clues, digits: int) -> bool:
    """Whether numbers as long as the patient's stand on the page that nothing else claims."""
    claimed = [clue.box for clue in _here(clues.others, page)]
    alike = {
        key
        for clue in _here(clues.numbers, page)
        if clue.box not in claimed and _digits(clue) == digits
        for key in clue.keys
    }
    return len(alike) > 1


def _digits(clue: Clue) -> int:
    return sum(map(str.isdigit, clue.text))


def _names(page: Page, patient: Patient) -> Iterator[tuple[Run, Clue]]:
    """The lines that open with the patient's name, near the top of `page` or where it is asked for.

    Farther down a block is whoever's, unless it fills the box for the patient's identification.
    """
    for run in labels_on(page)[0]:
        if run.box.top > page.height * HEAD_SHARE and not _is_asked_for(page, run):
            continue
        words = tuple(name_words(run.tokens[_caption_end(run) :]))
        clue = name_clue(page, "", words) if words and are_capitalised(words) else None
        name = clue.name if clue else None
        fits = name is not None and best_fit(name, patient)[0].is_proof
        if clue and fits and (_caption_end(run) or not introduction(page, clue.box)):
            yield run, clue


def _caption_end(run: Run) -> int:
    """Where a caption ends that asks for the patient's label in the same line; 0 without one.

    So `Patient label: SMITH, ANN 0012345 03/07/1961`: there all may stand in one row.
    """
    keys = [spelled(token.key) for token in run.tokens[:2]]
    asks = len(keys) > 1 and names_the_patient(keys[0]) and keys[1] in _LABEL_CAPTIONS
    return 3 if asks and [token.text for token in run.tokens[2:3]] == [":"] else 0


def _is_asked_for(page: Page, name: Run) -> bool:
    """Whether a caption right over `name`, no other than the page's only one, asks for a label."""
    captions = [run for run in labels_on(page)[0] if _asks_for_a_label(run)]
    down = name.box.top - captions[0].box.bottom if len(captions) == 1 else -1
    return (
        0 <= down <= REACH_HEIGHTS * name.box.height
        and captions[0].box.left < name.box.right
        and captions[0].box.right > name.box.left
    )


def _asks_for_a_label(run: Run) -> bool:
    keys = [spelled(token.key) for token in run.tokens if token.key]
    return len(keys) > 1 and names_the_patient(keys[0]) and keys[1] in _LABEL_CAPTIONS


def _is_beneath(clue: Clue, page: Page, name: Clue) -> bool:
    """Whether the line of `clue` stands in the column of the name, beside it or not far below."""
    down = clue.box.top - name.box.top
    lines = (run.box for run in labels_on(page)[0] if _holds(run.box, clue.box))
    return -name.box.height < down <= REACH_HEIGHTS * name.box.height and any(
        line.left < name.box.right and line.right > name.box.left for line in lines
    )


def _is_beside(number: Clue, clues: Clues, name: Clue) -> bool:
    """Whether a number called an ID stands in the line of the name, as recorders print it."""
    called = (letters(one.label) for one in _at(number, clues.others))
    same_line = number.box.top < name.box.bottom and name.box.top < number.box.bottom
    return same_line and number.box.left > name.box.right and any(one == "ID" for one in called)


def _at(clue: Clue, others: Sequence[Clue]) -> list[Clue]:
    return [one for one in others if (one.page, one.box) == (clue.page, clue.box)]


def _holds(line: Box, box: Box) -> bool:
    across = line.left <= box.left and box.right <= line.right
    return across and line.top <= box.top and box.bottom <= line.bottom


def _is_stacked(name: Clue, day: Clue) -> bool:
    """Whether the birth date stands on another line: in a list all is in one row."""
    return day.box.top >= name.box.top + name.box.height


def _is_free(page: Page, name: Run, clues: Sequence[Clue], known: Clues) -> bool:
    """Whether nothing in the block or right over it gives it to somebody else."""
    claims = {
        clue.box: clue
        for clue in known.others
        if clue.page == page.number and clue.box in {one.box for one in clues}
    }
    if any(letters(clue.label) not in _FREE_LABELS or clue.caption for clue in claims.values()):
        return False
    bottom = max(clue.box.bottom for clue in clues)
    all_runs, labels = labels_on(page)
    column = [
        (run, found)
        for run, found in zip(all_runs, labels, strict=True)
        if run.box.left < name.box.right and run.box.right > name.box.left
        and name.box.top - REACH_HEIGHTS * name.box.height < run.box.bottom
        and run.box.top < bottom
    ]  # fmt: skip
    return not any(_names_others(run) for run, _ in column) and all(
        label.owner is Owner.PATIENT for _, found in column for label in found
    )


def _names_others(run: Run) -> bool:
    return any(
        role_of(spelled(token.key)) and not is_of_an_age(run.tokens, at)
        for at, token in enumerate(run.tokens)
    )
