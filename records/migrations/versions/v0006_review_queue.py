"""Since when a document waits for a clerk, and the queue in that order."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("documents", sa.Column("waiting_since", sa.DateTime()))
    # What waits by now has done so since it came in, as far as anybody knows.
    op.execute(
        "UPDATE documents SET waiting_since = (SELECT stored_at FROM scans"
        " WHERE scans.id = documents.scan_id) WHERE status = 'review'"
    )
    op.drop_index("ix_documents_status", "documents")
    columns = ["status", "joined_to", "waiting_since"]
    op.create_index("ix_documents_queue", "documents", columns)
