"""How old the pages say that the patient is, of which sex, and which days they bear."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.labels import Label, role_of
from chartkeeper.filing.layout import Run, Token, opens_item, right_of, runs, text_of
from chartkeeper.filing.names import letters
from chartkeeper.filing.sections import labels_on
from chartkeeper.filing.wordings import LabelKind, Owner
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page

# An age may be that of the visit, the printing or the last birthday.
TOLERANCE_DAYS = 366
OLDEST_YEARS = 120
LOWEST_CONFIDENCE = 0.6  # an age read less surely contradicts nobody
MOST_WORDS_BEFORE = 6
_DAYS_OF = {"Y": 365.25, "M": 30.44, "W": 7.0, "D": 1.0}
_UNIT = r"(?P<unit>years?|yrs?|y|months?|mos?|weeks?|wks?|w|days?|d)"
_LABELLED = re.compile(
    r"(?<![\d/.-])(?P<number>\d{1,3})(?![\d/.-]*\d)\s*-?(?:" + _UNIT + r"(?![a-z]))?",
    re.IGNORECASE,
)
_IN_PROSE = re.compile(
    r"(?<![\d/.-])(?P<number>\d{1,3})[\s-]*" + _UNIT + r"[\s./-]*(?:old|o)\b"
    r"(?=(?:\W+\w+){0,3}?\W+(?P<noun>man|woman|male|female|boy|girl|gentleman|lady|patient"
    r"|infant)\b|\W+(?P<letter>(?-i:[MF]))\b)",
    re.IGNORECASE,
)
_SEX_OF = {
    **dict.fromkeys(("man", "male", "boy", "gentleman", "m"), "M"),
    **dict.fromkeys(("woman", "female", "girl", "lady", "f"), "F"),
}
_BEFORE_AGE = re.compile(r"\W*(?:[MFUX]|male|female)?\W*", re.IGNORECASE)  # `Sex/Age: F/57`
_SENTENCE_END = re.compile(r"[.;:!?]")
_AGES = frozenset({"AGE", "PATIENTAGE", "PATIENTSAGE", "PTAGE"})
_ARTICLES = word_set("A AN THE THIS")
_SUBJECTS = word_set("PATIENT PT CLIENT RESIDENT HE SHE THIS")
_OTHERS = word_set("HER HIS THEIR WHOSE WITH OF FOR BY HAS HAD WHEN WAS")


@dataclass(frozen=True, slots=True)
class PrintedAge:
    """An age as printed on a page, and the days of life that it may stand for."""

    page: int
    text: str
    fewest_days: float
    most_days: float


def ages_on(page: Page) -> Iterator[PrintedAge]:
    """The ages that are labelled as the patient's, and those of `a 57-year-old woman`."""
    all_runs, labels = labels_on(page)
    for run, found in zip(all_runs, labels, strict=True):
        for at, label in enumerate(found):
            if _is_of_age(run, label):
                yield from _labelled(page, run, found, at, all_runs)
    for match in _in_prose(page):
        yield from _printed(page, match)


def sexes_in_prose(page: Page) -> frozenset[str]:
    """The sexes, `M` or `F`, that go with the ages of `a 57-year-old woman`, `66 yo F`."""
    words = ((match["noun"] or match["letter"]).lower() for match in _in_prose(page))
    return frozenset(_SEX_OF[word] for word in words if word in _SEX_OF)


def contradicted(born: date, ages: Sequence[PrintedAge], days: Sequence[date]) -> PrintedAge | None:
    """The first of `ages` if none of them fits somebody `born` then on any of the `days`."""
    lived = [(day - born).days for day in days]
    if not lived or any(one.fewest_days <= age <= one.most_days for one in ages for age in lived):
        return None
    return next(iter(ages), None)


def years_between(born: date, day: date) -> int:
    """How old somebody `born` then was on `day`, in whole years; below 0 before the birth."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def days_on(clues: Clues, pages: frozenset[int], born: date) -> tuple[date, ...]:
    """The dates on `pages` that are nobody's birth date; the day `born` only where a label asks."""
    births = {
        (clue.page, clue.box)
        for clue in (*clues.birth_dates, *clues.others)
        if clue.kind is LabelKind.BIRTH_DATE
    }
    asked = set(labelled_days(clues, pages))
    return tuple(
        day
        for clue in clues.dates
        if clue.page in pages and (clue.page, clue.box) not in births
        for day in clue.dates
        if day != born or day in asked
    )


def labelled_days(clues: Clues, pages: frozenset[int]) -> tuple[date, ...]:
    """The dates on `pages` that a label asks for, birth dates aside."""
    return tuple(
        day
        for clue in clues.others
        if clue.page in pages and clue.kind is LabelKind.OTHER
        for day in clue.dates
    )


def _is_of_age(run: Run, label: Label) -> bool:
    """Whether `label` asks for the patient's age; not for that of a bone, or at menarche."""
    words = "".join(letters(token.text) for token in run.tokens[label.start : label.end])
    before = run.tokens[label.start - 1] if label.start else None
    apart = before is None or len(letters(before.text)) < 3
    asks = words in _AGES or (
        "AGE" in words and label.kind in (LabelKind.SEX, LabelKind.BIRTH_DATE)
    )
    capital = run.tokens[label.start].text[0].isupper()
    return label.owner is Owner.PATIENT and asks and apart and capital


def _labelled(
    page: Page, run: Run, found: Sequence[Label], at: int, all_runs: Sequence[Run]
) -> Iterator[PrintedAge]:
    end = found[at + 1].start if at + 1 < len(found) else len(run.tokens)
    value = run.tokens[found[at].end : end]
    if not value and found[at].end == len(run.tokens):
        beside = right_of(run, all_runs)
        value = beside.tokens if beside and not _opens_box(beside) else ()
    birth = found[at].kind is LabelKind.BIRTH_DATE
    text = text_of(value)
    matches = [
        match
        for match in _LABELLED.finditer(text)
        if (match["unit"] if birth else _BEFORE_AGE.fullmatch(text[: match.start()]))
    ]
    if matches and _is_well_read(value):
        yield from _printed(page, matches[0])


def _opens_box(run: Run) -> bool:
    """Whether `run` is the next box of a form, its number before its label: `6. PLACE OF DEATH`."""
    return opens_item(run.tokens) and run.tokens[0].text[-1] in ".)"


def _is_well_read(value: Sequence[Token]) -> bool:
    figures = [token for token in value if any(map(str.isdigit, token.text))]
    return all(token.word.confidence >= LOWEST_CONFIDENCE for token in figures)


def _in_prose(page: Page) -> Iterator[re.Match[str]]:
    """Where prose says how old the patient is."""
    lines = [run for run in runs(page) if _is_well_read(run.tokens)]
    text = "".join(f"{run.text}. " if _ends_a_sentence(run) else f"{run.text} " for run in lines)
    for match in _IN_PROSE.finditer(text):
        before = text[: match.start()]
        sentence = _SENTENCE_END.split(before)[-1]
        if _is_headed_by_another(before):
            continue
        if _is_about_the_patient([letters(word) for word in sentence.split()]):
            yield match


def _is_headed_by_another(before: str) -> bool:
    """Whether somebody else and a colon stand right before: `Father: 70 yo male, well`."""
    words = before.rstrip()[:-1].split()[-1:] if before.rstrip().endswith(":") else []
    return any(role_of(letters(word)) for word in words)


def _ends_a_sentence(run: Run) -> bool:
    """Whether what stands on the next line begins anew: no prose that runs on ends this one.

    `Exam: Pelvic ultrasound 05/05/2025` says nothing of whose age follows.
    """
    last = run.text.split()[-1]
    return not last[0].islower() and last[-1] not in ",-"


def _is_about_the_patient(before: Sequence[str]) -> bool:
    """Whether an age behind these words of its sentence is the patient's, and now."""
    words = [word for word in before if word]
    if len(words) > MOST_WORDS_BEFORE or any(word in _OTHERS or role_of(word) for word in words):
        return False
    is_one = words[-2:-1] == ["IS"] and words[-1] in _ARTICLES
    return is_one or set(words) <= _ARTICLES or bool(set(words) & _SUBJECTS)


def _printed(page: Page, match: re.Match[str]) -> Iterator[PrintedAge]:
    unit = (match["unit"] or "Y")[0].upper()
    number = int(match["number"])
    if number * _DAYS_OF[unit] <= OLDEST_YEARS * _DAYS_OF["Y"]:
        yield PrintedAge(
            page.number,
            match.group().strip(),
            number * _DAYS_OF[unit] - TOLERANCE_DAYS,
            (number + 1) * _DAYS_OF[unit] + TOLERANCE_DAYS,
        )
