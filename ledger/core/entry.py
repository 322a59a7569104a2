"""Entries: what a request asks for (`Draft`), and the kinds, objects and accounts an entry may speak of.

Everything has one address `type:code` (`fund:general`, `grant:G2026-003`, `bank:main`); the type tells what it is.
An account is an object that can hold units.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import lru_cache
from types import NoneType
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
MATTERS = ("need", "campaign", "contract")
"""What parties have to do with each other: a need to be met, a call for gifts, a purchase of services."""
TYPES = (*ACCOUNTS, *PARTIES, *MATTERS)

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
    "need",
    "campaign",
    "contract",
    "decision",
    "claim",
    "disclosure",
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
    "key.rotated": None,
    "grant.closed": (Effect.CLOSE, "grant"),
    "decision.recorded": (Effect.OPEN, "decision"),
    "claim.filed": (Effect.OPEN, "claim"),
    "disclosure.published": (Effect.OPEN, "disclosure"),
    "disclosure.corrected": (Effect.CHANGE, "disclosure"),
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

_RECEIVED = frozenset({(Side.SOURCE, Side.FUND)})
_USED = frozenset({(Side.FUND, Side.OUTCOME), (Side.GRANTEE, Side.OUTCOME)})
ROUTES: dict[str, frozenset[tuple[Side, Side]]] = {
    "donation.received": _RECEIVED,
    "income.received": _RECEIVED | {(Side.SOURCE, Side.GRANTEE)},
    "grant.paid": frozenset({(Side.FUND, Side.GRANTEE)}),
    "grant.returned": frozenset({(Side.GRANTEE, Side.FUND)}),
    "service.delivered": _USED | {(Side.SOURCE, Side.OUTCOME)},
    "goods.issued": _USED,
    "expense.recorded": _USED,
    "fund.transferred": frozenset({(Side.FUND, Side.FUND)}),
    "donation.refunded": _USED,
    "loss.recorded": _USED,
}
"""Between which sides the units of each kind of entry move; the other kinds move none."""
ROUTES["entry.reversed"] = frozenset((taker, giver) for routes in ROUTES.values() for giver, taker in routes)

SMALL_GROUP = 5
"""Groups of residents smaller than this are never counted in public."""

OFF_BOOK = frozenset({"volunteer-hour"})
"""Units that have no balance-sheet value: they are traced, and never posted."""

MAX_SERVICE_KIND = 60
_CONTROL = r"\x00-\x1f\x7f\ud800-\udfff"  # no database and no page shows these
_CODE = re.compile(rf"[^\s:{_CONTROL}][^\s{_CONTROL}]{{0,99}}")
_REF = re.compile(rf"[^\s{_CONTROL}][^{_CONTROL}]{{0,199}}")
_FIELD = re.compile(r"[a-z0-9_]{1,40}")
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


@lru_cache(maxsize=65_536)
def side_of(account: str) -> Side:
    """Tell the side of an account from its address."""
    side = ACCOUNTS.get(account.partition(":")[0])
    if side is None:
        raise MalformedError(
            "'%(account)s' is not an account: its address begins with one of %(kinds)s",
            account=account,
            kinds=", ".join(ACCOUNTS),
        )
    return side


def subject_of(kind: str, facts: Mapping[str, Any]) -> tuple[Effect | None, str | None]:
    """Tell what an entry is about: the effect on it (if any) and its address."""
    rule = KINDS[kind]
    if kind == "donation.received":
        return None, f"donation:{facts['code']}"
    if kind == "import.completed":
        return None, f"import:{facts.get('code')}"
    if rule is None:
        return None, None
    code = facts.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise MalformedError(
            "%(kind)s needs facts.code: 1 to 100 characters without space, the first not a colon; got %(code)s",
            kind=kind,
            code=repr(code),
        )
    return rule[0], f"{rule[1]}:{code}"


def mentions_of(facts: Mapping[str, Any]) -> list[str]:
    """List the addresses of the objects that the facts name, each once, sorted."""
    if facts.keys().isdisjoint(MENTIONS):
        return []
    named: set[str] = set()
    for kind in MENTIONS:
        codes = facts.get(kind)
        if codes is not None:
            listed = [codes] if isinstance(codes, str) else codes
            if not isinstance(listed, list | tuple) or not all(type(code) is str for code in listed):
                raise MalformedError(
                    "facts.%(kind)s names objects by their codes, one text or a list of texts; got %(codes)s",
                    kind=kind,
                    codes=repr(codes),
                )
            named.update(f"{kind}:{code}" for code in listed)
    return sorted(named)


def check_draft(draft: Draft) -> None:
    """Refuse a request whose parts do not have the shape of the format."""
    if draft.kind not in KINDS:
        raise MalformedError("'%(kind)s' is not a kind of entry", kind=draft.kind)
    check_people(draft.ref, draft.by, draft.approved_by)
    if type(draft.memo) is not str or type(draft.dated) is not date:
        raise MalformedError(
            "memo must be text and dated a day; got %(memo)s and %(dated)s",
            memo=repr(draft.memo),
            dated=repr(draft.dated),
        )
    check_facts(draft.kind, draft.facts)
    if "private" in draft.facts:
        raise MalformedError(
            "facts.private holds commitments and is written by the journal; pass personal data as `private`",
        )
    for name, value in draft.private.items():
        if type(name) is not str or not _FIELD.fullmatch(name) or type(value) is not str or "\0" in value:
            raise MalformedError(
                "the private field %(name)s needs a name of 1 to 40 of a-z, 0-9 and _, and text for its value",
                name=repr(name),
            )
    for move in draft.moves:
        check_amount(move.amount)
        if move.value is not None:
            check_amount(move.value)
        if move.of is not None and type(move.of) is not int:
            raise MalformedError("`of` is the number of an entry; got %(of)s", of=repr(move.of))
    for posting in draft.postings:
        check_posted(posting.amount)


def check_people(ref: object, by: object, approved_by: object) -> None:
    """Refuse an entry without a usable ref, or that does not say who prepared it."""
    if type(ref) is not str or not _REF.fullmatch(ref):
        raise MalformedError("ref %(ref)s must have 1 to 200 characters on one line", ref=repr(ref))
    if type(by) is not str or not by or approved_by == by:
        raise MalformedError("an entry names who prepared it, and nobody approves what they prepared")
    if approved_by is not None and type(approved_by) is not str:
        raise MalformedError("approved_by must be a user's code; got %(approved_by)s", approved_by=repr(approved_by))


def check_facts(kind: str, facts: Mapping[str, Any]) -> None:
    """Refuse facts without those by which the entry is found again."""
    if kind == "donation.received" and not _HEX64.fullmatch(str(facts.get("code"))):
        raise MalformedError("a donation needs facts.code: the SHA-256 of its tracking code, in hexadecimal")
    if kind == "entry.reversed":
        _check_reversal(facts)
    if kind == "service.delivered":
        _check_service(facts)
    if kind in {"need.opened", "need.changed"}:
        _check_group(facts)
    if kind == "decision.recorded":
        _check_decision(facts)
    evidence = facts.get("evidence", [])
    if type(evidence) is not list or not all(_names_file(item) for item in evidence):
        raise MalformedError(
            "facts.evidence lists files by sha256, 64 hexadecimal digits; got %(evidence)s",
            evidence=repr(evidence),
        )
    if kind == "person.erased":
        entries = facts.get("entries")
        if type(entries) is not list or not all(type(seq) is int for seq in entries):
            raise MalformedError(
                "person.erased needs facts.entries: the numbers of the entries whose personal data is gone",
            )


def _check_reversal(facts: Mapping[str, Any]) -> None:
    reverses = facts.get("reverses")
    if type(reverses) is not int or facts.get("code") != str(reverses):
        raise MalformedError(
            "a reversal needs facts.reverses, the number of the entry it takes back, and the same as facts.code"
        )
    if type(facts.get("object")) not in (str, NoneType):
        raise MalformedError(
            "facts.object is the address of what a reversal closes; got %(object)s", object=repr(facts["object"])
        )


def public_residents(facts: Mapping[str, Any]) -> int:
    """Tell how many residents a service reached, as far as it is public: 1 stands for a small group.

    The number of a group smaller than `SMALL_GROUP` never enters the log: `facts.residents_below` says that it is one,
    and the side store has the number.
    """
    return 1 if "residents_below" in facts else int(facts.get("residents", 0))


def _check_service(facts: Mapping[str, Any]) -> None:
    texts = [facts.get(name, "") for name in ("title", "kind", "community")]
    _check_group(facts)
    if set(map(type, texts)) != {str} or len(texts[1]) > MAX_SERVICE_KIND:
        raise MalformedError(
            "title, kind (at most %(most)s characters) and community of a service are texts; got %(texts)s",
            most=MAX_SERVICE_KIND,
            texts=texts,
        )


def _check_group(facts: Mapping[str, Any]) -> None:
    """Keep the number of a small group of residents off the log."""
    residents = facts.get("residents", 0)
    if type(residents) is int and 0 < residents < SMALL_GROUP:
        raise MalformedError(
            "the number of a group smaller than %(least)s is personal data; say residents_below instead",
            least=SMALL_GROUP,
        )
    if facts.get("residents_below", SMALL_GROUP) != SMALL_GROUP:
        raise MalformedError(
            "facts.residents_below is %(least)s or absent; got %(said)s",
            least=SMALL_GROUP,
            said=repr(facts["residents_below"]),
        )
    if type(residents) is not int or not 0 <= residents <= MAX_AMOUNT:
        raise MalformedError(
            "facts.residents is how many residents a service reached: 0 or more; got %(residents)s",
            residents=repr(residents),
        )


def _check_decision(facts: Mapping[str, Any]) -> None:
    """Refuse a count of votes that cannot be, and an adoption without quorum or majority."""
    names = ("members", "present", "quorum", "for", "against", "abstained")
    counts = [facts.get(name) for name in names]
    if any(type(count) is not int or not 0 <= count <= MAX_AMOUNT for count in counts):
        raise MalformedError(
            "a decision counts %(names)s, each 0 or more; got %(counts)s",
            names=", ".join(names),
            counts=counts,
        )
    if (
        facts["present"] > facts["members"]
        or facts["for"] + facts["against"] + facts["abstained"] > facts["present"]
        or facts["quorum"] < 1
    ):
        raise MalformedError(
            "more cannot be present than are members, nor vote than are present, and a quorum is 1 or more: %(counts)s",
            counts=counts,
        )
    adopted = facts["present"] >= facts["quorum"] and facts["for"] > facts["against"]
    if facts.get("result") not in {"adopted", "rejected"} or (facts["result"] == "adopted") > adopted:
        raise MalformedError(
            "the result is 'adopted' (with quorum, and more for than against) or 'rejected'; got %(counts)s",
            counts=counts,
        )


def _names_file(item: object) -> bool:
    return isinstance(item, dict) and _HEX64.fullmatch(str(item.get("sha256"))) is not None


def check_amount(amount: object) -> None:
    """Refuse anything but an integer from 1 to 2^53 − 1."""
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise MalformedError(
            "%(amount)s is not an amount: an integer from 1 to %(most)s of the unit's smallest part",
            amount=repr(amount),
            most=MAX_AMOUNT,
        )


def check_posted(amount: object) -> None:
    """Refuse anything but an integer from 1 to 2^53 − 1, or its negative."""
    if type(amount) is not int or not 0 < abs(amount) <= MAX_AMOUNT:
        raise MalformedError(
            "%(amount)s is not an amount: an integer from 1 to %(most)s, or its negative",
            amount=repr(amount),
            most=MAX_AMOUNT,
        )
