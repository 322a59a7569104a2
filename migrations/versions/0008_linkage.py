"""Sums of the linkage, derived from the log."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _code(name: str) -> sa.Column:
    kind = sa.String(length=140).with_variant(sa.String(length=140, collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _book() -> sa.Column:
    return sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "linkage_donors",
        _book(),
        sa.Column("year", sa.String(length=4), nullable=False),
        *map(_number, ("gifts", "named", "donors", "again")),
        sa.PrimaryKeyConstraint("book_id", "year", name=op.f("pk_linkage_donors")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "linkage_grants",
        _book(),
        *map(_code, ("code", "fund", "organization", "project")),
        sa.Column("dated", sa.String(length=10), nullable=False),
        _code("unit"),
        *map(_number, ("amount", "paid", "returned")),
        sa.Column("closed", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "code", name=op.f("pk_linkage_grants")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "linkage_moves",
        _book(),
        _code("fund"),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        _code("unit"),
        _code("place"),
        sa.Column("span", sa.String(length=7), nullable=False),
        *map(_number, ("amount", "flows")),
        sa.PrimaryKeyConstraint(
            "book_id", "fund", "grain", "what", "unit", "place", "span", name=op.f("pk_linkage_moves")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "linkage_services",
        _book(),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        _code("code"),
        sa.Column("dated", sa.String(length=10), nullable=False),
        *map(_code, ("organization", "community", "project")),
        sa.Column("mask", sa.SmallInteger(), nullable=False),
        sa.Column("named", sa.SmallInteger(), nullable=False),
        _number("residents"),
        sa.Column("small", sa.SmallInteger(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("gone", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name=op.f("pk_linkage_services")),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_linkage_services_code", "linkage_services", ["book_id", "code"], unique=True)
    op.create_index(
        "ix_linkage_services_community", "linkage_services", ["book_id", "community", "dated", "seq"], unique=False
    )
    op.create_index(
        "ix_linkage_services_organization",
        "linkage_services",
        ["book_id", "organization", "dated", "seq"],
        unique=False,
    )
    op.create_index(
        "ix_linkage_services_project", "linkage_services", ["book_id", "project", "dated", "seq"], unique=False
    )
    op.create_table(
        "linkage_state",
        _book(),
        sa.Column("version", sa.Integer(), nullable=False),
        _number("upto"),
        sa.Column("head", sa.LargeBinary(length=32), nullable=True),
        *map(_number, ("gifts", "donors_at")),
        sa.PrimaryKeyConstraint("book_id", name=op.f("pk_linkage_state")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "linkage_sums",
        _book(),
        sa.Column("cut", sa.String(length=3), nullable=False),
        _code("fund"),
        sa.Column("grain", sa.String(length=1), nullable=False),
        *map(_code, ("organization", "community", "project")),
        sa.Column("span", sa.String(length=7), nullable=False),
        sa.Column("mask", sa.SmallInteger(), autoincrement=False, nullable=False),
        *map(_number, ("services", "money", "minutes", "residents", "small")),
        *map(_number, ("named_community", "named_organization", "named_worker", "named_volunteer")),
        sa.PrimaryKeyConstraint(
            "book_id",
            "cut",
            "fund",
            "grain",
            "organization",
            "community",
            "project",
            "span",
            "mask",
            name=op.f("pk_linkage_sums"),
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in ("sums", "state", "services", "moves", "grants", "donors"):
        op.drop_table(f"linkage_{name}")
