"""Whether a donor's name is published: one place that knows, for every page that shows names.

What was said last holds (table `consents`); before anything was said, what was said with the gift: beside the ledger
(the field `consent` of the side store) or, for gifts of lists and of earlier times, among its facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ledger.giving.donors.tables import consents
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from ledger.core.entry import Body

PUBLISH = "publish"  # value of the field `consent`

p, c = t.private.c, consents.c


class Named(NamedTuple):
    """The donor's name of a gift, and whether it is published."""

    name: str
    published: bool


def names_given(connection: Connection, book_id: int, gifts: Mapping[int, Body]) -> dict[int, Named]:
    """Read the names that gifts were given under, in one statement; unnamed and erased ones are missing."""
    if not gifts:
        return {}
    query = (
        select(p.seq, p.field, p.value, c.publish)
        .select_from(t.private)
        .outerjoin(consents, (c.book_id == p.book_id) & (c.seq == p.seq))
        .where(p.book_id == book_id, lookup.among(connection, p.seq, set(gifts)), p.field.in_(("donor", "consent")))
    )
    names: dict[int, str] = {}
    agreed: dict[int, bool] = {seq: body["facts"].get("consent") is True for seq, body in gifts.items()}
    later: dict[int, bool] = {}
    for seq, field, value, publish in connection.execute(query):
        if field == "donor":
            names[seq] = value
        else:
            agreed[seq] = value == PUBLISH
        if publish is not None:
            later[seq] = publish == 1
    return {seq: Named(name, later.get(seq, agreed[seq])) for seq, name in names.items()}


def published_names(connection: Connection, book_id: int, gifts: Mapping[int, Body]) -> dict[int, str]:
    """Read the names that may be shown to everybody."""
    known = names_given(connection, book_id, gifts)
    return {seq: named.name for seq, named in known.items() if named.published}


def count_named(connection: Connection, book_id: int, seqs: Collection[int]) -> int:
    """Count the gifts under a name."""
    if not seqs:
        return 0
    query = select(func.count()).where(
        p.book_id == book_id, lookup.among(connection, p.seq, set(seqs)), p.field == "donor"
    )
    return connection.scalar(query) or 0
