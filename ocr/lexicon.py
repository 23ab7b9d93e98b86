"""The words that Tesseract knows, from the English language data that is installed with it.

The file that Tesseract calls `.traineddata` is a table of offsets, then the parts (src/ccutil/
tessdatamanager.h of https://github.com/tesseract-ocr/tesseract). One part lists the letters, one is
a graph of them whose edges are 64-bit numbers: letter, three flags, the node that the edge leads
to, which is the place of that node's first edge (src/dict/dawg.h). It holds 338,000 words, names
of people and places among them, in 4 MB.
"""

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chartkeeper.ocr.resident import data_folder
from chartkeeper.ocr.tesseract import LANGUAGE

# The table's places of the words and the letters that Tesseract's present engine uses.
_WORDS_PART, _LETTERS_PART = 19, 21
_MAGIC = 42
_HEADER = struct.Struct("<hii")
_FLAG_BITS = 3
_LAST, _BACKWARD, _WORD_END = 1, 2, 4
MAX_FILE_BYTES = 100_000_000
MAX_PARTS = 100
# No node has more edges than there are letters.
MAX_EDGES_OF_NODE = 10_000


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words as a graph: its edges, the number of each letter, the bit at which the flags begin."""

    edges: NDArray[np.uint64]
    letters: dict[str, int]
    flag_start: int

    def __contains__(self, word: str) -> bool:
        node, ends = 0, False
        for place, letter in enumerate(word):
            # Node 0 is the root and, as a target, nowhere.
            edge = self._edge(node, letter) if node or not place else None
            if edge is None:
                return False
            node = edge >> (self.flag_start + _FLAG_BITS)
            ends = bool(edge >> self.flag_start & _WORD_END)
        return ends

    def knows(self, word: str) -> bool:
        """Whether `word` (letters only) is a word in any of the ways to write it large or small."""
        return any(
            written in self for written in (word, word.lower(), word.upper(), word.capitalize())
        )

    def _edge(self, node: int, letter: str) -> int | None:
        wanted = self.letters.get(letter)
        for place in range(node, min(node + MAX_EDGES_OF_NODE, len(self.edges))):
            edge = int(self.edges[place])
            flags = edge >> self.flag_start
            if flags & _BACKWARD:
                return None
            if edge & ((1 << self.flag_start) - 1) == wanted:
                return edge
            if flags & _LAST:
                return None
        return None


EMPTY = Lexicon(np.zeros(0, dtype=np.uint64), {}, 0)


@cache
def english() -> Lexicon:
    """Tesseract's English words; none where its data is not found or of another make."""
    folder = data_folder()
    if folder is None:
        return EMPTY
    try:
        return from_traineddata(_content(folder / f"{LANGUAGE}.traineddata"))
    except (OSError, ValueError):
        return EMPTY


def from_traineddata(content: bytes) -> Lexicon:
    """The words in a `.traineddata` file; raises ValueError where it is not as described above."""
    try:
        words, letters = _parts(content)
        magic, letter_count, edge_count = _HEADER.unpack_from(words)
        edges = np.frombuffer(words, "<u8", edge_count, _HEADER.size)
        names = letters.decode().splitlines()[1:]
    except (struct.error, IndexError, ValueError) as error:
        raise ValueError("the language data is cut short or of another make") from error
    if magic != _MAGIC or not edge_count > 0 < letter_count:
        raise ValueError("the language data is of another make")
    numbers = {name.split(" ", 1)[0]: number for number, name in enumerate(names) if name}
    return Lexicon(edges.copy(), numbers, letter_count.bit_length())


def _parts(content: bytes) -> tuple[bytes, bytes]:
    (count,) = struct.unpack_from("<i", content)
    if not _LETTERS_PART < count <= MAX_PARTS:
        raise ValueError("the language data is of another make")
    starts = struct.unpack_from(f"<{count}q", content, 4)
    return _part(content, starts, _WORDS_PART), _part(content, starts, _LETTERS_PART)


def _part(content: bytes, starts: tuple[int, ...], number: int) -> bytes:
    start = starts[number]
    if start < 0:
        raise ValueError("the language data has no list of words")
    end = min((later for later in starts[number + 1 :] if later >= 0), default=len(content))
    return content[start:end]


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)
