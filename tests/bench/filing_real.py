"""Files printed, aged and read with real OCR, by two processes."""

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from filing_files import File
from filing_misreads import bare_page, faxed_sheets
from filing_prints import printed
from filing_sheet import Sheet

from chartkeeper.filing.doubt import fields_in_doubt
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine, second_engine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.ocr.read import read_page

PROCESSES = 2
FILES_AT_ONCE = 4


def read_files(files: Iterable[File]) -> Iterator[tuple[File, list[Page]]]:
    """Each file with its pages as read; blank and separator sheets are not printed."""
    context = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        waiting = []
        for file in files:
            waiting.append((file, pool.submit(_read_file, file)))
            if len(waiting) > FILES_AT_ONCE:
                first, reading = waiting.pop(0)
                yield first, reading.result()
        for file, reading in waiting:
            yield file, reading.result()


def _read_file(file: File) -> list[Page]:
    return [
        _read(sheet, number, file)
        if side.kind is PageKind.CONTENT
        else bare_page(number, side.kind, side.bar)
        for number, (side, sheet) in enumerate(zip(file.sides, faxed_sheets(file), strict=True), 1)
    ]


def _read(sheet: Sheet, number: int, file: File) -> Page:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.tif"
        printed(sheet, file.kind, 1_000 * file.number + number, path)
        page = read_page(path, Format.TIFF, 1, Limits(), _manner())
    return replace(page, number=number)


@cache
def _manner() -> Manner:
    """As the readers of the service read, but for second looks at whole pages."""
    scratch = Path(tempfile.mkdtemp())
    engines = Engines(first_engine(FirstEngine.AUTO, scratch), second_engine())
    return Manner(engines, second_look=False, in_doubt=fields_in_doubt)
