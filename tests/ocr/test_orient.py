import pytest

from chartkeeper.ocr import tesseract
from chartkeeper.ocr.orient import (
    is_clearly_better,
    is_poor,
    read_upright,
    reads_as_well,
    stands_on_end,
    turned,
)
from chartkeeper.ocr.page import Box, Word


def words(text, confidence, *, standing=False):
    wide, high = (10, 40) if standing else (40, 10)
    return tuple(Word(word, Box(0, 0, wide, high), confidence, 0) for word in text.split())


@pytest.mark.parametrize(("turn", "readings"), [(0, 1), (90, 2), (180, 2), (270, 2)])
def test_an_upright_page_is_read_once_others_twice(draw_page, scratch, turn, readings):
    read = []

    def reader(image):
        read.append(image.size)
        return tesseract.read_words(image, 150, scratch, 60)

    found = read_upright(turned(draw_page(dpi=150), turn), reader)
    assert (found.rotation, len(read)) == ((360 - turn) % 360, readings)
    assert (found.width, found.height) == (1275, 1650)


def test_only_a_clear_gain_turns_a_page():
    first = words("illegible scribbled line", 0.42)
    assert is_poor(first)
    assert not is_clearly_better(words("illegible scribbled line", 0.52), first)
    assert not is_clearly_better(words("illegible scribbled line", 0.48), words("x", 0.1))
    assert not is_clearly_better(words("few", 0.99), first)
    assert is_clearly_better(words("legible printed line", 0.9), first)


def test_faded_print_is_turned_where_it_reads_by_far_better():
    turned_over, upright = words("illegible scribbled line", 0.18), words("faded till roll", 0.48)
    assert is_clearly_better(upright, turned_over)
    assert not is_clearly_better(turned_over, upright)
    assert not is_clearly_better(words("scribbled line again", 0.38), words("x scribble more", 0.1))


def test_words_that_lay_on_their_side_may_read_a_little_worse_upright():
    standing = words("faded till roll", 0.53, standing=True)
    assert reads_as_well(words("faded till roll", 0.48), standing)
    assert not reads_as_well(words("faded till roll", 0.42), standing)
    assert not reads_as_well(words("faded", 0.48), standing)
    assert reads_as_well(words("faded till roll", 0.5), words("a clear till roll", 0.9))


def test_words_on_end_are_counted_by_their_letters():
    assert stands_on_end(words("several words standing", 0.9, standing=True))
    assert not stands_on_end(words("several words lying", 0.9))
    assert not stands_on_end(
        words("margin", 0.9, standing=True) + words("several words lying here", 0.9)
    )
    assert not stands_on_end(words("I l 1", 0.9, standing=True))
