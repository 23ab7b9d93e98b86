"""What speaks for a new document at a page, and what against it, in points.

Points add up. They are set by judgement so that no single sign but a fax cover, a change of patient
or a page number that starts anew behind a last page is certain, and measured on scans put together
from papers of many senders (tests/bench/filing.py). A sign that holds pages together outweighs what
a running head alone can bring.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from chartkeeper.filing.another import (
    BIRTH_DATE,
    CHANGED_CHARACTERS,
    NAME,
    NUMBER,
    changed,
    is_same,
    is_sibling,
)
from chartkeeper.filing.dates import differs_by_one_slip
from chartkeeper.filing.folio import Folio
from chartkeeper.filing.titles import Title
from chartkeeper.filing.traits import HEAD_PAGE_SHARE, Traits, alike
from chartkeeper.ocr.page import Box
from chartkeeper.records.model import Evidence

CERTAIN_POINTS = 8.0
LIKELY_POINTS = 4.0
UNOPENED_POINTS = 7.0
FULL_PAGE = 0.8
# Points for a page whose text ends so far up; forms and breaks before a section leave some room.
ENDS_EARLY = ((0.4, 3.0), (0.6, 2.0), (0.72, 1.0))
# Of an identifier that alone is another: names are misread or changed.
ALONE_POINTS = {NUMBER: 5.0, BIRTH_DATE: 4.0}
AS_TALL = 0.9
OTHER_HOUSE_PERCENT = 60  # names of houses less alike than this are not one name, misread


@dataclass(frozen=True, slots=True)
class Sign:
    """Something at the turn of a page: points for a new document (negative: against one).

    `text` is a clause for a clerk, `evidence` what on the page shows it. `opens` if first pages
    have it and others hardly ever. `asks` if a clerk must look whatever else is seen.
    """

    points: float
    text: str
    evidence: tuple[Evidence, ...] = ()
    opens: bool = False
    asks: bool = False


def total(found: Sequence[Sign]) -> float:
    """The points of signs together; never certain where nothing on the page opens a document.

    A page about somebody else that opens nothing may have been laid into the document by mistake:
    cut off, it would be filed; left there, it stops the filing.
    """
    points = sum(sign.points for sign in found)
    points = max(points, LIKELY_POINTS) if any(sign.asks for sign in found) else points
    return points if any(sign.opens for sign in found) else min(points, UNOPENED_POINTS)


def signs(document: Sequence[Traits], page: Traits, left: Traits | None = None) -> tuple[Sign, ...]:
    """All that tells whether `page` begins a document behind the pages of `document` so far.

    `document` has at least one page. `left` is the page before them with which another patient's
    document broke off.
    """
    found = [sign for tell in TELLTALES if (sign := tell(document, page))]
    if left and not page.identity.labelled and not _follows(document, page):
        text = f"page {left.page.number}, another patient's, broke off and may go on here"
        found.append(Sign(0.0, text, asks=True))
    return tuple(sorted(found, key=lambda sign: (not sign.asks, -sign.points)))


def breaks_off(document: Sequence[Traits], page: Traits) -> bool:
    """Whether `document` seems unfinished where `page`, about another patient, begins another."""
    last = document[-1]
    told = [one for one in last.folios if one.of]
    open_end = last.filled > FULL_PAGE and not last.closing
    unfinished = last.goes_on or (not any(one.is_last for one in told) if told else open_end)
    return unfinished and _patient(document, page) is not None


def _cover(document: Sequence[Traits], page: Traits) -> Sign | None:
    if all(one.is_cover for one in document):
        return Sign(-20.0, "the pages before are its fax cover")
    return Sign(10.0, "it is a fax cover sheet", opens=True) if page.is_cover else None


def _patient(document: Sequence[Traits], page: Traits) -> Sign | None:
    before = next((one for one in reversed(document) if one.identity.labelled), None)
    if before is None:
        return None
    kinds = changed(before.identity, page.identity)
    sibling = is_sibling(before.identity, page.identity)
    shown = _labelled(page, [NAME] if sibling else kinds)
    if len(kinds) > 1:
        return Sign(8.0, "the patient is another", shown)
    if sibling:
        return Sign(4.0, "the given name is another", shown)
    points = max((ALONE_POINTS.get(kind, 0.0) for kind in kinds), default=0.0)
    return Sign(points, f"the {kinds[0]} is another", shown) if points else None


def _folio(document: Sequence[Traits], page: Traits) -> Sign | None:
    before = document[-1].folios
    first = next((one for one in page.folios if one.page == 1), None)
    if first is not None:
        text = f"it is numbered `{first.text}`"
        points = _first_folio_points(first, before)
        return Sign(points, text, (_evidence(page, first.box, first.text),), opens=True)
    if _follows(document, page):
        return Sign(-4.0 if _is_somebody_else(document, page) else -10.0, "its page number follows")
    if any(one.of for one in page.folios):
        return _torn(document, page) or _HAS_PAGES_BEFORE
    if _is_next_of_unnumbered(document, page):
        return Sign(-3.0, "its page number follows")
    return _folio_before(document, page)


def _is_next_of_unnumbered(document: Sequence[Traits], page: Traits) -> bool:
    """Whether the page is the same patient's, numbered 2 behind a first one without a number."""
    if any(one.folios for one in document) or not is_same(document[-1].identity, page.identity):
        return False
    return any(one.page == len(document) + 1 for one in page.folios)


def _follows(document: Sequence[Traits], page: Traits) -> bool:
    before = document[-1].folios
    return any(one.follows(other) for one in page.folios for other in before)


def _torn(document: Sequence[Traits], page: Traits) -> Sign | None:
    """A number that cannot stand where it does: a page is missing, or lies in another's paper.

    Of those of the page before, or of the last one that could be read.
    """
    before = next((one for one in reversed(document) if any(f.of for f in one.folios)), None)
    if before is None or all(one.is_cover for one in document):
        return None
    apart = page.page.number - before.page.number
    if any(b.may_follow(a, apart) for b in page.folios for a in before.folios):
        return None
    number, last = page.folios[0], before.folios[0]
    text = f"it is numbered `{number.text}` behind `{last.text}`"
    return Sign(-3.0, text, (_evidence(page, number.box, number.text),), asks=True)


_HAS_PAGES_BEFORE = Sign(-3.0, "its page number says that pages stand before it")


def _first_folio_points(first: Folio, before: Sequence[Folio]) -> float:
    """What a page 1 says behind pages that are numbered so."""
    if any(one.is_last for one in before):
        return 8.0
    if any(one.of for one in before):
        return 4.0  # pages of what is before are missing, or one of the numbers was misread
    return 5.0 if first.of or before else 3.0


def _folio_before(document: Sequence[Traits], page: Traits) -> Sign | None:
    """What the last page number says where this page has none, or one without a count."""
    counted = [one for one in document[-1].folios if one.of]
    if not counted:
        return None
    if all(one.is_last for one in counted):
        # Filed with what it lies behind, a page that says nothing of whose it is may be anybody's.
        nobodys = not page.identity.labelled
        return Sign(3.0, "the page before says that it is the last one", asks=nobodys)
    return Sign(-3.0, "the page before says that more follow")


def _title(document: Sequence[Traits], page: Traits) -> Sign | None:
    title = page.title
    if page.is_continued:
        return None
    if title is None:
        return _salutation(page)
    shown = (_evidence(page, title.box, title.text),)
    text = f"it is titled {title.text}"
    borne = [one.title for one in document if one.title]
    if _is_borne(document, title):
        points = 2.0 if title.stands_out else 0.5
        return Sign(points, f"{text} again", shown, opens=title.stands_out)
    if _is_section(document, page):
        return Sign(1.0, text, shown)
    # A heading of a section may hold the words of a title: its letters and place tell them apart.
    tall = title.is_tall and all(title.height >= one.height * AS_TALL for one in borne[:1])
    if tall or (title.alone and page.is_titled_on_top):
        return Sign(4.0, text, shown, opens=True)
    return Sign(2.5 if title.stands_out else 1.0, text, shown, opens=title.stands_out)


def _is_section(document: Sequence[Traits], page: Traits) -> bool:
    """Whether a page with no letterhead and no patient is titled as a section of `document`."""
    if page.title is None or page.letterhead or page.identity.labelled:
        return False
    return any(page.title.sections & one.title.keys for one in document if one.title)


def _is_borne(document: Sequence[Traits], title: Title) -> bool:
    """Whether a page of `document` has a title of the type of `title`."""
    return any(title.keys & one.title.keys for one in document if one.title)


def _salutation(page: Traits) -> Sign | None:
    if page.salutation is None:
        return None
    shown = (_evidence(page, page.salutation.box, page.salutation.text),)
    return Sign(4.0, "it opens as a letter", shown, opens=True)


def _sender(document: Sequence[Traits], page: Traits) -> Sign | None:
    mine = page.letterhead
    if mine is None:
        return None
    shown = (_evidence(page, mine.run.box, mine.run.text),)
    known = [one.letterhead for one in document if one.letterhead and not one.is_cover]
    nearest = max((fuzz.ratio(mine.letters, other.letters) for other in known), default=None)
    if nearest is not None and nearest < OTHER_HOUSE_PERCENT:
        points = 5.0 if mine.full else 3.0
        return Sign(points, "another letterhead stands on it", shown, opens=True)
    if known and not document[-1].letterhead:
        return Sign(3.0, "the letterhead stands on it again", shown, opens=True)
    return None if known else Sign(1.5, "a letterhead stands on it", shown, opens=True)


def _first_page(document: Sequence[Traits], page: Traits) -> Sign | None:
    """The looks of a first page: a house's address, a title or a salutation, and a patient."""
    if page.is_continued:
        return None
    if not page.letterhead or not page.letterhead.full:
        return _headed(document, page)
    if page.identity.labelled and (page.title or page.salutation):
        text = "letterhead, title and patient stand on it as on a first page"
        return Sign(2.0, text, opens=True)
    return Sign(1.0, "a letterhead with an address stands on it", opens=True)


def _headed(document: Sequence[Traits], page: Traits) -> Sign | None:
    """A title of another type that stands out over the patient, as no section's heading does."""
    title = page.title
    if title is None or not (page.has_identity_block and page.is_titled_on_top):
        return None
    in_head = title.box.top < page.page.height * HEAD_PAGE_SHARE
    if not (in_head and title.stands_out) or _is_borne(document, title):
        return None
    return Sign(2.0, "title and patient stand on it as on a first page", opens=True)


def _own_sheet(document: Sequence[Traits], page: Traits) -> Sign | None:
    """A recorder's tracing or a copied card: neither goes on from what is before it."""
    if page.own_sheet is None or any(one.own_sheet == page.own_sheet for one in document):
        return None
    return Sign(4.0, f"{page.own_sheet} is a sheet of its own", opens=True)


def _identity_block(document: Sequence[Traits], page: Traits) -> Sign | None:
    if not page.has_identity_block or _same_head(document[-1], page):
        return None
    again = document[0].has_identity_block and not document[-1].has_identity_block
    return Sign(2.0 if again else 1.0, "the patient is named anew at the top")


def _numbers(document: Sequence[Traits], page: Traits) -> Sign | None:
    for label, numbers in page.numbers.items():
        before = {key for one in document for key in one.numbers.get(label, ())}
        pairs = [(a, b) for a in numbers for b in before]
        if pairs and all(OSA.distance(a, b) >= CHANGED_CHARACTERS for a, b in pairs):
            return Sign(3.0, "its case or account number is another")
    return None


def _days(document: Sequence[Traits], page: Traits) -> Sign | None:
    for label, days in page.days.items():
        before = {day for one in document for day in one.days.get(label, ())}
        pairs = [(a, b) for a in days for b in before]
        if pairs and all(a != b and not differs_by_one_slip(a, b) for a, b in pairs):
            return Sign(2.0, f"its {label.lower()} is another day")
    return None


def _closing(document: Sequence[Traits], page: Traits) -> Sign | None:
    del page
    before = document[-1]
    if before.goes_on:
        return Sign(-8.0, "the page before says that it goes on")
    early = next((points for share, points in ENDS_EARLY if before.filled < share), 0.0)
    if before.closing:
        return Sign(2.0 + early * 0.75, "the page before ends with a signature or closing line")
    return Sign(early, "the page before ends early") if early else None


def _continues(document: Sequence[Traits], page: Traits) -> Sign | None:
    if page.is_continued:
        return Sign(-8.0, "it says that it is a continuation")
    before = document[-1]
    unfinished = before.filled > FULL_PAGE and before.last_words[-1:].isalnum()
    if unfinished and page.first_words[:1].islower():
        return Sign(-4.0, "the sentence of the page before goes on")
    return None


def _running_head(document: Sequence[Traits], page: Traits) -> Sign | None:
    """The very head of a page before it that was not the first: a head that runs through."""
    if len(document) < 2 or page.letterhead:
        return None
    first, before = document[0], document[-1]
    if _same_head(before, page) and not _same_head(first, page):
        return Sign(-5.0, "it has the running head of the page before")
    return None


TELLTALES: tuple[Callable[[Sequence[Traits], Traits], Sign | None], ...] = (
    _cover,
    _patient,
    _folio,
    _title,
    _sender,
    _first_page,
    _own_sheet,
    _identity_block,
    _numbers,
    _days,
    _closing,
    _continues,
    _running_head,
)


def _same_head(one: Traits, other: Traits) -> bool:
    """Whether the pages begin with the same lines, numbers aside."""
    if not one.head or not other.head:
        return False
    same = sum(any(alike(a, b) for b in one.head[:4]) for a in other.head[:4])
    return same * 2 >= len(other.head[:4])


def _is_somebody_else(document: Sequence[Traits], page: Traits) -> bool:
    return any(len(changed(one.identity, page.identity)) > 1 for one in document)


def _labelled(page: Traits, kinds: Sequence[str]) -> tuple[Evidence, ...]:
    found = [clue for clue in page.identity.labelled if clue.kind.value in kinds][:4]
    return tuple(_evidence(page, clue.box, clue.text) for clue in found)


def _evidence(page: Traits, box: Box, text: str) -> Evidence:
    return Evidence(page.page.number, box, text, "start of a document", 0.0)
