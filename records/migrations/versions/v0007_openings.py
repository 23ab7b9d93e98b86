"""Who has a document of the review queue open."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(80), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_openings"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_openings_document_id"),
    )
    op.create_index("ix_openings_user_name", "openings", ["user_name"])
