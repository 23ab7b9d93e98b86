"""What kind of document it is: the title tells most, then headings, then the words of the body."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise
from math import exp, sqrt
from statistics import median

from chartkeeper.filing.clues import number_label_words
from chartkeeper.filing.cover import body_pages, is_cover
from chartkeeper.filing.doctypes import DocType, DocTypes
from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.learned import Lesson, TypeModel, lesson
from chartkeeper.filing.names import CREDENTIALS
from chartkeeper.filing.phrases import Phrase, Piece, Vocabulary, phrase_of, pieces
from chartkeeper.filing.word_odds import WordOdds
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Box, Page, PageKind, Word, around
from chartkeeper.records.model import Decision, Evidence, Field

# Below this a type is not answered. Points become odds through a soft maximum over all types and an
# unknown one, so that both a lone weak word and a close second keep the confidence down.
LOWEST_CONFIDENCE = 0.6
UNKNOWN_POINTS = 3.6
POINTS_PER_DOUBT = 1.6
MAX_PAGES_READ = 6
MAX_EVIDENCE = 12
MOST_COVER_POINTS = 1.0  # of a page that does not look like a fax cover
LEARNED = "learned word"  # what evidence is called that clerks' decisions taught

TITLE_POINTS = 9.0
LIKELY_TITLE_POINTS, LEAST_LIKELY = 6.5, 0.5  # of a title whose words are a type's
# Single words: measured on 100 short papers and 232 real reports (docs/figures.md, Filing).
LEANING_POINTS, WORDS_THAT_DROWN, FEWEST_LEANING, LEANING_LETTERS = 2.0, 250, 10, 3
HEADING_POINTS = 1.6
MOST_HEADING_POINTS = 7.0
MOST_BODY_POINTS = 7.0
AGAINST_POINTS = 1.2
MOST_AGAINST_POINTS = 3.6
LATER_PAGE_SHARE = 0.5
_CLOSES_LAST = "letter"  # its first page opens it and its last one closes it
LATER_TITLE_SHARE = 0.3

TITLE_RUNS = 24
TITLE_PAGE_SHARE = 0.45
TITLE_WORDS = 10
OPENING_RUNS, FEWEST_CAPITALS, CAPITAL_LETTERS = 6, 2, 4  # of a title in letters like the text's
ALIKE_HEIGHTS, TALL_HEIGHTS = 0.8, 1.2  # of the two lines of a title, and of one set apart
HEADING_WORDS = 7
# The names of houses hold the words of their trade; they say who wrote, not what.
_HOUSE_WORDS = word_set(
    "CENTER CENTRE CLINIC CLINICS HOSPITAL HOSPITALS ASSOCIATES INC LLC PLLC LLP PC PA GROUP "
    "INSTITUTE PARTNERS HEALTHCARE SYSTEM SYSTEMS SERVICES LABORATORIES DIAGNOSTICS UNIVERSITY "
    "COLLEGE FOUNDATION SPECIALISTS CONSULTANTS PRACTICE NETWORK FAMILY DIVISION SUITE STREET "
    "AVENUE BLVD ROAD CORPORATION COMPANY REGIONAL MEMORIAL COMMUNITY COUNTY SAINT ST MERCY"
)
_TITLE_FIELDS = word_set(
    "TYPE DOCUMENT REPORT FORM NOTE TITLE RE SUBJECT REGARDING NAME SERVICE EXAM EXAMINATION STUDY"
)
_DOCUMENT_NOUNS = word_set(
    "NOTE NOTES REPORT SUMMARY SUMMARIES RECORD FORM ORDERS REQUEST REQUISITION LIST CONSULTATION "
    "ASSESSMENT EVALUATION FLOWSHEET CERTIFICATE STATEMENT QUESTIONNAIRE"
)
# In Spanish the noun opens the title.
_NOUNS_FIRST = word_set(
    "RESUMEN NOTA INFORME REPORTE HOJA REGISTRO AUTORIZACION CONSENTIMIENTO RECETA LISTA"
)
_ITEM = re.compile(r"\(?\d{1,2}[.)]")  # what opens an item of a numbered list
_HALF_DAYS = word_set("AM PM")
_DASHES = frozenset("-\u2013\u2014")
_SPECIALTIES = word_set(
    "ALLERGY CARDIOLOGY CARDIOTHORACIC DERMATOLOGY ENDOCRINOLOGY ENT GASTROENTEROLOGY GERIATRIC "
    "GYNECOLOGY HEMATOLOGY HEPATOLOGY IMMUNOLOGY MEDICINE NEPHROLOGY NEUROLOGY NEUROSURGERY "
    "ONCOLOGY OPHTHALMOLOGY ORTHOPAEDIC ORTHOPEDIC OTOLARYNGOLOGY PEDIATRIC PODIATRY PSYCHIATRY "
    "PULMONOLOGY RHEUMATOLOGY UROLOGY"
)
_FILLERS = _SPECIALTIES | word_set(
    "THE A AN OF FOR AND TO FINAL REPORT COPY AMENDED ADDENDUM PRELIMINARY PAGE PATIENT "
    "NEW INITIAL WITH WITHOUT W WO O CONTRAST LEFT RIGHT BILATERAL VIEWS"
)


@dataclass(frozen=True, slots=True)
class _Cue:
    """What a phrase says about a type: in a title, as a heading, in the body, or against it."""

    key: str
    zone: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Hit:
    """A cue found: how many points for which type, by which words."""

    key: str
    zone: str
    phrase: Phrase
    points: float
    page: int
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A run with what tells a title from a heading from prose."""

    run: Run
    pieces: tuple[Piece, ...]
    page: int
    place: int  # counts the runs of the page from its top
    height: float  # in heights of the page's ordinary words
    in_title_zone: bool
    after_heading: bool
    labels: frozenset[Word]  # words of the page that announce a record number


class CueIndex:
    """The cue words of all types, ready for finding; made once for each table of types."""

    def __init__(self, doctypes: DocTypes) -> None:
        cues = [
            (phrase, one.key, zone, w) for one in doctypes.types for phrase, zone, w in _cues(one)
        ]
        sharers = Counter(phrase for phrase, _, zone, _ in cues if zone == "heading")
        self.cues: dict[Phrase, list[_Cue]] = defaultdict(list)
        for phrase, key, zone, weight in cues:
            # A heading that many types use tells little of each.
            share = sharers[phrase] ** -0.7 if zone == "heading" else 1.0
            self.cues[phrase].append(_Cue(key, zone, weight * share))
        self.vocabulary = Vocabulary(self.cues)
        self.title_words = WordOdds({one.key: _phrases(one, "title") for one in doctypes.types})
        self.words = WordOdds(
            {one.key: _phrases(one, "title", "heading", "body") for one in doctypes.types},
            alone=True,
        )

    def zones(self, phrase: Phrase) -> set[str]:
        """The zones in which any type uses `phrase`."""
        return {cue.zone for cue in self.cues[phrase]}


@lru_cache(maxsize=4)
def _index_of(types: tuple[DocType, ...]) -> CueIndex:
    return CueIndex(DocTypes(types))


def decide_type(
    pages: Sequence[Page], doctypes: DocTypes, learned: TypeModel | None = None
) -> Decision:
    """The type key of the document that `pages` are, or None with the two nearest named.

    Fax covers count only where nothing else is there. Confidence is the share of the best type in a
    soft maximum over all types and an unknown one. What the decisions of clerks taught (`learned`)
    adds to the points of the cue words, or takes from them.
    """
    read = _readable(pages)
    if not read:
        return Decision(Field.TYPE, None, 0.0, "Nothing could be read on the pages")
    points, hits = _cue_points_of(read, doctypes)
    taught = lesson(learned, read)
    for key, more in taught.points.items():
        points[key] += more
    return _decision(points, [*hits, *_learned_hits(taught, best_of(points)[0])], doctypes)


def cue_points(pages: Sequence[Page], doctypes: DocTypes) -> dict[str, float]:
    """The points that the cue words give each type; none for pages without words."""
    read = _readable(pages)
    return _cue_points_of(read, doctypes)[0] if read else {}


def best_of(points: Mapping[str, float]) -> tuple[str, float]:
    """The type with the most of some `points` (at least one type), and the confidence in it."""
    best = min(points, key=lambda key: (-points[key], key))
    odds = [exp((more - points[best]) / POINTS_PER_DOUBT) for more in points.values()]
    unknown = exp((UNKNOWN_POINTS - points[best]) / POINTS_PER_DOUBT)
    return best, 1.0 / (sum(odds) + unknown)


def _readable(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages if page.kind is PageKind.CONTENT and page.words]


def _cue_points_of(read: Sequence[Page], doctypes: DocTypes) -> tuple[dict[str, float], list[_Hit]]:
    numbers = body_pages(read)
    body = [page for page in read if page.number in numbers]
    hits = _hits(body[:MAX_PAGES_READ], _index_of(doctypes.types))
    points = _points(hits, doctypes)
    for key, more in _leaning(body[:MAX_PAGES_READ], _index_of(doctypes.types)).items():
        points[key] += more
    if all(is_cover(page) for page in body):
        points["cover_sheet"] += TITLE_POINTS
    else:
        # Letterheads and notices of confidentiality say what covers say.
        points["cover_sheet"] = min(points["cover_sheet"], MOST_COVER_POINTS)
    return points, hits


def _leaning(pages: Sequence[Page], index: CueIndex) -> dict[str, float]:
    """What single words say for and against each type, where few of them stand on the pages.

    The longer a text the more words of every trade are in it: there the cues tell.
    """
    count = sum(len(page.words) for page in pages)
    share = LEANING_POINTS * max(0.0, 1 - count / WORDS_THAT_DROWN)
    if not share:
        return {}
    # In an order that is the same in every process: sums of parts differ by their order.
    texts = (text for page in pages for word in page.words for text in phrase_of(word.text))
    words = dict.fromkeys(texts)
    said = [
        odds
        for word in words
        if len(word) >= LEANING_LETTERS
        if (odds := index.words.of_word(word))
    ]
    points: dict[str, float] = defaultdict(float)
    if len(said) < FEWEST_LEANING:
        return points
    for odds in said:
        for key, more in odds.items():
            points[key] += share * more / sqrt(len(said))
    return points


def _learned_hits(taught: Lesson, key: str) -> Iterator[_Hit]:
    for mark in taught.marks(key):
        yield _Hit(key, LEARNED, mark.term, mark.points, mark.page, mark.box, mark.text)


def _decision(points: dict[str, float], hits: Sequence[_Hit], doctypes: DocTypes) -> Decision:
    order = sorted(points, key=lambda key: (-points[key], key))
    second = order[1]
    best, confidence = best_of(points)
    evidence = _evidence(hits, best)
    first_name, second_name = doctypes[best].name, doctypes[second].name
    if points[best] <= 0:
        return Decision(
            Field.TYPE, None, 0.0, "None of the known kinds of documents was recognised"
        )
    if confidence >= LOWEST_CONFIDENCE:
        return Decision(
            Field.TYPE, best, confidence, f"{first_name}: {_because(hits, best)}", evidence
        )
    if points[second] > points[best] - 2 * POINTS_PER_DOUBT and points[second] > 0:
        because = f"May be {first_name} or {second_name}; neither is clearly ahead"
    else:
        because = f"May be {first_name}, but too few words tell"
    return Decision(Field.TYPE, None, confidence, because, evidence)


def _because(hits: Sequence[_Hit], key: str) -> str:
    mine = _best_hits(hits, key)
    titles = [hit for hit in mine if hit.zone == "title"]
    others, taught = (
        [" ".join(hit.phrase).lower() for hit in mine if hit.zone in zones][:3]
        for zones in (("heading", "body"), (LEARNED,))
    )
    pieces_of_it = [f"titled {titles[0].text} on page {titles[0].page}"] if titles else []
    pieces_of_it += [f"it says {', '.join(others)}"] if others else []
    pieces_of_it += [f"as clerks decided where it said {', '.join(taught)}"] if taught else []
    return "; ".join(pieces_of_it) or "a fax cover by its form"


def _evidence(hits: Sequence[_Hit], key: str) -> tuple[Evidence, ...]:
    mine = _best_hits(hits, key)[:MAX_EVIDENCE]
    return tuple(Evidence(h.page, h.box, h.text, h.zone, round(h.points, 2)) for h in mine)


def _best_hits(hits: Sequence[_Hit], key: str) -> list[_Hit]:
    """The hits for a type, each phrase once, the heaviest first."""
    best: dict[Phrase, _Hit] = {}
    for hit in hits:
        if (
            hit.key == key
            and hit.points > 0
            and hit.points > getattr(best.get(hit.phrase), "points", 0)
        ):
            best[hit.phrase] = hit
    return sorted(best.values(), key=lambda hit: (-hit.points, hit.page, hit.phrase))


def _points(hits: Sequence[_Hit], doctypes: DocTypes) -> dict[str, float]:
    """The points of each type: the best title, and all distinct headings and body words, capped."""
    best: dict[tuple[str, str], dict[Phrase, float]] = defaultdict(dict)
    for hit in hits:
        of_zone = best[hit.key, hit.zone]
        of_zone[hit.phrase] = max(of_zone.get(hit.phrase, 0.0), hit.points)
    points = {}
    for one in doctypes.types:
        title = max(best[one.key, "title"].values(), default=0.0)
        headings = min(MOST_HEADING_POINTS, sum(best[one.key, "heading"].values()))
        body = min(MOST_BODY_POINTS, sum(best[one.key, "body"].values()))
        against = min(MOST_AGAINST_POINTS, sum(best[one.key, "against"].values()))
        points[one.key] = title + headings + body - against
    return points


def _hits(pages: Sequence[Page], index: CueIndex) -> list[_Hit]:
    found: list[_Hit] = []
    for at, page in enumerate(pages):
        share = {"title": LATER_TITLE_SHARE} if at else {}
        rest = LATER_PAGE_SHARE if at else 1.0
        last = page is pages[-1]
        lines = list(_lines(page, index))
        in_lines = (hit for line in lines for hit in _line_hits(line, index))
        likely = _likely_titles(lines, index) if not at else ()
        for hit in chain(in_lines, _wrapped_titles(lines, index), likely):
            closes = last and hit.key == _CLOSES_LAST and hit.zone == "heading"
            points = hit.points * (1.0 if closes else share.get(hit.zone, rest))
            found.append(_Hit(hit.key, hit.zone, hit.phrase, points, hit.page, hit.box, hit.text))
    return found


def _lines(page: Page, index: CueIndex) -> Iterator[_Line]:
    ordinary = median(word.box.height for word in page.words) or 1
    labels = number_label_words(page)
    headings = 0
    for place, run in enumerate(runs(page)):
        read = tuple(pieces(run))
        if not read:
            continue
        height = median(piece.word.box.height for piece in read) / ordinary
        on_top = place < TITLE_RUNS and run.box.top < page.height * TITLE_PAGE_SHARE
        yield _Line(run, read, page.number, place, height, on_top, headings > 1, labels)
        headings += any(
            start == 0
            and (read[end - 1].colon or end == len(read))
            and index.zones(phrase) == {"heading"}
            for start, end, phrase in index.vocabulary.find(read)
        )


def _wrapped_titles(lines: Sequence[_Line], index: CueIndex) -> Iterator[_Hit]:
    """The titles near the top of a page that begin in one of its `lines` and end in the next."""
    upper = [line for line in lines if line.in_title_zone]
    for line in upper:
        following = next((other for other in upper if _goes_on(line, other)), None)
        if not following:
            continue
        read = line.pieces + following.pieces
        run = Run(line.run.line, line.run.tokens + following.run.tokens)
        both = replace(line, run=run, pieces=read)
        for start, end, phrase in index.vocabulary.find(read):
            if not start < len(line.pieces) < end:
                continue
            words = [piece.word for piece in read[start:end]]
            text = " ".join(dict.fromkeys(word.text for word in words))
            for cue in (cue for cue in index.cues[phrase] if cue.zone == "title"):
                points = _title_points(both, start, end)
                yield _Hit(cue.key, cue.zone, phrase, points, line.page, around(words), text)


def _likely_titles(lines: Sequence[_Line], index: CueIndex) -> Iterator[_Hit]:
    """What the lines set as titles are like that stand in no list."""
    for line in filter(_is_set_as_title, lines):
        words = tuple(piece.text for piece in line.pieces)
        key, likely = index.title_words.likeliest(words)
        points = LIKELY_TITLE_POINTS * (likely - LEAST_LIKELY) / (1 - LEAST_LIKELY)
        points *= min(1.3, max(0.8, line.height))
        if key and points > 0:
            yield _Hit(key, "title", words, points, line.page, line.run.box, line.run.text)


def _is_set_as_title(line: _Line) -> bool:
    """Whether a line is a title by its form: near the top, short, set apart, no field, no house."""
    words = {piece.text for piece in line.pieces}
    apart = line.height >= TALL_HEIGHTS or line.run.text.isupper() or _opens_in_capitals(line)
    plain = not any(piece.colon or piece.text.isdigit() for piece in line.pieces)
    named = _HOUSE_WORDS & words and line.pieces[-1].text not in _DOCUMENT_NOUNS
    short = len(line.pieces) <= TITLE_WORDS
    return line.in_title_zone and not line.after_heading and apart and plain and short and not named


def _opens_in_capitals(line: _Line) -> bool:
    """Whether a line of several words, each with a capital, is among the first of the page."""
    long = [token for token in line.run.tokens if len(token.key) >= CAPITAL_LETTERS]
    all_of_them = all(token.text[0].isupper() for token in long)
    return line.place < OPENING_RUNS and len(long) >= FEWEST_CAPITALS and all_of_them


def _goes_on(line: _Line, other: _Line) -> bool:
    """Whether a title goes on in `other`: right below, set alike, and not as prose is."""
    one, below = line.run.box, other.run.box
    if not 0 <= below.top - one.bottom <= one.height:
        return False
    lower, higher = sorted((line.height, other.height))
    under = min(abs(one.left - below.left), abs(_middle(one) - _middle(below))) <= one.height
    set_apart = lower >= TALL_HEIGHTS or (line.run.text + other.run.text).isupper()
    return under and set_apart and lower >= higher * ALIKE_HEIGHTS


def _middle(box: Box) -> int:
    return box.left + box.width // 2


def _line_hits(line: _Line, index: CueIndex) -> Iterator[_Hit]:
    spans = list(index.vocabulary.find(line.pieces))
    titles = [span for span in spans if "title" in index.zones(span[2])]
    for start, end, phrase in spans:
        inside = any(s <= start and end <= e and (s, e) != (start, end) for s, e, _ in titles)
        for cue in index.cues[phrase]:
            points = 0.0 if inside and cue.zone == "title" else _cue_points(cue, line, start, end)
            if points:
                words = [piece.word for piece in line.pieces[start:end]]
                text = " ".join(dict.fromkeys(word.text for word in words))
                yield _Hit(cue.key, cue.zone, phrase, points, line.page, around(words), text)


def _cue_points(cue: _Cue, line: _Line, start: int, end: int) -> float:
    if cue.zone == "title":
        return _title_points(line, start, end)
    heading = _is_heading(line, start, end)
    if cue.zone == "heading":
        return cue.weight * (1.0 if heading else 0.3)
    if cue.zone == "against":
        return cue.weight * (1.0 if heading else 0.6)
    return cue.weight


def _title_points(line: _Line, start: int, end: int) -> float:
    """How much a phrase in this line is worth as the title of the page."""
    signed = _is_signed(line.pieces, start, end)
    read = line.pieces[:end] if signed else line.pieces
    item = bool(start and _ITEM.fullmatch(line.run.tokens[0].text))
    if not line.in_title_zone or len(read) > TITLE_WORDS or item:
        return 0.0
    # `Med Rec 2104321` announces a number; `Med Rec` alone is a list of medications.
    if all(piece.word in line.labels for piece in read[start:end]):
        return 0.0
    size = end - start
    # No house is called a note or a report: words that end so are a title beside a house's name.
    left, right = _set_off(line.run, read, start, end)
    is_noun = read[end - 1].text in _DOCUMENT_NOUNS or read[start].text in _NOUNS_FIRST
    houseless = end == right and size > 1 and is_noun
    beside = (*read[left:start], *read[end:right]) if houseless else (*read[:start], *read[end:])
    others = [p.text for p in beside if p.text not in _FILLERS and not p.text.isdigit()]
    coverage = size / (size + len(others))
    if coverage < 0.4 or (coverage < 0.75 and not houseless and _HOUSE_WORDS & set(others)):
        return 0.0
    points = TITLE_POINTS * sqrt(coverage) * min(1.5, max(0.8, line.height))
    if any(piece.colon for piece in read[:start]):
        points *= 1.0 if read[start - 1].text in _TITLE_FIELDS else 0.25
    elif read[end - 1].colon and end < len(read):
        points *= 0.35
    elif read[end - 1].colon and not signed:
        points *= 0.6
    letters = sum(len(piece.text) for piece in read[start:end])
    points *= 0.7 if size == 1 and letters < 8 and line.height < 1.2 else 1.0
    points *= 0.55 if line.after_heading else 1.0
    return points * (1.0 if line.place < TITLE_RUNS / 2 else 0.8)


def _is_signed(read: Sequence[Piece], start: int, end: int) -> bool:
    """Whether nothing but who wrote it stands behind a title that opens its line.

    `Consults by Ann Lee, MD at 3/19/2025 11:42`, `Progress Notes: Ann Lee, MD`; not `Consult: Ann
    Lee, MD`, who is to be asked, nor a sentence.
    """
    behind = [piece.text for piece in read[end:]]
    if any(not piece.text.isdigit() for piece in read[:start]) or not CREDENTIALS & set(behind):
        return False
    if behind[0] == "BY":
        return behind[-1].isdigit() or behind[-1] in _HALF_DAYS | CREDENTIALS
    return read[end - 1].colon and read[end - 1].text in _DOCUMENT_NOUNS


def _set_off(run: Run, read: Sequence[Piece], start: int, end: int) -> tuple[int, int]:
    """The part of a line between dashes that holds a phrase: houses and exams stand beside it."""
    left = [at + 1 for at in range(start) if _is_before_dash(run, read[at])]
    right = [at + 1 for at in range(end - 1, len(read)) if _is_before_dash(run, read[at])]
    return max(left, default=0), min(right, default=len(read))


def _is_before_dash(run: Run, piece: Piece) -> bool:
    """Whether a dash stands behind `piece`: what follows is another thing, as the house's name."""
    behind = (after for one, after in pairwise(run.tokens) if one.word is piece.word)
    return any(set(after.text) <= _DASHES for after in behind)


def _is_heading(line: _Line, start: int, end: int) -> bool:
    """Whether the phrase opens a section: it starts the line or stands in capitals with a colon."""
    read = line.pieces
    if start == 0 and (read[end - 1].colon or len(read) <= HEADING_WORDS):
        return True
    capitals = all(piece.word.text.isupper() for piece in read[start:end])
    return read[end - 1].colon and (capitals or len(read) <= HEADING_WORDS)


def _phrases(one: DocType, *zones: str) -> list[Phrase]:
    return [phrase for phrase, zone, _ in _cues(one) if zone in zones]


def _cues(one: DocType) -> Iterator[tuple[Phrase, str, float]]:
    for zone, texts, weight in (
        ("title", one.title, 1.0),
        ("heading", one.headings, HEADING_POINTS),
        ("against", one.against, AGAINST_POINTS),
    ):
        yield from ((phrase, zone, weight) for phrase in dict.fromkeys(map(phrase_of, texts)))
    yield from ((phrase_of(text), "body", weight) for text, weight in one.body)
