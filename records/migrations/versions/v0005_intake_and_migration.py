"""What intake, migration and the keeping of the records need to know."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _inboxes()
    _interruptions()
    _batches()
    _capacity()
    _keeping()


def _interruptions() -> None:
    interruptions: sa.Column[int] = sa.Column(
        "interruptions", sa.Integer(), nullable=False, server_default="0"
    )
    op.add_column("pages", interruptions)


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_key", sa.String(64), nullable=False),
        sa.Column("by_list", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("closed_by", sa.String(80)),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batches_source_key", "batches", ["source_key"])
    _batch_items()


def _batch_items() -> None:
    texts = ("root", "file", "box", "label", "source_id", "mrn", "last", "first", "type")
    op.create_table(
        "batch_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("dob", sa.Date()),
        sa.Column("service_date", sa.Date()),
        sa.Column("pages", sa.Integer()),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("reason_code", sa.String(40)),
        sa.Column("reason", sa.Text()),
        sa.Column("found_sha256", sa.String(64)),
        sa.Column("found_pages", sa.Integer()),
        sa.Column("arrival_id", sa.Integer()),
        sa.Column("scan_id", sa.Integer()),
        sa.Column("excused_by", sa.String(80)),
        sa.Column("excused_at", sa.DateTime()),
        sa.Column("excused_because", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_batch_items"),
        *(
            sa.ForeignKeyConstraint([column], [target], name=f"fk_batch_items_{column}")
            for column, target in (
                ("batch_id", "batches.id"),
                ("arrival_id", "arrivals.id"),
                ("scan_id", "scans.id"),
            )
        ),
        sa.UniqueConstraint("batch_id", "line", name="uq_batch_items_batch_id_line"),
        sqlite_autoincrement=True,
    )
    for name, columns in (
        ("ix_batch_items_scan_id", ["scan_id"]),
        ("ix_batch_items_next", ["batch_id", "state", "id"]),
        ("ix_batch_items_file", ["batch_id", "file"]),
        ("ix_batch_items_content", ["batch_id", "found_sha256"]),
    ):
        op.create_index(name, "batch_items", columns)


def _inboxes() -> None:
    for name in ("department", "source", "sender", "delivery_error", "delivery_note"):
        text: sa.Column[str] = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("arrivals", text)
    duplex: sa.Column[bool] = sa.Column(
        "duplex", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("arrivals", duplex)
    op.add_column("arrivals", sa.Column("blank_separates", sa.Boolean()))
    op.add_column("arrivals", sa.Column("pages_expected", sa.Integer()))
    op.create_table(
        "inboxes",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", sa.DateTime()),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("late_count", sa.Integer(), nullable=False),
        sa.Column("late", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_inboxes"),
    )


def _capacity() -> None:
    unread: sa.Column[int] = sa.Column("unread", sa.Integer(), nullable=False, server_default="0")
    op.add_column("scans", unread)
    op.execute(
        "UPDATE scans SET unread = (SELECT COUNT(*) FROM pages WHERE pages.scan_id = scans.id"
        " AND pages.state IN ('waiting', 'reading')) WHERE state = 'stored'"
    )
    lane: sa.Column[str] = sa.Column("lane", sa.String(16), nullable=False, server_default="daily")
    op.add_column("index_queue", lane)
    for name, table, columns in (
        ("ix_scans_next", "scans", ["state", "unread", "lane", "priority"]),
        ("ix_index_queue_next", "index_queue", ["lane", "seq"]),
    ):
        op.create_index(name, table, columns)
    op.drop_index("ix_scans_state", "scans")
    for name, table, columns in (
        ("ix_documents_status", "documents", ["status", "joined_to"]),
        ("ix_arrivals_state", "arrivals", ["state", "lane"]),
        ("ix_access_log_event", "access_log", ["event", "at"]),
        ("ix_access_log_actor", "access_log", ["actor", "at"]),
    ):
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    people = sa.text("decided_by <> 'chartkeeper'")
    op.create_index(
        "ix_decisions_by_people",
        "decisions",
        ["field"],
        sqlite_where=people,
        postgresql_where=people,
    )


def _keeping() -> None:
    op.create_table(
        "fixity",
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("problem", sa.String(16)),
        sa.PrimaryKeyConstraint("scan_id", name="pk_fixity"),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name="fk_fixity_scan_id"),
    )
    op.create_index("ix_fixity_next", "fixity", ["checked_at", "scan_id"])
    _verify_runs()
    numbers = ("originals", "bytes", "copied", "copied_bytes", "through_scan")
    op.create_table(
        "backups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("generation", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("failure", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("manifest_sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_backups"),
        sqlite_autoincrement=True,
    )


def _verify_runs() -> None:
    op.create_table(
        "verify_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("originals", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verify_runs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "verify_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verify_findings"),
        sa.ForeignKeyConstraint(["run_id"], ["verify_runs.id"], name="fk_verify_findings_run_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_verify_findings_run_id", "verify_findings", ["run_id"])
