"""Which labels stand on a page, and whose each is by the line and the section it stands in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from chartkeeper.filing.labels import Label, are_alternatives, find_labels, section_owner
from chartkeeper.filing.layout import Run, Token, label_key, right_of, runs
from chartkeeper.filing.remembered import remembered
from chartkeeper.filing.wordings import PERSONS, LabelKind, Owner
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Box, Page

COLUMN_SLACK = 0.6  # of a height, between the left edges of what is set one under the other
SECTION_HEIGHTS = 24  # some 15 lines; no block about a guarantor or contact is longer
RELATIONS, _SELF = word_set("RELATION RELATIONSHIP"), word_set("SELF SAME PATIENT NONE NA")
_TO_PATIENT = ("TO", "PATIENT")
_GLUED = re.compile(r"(?P<label>MRN|MR|DOB|HRN)(?P<value>\d[\d/.-]{4,})$", re.IGNORECASE)
_GLUED_NAME = re.compile(r"(?P<label>Name|PATIENT)(?P<value>[A-Z]{2,},?[A-Z]*)$")
_SLASHED = re.compile(r"(?P<one>[A-Za-z.]{2,})/(?P<other>[A-Za-z.]{2,})$")
_GLUED_BEHIND = re.compile(r"(?P<value>\S{2,}?)(?P<label>Birthdate|Birth|D\.?O\.?B\.?|MRN)$")


@dataclass(frozen=True, slots=True)
class _Section:
    bottom: int  # of its heading
    reach: int  # how far down it rules
    left: int
    right: int
    owner: Owner


@remembered
def labels_on(page: Page) -> tuple[tuple[Run, ...], list[tuple[Label, ...]]]:
    """The runs of `page`, labels parted from their values, and the labels in each."""
    all_runs = tuple(_unglued(run) for run in runs(page))
    return all_runs, _labels(all_runs, _sections(all_runs, page.width))


def _labels(all_runs: Sequence[Run], sections: Sequence[_Section]) -> list[tuple[Label, ...]]:
    """The labels of each run; a relative named in a line owns what follows in that line.

    And what stands in the lines under the value that opens there.
    """
    found: list[tuple[Label, ...]] = []
    column: int | None = None  # where the value of the relative who opened the last line begins
    for _, group in groupby(all_runs, key=lambda run: run.line):
        line = tuple(group)
        goes_on = column is not None and _begins_at(line[0], column)
        context: Owner | None = Owner.RELATIVE if goes_on else None
        for run in line:
            labels = find_labels(run, context or _owner_at(run.box, sections))
            told = context is not None
            owned = []
            for label in labels:
                if label.explicit and label.owner in PERSONS:
                    context = label.owner
                    told = True
                owned.append(label if told else _not_by_heading(label))
            found.append(tuple(owned))
        if _tells_a_relation(line):
            found[-len(line) :] = [tuple(map(_of_relative, owned)) for owned in found[-len(line) :]]
        if not goes_on:
            column = _relatives_column(line, found[-len(line) :])
    return found


def _tells_a_relation(line: Sequence[Run]) -> bool:
    """Whether `line` says whose relation stands in it: `Name: Ann Smith  Relationship: friend`.

    Not to whoever pays, as in `Relationship to insured: child`, and not `self`.
    """
    tokens = [token for run in line for token in run.tokens if token.key or token.text == ":"]
    keys = [token.key for token in tokens]
    for at, key in enumerate(keys):
        if key not in RELATIONS:
            continue
        at += 3 if tuple(keys[at + 1 : at + 3]) == _TO_PATIENT else 1  # noqa: PLW2901 - behind it
        said, behind = keys[at + 1 : at + 2], keys[at + 2 : at + 3]
        if keys[at : at + 1] == [""] and said and said[0] not in _SELF and behind != [""]:
            return said[0].isalpha()
    return False


def _of_relative(label: Label) -> Label:
    return label if label.explicit else replace(label, owner=Owner.RELATIVE, explicit=True)


def _begins_at(run: Run, column: int) -> bool:
    return abs(run.box.left - column) <= run.box.height * COLUMN_SLACK


def _relatives_column(line: Sequence[Run], labels: Sequence[Sequence[Label]]) -> int | None:
    """Where the value begins of a relative whose label opens the line, right of that label."""
    first = labels[0][0] if labels[0] else None
    if first is None or first.start or not first.explicit or first.owner is not Owner.RELATIVE:
        return None
    values = [token for run in line for token in run.tokens][first.end :]
    return values[0].word.box.left if values else None


def _not_by_heading(label: Label) -> Label:
    """A label that only a heading further up gives to somebody else.

    A record number is never taken from the patient so: another patient's sticker may stand there.
    Nor is a birth date given to a clinician, who has none on a chart. Neither proves much there.
    """
    if label.explicit or label.owner is Owner.PATIENT:
        return label
    birth_of_clinician = label.kind is LabelKind.BIRTH_DATE and label.owner is Owner.CLINICIAN
    mine = label.kind is LabelKind.MRN or birth_of_clinician
    return replace(label, owner=Owner.PATIENT, beneath=True) if mine else label


def _sections(all_runs: Sequence[Run], page_width: int) -> list[_Section]:
    """The headings of sections and the column that each rules, from top to bottom."""
    openers = [(run, section_owner(run)) for run in all_runs]
    shared = {run.line for run, owner in openers if owner is None}
    heads = [
        (run, owner)
        for run, owner in openers
        if owner
        and owner is not Owner.ELSEWHERE
        and (run.line not in shared or section_owner(run, alone=False))
    ]
    found = []
    for run, owner in heads:
        beside = right_of(run, [other for other, _ in heads])
        right = beside.box.left if beside else page_width
        first = not any(right_of(other, [run]) for other, _ in heads)
        reach = run.box.bottom + SECTION_HEIGHTS * run.box.height
        found.append(_Section(run.box.bottom, reach, 0 if first else run.box.left, right, owner))
    return sorted(found, key=lambda section: section.bottom)


def _owner_at(box: Box, sections: Sequence[_Section]) -> Owner | None:
    middle = box.top + box.height // 2
    above = [s for s in sections if s.bottom < middle <= s.reach and s.left <= box.left < s.right]
    return above[-1].owner if above else None


def _unglued(run: Run) -> Run:
    """`run` with labels parted from the digits they were read together with (`MRN0012345`)."""
    tokens: list[Token] = []
    for token in run.tokens:
        parted = _parted(token.text)
        tokens.append(Token(parted[0], label_key(parted[0]), token.word, token.gap))
        tokens += [Token(part, label_key(part), token.word, 0.0) for part in parted[1:]]
    return Run(run.line, tuple(tokens))


def _parted(text: str) -> list[str]:
    """A label and the value that was read together with it, in the order that they stand in.

    Or two labels of one box: `Name/MRN`.
    """
    match = _SLASHED.match(text)
    if match and are_alternatives(label_key(match["one"]), label_key(match["other"])):
        return [match["one"], "/", match["other"]]
    if match := _GLUED.match(text) or _GLUED_NAME.match(text):
        return [match["label"], match["value"]]
    if match := _GLUED_BEHIND.match(text):
        return [match["value"], match["label"]]
    return [text]
