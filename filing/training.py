"""From the decisions of clerks to a model of the words of each type, and whether it is better.

A linear model: logistic regression with an L2 penalty, classes balanced, over words and pairs of
neighbouring words. It is fitted beside the cue words, whose points are left as they are; how far
its own scores count in points is chosen on folds that were held back, so that few decisions make
a timid model. Only this module needs scikit-learn. docs/decisions/learned-types.md has the reasons.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chartkeeper.filing.classify import (
    LOWEST_CONFIDENCE,
    POINTS_PER_DOUBT,
    UNKNOWN_POINTS,
    best_of,
    cue_points,
)
from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.filing.learned import (
    MOST_LEARNED_POINTS,
    Line,
    TypeModel,
    lines_of,
    points_of,
    share_of_term,
    terms_of,
)
from chartkeeper.filing.phrases import Vocabulary, phrase_of
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Patient

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_PAPERS = 2_000
LEAST_PAPERS = 20
LEAST_PER_TYPE = 5  # a type with fewer decisions is not learned, and never raised
LEAST_PATIENTS = 3  # a word or pair is kept only from documents of so many different patients
LEAST_LETTERS = 2
MOST_WORDS_KNOWN = 4_000
MOST_TERMS = 4_000
HELD_BACK_SHARE = 0.2
LEAST_HELD_BACK, MOST_HELD_BACK = 10, 200
FOLDS = 5
PENALTIES = (1.0, 10.0, 100.0)  # inverse strength of the penalty, as scikit-learn's C
SCALES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)  # points for one unit of the score
LEAST_WEIGHT = 0.1  # lighter ones change no answer in a hundred, and are five in six
MOST_STEPS = 1_000
# A model is taken for better only if chance would seldom make it look so (one-sided sign test), and
# if of the answers gained not more are wrong than section 8 of the design allows: one in twenty.
CHANCE = 0.05
WRONG_PER_GAINED = 0.05
_REST = ""  # stands for all types with too few decisions

Floats = NDArray[np.float64]


class LearningNotInstalled(Exception):
    """scikit-learn is missing; types are decided by the built-in words, and nothing is learned."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is learned from the decisions of clerks: scikit-learn is not installed. "
            "Install it with: pip install 'chartkeeper[learning]'"
        )


class TooFewDecisions(Exception):
    """There is not enough to learn from yet."""

    def __init__(self) -> None:
        super().__init__(
            f"There is too little to learn from yet: it takes {LEAST_PAPERS} documents whose type "
            f"a person decided, {LEAST_PER_TYPE} of each of two types, of several patients. "
            "Go on deciding."
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """A document whose type a person decided, as it is learned from.

    `patient` is the number of the patient whom it was filed to, None for nobody; `private` are the
    words of that patient's names and address; `cues` the points of the cue words by type.
    """

    type: str
    patient: int | None
    private: frozenset[str]
    cues: Mapping[str, float]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many held-back documents were answered right and wrong; the others were left open."""

    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A model, and how it did on the `held_back` newest decisions against what was in use."""

    model: TypeModel
    held_back: int
    before: Tally
    after: Tally
    is_better: bool


def is_installed() -> bool:
    """Whether this machine can train."""
    return find_spec("sklearn") is not None


def paper(type_key: str, patient: Patient | None, pages: Sequence[Page], types: DocTypes) -> Paper:
    """A document as it is learned from; `type_key` is what a person decided."""
    return Paper(
        type=type_key,
        patient=patient.id if patient else None,
        private=private_words(patient) if patient else frozenset(),
        cues=cue_points(pages, types),
        lines=lines_of(pages),
    )


def private_words(patient: Patient) -> frozenset[str]:
    """The words of a patient's names and address, in capitals; no model may know them."""
    texts = [patient.last, patient.first, patient.middle, patient.suffix]
    texts += [text for alias in patient.aliases for text in (alias.last, alias.first)]
    texts += [patient.address, patient.city]
    whole = {word for text in texts for word in phrase_of(text)}
    # A double name may be read as one word.
    return frozenset(whole | {"".join(phrase_of(text)) for text in texts} - {""})


def attempt(papers: Sequence[Paper], in_use: TypeModel | None, made_at: str) -> Attempt:
    """Train on the older of `papers` (oldest first), and compare on the newest.

    The model that comes out is the one that was compared: the newest decisions stay unseen by it,
    and so by the comparison with its successor. Raises TooFewDecisions, LearningNotInstalled.
    """
    kept = [one for one in papers[-MOST_PAPERS:] if one.type in one.cues]
    if len(kept) < LEAST_PAPERS:
        raise TooFewDecisions
    held = min(MOST_HELD_BACK, max(LEAST_HELD_BACK, round(len(kept) * HELD_BACK_SHARE)))
    older, newest = kept[:-held], kept[-held:]
    model = train(older, made_at)
    before = [_verdict(one, in_use) for one in newest]
    after = [_verdict(one, model) for one in newest]
    better = is_better(before, after)
    return Attempt(model, len(newest), _tally(before), _tally(after), better)


def is_better(before: Sequence[bool | None], after: Sequence[bool | None]) -> bool:
    """Whether a model is better than what was in use, by their answers to the same documents.

    An answer is right, wrong or None for left open. Right answers gained must outweigh those lost
    by more than chance makes likely, and not more than one in twenty of them may come with a
    wrong one that was not there before.
    """
    gained = sum(new is True and old is not True for old, new in zip(before, after, strict=True))
    lost = sum(old is True and new is not True for old, new in zip(before, after, strict=True))
    more_wrong = _tally(after).wrong - _tally(before).wrong
    by_chance = _chance_of(gained, gained + lost)
    return by_chance <= CHANCE and more_wrong <= WRONG_PER_GAINED * (gained - lost)


def _chance_of(heads: int, throws: int) -> float:
    """The probability of `heads` or more in so many throws of a fair coin; 1 for no throws."""
    ways = sum(comb(throws, count) for count in range(heads, throws + 1))
    return float(ways / 2**throws)


def _verdict(one: Paper, model: TypeModel | None) -> bool | None:
    points = dict(one.cues)
    if model:
        for key, more in points_of(model, _terms(one, model.spelling)).items():
            points[key] += more
    best, confidence = best_of(points)
    answered = points[best] > 0 and confidence >= LOWEST_CONFIDENCE
    return best == one.type if answered else None


def _tally(verdicts: Sequence[bool | None]) -> Tally:
    return Tally(sum(one is True for one in verdicts), sum(one is False for one in verdicts))


def train(papers: Sequence[Paper], made_at: str) -> TypeModel:
    """A model of what `papers` teach, each of a type that the cue words know.

    Raises TooFewDecisions, LearningNotInstalled.
    """
    if not is_installed():
        raise LearningNotInstalled
    counts = Counter(one.type for one in papers)
    learned = sorted(key for key, count in counts.items() if count >= LEAST_PER_TYPE)
    if len(learned) < 2:
        raise TooFewDecisions
    words = _known_words(papers)
    spelling = Vocabulary((word,) for word in words)
    found = [frozenset(_terms(one, spelling)) for one in papers]
    terms = _known_terms(papers, found, frozenset(words))
    if not terms:
        raise TooFewDecisions
    matrix = _matrix(found, terms)
    material = _Material(papers, learned, matrix)
    penalty, scale = _chosen(material)
    scores = _fit(matrix, material.labels, learned, penalty)
    return TypeModel(
        made_at=made_at,
        counts={key: counts[key] for key in learned},
        words=tuple(words),
        weights=_weights(terms, learned, scores.weights),
        intercepts={
            key: round(float(at), 3) for key, at in zip(learned, scores.starts, strict=True)
        },
        scale=scale,
    )


class _Material:
    """The papers as numbers: a row a paper, a column a type of the cue table or a term."""

    def __init__(self, papers: Sequence[Paper], learned: list[str], matrix: "csr_matrix") -> None:
        self.learned, self.matrix = learned, matrix
        self.labels = [one.type if one.type in learned else _REST for one in papers]
        self.keys = sorted({key for one in papers for key in one.cues})
        self.cues = np.array([[one.cues[key] for key in self.keys] for one in papers])
        self.truth = np.array([self.keys.index(one.type) for one in papers])
        self.columns = [self.keys.index(key) for key in learned]
        self.folds = _folds(self.labels)


@dataclass(frozen=True, slots=True)
class _Scores:
    """Fitted weights (types by terms) and starting scores of the learned types."""

    weights: Floats
    starts: Floats

    def of(self, matrix: "csr_matrix") -> Floats:
        scores: Floats = np.asarray(matrix @ self.weights.T) + self.starts
        return scores


def _known_words(papers: Sequence[Paper]) -> list[str]:
    """The words that a model may know, the most widespread where there are too many.

    No word with a digit, none of a patient's own, and none that did not stand in documents of
    LEAST_PATIENTS patients: what is said of few people never gets in.
    """
    private = frozenset(word for one in papers for word in one.private)
    carriers = _carriers(papers, ((w for line in one.lines for w in line.words) for one in papers))
    fit = [
        word
        for word in carriers
        if len(word) >= LEAST_LETTERS and word.isalpha() and word not in private
    ]
    return sorted(sorted(fit, key=lambda word: (-carriers[word], word))[:MOST_WORDS_KNOWN])


def _known_terms(
    papers: Sequence[Paper], found: Sequence[frozenset[str]], words: Collection[str]
) -> list[str]:
    carriers = _carriers(papers, found)
    fit = [term for term in carriers if all(part in words for part in term.lstrip("^").split())]
    return sorted(sorted(fit, key=lambda term: (-carriers[term], term))[:MOST_TERMS])


def _carriers(papers: Sequence[Paper], found: Iterable[Iterable[str]]) -> dict[str, int]:
    """In how many patients' documents each stood, for those that stood in enough."""
    who: dict[str, set[int]] = defaultdict(set)
    for one, items in zip(papers, found, strict=True):
        if one.patient is not None:
            for item in items:
                who[item].add(one.patient)
    return {item: len(people) for item, people in who.items() if len(people) >= LEAST_PATIENTS}


def _terms(one: Paper, spelling: Vocabulary) -> Iterator[str]:
    for line in one.lines:
        words = [spelling.spelled(word) for word in line.words]
        yield from (term for term, _, _ in terms_of(words, on_top=line.on_top))


def _matrix(found: Sequence[frozenset[str]], terms: Sequence[str]) -> "csr_matrix":
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - comes with scikit-learn, an extra

    places = {term: at for at, term in enumerate(terms)}
    rows = [sorted(places[term] for term in one if term in places) for one in found]
    values = [share_of_term(len(row)) for row in rows for _ in row]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([at for row in rows for at in row], dtype=np.int64)
    return csr_matrix((values, columns, ends), shape=(len(rows), len(terms)))


def _folds(labels: Sequence[str]) -> list[int]:
    """The fold of each paper, 0 to FOLDS - 1: the papers of a type are dealt out in turn."""
    dealt: Counter[str] = Counter()
    folds = []
    for label in labels:
        folds.append(dealt[label] % FOLDS)
        dealt[label] += 1
    return folds


def _fit(
    matrix: "csr_matrix", labels: Sequence[str], learned: Sequence[str], penalty: float
) -> _Scores:
    """Weights for the `learned` types; papers of other types only teach what they are not."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an extra

    fitted = LogisticRegression(C=penalty, class_weight="balanced", max_iter=MOST_STEPS)
    fitted.fit(matrix, labels)
    weights, starts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        # Two classes are fitted as one, whose score is the difference of the two.
        weights, starts = np.vstack([-weights, weights]) / 2, np.array([-starts[0], starts[0]]) / 2
    rows = [list(fitted.classes_).index(key) for key in learned]
    return _Scores(weights[rows], starts[rows])


def _chosen(material: _Material) -> tuple[float, float]:
    """The penalty and the scale under which held-back folds were foretold best.

    Two numbers are all that is chosen, by the mean logarithm of the confidence that the true type
    got beside the cue words: that can be done with dozens of papers, where a curve for each type
    could not.
    """
    losses = {
        (penalty, scale): _loss(material, scores, scale)
        for penalty in PENALTIES
        for scores in [_scores_of_folds(material, penalty)]
        for scale in SCALES
    }
    return min(losses, key=lambda pair: (losses[pair], pair))


def _scores_of_folds(material: _Material, penalty: float) -> Floats:
    """The score of each paper for each learned type, by a model that did not see its fold."""
    scores = np.zeros((len(material.labels), len(material.learned)))
    folds = np.array(material.folds)
    for fold in range(FOLDS):
        seen, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        labels = [material.labels[at] for at in seen]
        fitted = _fit(material.matrix[seen], labels, material.learned, penalty)
        scores[held] = fitted.of(material.matrix[held])
    return scores


def _loss(material: _Material, scores: Floats, scale: float) -> float:
    points = material.cues.copy()
    most = MOST_LEARNED_POINTS
    points[:, material.columns] += np.clip(scale * scores, -most, most)
    unknown = np.full((len(points), 1), UNKNOWN_POINTS)
    odds = np.exp(np.hstack([points, unknown]) / POINTS_PER_DOUBT)
    sure = odds[np.arange(len(points)), material.truth] / odds.sum(axis=1)
    return float(-np.log(sure).mean())


def _weights(
    terms: Sequence[str], learned: Sequence[str], weights: Floats
) -> dict[str, dict[str, float]]:
    """The weights worth keeping, rounded."""
    rows = (
        (term, {key: round(float(w), 3) for key, w in zip(learned, row, strict=True)})
        for term, row in zip(terms, weights.T, strict=True)
    )
    return {
        term: {key: weight for key, weight in row.items() if abs(weight) >= LEAST_WEIGHT}
        for term, row in rows
    }
