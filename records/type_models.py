"""What types people decided, and the models that were learned from it."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from chartkeeper.ocr.page import Page, PageKind, TextSource
from chartkeeper.records.documents import ASIDE, AUTOMATIC
from chartkeeper.records.model import Field, PageState
from chartkeeper.records.pages import unpack_fax_header, unpack_words
from chartkeeper.records.schema import (
    decisions,
    documents,
    page_words,
    pages,
    type_models,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A document whose type a person decided last: the decision's number and what it says."""

    decision_id: int
    type: str
    scan_id: int
    first_page: int
    last_page: int
    patient_id: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of an attempt to learn.

    `through_decision` is the newest decision that it knew of, `corrections` from how many documents
    it learned or was measured on, `held_back` on how many of them it was measured. Right and wrong
    are answers to those, `before` of what was in use then, `after` of the new model. `reason` says
    in an administrator's words why it is in use or not.
    """

    through_decision: int
    corrections: int
    held_back: int = 0
    right_before: int = 0
    right_after: int = 0
    wrong_before: int = 0
    wrong_after: int = 0
    promoted: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeptTrial:
    """A trial as it stands in the ledger; `retired_at` is when its model was taken out of use."""

    id: int
    made_at: datetime
    trial: Trial
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as text, with the SHA-256 that the text must have, and the trial that it won."""

    id: int
    made_at: datetime
    trial: Trial
    weights: str
    digest: str

    @property
    def is_whole(self) -> bool:
        """Whether the text is as it was written down."""
        return hashlib.sha256(self.weights.encode()).hexdigest() == self.digest


def judged(connection: Connection, limit: int) -> list[Judged]:
    """The newest `limit` documents whose type a person decided, oldest decision first.

    Of several decisions on a document the latest counts; one that left the type open takes the
    document out, and so does joining it to another or setting it aside.
    """
    statement = (
        select(
            decisions.c.id.label("decision_id"),
            decisions.c.value.label("type"),
            documents.c.scan_id,
            documents.c.first_page,
            documents.c.last_page,
            documents.c.patient_id,
        )
        .join(documents, documents.c.id == decisions.c.document_id)
        .where(
            decisions.c.id.in_(_latest_by_people()),
            decisions.c.value.is_not(None),
            documents.c.joined_to.is_(None),
            ~ASIDE,
        )
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(statement).mappings()
    return [Judged(**row) for row in rows][::-1]


def newest_judgement(connection: Connection) -> int:
    """The number of the newest decision of a person on a type; 0 for none."""
    newest = select(func.max(decisions.c.id)).where(_by_people())
    return int(connection.execute(newest).scalar_one() or 0)


def news(connection: Connection) -> int:
    """How many decisions of people on types came after those that the last trial knew of."""
    known = select(func.coalesce(func.max(type_models.c.through_decision), 0)).scalar_subquery()
    statement = select(func.count()).where(_by_people(), decisions.c.id > known)
    return int(connection.execute(statement).scalar_one())


def first_pages(connection: Connection, document: Judged, limit: int) -> list[Page]:
    """The first `limit` pages of a document that have words, without what a fax machine added."""
    statement = (
        select(pages, page_words.c.words)
        .join(page_words, page_words.c.page_id == pages.c.id)
        .where(
            pages.c.scan_id == document.scan_id,
            pages.c.number.between(document.first_page, document.last_page),
            pages.c.state == PageState.READ.value,
            pages.c.kind == PageKind.CONTENT.value,
        )
        .order_by(pages.c.number)
        .limit(limit)
    )
    return [_page(row).body for row in connection.execute(statement).mappings()]


def keep(connection: Connection, trial: Trial, model: tuple[str, str] | None, now: datetime) -> int:
    """Write down what came of an attempt; `model` is its text and digest, kept if promoted."""
    weights, digest = model or (None, None)
    kept = weights if trial.promoted else None
    row = {**asdict(trial), "weights": kept, "digest": digest, "made_at": now}
    result = connection.execute(insert(type_models).values(**row))
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return int(result.inserted_primary_key[0])


def in_use(connection: Connection) -> StoredModel | None:
    """The model in use; None if there is none, or it was retired."""
    row = connection.execute(_newest_promoted(*type_models.c)).mappings().one_or_none()
    if row is None:
        return None
    return StoredModel(row["id"], row["made_at"], _trial(row), row["weights"], row["digest"])


def in_use_id(connection: Connection) -> int | None:
    """The number of the model in use, without reading the model."""
    return connection.execute(_newest_promoted(type_models.c.id)).scalar_one_or_none()


def retire(connection: Connection, now: datetime) -> int | None:
    """Take the model in use out of use; returns its number, None if none was in use.

    Earlier models do not come back: from now on the cue words decide alone, until a later model
    is promoted.
    """
    model_id = in_use_id(connection)
    connection.execute(
        update(type_models).where(type_models.c.id == model_id).values(retired_at=now)
    )
    return model_id


def trials(connection: Connection, limit: int) -> list[KeptTrial]:
    """The latest attempts, newest first."""
    statement = select(type_models).order_by(type_models.c.id.desc()).limit(limit)
    return [
        KeptTrial(row["id"], row["made_at"], _trial(row), row["retired_at"])
        for row in connection.execute(statement).mappings()
    ]


def _by_people() -> ColumnElement[bool]:
    # Written into the statement and not handed over beside it: only then is the small index used.
    automatic: BindParameter[str] = bindparam("automatic", AUTOMATIC, literal_execute=True)
    return and_(decisions.c.field == Field.TYPE.value, decisions.c.decided_by != automatic)


def _latest_by_people() -> Select[tuple[int]]:
    return select(func.max(decisions.c.id)).where(_by_people()).group_by(decisions.c.document_id)


def _newest_promoted(*columns: ColumnElement[Any]) -> Select[Any]:
    newest = select(func.max(type_models.c.id)).where(type_models.c.promoted)
    return select(*columns).where(
        type_models.c.id == newest.scalar_subquery(), type_models.c.retired_at.is_(None)
    )


def _trial(row: RowMapping) -> Trial:
    return Trial(**{name: row[name] for name in Trial.__dataclass_fields__})


def _page(row: RowMapping) -> Page:
    fields = ("number", "width", "height", "dpi", "rotation")
    return Page(
        **{name: row[name] for name in fields},
        kind=PageKind(row["kind"]),
        source=TextSource(row["source"]),
        words=unpack_words(row["words"]),
        fax_header=unpack_fax_header(row["fax_header"]),
    )
