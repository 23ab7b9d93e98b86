"""The one day of a paper that no known label announces: `Surgery day 3/4/2026`, `Done on ...`.

There are more ways to announce a day than any list holds. Where all other dates of a paper are
births or labelled as other days (received, printed, signed), the one that is left is its day.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

from rapidfuzz.distance import OSA

from chartkeeper.filing.dates import WrittenDate, find_dates
from chartkeeper.filing.layout import Run, Token, runs
from chartkeeper.filing.phrases import AS_LETTERS, FUZZY_LETTERS, LONG_WORD_LETTERS
from chartkeeper.filing.values import covering
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page

HEAD_SHARE = 0.45
MOST_LABEL_WORDS = 5
# Before a date any of these makes it another day than that of which the paper tells.
_OTHER_DAYS = word_set(
    "BIRTH BORN DOB BIRTHDATE RUN PRINT PRINTED PRINTING FAX FAXED RECEIVED RECEIPT RECD REPORT "
    "REPORTED DICTATED DICTATION DD DT TRANSCRIBED TRANSCRIPTION TYPED ADMISSION ADMIT ADMITTED "
    "ADM DISCHARGE DISCHARGED DISCH EXPIRATION EXPIRES EXP EXPIRE START STOP END DUE NEXT REVISED "
    "REVISION REV SIGNED SIGNATURE SIGN ESIGNED EFFECTIVE ORDER ORDERED ONSET INJURY ACCIDENT LOSS "
    "FILL FILLED FILED ENTERED ENTRY CREATED MODIFIED UPDATED RELEASE RELEASED VERIFIED VERIFY "
    "FINALIZED RESULT RESULTED PRIOR PRIORS PREVIOUS COMPARISON COMPARE COMPARED COMPARING SINCE "
    "LAST FIRST SCHEDULED APPOINTMENT APPT FOLLOWUP FOLLOW LMP EDD EDC VIS DELIVERY DEATH DIED "
    "TERMINATION MANUFACTURE LOT SCAN SCANNED REVIEWED REVIEW HIRE ISSUE ISSUED VALID THROUGH "
    "UNTIL SENT MAILED WITNESS NOTARY FROM TO READ INTERPRETED DIAGNOSED APPROVED AUTHENTICATED "
    "ADDENDUM AMENDED CORRECTED REQUEST REQUESTED REFERRED REFERRAL HISTORY HX PMH OLD EARLIER VS "
    "VERSUS COPY CC CONSENT CONSENTED UPLOADED ARCHIVED WRITTEN PREPARED COMPILED GENERATED "
    "D T ACCESSIONED ACCESSION LOGGED IMMUNIZED VACCINATED TRANSFERRED NOTIFIED CALLED"
)
_LONG = tuple(word for word in _OTHER_DAYS if len(word) >= FUZZY_LETTERS - 1)


@dataclass(frozen=True, slots=True)
class OnlyDay:
    """A date as written, the day it means, and where it stands."""

    day: date
    page: int
    tokens: tuple[Token, ...]


def only_day(
    pages: Sequence[Page], births: Collection[date | None], first: date | None, last: date
) -> OnlyDay | None:
    """The one day on `pages` between `first` and `last` that is no birth and no other day.

    It must stand near the top as a field does, not in prose. None where two days are left.
    """
    found = [
        (OnlyDay(day, page.number, _tokens(run, written)), _is_field(run, written, before, page))
        for page in pages
        for run, written, before in _without_other_days(page)
        if (day := written.resolve(last)) and day not in births and (not first or day >= first)
    ]
    days = {one.day for one, _ in found}
    return next((one for one, field in found if field), None) if len(days) == 1 else None


def _without_other_days(page: Page) -> Iterator[tuple[Run, WrittenDate, int]]:
    """The dates of `page` before which no word of another day stands in their line.

    With the number of words between each and the date before it in its run.
    """
    for _, line in groupby(runs(page), key=lambda run: run.line):
        said: set[str] = set()
        for run in line:
            at = 0
            for written in find_dates(run.text):
                said |= _words(run.text[at : written.start])
                if not any(map(_is_of_another_day, said)):
                    yield run, written, len(run.text[at : written.start].split())
                said, at = set(), written.end
            said |= _words(run.text[at:])


@lru_cache(maxsize=65_536)
def _is_of_another_day(word: str) -> bool:
    """Whether a word makes it another day, though a letter or two of it were misread."""
    if word in _OTHER_DAYS or len(word) < FUZZY_LETTERS:
        return word in _OTHER_DAYS
    allowed = 2 if len(word) >= LONG_WORD_LETTERS else 1
    return any(OSA.distance(word, other, score_cutoff=allowed) <= allowed for other in _LONG)


def _tokens(run: Run, written: WrittenDate) -> tuple[Token, ...]:
    return tuple(covering(run.tokens, written.start, written.end))


def _words(text: str) -> set[str]:
    return {
        word.translate(AS_LETTERS)
        for word in re.findall(r"[^\W_]+", text.upper())
        if not word.isdigit()
    }


def _is_field(run: Run, written: WrittenDate, words: int, page: Page) -> bool:
    """Whether a date stands in the head as the value of a field, and not within a sentence."""
    behind = run.text[written.end :].strip(" .,;|)")
    goes_on = behind[:1].islower()
    high = run.box.top <= page.height * HEAD_SHARE
    return high and words <= MOST_LABEL_WORDS and not goes_on
