"""The base of all models: one set of tables with the journal's, so that migrations see both; no Flask."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from ledger.journal import tables


class Base(DeclarativeBase):
    """Carry the tables of models."""

    metadata = tables.metadata
