"""What is known of donors beside the ledger: who holds which gift, whether a name is published, who asks to be erased.

All of it is personal data: it goes when the person's data goes, and none of it is ever on the ledger.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from ledger.journal.tables import SIDE, metadata

INFO = {"role": SIDE}
MOMENT = String(24)

claims = Table(
    "claims",
    metadata,
    Column("user", String(20), ForeignKey("users.code"), primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # the donation
    Column("at", MOMENT, nullable=False),
    Index("ix_claims_gift", "book_id", "seq"),
    Index("ix_claims_book", "book_id", "user"),
    info=INFO,
)
"""Gifts that an account holds, because it knew their tracking codes. Several accounts may hold one gift."""

consents = Table(
    "consents",
    metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("publish", SmallInteger, nullable=False),  # 1: the donor's name may be shown to everybody
    Column("at", MOMENT, nullable=False),
    Column("by", String(20), nullable=False),
    info=INFO,
)
"""What was said of a donor's name after the gift; without a row, what was said with the gift holds."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), nullable=False),
    Column("code", String(20), nullable=False),  # in addresses
    Column("user", String(20), nullable=False),  # who asks; the account may be gone
    Column("entries", Text, nullable=False),  # JSON: the gifts; emptied once it is decided
    Column("reason", Text, nullable=False),  # may be empty; emptied once it is decided
    Column("state", String(10), nullable=False),  # open, done, refused, withdrawn
    Column("at", MOMENT, nullable=False),
    Column("decided_at", MOMENT),
    Column("decided_by", String(20)),
    Column("answer", Text, nullable=False),  # why it was refused
    Column("gifts", Integer, nullable=False),  # how many it concerns
    Column("seq", BigInteger),  # the entry `person.erased`
    Index("uq_erasures_code", "book_id", "code", unique=True),
    Index("ix_erasures_state", "book_id", "state", "at"),
    Index("ix_erasures_user", "user", "at"),
    info=INFO,
)
"""Requests of donors that their data be erased."""
