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
    text,
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
    # Pages that are neither read nor given up yet; a stored scan with none of them can be filed.
    Column("unread", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    # Within its lane, 1 is the most urgent and 9 the least.
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("reason", Text),
    # What is to be filed next is the head of it.
    Index("ix_scans_next", "state", "unread", "lane", "priority"),
)

arrivals = _table(
    "arrivals",
    Column("id", Integer, primary_key=True),
    Column("inbox", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("claim", String(32), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("scan_id", ForeignKey("scans.id"), index=True),
    Column("reason_code", String(40)),
    Column("reason", Text),
    Column("cleared", Boolean, nullable=False, index=True),
    # What the profile of its inbox said when it arrived; a profile may change, this does not.
    Column("department", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("duplex", Boolean, nullable=False, server_default=false()),
    Column("blank_separates", Boolean),
    # What the fax server said of it.
    Column("sender", Text, nullable=False, server_default=""),
    Column("pages_expected", Integer),
    Column("delivery_error", Text, nullable=False, server_default=""),
    Column("delivery_note", Text, nullable=False, server_default=""),
    Index("ix_arrivals_state", "state", "lane"),
)

# How each inbox stood when the watcher last looked. `late` is a list of what has lain in it for
# long, at most a screenful, as JSON.
inboxes = Table(
    "inboxes",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("department", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", UtcDateTime),
    Column("waiting", Integer, nullable=False),
    Column("late_count", Integer, nullable=False),
    Column("late", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

documents = _table(
    "documents",
    Column("id", Integer, primary_key=True),
    Column("scan_id", ForeignKey("scans.id"), nullable=False, index=True),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    # Since when it waits for a clerk, or did the last time; none of what never waited.
    Column("waiting_since", UtcDateTime),
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
    # Why a person marked it as kept from casual view; the history is in `restrictions`.
    Column("restricted", String(16)),
    Index(
        "ix_documents_restricted",
        "restricted",
        sqlite_where=text("restricted IS NOT NULL"),
        postgresql_where=text("restricted IS NOT NULL"),
    ),
    # The review queue, longest waiting first, and the counts, without those that were joined to
    # others.
    Index("ix_documents_queue", "status", "joined_to", "waiting_since"),
)

# Who has the form of a document open: a hint to others, which runs out, and never a lock.
openings = Table(
    "openings",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("user_name", String(80), nullable=False, index=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
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
    # How often a worker died while it was being read.
    Column("interruptions", Integer, nullable=False, server_default="0"),
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
    # People decide little beside the program; what they decided is found without the rest.
    Index(
        "ix_decisions_by_people",
        "field",
        sqlite_where=text("decided_by <> 'chartkeeper'"),
        postgresql_where=text("decided_by <> 'chartkeeper'"),
    ),
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
    Column("patient_id", ForeignKey("patients.id"), nullable=False, index=True),
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
    # Why a person marked the whole chart as kept from casual view.
    Column("restricted", String(16)),
    Index(
        "ix_patients_restricted",
        "restricted",
        sqlite_where=text("restricted IS NOT NULL"),
        postgresql_where=text("restricted IS NOT NULL"),
    ),
)

# Every mark on a document or a chart, and every taking off of one (`reason` is empty then). Only
# ever added to; what holds now is repeated in the tables of documents and patients.
restrictions = _table(
    "restrictions",
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), index=True),
    Column("patient_id", ForeignKey("patients.id"), index=True),
    Column("reason", String(16)),
    Column("decided_by", String(80), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
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
    # Whether it opens what is kept from casual view.
    Column("restricted", Boolean, nullable=False, server_default=false()),
)

# Emergency access to a chart: asked for by whom, why and for how long, and who looked at it since.
emergencies = _table(
    "emergencies",
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("user_name", String(80), nullable=False),
    Column("patient_id", ForeignKey("patients.id"), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("reviewed_by", String(80)),
    Column("reviewed_at", UtcDateTime),
    Column("review_note", Text),
    Index("ix_emergencies_live", "user_id", "until"),
    Index("ix_emergencies_open", "reviewed_by", "id"),
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
    # Which requests go first; a page may be asked for in another lane than it was read in.
    Column("lane", String(16), nullable=False, server_default="daily"),
    Index("ix_index_queue_next", "lane", "seq"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("address", Text, nullable=False),
    Column("patient_id", Integer, index=True),
    Column("mrn", Text),
    Column("document_id", Integer, index=True),
    Column("page", Integer),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    # Reports go by time, newest first, of everybody or of one; what is rare needs no time.
    Index("ix_access_log_event", "event", "at"),
    Index("ix_access_log_actor", "actor", "at"),
)

# When each original was last read again from the disk, and what was wrong with it then.
fixity = Table(
    "fixity",
    metadata,
    Column("scan_id", ForeignKey("scans.id"), primary_key=True),
    Column("checked_at", UtcDateTime, nullable=False),
    Column("problem", String(16)),
    Index("ix_fixity_next", "checked_at", "scan_id"),
)

# Without an end a run was cut off. `findings` counts all, also those beyond what is kept of them.
verify_runs = _table(
    "verify_runs",
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("originals", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
)

verify_findings = _table(
    "verify_findings",
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("verify_runs.id"), nullable=False, index=True),
    Column("place", String(16), nullable=False),
    Column("what", Text, nullable=False),
    Column("remedy", Text, nullable=False),
)

# Every original up to scan `through_scan` is in a whole backup.
# `failure` says why one is not whole.
backups = _table(
    "backups",
    Column("id", Integer, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("generation", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("failure", Text, nullable=False),
    Column("originals", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("copied", Integer, nullable=False),
    Column("copied_bytes", Integer, nullable=False),
    Column("through_scan", Integer, nullable=False),
    Column("manifest_sha256", String(64)),
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

# An import: the list it went by, or the folders. `source_key` is made of the digests of the list
# and of the way it is read, or of the folders' names (ingest/batches.py); `lines` is how many of
# the list are written down, `listed` that all of them are.
batches = _table(
    "batches",
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source_key", String(64), nullable=False, index=True),
    Column("by_list", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(80)),
)

# A line of the list, or a file found. What the list claims stands here as it was understood;
# `findings` are codes of records/findings.py with spaces between them.
batch_items = _table(
    "batch_items",
    Column("id", Integer, primary_key=True),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("findings", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("box", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("mrn", "last", "first", "type")),
    Column("dob", Date),
    Column("service_date", Date),
    Column("pages", Integer),
    Column("sha256", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("reason_code", String(40)),
    Column("reason", Text),
    Column("found_sha256", String(64)),
    Column("found_pages", Integer),
    Column("arrival_id", ForeignKey("arrivals.id")),
    Column("scan_id", ForeignKey("scans.id"), index=True),
    Column("excused_by", String(80)),
    Column("excused_at", UtcDateTime),
    Column("excused_because", Text),
    UniqueConstraint("batch_id", "line"),
    Index("ix_batch_items_next", "batch_id", "state", "id"),
    Index("ix_batch_items_file", "batch_id", "file"),
    Index("ix_batch_items_content", "batch_id", "found_sha256"),
)
