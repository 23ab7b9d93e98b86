"""Words and runs as rules see them: pieces of a word that a reader took apart are one."""

from dataclasses import replace

import pytest
from filing_paper import page

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.layout import right_of, runs


def apart(text, *spaces):
    """A page of one line, its words apart by so many pixels."""
    read = page(text)
    words, left = [], read.words[0].box.left
    for word, space in zip(read.words, (*spaces, 0), strict=True):
        words.append(replace(word, box=replace(word.box, left=left)))
        left += word.box.width + space
    return replace(read, words=tuple(words))


@pytest.mark.parametrize(
    ("text", "spaces", "joined"),
    [
        ("JOHNS ON", [0], "JOHNSON"),
        ("20 26", [1], "2026"),
        ("JOHNS ON", [6], "JOHNS ON"),  # a narrow space
        ("JOHNS ON", [-8], "JOHNS ON"),  # boxes that overlap, as on turned pages
        ("MRN 12345", [0], "MRN 12345"),
        ("Sex: M", [0], "Sex: M"),
    ],
)
def test_words_that_touch_are_one(text, spaces, joined):
    assert [run.text for run in runs(apart(text, *spaces))] == [joined]


def test_a_name_taken_apart_is_read_whole():
    paper = apart("Patient: Garcia, DAV ID M", 12, 12, 0, 12)
    assert [clue.text for clue in read_clues([paper]).names] == ["Garcia, DAVID M"]
    second = replace(
        paper, words=(*paper.words[:3], replace(paper.words[3], other="IE"), paper.words[4])
    )
    clue = read_clues([second]).names[0]
    assert clue.doubted
    assert clue.other_name.parts == ("GARCIA", "DAVIE", "M")


def test_a_speck_before_a_value_does_not_hide_it_from_its_label():
    read = apart("DOB: _ 03/07/1961", 200, 4)
    speck = read.words[1]
    low = replace(speck.box, top=speck.box.bottom + 6, height=3)
    words = tuple(replace(word, box=low) if word is speck else word for word in read.words)
    (birth,) = read_clues([replace(read, words=words)]).birth_dates
    assert birth.text.endswith("03/07/1961")


def test_on_a_slanted_page_the_column_beside_is_that_of_the_line():
    read = page("BIOPSY DATE          RECEIVED\n06/02/2024           06/04/2024")
    slope = (page("x").width - 1) * 0.00009
    slanted = tuple(
        replace(word, box=replace(word.box, top=int(word.box.top - word.box.left * slope)))
        for word in read.words
    )
    label, *others = runs(replace(read, words=slanted))
    assert right_of(label, others).text == "RECEIVED"
