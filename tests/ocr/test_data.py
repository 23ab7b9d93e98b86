"""On real pages beside the checkout: nothing hangs or crashes, and the measured figures hold."""

import os
import re
from collections import Counter
from contextlib import suppress

import pytest
from manner import manner, quick_manner

from chartkeeper.ocr import enhance, raster
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import UnreadableFile, UnreadablePage
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.orient import read_upright, turned
from chartkeeper.ocr.picture import page_picture
from chartkeeper.ocr.raster import Raster
from chartkeeper.ocr.read import read_page

pytestmark = pytest.mark.data

# Of CPU: what it takes by the clock is other work's doing, too.
MOST_CPU_SECONDS = 60
# Copies of one dense page, and of pages that multipage.pdf holds too.
SAME_AGAIN = {"linn.pdf", "linn.png", "skew.pdf", "ccitt.pdf", "cardinal.pdf", "enormous.pdf"} | {
    "jbig2_baddevicen.pdf"
}
LIMITS = Limits()


def tokens(text):
    return Counter(re.findall(r"[a-z0-9]+", text.lower()))


def f1(truths, readings):
    hits = sum(sum((tokens(a) & tokens(b)).values()) for a, b in zip(truths, readings, strict=True))
    both = sum(sum(tokens(text).values()) for text in (*truths, *readings))
    return 2 * hits / both


def test_every_awkward_file_is_read_or_refused(data, scratch):
    most = 0.0
    for path in sorted((data / "pdf-samples" / "files").iterdir()):
        before = cpu_seconds()
        if path.name not in SAME_AGAIN:
            with suppress(UnreadableFile, UnreadablePage):
                read_all(path, scratch)
        most = max(most, cpu_seconds() - before)
    assert most < MOST_CPU_SECONDS


def cpu_seconds():
    """Of this process and the programs that it started and that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def read_all(path, scratch):
    facts = examine(path, LIMITS)
    for number in range(1, facts.page_count + 1):
        page = read_page(path, facts.format, number, LIMITS, manner(scratch))
        assert page_picture(path, facts.format, number, page.rotation, 400, LIMITS)


def test_a_dense_page_on_its_side_is_read_as_well_as_upright(data, scratch):
    samples = data / "pdf-samples"
    page = read_page(
        samples / "files" / "cardinal.pdf",
        Format.PDF,
        2,
        LIMITS,
        manner(scratch),
    )
    assert page.rotation == 270
    assert f1([(samples / "linn.truth.txt").read_text()], [page.text]) > 0.95


@pytest.mark.parametrize(("kind", "pages", "at_least"), [("funsd", 6, 0.76), ("oldbooks", 3, 0.90)])
def test_words_found_on_real_pages(data, scratch, kind, pages, at_least):
    paths = sorted((data / kind / "images").iterdir())[:pages]
    truths = [(data / kind / "truth" / f"{path.stem}.txt").read_text() for path in paths]
    formats = [examine(path, LIMITS).format for path in paths]
    readings = [
        read_page(path, format_, 1, LIMITS, quick_manner(scratch)).text
        for path, format_ in zip(paths, formats, strict=True)
    ]
    assert f1(truths, readings) >= at_least


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_real_forms_are_turned_upright(data, scratch, turn):
    engine = quick_manner(scratch).engines.first
    for path in sorted((data / "funsd" / "images").iterdir())[:60:30]:
        stored = raster.load(path, Format.PNG, 1, LIMITS).image
        page = enhance.prepare(Raster(turned(stored, turn), 0, 0))
        reading = read_upright(
            page.image, lambda image: engine.read(image, 300, Layout.AUTOMATIC, 60)
        )
        assert reading.rotation == 360 - turn
