"""Entries: what a request asks for (`Draft`), and the kinds, objects and accounts an entry may speak of.

Everything has one address `type:code` (`fund:general`, `grant:G2026-003`, `bank:main`); the type tells what it is.
An account is an object that can hold units.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from ledger.core.errors import MalformedError
from ledger.core.spans import MAX_AMOUNT, Span

Body = dict[str, Any]
"""One decoded entry body."""

ZERO = "0" * 64
KEYS = (
    "_prev",
    "approved_by",
    "book",
    "by",
    "dated",
    "facts",
    "flows",
    "kind",
    "memo",
    "postings",
    "recorded",
    "ref",
    "seq",
)


class Side(Enum):
    """Kind of an account: the first four are flow accounts, the last a balance-sheet account."""

    SOURCE = "source"
    FUND = "fund"
    GRANTEE = "grantee"
    OUTCOME = "outcome"
    PLACE = "place"


class Effect(Enum):
    """What an entry does to the object it is about."""

    OPEN = "open"
    CHANGE = "change"
    CLOSE = "close"


ACCOUNTS: dict[str, Side] = {
    "source": Side.SOURCE,
    "fund": Side.FUND,
    "earmark": Side.FUND,
    "grant": Side.GRANTEE,
    "service": Side.OUTCOME,
    "outcome": Side.OUTCOME,
    "bank": Side.PLACE,
    "cash": Side.PLACE,
    "wallet": Side.PLACE,
    "inventory": Side.PLACE,
    "receivable": Side.PLACE,
    "payable": Side.PLACE,
}
"""Side of an account by the type of its address."""

PARTIES = ("organization", "community", "worker", "volunteer", "project", "unit")
TYPES = (*ACCOUNTS, *PARTIES)

MENTIONS = (
    "fund",
    "earmark",
    "organization",
    "community",
    "worker",
    "volunteer",
    "project",
    "grant",
    "service",
)
"""Facts that name another object by its code; it must be open."""

KINDS: dict[str, tuple[Effect, str] | None] = {
    "book.opened": None,
    "donation.received": None,
    "grant.awarded": (Effect.OPEN, "grant"),
    "grant.paid": None,
    "grant.returned": None,
    "service.delivered": (Effect.OPEN, "service"),
    "service.confirmed": None,
    "goods.issued": None,
    "income.received": None,
    "expense.recorded": None,
    "payable.settled": None,
    "fund.transferred": None,
    "bank.transferred": None,
    "donation.refunded": None,
    "loss.recorded": None,
    "entry.reversed": (Effect.OPEN, "reversal"),
    "import.completed": None,
    "person.erased": None,
} | {
    f"{name}.{verb.value}{'d' if verb.value.endswith('e') else 'ed'}": (verb, name)
    for name in TYPES
    if name not in {"grant", "service"}
    for verb in Effect
}
"""Every kind of entry, with its effect on the object `type:facts.code`."""

REVERSIBLE = frozenset(
    {
        "donation.received",
        "grant.awarded",
        "grant.paid",
        "grant.returned",
        "service.delivered",
        "goods.issued",
        "income.received",
        "expense.recorded",
        "payable.settled",
        "fund.transferred",
        "bank.transferred",
        "donation.refunded",
        "loss.recorded",
    }
)

OFF_BOOK = frozenset({"volunteer-hour"})
"""Units that have no balance-sheet value: they are traced, and never posted."""

_CODE = re.compile(r"[^\s:][^\s]{0,99}")
_REF = re.compile(r"\S.{0,199}")
_HEX64 = re.compile(r"[0-9a-f]{64}")


class Move(NamedTuple):
    """Ask that `amount` units go from one flow account to another.

    With `pieces`, exactly those units of the giver (designated: the money of entry `of`); otherwise the first in.
    `value` is the fair value in fen of goods that a source gives.
    """

    giver: str
    taker: str
    amount: int
    unit: str
    of: int | None = None
    pieces: tuple[Span, ...] | None = None
    value: int | None = None


class Posting(NamedTuple):
    """Change a balance-sheet account: debit positive, credit negative."""

    account: str
    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Ask for one entry. `ref` makes the request idempotent; `private` holds personal data, which stays outside."""

    kind: str
    dated: date
    by: str
    ref: str
    moves: Sequence[Move] = ()
    postings: Sequence[Posting] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    memo: str = ""
    approved_by: str | None = None


def side_of(account: str) -> Side:
    """Tell the side of an account from its address."""
    side = ACCOUNTS.get(account.partition(":")[0])
    if side is None:
        msg = f"'{account}' is not an account: its address begins with one of {', '.join(ACCOUNTS)}"
        raise MalformedError(msg)
    return side


def subject_of(kind: str, facts: Mapping[str, Any]) -> tuple[Effect | None, str | None]:
    """Tell what an entry is about: the effect on it (if any) and its address."""
    rule = KINDS[kind]
    if kind == "donation.received":
        return None, f"donation:{facts['code']}"
    if rule is None:
        return None, None
    code = facts.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        msg = f"{kind} needs facts.code: 1 to 100 characters without space, the first not a colon; got {code!r}"
        raise MalformedError(msg)
    return rule[0], f"{rule[1]}:{code}"


def mentions_of(facts: Mapping[str, Any]) -> list[str]:
    """List the addresses of the objects that the facts name, each once, sorted."""
    named: set[str] = set()
    for kind in MENTIONS:
        codes = facts.get(kind)
        if codes is not None:
            named.update(f"{kind}:{code}" for code in ([codes] if isinstance(codes, str) else codes))
    return sorted(named)


def check_draft(draft: Draft) -> None:
    """Refuse a request whose parts do not have the shape of the format."""
    if draft.kind not in KINDS:
        msg = f"'{draft.kind}' is not a kind of entry"
        raise MalformedError(msg)
    if not _REF.fullmatch(draft.ref):
        msg = f"ref {draft.ref!r} must have 1 to 200 characters on one line"
        raise MalformedError(msg)
    if not draft.by or draft.approved_by == draft.by:
        msg = "an entry names who prepared it, and nobody approves what they prepared"
        raise MalformedError(msg)
    if draft.kind == "donation.received" and not _HEX64.fullmatch(str(draft.facts.get("code"))):
        msg = "a donation needs facts.code: the SHA-256 of its tracking code, in hexadecimal"
        raise MalformedError(msg)
    if "private" in draft.facts:
        msg = "facts.private holds commitments and is written by the journal; pass personal data as `private`"
        raise MalformedError(msg)
    for move in draft.moves:
        check_amount(move.amount)
    for posting in draft.postings:
        check_amount(abs(posting.amount))


def check_amount(amount: object) -> None:
    """Refuse anything but an integer from 1 to 2^53 − 1."""
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        msg = f"{amount!r} is not an amount: an integer from 1 to {MAX_AMOUNT} of the unit's smallest part"
        raise MalformedError(msg)
