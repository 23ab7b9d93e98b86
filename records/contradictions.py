"""Documents that are not what was last decided of them: changed behind the program's back.

What is in force of a document stands in its row, so that lists need no search through history; the
history says how it came about. Each way of changing the one writes the other.
"""

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    String,
    Table,
    and_,
    cast,
    or_,
    select,
)

from chartkeeper.records.documents import ASIDE, AUTOMATIC
from chartkeeper.records.model import DocumentStatus, Field
from chartkeeper.records.schema import decisions, documents, patients, restrictions

MAX_NAMED = 20
FILED = documents.c.status == DocumentStatus.FILED.value


def document_problems(connection: Connection) -> list[str]:
    """Documents whose patient, type, date, status or mark is not what was decided last, by number.

    And charts that are not marked as they were last.
    """
    ways = {
        "another patient": _differs(Field.PATIENT, documents.c.patient_id),
        "another type": _differs(Field.TYPE, documents.c.type),
        "another service date": _differs(Field.DATE, documents.c.service_date),
        "another status": or_(_stands_wrong(), _aside_wrong()),
        "another restriction": _marked_wrong(documents, restrictions.c.document_id),
    }
    found = {what: _numbers(connection, wrong) for what, wrong in ways.items()}
    said = [_said(what, "document", numbers) for what, numbers in found.items() if numbers]
    charts = select(patients.c.id).where(_marked_wrong(patients, restrictions.c.patient_id))
    wrong = list(connection.execute(charts.limit(MAX_NAMED + 1)).scalars())
    return [
        *said,
        *([_said("another restriction", "the chart of patient", wrong)] if wrong else []),
    ]


def _said(what: str, whose: str, numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:MAX_NAMED]))
    more = " and more" if len(numbers) > MAX_NAMED else ""
    return f"decisions: {what} than was decided last has {whose} {named}{more}"


def _numbers(connection: Connection, wrong: ColumnElement[bool]) -> list[int]:
    own = documents.c.joined_to.is_(None)
    statement = select(documents.c.id).where(own, wrong).order_by(documents.c.id)
    return list(connection.execute(statement.limit(MAX_NAMED + 1)).scalars())


def _differs(field: Field, column: ColumnElement[object]) -> ColumnElement[bool]:
    # Until it is filed anew, a document that a person cut or joined may lack what was decided.
    open_yet = and_(documents.c.to_file.is_(True), column.is_(None))
    return and_(cast(column, String).is_distinct_from(_newest(field, "value")), ~open_yet)


def _stands_wrong() -> ColumnElement[bool]:
    """Filed without type, patient or with an open question; or in review without one."""
    explained = (documents.c.reason == "") == FILED
    known = and_(documents.c.type.is_not(None), documents.c.patient_id.is_not(None))
    return or_(
        ~explained, and_(FILED, ~known), and_(~FILED, documents.c.to_file.is_(False), _by_hand())
    )


def _aside_wrong() -> ColumnElement[bool]:
    """Set aside without a word of a person, or in its place again without one."""
    return _newest(Field.ASIDE, "value").is_not(None) != ASIDE


def _marked_wrong(of: Table, column: Column[int]) -> ColumnElement[bool]:
    """Marked otherwise than the history of marks says."""
    mine = select(restrictions.c.reason).where(column == of.c.id)
    newest = mine.order_by(restrictions.c.id.desc()).limit(1).scalar_subquery()
    return of.c.restricted.is_distinct_from(newest)


def _by_hand() -> ColumnElement[bool]:
    """Whether a person said of what type the document is, and whose: then it is filed."""
    said = [
        and_(_newest(field, "value").is_not(None), _newest(field, "decided_by") != AUTOMATIC)
        for field in (Field.TYPE, Field.PATIENT)
    ]
    return and_(*said)


def _newest(field: Field, column: str) -> ScalarSelect[object]:
    """What the newest decision on a field of a document says."""
    mine = (decisions.c.document_id == documents.c.id, decisions.c.field == field.value)
    newest = select(decisions.c[column]).where(*mine).order_by(decisions.c.id.desc()).limit(1)
    return newest.scalar_subquery()
