"""The day a document is about: the date behind the label that its type goes by."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.dates import WrittenDate, find_dates, writes_day_first
from chartkeeper.filing.doctypes import DocType, DocTypes
from chartkeeper.filing.labels import find_labels
from chartkeeper.filing.layout import (
    Run,
    Token,
    above,
    below,
    captions_line,
    in_cell_below,
    opens_item,
    right_of,
    runs,
    text_of,
    wrapped,
)
from chartkeeper.filing.only_day import OnlyDay, only_day
from chartkeeper.filing.phrases import Phrase, Piece, Vocabulary, phrase_of, pieces
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page, Word, around
from chartkeeper.records.model import Decision, Evidence, Field

# A date with a word read less surely than this is not believed alone; one that stands by itself may
# be a birth date whose label was misread, and is to be as sure as a proof of who somebody is.
LOWEST_CONFIDENCE, LOWEST_UNLABELLED = 0.3, 0.6
LOWEST_LEFT_OVER = 0.8  # of the only day of a paper: nothing else on it tells a misread figure
# The days of one paper lie close together; a misread figure leads far away. Of 44 dates read less
# surely 22 of 23 with another so near were right, 14 of 21 without. One that was read as two
# days must stand there again.
NEAR_DAYS = 14
MAX_PAGES_READ = 40
MAX_VALUE_TOKENS = 8
MAX_ROWS = 60
ALONE_PAGE_SHARE = 0.45
_TIME = r"\W{0,3}(?:at )?\d{1,2}:?\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?| ?[Hh](?:ou)?rs?\.?)?"
_TIME_ONLY = re.compile(_TIME + r"\W*")
_ENTRY_TIME = re.compile(_TIME + r"[\s-]+[A-Za-z]{2}")
_RECORDER = re.compile(
    r"(?:ID\W{1,3}[\d-]{4,12}|[A-Z'-]{2,}, [A-Z'-]+(?: [A-Z]+\.?)?)\s+"
    r"(?=\S+\s+\d\d:\d\d:\d\d(?!\S))"
)
_WEEKDAY = re.compile(r".{0,4}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? ", re.IGNORECASE)
_EXAMS = word_set("EXAM EXAMINATION STUDY PROCEDURE")
_OTHER_EXAMS = word_set("COMPARISON COMPARE COMPARED COMPARING PRIORS SINCE VS VERSUS OLD EARLIER")
# At the foot of a page it is that of a signature: dangerous where a paper must not be misdated.
_ANY_DATE = ("DATE",)
_LEADING_MARKS = re.compile(r"^\W+")
# A word before or behind a general label that makes it another day's label.
_OTHER_DAYS = word_set(
    "BIRTH BORN DOB RUN PRINT PRINTED PRINTING FAX FAXED RECEIVED RECEIPT REPORT REPORTED DICTATED "
    "DICTATION TRANSCRIBED TRANSCRIPTION TYPED ADMISSION ADMIT ADMITTED EXPIRATION EXPIRES EXP "
    "EXPIRE START STOP END DUE NEXT REVISED REVISION REV SIGNED SIGNATURE EFFECTIVE ORDER "
    "ORDERED DISCHARGE DISCHARGED COLLECTION COLLECTED SERVICE PROCEDURE SURGERY ONSET INJURY "
    "ACCIDENT LOSS FILL FILLED FILED ENTERED CREATED MODIFIED UPDATED RELEASE RELEASED VERIFIED "
    "FINAL FINALIZED RESULT RESULTED PRIOR PREVIOUS COMPARISON LAST FIRST SCHEDULED APPOINTMENT "
    "FOLLOWUP LMP VIS DELIVERY DEATH TERMINATION MANUFACTURE LOT SCAN SCANNED REVIEWED HIRE "
    "ISSUE VALID THROUGH UNTIL SENT MAILED WITNESS NOTARY FROM TO TEST VISIT"
)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A date behind a label: the label's rank among those of the type, and where it stands."""

    rank: int
    day: date
    page: int
    tokens: tuple[Token, ...]
    label: str


@dataclass(frozen=True, slots=True)
class _DateField:
    """A date as written, where it stands, and its label; no phrase where it has none of its own."""

    written: WrittenDate
    tokens: tuple[Token, ...]
    label: str
    phrase: Phrase = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The date labels of a type with their ranks, and those that count only with a colon."""

    vocabulary: Vocabulary
    ranks: Mapping[Phrase, int]
    with_colon: frozenset[Phrase]


@dataclass(frozen=True, slots=True)
class Births:
    """The birth date of the patient, None if nobody was decided on, and those that it may be."""

    sure: date | None = None
    likely: frozenset[date] = frozenset()


def decide_date(
    pages: Sequence[Page],
    clues: Clues,
    type_key: str | None,
    doctypes: DocTypes,
    born: Births,
    arrived_on: date,
) -> Decision:
    """The service date as ISO, or None with the reason.

    Only dates behind a label that the type goes by count, in the type's order of preference; never
    before the birth date (if known) nor after `arrived_on`, nor a day that is likely the birth date
    or labelled as somebody's. Two different days behind the best label are no answer.
    """
    if type_key is None:
        return _unknown("The type is not known, so it is not known which date counts")
    doctype = doctypes[type_key]
    body = body_pages(pages)
    read = [page for page in pages if page.number in body][:MAX_PAGES_READ]
    day_first = writes_day_first((run.text for page in read for run in runs(page)), born.sure)
    births = {day for clue in clues.birth_dates for day in clue.dates} | born.likely | {born.sure}
    found = [
        dated
        for page in read
        for dated in _dated(page, doctype, arrived_on, day_first=day_first)
        if dated.day not in births and (born.sure is None or dated.day >= born.sure)
    ]
    if not found and doctype.date_left_over and born.sure:
        found = list(_left_over(only_day(read, births, born.sure, arrived_on), doctype))
    return _choice(found, doctype, read)


def _left_over(left: OnlyDay | None, doctype: DocType) -> Iterator[_Dated]:
    if left and min(token.word.confidence for token in left.tokens) >= LOWEST_LEFT_OVER:
        rank = len(doctype.date_labels)
        yield _Dated(rank, left.day, left.page, left.tokens, "The only day that is left:")


def _choice(found: Sequence[_Dated], doctype: DocType, pages: Sequence[Page]) -> Decision:
    if not found:
        wanted = doctype.date_labels[0] if doctype.date_labels else "date"
        return _unknown(f"No {wanted} was found on the pages")
    rank = min(dated.rank for dated in found)
    best = [dated for dated in found if dated.rank == rank]
    days = sorted({dated.day for dated in best})
    evidence = tuple(_evidence(dated) for dated in best[:6])
    if len(days) > 1:
        because = f"The pages carry several dates that may count, from {days[0]} to {days[-1]}"
        return Decision(Field.DATE, None, 0.0, because, evidence)
    first = best[0]
    surest = min(token.word.confidence for token in first.tokens)
    twice = any(_reads_otherwise(token.word) for token in first.tokens)
    near = 0 if _is_another_day(first) else NEAR_DAYS
    lowest = LOWEST_CONFIDENCE if rank < len(doctype.date_labels) else LOWEST_UNLABELLED
    if (surest < lowest or twice) and not _has_company(first, pages, near):
        because = "The date was read in two ways" if twice else "The date is hard to read"
        return Decision(Field.DATE, None, 0.0 if twice else surest, because, evidence)
    sure = 0.95 if rank < len(doctype.date_labels) - 1 else 0.8
    because = f"{first.label} {text_of(first.tokens)} on page {first.page}"
    return Decision(Field.DATE, first.day.isoformat(), sure * surest, because, evidence)


def _reads_otherwise(word: Word) -> bool:
    """Whether a second reading is another day, or where it is none has other figures."""
    if not word.other:
        return False
    first, second = (
        [written.readings for written in find_dates(text, compact=True)]
        for text in (word.text, word.other)
    )
    if first and second:
        return first != second
    return _figures(word.text) != _figures(word.other)


def _figures(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_another_day(dated: _Dated) -> bool:
    """Whether a second reading of the date is a date, too; one that was the same is not kept."""
    words = dict.fromkeys(token.word for token in dated.tokens)
    again = " ".join(word.other or word.text for word in words)
    return any(word.other for word in words) and bool(find_dates(again, compact=True))


def _has_company(dated: _Dated, pages: Sequence[Page], days: int) -> bool:
    """Whether another date on the pages is the same day, or at most `days` from it."""
    others = (
        abs((day - dated.day).days) <= days
        for page in pages
        for run in runs(page)
        for written in find_dates(run.text)
        for day in written.readings
    )
    own = bool(find_dates(text_of(dated.tokens)))
    return sum(others) > own


def date_fields(page: Page, labels: tuple[str, ...]) -> Iterator[tuple[Token, ...]]:
    """The dates of a page that may be a service date, each as the pieces of words it is read from.

    Those behind one of `labels`, whichever day they mean, and those that stand by themselves near
    the top.
    """
    all_runs = runs(page)
    asked = _labels_of(labels)
    for run in all_runs:
        yield from (field.tokens for field in _labelled(run, all_runs, pieces(run), asked))
        if _alone(run, page):
            yield run.tokens


def _dated(page: Page, doctype: DocType, arrived_on: date, *, day_first: bool) -> Iterator[_Dated]:
    all_runs = runs(page)
    asked = _labels_of(doctype.date_labels)
    last = len(asked.ranks)
    for run in all_runs:
        read = pieces(run)
        fields = list(_labelled(run, all_runs, read, asked))
        if doctype.date_required and not _is_near_top(run, page):
            fields = [field for field in fields if field.phrase != _ANY_DATE]
        if doctype.date_behind_exam:
            fields += _behind_exam(run, read)
        if doctype.date_alone:
            fields += _alone(run, page)
        for field in fields:
            day = _meant(field.written, arrived_on, day_first=day_first)
            if day:
                rank = asked.ranks.get(field.phrase, last)
                yield _Dated(rank, day, page.number, field.tokens, field.label)


def _labelled(
    run: Run, all_runs: Sequence[Run], read: Sequence[Piece], asked: _Asked
) -> Iterator[_DateField]:
    """The dates behind the labels of a run that are asked for."""
    for start, end, phrase in _longest_apart(list(asked.vocabulary.find(read))):
        if _is_other_day(read, start, end) or not _is_asked(asked, phrase, read, start, end):
            continue
        if value := _value(run, all_runs, read, start, end):
            label = " ".join(piece.word.text for piece in read[start:end]).rstrip(":")
            yield _DateField(*value, label, phrase)


def _is_asked(asked: _Asked, phrase: Phrase, read: Sequence[Piece], start: int, end: int) -> bool:
    """Whether a label that is prose elsewhere stands as one: `D/C:`, not `heparin d/c 3/16`."""
    if phrase not in asked.with_colon:
        return True
    before = read[start - 1] if start else None
    apart = before is None or before.word.text[-1] in ",;" or before.text.isdigit()
    return read[end - 1].colon and apart


def _behind_exam(run: Run, read: Sequence[Piece]) -> Iterator[_DateField]:
    """The date at the end of the line that names the exam: `Exam: US thyroid 06/20/2025`."""
    words = {piece.text for piece in read}
    found = find_dates(run.text)
    if not read or not read[0].colon or read[0].text not in _EXAMS or len(found) != 1:
        return
    behind = run.text[found[0].end :]
    ends = not behind.strip(" .,") or _TIME_ONLY.fullmatch(behind)
    if ends and not words & (_OTHER_DAYS | _OTHER_EXAMS):
        yield _DateField(found[0], run.tokens[-1:], read[0].text.capitalize())


def _meant(written: WrittenDate, arrived_on: date, *, day_first: bool) -> date | None:
    return (written.with_day_first() if day_first else written).resolve(arrived_on)


@lru_cache(maxsize=64)
def _labels_of(labels: tuple[str, ...]) -> _Asked:
    ranks = {phrase_of(label): rank for rank, label in reversed(list(enumerate(labels)))}
    with_colon = frozenset(phrase_of(label) for label in labels if label.endswith(":"))
    return _Asked(Vocabulary(ranks), ranks, with_colon)


def _longest_apart(spans: list[tuple[int, int, Phrase]]) -> Iterator[tuple[int, int, Phrase]]:
    """The spans that lie in no longer one."""
    for start, end, phrase in spans:
        inside = any(s <= start and end <= e and e - s > end - start for s, e, _ in spans)
        if not inside:
            yield start, end, phrase


def _is_other_day(read: Sequence[Piece], start: int, end: int) -> bool:
    """Whether the words around a label make it the label of another day (`Report Date`)."""
    before = read[start - 1] if start else None
    if before and not before.colon and before.text in _OTHER_DAYS:
        return True
    behind = read[end] if end < len(read) and not read[end - 1].colon else None
    return behind is not None and behind.text in _OTHER_DAYS | {"OF", "BY"}


def _value(
    run: Run, all_runs: Sequence[Run], read: Sequence[Piece], start: int, end: int
) -> tuple[WrittenDate, tuple[Token, ...]] | None:
    """The date behind the label, in the next run, or below it; a column of dates has none."""
    last = read[end - 1].word
    first = read[0 if start == 1 and opens_item(run.tokens) else start].word
    places = [at for at, token in enumerate(run.tokens) if token.word is last]
    behind = run.tokens[places[-1] + 1 :]
    glued = tuple(token for token in run.tokens if token.word is last)
    if value := _date_at_start(behind) or _date_at_start(glued[1:]):
        return value
    off_line = None if read[end - 1].colon else _over(first, last, all_runs)
    if any(not token.is_punctuation for token in behind):
        return None if read[end - 1].colon else _under(first, last, all_runs) or off_line
    beside = right_of(run, all_runs)
    value = _date_at_start(beside.tokens) if beside else None
    value = value or _under(first, last, all_runs) or off_line
    return value or _wrapped(run, read[end - 1], all_runs)


def _under(
    first: Word, last: Word, all_runs: Sequence[Run]
) -> tuple[WrittenDate, tuple[Token, ...]] | None:
    box = around([first, last])
    head = any(run.box == box for run in all_runs)
    cell = in_cell_below(box, all_runs) if head else ()
    value = _date_at_start(below(box, all_runs)) or _date_at_start(cell)
    if not value:
        return None
    return value if all(row == value[0].readings for row in _rows(value[1], all_runs)) else None


def _rows(tokens: Sequence[Token], all_runs: Sequence[Run]) -> Iterator[tuple[date, ...]]:
    """The days of the rows under a date: a column of several days has none that counts."""
    for _ in range(MAX_ROWS):
        found = _date_at_start(below(around([token.word for token in tokens]), all_runs))
        if not found:
            return
        yield found[0].readings
        tokens = found[1]


def _wrapped(
    run: Run, label: Piece, all_runs: Sequence[Run]
) -> tuple[WrittenDate, tuple[Token, ...]] | None:
    """The date that opens the line behind a label with a colon that ends its own."""
    following = wrapped(run, all_runs) if label.colon else None
    return _date_at_start(following.tokens) if following else None


def _over(
    first: Word, last: Word, all_runs: Sequence[Run]
) -> tuple[WrittenDate, tuple[Token, ...]] | None:
    """The date on the line over a label, as beside signatures; not one with a label of its own."""
    box = around([first, last])
    value = _date_at_start(above(box, all_runs))
    if not value or captions_line(box, all_runs):
        return value
    head = above(around([token.word for token in value[1]]), all_runs)
    labelled = head and find_labels(Run(head[0].word.line, head))
    return None if labelled and labelled[0].start == 0 else value


def _date_at_start(tokens: Sequence[Token]) -> tuple[WrittenDate, tuple[Token, ...]] | None:
    """The date that `tokens` begin with, with its tokens; nothing but punctuation may precede."""
    kept = tuple(tokens[:MAX_VALUE_TOKENS])
    while kept and kept[0].is_punctuation:
        kept = kept[1:]
    found = find_dates(text_of(kept), compact=True)
    if not found or not _WEEKDAY.fullmatch(text_of(kept)[: found[0].start]):
        return None
    used, length = [], 0
    for token in kept:
        if length >= found[0].end:
            break
        used.append(token)
        length = len(text_of(used))
    return found[0], tuple(used)


def _alone(run: Run, page: Page) -> tuple[_DateField, ...]:
    """A run near the top that is a date and at most a time, or an entry that they open.

    A recorder prints number or name before them: `ID: 0012345 12-Mar-2026 09:47:21`.
    """
    numbered = _RECORDER.match(run.text)
    text = _LEADING_MARKS.sub("", run.text[numbered.end() :] if numbered else run.text)
    found = find_dates(text)
    if len(found) != 1 or found[0].start:
        return ()
    behind = text[found[0].end :]
    alone = not behind.strip(" .,") or _TIME_ONLY.fullmatch(behind)
    if not (_ENTRY_TIME.match(behind) or (alone and _is_near_top(run, page))):
        return ()
    return (_DateField(found[0], run.tokens, "Dated"),)


def _is_near_top(run: Run, page: Page) -> bool:
    return run.box.top <= page.height * ALONE_PAGE_SHARE


def _evidence(dated: _Dated) -> Evidence:
    words = [token.word for token in dated.tokens]
    twice = ", read in two ways" if any(map(_reads_otherwise, words)) else ""
    return Evidence(dated.page, around(words), text_of(dated.tokens), dated.label + twice, 1.0)


def _unknown(because: str) -> Decision:
    return Decision(Field.DATE, None, 0.0, because)
