"""Working data of services: what waits for confirmation, what budgets are used, disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("dated", sa.String(length=10), nullable=False),
        sa.Column("residents", sa.BigInteger(), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=False),
        sa.Column("organization", sa.String(length=100), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=False),
        sa.Column("of_grant", sa.String(length=100), nullable=False),
        sa.Column("project", sa.String(length=100), nullable=False),
        sa.Column("community_seq", sa.BigInteger(), nullable=True),
        sa.Column("worker_seq", sa.BigInteger(), nullable=True),
        sa.Column("reversed_seq", sa.BigInteger(), nullable=True),
        sa.Column("waits_community", sa.String(length=100), nullable=True),
        sa.Column("waits_worker", sa.String(length=100), nullable=True),
        sa.Column("waits", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_deliveries_book_id")),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_deliveries")),
    )
    op.create_index("uq_deliveries_code", "deliveries", ["book_id", "code"], unique=True)
    sorted_by = (
        "community",
        "organization",
        "worker",
        "project",
        "waits_community",
        "waits_worker",
        "title",
        "residents",
    )
    for name in (*sorted_by, "waits"):
        op.create_index(f"ix_deliveries_{name}", "deliveries", ["book_id", name, "dated", "seq"], unique=False)
    op.create_index("ix_deliveries_reversed", "deliveries", ["book_id", "reversed_seq"], unique=False)
    op.create_index("ix_deliveries_dated", "deliveries", ["book_id", "dated", "seq"], unique=False)
    op.create_table(
        "delivery_marks",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_delivery_marks_book_id")),
        sa.PrimaryKeyConstraint("book_id", name=op.f("pk_delivery_marks")),
    )
    op.create_table(
        "budget_used",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=100), nullable=False),
        sa.Column("of_grant", sa.String(length=100), nullable=False),
        sa.Column("line", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("services", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_budget_used_book_id")),
        sa.PrimaryKeyConstraint("book_id", "project", "of_grant", "line", name=op.f("pk_budget_used")),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_disputes_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index("ix_disputes_service", "disputes", ["book_id", "service"], unique=False)
    op.create_index("ix_disputes_state", "disputes", ["book_id", "state", "at"], unique=False)


def downgrade() -> None:
    for name in ("disputes", "budget_used", "delivery_marks", "deliveries"):
        op.drop_table(name)
