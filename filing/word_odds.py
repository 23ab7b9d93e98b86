"""What words that stand in no list together say: known phrases tell which words are of which type.

`Outpatient Rehab Initial Evaluation` is nobody's title, but its words stand in those of therapy
notes and hardly elsewhere. Naive Bayes over words and pairs of neighbours, each type alike likely
(Manning, Raghavan and Schuetze, Introduction to Information Retrieval, 2008, chapter 13).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import exp, log

from chartkeeper.filing.phrases import Phrase
from chartkeeper.filing.words import word_set

SMOOTHING, SMOOTHED_WORDS = 0.3, 20
DOUBT = 1.5  # neighbouring words are no independent witnesses
PAIR_WEIGHT = 0.5
FEWEST_WORDS, LEAST_KNOWN = 2, 0.6
STEM_LETTERS, PLURAL_LETTERS = 6, 4
_PARTICLES = word_set("THE A AN OF FOR AND TO AT IN ON BY WITH WITHOUT OR")
_LAST = "$"
Feature = tuple[str, ...]


@dataclass(frozen=True)
class WordOdds:
    """The odds that words are of a type, counted in the `phrases` of each type (capitals).

    `alone` if single words are asked for, and never a title.
    """

    phrases: Mapping[str, Collection[Phrase]]
    alone: bool = False

    @cached_property
    def _odds(self) -> dict[Feature, dict[str, float]]:
        """What each word, or pair of words, says for and against each type, as logarithms."""
        counts: dict[Feature, Counter[str]] = defaultdict(Counter)
        for key, phrases in self.phrases.items():
            for phrase in phrases:
                stems = _stems(phrase)
                for feature in {(stem,) for stem in stems} if self.alone else {*_features(stems)}:
                    counts[feature][key] += 1
        return {feature: self._odds_of(count) for feature, count in counts.items()}

    def _odds_of(self, count: Counter[str]) -> dict[str, float]:
        shares = {
            key: (count[key] + SMOOTHING) / (len(phrases) + SMOOTHING * SMOOTHED_WORDS)
            for key, phrases in self.phrases.items()
        }
        average = sum(shares.values()) / len(shares)
        return {key: log(share / average) for key, share in shares.items()}

    def likeliest(self, title: Sequence[str]) -> tuple[str, float]:
        """The type that the words of `title` (capitals) are of, and how likely; ("", 0) if unknown.

        At least FEWEST_WORDS of them, and LEAST_KNOWN of all, must stand in known phrases.
        """
        stems = _stems(title)
        known = [stem for stem in stems if (stem,) in self._odds]
        if len(known) < FEWEST_WORDS or len(known) < LEAST_KNOWN * len(stems):
            return "", 0.0
        points = dict.fromkeys(self.phrases, 0.0)
        for feature in _features(stems):
            weight = PAIR_WEIGHT if len(feature) > 1 else 1.0
            for key, odds in self._odds.get(feature, {}).items():
                points[key] += weight * odds / DOUBT
        best = max(points, key=lambda key: (points[key], key))
        return best, 1.0 / sum(exp(more - points[best]) for more in points.values())

    def of_word(self, word: str) -> Mapping[str, float]:
        """What one `word` (capitals) says for and against each type; nothing if it is unknown."""
        return self._odds.get((_stem(word),), {})


def _stems(title: Sequence[str]) -> list[str]:
    """The words that mean something, without their endings: `procedural` is of `procedure`."""
    return [_stem(word) for word in title if word not in _PARTICLES and not word.isdigit()]


def _stem(word: str) -> str:
    if len(word) > STEM_LETTERS:
        return word[:STEM_LETTERS]
    return word[:-1] if len(word) >= PLURAL_LETTERS and word.endswith("S") else word


def _features(stems: Sequence[str]) -> Iterator[Feature]:
    """Each word, each pair of neighbours, and which word ends the title."""
    yield from ((stem,) for stem in stems)
    yield from pairwise(stems)
    yield from ((_LAST, stem) for stem in stems[-1:])
