"""Tables of volunteers' shifts: working data. What was done stands on the ledger; a shift says how it was counted.

Times are China's, to the minute (`2026-11-23T09:00`). A volunteer is named by code only.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from ledger.journal.tables import WORKING, metadata

shifts = Table(
    "shifts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", Integer, ForeignKey("books.id"), nullable=False),
    Column("code", String(20), nullable=False),  # in addresses and in facts.shift of donated hours
    Column("community", String(100), nullable=False),
    Column("organization", String(100), nullable=False),  # '' when the community runs it by itself
    Column("worker", String(100), nullable=False),  # '' when nobody is responsible yet
    Column("title", Text, nullable=False),
    Column("kind", String(60), nullable=False),  # as the kind of a service
    Column("place", Text, nullable=False),
    Column("starts", String(16), nullable=False),
    Column("ends", String(16), nullable=False),
    Column("slots", Integer, nullable=False),  # volunteers wanted
    Column("state", String(10), nullable=False),  # planned, running, closed, cancelled
    Column("used", String(140), nullable=False),  # '' | service:<code> | fund:<code>, where its hours went
    Column("by", String(60), nullable=False),
    Column("closed_by", String(60)),
    Index("uq_shifts_code", "book_id", "code", unique=True),
    Index("ix_shifts_starts", "book_id", "starts"),
    Index("ix_shifts_state", "book_id", "state", "starts"),
    Index("ix_shifts_community", "book_id", "community", "starts"),
    Index("ix_shifts_organization", "book_id", "organization", "starts"),
    Index("ix_shifts_worker", "book_id", "worker", "starts"),
    info={"role": WORKING},
)

attendance = Table(
    "attendance",
    metadata,
    Column("shift_id", Integer, ForeignKey("shifts.id"), primary_key=True, autoincrement=False),
    Column("volunteer", String(100), primary_key=True),
    Column("came", String(16)),  # checked in
    Column("went", String(16)),  # checked out
    Column("minutes", Integer),  # as entered, else what the times say once the shift is closed
    Column("seq", BigInteger),  # the donation that recorded them, when they were donated
    Index("ix_attendance_volunteer", "volunteer", "shift_id"),
    info={"role": WORKING},
)
"""Who signed up for a shift, and for how long they were there."""
