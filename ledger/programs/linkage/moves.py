"""What moves of units mean in the pipeline: received, allocated, applied. Pure but for the one statement that reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from ledger.web.lines import fund_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

RECIPIENTS = "outcome:recipient/"

_GROUPED = """
SELECT substr(coalesce(d.dated, h.dated), 1, 7) AS span, CASE WHEN d.seq IS NULL THEN 0 ELSE 1 END AS undone,
       {giver} AS giver, {taker} AS taker, coalesce(s.community, '') AS community, g.unit AS unit,
       CAST(sum(f.amount) AS bigint) AS amount, count(*) AS flows
FROM flows AS f
JOIN headers AS h ON h.book_id = f.book_id AND h.seq = f.seq
JOIN axes AS g ON g.book_id = f.book_id AND g.no = f.giver
JOIN axes AS k ON k.book_id = f.book_id AND k.no = f.taker
LEFT JOIN headers AS d ON h.kind = 'entry.reversed' AND d.book_id = f.book_id AND d.seq = f.designated
LEFT JOIN services AS s ON s.book_id = f.book_id AND s.seq = coalesce(d.seq, f.seq)
WHERE f.book_id = :book AND f.seq >= :start AND f.seq < :end
GROUP BY 1, 2, 3, 4, 5, 6
"""
_PLACE = (
    "CASE WHEN {0}.account LIKE 'service:%' THEN 'service:' WHEN {0}.account LIKE 'outcome:recipient/%' "
    "THEN 'outcome:recipient/' ELSE {0}.account END"
)
GROUPED = text(_GROUPED.format(giver=_PLACE.format("g"), taker=_PLACE.format("k")))


class Group(NamedTuple):
    """Flows between two accounts in a month, added up; `undone`: they take earlier ones back."""

    span: str
    undone: int
    giver: str
    taker: str
    community: str
    unit: str
    amount: int
    flows: int


class Move(NamedTuple):
    """A row of `linkage_moves` at the grain of months, without its numbers.

    `what`: received (by a fund), direct (source to organization), spot (source to service), in and out (between
    funds), paid and returned (between funds and organizations), and what was used: `f-service` out of funds,
    `g-service` by organizations; so `-issued`, `-expense`, `-refunded`, `-lost`.
    """

    fund: str
    what: str
    unit: str
    place: str
    span: str


ENDS = {"outcome:refund": "refunded", "outcome:loss": "lost", RECIPIENTS: "issued"}


def read_groups(connection: Connection, book_id: int, start: int, end: int) -> list[Group]:
    """Add up the flows of the entries from `start` up to, not with, `end`."""
    rows = connection.execute(GROUPED, {"book": book_id, "start": start, "end": end})
    return [Group(*row) for row in rows]


def moves_of(group: Group, grant_funds: Mapping[str, str]) -> Iterator[tuple[Move, int, int]]:
    """Tell what a group of flows adds to which moves: of its fund, and of all together (fund "")."""
    sign = -1 if group.undone else 1
    giver, taker = (group.taker, group.giver) if group.undone else (group.giver, group.taker)
    for fund, what, place in _meant(giver, taker, group.community, grant_funds):
        whole = [""] if what not in {"in", "out"} else []
        for name in {*whole, fund}:
            yield Move(name, what, group.unit, place, group.span), sign * group.amount, sign * group.flows


def pool_of(account: str, grant_funds: Mapping[str, str]) -> str:
    """Return the code of the fund that an account belongs to; "" for none."""
    kind, _, code = fund_of(account).partition(":")
    return grant_funds.get(code, "") if kind == "grant" else code if kind == "fund" else ""


def _meant(giver: str, taker: str, community: str, grant_funds: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give (fund, what, place) for a move between two accounts as it was first made."""
    gives, takes = giver.partition(":")[0], taker.partition(":")[0]
    own, other = pool_of(giver, grant_funds), pool_of(taker, grant_funds)
    if gives == "source":
        what = {"grant": "direct", "service": "spot"}.get(takes, "received")
        yield other, what, giver.partition(":")[2]
        if what == "spot":
            yield "", "s-service", community
        return
    if takes in {"fund", "earmark", "grant"} and own != other:
        yield own, "out", other
        yield other, "in", own
    if takes == "grant" and gives != "grant":
        yield other, "paid", ""
    elif takes in {"fund", "earmark"} and gives == "grant":
        yield own, "returned", ""
    elif takes in {"service", "outcome"}:
        stage = "g" if gives == "grant" else "f"
        if takes == "service":
            yield own, f"{stage}-service", community
        else:
            end = ENDS.get(taker, "expense")
            yield own, f"{stage}-{end}", taker.partition(":")[2] if end == "expense" else ""
