"""Tables of the linkage: sums that pages read instead of the log. Derived from it, entry by entry; see `keeping`.

They are working data: append does not maintain them, they can be emptied at any time and are then made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from ledger.journal.tables import WORKING, metadata

if TYPE_CHECKING:
    from typing import Any

INFO = {"role": WORKING}


def _code(name: str, *, key: bool = True) -> Column[Any]:
    """Make a column for the code of an object, compared byte by byte; "" stands for none or for all."""
    kind = String(140).with_variant(String(140, collation="C"), "postgresql")
    return Column(name, kind, primary_key=key, nullable=False)


def _number(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _book() -> Column[Any]:
    return Column("book_id", Integer, primary_key=True, autoincrement=False)


state = Table(
    "linkage_state",
    metadata,
    _book(),
    Column("version", Integer, nullable=False),  # of the way of counting
    _number("upto"),  # entries read
    Column("head", LargeBinary(32)),  # leaf hash of the last of them
    _number("gifts"),  # donations among them
    _number("donors_at"),  # entries read when donors were counted last; −1: never
    info=INFO,
    sqlite_with_rowid=False,
)

services = Table(
    "linkage_services",
    metadata,
    _book(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _code("code", key=False),
    Column("dated", String(10), nullable=False),
    _code("organization", key=False),
    _code("community", key=False),
    _code("project", key=False),
    Column("mask", SmallInteger, nullable=False),  # parties proven
    Column("named", SmallInteger, nullable=False),  # parties named
    _number("residents"),
    Column("small", SmallInteger, nullable=False),  # 1: a group too small to be told
    Column("drawn", Text, nullable=False),  # JSON: fund ("" for all) → [fen, minutes]
    Column("gone", SmallInteger, nullable=False),  # 1: taken back
    Index("uq_linkage_services_code", "book_id", "code", unique=True),
    Index("ix_linkage_services_organization", "book_id", "organization", "dated", "seq"),
    Index("ix_linkage_services_community", "book_id", "community", "dated", "seq"),
    Index("ix_linkage_services_project", "book_id", "project", "dated", "seq"),
    info=INFO,
    sqlite_with_rowid=False,
)

sums = Table(
    "linkage_sums",
    metadata,
    _book(),
    Column("cut", String(3), primary_key=True),  # by which of o, c, p the services are parted
    _code("fund"),  # "": all services; else those that drew on the fund, with what they drew on it
    Column("grain", String(1), primary_key=True),  # y year, m month
    _code("organization"),
    _code("community"),
    _code("project"),
    Column("span", String(7), primary_key=True),  # 2026, 2026-11
    Column("mask", SmallInteger, primary_key=True, autoincrement=False),
    _number("services"),
    _number("money"),
    _number("minutes"),
    _number("residents"),
    _number("small"),
    _number("named_community"),
    _number("named_organization"),
    _number("named_worker"),
    _number("named_volunteer"),
    info=INFO,
    sqlite_with_rowid=False,
)

moves = Table(
    "linkage_moves",
    metadata,
    _book(),
    _code("fund"),  # "": all
    Column("grain", String(1), primary_key=True),  # a all, y year, m month
    Column("what", String(12), primary_key=True),  # see `moves.Move`
    _code("unit"),
    _code("place"),  # the source, the community, the purpose
    Column("span", String(7), primary_key=True),
    _number("amount"),
    _number("flows"),
    info=INFO,
    sqlite_with_rowid=False,
)

grants = Table(
    "linkage_grants",
    metadata,
    _book(),
    _code("code"),
    _code("fund", key=False),
    _code("organization", key=False),
    _code("project", key=False),
    Column("dated", String(10), nullable=False),
    _code("unit", key=False),
    _number("amount"),
    _number("paid"),
    _number("returned"),
    Column("closed", SmallInteger, nullable=False),
    info=INFO,
    sqlite_with_rowid=False,
)

donors = Table(
    "linkage_donors",
    metadata,
    _book(),
    Column("year", String(4), primary_key=True),
    _number("gifts"),  # donations of the year
    _number("named"),  # of them, those whose donor is known by name
    _number("donors"),  # different names
    _number("again"),  # of them, those who had given on an earlier day
    info=INFO,
    sqlite_with_rowid=False,
)

ALL = (services, sums, moves, grants, donors, state)
