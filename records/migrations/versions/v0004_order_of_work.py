"""Within a lane, what is more urgent comes first."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _order_of_work()


def _order_of_work() -> None:
    for table in ("arrivals", "scans", "pages"):
        priority: sa.Column[int] = sa.Column(
            "priority", sa.Integer(), nullable=False, server_default="5"
        )
        op.add_column(table, priority)
    op.drop_index("ix_pages_state", "pages")
    columns = ["state", "lane", "priority", "scan_id", "number"]
    op.create_index("ix_pages_next", "pages", columns)
