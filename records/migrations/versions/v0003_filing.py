"""What filing needs to know: numbers that a patient had before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _former_numbers()
    _type_models()


def _former_numbers() -> None:
    op.create_table(
        "patient_numbers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("patient_id", sa.Integer(), sa.ForeignKey("patients.id"), nullable=False),
        sa.Column("mrn_key", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patient_numbers_patient_id", "patient_numbers", ["patient_id"])
    op.create_index("ix_patient_numbers_mrn_key", "patient_numbers", ["mrn_key"])
    op.create_index("ix_patient_names_given_key", "patient_names", ["given_key"])
    with op.batch_alter_table("patients") as patients:
        former = sa.Column("former_mrns", sa.Text(), nullable=False, server_default="")
        patients.add_column(former)
        merged = sa.ForeignKey("patients.id", name="fk_patients_merged_into_patients")
        patients.add_column(sa.Column("merged_into", sa.Integer(), merged, nullable=True))
        patients.create_index("ix_patients_merged_into", ["merged_into"])


def _type_models() -> None:
    counts = ("through_decision", "corrections", "held_back")
    outcomes = ("right_before", "right_after", "wrong_before", "wrong_after")
    op.create_table(
        "type_models",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*counts, *outcomes)),
        sa.Column("promoted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
