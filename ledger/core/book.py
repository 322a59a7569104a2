"""The rules of a book, run over as much of it as is in memory.

`Book.settle` turns a request into the body of the next entry and `Book.replay` repeats what a stored body says; both
move units by the same few lines, so that what append allows is exactly what verification accepts. The state is made
of immutable values: each step replaces an axis or an object, and notes that it did in `touched` and `changed`.

A failed `settle` may leave a half-moved state behind: the caller drops the whole book (its transaction fails).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from ledger.core.chain import link
from ledger.core.entry import (
    KEYS,
    KINDS,
    OFF_BOOK,
    ROUTES,
    Body,
    Draft,
    Effect,
    Posting,
    Side,
    check_amount,
    check_draft,
    check_facts,
    check_people,
    check_posted,
    mentions_of,
    side_of,
    subject_of,
)
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    CorruptError,
    DirectionError,
    LedgerError,
    MalformedError,
    NotFreeError,
    OverspentError,
    RuleError,
    UnbalancedError,
    UnknownObjectError,
    WrongUnitError,
)
from ledger.core.spans import MAX_AMOUNT, Axis, Span, issue, receive, take_exactly, take_first
from ledger.core.units import Counted

AxisKey = tuple[str, str]
"""Account address and unit code."""

_HEX64 = re.compile(r"[0-9a-f]{64}")
_MAY_OWE = ("payable", "receivable")


class Known(NamedTuple):
    """Where an object was opened, last described and closed (entry numbers)."""

    opened: int
    latest: int
    closed: int | None = None


class Book:
    """The state of one book after `size` entries."""

    __slots__ = (
        "axes",
        "changed",
        "code",
        "count",
        "head",
        "numbers",
        "objects",
        "pierced",
        "recorded",
        "size",
        "touched",
    )

    def __init__(self, code: str, size: int = 0, head: bytes | None = None, recorded: str = "") -> None:
        self.code, self.size, self.head, self.recorded = code, size, head, recorded
        self.axes: dict[AxisKey, Axis] = {}
        self.numbers: dict[AxisKey, int] = {}
        self.count = 0  # axes of the whole book, in memory or not; the next new axis gets this number
        self.objects: dict[str, Known] = {}
        self.touched: set[AxisKey] = set()
        self.pierced: set[AxisKey] = set()  # axes whose holes changed
        self.changed: set[str] = set()

    def settle(self, draft: Draft, recorded: str, commitments: dict[str, str]) -> Body:
        """Decide the next entry: positions of every flow, sequence, chain; return its body."""
        check_draft(draft)
        self._open_subject(draft.kind, draft.facts, self.size)
        flows = [flow for move in draft.moves for flow in self._settle_move(draft.kind, move)]
        postings = [p._asdict() for p in draft.postings]
        facts = dict(draft.facts)
        if commitments:
            facts["private"] = commitments
        body: Body = {
            "_prev": link(self.head),
            "approved_by": draft.approved_by,
            "book": self.code,
            "by": draft.by,
            "dated": draft.dated.isoformat(),
            "facts": facts,
            "flows": flows,
            "kind": draft.kind,
            "memo": draft.memo,
            "postings": postings,
            "recorded": max(recorded, self.recorded),
            "ref": draft.ref,
            "seq": self.size,
        }
        self._conclude(body)
        return body

    def replay(self, body: Body) -> None:
        """Repeat a stored entry, refusing what `settle` could not have written."""
        kind = body["kind"]
        if kind not in KINDS:
            raise MalformedError("'%(kind)s' is not a kind of entry", kind=kind)
        check_people(body["ref"], body["by"], body["approved_by"])
        check_facts(kind, body["facts"])
        self._open_subject(kind, body["facts"], body["seq"])
        for flow in body["flows"]:
            out, amount = flow["out"], flow["amount"]
            check_amount(amount)
            if "value" in flow:
                _check_value(flow["from"], flow["value"])
            pieces = (Span(out, out + amount),) if "of" in flow else None
            got = self._transfer(kind, flow["from"], flow["to"], flow["unit"], amount, pieces)
            if got != [(out, flow["in"], amount)]:
                raise RuleError(
                    "flow %(flow)s does not take and lay the units that the rule gives: (out, in, amount) %(got)s",
                    flow=flow,
                    got=got,
                )
        self._conclude(body)

    def advance(self, leaf: bytes, recorded: str) -> None:
        """Make the entry just settled or replayed the head."""
        self.size += 1
        self.head, self.recorded = leaf, recorded

    def _settle_move(self, kind: str, move: Any) -> list[Body]:
        giver, taker, amount, unit, of, pieces, value = move
        if (of is None) != (pieces is None):
            raise MalformedError("a designated move names both the entry (`of`) and its pieces")
        flows: list[Body] = []
        for out, into, part in self._transfer(kind, giver, taker, unit, amount, pieces):
            flow = {"amount": part, "from": giver, "in": into, "out": out, "to": taker, "unit": unit}
            if of is not None:
                flow["of"] = of
            if value is not None:
                _check_value(giver, value)
                flow["value"] = value
            flows.append(flow)
        return flows

    def _transfer(
        self, kind: str, giver: str, taker: str, unit: str, amount: int, pieces: Sequence[Span] | None
    ) -> list[tuple[int, int, int]]:
        """Move units between two flow accounts; return (out, in, amount) of each contiguous piece."""
        side = side_of(giver)
        if (side, side_of(taker)) not in ROUTES.get(kind, ()):
            raise DirectionError(
                "%(kind)s never moves units from %(giver)s to %(taker)s",
                kind=kind,
                giver=giver,
                taker=taker,
            )
        if giver == taker:
            raise DirectionError("%(giver)s cannot give to itself", giver=giver)
        for address in (giver, taker, f"unit:{unit}"):
            self.need_open(address)
        axis = self.axes.get((giver, unit), Axis())
        try:
            if side is Side.SOURCE:
                axis, out = issue(axis, amount)
                spans: Sequence[Span] = (Span(out, out + amount),)
            elif pieces is None:
                axis, spans = take_first(axis, amount)
            else:
                axis, spans = take_exactly(axis, pieces), pieces
        except OverspentError:
            raise OverspentError(
                "%(account)s: %(asked)s asked, %(held)s held",
                account=giver,
                asked=Counted(amount, unit),
                held=Counted(axis.balance, unit),
            ) from None
        except NotFreeError as error:
            raise NotFreeError(
                "%(account)s in %(unit)s: the units at [%(lo)s, %(hi)s) have been given already",
                account=giver,
                unit=unit,
                **error.values,
            ) from None
        self._put((giver, unit), axis)
        gift = kind == "donation.received"
        laid, into = receive(self.axes.get((taker, unit), Axis()), amount, gift=gift)
        self._put((taker, unit), laid)
        parts = []
        for lo, hi in spans:
            parts.append((lo, into, hi - lo))
            into += hi - lo
        if into != laid.received:
            raise MalformedError(
                "the pieces of a move of %(amount)s add up to something else",
                amount=Counted(amount, unit),
            )
        return parts

    def _post(self, posting: Posting) -> None:
        account, amount, unit = posting
        if side_of(account) is not Side.PLACE:
            raise WrongUnitError("%(account)s holds flows; only balance-sheet accounts are posted to", account=account)
        if unit in OFF_BOOK:
            raise WrongUnitError(
                "%(unit)s has no balance-sheet value and is never posted (here to %(account)s)",
                unit=unit,
                account=account,
            )
        if (":" in unit) != account.startswith("inventory:") and not account.startswith(_MAY_OWE):
            raise WrongUnitError(
                "%(unit)s is not kept in %(account)s: goods lie in an inventory, money does not",
                unit=unit,
                account=account,
            )
        check_posted(amount)
        self.need_open(account)
        self.need_open(f"unit:{unit}")
        axis = self.axes.get((account, unit), Axis())
        received, given = axis.received + max(amount, 0), axis.given + max(-amount, 0)
        if max(received, given) > MAX_AMOUNT:
            raise MalformedError(
                "%(account)s would have turned over more than %(most)s in all; use another account",
                account=account,
                most=Counted(MAX_AMOUNT, unit),
            )
        if given > received and not account.startswith(_MAY_OWE):
            raise OverspentError(
                "%(account)s: %(asked)s asked, %(held)s held",
                account=account,
                asked=Counted(-amount, unit),
                held=Counted(received - given - amount, unit),
            )
        self._put((account, unit), Axis(received, given))

    def _put(self, key: AxisKey, axis: Axis) -> None:
        if key not in self.numbers:
            self.numbers[key] = self.count
            self.count += 1
        elif axis.holes is not self.axes[key].holes:
            self.pierced.add(key)
        self.axes[key] = axis
        self.touched.add(key)

    def _conclude(self, body: Body) -> None:
        """Post, check that the two faces agree and the parties exist, and apply the effect on the subject."""
        kind, facts = body["kind"], body["facts"]
        for posting in body["postings"]:
            self._post(Posting(posting["account"], posting["amount"], posting["unit"]))
        _check_faces(body)
        if kind == "donation.received" and len(body["flows"]) != 1:
            raise MalformedError(
                "a donation is one resource going to one account; this one has %(count)s flows",
                count=len(body["flows"]),
            )
        effect, subject = subject_of(kind, facts)
        mentioned = mentions_of(facts)
        _check_named(body, subject, mentioned)
        for address in mentioned:
            self.need_open(address)
        if effect in (Effect.CHANGE, Effect.CLOSE) and subject is not None:
            self._apply(effect, subject, body["seq"])
        if kind == "entry.reversed" and facts.get("object"):
            self._apply(Effect.CLOSE, facts["object"], body["seq"])

    def _open_subject(self, kind: str, facts: Mapping[str, Any], seq: int) -> None:
        """Open what the entry opens, before units can flow into it."""
        if (kind == "book.opened") != (seq == 0):
            raise RuleError(
                "entry %(seq)s is %(kind)s: the first entry of a book is book.opened, and no other is",
                seq=seq,
                kind=kind,
            )
        effect, subject = subject_of(kind, facts)
        if effect is Effect.OPEN and subject is not None:
            self._apply(effect, subject, seq)

    def _apply(self, effect: Effect, address: str, seq: int) -> None:
        known = self.objects.get(address)
        if effect is Effect.OPEN:
            if known is not None:
                raise AlreadyOpenError(
                    "%(address)s was opened by entry %(opened)s; choose another code",
                    address=address,
                    opened=known.opened,
                )
            self.objects[address] = Known(seq, seq)
        else:
            known = self.need_open(address)
            if effect is Effect.CHANGE:
                self.objects[address] = Known(known.opened, seq)
            else:
                self._check_empty(address)
                self.objects[address] = Known(known.opened, known.latest, seq)
        self.changed.add(address)

    def need_open(self, address: str) -> Known:
        """Return the object at an address, which must be open."""
        known = self.objects.get(address)
        if known is None:
            raise UnknownObjectError(
                "%(address)s is not in book '%(code)s'; open it first or check its code",
                address=address,
                code=self.code,
            )
        if known.closed is not None:
            raise ClosedObjectError(
                "%(address)s was closed by entry %(closed)s; use another or open a new one",
                address=address,
                closed=known.closed,
            )
        return known

    def _check_empty(self, address: str) -> None:
        held = [
            Counted(axis.balance, unit)
            for (account, unit), axis in self.axes.items()
            if account == address and axis.balance
        ]
        if held and not address.startswith("source:"):
            raise RuleError(
                "%(address)s still holds %(held)s; move it out before closing",
                address=address,
                held=held[0],
            )


def _check_faces(body: Body) -> None:
    """Refuse an entry unless, for every on-book unit, Σ postings = Σ flows into funds − Σ flows out of funds."""
    difference: dict[str, int] = {}
    for posting in body["postings"]:
        difference[posting["unit"]] = difference.get(posting["unit"], 0) + posting["amount"]
    for flow in body["flows"]:
        unit = flow["unit"]
        if unit not in OFF_BOOK:
            change = (side_of(flow["from"]) is Side.FUND) - (side_of(flow["to"]) is Side.FUND)
            difference[unit] = difference.get(unit, 0) + change * flow["amount"]
    for unit, amount in difference.items():
        if amount:
            raise UnbalancedError(
                "the two faces differ by %(difference)s: postings must equal what the funds gained",
                difference=Counted(amount, unit),
            )


def _check_value(giver: str, value: object) -> None:
    check_amount(value)
    if side_of(giver) is not Side.SOURCE:
        raise MalformedError(
            "only what a source gives has a value stated; %(giver)s passes on the value of its lots",
            giver=giver,
        )


_NAMED = {
    "service.delivered": ("to", "code"),
    "grant.paid": ("to", "grant"),
    "grant.returned": ("from", "grant"),
    "donation.refunded": ("of", "donation"),
}
"""Which end of the flows of a kind is the object that a fact names."""


def _check_named(body: Body, subject: str | None, mentioned: Sequence[str]) -> None:
    """Refuse units that go elsewhere than to the grant, service or donation that the facts name; builds nothing."""
    rule = _NAMED.get(body["kind"])
    if rule is None:
        return
    end, fact = rule
    named = body["facts"].get(fact)
    for flow in body["flows"]:
        found = flow.get(end)
        if fact == "grant":  # of one grant: its address is among those mentioned
            fits = type(named) is str and found in mentioned
        else:
            fits = named is not None and found == (subject if fact == "code" else named)
        if not fits:
            raise RuleError(
                "%(kind)s names %(fact)s %(named)s; '%(end)s' of a flow is %(found)s",
                kind=body["kind"],
                fact=fact,
                named=repr(named),
                end=end,
                found=repr(found),
            )


def check_shape(body: Body) -> None:
    """Refuse a decoded body whose members are missing or of the wrong type."""
    try:
        _check_members(body)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CorruptError(
            "entry %(seq)s does not have the members of the format: %(error)s",
            seq=repr(body.get("seq")),
            error=repr(error),
        ) from error


_texts = itemgetter("_prev", "book", "by", "dated", "kind", "memo", "recorded", "ref")
_FLOW = {"from", "to", "out", "in", "amount", "unit"}
_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _check_members(body: Body) -> None:
    typed = set(map(type, _texts(body))) == {str} and type(body["seq"]) is int
    if len(body) != len(KEYS) or not typed or type(body["facts"]) is not dict or "approved_by" not in body:
        msg = "a member is missing, too many or of the wrong type"
        raise ValueError(msg)
    _check_times(body["dated"], body["recorded"])
    for flow in body["flows"]:
        numbers = (flow["out"], flow["in"], flow["amount"], flow.get("of", 0), flow.get("value", 0))
        texts = (flow["from"], flow["to"], flow["unit"])
        members = _FLOW <= flow.keys() <= _FLOW | {"of", "value"}
        if not members or set(map(type, numbers)) != {int} or set(map(type, texts)) != {str}:
            msg = f"flow {flow}"
            raise ValueError(msg)
    for posting in body["postings"]:
        account, amount, unit = posting["account"], posting["amount"], posting["unit"]
        if len(posting) != len(Posting._fields) or not type(account) is type(unit) is str or type(amount) is not int:
            msg = f"posting {posting}"
            raise ValueError(msg)
    private = body["facts"].get("private", {})
    if type(private) is not dict or not all(map(_HEX64.fullmatch, private.values())):
        msg = f"facts.private {private}"
        raise ValueError(msg)


@lru_cache
def _check_times(dated: str, recorded: str) -> None:
    if date.fromisoformat(dated).isoformat() != dated or not _RECORDED.fullmatch(recorded):
        msg = f"dated {dated}, recorded {recorded}"
        raise ValueError(msg)


__all__ = ["AxisKey", "Book", "Known", "LedgerError", "check_shape"]
