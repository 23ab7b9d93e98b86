"""What the pages say about whose they are: labelled identifiers, and bare numbers and dates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile

from chartkeeper.filing.banners import banner
from chartkeeper.filing.captions import caption_of, introduction
from chartkeeper.filing.dates import find_dates, writes_day_first
from chartkeeper.filing.labels import Label, ends_a_title, stands_for_somebody
from chartkeeper.filing.layout import (
    Run,
    Token,
    above,
    below,
    below_flush_right,
    captions_line,
    in_cell_below,
    opens_item,
    right_of,
    runs,
    text_of,
)
from chartkeeper.filing.names import WrittenName, parse_name
from chartkeeper.filing.remembered import remembered
from chartkeeper.filing.sections import RELATIONS, labels_on
from chartkeeper.filing.values import MRN_DIGITS, Clue, bare_clues, clue_of
from chartkeeper.filing.wordings import NAME_KINDS, LabelKind, Owner, load_wordings
from chartkeeper.ocr.page import Box, Page, PageKind, Word, around

MAX_LABELLED_CLUES = 40_000
MAX_BARE_CLUES = 20_000
MAX_PAGES = 5_000
_IDENTITY = frozenset({LabelKind.MRN, LabelKind.BIRTH_DATE, LabelKind.NAME})
_JOINERS = frozenset({"AND", "&", "/"})
NAME_ROWS_HEIGHTS = 3.5  # a first name asked for in the next row stands within so many heights


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


def read_clues(pages: Sequence[Page]) -> Clues:
    """The clues on the content pages among `pages`.

    Bounded by MAX_PAGES, MAX_LABELLED_CLUES and MAX_BARE_CLUES; raises nothing.
    """
    content = [page for page in pages[:MAX_PAGES] if page.kind is PageKind.CONTENT]
    labelled = list(islice(chain.from_iterable(map(_both_readings, content)), MAX_LABELLED_CLUES))
    labelled = _without_senders(_with_members(labelled, content))
    bare = list(islice(chain.from_iterable(map(bare_clues, content)), MAX_BARE_CLUES))

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


def _with_members(
    labelled: Sequence[tuple[Clue, Owner]], content: Sequence[Page]
) -> list[tuple[Clue, Owner]]:
    """The clues with a child, or the member of a health plan, taken for the patient or a relative.

    A form for children calls the patient the child, a plan its member. Where the paper names a
    patient as well, the child is one of the patient's, and the member may be whoever pays. So may
    the member where somebody else of the family is named. Where a patient is asked for and was not
    read, or a parent has a number or birth date, too, either may be meant; a parent without a
    number is not, where the child has all three.
    """
    named = {owner for clue, owner in labelled if clue.kind is LabelKind.NAME}
    family = named & {Owner.PATIENT, Owner.RELATIVE, Owner.CHILD}
    identified = {clue.kind for clue, owner in labelled if owner is Owner.RELATIVE}
    whole = {clue.kind for clue, owner in labelled if owner is Owner.CHILD} >= _IDENTITY
    told_by = {LabelKind.MRN} if whole else {LabelKind.MRN, LabelKind.BIRTH_DATE}
    parent = bool(identified & told_by)
    one_of_family = Owner.PATIENT in named or parent or any(map(_asks_for_a_patient, content))
    stands_for = {
        Owner.MEMBER: Owner.RELATIVE if family else Owner.PATIENT,
        Owner.CHILD: Owner.RELATIVE if one_of_family else Owner.PATIENT,
    }
    return [(clue, stands_for.get(owner, owner)) for clue, owner in labelled]


def _asks_for_a_patient(page: Page) -> bool:
    return any(
        label.explicit and label.owner is Owner.PATIENT and label.kind in NAME_KINDS
        for found in labels_on(page)[1]
        for label in found
    )


def _without_senders(labelled: Sequence[tuple[Clue, Owner]]) -> list[tuple[Clue, Owner]]:
    """The clues with a client taken for whoever sent the work, where the paper names a patient."""
    mine = [
        (clue, _called(clue))
        for clue, owner in labelled
        if owner is Owner.PATIENT and clue.kind is not LabelKind.OTHER
    ]
    named = any(
        called is Owner.PATIENT or (clue.kind is LabelKind.NAME and called is not Owner.CLIENT)
        for clue, called in mine
    )
    return [
        (clue, Owner.CLINICIAN if named and _called(clue) is Owner.CLIENT else owner)
        for clue, owner in labelled
    ]


def _called(clue: Clue) -> Owner | None:
    """What the first word of the label of `clue` calls whose it is, if anything."""
    words = tuple(clue.label.upper().replace("'", "").split()[:1])
    return load_wordings().owners.get(words)


def _day_first(clue: Clue) -> Clue:
    """The clue as somebody means it who writes the day before the month."""
    if not clue.dates:
        return clue
    found = [one.with_day_first() for one in find_dates(clue.text, compact=True)[:1]]
    return replace(clue, dates=tuple(day for one in found for day in one.readings) or clue.dates)


@remembered
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
        caption=last.caption or first.caption,
    )


def _labelled(page: Page) -> Iterator[tuple[Clue, Owner]]:
    all_runs, labels = labels_on(page)
    for at, run in enumerate(all_runs):
        for label in labels[at]:
            theirs = _is_of_something(run, label, labels[at])
            clue = None if theirs else _read(page, all_runs, labels, at, label)
            if clue:
                caption = caption_of(all_runs, labels, at, label)
                yield replace(clue, caption=caption, beneath=label.beneath), label.owner
        heading = banner(page, all_runs, labels, at)
        if heading:
            yield replace(heading, caption=introduction(page, heading.box)), Owner.PATIENT


def _read(
    page: Page, all_runs: Sequence[Run], labels: Sequence[tuple[Label, ...]], at: int, label: Label
) -> Clue | None:
    """The value of `label`: behind it in its run, in the next run to the right, or below it."""
    run = all_runs[at]
    wording = text_of(run.tokens[label.start : label.end]).strip(" :#.=")
    values = [
        _before_bracket(run, label),
        _shared(run, label, labels, all_runs),
        _until_label(run, label.end, labels[at]),
    ]
    if not any(values):
        last = label.end == len(run.tokens) and not ends_a_title(run, label)
        beside = right_of(run, all_runs) if last else None
        values.append(_from_start(beside, all_runs, labels))
    if not any(values) or not label.colon:
        start = _start_of_box(run, label, labels[at])
        box = around([token.word for token in run.tokens[start : label.end]])
        end = _next_label(run, box, all_runs, labels)
        heads = not label.colon and (label.start, label.end) == (0, len(run.tokens))
        near = [_left_of(tokens, end) for tokens in _over_or_under(box, all_runs, heads=heads)]
        near.insert(0, _flush_right(run, label, all_runs))
        values += [() if _starts_with_label(one, all_runs, labels) else one for one in near]
    clues = (clue_of(page, label, wording, value) for value in values if value)
    return next((clue for clue in clues if clue), None)


def _shared(
    run: Run, label: Label, labels: Sequence[tuple[Label, ...]], all_runs: Sequence[Run]
) -> tuple[Token, ...]:
    """The value of `label` where another shares its box: `Name and address: ...`, `Name/MRN`.

    The first label's value stands first, the second's behind a stroke where there is one.
    """
    mine = labels[all_runs.index(run)]
    if any(token.text[0].isalpha() for token in run.tokens[: mine[0].start]):
        return ()
    behind = next((one for one in mine if _are_joined(run, label, one)), None)
    if behind and label is mine[0]:
        ends = behind.end == len(run.tokens)
        beside = right_of(run, all_runs) if ends else None
        return _until_label(run, behind.end, mine) or _from_start(beside, all_runs, labels)
    before = next((one for one in mine if _are_joined(run, one, label)), None)
    value = _until_label(run, label.end, mine) if before else ()
    strokes = [place for place, token in enumerate(value) if token.text == "/"]
    return value[strokes[0] + 1 :] if len(strokes) == 1 else ()


def _is_of_something(run: Run, label: Label, labels: Sequence[Label]) -> bool:
    """Whether two labels share another's box: `Name/Relationship`, `Name and address of agency`."""
    behind = next((one for one in labels if _are_joined(run, label, one)), label)
    if behind is label:
        return False
    goes_on = [one.key for one in run.tokens[behind.end :][:1]] == ["OF"]
    return goes_on or run.tokens[behind.start].key in RELATIONS


def _are_joined(run: Run, one: Label, other: Label) -> bool:
    """Whether nothing but `and` or a stroke stands between two labels without a colon."""
    same = one.owner is other.owner or not other.explicit
    next_to = one.end <= other.start <= one.end + 1
    joint = run.tokens[other.start - 1].text.upper()
    return same and not one.colon and next_to and joint in _JOINERS


def _start_of_box(run: Run, label: Label, labels: Sequence[Label]) -> int:
    """Where the words of the form's box begin that `label` ends.

    So `4. Medical Record No`, `Claimant / Patient name`.
    """
    if label.start == 1 and opens_item(run.tokens):
        return 0
    if not label.start or run.tokens[label.start - 1].text != "/":
        return label.start
    one_word = label.start > 1 and stands_for_somebody(run.tokens[label.start - 2].key)
    first = label.start - 2 if one_word else label.start
    return next((one.start for one in labels if one.end == label.start), first)


def _before_bracket(run: Run, label: Label) -> tuple[Token, ...]:
    """The number that a label in brackets behind it explains: `210-9518 (MRN)`."""
    before, behind = run.tokens[: label.start], run.tokens[label.start : label.end + 1]
    closed = not label.colon and any(token.text == ")" for token in behind)
    if label.kind is not LabelKind.MRN or not closed or len(before) < 2 or before[-1].text != "(":
        return ()
    return before[-2:-1] if sum(map(str.isdigit, before[-2].text)) in MRN_DIGITS else ()


def _flush_right(run: Run, label: Label, all_runs: Sequence[Run]) -> tuple[Token, ...]:
    """The line under a label that fills its own, where both end at the same right edge."""
    if (label.start, label.end) != (0, len(run.tokens)):
        return ()
    under = below_flush_right(run.box, all_runs)
    # Two dates are two columns read as one line.
    return under.tokens if under and len(find_dates(under.text)) < 2 else ()


@remembered
def number_label_words(page: Page) -> frozenset[Word]:
    """The words of the labels on `page` that a record number was read behind or below."""
    all_runs, labels = labels_on(page)
    return frozenset(
        token.word
        for at, run in enumerate(all_runs)
        for label in labels[at]
        if label.kind is LabelKind.MRN and _read(page, all_runs, labels, at, label)
        for token in run.tokens[label.start : label.end]
    )


def _over_or_under(box: Box, all_runs: Sequence[Run], *, heads: bool) -> list[tuple[Token, ...]]:
    """What stands under a label; what stands over it first, where it captions that line.

    One that `heads` a column may stand over the middle of it.
    """
    under = below(box, all_runs)
    cell = [in_cell_below(box, all_runs)] if heads else []
    over = [above(box, all_runs)] if captions_line(box, all_runs) else []
    return [*over, under, *cell]


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
        if run.line == tokens[0].word.line and tokens[0] in run.tokens:
            place = run.tokens.index(tokens[0])
            return any(label.start <= place < label.end for label in labels[at])
    return False
