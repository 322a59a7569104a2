"""Proposals that wait for approval."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("command", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("dated", sa.String(length=10), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("worth", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("decided_at", sa.String(length=24), nullable=True),
        sa.Column("first_seq", sa.BigInteger(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_proposals_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("uq_proposals_code", "proposals", ["book_id", "code"], unique=True)
    op.create_index("ix_proposals_state", "proposals", ["book_id", "state", "at"])
    op.create_index("ix_proposals_by", "proposals", ["book_id", "by", "at"])
    op.create_index("ix_proposals_first_seq", "proposals", ["book_id", "first_seq"])
    op.create_table(
        "proposal_steps",
        sa.Column("proposal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_steps_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "no", name=op.f("pk_proposal_steps")),
    )
    op.create_table(
        "proposal_parties",
        sa.Column("proposal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=140), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_parties_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "address", name=op.f("pk_proposal_parties")),
    )
    op.create_index("ix_proposal_parties_address", "proposal_parties", ["address"])


def downgrade() -> None:
    op.drop_table("proposal_parties")
    op.drop_table("proposal_steps")
    op.drop_table("proposals")
