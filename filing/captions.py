"""What introduces an identifier in its line: a caption that nobody knows may mean anybody.

`Witness`, `Source patient`, `Room-mate`, `the dose meant for`: there are more words for other
people than any list holds. So an identifier counts as the patient's only where nothing but the
patient's own labels, name and titles stands before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, pairwise, zip_longest
from statistics import median

from rapidfuzz.distance import OSA

from chartkeeper.filing.houses import can_be_only_a_house
from chartkeeper.filing.labels import Label, ends_a_title, names_the_patient
from chartkeeper.filing.layout import Run, Token, text_of
from chartkeeper.filing.names import TITLES, letters, parse_name
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.values import name_words
from chartkeeper.filing.wordings import NAME_KINDS, LabelKind, Owner, load_wordings
from chartkeeper.filing.words import FIRST_PERSON, word_set
from chartkeeper.ocr.page import Box, Page
from chartkeeper.records.model import Patient, PersonName

NEAR_HEIGHTS = 5  # a name stands so near to the number and birth date of its block
CAPTION_GAP_HEIGHTS = 4
LEAST_ALIKE = 0.6  # of a name that may be the patient's, badly read
LEAST_OF_A_LABEL = 0.5
MAX_NAME_WORDS = 5
_LINES = load_wordings().lines
_OF_NOBODY_ELSE = _LINES.of_the_house | _LINES.of_nobody | _LINES.introducing
# Behind these stands whoever did it, or was there, and not whom it was about.
_TURNING = word_set("BY WITH TO FROM")
_LABELS = ("NAME", "PATIENT")
_LONG_LABELS = ("PATIENT", "PATIENTNAME")
# A member of a health plan, or a child, is the patient unless the paper names somebody else.
_OWN = frozenset({Owner.PATIENT, Owner.MEMBER, Owner.CHILD})


def caption_of(
    all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int, label: Label
) -> str:
    """What stands before `label` of the run `at`, and may say that it is somebody else's.

    It reaches over the columns of the line, up to the next that names the patient.
    """
    said = _in_run(all_runs[at], labels[at], label)
    while said is None and at and all_runs[at - 1].line == all_runs[at].line:
        at -= 1
        said = _over_columns(all_runs[at], labels[at])
    return said or ""


def _in_run(run: Run, labels: Sequence[Label], label: Label) -> str | None:
    """The caption of `label` in its run; empty if the patient is named there, None if nobody is."""
    said = _wording(spoken(run.tokens[: labels[0].start])) or None
    for before, one in pairwise((None, *labels)):
        if one is None or one.start > label.start:
            break
        if one.owner not in _OWN and one.explicit:
            said = _wording(run.tokens[one.start : one.end])
        elif one.kind in NAME_KINDS and before is not None:
            said = _between(run, before, one)
        elif one.kind in NAME_KINDS:
            said = said or ""
    return said


def spoken(tokens: Sequence[Token]) -> Sequence[Token]:
    """`tokens` from where whoever signs says who that is: `... of May 2022. I, Ann Smith, born`.

    What the sentence before says introduces nobody.
    """
    starts = (
        at
        for at, (before, token) in enumerate(pairwise(tokens), 1)
        if token.text in FIRST_PERSON and before.text[-1] in ".:;"
    )
    return tokens[max(starts, default=0) :]


def _between(run: Run, before: Label, label: Label) -> str:
    """The words between the value of another label and `label`, where that value is a figure."""
    tokens = run.tokens[before.end : label.start]
    figures = [at for at, token in enumerate(tokens) if any(map(str.isdigit, token.text))]
    return _wording(tokens[figures[-1] + 1 :]) if figures else ""


def _over_columns(run: Run, labels: Sequence[Label]) -> str | None:
    """What a column says of those right of it: nothing (None) unless it names somebody."""
    if labels:
        named = [one for one in labels if one.kind in NAME_KINDS and one.owner in _OWN]
        return _in_run(run, labels, named[-1]) if named else None
    colons = [at for at, token in enumerate(run.tokens) if ":" in token.text]
    if not colons or not _wording(run.tokens[: colons[0]]):
        return None
    value = run.tokens[colons[0] + 1 :]
    return run.text if parse_name(text_of(tuple(name_words(value)))) else None


def _wording(tokens: Sequence[Token]) -> str:
    """`tokens` as a clerk would quote them, if there is a word among them that is no title."""
    return text_of(tokens).strip(" :#.,-|_") if _may_name_another(tokens) else ""


def _may_name_another(tokens: Sequence[Token]) -> bool:
    """Whether a word of `tokens` may say who follows: `Seen by` does, `Seen today` does not."""
    keys = {letters(token.text) for token in tokens}
    turned = bool(keys & _LINES.introducing) and bool(keys & _TURNING)
    return turned or any(map(_is_word, tokens))


def _is_word(token: Token) -> bool:
    """Whether `token` can be of a caption: no speck, no title, no label of the patient's."""
    key = letters(token.text)
    long_enough = len(key) > 2 or (len(key) == 2 and token.text[0].isupper())
    mine = _is_title(token.text) or key in _OF_NOBODY_ELSE or names_the_patient(key)
    return long_enough and not mine and not _is_worn_label(token.text.upper())


def _is_title(text: str) -> bool:
    """Whether `text` is what people are addressed by, or a choice of that: `Mrs.`, `Mr./Ms.`."""
    return all(letters(part) in TITLES for part in text.split("/"))


def _is_worn_label(text: str) -> bool:
    """Whether a letter was lost of what is the patient's label, or signs were read into it."""
    if text.isalpha():
        return any(OSA.distance(text, label) <= 1 for label in _LONG_LABELS)
    return any(OSA.normalized_similarity(text, label) >= LEAST_OF_A_LABEL for label in _LABELS)


def is_named_in(caption: str, patient: Patient) -> bool:
    """Whether `caption` is the patient's name, as in banners, well or badly read, and no more."""
    said = without_address(caption).replace(",", " ").split()
    words = [letters(word) for word in said if not _is_title(word)]
    words = words[1:] if words[:1] and words[0] in _LINES.speakers else words
    words = list(dropwhile(_LINES.introducing.__contains__, words))
    parts = [word for word in words if word and not names_the_patient(word)]
    return 0 < len(parts) <= MAX_NAME_WORDS and _is_like(parts[0], _parts_of(patient))


def without_address(caption: str) -> str:
    """`caption` up to where whoever speaks lives: `I, Ann Smith, of 4 Elm St, Danforth`.

    An address has a number in it and no word of prose.
    """
    said, parted, address = caption.partition(", of ")
    words = address.split()
    plain = all(word[0].isupper() or word[0].isdigit() for word in words)
    numbered = any(map(str.isdigit, address))
    speaks = said.split(" ")[0] in FIRST_PERSON
    return said if parted and speaks and plain and numbered else caption


def introduction(page: Page, box: Box) -> str:
    """What stands before a name in `box`: not what is labelled as the patient's, nor titles."""
    all_runs, labels = labels_on(page)
    at = next((at for at, run in enumerate(all_runs) if _holds(run, box)), None)
    if at is None:
        return ""
    ahead = [token for token in all_runs[at].tokens if token.word.box.left < box.left]
    before = spoken(ahead)
    said = {letters(token.text) for token in before if _says_something(token)}
    if said and said <= _LINES.speakers:
        return ""
    if said:
        theirs = _unexplained(all_runs[at], labels[at], len(ahead))
        return text_of(before).strip(" :") if theirs else ""
    beside = all_runs[at - 1] if at and all_runs[at - 1].line == all_runs[at].line else None
    if beside is None or (at == 1 and not labels[0] and can_be_only_a_house(beside)):
        return ""
    if not _announces(beside, labels[at - 1], all_runs[at].box.left):
        return ""
    theirs = _unexplained(beside, labels[at - 1], len(beside.tokens))
    return beside.text.strip(" :") if theirs else ""


def _holds(run: Run, box: Box) -> bool:
    return any(token.word.box.left == box.left and run.box.top <= box.bottom and
               box.top <= run.box.bottom for token in run.tokens)  # fmt: skip


def _says_something(token: Token) -> bool:
    return any(map(str.isalnum, token.text))


def _unexplained(run: Run, labels: Sequence[Label], end: int) -> bool:
    """Whether a word before `end` is neither of a patient's label nor a title."""
    before = [one for one in labels if one.start < end]
    if any(one.owner not in _OWN for one in before):
        return True
    mine = {at for one in before if _has_value(run, one, end) for at in range(one.start, one.end)}
    return _may_name_another([one for at, one in enumerate(run.tokens[:end]) if at not in mine])


def _has_value(run: Run, label: Label, end: int) -> bool:
    """Whether `label` does not announce what stands at `end`, or that can be a patient's name.

    `Room: 12` has its value; `Received` is the beginning of `Received by`.
    """
    figures = (any(map(str.isdigit, token.text)) for token in run.tokens[label.end : end])
    return label.kind is not LabelKind.OTHER or any(figures)


def _announces(run: Run, labels: Sequence[Label], left: int) -> bool:
    """Whether what begins at `left` is the value of the column `run`.

    That ends with a label or a colon, or stands near: letterheads and titles beside a sticker are
    farther.
    """
    # Of its words: the box of a slanted line is higher than its writing.
    height = median(token.word.box.height for token in run.tokens)
    near = left - run.box.right <= CAPTION_GAP_HEIGHTS * height
    labelled = any(one.end == len(run.tokens) and not ends_a_title(run, one) for one in labels)
    return labelled or near or run.tokens[-1].text.endswith(":")


def named_behind(patient: Patient, page: Page, box: Box) -> str:
    """What introduces the patient's name around `box`, where it stands only so; else nothing."""
    near = list(_names_near(patient, page, box))
    said = [introduction(page, name) for name in near]
    return said[0] if said and all(said) else ""


def _names_near(patient: Patient, page: Page, box: Box) -> Iterator[Box]:
    """Where something like the patient's name stands in the block of `box`."""
    known = (PersonName(patient.last, patient.first), *patient.aliases)
    reach = NEAR_HEIGHTS * box.height
    for run in labels_on(page)[0]:
        if abs(run.box.top - box.top) > reach:
            continue
        words = [
            token
            for token, behind in zip_longest(run.tokens, run.tokens[1:])
            if _is_word(token) and not (behind and behind.text == ":")
        ]
        for one, other in pairwise(words):
            if any(_are_like(one, other, name) for name in known):
                yield one.word.box


def _are_like(one: Token, other: Token, name: PersonName) -> bool:
    """Whether two neighbours are the halves of a name, one of them perhaps badly read."""
    read, halves = (
        (letters(one.text), letters(other.text)),
        (letters(name.last), letters(name.first)),
    )
    return any(
        _is_like(left, (halves[0],)) and _is_like(right, (halves[1],))
        for left, right in (read, read[::-1])
    )


def _parts_of(patient: Patient) -> tuple[str, ...]:
    """The words of the patient's names, and each whole half."""
    halves = [
        half
        for name in (PersonName(patient.last, patient.first), *patient.aliases)
        for half in (name.last, name.first)
    ]
    words = [letters(word) for half in halves for word in (half, *half.replace("-", " ").split())]
    return tuple(dict.fromkeys(filter(None, words)))


def _is_like(read: str, known: Iterable[str]) -> bool:
    return any(OSA.normalized_similarity(read, one) >= LEAST_ALIKE for one in known)
