"""What on a page says whose it is, and what of it is not to be believed at one look."""

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.values import Clue
from chartkeeper.ocr.page import Box, Page

# Read more surely than this, one reading is enough. Set by judgement, well above what filing asks
# of a proof (LOWEST_PROOF_CONFIDENCE); a second reading costs 5 to 13 ms a field.
SURE = 0.9
# A page of more doubtful fields is past help by looking closer.
MAX_FIELDS = 12
# Of a page that carries its own text so many fields are held against what it shows.
MAX_TELLING_FIELDS = 40


def fields_in_doubt(page: Page) -> tuple[Box, ...]:
    """Where the patient's labelled numbers, birth dates and names stand that are to be read again.

    Boxes in pixels of the page, at most MAX_FIELDS.
    """
    if all(word.confidence >= SURE for word in page.words):
        return ()
    found = [clue for clue in read_clues([page.body]).labelled if _is_doubtful(clue)]
    return tuple(dict.fromkeys(clue.box for clue in found))[:MAX_FIELDS]


def fields_that_tell(page: Page) -> tuple[Box, ...]:
    """Where on a page stands what may say whose it is, however surely that was read.

    Numbers and dates without a label may, too, beneath a name or in a sentence (stickers.py,
    speakers.py). Boxes in pixels of the page, at most MAX_TELLING_FIELDS, those with labels first.
    """
    clues = read_clues([page.body])
    found = (*clues.labelled, *clues.numbers, *clues.dates)
    return tuple(dict.fromkeys(clue.box for clue in found))[:MAX_TELLING_FIELDS]


def _is_doubtful(clue: Clue) -> bool:
    return clue.confidence < SURE and not clue.doubted
