"""Where a total differs from its detail: of what is to be published, and of the totals on the public pages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select

from ledger.books.totals import sums
from ledger.core.units import CNY
from ledger.funds.given import gifts_by_source
from ledger.funds.queries import fund_cards
from ledger.funds.region import by_unit, regions
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.audit.disclosure.figures import Figure
    from ledger.web.pages import FundCard

MOST_GIFTS = 20_000  # of a fund whose gifts are added up one by one for the desk
PLACES = ("bank", "cash", "wallet", "inventory", "receivable", "payable")


class Residual(NamedTuple):
    """A total, its detail, and where: the key of a figure and the address it is about."""

    where: str
    about: str
    unit: str
    total: int
    detail: int

    @property
    def amount(self) -> int:
        """Return by how much they differ."""
        return self.total - self.detail


def residuals_of(subject: str, figures: Iterable[Figure]) -> list[Residual]:
    """List the figures that differ from their detail."""
    return [
        Residual(figure.key, subject, figure.unit, figure.amount, figure.amount - figure.residual)
        for figure in figures
        if figure.residual
    ]


def check(connection: Connection, book_id: int) -> list[Residual]:
    """Compare the totals of home and of the funds with their detail; empty when every one adds up."""
    cards = fund_cards(connection, book_id)
    found = [*_home(connection, book_id, cards), *_funds(connection, book_id, cards), *_faces(connection, book_id)]
    services = _services(connection, book_id)
    return [one for one in (*found, services) if one.amount]


def _home(connection: Connection, book_id: int, cards: Iterable[FundCard]) -> list[Residual]:
    """Hold what the home page says of money against the sum of all funds; what moves between funds is in neither."""
    cards = list(cards)
    home = sums(connection, [book_id], [CNY.code]).get((book_id, CNY.code))
    total = home.received if home else 0
    parts = home.parts if home else {}
    return [
        Residual("home.received", "", CNY.code, total, sum(c.totals.received - c.transferred for c in cards)),
        Residual("home.held", "", CNY.code, parts.get("fund", 0), sum(c.totals.held for c in cards)),
        Residual("home.passed", "", CNY.code, parts.get("organization", 0), sum(c.totals.passed for c in cards)),
        Residual(
            "home.services", "", CNY.code, total - sum(parts.values()), sum(card.totals.services for card in cards)
        ),
    ]


def _funds(connection: Connection, book_id: int, cards: Iterable[FundCard]) -> list[Residual]:
    """Hold what each fund says it received against its parts, and its gifts against those of each source."""
    found = []
    for card in cards:
        about, totals = f"fund:{card.code}", card.totals
        parts = sum(share.quantity.amount for share in totals.shares)
        found.append(Residual("fund.parts", about, CNY.code, totals.received, parts))
    axes = {
        region.fund: [axis for axis in by_unit(region.own()).get(CNY.code, ()) if axis.gifts]
        for region in regions(connection, book_id, [card.code for card in cards], CNY.code)
    }
    few = [axis for own in axes.values() for axis in own if sum(one.gifts for one in own) <= MOST_GIFTS]
    given = gifts_by_source(connection, book_id, few)
    counted = sum(gifts for _, gifts in given.values())
    found.append(Residual("fund.gifts", "", "gifts", sum(axis.gifts for axis in few), counted))
    return found


def _faces(connection: Connection, book_id: int) -> list[Residual]:
    """Hold the money of all funds and earmarks against what banks, cash, wallets and claims hold: the other face."""
    a, held = t.axes.c, Counter[str]()
    ours = or_(*(lookup.of_type(a.account, kind) for kind in ("fund", "earmark", *PLACES)))
    query = select(a.account, a.received - a.given).where(a.book_id == book_id, a.unit == CNY.code, ours)
    for account, balance in connection.execute(query):
        held[account.partition(":")[0]] += balance
    return [Residual("book.faces", "", CNY.code, held["fund"] + held["earmark"], sum(held[place] for place in PLACES))]


def _services(connection: Connection, book_id: int) -> Residual:
    """Hold the number of services of the home page against the list of services."""
    o, s = t.objects.c, t.services.c
    listed = connection.scalar(select(func.count()).where(s.book_id == book_id)) or 0
    gone = select(func.count()).where(lookup.of_type(o.address, "service"), o.closed.is_not(None))
    total = lookup.count_objects(connection, book_id, "service")
    taken_back = connection.scalar(gone.where(o.book_id == book_id)) or 0
    return Residual("home.count", "", "services", total, listed - taken_back)
