"""Checks of append that need to read older entries."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, select

from ledger.core import canonical
from ledger.core.book import AxisKey
from ledger.core.commit import opens
from ledger.core.entry import Body, Draft
from ledger.core.errors import NotFoundError, RepeatedRefError, RuleError
from ledger.core.mirror import not_mirrored
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.paths import descends


def read_body(connection: Connection, book_id: int, seq: int) -> Body:
    """Read one entry of a book."""
    data = connection.scalar(select(t.entries.c.body).where(t.entries.c.book_id == book_id, t.entries.c.seq == seq))
    if data is None:
        raise NotFoundError("the book has no entry %(seq)s", seq=seq)
    return canonical.decode(bytes(data))


def same_request(connection: Connection, book_id: int, body: Body, draft: Draft) -> None:
    """Refuse a draft that uses the `ref` of an entry but asks for something else.

    Personal data is compared by opening the commitments of that entry with the salts kept in the side store; what has
    been erased since cannot be compared and is passed over.
    """
    facts = {key: value for key, value in body["facts"].items() if key != "private"}
    digests: dict[str, str] = body["facts"].get("private", {})
    salts = {
        row.field: bytes(row.salt)
        for row in connection.execute(
            select(t.private.c.field, t.private.c.salt).where(
                t.private.c.book_id == book_id, t.private.c.seq == body["seq"]
            )
        )
    }
    same = (
        (body["kind"], body["dated"], body["by"], body["approved_by"], body["memo"], facts)
        == (draft.kind, draft.dated.isoformat(), draft.by, draft.approved_by, draft.memo, dict(draft.facts))
        and _asked(body["flows"]) == _drafted(draft)
        and body["postings"] == [posting._asdict() for posting in draft.postings]
        and digests.keys() == draft.private.keys()
        and all(opens(digests[f], f, salt, draft.private[f]) for f, salt in salts.items())
    )
    if not same:
        raise RepeatedRefError(
            "ref '%(ref)s' was used by entry %(seq)s for another request; use a new ref",
            ref=draft.ref,
            seq=body["seq"],
        )


def _asked(flows: list[Body]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for f in flows:
        total[(f["from"], f["to"], f["unit"], f.get("of"), f.get("value"))] += f["amount"]
    return total


def _drafted(draft: Draft) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for m in draft.moves:
        total[(m.giver, m.taker, m.unit, m.of, m.value)] += m.amount
    return total


def check_designations(connection: Connection, book_id: int, body: Body, numbers: dict[AxisKey, int]) -> None:
    """Refuse designated flows whose units are not those of the entry they name, and reversals that do not mirror it."""
    if body["kind"] == "entry.reversed":
        of = body["facts"]["reverses"]
        fault = not_mirrored(read_body(connection, book_id, of), body)
        if fault:
            raise fault
        return
    for flow in body["flows"]:
        if "of" in flow:
            piece = Span(flow["out"], flow["out"] + flow["amount"])
            if not descends(connection, book_id, numbers[(flow["from"], flow["unit"])], piece, flow["of"]):
                raise RuleError(
                    "the units %(piece)s of %(giver)s in %(unit)s are not those of entry %(of)s",
                    piece=piece,
                    giver=flow["from"],
                    unit=flow["unit"],
                    of=flow["of"],
                )
