from PIL import Image

from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.smaller import smaller_reader


def test_a_smaller_picture_is_read_and_boxes_are_those_of_the_whole_one():
    sizes = []

    def read(image):
        sizes.append(image.size)
        return (Word("Potassium", Box(30, 60, 90, 15), 0.9, 0),)

    page = Image.new("L", (2000, 1000), 255)
    (word,) = smaller_reader(read, 0.75)(page)
    assert sizes == [(1500, 750)]
    assert word == Word("Potassium", Box(40, 80, 120, 20), 0.9, 0)


def test_boxes_stay_on_the_page():
    corner = Word("x", Box(0, 0, 1, 1), 0.9, 0)
    page = Image.new("L", (7, 5), 255)
    (word,) = smaller_reader(lambda image: (_whole(corner, image.size),), 0.3)(page)
    assert word.box == Box(0, 0, 7, 5)


def test_at_full_size_nothing_lies_between():
    def read(_image):
        return ()

    assert smaller_reader(read, 1.0) is read


def _whole(word, size):
    return Word(word.text, Box(0, 0, *size), word.confidence, word.line)
