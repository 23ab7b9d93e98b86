"""What filing needs to know: numbers that a patient had before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _former_numbers()
    _names_and_birth_dates()
    _type_models()
    _separation()


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
    with op.batch_alter_table("patients") as patients:
        former = sa.Column("former_mrns", sa.Text(), nullable=False, server_default="")
        patients.add_column(former)
        merged = sa.ForeignKey("patients.id", name="fk_patients_merged_into_patients")
        patients.add_column(sa.Column("merged_into", sa.Integer(), merged, nullable=True))


def _names_and_birth_dates() -> None:
    names = "patient_names"
    op.add_column(names, sa.Column("dob", sa.Date(), nullable=True))
    op.execute(
        "UPDATE patient_names SET dob ="
        " (SELECT dob FROM patients WHERE patients.id = patient_names.patient_id)"
    )
    op.create_index("ix_patient_names_given_key", names, ["given_key"])
    op.create_index("ix_patient_names_whole", names, ["surname_key", "given_key", "patient_id"])
    op.create_index("ix_patient_names_born", names, ["dob", "surname_key", "patient_id"])


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


def _separation() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("document_id", sa.Integer(), sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suggestions_document_id", "suggestions", ["document_id"])
    with op.batch_alter_table("evidence") as evidence:
        owner = sa.ForeignKey("suggestions.id", name="fk_evidence_suggestion_id_suggestions")
        evidence.add_column(sa.Column("suggestion_id", sa.Integer(), owner, nullable=True))
        evidence.create_index("ix_evidence_suggestion_id", ["suggestion_id"])
    with op.batch_alter_table("documents") as documents:
        false = sa.false()
        to_file: sa.Column[bool] = sa.Column(
            "to_file", sa.Boolean(), nullable=False, server_default=false
        )
        documents.add_column(to_file)
        documents.create_index("ix_documents_to_file", ["to_file"])
        for name in ("split_from", "joined_to"):
            other = sa.ForeignKey("documents.id", name=f"fk_documents_{name}_documents")
            documents.add_column(sa.Column(name, sa.Integer(), other, nullable=True))
