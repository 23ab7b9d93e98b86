"""rapidocr, the second reader: slower than Tesseract, and better on poor forms and receipts.

Its models (PP-OCRv6 small) lie inside its wheel and are loaded by path, since by name rapidocr
would fetch what it does not find. It finds the lines; they are recognised here with its other
model, one by one and with an ear for spaces: padded to the width of others, as rapidocr does it,
the same words cost two thirds more, and many are run together with the next (docs/figures.md).
"""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import (
    EngineFailed,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
    UnreadablePage,
)
from chartkeeper.ocr.memory import give_back
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.stretches import (
    Point,
    Stretch,
    around,
    cells,
    signs_in,
    stacks,
    stands,
    ways,
)
from chartkeeper.ocr.tesseract import clipped

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from rapidocr import RapidOCR

INSTALL = 'pip install "chartkeeper[second-reader]"'
# Lines are looked for on a smaller picture and read from the one given: 90 to 120 dots an inch of a
# letter page find as much text as more do, and time and memory grow with the area.
MAX_FINDING_PIXELS = 1_000_000
MAX_FINDING_SIDE_PIXELS = 4_000
# Below this on the short side small letters are missed (rapidocr's own default).
MIN_FINDING_SIDE_PIXELS = 736
MAX_FINDING_ENLARGEMENT = 2.0
# Sides of the finding network's input are multiples of this.
_FINDING_STEP_PIXELS = 32
# Height of a line as the recognising network takes it.
LINE_HEIGHT_PIXELS = 48
# A line is found somewhat higher than its letters; without this part of it above and below they are
# read larger: 0.3 points of F1 on forms, measured with 0.04 to 0.15 (docs/figures.md).
TRIMMED_PART = 0.08
# So sure of a space, between two letters, is sure enough.
MIN_SPACE = 0.1
# A line longer than 80 times its height is no line; it would cost memory without bound.
MAX_LINE_ASPECT = 80
MAX_LINES = 1_000
# Pieces below each other are one standing text if it is so sure when read as one and has about as
# many letters as there is room for.
MIN_SURE_STACK = 0.9
MIN_LETTERS_A_SIGN, MAX_LETTERS_A_SIGN = 0.6, 1.5
# A place higher than wide that has fewer holds upright signs, as a column of a table does.
MAX_UPRIGHT = 0.7
# Shorter words on the average are single letters and figures set wide.
MIN_LETTERS_A_WORD = 2
_FOLLOWED_BY_SPACE = frozenset(",;")

# Signs of Latin-1, then dashes, quotes, the bullet, the ellipsis, the euro. Not the multiplication
# sign and the middle dot, which the network takes for x and for full stops and hyphens.
_MARKS = "\u00a3\u00a7\u00a9\u00ae\u00b0\u00b1\u00b5\u00bc\u00bd\u00be"
_MARKS += "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac"


@dataclass(frozen=True, slots=True)
class Part:
    """A word within its line: `start` and `end` run from 0 to 1 along it."""

    text: str
    confidence: float
    start: float
    end: float


# Where a text lies, the way it runs, and its words.
Read = tuple[Stretch, tuple[Part, ...]]


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that are read and their columns in what the network gives out.

    The first is the blank that stands between two characters, the last the space.
    """

    characters: tuple[str, ...]
    columns: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Models:
    finder: "RapidOCR"
    recogniser: "InferenceSession"
    alphabet: Alphabet


class RapidReader:
    """The second reader in memory; loads with the first picture."""

    def __init__(self) -> None:
        self._models: _Models | None = None

    @property
    def name(self) -> str:
        """How the ledger calls it."""
        return "rapidocr"

    def read(
        self,
        image: Image.Image,
        dpi: int,  # noqa: ARG002 - it looks at the letters
        layout: Layout,
        timeout_seconds: float,
    ) -> tuple[Word, ...]:
        """The words on `image`; see Engine. Each stretch of text that it finds is a line.

        With Layout.LINE the whole picture is taken for one line. The time limit is looked at after
        each line; what hangs within one is for whoever watches the process.
        """
        ends_at = time.monotonic() + timeout_seconds
        grey = image if image.mode == "L" else image.convert("L")
        with _failures():
            models = self._models = self._models or _loaded()
            if layout is Layout.LINE:
                reads = iter([_recognised(models, grey, _whole(grey), 0)])
            else:
                reads = _read_all(models, grey, _find_lines(models.finder, grey))
            words: list[Word] = []
            for number, (line, parts) in enumerate(reads):
                if time.monotonic() >= ends_at:
                    raise PageTookTooLong
                words += (_placed(part, line, number, grey.size) for part in parts)
            return tuple(words)

    def release(self) -> None:
        """Give back the models' memory."""
        self._models = None
        # Its objects refer to each other, and the C library keeps what is freed: measured, 240 of
        # 380 MB come back by this.
        gc.collect()
        give_back()


def is_installed() -> bool:
    """Whether rapidocr, onnxruntime and the models are here."""
    return find_spec("onnxruntime") is not None and _model_paths() is not None


def parts_of(sure: NDArray[np.float32], alphabet: Alphabet) -> tuple[Part, ...]:
    """The words of a line, from how sure (0 to 1) each step along it is of each character.

    `sure` has a row for each step and a column for each character of `alphabet`. The surest
    character of each step counts, repeats and blanks do not (connectionist temporal
    classification, Graves et al. 2006). A space is taken for one well before it is the surest, and
    between a comma and a letter even where there is none: the network is trained on Chinese too
    and grudges them.
    """
    surest = sure.argmax(axis=1)
    steps = len(surest)
    parts: list[Part] = []
    letters: list[tuple[int, str]] = []
    space = len(alphabet.characters) - 1
    before = 0
    for step, character in enumerate(surest.tolist()):
        if character == space or (character == 0 and sure[step, space] >= MIN_SPACE):
            parts += _part(letters, sure, surest, steps)
            letters = []
        elif character not in (0, before):
            letter = alphabet.characters[character]
            if letter.isalpha() and letters and letters[-1][1] in _FOLLOWED_BY_SPACE:
                parts += _part(letters, sure, surest, steps)
                letters = []
            letters.append((step, letter))
        before = character
    return (*parts, *_part(letters, sure, surest, steps))


def _part(
    letters: list[tuple[int, str]],
    sure: NDArray[np.float32],
    surest: NDArray[np.intp],
    steps: int,
) -> Iterator[Part]:
    text = normalize("NFKC", "".join(letter for _, letter in letters)).strip()
    if text:
        # A word is as sure as its least sure letter, as Tesseract counts too.
        least = min(float(sure[step, surest[step]]) for step, _ in letters)
        yield Part(text, min(1.0, least), letters[0][0] / steps, (letters[-1][0] + 1) / steps)


def alphabet_of(characters: list[str]) -> Alphabet:
    """The Latin characters of a network that gives out a blank, `characters` and a space."""
    latin = [(at, c) for at, c in enumerate(characters, 1) if len(c) == 1 and is_latin(c)]
    columns = [0, *(at for at, _ in latin), len(characters) + 1]
    return Alphabet(("", *(c for _, c in latin), " "), np.array(columns))


def is_latin(character: str) -> bool:
    """Whether text in English, or a name in it, may hold this: no Greek, no Chinese."""
    return (
        "!" <= character <= "~"
        or ("\u00c0" <= character <= "\u00ff" and character.isalpha())
        or character in _MARKS
    )


def finding_size(width: int, height: int) -> tuple[int, int]:
    """The size at which lines are looked for on a picture of `width` x `height` pixels."""
    scale = min(
        sqrt(MAX_FINDING_PIXELS / (width * height)),
        MAX_FINDING_SIDE_PIXELS / max(width, height),
        max(MIN_FINDING_SIDE_PIXELS / min(width, height), 1.0),
        MAX_FINDING_ENLARGEMENT,
    )
    step = _FINDING_STEP_PIXELS
    return (
        max(step, round(width * scale / step) * step),
        max(step, round(height * scale / step) * step),
    )


def _model_paths() -> tuple[Path, Path] | None:
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "models"
    finding, recognising = (sorted(folder.glob(f"*_{task}_*.onnx")) for task in ("det", "rec"))
    return (finding[-1], recognising[-1]) if finding and recognising else None


def _loaded() -> _Models:
    paths = _model_paths()
    if paths is None:
        raise MissingProgram("rapidocr", INSTALL)
    try:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - an extra
        from rapidocr import RapidOCR  # noqa: PLC0415 - an extra; takes 60 MB
    except ImportError:
        raise MissingProgram("rapidocr", INSTALL) from None
    # Its own setting comes too late for what it says while loading.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    recogniser = InferenceSession(
        str(paths[1]), sess_options=options, providers=["CPUExecutionProvider"]
    )
    characters = recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
    return _Models(RapidOCR(params=_settings(paths[0])), recogniser, alphabet_of(characters))


def _settings(finding_model: Path) -> dict[str, object]:
    return {
        "Global.log_level": "critical",
        "Global.use_cls": False,
        "Global.use_rec": False,
        "Global.use_preprocess_img": False,
        "Global.use_vertical_padding": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        "Det.model_path": str(finding_model),
        "Det.limit_type": "max",
        "Det.limit_side_len": MAX_FINDING_SIDE_PIXELS,
    }


@contextmanager
def _failures() -> Iterator[None]:
    """What rapidocr, onnxruntime and OpenCV raise turned into ours."""
    try:
        yield
    except (MissingProgram, UnreadablePage):
        raise
    except MemoryError:
        raise OutOfMemory from None
    except (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, ValueError):
        raise EngineFailed from None
    except _native_failures() as error:
        lacks_memory = "alloc" in str(error).lower()
        raise (OutOfMemory if lacks_memory else EngineFailed) from None


def _native_failures() -> tuple[type[Exception], ...]:
    """OpenCV's and onnxruntime's own failures, which have no class of Python's above them."""
    from cv2 import error  # noqa: PLC0415 - comes with the extra
    from onnxruntime.capi import onnxruntime_pybind11_state as onnx  # noqa: PLC0415 - an extra

    kinds = (kind for kind in vars(onnx).values() if isinstance(kind, type))
    return (error, *(kind for kind in kinds if issubclass(kind, Exception)))


def _find_lines(finder: "RapidOCR", grey: Image.Image) -> tuple[Stretch, ...]:
    size = finding_size(*grey.size)
    smaller = grey.resize(size, Image.Resampling.BILINEAR)
    found = finder(_pixels(smaller), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return ()
    scale = np.array([grey.width / size[0], grey.height / size[1]])
    boxes = (np.asarray(found.boxes) * scale).tolist()
    return tuple(_line(corners) for corners in boxes[:MAX_LINES])


def _line(corners: list[list[float]]) -> Stretch:
    a, b, c, d = ((x, y) for x, y in corners)
    return Stretch((a, b, c, d))


def _whole(grey: Image.Image) -> Stretch:
    width, height = grey.size
    return Stretch(((0, 0), (width, 0), (width, height), (0, height)))


def _read_all(models: _Models, grey: Image.Image, found: tuple[Stretch, ...]) -> Iterator[Read]:
    """Each stretch of text in turn; pieces that turn out to be one standing text as one."""
    beginnings = {min(stack): stack for stack in stacks(found)}
    done: set[int] = set()
    for number, line in enumerate(found):
        if number in done:
            continue
        stack = beginnings.get(number, ())
        if stack and (whole := _as_one(models, grey, [found[member] for member in stack])):
            done.update(stack)
            yield whole
        elif stands(line):
            yield from _standing(models, grey, line)
        else:
            yield _recognised(models, grey, line, TRIMMED_PART)


def _as_one(models: _Models, grey: Image.Image, pieces: list[Stretch]) -> Read | None:
    """Pieces below each other as one standing text; None if they turn out to be none."""
    way, parts = _surest(models, grey, around(pieces))
    fits = MIN_LETTERS_A_SIGN <= _letters(parts) / sum(map(signs_in, pieces)) <= MAX_LETTERS_A_SIGN
    if not fits or _sureness(parts) < MIN_SURE_STACK:
        return None
    return way, _closed_up(parts)


def _standing(models: _Models, grey: Image.Image, line: Stretch) -> Iterator[Read]:
    """What is higher than wide: a text on its side, or upright signs below each other."""
    way, parts = _surest(models, grey, line)
    letters = _letters(parts)
    if 1 < letters < MAX_UPRIGHT * signs_in(line):
        for cell in cells(line, letters):
            yield _recognised(models, grey, cell, 0)
    else:
        yield way, _closed_up(parts)


def _closed_up(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The words of a standing text; one word if it is a number or a name in letters set wide."""
    if not parts or _letters(parts) >= MIN_LETTERS_A_WORD * len(parts):
        return parts
    text, least = "".join(part.text for part in parts), min(part.confidence for part in parts)
    return (Part(text, least, parts[0].start, parts[-1].end),)


def _letters(parts: tuple[Part, ...]) -> int:
    return sum(len(part.text) for part in parts)


def _surest(models: _Models, grey: Image.Image, found: Stretch) -> Read:
    """A stretch read in each way in which its text may run, and the surest of these readings."""
    reads = (_recognised(models, grey, way, TRIMMED_PART) for way in ways(found))
    return max(reads, key=lambda read: _sureness(read[1]))


def _sureness(parts: tuple[Part, ...]) -> float:
    weighed = sum(part.confidence * len(part.text) for part in parts)
    return weighed / max(1, _letters(parts))


def _recognised(models: _Models, grey: Image.Image, line: Stretch, trimmed: float) -> Read:
    cut = _cut_out(grey, line, trimmed)
    values = _pixels(cut).astype(np.float32).transpose(2, 0, 1)[np.newaxis] / 127.5 - 1
    (given,) = models.recogniser.run(None, {models.recogniser.get_inputs()[0].name: values})
    return line, parts_of(given[0][:, models.alphabet.columns], models.alphabet)


def _cut_out(grey: Image.Image, line: Stretch, trimmed: float) -> Image.Image:
    """The line's part of the picture, upright and as high as the network takes it.

    `trimmed` is the part of its height that is left away above it, and below.
    """
    a, b, c, d = line.corners
    width, height = line.size
    height = max(1, round(height * (1 - 2 * trimmed)))
    a, d = _between(a, d, trimmed), _between(d, a, trimmed)
    b, c = _between(b, c, trimmed), _between(c, b, trimmed)
    aspect = min(MAX_LINE_ASPECT, width / height)
    size = max(1, ceil(LINE_HEIGHT_PIXELS * aspect)), LINE_HEIGHT_PIXELS
    corners = (*a, *d, *c, *b)
    cut = grey.transform((width, height), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    return cut.resize(size, Image.Resampling.BILINEAR)


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _placed(part: Part, line: Stretch, number: int, size: tuple[int, int]) -> Word:
    a, b, c, d = line.corners
    points = [
        _between(*side, share) for side in ((a, b), (d, c)) for share in (part.start, part.end)
    ]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    edges = round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))
    return Word(part.text, clipped(*edges, *size), part.confidence, number)


def _pixels(grey: Image.Image) -> NDArray[np.uint8]:
    return np.repeat(np.asarray(grey)[:, :, np.newaxis], 3, axis=2)
