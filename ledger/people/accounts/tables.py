"""Tables of accounts: working data, beside the log. Personal data (a login, a name) stays here and can be changed.

Secrets are kept as hashes only: passwords by argon2, random tokens by SHA-256 (they have 256 bits, nothing to guess).
Of a second factor only a salt is kept: see `second.py`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from ledger.journal.tables import WORKING, metadata

INFO = {"role": WORKING}
SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in plain integers
MOMENT = String(24)

users = Table(
    "users",
    metadata,
    Column("code", String(20), primary_key=True),  # what entries name in `by`; tells nobody who it is
    Column("login", String(60), nullable=False, unique=True),  # lower case
    Column("name", String(100), nullable=False),
    Column("password", Text),  # argon2; NULL until the first link was used
    Column("admin", SmallInteger, nullable=False),  # 1: of the installation
    Column("suspended", MOMENT),
    Column("made", MOMENT, nullable=False),
    Column("factor", String(64)),  # salt of the second factor; NULL: none
    Column("factor_step", BigInteger, nullable=False),  # codes of this half minute and earlier are used up
    info=INFO,
)

posts = Table(
    "posts",
    metadata,
    Column("user", String(20), ForeignKey("users.code"), primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("role", String(20), primary_key=True),
    Column("party", String(100), primary_key=True),  # "" for roles of the foundation
    Column("up_to", BigInteger),  # fen that an approver approves; NULL: any
    Column("granted", MOMENT, nullable=False),
    Column("granted_by", String(20), nullable=False),
    Index("ix_posts_book", "book_id", "role"),
    info=INFO,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the token in the cookie
    Column("user", String(20), ForeignKey("users.code"), nullable=False),
    Column("stage", String(10), nullable=False),  # "half": the second factor is still to be given; "full"
    Column("begun", MOMENT, nullable=False),
    Column("seen", MOMENT, nullable=False),  # to the minute
    Column("address", String(45), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("ended", MOMENT),
    Column("why", String(20)),  # "signed out", "idle", "revoked", …
    Index("ix_sessions_user", "user", "ended"),
    info=INFO,
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(80), primary_key=True),  # "login:<hash>", "address:<ip>", "factor:<user>"
    Column("failures", Integer, nullable=False),
    Column("latest", MOMENT, nullable=False),
    Column("until", MOMENT, nullable=False),  # before this nothing is tried
    info=INFO,
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user", String(20), ForeignKey("users.code"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("used", MOMENT),
    info=INFO,
)

links = Table(
    "links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user", String(20), ForeignKey("users.code")),  # NULL: the link makes the first admin
    Column("made", MOMENT, nullable=False),
    Column("made_by", String(20), nullable=False),
    Column("expires", MOMENT, nullable=False),
    Column("used", MOMENT),
    Index("ix_links_user", "user"),
    info=INFO,
)

trail = Table(
    "trail",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("actor", String(20)),  # NULL: nobody was signed in
    Column("what", String(40), nullable=False),
    Column("book", String(60)),  # code; NULL: the installation
    Column("object", String(140)),
    Column("detail", String(140)),  # a role, a party, a figure: nothing personal
    Column("address", String(45)),
    Index("ix_trail_book", "book", "id"),
    Index("ix_trail_actor", "actor", "id"),
    Index("ix_trail_object", "object", "id"),
    info=INFO,
)

book_settings = Table(
    "book_settings",
    metadata,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True, autoincrement=False),
    Column("totp_required", SmallInteger, nullable=False),
    Column("idle_minutes", Integer, nullable=False),
    Column("two_above", BigInteger),  # fen; NULL: one approver is always enough
    info=INFO,
)
