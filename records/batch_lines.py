"""What lines of imports are like, as conditions on their rows."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from chartkeeper.records.findings import UNOPENED, Finding
from chartkeeper.records.model import TO_BE_READ, ItemState, PageState, ScanState
from chartkeeper.records.schema import batch_items, pages, scans

# Another file under the name of one of these may be the one that the list describes.
WORTH_A_SECOND_LOOK = (Finding.PAGE_COUNT, Finding.CHECKSUM, Finding.REPLACEMENT_REFUSED)


def is_in(state: ItemState) -> ColumnElement[bool]:
    """The line is in this state."""
    return batch_items.c.state == state.value


def has(finding: Finding) -> ColumnElement[bool]:
    """This was found of the line."""
    return batch_items.c.findings.contains(f" {finding.value} ")


def is_duplicate() -> ColumnElement[bool]:
    """The content of its file was there already."""
    return or_(has(Finding.SAME_CONTENT), has(Finding.IN_VAULT))


def is_named_again() -> ColumnElement[bool]:
    """It is about the very file of an earlier line; not if another one lay there by then."""
    same = or_(~is_in(ItemState.TAKEN), has(Finding.SAME_CONTENT))
    return and_(has(Finding.NAMED_TWICE), same)


def is_unopened() -> ColumnElement[bool]:
    """It is a folder that was not looked into."""
    return or_(*(has(finding) for finding in sorted(UNOPENED)))


def is_not_wholly_read() -> ColumnElement[bool]:
    """It is a file of which pages could not be read, or are being read again."""
    filed = select(scans.c.id).where(scans.c.state == ScanState.FILED.value)
    again = pages.c.state.in_(TO_BE_READ)
    bad_page = exists().where(
        pages.c.scan_id == batch_items.c.scan_id,
        or_(
            pages.c.state == PageState.FAILED.value,
            and_(again, batch_items.c.scan_id.in_(filed)),
        ),
    )
    return and_(is_in(ItemState.TAKEN), bad_page.correlate(batch_items))


def is_worth_a_second_look() -> ColumnElement[bool]:
    """What lies there may be better by now than what was found in a finished run."""
    failed = exists().where(
        scans.c.id == batch_items.c.scan_id, scans.c.state == ScanState.FAILED.value
    )
    doubtful = or_(
        *(has(finding) for finding in WORTH_A_SECOND_LOOK),
        failed.correlate(batch_items),
        is_not_wholly_read(),
    )
    return or_(
        is_in(ItemState.REFUSED),
        is_in(ItemState.MISSING),
        and_(is_in(ItemState.TAKEN), doubtful),
    )
