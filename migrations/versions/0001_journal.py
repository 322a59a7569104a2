"""The journal: log, projections, side store, and the guards that keep the log append-only."""

import sqlalchemy as sa
from alembic import op

from ledger.journal import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "axes",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "account",
            sa.String(length=140).with_variant(sa.String(length=140, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.BigInteger(), nullable=False),
        sa.Column("holes", sa.BigInteger(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "no", name=op.f("pk_axes")),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_axes_account", "axes", ["book_id", "account", "unit"], unique=True)
    op.create_table(
        "books",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "code", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=True),
        sa.Column("recorded", sa.String(length=24), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("axes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("code", name=op.f("uq_books_code")),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "flows",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("giver", sa.BigInteger(), nullable=False),
        sa.Column("out_at", sa.BigInteger(), nullable=False),
        sa.Column("taker", sa.BigInteger(), nullable=False),
        sa.Column("in_at", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("designated", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("gift", sa.SmallInteger(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "n", name=op.f("pk_flows")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_flows_into", "flows", ["book_id", "taker", "in_at"], unique=False)
    op.create_index("ix_flows_out", "flows", ["book_id", "giver", "out_at"], unique=False)
    op.create_index(
        "ix_flows_passed_on",
        "flows",
        ["book_id", "taker", "in_at"],
        unique=False,
        sqlite_where=sa.text("gift = 0"),
        postgresql_where=sa.text("gift = 0"),
    )
    op.create_table(
        "headers",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "dated",
            sa.String(length=10).with_variant(sa.String(length=10, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("ref", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("subject", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_headers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_headers_dated", "headers", ["book_id", "dated", "seq"], unique=False)
    op.create_index("ix_headers_kind", "headers", ["book_id", "kind", "seq"], unique=False)
    op.create_index("ix_headers_subject", "headers", ["subject", "book_id", "seq"], unique=False)
    op.create_index("uq_headers_ref", "headers", ["book_id", "ref"], unique=True)
    op.create_table(
        "mentions",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "address",
            sa.String(length=140).with_variant(sa.String(length=140, collation="C"), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("book_id", "seq", "address", name=op.f("pk_mentions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mentions_address", "mentions", ["book_id", "address", "seq"], unique=False)
    op.create_table(
        "objects",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "address",
            sa.String(length=140).with_variant(sa.String(length=140, collation="C"), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "address", name=op.f("pk_objects")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "postings",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("axis", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "n", name=op.f("pk_postings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_postings_axis", "postings", ["book_id", "axis", "seq"], unique=False)
    op.create_table(
        "private",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "field",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", "field", name=op.f("pk_private")),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "services",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "code",
            sa.String(length=100).with_variant(sa.String(length=100, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=True),
        sa.Column(
            "dated",
            sa.String(length=10).with_variant(sa.String(length=10, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("residents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_services")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_services_community", "services", ["book_id", "community", "dated", "seq"], unique=False)
    op.create_index("ix_services_dated", "services", ["book_id", "dated", "seq"], unique=False)
    op.create_index("ix_services_kind", "services", ["book_id", "kind", "dated", "seq"], unique=False)
    op.create_index("ix_services_residents", "services", ["book_id", "residents", "seq"], unique=False)
    op.create_table(
        "spans",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("axis", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lo", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hi", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "axis", "lo", name=op.f("pk_spans")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entries",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_entries_book_id")),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_entries")),
        sqlite_with_rowid=False,
    )
    for statement in guards.statements(op.get_bind().dialect.name, install=True):
        op.execute(statement)


def downgrade() -> None:
    count = op.get_bind().scalar(sa.text("SELECT count(*) FROM entries"))
    if count:
        raise RuntimeError(f"the log has {count} entries; it is never dropped. Move the database away instead")
    for statement in guards.statements(op.get_bind().dialect.name, install=False):
        op.execute(statement)
    op.drop_table("entries")
    op.drop_table("spans")
    op.drop_table("services")
    op.drop_table("private")
    op.drop_table("postings")
    op.drop_table("objects")
    op.drop_table("mentions")
    op.drop_table("headers")
    op.drop_table("flows")
    op.drop_table("books")
    op.drop_table("axes")
