"""Pages laid out from text, the way a reader of scans would hand them over; for tests only."""

from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word

LETTER_WIDTH, WORD_HEIGHT, LINE_STEP = 14, 24, 40
WIDTH, HEIGHT, MARGIN = 1700, 2200, 100


def page(text, number=1, confidence=0.93, noise=None):
    """A page of `text`: one line a line; `# ` makes a line tall; several spaces are a gap.

    `noise(word)` gives each word as misread and the confidence it was read with.
    """
    words = []
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    step = min(LINE_STEP, (HEIGHT - 2 * MARGIN) // max(1, len(lines)))
    for row, line in enumerate(lines):
        tall = line.startswith("# ")
        scale = 1.6 if tall else 1.0
        body = line[2:] if tall else line
        at = 0
        for piece in body.split(" "):
            if piece:
                read, sure = noise(piece) if noise else (piece, confidence)
                left = int(MARGIN + at * LETTER_WIDTH * scale)
                box = Box(
                    left,
                    MARGIN + row * step,
                    max(4, int(len(piece) * LETTER_WIDTH * scale) - 3),
                    int(WORD_HEIGHT * scale),
                )
                if read:
                    words.append(Word(read, box, sure, row))
            at += len(piece) + 1
    kind = PageKind.CONTENT if words else PageKind.BLANK
    return Page(number, WIDTH, HEIGHT, 200, 0, kind, TextSource.OCR, tuple(words))


def pages(*texts, **options):
    return [page(text, number, **options) for number, text in enumerate(texts, 1)]


def separator(number):
    return Page(number, WIDTH, HEIGHT, 200, 0, PageKind.SEPARATOR, TextSource.NONE, ())


def blank(number):
    return Page(number, WIDTH, HEIGHT, 200, 0, PageKind.BLANK, TextSource.NONE, ())
