"""Working data of gifts: receipts, lists on screen, mappings, sums of campaigns; two indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMED = sa.text("field = 'donor' AND length(value) <= 200")
DESIGNATED = sa.text("designated IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("check_code", sa.String(length=40), nullable=False),
        sa.Column("noted", sa.String(length=24), nullable=False),
        sa.Column("noted_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_receipts_book_id")),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_number", "receipts", ["book_id", "number"], unique=False)
    op.create_table(
        "gift_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposal", sa.String(length=20), nullable=True),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("kept", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_gift_lists_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_lists")),
    )
    op.create_index("uq_gift_lists_code", "gift_lists", ["book_id", "code"], unique=True)
    op.create_index("ix_gift_lists_at", "gift_lists", ["book_id", "at"], unique=False)
    op.create_index("ix_gift_lists_proposal", "gift_lists", ["book_id", "proposal"], unique=False)
    op.create_index("ix_gift_lists_kept", "gift_lists", ["kept", "state", "at"], unique=False)
    op.create_table(
        "list_mappings",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("saved", sa.String(length=24), nullable=False),
        sa.Column("saved_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_list_mappings_book_id")),
        sa.PrimaryKeyConstraint("book_id", "name", name=op.f("pk_list_mappings")),
    )
    op.create_table(
        "campaign_sums",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_campaign_sums_book_id")),
        sa.PrimaryKeyConstraint("book_id", "code", name=op.f("pk_campaign_sums")),
    )
    op.create_index(
        "ix_private_donor",
        "private",
        ["book_id", "value"],
        unique=False,
        sqlite_where=NAMED,
        postgresql_where=NAMED,
        postgresql_ops={"value": "text_pattern_ops"},
    )
    op.create_index(
        "ix_flows_designated",
        "flows",
        ["book_id", "designated"],
        unique=False,
        sqlite_where=DESIGNATED,
        postgresql_where=DESIGNATED,
    )


def downgrade() -> None:
    op.drop_index("ix_flows_designated", table_name="flows")
    op.drop_index("ix_private_donor", table_name="private")
    for table in ("campaign_sums", "list_mappings", "gift_lists", "receipts"):
        op.drop_table(table)
