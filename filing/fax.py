"""Did all pages of a fax arrive? Told by the numbers that the sending machine printed on them.

A number is often misread on faxed paper, and a false alarm sends a clerk to the telephone. So two
pages must agree on how many there are, and a page number that contradicts the others is not heard.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chartkeeper.filing.dates import find_dates
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.records.model import DocumentStatus, Filing

MAX_NUMBERS_NAMED = 12
# Figures that a nought with a stroke or dot is read as.
_NOUGHTS = str.maketrans("689", "000")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Sheet `at` (from 0) of the scan says that it is `page` of `pages`."""

    at: int
    page: int
    pages: int

    @property
    def shift(self) -> int:
        """The same for all pages of a fax that arrived whole; grows with each missing page."""
        return self.page - self.at


@dataclass(frozen=True, slots=True)
class _Gap:
    """Pages `first` to `last` of a fax, of which only `arrived` may be among the sheets."""

    first: int
    last: int
    arrived: int


def missing_pages(pages: Sequence[Page]) -> str:
    """A sentence for a clerk on the fax pages that did not arrive; empty if none is missing.

    `pages` are all pages of a scan in order. Blank pages count as received, separators as not sent.
    """
    sheets = [page for page in pages if page.kind is not PageKind.SEPARATOR]
    faxes = _faxes(_heard(_claims(sheets), sheets))
    sentences, start = [], 0
    for number, fax in enumerate(faxes):
        next_at = faxes[number + 1][0].at if number + 1 < len(faxes) else len(sheets)
        # Sheets without a number between two faxes end the first as far as it needs them.
        end = min(next_at, fax[-1].at + 1 + fax[-1].pages - fax[-1].page)
        end = len(sheets) if next_at == len(sheets) else end
        gaps = _gaps(fax, start, end)
        if gaps:
            sentences.append(
                _sentence(fax[0].pages, gaps, len(faxes) > 1, sheets[fax[0].at].number)
            )
        start = end
    return " ".join(sentences)


def reported_short(expected: int | None, error: str, arrived: int) -> str:
    """Sentences for a clerk on a fax that its fax server says is not whole; empty if it is.

    `expected` is how many pages the server says it received, None where it says nothing; `error`
    what it says went wrong; `arrived` the pages of the file.
    """
    said = []
    if error:
        said.append(
            f"The fax server reports an error while receiving this fax ({error}); pages may be "
            "missing or cut off. Ask the sender to send it again."
        )
    if expected is not None and arrived < expected:
        said.append(
            f"The fax server reports {expected} pages, the file has {arrived}. "
            "Look for the others on the fax server, or ask the sender to send the fax again."
        )
    return " ".join(said)


def questioned(filing: Filing, missing: str) -> Filing:
    """The filing of a document of whose scan pages are `missing`: for a clerk, with that sentence.

    Without missing pages it is as it was.
    """
    if not missing:
        return filing
    reason = " ".join(filter(None, (missing, filing.reason)))
    return replace(filing, status=DocumentStatus.REVIEW, reason=reason)


def _claims(sheets: Sequence[Page]) -> list[_Claim]:
    headers = ((at, page.fax_header) for at, page in enumerate(sheets))
    claims = [
        _Claim(at, header.page, header.pages)
        for at, header in headers
        if header and header.page and header.pages and header.page <= header.pages
    ]
    misread = _misread_counts(claims, len(sheets))
    return [_meant(claim) if claim.pages in misread else claim for claim in claims]


def _misread_counts(claims: Sequence[_Claim], sheets: int) -> frozenset[int]:
    """The numbers of pages that no fax among the `sheets` has, unless with noughts in them.

    `62/63` on the second of three sheets is `02/03`: far likelier than a fax of sixty more pages.
    """
    counts = {claim.pages: [one for one in claims if one.pages == claim.pages] for claim in claims}
    return frozenset(
        count
        for count, same in counts.items()
        if all(_fits(_meant(claim), sheets) for claim in same)
        and not any(_fits(claim, sheets) for claim in same)
    )


def _meant(claim: _Claim) -> _Claim:
    return _Claim(claim.at, _with_noughts(claim.page), _with_noughts(claim.pages))


def _with_noughts(number: int) -> int:
    """`number` with noughts for the figures before its last that look like them."""
    figures = str(number)
    return int(figures[:-1].translate(_NOUGHTS) + figures[-1])


def _fits(claim: _Claim, sheets: int) -> bool:
    """Whether a fax with this page may have arrived whole among the `sheets`."""
    before = claim.at - (claim.page - 1)
    return 1 <= claim.page <= claim.pages and 0 <= before <= sheets - claim.pages


def _heard(claims: Sequence[_Claim], sheets: Sequence[Page]) -> list[_Claim]:
    """The claims that others bear out, or that nothing speaks against."""
    content = sum(page.kind is PageKind.CONTENT for page in sheets)
    if len(claims) == 1:
        return [one for one in claims if content == 1 and _is_well_read(sheets[one.at])]
    counts = Counter(claim.pages for claim in claims)
    shifts = Counter((claim.pages, claim.shift) for claim in claims)
    agreed = [claim for claim in claims if counts[claim.pages] > 1]
    rising = {
        count: all(a.page < b.page for a, b in pairwise(same))
        for count in counts
        if (same := [claim for claim in agreed if claim.pages == count])
    }
    return [
        claim for claim in agreed if rising[claim.pages] or shifts[claim.pages, claim.shift] > 1
    ]


def _is_well_read(sheet: Page) -> bool:
    """Whether the line with the number also says a day; `2026-97-29` is none."""
    return sheet.fax_header is not None and bool(find_dates(sheet.fax_header.sent))


def _faxes(claims: Sequence[_Claim]) -> list[list[_Claim]]:
    """The claims by fax; where two are mixed up, the one of fewer claims is dropped."""
    faxes: list[list[_Claim]] = []
    for claim in claims:
        same = next((fax for fax in reversed(faxes) if fax[0].pages == claim.pages), None)
        if same and claim.page > same[-1].page:
            same.append(claim)
        else:
            faxes.append([claim])
    faxes = [fax for fax in faxes if len(fax) > 1 or len(claims) == 1]
    return [fax for fax in faxes if not any(_outdoes(other, fax) for other in faxes)]


def _outdoes(other: Sequence[_Claim], fax: Sequence[_Claim]) -> bool:
    mixed = other is not fax and other[0].at < fax[-1].at and fax[0].at < other[-1].at
    return mixed and len(other) >= len(fax)


def _gaps(fax: Sequence[_Claim], start: int, end: int) -> list[_Gap]:
    """Where the sheets from `start` up to `end` are fewer than the pages that belong there."""
    pages = fax[0].pages
    ends = [(start - 1, 0), *((claim.at, claim.page) for claim in fax), (end, pages + 1)]
    between = pairwise(ends)
    gaps = [_Gap(page + 1, later - 1, then - at - 1) for (at, page), (then, later) in between]
    return [gap for gap in gaps if gap.last - gap.first + 1 > gap.arrived]


def _sentence(pages: int, gaps: Sequence[_Gap], several: bool, number: int) -> str:  # noqa: FBT001 - one of two wordings
    what = f"page {number} of the file belongs to" if several else "this is"
    missing = [page for gap in gaps for page in range(gap.first, gap.last + 1)]
    short = len(missing) - sum(gap.arrived for gap in gaps)
    if short < len(missing) or short > MAX_NUMBERS_NAMED:
        said = f"{short} of them did not arrive"
        again = "Ask the sender to send it again."
    else:
        said = f"{_listed(missing)} did not arrive"
        again = f"Ask the sender to send {'it' if short == 1 else 'them'} again."
    return f"By the fax header {what} a fax of {pages} pages; {said}. {again}"


def _listed(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    return f"pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
