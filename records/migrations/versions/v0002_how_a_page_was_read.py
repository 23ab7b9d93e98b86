"""How a page was read, and what stands on it beside its words."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("reading", "barcodes", "fax_header"):
        op.add_column("pages", sa.Column(name, sa.Text(), nullable=True))
