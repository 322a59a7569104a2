"""Checkpoints, cosignatures, timestamps, and nodes of the tree."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_checkpoints_book_id")),
        sa.PrimaryKeyConstraint("book_id", "size", name=op.f("pk_checkpoints")),
    )
    for table, key, value in (
        ("cosignatures", "witness", sa.Column("line", sa.Text(), nullable=False)),
        ("timestamps", "authority", sa.Column("token", sa.LargeBinary(), nullable=False)),
    ):
        op.create_table(
            table,
            sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column(key, sa.String(length=200), nullable=False),
            value,
            sa.Column("at", sa.String(length=24), nullable=False),
            sa.ForeignKeyConstraint(
                ["book_id", "size"], ["checkpoints.book_id", "checkpoints.size"], name=op.f(f"fk_{table}_book_id")
            ),
            sa.PrimaryKeyConstraint("book_id", "size", key, name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "nodes",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_nodes_book_id")),
        sa.PrimaryKeyConstraint("book_id", "level", "number", name=op.f("pk_nodes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verifications",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_verifications_book_id")),
        sa.PrimaryKeyConstraint("book_id", "at", name=op.f("pk_verifications")),
    )


def downgrade() -> None:
    op.drop_table("verifications")
    op.drop_table("nodes")
    op.drop_table("timestamps")
    op.drop_table("cosignatures")
    op.drop_table("checkpoints")
