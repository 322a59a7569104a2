"""Donors: claims, consents, requests to be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("user", sa.String(length=20), nullable=False),
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_claims_book_id")),
        sa.ForeignKeyConstraint(["user"], ["users.code"], name=op.f("fk_claims_user")),
        sa.PrimaryKeyConstraint("user", "book_id", "seq", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_gift", "claims", ["book_id", "seq"])
    op.create_index("ix_claims_book", "claims", ["book_id", "user"])
    op.create_table(
        "consents",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("publish", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_consents_book_id")),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_consents")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("user", sa.String(length=20), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("decided_at", sa.String(length=24), nullable=True),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("gifts", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_erasures_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("uq_erasures_code", "erasures", ["book_id", "code"], unique=True)
    op.create_index("ix_erasures_state", "erasures", ["book_id", "state", "at"])
    op.create_index("ix_erasures_user", "erasures", ["user", "at"])


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("consents")
    op.drop_table("claims")
