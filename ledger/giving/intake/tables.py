"""Working data of what comes in, beside the log, and two indexes by which its lists are found.

A receipt's code and number lead, in the finance authority's system, to the donor: they are personal data. They stand
here, never on the ledger, and go when the donor's data goes. The same holds for an uploaded list until it is decided.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text, and_, func

from ledger.journal import tables as t

INFO = {"role": t.WORKING}
MOMENT = String(24)
LONGEST_NAME = 200  # characters of a donor's name that is found by its beginning; names as long as that are texts

receipts = Table(
    "receipts",
    t.metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # the donation
    Column("code", String(40), nullable=False),  # 票据代码
    Column("number", String(40), nullable=False),  # 票据号码
    Column("check_code", String(40), nullable=False),  # 校验码; may be empty
    Column("noted", MOMENT, nullable=False),
    Column("noted_by", String(60), nullable=False),
    Index("ix_receipts_number", "book_id", "number"),
    info=INFO,
)

gift_lists = Table(
    "gift_lists",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), nullable=False),
    Column("code", String(20), nullable=False),  # in addresses
    Column("sha256", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # open, imported, discarded
    Column("proposal", String(20)),  # that would import it
    Column("by", String(60), nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("profile", Text, nullable=False),  # JSON: how it is read
    Column("terms", Text, nullable=False),  # JSON: into which fund, …
    Column("report", Text, nullable=False),  # JSON: what reading it gave; emptied when the list is decided
    Column("kept", SmallInteger, nullable=False),  # 1: its file is still there
    Column("seq", BigInteger),  # the entry that records the import
    Index("uq_gift_lists_code", "book_id", "code", unique=True),
    Index("ix_gift_lists_at", "book_id", "at"),
    Index("ix_gift_lists_proposal", "book_id", "proposal"),
    Index("ix_gift_lists_kept", "kept", "state", "at"),
    info=INFO,
)

list_mappings = Table(
    "list_mappings",
    t.metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("name", String(60), primary_key=True),
    Column("profile", Text, nullable=False),  # JSON, as a profile of `ledger.exchange.profiles`
    Column("saved", MOMENT, nullable=False),
    Column("saved_by", String(60), nullable=False),
    info=INFO,
)

campaign_sums = Table(
    "campaign_sums",
    t.metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("code", String(100), primary_key=True),  # of the campaign
    Column("until", BigInteger, nullable=False),  # entries counted: those below this number
    Column("days", Text, nullable=False),  # JSON: {day: {unit: [gifts, amount]}}
    info=INFO,
)

_named = and_(t.private.c.field == "donor", func.length(t.private.c.value) <= LONGEST_NAME)

Index(
    "ix_private_donor",
    t.private.c.book_id,
    t.private.c.value,
    sqlite_where=_named,
    postgresql_where=_named,
    postgresql_ops={"value": "text_pattern_ops"},
)
"""Finds donations by the beginning of the donor's name, in the side store; erased with it."""

Index(
    "ix_flows_designated",
    t.flows.c.book_id,
    t.flows.c.designated,
    sqlite_where=t.flows.c.designated.is_not(None),
    postgresql_where=t.flows.c.designated.is_not(None),
)
"""Finds what moved the very units of an entry: refunds, redirections, reversals."""
