"""Disclosure: what must be published and when, figures that add up to their detail, and corrections everybody sees.

`check(connection, book_id)` compares the totals of the public pages with their detail.
"""

from ledger.audit.disclosure.residuals import check

__all__ = ["check"]
