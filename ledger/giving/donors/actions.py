"""What donors do: hold gifts and let them go, agree that their name is published, ask to be erased.

Each takes a connection in a writing transaction. None of it is on the ledger.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from ledger.core import tracking
from ledger.core.errors import ConflictError, MalformedError, NotFoundError
from ledger.giving.donors.tables import claims, consents, erasures
from ledger.giving.find import UnknownCodeError
from ledger.journal import lookup
from ledger.people.accounts import clock
from ledger.people.accounts.codes import random_text
from ledger.people.accounts.trail import note

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

MOST_CLAIMED = 2_000  # gifts that one account holds
MOST_HOLDERS = 10  # accounts that hold one gift: a family, not a crowd
MOST_REASON = 500  # characters

c = claims.c


class Claimed(NamedTuple):
    """A gift that was claimed: how many other accounts hold it, and whether this one held it already."""

    book_id: int
    seq: int
    others: int
    before: bool


class Gift(NamedTuple):
    """A gift by its book's number and its entry."""

    book_id: int
    seq: int


def gift_of(connection: Connection, typed: str) -> Gift:
    """Find the gift of a code as people type it; TrackingCodeError, UnknownCodeError."""
    found = lookup.find_subject(connection, f"donation:{tracking.digest(tracking.parse(typed))}")
    if found is None:
        raise UnknownCodeError("no book has a donation with this tracking code; compare it with the confirmation")
    return Gift(found.book_id, found.seq)


def claim(connection: Connection, user: str, typed: str) -> Claimed:
    """Let an account hold the gift of a tracking code, whoever else holds it; asking twice is asking once."""
    gift = gift_of(connection, typed)
    same = (c.book_id == gift.book_id) & (c.seq == gift.seq)
    holders = set(connection.scalars(select(c.user).where(same)))
    if user in holders:
        return Claimed(*gift, len(holders) - 1, before=True)
    if len(holders) >= MOST_HOLDERS:
        raise ConflictError("%(most)s accounts hold this gift already; no more may", most=MOST_HOLDERS)
    if count_claims(connection, user) >= MOST_CLAIMED:
        raise ConflictError("an account holds at most %(most)s gifts; make another one", most=MOST_CLAIMED)
    row = {"user": user, "book_id": gift.book_id, "seq": gift.seq, "at": clock.stamp(clock.now())}
    connection.execute(insert(claims), row)
    return Claimed(*gift, len(holders), before=False)


def count_claims(connection: Connection, user: str) -> int:
    """Count the gifts that an account holds."""
    return connection.scalar(select(func.count()).where(c.user == user)) or 0


def release(connection: Connection, user: str, gift: Gift) -> None:
    """Let a gift go: the account holds it no more; the tracking code still works."""
    check_holds(connection, user, [gift])
    connection.execute(delete(claims).where(c.user == user, c.book_id == gift.book_id, c.seq == gift.seq))


def check_holds(connection: Connection, user: str, gifts: Iterable[Gift]) -> None:
    """Refuse gifts that an account does not hold, in the same words as gifts that there are not."""
    wanted = set(gifts)
    for book_id in {gift.book_id for gift in wanted}:
        seqs = {gift.seq for gift in wanted if gift.book_id == book_id}
        query = select(c.seq).where(c.user == user, c.book_id == book_id, lookup.among(connection, c.seq, seqs))
        if seqs - set(connection.scalars(query)):
            raise NotFoundError("your account does not hold this gift")


def set_consent(connection: Connection, user: str, gifts: Collection[Gift], *, publish: bool) -> None:
    """Say whether the donor's name of these gifts may be shown to everybody; it holds at once."""
    check_holds(connection, user, gifts)
    k = consents.c
    for book_id in {gift.book_id for gift in gifts}:
        seqs = {gift.seq for gift in gifts if gift.book_id == book_id}
        connection.execute(delete(consents).where(k.book_id == book_id, lookup.among(connection, k.seq, seqs)))
    row = {"publish": int(publish), "at": clock.stamp(clock.now()), "by": user}
    if gifts:
        connection.execute(insert(consents), [{**gift._asdict(), **row} for gift in sorted(set(gifts))])
    note(connection, user, "set consent to publish a name", detail=f"{'yes' if publish else 'no'}: {len(gifts)}")


def all_claims(connection: Connection, user: str, book_id: int | None = None) -> list[Gift]:
    """List the gifts that an account holds."""
    query = select(c.book_id, c.seq).where(c.user == user).order_by(c.book_id, c.seq)
    if book_id is not None:
        query = query.where(c.book_id == book_id)
    return [Gift(*row) for row in connection.execute(query)]


# ------------------------------------------------------------------ asking to be erased


def ask_erasure(connection: Connection, user: str, book: tuple[int, str], reason: str) -> str:
    """Ask the foundation of a book (number, code) to erase the personal data of all gifts held in it."""
    book_id, book_code = book
    said = " ".join(reason.split())
    if len(said) > MOST_REASON:
        raise MalformedError("say it in at most %(most)s characters", most=MOST_REASON)
    gifts = all_claims(connection, user, book_id)
    if not gifts:
        raise NotFoundError("your account holds no gift in this book")
    x = erasures.c
    if connection.scalar(select(x.code).where(x.user == user, x.book_id == book_id, x.state == "open")):
        raise ConflictError("you have asked for this already; it waits for an admin of the foundation")
    code = random_text(10)
    connection.execute(
        insert(erasures),
        {
            "book_id": book_id,
            "code": code,
            "user": user,
            "entries": json.dumps([gift.seq for gift in gifts]),
            "reason": said,
            "state": "open",
            "at": clock.stamp(clock.now()),
            "answer": "",
            "gifts": len(gifts),
        },
    )
    note(connection, user, "asked to be erased", book=book_code, object=f"erasure:{code}")
    return code


def withdraw_erasure(connection: Connection, user: str, code: str) -> None:
    """Take a request back that nobody has decided on."""
    x = erasures.c
    mine = (x.code == code) & (x.user == user) & (x.state == "open")
    if connection.execute(update(erasures).where(mine).values(_over("withdrawn", user))).rowcount != 1:
        raise NotFoundError("this request is not open any more")


def refuse_erasure(connection: Connection, by: str, book: tuple[int, str], code: str, answer: str) -> None:
    """Answer a request with a reason why the data stays; whoever asked reads it."""
    said = " ".join(answer.split())
    if not said or len(said) > MOST_REASON:
        raise MalformedError("say why, in 1 to %(most)s characters: the donor will read it", most=MOST_REASON)
    x = erasures.c
    open_one = (x.book_id == book[0]) & (x.code == code) & (x.state == "open")
    values = _over("refused", by) | {"answer": said}
    if connection.execute(update(erasures).where(open_one).values(values)).rowcount != 1:
        raise ConflictError("this request is not open any more")
    note(connection, by, "refused to erase", book=book[1], object=f"erasure:{code}")


def _over(state: str, by: str) -> dict[str, object]:
    """Give what a decided request keeps: nothing of what it said."""
    at = clock.stamp(clock.now())
    return {"state": state, "decided_by": by, "decided_at": at, "entries": "[]", "reason": ""}


def done(connection: Connection, by: str, book_id: int, code: str, seq: int | None) -> None:
    """Mark a request as carried out."""
    x = erasures.c
    open_one = (x.book_id == book_id) & (x.code == code) & (x.state == "open")
    if connection.execute(update(erasures).where(open_one).values(_over("done", by) | {"seq": seq})).rowcount != 1:
        raise ConflictError("this request is not open any more")
