"""Tables of the journal.

`entries` is the log. `private` is the side store: personal data and its salts, erasable. Everything else is a
projection of the log: it can be dropped and replayed, and verification compares it both ways.

Projections carry no foreign keys: `append` is their only writer, replay checks them, and a key check a row would cost
more than the row itself. Rows are keyed by the book's number and by positions that the log determines, so that a
replay gives the same rows to the last bit.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine


def _name(length: int | None = None) -> TypeEngine[str]:
    """Text that is compared byte by byte on every database: ranges of addresses must not depend on a locale."""
    plain: TypeEngine[str] = String(length) if length else Text()
    return plain.with_variant(String(length, collation="C") if length else Text(collation="C"), "postgresql")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

LOG, SIDE, PROJECTION, WORKING, PROOF = "log", "side store", "projection", "working data", "proof"


def _table(name: str, role: str, *columns: Column[Any] | Index) -> Table:
    return Table(name, metadata, *columns, info={"role": role}, sqlite_with_rowid=name in {"books", "private"})


def _key(name: str = "book_id", kind: type[TypeEngine[Any]] | TypeEngine[Any] = Integer) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


books = _table(
    "books",
    PROJECTION,  # of the log's head
    Column("id", Integer, primary_key=True),
    Column("code", _name(60), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("head", LargeBinary(32)),  # leaf hash of the newest entry
    Column("recorded", String(24), nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # roots of the full subtrees, largest first
    Column("axes", BigInteger, nullable=False),  # how many axes there are: the next one's number
)

entries = _table(
    "entries",
    LOG,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    _key("seq", BigInteger),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

headers = _table(
    "headers",
    PROJECTION,
    _key(),
    _key("seq", BigInteger),
    Column("kind", _name(40), nullable=False),
    Column("dated", _name(10), nullable=False),
    Column("ref", _name(), nullable=False),
    Column("subject", _name()),  # the object or donation the entry is about
    Index("uq_headers_ref", "book_id", "ref", unique=True),
    Index("ix_headers_kind", "book_id", "kind", "seq"),
    Index("ix_headers_dated", "book_id", "dated", "seq"),
    Index("ix_headers_subject", "subject", "book_id", "seq"),
)

objects = _table(
    "objects",
    PROJECTION,
    _key(),
    _key("address", _name(140)),
    Column("opened", BigInteger, nullable=False),
    Column("latest", BigInteger, nullable=False),  # the entry whose facts describe it now
    Column("closed", BigInteger),
)

mentions = _table(
    "mentions",
    PROJECTION,
    _key(),
    _key("seq", BigInteger),
    _key("address", _name(140)),
    Index("ix_mentions_address", "book_id", "address", "seq"),
)

services = _table(
    "services",
    PROJECTION,  # what lists of services are filtered and sorted by
    _key(),
    _key("seq", BigInteger),
    Column("code", _name(100), nullable=False),
    Column("kind", _name(60), nullable=False),
    Column("title", Text, nullable=False),
    Column("community", String(100)),
    Column("dated", _name(10), nullable=False),
    Column("residents", BigInteger, nullable=False),
    Index("ix_services_dated", "book_id", "dated", "seq"),
    Index("ix_services_kind", "book_id", "kind", "dated", "seq"),
    Index("ix_services_community", "book_id", "community", "dated", "seq"),
    Index("ix_services_residents", "book_id", "residents", "seq"),
)

axes = _table(
    "axes",
    PROJECTION,
    _key(),
    _key("no", BigInteger),
    Column("account", _name(140), nullable=False),
    Column("unit", _name(120), nullable=False),
    Column("received", BigInteger, nullable=False),  # balance-sheet accounts: debits
    Column("given", BigInteger, nullable=False),  # balance-sheet accounts: credits
    Column("tail", BigInteger, nullable=False),  # [tail, received) is free
    Column("holes", BigInteger, nullable=False),  # how many free spans lie below the tail
    Column("gifts", BigInteger, nullable=False),  # how many donations were laid on it
    Index("uq_axes_account", "book_id", "account", "unit", unique=True),
)

spans = _table(
    "spans",
    PROJECTION,  # the free spans below each tail
    _key(),
    _key("axis", BigInteger),
    _key("lo", BigInteger),
    Column("hi", BigInteger, nullable=False),
)

flows = _table(
    "flows",
    PROJECTION,
    _key(),
    _key("seq", BigInteger),
    _key("n", Integer),
    Column("giver", BigInteger, nullable=False),  # axis number
    Column("out_at", BigInteger, nullable=False),
    Column("taker", BigInteger, nullable=False),  # axis number
    Column("in_at", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("designated", BigInteger),  # the entry whose units these are; NULL: first in, first out
    Column("value", BigInteger),  # fair value in fen
    Column("gift", SmallInteger, nullable=False),  # 1: this flow is a donation
    Column("gifts", BigInteger, nullable=False),  # donations laid on the taker up to and with this flow
    Index("ix_flows_out", "book_id", "giver", "out_at"),
    Index("ix_flows_into", "book_id", "taker", "in_at"),
    Index(
        "ix_flows_passed_on",
        "book_id",
        "taker",
        "in_at",
        sqlite_where=text("gift = 0"),
        postgresql_where=text("gift = 0"),
    ),
)

postings = _table(
    "postings",
    PROJECTION,
    _key(),
    _key("seq", BigInteger),
    _key("n", Integer),
    Column("axis", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),  # debit positive
    Index("ix_postings_axis", "book_id", "axis", "seq"),
)

private = _table(
    "private",
    SIDE,
    _key(),
    _key("seq", BigInteger),
    _key("field", _name(40)),
    Column("salt", LargeBinary(32), nullable=False),
    Column("value", Text, nullable=False),
)
