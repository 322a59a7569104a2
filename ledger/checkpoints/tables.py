"""Tables of proofs. What is signed is kept for good; `ledger.checkpoints.verify` checks all that is here."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, String, Table, Text

from ledger.journal.tables import PROOF, WORKING, metadata

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("at", String(24), nullable=False),  # as `recorded` of entries
    Column("note", Text, nullable=False),  # as the log signed it, without cosignatures
    ForeignKeyConstraint(["book_id"], ["books.id"]),
    info={"role": PROOF},
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", String(200), primary_key=True),  # verifier key
    Column("line", Text, nullable=False),  # as it stands under the note
    Column("at", String(24), nullable=False),  # when it came
    ForeignKeyConstraint(["book_id", "size"], ["checkpoints.book_id", "checkpoints.size"]),
    info={"role": PROOF},
)

timestamps = Table(
    "timestamps",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("authority", String(200), primary_key=True),  # address of the RFC 3161 service
    Column("token", LargeBinary, nullable=False),  # DER of its whole answer
    Column("at", String(24), nullable=False),
    ForeignKeyConstraint(["book_id", "size"], ["checkpoints.book_id", "checkpoints.size"]),
    info={"role": PROOF},
)

nodes = Table(
    "nodes",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),  # root of 256^level leaves
    ForeignKeyConstraint(["book_id"], ["books.id"]),
    info={"role": PROOF},
    sqlite_with_rowid=False,
)
"""Roots of full tiles, so that a proof reads a handful of rows instead of all leaves."""

verifications = Table(
    "verifications",
    metadata,
    Column("book_id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(24), primary_key=True),
    Column("size", BigInteger, nullable=False),  # entries verified
    Column("findings", BigInteger, nullable=False),
    ForeignKeyConstraint(["book_id"], ["books.id"]),
    info={"role": WORKING},
)
"""When a book was verified as a whole, and how many differences were found: what the status page says."""
