"""Limits that several pages share."""

from __future__ import annotations

from ledger.extensions import limiter

MALFORMED, UNKNOWN = 400, 404
# Eighty bits cannot be guessed; this keeps machines from trying. Only wrong codes count, so that an office behind one
# address can look at any number of its own gifts.
wrong_codes = limiter.shared_limit(
    "20 per minute; 200 per hour",
    scope="tracking-code",
    deduct_when=lambda response: response.status_code in {MALFORMED, UNKNOWN},
)
