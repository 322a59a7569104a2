"""Tables of the desk: working data. What is approved stands on the ledger; a proposal only says how it came there."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from ledger.journal.tables import WORKING, metadata

proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), nullable=False),
    Column("code", String(20), nullable=False),  # in addresses, and in the refs of the entries it made
    Column("command", String(60), nullable=False),
    Column("title", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON; what is personal in it is erased with the decision
    Column("form", Text, nullable=False),  # JSON: the form as filled in, to be corrected; erased with the decision
    Column("dated", String(10), nullable=False),
    Column("memo", Text, nullable=False),
    Column("worth", BigInteger, nullable=False),  # fen, for the limits of approvers
    Column("state", String(10), nullable=False),  # waiting, returned, recorded, rejected, withdrawn
    Column("by", String(60), nullable=False),
    Column("at", String(24), nullable=False),  # as `recorded` of entries
    Column("decided_at", String(24)),
    Column("first_seq", BigInteger),  # of the entries it made
    Column("entries", Integer, nullable=False),  # how many it made
    Index("uq_proposals_code", "book_id", "code", unique=True),
    Index("ix_proposals_state", "book_id", "state", "at"),
    Index("ix_proposals_by", "book_id", "by", "at"),
    Index("ix_proposals_first_seq", "book_id", "first_seq"),
    info={"role": WORKING},
)

steps = Table(
    "proposal_steps",
    metadata,
    Column("proposal_id", Integer, ForeignKey("proposals.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column(
        "what", String(10), nullable=False
    ),  # prepared, corrected, approved, returned, rejected, withdrawn, recorded
    Column("by", String(60), nullable=False),
    Column("at", String(24), nullable=False),
    Column("reason", Text, nullable=False),
    info={"role": WORKING},
)

concerned = Table(
    "proposal_parties",
    metadata,
    Column("proposal_id", Integer, ForeignKey("proposals.id"), primary_key=True, autoincrement=False),
    Column("address", String(140), primary_key=True),
    Index("ix_proposal_parties_address", "address"),
    info={"role": WORKING},
)
"""The parties a proposal concerns: their own people see it, and approve it when the command says so."""
