"""A donor's own page: all gifts that an account holds, followed together.

The number of statements depends on how many books are on the page, never on how many gifts; a page follows at most
`MOST` gifts, and says so when there are more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import RuleError
from ledger.core.units import CNY
from ledger.giving.actions import code_of
from ledger.giving.donors.consents import names_given
from ledger.giving.donors.held import held_by_others, list_held, read_places, sums_held, years_and_books
from ledger.giving.donors.walks import services_of, shares_of, walk_all
from ledger.journal.read import read_bodies
from ledger.web.cards import service_cards
from ledger.web.convert import Names, day
from ledger.web.pages import BookRef, GiftsTogether, Pager, PieceOfService, Quantity, Ref, Share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.giving.donors.consents import Named
    from ledger.giving.donors.held import Held, Place, Wanted
    from ledger.giving.donors.walks import Part, Walked

MOST = 100  # gifts that a page follows
MOST_SERVICES = 6
KINDS = ("money", "hours", "goods")  # the order of sentences


@dataclass(frozen=True, slots=True)
class MyGift:
    """A gift on its donor's page. `code`: the tracking code, '' when it was made with another key.

    `named`: the name it was given under, as far as it is kept, and whether it is published. `shared`: another account
    holds it too. `undone`: its record was taken back, so that there is no confirmation.
    """

    place: Place
    seq: int
    dated: date
    quantity: Quantity
    fund: Ref
    earmark: Ref | None
    shares: tuple[Share, ...]
    service_count: int
    code: str
    named: Named | None
    shared: bool
    undone: bool
    body: Body

    @property
    def book(self) -> BookRef:
        """Return its book."""
        return self.place.ref


class ServiceIn(NamedTuple):
    """A service that gifts are in, and its book."""

    book: BookRef
    piece: PieceOfService


@dataclass(frozen=True, slots=True)
class MyPage:
    """A page of a donor's gifts.

    `together`: by unit, what became of the gifts of this page; `money`: fen of all that were asked for, on any page.
    """

    gifts: tuple[MyGift, ...]
    together: tuple[GiftsTogether, ...]
    money: int
    services: tuple[ServiceIn, ...]
    pager: Pager
    years: tuple[int, ...]
    books: tuple[BookRef, ...]
    as_of: datetime | None

    @property
    def whole(self) -> bool:
        """Tell whether the page has all gifts that were asked for."""
        return self.pager.last == 1


class _OfBook(NamedTuple):
    """What was read of the gifts of one book."""

    place: Place
    names: Names
    walked: list[Walked]
    bodies: dict[int, Body]
    named: dict[int, Named]


def my_page(connection: Connection, wanted: Wanted, number: int, code_key: bytes, size: int = MOST) -> MyPage:
    """Read a page of the gifts that an account holds, and follow them."""
    years, codes = years_and_books(connection, wanted.user)
    places = read_places(connection, codes)
    sums = sums_held(connection, wanted)
    pager = Pager.turned(number, size, sum(it.gifts for it in sums))
    held = list_held(connection, wanted, size, (pager.number - 1) * size)
    read = [_of_book(connection, places[code], [it for it in held if it.book == code]) for code in codes]
    of_books = {it.place.row.code: it for it in read if it.walked}
    shared = held_by_others(connection, wanted.user)
    gifts = {
        (code, it.held.seq): _gift(of_book, it, code_key, shared=(it.held.book_id, it.held.seq) in shared)
        for code, of_book in of_books.items()
        for it in of_book.walked
    }
    return MyPage(
        gifts=tuple(gifts[it.book, it.seq] for it in held),
        together=_together(list(of_books.values())),
        money=sum(it.amount for it in sums if it.unit == CNY.code),
        services=_services(connection, list(of_books.values())),
        pager=pager,
        years=tuple(years),
        books=tuple(places[code].ref for code in codes),
        as_of=max((it.place.as_of for it in of_books.values()), default=None),
    )


def _of_book(connection: Connection, place: Place, held: Sequence[Held]) -> _OfBook:
    """Walk the gifts of one book and read what the page says of them."""
    book_id = place.row.id
    walked = walk_all(connection, book_id, held) if held else []
    newest = list(services_of(_parts(walked)))[:MOST_SERVICES]
    named = {part.account for part in _parts(walked) if part.bucket != "service"} | set(newest)
    named |= {it.account for it in held} | {f"unit:{it.unit}" for it in held} | {"unit:CNY"}
    bodies = read_bodies(connection, book_id, [it.seq for it in held]) if held else {}
    return _OfBook(
        place,
        Names(connection, book_id, named if held else ()),
        walked,
        bodies,
        names_given(connection, book_id, bodies),
    )


def _parts(walked: Sequence[Walked]) -> list[Part]:
    return [part for it in walked for part in it.parts]


def _gift(of_book: _OfBook, walked: Walked, code_key: bytes, *, shared: bool) -> MyGift:
    held, names = walked.held, of_book.names
    body, unit = of_book.bodies[held.seq], names.unit(held.unit)
    earmark = names.ref(held.account) if held.account.startswith("earmark:") else None
    return MyGift(
        place=of_book.place,
        seq=held.seq,
        dated=day(held.dated),
        quantity=Quantity(held.amount, unit),
        fund=(names.other(held.account, "fund") if earmark else None) or names.ref(held.account),
        earmark=earmark,
        shares=shares_of(((part, names) for part in walked.parts), unit),
        service_count=len(services_of(walked.parts)),
        code=known_code(body, code_key),
        named=of_book.named.get(held.seq),
        shared=shared,
        undone=walked.undone,
        body=body,
    )


def known_code(body: Body, code_key: bytes) -> str:
    """Make the tracking code of a gift again; empty when it was made with another key."""
    try:
        return code_of(body, code_key)
    except RuleError:
        return ""


def _together(read: Sequence[_OfBook]) -> tuple[GiftsTogether, ...]:
    """Put the gifts of a page together by unit; goods of different books stay apart."""
    parts: dict[tuple[str, str], list[tuple[Part, Names]]] = defaultdict(list)
    gifts: dict[tuple[str, str], list[Walked]] = defaultdict(list)
    units_of = {}
    services: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for of_book in read:
        for walked in of_book.walked:
            unit = of_book.names.unit(walked.held.unit)
            key = (walked.held.book if unit.kind == "goods" else "", unit.code)
            units_of[key] = unit
            gifts[key].append(walked)
            parts[key] += [(part, of_book.names) for part in walked.parts]
            services[key] |= {(walked.held.book, part.account) for part in walked.parts if part.bucket == "service"}
    made = [
        GiftsTogether(
            Quantity(sum(it.held.amount for it in found), units_of[key]),
            len(found),
            shares_of(parts[key], units_of[key]),
            len(services[key]),
        )
        for key, found in gifts.items()
    ]
    return tuple(sorted(made, key=lambda it: (KINDS.index(it.quantity.unit.kind), -it.quantity.amount)))


def _services(connection: Connection, read: Sequence[_OfBook]) -> tuple[ServiceIn, ...]:
    """Show the newest services that the gifts of a page are in, over all books."""
    found = []
    for of_book in read:
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for walked in of_book.walked:
            for account, amount in services_of(walked.parts).items():
                sums[account][walked.held.unit] += amount
        newest = [account.partition(":")[2] for account in services_of(_parts(of_book.walked))][:MOST_SERVICES]
        cards = service_cards(connection, of_book.place.row.id, newest, of_book.names) if newest else {}
        for code, card in cards.items():
            by_unit = sums[f"service:{code}"]
            unit = "CNY" if "CNY" in by_unit else max(by_unit, key=lambda name: by_unit[name])
            piece = PieceOfService(card, of_book.names.quantity(by_unit[unit], unit))
            found.append(ServiceIn(of_book.place.ref, piece))
    newest_first = sorted(found, key=lambda it: it.piece.card.dated, reverse=True)
    return tuple(newest_first[:MOST_SERVICES])
