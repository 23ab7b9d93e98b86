import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ocr.page import Box
from chartkeeper.ocr.textlayer import Layer, LayerWord, judge, page_words, parse_words

TEXT = (
    "The patient returns for a follow up visit and reports no pain since the operation; "
    "haemoglobin 13.2 and white cells 7.1 were within the normal range on 01/02/2024."
)


def layer(text=TEXT, *, turned=False, backwards=False):
    words = []
    for number, word in enumerate(text.split()):
        left, top = 50.0 + 60 * (number % 8), 50.0 + 20 * (number // 8)
        left = 600 - left if backwards else left
        wide, high = 6.0 * len(word), 12.0
        if turned:
            left, top, wide, high = top, left, high, wide
        words.append(LayerWord(word, left, top, left + wide, top + high))
    return tuple(words)


def test_english_is_usable():
    assert judge(layer(), 0) is Layer.TEXT
    assert judge(layer(), 0.2) is Layer.TEXT


def test_a_table_of_results_is_usable():
    rows = "WBC 7.1 K/uL 4.0-11.0 RBC 4.5 M/uL 3.9-5.2 HGB 13.2 g/dL Platelets 250 Glucose 98 mg "
    assert judge(layer(rows * 3), 0) is Layer.TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Page 1 of 5 Sample Clinic",
        "Th ptnt rtrns fr th fllw vst nd rprts n pn snc th prtn rst th hnd ths trn hs nrs sn " * 2,
        " ".join("\ue012\ue045\ue013" for _ in range(40)),
        TEXT.replace("e", "\N{REPLACEMENT CHARACTER}"),
        " ".join("7KLVLVDWHVWZLWKQR" for _ in range(40)),
        " ".join("wkhsdwlhqwzdvvhq" for _ in range(40)),
        " ".join(TEXT.replace(" ", "")),
        " ".join("!*&^%" for _ in range(40)),
    ],
)
def test_what_is_no_text_is_not_used(text):
    assert judge(layer(text), 0) is not Layer.TEXT


def test_a_scan_with_a_hidden_reading_is_read_again():
    assert judge(layer(), 0.95) is not Layer.TEXT


def test_text_that_lies_on_its_side_or_upside_down_is_read_from_the_picture():
    assert judge(layer(turned=True), 0) is not Layer.TEXT
    assert judge(layer(backwards=True), 0) is not Layer.TEXT


def test_words_become_pixels_and_lines():
    words = (
        LayerWord("Name:", 10, 10, 40, 20),
        LayerWord("DOE", 50, 11, 70, 21),
        LayerWord("next", 10, 30, 40, 40),
        LayerWord("outside", 900, 30, 940, 40),
        LayerWord("\x07", 50, 30, 60, 40),
    )
    found = page_words(words, 2.0, 400, 400)
    assert [(word.text, word.line) for word in found] == [("Name:", 0), ("DOE", 0), ("next", 1)]
    assert found[0].box == Box(20, 20, 60, 20)
    assert found[0].confidence == 1


def xhtml(text):
    return (
        f'<page width="612" height="792"><word xMin="1.0" yMin="2" xMax="3" yMax="4">{text}</word>'
    )


@pytest.mark.parametrize(
    ("written", "text"),
    [("Smith &amp; Sons", "Smith & Sons"), ("&lt;5", "<5"), ("caf&eacute;", "café")],
)
def test_entities_of_html_are_letters(written, text):
    assert parse_words(xhtml(written)) == (LayerWord(text, 1, 2, 3, 4),)


def test_a_bomb_of_entities_does_not_go_off():
    bomb = '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;">]>' + xhtml("&b;")
    assert parse_words(bomb) == (LayerWord("&b;", 1, 2, 3, 4),)


def test_a_flood_of_words_ends():
    assert len(parse_words(xhtml("word") * 30_000)) == 20_000


@given(st.text())
def test_noise_is_no_word(text):
    parse_words(text)
    parse_words(xhtml(text))
    judge(layer(text), 0)
