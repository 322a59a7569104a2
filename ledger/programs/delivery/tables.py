"""Tables of the application stage: working data.

`deliveries`, `delivery_marks` and `budget_used` are made of the ledger and of nothing else: `states.rebuild` makes them
again. `disputes` are what people say about a service before it is confirmed or reversed; they move nothing.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from ledger.journal.tables import WORKING, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of service.delivered
    Column("code", String(100), nullable=False),
    Column("title", String(200), nullable=False),  # its first letters: it is in an index
    Column("words", Text, nullable=False),  # title and code in small letters, to be searched
    Column("kind", String(60), nullable=False),
    Column("dated", String(10), nullable=False),
    Column("residents", BigInteger, nullable=False),  # as public: 1 stands for a small group
    Column("community", String(100), nullable=False),
    Column("organization", String(100), nullable=False),
    Column("worker", String(100), nullable=False),
    Column("of_grant", String(100), nullable=False),  # '' when none is named
    Column("project", String(100), nullable=False),
    Column("community_seq", BigInteger),  # of the confirmation
    Column("worker_seq", BigInteger),
    Column("reversed_seq", BigInteger),
    Column("waits_community", String(100)),  # whose confirmation is missing; NULL: none is
    Column("waits_worker", String(100)),
    Column("waits", SmallInteger, nullable=False),  # 1: a confirmation is missing
    Index("uq_deliveries_code", "book_id", "code", unique=True),
    Index("ix_deliveries_dated", "book_id", "dated", "seq"),
    Index("ix_deliveries_title", "book_id", "title", "dated", "seq"),
    Index("ix_deliveries_residents", "book_id", "residents", "dated", "seq"),
    Index("ix_deliveries_waits", "book_id", "waits", "dated", "seq"),
    Index("ix_deliveries_reversed", "book_id", "reversed_seq"),
    Index("ix_deliveries_community", "book_id", "community", "dated", "seq"),
    Index("ix_deliveries_organization", "book_id", "organization", "dated", "seq"),
    Index("ix_deliveries_worker", "book_id", "worker", "dated", "seq"),
    Index("ix_deliveries_project", "book_id", "project", "dated", "seq"),
    Index("ix_deliveries_waits_community", "book_id", "waits_community", "dated", "seq"),
    Index("ix_deliveries_waits_worker", "book_id", "waits_worker", "dated", "seq"),
    info={"role": WORKING},
)

delivery_marks = Table(
    "delivery_marks",
    metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),  # entries of the book that are worked in
    info={"role": WORKING},
)

budget_used = Table(
    "budget_used",
    metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("project", String(100), primary_key=True),
    Column("of_grant", String(100), primary_key=True),  # '' for money that came out of no grant
    Column("line", String(100), primary_key=True),  # '' for money of no line
    Column("amount", BigInteger, nullable=False),  # fen that standing services used
    Column("services", BigInteger, nullable=False),
    info={"role": WORKING},
)

disputes = Table(
    "disputes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), nullable=False),
    Column("service", String(100), nullable=False),  # code
    Column("role", String(10), nullable=False),  # community, worker
    Column("party", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(60), nullable=False),
    Column("at", String(24), nullable=False),
    Column("state", String(10), nullable=False),  # open, withdrawn, reversed
    Column("ended_by", String(60)),
    Column("ended_at", String(24)),
    Column("remark", Text),
    Index("ix_disputes_service", "book_id", "service"),
    Index("ix_disputes_state", "book_id", "state", "at"),
    info={"role": WORKING},
)
