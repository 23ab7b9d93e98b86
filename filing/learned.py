"""What the decisions of clerks taught about types: words with weights, beside the cue words.

Training is in `training.py` and needs scikit-learn; reading with a model needs nothing but this.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite, sqrt
from sys import intern
from typing import Any

from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.layout import runs
from chartkeeper.filing.phrases import Piece, Vocabulary, pieces
from chartkeeper.ocr.page import Box, Page, around

FORMAT = 1
MOST_PAGES = 2
MOST_WORDS = 700
TOP_RUNS = 12
TOP_WORDS = 10
MOST_LEARNED_POINTS = 8.0  # a little less than a plain title is worth to the cue words
LEAST_TERMS = 40  # a page with fewer known terms cannot be as sure as a full one
LEAST_MARK_POINTS = 0.05
MOST_MODEL_BYTES = 16 * 1024 * 1024
TOP = "^"  # marks a term that stands in the title zone


class TypeModelUnusable(Exception):
    """A learned model cannot be used; types are decided by the cue words alone meanwhile."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The learned type model {problem}. Types are decided by the built-in words alone. "
            "Go back to the built-in words on the page Types; the next training makes a new model."
        )


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one run in capitals; `on_top` if they stand where titles do."""

    words: tuple[str, ...]
    on_top: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A learned term found on a page: where, as read, and its points for one type."""

    term: tuple[str, ...]
    page: int
    box: Box
    text: str
    points: float


@dataclass(frozen=True)
class TypeModel:
    """What was learned.

    `weights` gives for each known term the points that it adds to the score of each type; terms are
    words and pairs of neighbours in capitals, those of the title zone behind a `^`. `intercepts`
    holds the score that each learned type starts from, `scale` turns scores into points. `counts`
    says from how many decisions each type was learned. `words` are all words that were known in
    training, so that a word is taken for a misread one as it was there.
    """

    made_at: str
    counts: Mapping[str, int]
    words: tuple[str, ...]
    weights: Mapping[str, Mapping[str, float]]
    intercepts: Mapping[str, float]
    scale: float
    format: int = FORMAT

    @cached_property
    def spelling(self) -> Vocabulary:
        """The known words, ready for finding misread ones."""
        return Vocabulary((word,) for word in self.words)


Spots = Mapping[str, tuple[int, tuple[Piece, ...]]]


@dataclass(frozen=True)
class Lesson:
    """What a model says of a document: `points` by type, within MOST_LEARNED_POINTS of 0.

    `spots` are the known terms with the page and the pieces where each stands first.
    """

    model: TypeModel | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    spots: Spots = field(default_factory=dict)

    def marks(self, key: str) -> Iterator[Mark]:
        """The places that speak for the type `key`."""
        if self.model is None:
            return
        share = self.model.scale * share_of_term(len(self.spots))
        for term, (page, parts) in self.spots.items():
            points = share * self.model.weights[term].get(key, 0.0)
            if points >= LEAST_MARK_POINTS:
                words = [piece.word for piece in parts]
                text = " ".join(dict.fromkeys(word.text for word in words))
                yield Mark(tuple(term.lstrip(TOP).split()), page, around(words), text, points)


def lesson(model: TypeModel | None, pages: Sequence[Page]) -> Lesson:
    """What `model` says of the document that `pages` are; nothing without a model."""
    if model is None:
        return Lesson()
    spots: dict[str, tuple[int, tuple[Piece, ...]]] = {}
    for number, on_top, parts in pieces_of(pages):
        words = [model.spelling.spelled(piece.text) for piece in parts]
        for term, start, end in terms_of(words, on_top=on_top):
            if term in model.weights:
                spots.setdefault(term, (number, parts[start:end]))
    return Lesson(model, points_of(model, spots), spots)


def points_of(model: TypeModel, terms: Iterable[str]) -> dict[str, float]:
    """The points that `model` gives each type that it learned, for the known ones of `terms`."""
    known = [model.weights[term] for term in set(terms) if term in model.weights]
    share = share_of_term(len(known))
    scores = dict(model.intercepts)
    for weights in known:
        for key, weight in weights.items():
            scores[key] += weight * share
    most = MOST_LEARNED_POINTS
    return {key: max(-most, min(most, model.scale * score)) for key, score in scores.items()}


def share_of_term(known: int) -> float:
    """How much one of so many known terms counts, so that long pages do not shout down others."""
    return 1 / sqrt(max(known, LEAST_TERMS))


def pieces_of(pages: Sequence[Page]) -> Iterator[tuple[int, bool, tuple[Piece, ...]]]:
    """The runs that are learned from: number of the page, whether in the title zone, the pieces.

    Fax covers are left out where anything else is there.
    """
    body = body_pages(pages)
    left = MOST_WORDS
    for at, page in enumerate([page for page in pages if page.number in body][:MOST_PAGES]):
        for place, run in enumerate(runs(page)):
            parts = tuple(pieces(run))[: max(0, left)]
            left -= len(parts)
            if parts:
                on_top = at == 0 and place < TOP_RUNS and len(parts) <= TOP_WORDS
                yield page.number, on_top, parts


def lines_of(pages: Sequence[Page]) -> tuple[Line, ...]:
    """The same as `pieces_of` without places."""
    return tuple(
        Line(tuple(intern(piece.text) for piece in parts), on_top)
        for _, on_top, parts in pieces_of(pages)
    )


def terms_of(words: Sequence[str], *, on_top: bool) -> Iterator[tuple[str, int, int]]:
    """Each term of a run with the words that it spans, start to end."""
    for start, word in enumerate(words):
        singly = [(word, start + 1)]
        if start + 1 < len(words):
            singly.append((f"{word} {words[start + 1]}", start + 2))
        for term, end in singly:
            yield term, start, end
            if on_top:
                yield TOP + term, start, end


def dump(model: TypeModel) -> str:
    """The model as text: JSON with sorted keys."""
    return json.dumps(asdict(model), sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of a dumped model in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(text: str, expected_digest: str, types: Iterable[str]) -> TypeModel:
    """The model that `dump` wrote. Raises TypeModelUnusable.

    It must be whole (`expected_digest`), of this program's format, and know no other types than
    `types`. Nothing in it is ever run.
    """
    if len(text) > MOST_MODEL_BYTES or digest(text) != expected_digest:
        raise TypeModelUnusable("was changed or damaged since it was made")
    try:
        model = _model(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TypeModelUnusable("is not in a form that this program knows") from error
    if model.format != FORMAT:
        raise TypeModelUnusable("was made by another version of the program")
    if not set(model.intercepts) <= set(types):
        raise TypeModelUnusable("knows types of documents that this program does not")
    return model


def _model(fields: dict[str, Any]) -> TypeModel:
    intercepts = _numbers(fields["intercepts"])
    weights = {str(term): _numbers(row) for term, row in fields["weights"].items()}
    if any(not row.keys() <= intercepts.keys() for row in weights.values()):
        raise ValueError("a weight for a type that was not learned")
    (scale,) = _numbers({"scale": fields["scale"]}).values()
    return TypeModel(
        made_at=str(fields["made_at"]),
        counts={str(key): int(count) for key, count in fields["counts"].items()},
        words=tuple(map(str, fields["words"])),
        weights=weights,
        intercepts=intercepts,
        scale=scale,
        format=int(fields["format"]),
    )


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    found = {str(key): float(value) for key, value in row.items()}
    if not all(map(isfinite, found.values())):
        raise ValueError("not a number")
    return found
