"""The way of a page with engines that do as told.

All its readings share one time limit, and what was read in time is kept.
"""

import time
from dataclasses import dataclass, replace

import pytest
from PIL import Image, ImageDraw

from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.errors import PageTookTooLong
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import Box, PageKind, Word
from chartkeeper.ocr.read import read_page

SHORT = Limits(page_timeout_seconds=3.0)


@dataclass
class Found:
    """An engine that finds the lines of `page_of_lines`, the first ones unsurely.

    It is surer of them on a larger picture.
    """

    unsure: float
    takes_seconds: float = 0.0
    rest: float = 0.9
    height: int = 30
    name: str = "found"
    reads: int = 0

    def read(self, image, _dpi, _layout, _timeout_seconds):
        self.reads += 1
        time.sleep(self.takes_seconds)
        part = image.width / 1700
        return tuple(
            Word(
                "Garcia1234",
                Box(*(round(side * part) for side in (200, 200 + 60 * row, 150, self.height))),
                self.unsure if row < 6 else min(1.0, self.rest * part),
                row,
            )
            for row in range(20)
        )

    def release(self):
        pass


class Late:
    """A second reader that uses up the time."""

    name = "late"

    def read(self, _image, _dpi, _layout, timeout_seconds):
        time.sleep(timeout_seconds + 0.05)
        raise PageTookTooLong

    def release(self):
        pass


def page_of_lines(tmp_path, paper, ink):
    image = Image.new("L", (1700, 2200), paper)
    draw = ImageDraw.Draw(image)
    for top in range(200, 2000, 60):
        draw.text((200, top), "MRN 1234567 Garcia Maria some text here", fill=ink, font_size=30)
    image.save(tmp_path / "page.png", dpi=(200, 200))
    return tmp_path / "page.png"


def test_a_page_is_kept_when_the_second_look_leaves_no_time_for_its_fields(tmp_path):
    path = page_of_lines(tmp_path, 255, 0)
    manner = Manner(
        Engines(Found(unsure=0.5), Late()), in_doubt=lambda _page: (Box(200, 200, 150, 30),)
    )
    page = read_page(path, Format.PNG, 1, SHORT, manner)
    assert len(page.words) == 20
    assert page.reading[:2] == ("found", "late-failed")


@pytest.mark.parametrize("second_look", [True, False])
def test_faint_writing_has_no_more_time_than_any_other(tmp_path, second_look):
    path = page_of_lines(tmp_path, 250, 228)
    engine = Found(unsure=0.3, takes_seconds=2.2)
    page = read_page(path, Format.PNG, 1, SHORT, Manner(Engines(engine), second_look=second_look))
    assert page.kind is PageKind.CONTENT
    # The second reading may begin within the three seconds, a third one not.
    assert engine.reads <= 2


@pytest.mark.parametrize(("sure", "kind"), [(0.7, PageKind.BLANK), (0.9, PageKind.CONTENT)])
def test_pale_ink_is_writing_only_where_it_is_read_surely(tmp_path, sure, kind):
    path = page_of_lines(tmp_path, 250, 228)
    engines = Engines(Found(unsure=sure, rest=sure))
    page = read_page(path, Format.PNG, 1, Limits(), Manner(engines, second_look=False))
    assert page.kind is kind


def test_small_letters_are_not_enlarged_where_that_step_is_off(tmp_path):
    path = page_of_lines(tmp_path, 255, 0)
    plain = Manner(Engines(Found(unsure=0.9, height=10)), steps=frozenset(), second_look=False)
    assert read_page(path, Format.PNG, 1, Limits(), plain).preparation == ()
    allowed = replace(plain, steps=Manner(plain.engines).steps)
    assert "enlarged" in read_page(path, Format.PNG, 1, Limits(), allowed).preparation


@dataclass
class Faxed(Found):
    """An engine that finds the line of a fax machine over those lines, with such a page number."""

    place: str = ""

    def read(self, image, _dpi, _layout, _timeout_seconds):
        line = f"07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 {self.place}".split()
        header = tuple(
            Word(text, Box(100 + 180 * at, 40, 150, 30), self.rest, 99)
            for at, text in enumerate(line)
        )
        body = super().read(image, _dpi, _layout, _timeout_seconds)
        return header if image.height < 200 else (*body, *header)


@pytest.mark.parametrize(
    ("second", "pages"),
    [(None, None), ("P.2/4", 4), ("P.?/?", None)],
)
def test_the_number_in_a_fax_line_read_unsurely_is_asked_of_the_second_reader(
    tmp_path, second, pages
):
    path = page_of_lines(tmp_path, 255, 0)
    again = Faxed(unsure=0.8, rest=0.8, place=second, name="again") if second else None
    engines = Engines(Faxed(unsure=0.8, rest=0.8, place="P.i/a"), again)
    page = read_page(path, Format.PNG, 1, Limits(), Manner(engines, second_look=False))
    assert page.fax_header.pages == pages
