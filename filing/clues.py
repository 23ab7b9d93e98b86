"""What the pages say about whose they are: labelled identifiers, and bare numbers and dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain, groupby, islice, takewhile

from chartkeeper.filing.dates import find_dates, writes_day_first
from chartkeeper.filing.labels import (
    PERSONS,
    Label,
    LabelKind,
    Owner,
    find_labels,
    section_owner,
    spelled,
)
from chartkeeper.filing.layout import (
    Run,
    Token,
    above,
    around,
    below,
    captions_line,
    label_key,
    right_of,
    runs,
    text_of,
)
from chartkeeper.filing.names import WrittenName, letters, parse_name
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Box, Page, PageKind, Word
from chartkeeper.records.model import mrn_key

MAX_LABELLED_CLUES = 40_000
MAX_BARE_CLUES = 20_000
MAX_PAGES = 5_000
MRN_DIGITS = range(3, 13)
MAX_NAME_TOKENS = 8
NAME_ROWS_HEIGHTS = 3.5  # a first name asked for in the next row stands within so many heights
MAX_DATE_TOKENS = 9
SECTION_HEIGHTS = 24  # some 15 lines; no block about a guarantor or contact is longer
_VISIT_NUMBERS = word_set("FIN CSN HAR ACCT ACCOUNT ENCOUNTER VISIT")
_BANNER = (LabelKind.MRN, LabelKind.BIRTH_DATE, LabelKind.SEX)

_BARE_NUMBER = re.compile(r"(?<![\w./-])\d(?:[\d-]{3,11})\d(?![\w/]|[.-]\d)")
_MRN = re.compile(r"[A-Z]{0,4}[-.]?[0-9OIL|](?:[-. ]?[0-9OIL|]){2,14}[A-Z]?", re.IGNORECASE)
_AS_LETTERS = str.maketrans("0124567389|", "OIZASGTJBGI")
# A value put right where strokes or figures were read into it supports and proves nothing alone
# (LOWEST_PROOF_CONFIDENCE).
MENDED_CONFIDENCE = 0.5
_STROKE = re.compile(r"[^\W_]_+[^\W_]")
_FIGURE = re.compile(r"[234679]")
_AS_DIGITS = str.maketrans("OIL|", "0111")
_GLUED = re.compile(r"(?P<label>MRN|MR|DOB|HRN)(?P<value>\d[\d/.-]{4,})$", re.IGNORECASE)
_GLUED_NAME = re.compile(r"(?P<label>Name|PATIENT)(?P<value>[A-Z]{2,},?[A-Z]*)$")
_GLUED_BEHIND = re.compile(r"(?P<value>\S{2,}?)(?P<label>Birthdate|Birth|DOB|MRN)$")
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'‘’`.,-]*(?:['‘’`.,-]+[^\W\d_]*)*$")  # noqa: RUF001 - names
_PARTICLES = word_set(
    "de del della da das do dos di la las los le van von der den ter bin al el st y e"
)
# Words that stand after "Patient" or "RE:" and are no name.
_NO_NAMES = word_set(
    "AUTHORIZATION REQUEST REQUESTED REFERRAL REPORT RESULT RESULTS SIGNATURE INFORMATION "
    "INSTRUCTIONS EDUCATION HISTORY IDENTIFICATION CONSENT RECORDS RECORD CHART CLAIM APPEAL "
    "PRIOR MEDICAL LABORATORY IMAGING RADIOLOGY VISIT APPOINTMENT PRESCRIPTION REFILL ORDER "
    "ORDERS PATIENT PHYSICIAN PROVIDER HOSPITAL CLINIC CENTER INSURANCE DATE BIRTH NUMBER PHONE "
    "ADDRESS STATEMENT RIGHTS PORTAL CARE TREATMENT THERAPY FAX PAGES URGENT FOLLOW UP SURGERY "
    "PROCEDURE EXAM MRI CT LAST FIRST MIDDLE INITIAL NAME LEGAL PREFERRED "
    "THE AND WITH WAS HAS IS YOUR OUR THIS FOR PRESENT CONTINUING"
)


@dataclass(frozen=True, slots=True)
class Clue:
    """Something read that identifies a person, with where it stands and how surely it was read.

    `label` is the wording that announced it, empty for a bare number or date. `confidence` is that
    of the least sure word, 0 to 1. `keys` are medical record numbers as compared, `dates` the days
    that may be meant (one a century for a two-digit year), `name` a name; each where it applies.
    `doubted` if a second reading says otherwise: then `keys`, `dates`, and `name` with `other_name`
    hold what either reading says, and nothing of it is proof.
    """

    kind: LabelKind
    page: int
    box: Box
    text: str
    label: str
    confidence: float
    keys: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    name: WrittenName | None = None
    other_name: WrittenName | None = None
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Clues:
    """All clues of some pages.

    `mrns`, `birth_dates`, `names` and `sexes` are labelled as the patient's. `others` are labelled
    as somebody else's, as another house's, or as something else (an account, a specimen). `numbers`
    and `dates` stand anywhere, whatever the label: good for finding candidates, never for proof.
    """

    mrns: tuple[Clue, ...] = ()
    birth_dates: tuple[Clue, ...] = ()
    names: tuple[Clue, ...] = ()
    sexes: tuple[Clue, ...] = ()
    others: tuple[Clue, ...] = ()
    numbers: tuple[Clue, ...] = ()
    dates: tuple[Clue, ...] = ()

    @property
    def labelled(self) -> tuple[Clue, ...]:
        """Everything that is labelled as the patient's."""
        return self.mrns + self.birth_dates + self.names


@dataclass(frozen=True, slots=True)
class _Section:
    bottom: int  # of its heading
    reach: int  # how far down it rules
    left: int
    right: int
    owner: Owner


def read_clues(pages: Sequence[Page]) -> Clues:
    """The clues on the content pages among `pages`.

    Bounded by MAX_PAGES, MAX_LABELLED_CLUES and MAX_BARE_CLUES; raises nothing.
    """
    content = [page for page in pages[:MAX_PAGES] if page.kind is PageKind.CONTENT]
    labelled = list(islice(chain.from_iterable(map(_both_readings, content)), MAX_LABELLED_CLUES))
    labelled = _with_members(labelled)
    bare = list(islice(chain.from_iterable(map(_bare, content)), MAX_BARE_CLUES))

    if writes_day_first(run.text for page in content for run in runs(page)):
        labelled = [(_day_first(clue), owner) for clue, owner in labelled]
        bare = [_day_first(clue) for clue in bare]

    def mine(kind: LabelKind) -> tuple[Clue, ...]:
        return tuple(c for c, owner in labelled if c.kind is kind and owner is Owner.PATIENT)

    return Clues(
        mrns=mine(LabelKind.MRN),
        birth_dates=mine(LabelKind.BIRTH_DATE),
        names=mine(LabelKind.NAME),
        sexes=mine(LabelKind.SEX),
        others=tuple(
            c for c, owner in labelled if owner is not Owner.PATIENT or c.kind is LabelKind.OTHER
        ),
        numbers=tuple(clue for clue in bare if clue.keys),
        dates=tuple(clue for clue in bare if clue.dates),
    )


def _with_members(labelled: Sequence[tuple[Clue, Owner]]) -> list[tuple[Clue, Owner]]:
    """The clues with the member of a health plan taken for the patient, or for a relative.

    A plan calls the patient its member; where the paper names a patient or somebody else of the
    family as well, the member may be whoever pays.
    """
    named = {owner for clue, owner in labelled if clue.kind is LabelKind.NAME}
    alone = not named & {Owner.PATIENT, Owner.RELATIVE}
    stands_for = Owner.PATIENT if alone else Owner.RELATIVE
    return [(clue, stands_for if owner is Owner.MEMBER else owner) for clue, owner in labelled]


def _day_first(clue: Clue) -> Clue:
    """The clue as somebody means it who writes the day before the month."""
    if not clue.dates:
        return clue
    found = [one.with_day_first() for one in find_dates(clue.text, compact=True)[:1]]
    return replace(clue, dates=tuple(day for one in found for day in one.readings) or clue.dates)


@lru_cache(maxsize=16)
def _both_readings(page: Page) -> tuple[tuple[Clue, Owner], ...]:
    """The labelled clues of `page` with their owners, as its words were read once and again."""
    found = list(_owned(page))
    if not any(word.other for word in page.words):
        return tuple(found)
    again = {(clue.kind, clue.box): (clue, owner) for clue, owner in _owned(_as_read_again(page))}
    both = [(_merged(clue, again.pop((clue.kind, clue.box), None)), owner) for clue, owner in found]
    # What only the second reading makes sense of is a question, never an answer.
    return (*both, *((replace(clue, doubted=True), owner) for clue, owner in again.values()))


def _as_read_again(page: Page) -> Page:
    words = tuple(replace(word, text=word.other or word.text) for word in page.words)
    return replace(page, words=words)


def _merged(clue: Clue, again: tuple[Clue, Owner] | None) -> Clue:
    if again is None or not clue.doubted:
        return clue
    other = again[0]
    return replace(
        clue,
        keys=tuple(dict.fromkeys(clue.keys + other.keys)),
        dates=tuple(dict.fromkeys(clue.dates + other.dates)),
        other_name=other.name,
    )


def _owned(page: Page) -> Iterator[tuple[Clue, Owner]]:
    """The labelled clues of `page` with their owners, names written in two boxes made whole."""
    found = list(_labelled(page))
    parts = (LabelKind.LAST_NAME, LabelKind.FIRST_NAME)
    yield from (one for one in found if one[0].kind not in parts)
    givens = [one for one in found if one[0].kind is LabelKind.FIRST_NAME]
    for last, owner in found:
        if last.kind is not LabelKind.LAST_NAME:
            continue
        beside = [given for given, whose in givens if whose is owner and _are_boxes(last, given)]
        name = parse_name(f"{last.text}, {beside[0].text}") if len(beside) == 1 else None
        if name:
            yield _whole_name(last, beside[0], name), owner


def _are_boxes(last: Clue, first: Clue) -> bool:
    """Whether two name parts stand in neighbouring boxes: in one row, or one over the other."""
    one, other = last.box, first.box
    apart = abs(one.top + one.height / 2 - other.top - other.height / 2)
    height = max(one.height, other.height)
    aligned = abs(one.left - other.left) < 2 * height
    return apart < height * 0.7 or (aligned and apart < height * NAME_ROWS_HEIGHTS)


def _whole_name(last: Clue, first: Clue, name: WrittenName) -> Clue:
    left, top = min(last.box.left, first.box.left), min(last.box.top, first.box.top)
    right = max(last.box.right, first.box.right)
    bottom = max(last.box.bottom, first.box.bottom)
    return Clue(
        LabelKind.NAME,
        last.page,
        Box(left, top, right - left, bottom - top),
        f"{last.text}, {first.text}",
        last.label,
        min(last.confidence, first.confidence),
        name=name,
        doubted=last.doubted or first.doubted,
    )


def names_read(clue: Clue) -> tuple[WrittenName, ...]:
    """The name as read first, and as read again where that differs."""
    return tuple(name for name in (clue.name, clue.other_name) if name)


def _labelled(page: Page) -> Iterator[tuple[Clue, Owner]]:
    all_runs, labels = labels_on(page)
    for at in range(len(all_runs)):
        for label in labels[at]:
            clue = _read(page, all_runs, labels, at, label)
            if clue:
                yield clue, label.owner
        banner = _banner(page, all_runs, labels, at)
        if banner:
            yield banner, Owner.PATIENT


@lru_cache(maxsize=16)
def labels_on(page: Page) -> tuple[tuple[Run, ...], list[tuple[Label, ...]]]:
    """The runs of `page`, labels parted from their values, and the labels in each."""
    all_runs = tuple(_unglued(run) for run in runs(page))
    return all_runs, _labels(all_runs, _sections(all_runs, page.width))


def _labels(all_runs: Sequence[Run], sections: Sequence[_Section]) -> list[tuple[Label, ...]]:
    """The labels of each run; a relative named in a line owns what follows in that line."""
    found: list[tuple[Label, ...]] = []
    for _, line in groupby(all_runs, key=lambda run: run.line):
        context: Owner | None = None
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
    return found


def _not_by_heading(label: Label) -> Label:
    """A label that only a heading further up gives to somebody else.

    A record number is never taken from the patient so: another patient.s sticker may stand there.
    Nor is a birth date given to a clinician, who has none on a chart.
    """
    if label.explicit:
        return label
    birth_of_clinician = label.kind is LabelKind.BIRTH_DATE and label.owner is Owner.CLINICIAN
    mine = label.kind is LabelKind.MRN or birth_of_clinician
    return replace(label, owner=Owner.PATIENT) if mine else label


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


def _read(
    page: Page, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int, label: Label
) -> Clue | None:
    """The value of `label`: behind it in its run, in the next run to the right, or below it."""
    run = all_runs[at]
    wording = text_of(run.tokens[label.start : label.end]).strip(" :#.=")
    values = [_until_label(run, label.end, labels[at])]
    if not values[0]:
        beside = right_of(run, all_runs) if label.end == len(run.tokens) else None
        values.append(_from_start(beside, all_runs, labels))
    if not any(values) or not label.colon:
        box = around([token.word for token in run.tokens[label.start : label.end]])
        end = _next_label(run, box, all_runs, labels)
        near = [_left_of(tokens, end) for tokens in _over_or_under(box, all_runs)]
        values += [() if _starts_with_label(one, all_runs, labels) else one for one in near]
    clues = (_clue(page, label, wording, value) for value in values if value)
    return next((clue for clue in clues if clue), None)


def _over_or_under(box: Box, all_runs: Sequence[Run]) -> list[tuple[Token, ...]]:
    """What stands under a label; what stands over it first, where it captions that line."""
    under = below(box, all_runs)
    return [above(box, all_runs), under] if captions_line(box, all_runs) else [under]


def _next_label(
    run: Run, box: Box, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]]
) -> int | None:
    """Where the next label in the line of `run` begins, right of `box`: there its column ends."""
    starts = (
        other.tokens[label.start].word.box.left
        for other, found in zip(all_runs, labels, strict=True)
        if other.line == run.line
        for label in found
    )
    return min((left for left in starts if left >= box.right), default=None)


def _left_of(tokens: Sequence[Token], limit: int | None) -> tuple[Token, ...]:
    """`tokens` up to the first that begins in the column that starts at `limit`."""
    if limit is None:
        return tuple(tokens)
    return tuple(
        takewhile(lambda token: token.word.box.left < limit - token.word.box.height, tokens)
    )


def _until_label(run: Run, start: int, labels: Sequence[Label]) -> tuple[Token, ...]:
    end = min((one.start for one in labels if one.start >= start), default=len(run.tokens))
    return run.tokens[start:end]


def _from_start(
    run: Run | None, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]]
) -> tuple[Token, ...]:
    return () if run is None else _until_label(run, 0, labels[all_runs.index(run)])


def _starts_with_label(
    tokens: Sequence[Token], all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]]
) -> bool:
    if not tokens:
        return True
    for at, run in enumerate(all_runs):
        if tokens[0] in run.tokens:
            place = run.tokens.index(tokens[0])
            return any(label.start <= place < label.end for label in labels[at])
    return False


def _clue(page: Page, label: Label, wording: str, value: tuple[Token, ...]) -> Clue | None:
    if label.kind is LabelKind.MRN:
        return _mrn(page, wording, value)
    if label.kind is LabelKind.BIRTH_DATE:
        return _birth_date(page, wording, value)
    if label.kind is LabelKind.NAME:
        return _name(page, wording, value)
    if label.kind in (LabelKind.LAST_NAME, LabelKind.FIRST_NAME):
        return _name_part(page, label.kind, wording, value)
    if label.kind is LabelKind.SEX:
        return _sex(page, wording, value)
    return _something_else(page, wording, value)


def _mrn(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    tokens = [token for token in value if _says_something(token)][:4]
    if not tokens:
        return None
    used = tokens[:1]
    if len(tokens[0].key) < 5:  # 12 34 56: terminal digits written apart
        used += takewhile(_continues_number, tokens[1:])
    match = _MRN.fullmatch(text_of(used).strip(" .,;-*|"))
    if not match:
        return None
    written = _without_number_word(match.group())
    digits = sum(char.isdigit() for char in written)
    if digits not in MRN_DIGITS or digits * 2 < len(mrn_key(written)):
        return None
    return _made(LabelKind.MRN, page, used, wording, keys=_mrn_keys(written))


def _without_number_word(written: str) -> str:
    """`written` without the `No` of its label where that was read as part of the number."""
    return re.sub(r"^N[O0][.:]?(?=[0-9]{5})", "", written, flags=re.IGNORECASE)


def _says_something(token: Token) -> bool:
    """Whether anything but strokes and specks was read."""
    return any(char.isalnum() for char in token.text)


def _continues_number(token: Token) -> bool:
    return token.gap < 1.2 and token.text.strip("-.").isdigit()


def _mrn_keys(written: str) -> tuple[str, ...]:
    """The number as compared, and the same with letters that are misread digits as digits."""
    prefix = re.match(r"[A-Z]*", written.upper())
    start = prefix.end() if prefix else 0
    digits = mrn_key(written[:start] + written[start:].upper().translate(_AS_DIGITS))
    all_digits = mrn_key(written.upper().translate(_AS_DIGITS))
    keys = [digits, all_digits] if all_digits.isdigit() else [digits]
    return tuple(dict.fromkeys(key for key in keys if key))


def _birth_date(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    tokens = value[:MAX_DATE_TOKENS]
    text = text_of(tokens)
    dates = find_dates(text, compact=True)
    if not dates:
        return None
    first = dates[0]
    used = _covering(tokens, first.start, first.end)
    return _made(LabelKind.BIRTH_DATE, page, used, wording, dates=first.readings)


def _covering(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    """The tokens that characters `start` to `end` of their text come from."""
    used, at = [], 0
    for token, before in zip(tokens, (None, *tokens), strict=False):
        at += int(before is not None and before.word is not token.word)
        if at < end and at + len(token.text) > start:
            used.append(token)
        at += len(token.text)
    return used


def _name(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    words = list(_name_words(value))[:MAX_NAME_TOKENS]
    parts = {letters(token.text) for token in words}
    if not words or parts & _NO_NAMES:
        return None
    text = text_of(words)
    name = parse_name(" ".join(map(_lettered, text.split())))
    if not name:
        return None
    clue = _made(LabelKind.NAME, page, words, wording, name=name)
    return _as_mended(clue) if _FIGURE.search(text) else clue


def _as_mended(clue: Clue) -> Clue:
    return replace(clue, confidence=min(clue.confidence, MENDED_CONFIDENCE))


def _name_part(page: Page, kind: LabelKind, wording: str, value: tuple[Token, ...]) -> Clue | None:
    words = list(_name_words(value))[:MAX_NAME_TOKENS]
    if not words or {letters(token.text) for token in words} & _NO_NAMES:
        return None
    return _made(kind, page, words, wording)


def _name_words(value: Sequence[Token]) -> Iterator[Token]:
    """The tokens from the start of `value` that can be parts of one name."""
    for at, token in enumerate(value):
        if token.text in ",.-" or (token.text != ";" and not _says_something(token)):
            continue
        if token.text == ";" and at == 1:  # a comma with a speck
            continue
        following = value[at + 1].text if at + 1 < len(value) else ""
        is_word = bool(_NAME_WORD.match(_lettered(token.text)))
        unknown_label = following in (":", "=") and at > 0
        prose = token.text.islower() and token.text not in _PARTICLES
        if not is_word or unknown_label or prose:
            return
        yield token


def _lettered(text: str) -> str:
    """`text` with the figures in it that are misread letters as letters: `VICT0RIA`, `SM1TH`."""
    figures = sum(char.isdigit() or char == "|" for char in text)
    return text.translate(_AS_LETTERS) if 0 < figures * 3 <= len(text) else text


def _something_else(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    """A number or date that some other label announces: an account, a specimen, a collection."""
    tokens = value[:MAX_DATE_TOKENS]
    text = text_of(tokens)
    dates = find_dates(text)
    if dates:
        used = _covering(tokens, dates[0].start, dates[0].end)
        return _made(LabelKind.OTHER, page, used, wording, dates=dates[0].readings)
    number = _BARE_NUMBER.search(text)
    if number:
        used = _covering(tokens, *number.span())
        return _made(LabelKind.OTHER, page, used, wording, keys=(mrn_key(number.group()),))
    return None


def _sex(page: Page, wording: str, value: tuple[Token, ...]) -> Clue | None:
    for token in value[:4]:
        if token.text.upper().strip(".,/") in {"M", "F", "MALE", "FEMALE"}:
            return _made(LabelKind.SEX, page, [token], wording)
    return None


def _banner(
    page: Page, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int
) -> Clue | None:
    """An unlabelled `LAST, FIRST` that heads the patient's number, birth date, sex or visit.

    It stands before the label in its line, or alone in the line above, as on wristband labels.
    """
    run = all_runs[at]
    first = labels[at][0] if labels[at] else None
    if not first or not _is_of_banner(first, run):
        return None
    before = run.tokens[: first.start] or _heading(all_runs, labels, at)
    words = tuple(_name_words(before))
    rest = [token for token in before[len(words) :] if not token.is_punctuation]
    is_name = words and not rest and "," in text_of(words)[:-1] and _are_capitalised(words)
    return _name(page, "", words) if is_name else None


def _is_of_banner(label: Label, run: Run) -> bool:
    """Whether a label stands on stickers and in banners beside the patient's name."""
    if label.owner is not Owner.PATIENT:
        return False
    word = spelled(run.tokens[label.start].key)
    return label.kind in _BANNER or (label.kind is LabelKind.OTHER and word in _VISIT_NUMBERS)


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


def _are_capitalised(words: Sequence[Token]) -> bool:
    return all(word.text[0].isupper() or word.text in _PARTICLES for word in words)


def _unglued(run: Run) -> Run:
    """`run` with labels parted from the digits they were read together with (`MRN0012345`)."""
    tokens: list[Token] = []
    for token in run.tokens:
        parted = _parted(token.text)
        tokens.append(Token(parted[0], label_key(parted[0]), token.word, token.gap))
        tokens += [Token(part, label_key(part), token.word, 0.0) for part in parted[1:]]
    return Run(run.line, tuple(tokens))


def _parted(text: str) -> list[str]:
    """A label and the value that was read together with it, in the order that they stand in."""
    if match := _GLUED.match(text) or _GLUED_NAME.match(text):
        return [match["label"], match["value"]]
    if match := _GLUED_BEHIND.match(text):
        return [match["value"], match["label"]]
    return [text]


def _bare(page: Page) -> Iterator[Clue]:
    """Every number of 5 to 10 digits and every date on `page`, whatever stands before it."""
    for run in runs(page):
        text = run.text
        for written in find_dates(text):
            used = _covering(run.tokens, written.start, written.end)
            yield _made(LabelKind.BIRTH_DATE, page, used, "", dates=written.readings)
        for match in _BARE_NUMBER.finditer(text):
            if 5 <= sum(char.isdigit() for char in match.group()) <= 10:
                used = _covering(run.tokens, *match.span())
                yield _made(LabelKind.MRN, page, used, "", keys=(mrn_key(match.group()),))


def _confidence(word: Word) -> float:
    mended = bool(_STROKE.search(word.text))
    return min(word.confidence, MENDED_CONFIDENCE) if mended else word.confidence


def _made(  # noqa: PLR0913 - the last three are alternatives
    kind: LabelKind,
    page: Page,
    tokens: Sequence[Token],
    label: str,
    *,
    keys: tuple[str, ...] = (),
    dates: tuple[date, ...] = (),
    name: WrittenName | None = None,
) -> Clue:
    words = [token.word for token in tokens]
    confidence = min(map(_confidence, words))
    text = text_of(tokens).strip()
    return Clue(
        kind,
        page.number,
        around(words),
        text,
        label,
        confidence,
        keys,
        dates,
        name,
        doubted=any(word.other for word in words),
    )
