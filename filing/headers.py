"""Pages that say whose they are where it cannot be read: they may be another patient's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.labels import Label
from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.names import WrittenName, letters, parse_name
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import names_read
from chartkeeper.filing.wordings import LabelKind, Owner
from chartkeeper.ocr.page import Page, PageKind

HEADER_SHARE = 0.35
VALUE_SHARE = 0.1  # what a label in the header asks for may stand so much below
MAX_HEADING_WORDS = 5
_TOLD_BY = (LabelKind.MRN, LabelKind.BIRTH_DATE)
_NAME_PARTS = (LabelKind.LAST_NAME, LabelKind.FIRST_NAME)


def unread_headers(pages: Sequence[Page], clues: Clues) -> frozenset[int]:
    """The numbers of the pages of which it is not sure that they name one patient only.

    A page without any identifier near its top where labels ask for one: what stands at its foot may
    be somebody else's sticker. And a page that asks for a number or a birth date more than once, as
    under two stickers, and not all of it can be read.
    """
    content = [page for page in pages if page.kind is PageKind.CONTENT and page.words]
    return frozenset(page.number for page in content if _is_unread(page, clues))


def _is_unread(page: Page, clues: Clues) -> bool:
    here = [clue for clue in clues.labelled if clue.page == page.number]
    head = page.height * HEADER_SHARE
    if not any(clue.box.top <= head + page.height * VALUE_SHARE for clue in here):
        return any(map(_asks_who, _labels(page, head, clues)))
    told = Counter(clue.kind for clue in here)
    asked = Counter(label.kind for label in _labels(page, page.height, clues))
    return any(1 <= told[kind] < asked[kind] for kind in _TOLD_BY)


def _labels(page: Page, limit: float, clues: Clues) -> Iterator[Label]:
    """The labels of the patient's down to `limit`, in pixels from the top; not words of prose."""
    names = [part for clue in clues.names if clue.page == page.number for part in names_read(clue)]
    for run, found in zip(*labels_on(page), strict=True):
        if run.box.top <= limit:
            yield from (
                label
                for label, behind in zip_longest(found, found[1:])
                if label.owner is Owner.PATIENT and run.tokens[label.start].text[0].isupper()
                if not _is_said_again(run, label, behind) and not _has_a_name(run, label, names)
            )


def _is_said_again(run: Run, label: Label, behind: Label | None) -> bool:
    """Whether the next label asks for the same value in other words: `Client ID / MRN 0012345`."""
    if behind is None or label.colon or behind.kind is not label.kind:
        return False
    return all(token.is_punctuation or token.text == "/"
               for token in run.tokens[label.end : behind.start])  # fmt: skip


def _has_a_name(run: Run, label: Label, names: Sequence[WrittenName]) -> bool:
    """Whether a number's label has a name of the page behind it: `Patient ID: Ann Smith is a 59`.

    It asks for no number that could not be read.
    """
    words = [letters(token.text) for token in run.tokens[label.end :]]
    return label.kind is LabelKind.MRN and any(
        len(name.parts) > 1 and set(words[: len(name.parts)]) == set(name.parts) for name in names
    )


def _asks_who(label: Label) -> bool:
    """Whether a label asks for an identifier, or for the sex, which stands beside one.

    A lone `Name` may head any column.
    """
    return label.kind in (*_TOLD_BY, *_NAME_PARTS, LabelKind.SEX) or (
        label.kind is LabelKind.NAME and label.explicit
    )


def heading_names(pages: Sequence[Page], clues: Clues) -> tuple[WrittenName, ...]:
    """The names that stand by themselves near the top of a page as `Last, First`, labelled by none.

    Many are towns and houses; one that is a patient's may be whose page it is.
    """
    taken = {(clue.page, clue.box) for clue in (*clues.names, *clues.others)}
    found = (
        parse_name(run.text)
        for page in pages
        if page.kind is PageKind.CONTENT
        for run in runs(page)
        if _is_heading(run, page) and (page.number, run.box) not in taken
    )
    return tuple(dict.fromkeys(name for name in found if name and name.before_comma))


def _is_heading(run: Run, page: Page) -> bool:
    words = run.text.split()
    high = run.box.top <= page.height * HEADER_SHARE
    return (
        high
        and 2 <= len(words) <= MAX_HEADING_WORDS
        and words[0].endswith(",") != (len(words) > 2 and words[1].endswith(","))
    )
