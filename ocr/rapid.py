"""rapidocr, the second reader: slower than Tesseract, and better on poor forms and receipts.

Its models (PP-OCRv6 small) lie inside its wheel and are loaded by path, since by name rapidocr
would fetch what it does not find. It finds the lines; recognise.py reads them with its other
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
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import (
    EngineFailed,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
    UnreadablePage,
)
from chartkeeper.ocr.letters import alphabet_of
from chartkeeper.ocr.memory import give_back
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.recognise import Recogniser, pixels, placed, read_all, read_whole
from chartkeeper.ocr.stretches import Stretch

if TYPE_CHECKING:
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
MAX_LINES = 1_000


@dataclass(frozen=True, slots=True)
class _Models:
    finder: "RapidOCR"
    recogniser: Recogniser


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
                reads = iter([read_whole(models.recogniser, grey)])
            else:
                reads = read_all(models.recogniser, grey, _find_lines(models.finder, grey))
            words: list[Word] = []
            for number, (line, parts) in enumerate(reads):
                if time.monotonic() >= ends_at:
                    raise PageTookTooLong
                words += (placed(part, line, number, grey.size) for part in parts)
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
        import onnxruntime  # noqa: PLC0415 - an extra
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - an extra
        from rapidocr import RapidOCR  # noqa: PLC0415 - an extra; takes 60 MB
    except ImportError:
        raise MissingProgram("rapidocr", INSTALL) from None
    # For whoever did not call settings.quiet_engines, which also keeps it from making its files.
    onnxruntime.disable_telemetry_events()
    # Its own setting comes too late for what it says while loading.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    session = InferenceSession(
        str(paths[1]), sess_options=options, providers=["CPUExecutionProvider"]
    )
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    recogniser = Recogniser(session, alphabet_of(characters))
    return _Models(RapidOCR(params=_settings(paths[0])), recogniser)


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
    found = finder(pixels(smaller), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return ()
    scale = np.array([grey.width / size[0], grey.height / size[1]])
    boxes = (np.asarray(found.boxes) * scale).tolist()
    return tuple(_line(corners) for corners in boxes[:MAX_LINES])


def _line(corners: list[list[float]]) -> Stretch:
    a, b, c, d = ((x, y) for x, y in corners)
    return Stretch((a, b, c, d))
