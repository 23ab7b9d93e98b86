"""What is kept from casual view, who may open it, and emergency access."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

APPEND_ONLY = """
CREATE TRIGGER restrictions_no_{what} BEFORE {what} ON restrictions
BEGIN SELECT RAISE(ABORT, 'the history of restrictions is append-only'); END
"""


def upgrade() -> None:
    for table in ("documents", "patients"):
        op.add_column(table, sa.Column("restricted", sa.String(16)))
        marked = sa.text("restricted IS NOT NULL")
        op.create_index(
            f"ix_{table}_restricted",
            table,
            ["restricted"],
            sqlite_where=marked,
            postgresql_where=marked,
        )
    right: sa.Column[bool] = sa.Column(
        "restricted", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("users", right)
    op.create_index("ix_candidates_patient_id", "candidates", ["patient_id"])
    _restrictions()
    _emergencies()


def _restrictions() -> None:
    op.create_table(
        "restrictions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer()),
        sa.Column("patient_id", sa.Integer()),
        sa.Column("reason", sa.String(16)),
        sa.Column("decided_by", sa.String(80), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_restrictions"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_restrictions_document_id"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_restrictions_patient_id"),
        sqlite_autoincrement=True,
    )
    for column in ("document_id", "patient_id"):
        op.create_index(f"ix_restrictions_{column}", "restrictions", [column])
    for what in ("UPDATE", "DELETE"):
        op.execute(APPEND_ONLY.format(what=what))


def _emergencies() -> None:
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(80), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("reviewed_by", sa.String(80)),
        sa.Column("reviewed_at", sa.DateTime()),
        sa.Column("review_note", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_emergencies"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_emergencies_user_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name="fk_emergencies_patient_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_emergencies_live", "emergencies", ["user_id", "until"])
    op.create_index("ix_emergencies_open", "emergencies", ["reviewed_by", "id"])
