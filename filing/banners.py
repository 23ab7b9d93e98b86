"""Names that no label announces: they head a sticker or a banner."""

from collections.abc import Sequence

from chartkeeper.filing.captions import spoken, without_address
from chartkeeper.filing.dates import find_dates
from chartkeeper.filing.labels import Label, spelled
from chartkeeper.filing.layout import Run, Token, text_of
from chartkeeper.filing.values import Clue, are_capitalised, name_clue, name_words
from chartkeeper.filing.wordings import LabelKind, Owner
from chartkeeper.filing.words import FIRST_PERSON, word_set
from chartkeeper.ocr.page import Page

VISIT_NUMBERS = word_set("FIN CSN HAR ACCT ACCOUNT ENCOUNTER VISIT")
_BANNER = (LabelKind.MRN, LabelKind.BIRTH_DATE, LabelKind.SEX)


def banner(
    page: Page, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int
) -> Clue | None:
    """An unlabelled `LAST, FIRST` that heads the patient's number, birth date, sex or visit.

    It stands before the label in its line, or alone in the line above, as on wristband labels.
    """
    run = all_runs[at]
    first = labels[at][0] if labels[at] else None
    if not first or not _is_of_banner(labels[at], run):
        return None
    before = _spoken(run.tokens[: first.start]) or _heading(all_runs, labels, at)
    speaks = bool(before) and before[0].text in FIRST_PERSON  # I, Ann Smith, born ...
    words = tuple(name_words(before[speaks:]))
    said = text_of(before)
    lives = speaks and without_address(said) != said  # I, Ann Smith, of 4 Elm St, born ...
    behind = () if lives else before[speaks + len(words) :]
    rest = [token for token in behind if not token.is_punctuation]
    has_form = speaks or "," in text_of(words)[:-1]
    is_name = words and not rest and has_form and are_capitalised(words)
    return name_clue(page, "", words) if is_name else None


def _spoken(tokens: Sequence[Token]) -> Sequence[Token]:
    """What stands before a label; nothing if that is no more than specks."""
    said = spoken(tokens)
    return said if any(char.isalnum() for token in said for char in token.text) else ()


def _is_of_banner(labels: Sequence[Label], run: Run) -> bool:
    """Whether the first of `labels` stands on stickers and in banners beside the patient's name.

    A number that is only called an ID does with a birth date: `SMITH, ANN (id #4711, dob: ...)`.
    """
    first = labels[0]
    if first.owner is not Owner.PATIENT:
        return False
    word = spelled(run.tokens[first.start].key)
    born = any(one.kind is LabelKind.BIRTH_DATE for one in labels[1:])
    counted = word in VISIT_NUMBERS or (word == "ID" and born)
    return first.kind in _BANNER or (first.kind is LabelKind.OTHER and counted)


def _heading(
    all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int
) -> tuple[Token, ...]:
    """The run before the run `at` in its line, or over it; one higher if only a date is between."""
    before = all_runs[at - 1] if at else None
    beside = before is not None and before.line == all_runs[at].line and not labels[at - 1]
    if before and beside and "," in before.text:
        return before.tokens
    over = _over(all_runs, labels, at, 1)
    dates = find_dates(over.text) if over else ()
    if dates and not dates[0].start:
        over = _over(all_runs, labels, at, 2)
    return over.tokens if over else ()


def _over(
    all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int, rows: int
) -> Run | None:
    """The run without labels that stands `rows` over the run `at`, in the same column."""
    box = all_runs[at].box
    reach = box.top - 2 * rows * box.height
    column = [
        (run, found)
        for run, found in zip(all_runs, labels, strict=True)
        if reach <= run.box.bottom <= box.top + box.height * 0.3
        and abs(run.box.left - box.left) <= 2 * box.height
    ]
    column.sort(key=lambda one: -one[0].box.bottom)
    if len(column) < rows or any(found for _, found in column[:rows]):
        return None
    return column[rows - 1][0]
