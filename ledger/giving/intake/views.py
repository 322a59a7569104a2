"""Pages of what comes in: gifts, lists of gifts, earmarks, campaigns."""

from __future__ import annotations

from flask import Blueprint

from ledger.giving.intake import tables  # noqa: F401  # the tables and indexes must be known to migrations

blueprint = Blueprint("intake", __name__)
