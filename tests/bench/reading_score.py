"""How much of a page was read: words without regard to order, letters where the order is defined.

Words are compared without case, with quotes and dashes of one shape, words parted at a line end put
together, punctuation at their edges off.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

SAME_SHAPE = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00ad": None,
        "\u2022": " ",
        "\u00b7": " ",
    }
)
PARTED_WORD = re.compile(r"(?<=[a-z])-[ \t]*\r?\n[ \t]*(?=[a-z])")
BETWEEN_WORDS = re.compile(r"[\s_]+|--+|\.{2,}")
EDGES = re.compile(r"^[^\w$#%&+]+|[^\w%+]+$")


@dataclass(frozen=True)
class Score:
    """Counts of one page or of many: words right, in the truth, read; and of letters.

    `edits` turn the letters read into those of the truth; both letter counts are of pages with a
    defined reading order only.
    """

    hits: int = 0
    truth_words: int = 0
    read_words: int = 0
    edits: int = 0
    letters: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.hits + other.hits,
            self.truth_words + other.truth_words,
            self.read_words + other.read_words,
            self.edits + other.edits,
            self.letters + other.letters,
        )

    @property
    def recall(self) -> float:
        """Words found of those there are, 0 to 1; 1 where there are none."""
        return self.hits / self.truth_words if self.truth_words else 1.0

    @property
    def precision(self) -> float:
        """Words right of those read, 0 to 1; 1 where none were read."""
        return self.hits / self.read_words if self.read_words else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.truth_words + self.read_words
        return 2 * self.hits / both if both else 1.0

    @property
    def letter_errors(self) -> float | None:
        """Edits a letter of the truth; None where no page has a defined reading order."""
        return self.edits / self.letters if self.letters else None


def words(text: str) -> list[str]:
    """The words of a text as they are compared; those without a letter or digit are none."""
    folded = unicodedata.normalize("NFKC", text).translate(SAME_SHAPE).lower()
    pieces = (EDGES.sub("", piece) for piece in BETWEEN_WORDS.split(PARTED_WORD.sub("", folded)))
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]


def score(truth: str, read: str, *, ordered: bool) -> Score:
    """Compare what was read of a page with its truth."""
    there, found = words(truth), words(read)
    hits = sum((Counter(there) & Counter(found)).values())
    if not ordered:
        return Score(hits, len(there), len(found))
    truth_line = " ".join(there)
    edits = Levenshtein.distance(truth_line, " ".join(found))
    return Score(hits, len(there), len(found), edits, len(truth_line))


def total(scores: Iterable[Score]) -> Score:
    """All pages as if they were one."""
    return sum(scores, Score())
