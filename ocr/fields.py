"""A field of a page read twice: what the two readings say together.

Fields that decide whose a page is are looked at again where the first reading was unsure. Two
engines seldom make the same mistake (docs/figures.md), so where they agree the surer of the two
counts; an engine that agrees with itself proves nothing more. Where two readings differ both stay,
and it is for filing to ask.
"""

from dataclasses import replace

from chartkeeper.ocr.merge import letters
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.second_look import Field
from chartkeeper.ocr.written_dates import date_of

# How the record of a page says that some of its fields were read twice.
FIELDS_READ_AGAIN = "fields-read-again"
# A less sure reading of a field is a guess and says nothing.
MIN_FIELD_CONFIDENCE = 0.3


def compared(words: tuple[Word, ...], place: Box, field: Field) -> tuple[Word, ...]:
    """The words of a page after the field in `place` was read again as `field`."""
    inside = [number for number, word in enumerate(words) if place.holds_middle_of(word.box)]
    if not inside or field.confidence < MIN_FIELD_CONFIDENCE:
        return words
    there = tuple(words[number] for number in inside)
    changed = dict(zip(inside, _both(there, field), strict=True))
    return tuple(changed.get(number, word) for number, word in enumerate(words))


def _both(there: tuple[Word, ...], field: Field) -> tuple[Word, ...]:
    again = field.text.split()
    if len(there) == 1:
        again = ["".join(again)]
    if len(again) == len(there):
        pairs = zip(there, again, strict=True)
        return tuple(_word(word, text, field) for word, text in pairs)
    if _said("".join(word.text for word in there)) == _said(field.text):
        return tuple(_surer(word, field) for word in there)
    # What belongs to which word is not known; that they differ is.
    return (replace(there[0], other=field.text), *there[1:])


def _word(word: Word, text: str, field: Field) -> Word:
    if _said(word.text) == _said(text):
        return _surer(word, field)
    date = date_of(_said(word.text), _said(text))
    if date:
        return _surer(replace(word, text=date), field)
    return replace(word, other=text)


def _surer(word: Word, field: Field) -> Word:
    if not field.independent:
        return word
    return replace(word, confidence=max(word.confidence, field.confidence))


def _said(text: str) -> str:
    return letters((Word("".join(text.split()), Box(0, 0, 0, 0), 1.0, 0),))
