"""The tables of the ledger. The migrations make them; a test holds the two together."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept as UTC and handed out with its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: it would mean another moment elsewhere."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the ledger takes no time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


def _table(name: str, *parts: SchemaItem) -> Table:
    # Numbers are never used twice, so an old reference can never mean a new row.
    return Table(name, metadata, *parts, sqlite_autoincrement=True)


scans = _table(
    "scans",
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("format", String(8), nullable=False),
    Column("size", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("lane", String(16), nullable=False),
    # Within its lane, 1 is the most urgent and 9 the least.
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("reason", Text),
)

arrivals = _table(
    "arrivals",
    Column("id", Integer, primary_key=True),
    Column("inbox", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("claim", String(32), nullable=False, unique=True),
    Column("state", String(16), nullable=False, index=True),
    Column("lane", String(16), nullable=False),
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("scan_id", ForeignKey("scans.id"), index=True),
    Column("reason_code", String(40)),
    Column("reason", Text),
    Column("cleared", Boolean, nullable=False, index=True),
)

documents = _table(
    "documents",
    Column("id", Integer, primary_key=True),
    Column("scan_id", ForeignKey("scans.id"), nullable=False, index=True),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    # The current decisions, repeated here so that lists need no search through history.
    Column("type", String(40), index=True),
    Column("patient_id", ForeignKey("patients.id"), index=True),
    Column("service_date", Date, index=True),
    Column("version", Integer, nullable=False),
    # Set when a person changed which pages it has, until it was filed anew.
    Column("to_file", Boolean, nullable=False, index=True, server_default=false()),
    # The document that its pages were cut from, and the one that its pages were joined to; that one
    # keeps them, this row stays for the history.
    Column("split_from", ForeignKey("documents.id")),
    Column("joined_to", ForeignKey("documents.id")),
)

pages = _table(
    "pages",
    Column("id", Integer, primary_key=True),
    Column("scan_id", ForeignKey("scans.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("document_id", ForeignKey("documents.id"), index=True),
    Column("state", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("attempts", Integer, nullable=False),
    Column("reader", String(80)),
    Column("leased_until", UtcDateTime),
    Column("kind", String(16)),
    Column("source", String(16)),
    Column("width", Integer),
    Column("height", Integer),
    Column("dpi", Integer),
    Column("rotation", Integer),
    Column("confidence", Float),
    Column("preparation", Text),
    Column("reason", Text),
    Column("reading", Text),
    Column("barcodes", Text),
    Column("fax_header", Text),
    UniqueConstraint("scan_id", "number"),
    # The order of work: what is to be read next is the head of it.
    Index("ix_pages_next", "state", "lane", "priority", "scan_id", "number"),
)

page_words = Table(
    "page_words",
    metadata,
    Column("page_id", ForeignKey("pages.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("words", LargeBinary, nullable=False),
)

decisions = _table(
    "decisions",
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("field", String(16), nullable=False),
    Column("value", Text),
    Column("confidence", Float, nullable=False),
    Column("because", Text, nullable=False),
    Column("decided_by", String(80), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

evidence = _table(
    "evidence",
    Column("id", Integer, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), index=True),
    Column("candidate_id", ForeignKey("candidates.id"), index=True),
    Column("suggestion_id", ForeignKey("suggestions.id"), index=True),
    Column("page", Integer, nullable=False),
    Column("left", Integer),
    Column("top", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("text", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("weight", Float, nullable=False),
)

candidates = _table(
    "candidates",
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("patient_id", ForeignKey("patients.id"), nullable=False),
    Column("score", Float, nullable=False),
    Column("because", Text, nullable=False),
)

# Pages at which a document may be two. `answer` is what a person made of it: open, cut, kept.
suggestions = _table(
    "suggestions",
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("page", Integer, nullable=False),
    Column("points", Float, nullable=False),
    Column("because", Text, nullable=False),
    Column("answer", String(16), nullable=False),
)

patients = _table(
    "patients",
    Column("id", Integer, primary_key=True),
    Column("mrn", Text, nullable=False),
    Column("mrn_key", String(40), nullable=False, unique=True),
    Column("last", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("dob", Date, nullable=False, index=True),
    *(
        Column(name, Text, nullable=False)
        for name in (
            *("middle", "suffix", "sex", "aliases"),
            *("address", "city", "state", "zip", "phone", "ssn4"),
        )
    ),
    Column("former_mrns", Text, nullable=False, server_default=""),
    # Set when this number was merged into another patient's; the row stays for the history.
    # Not indexed: it is empty in nearly all rows, and an index on it leads queries astray.
    Column("merged_into", ForeignKey("patients.id")),
)

patient_numbers = _table(
    "patient_numbers",
    Column("id", Integer, primary_key=True),
    Column("patient_id", ForeignKey("patients.id"), nullable=False, index=True),
    Column("mrn_key", String(40), nullable=False, index=True),
)

patient_names = _table(
    "patient_names",
    Column("id", Integer, primary_key=True),
    Column("patient_id", ForeignKey("patients.id"), nullable=False, index=True),
    Column("surname_key", Text, nullable=False, index=True),
    Column("given_key", Text, nullable=False, index=True),
    # The patient's, repeated here so that one index answers for birth date and name together.
    Column("dob", Date),
    Index("ix_patient_names_whole", "surname_key", "given_key", "patient_id"),
    Index("ix_patient_names_born", "dob", "surname_key", "patient_id"),
)

users = _table(
    "users",
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# What a user looked for, so that no address in a browser ever holds the words of a search.
searches = Table(
    "searches",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("query", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What the index writer still has to do. A row is taken away only if it is the one that was done.
index_queue = _table(
    "index_queue",
    Column("seq", Integer, primary_key=True),
    Column("page_id", ForeignKey("pages.id"), nullable=False, unique=True),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("event", String(40), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("actor", String(80), nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("patient_id", Integer, index=True),
    Column("mrn", Text),
    Column("document_id", Integer, index=True),
    Column("page", Integer),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# Every attempt to learn the types from the decisions of people, and what came of it. The model in
# use is the newest that was promoted, unless it was retired. `through_decision` is the newest
# decision that the attempt knew of.
type_models = _table(
    "type_models",
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("through_decision", Integer, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("held_back", Integer, nullable=False),
    Column("right_before", Integer, nullable=False),
    Column("right_after", Integer, nullable=False),
    Column("wrong_before", Integer, nullable=False),
    Column("wrong_after", Integer, nullable=False),
    Column("promoted", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("weights", Text),
    Column("digest", String(64)),
    Column("retired_at", UtcDateTime),
)
