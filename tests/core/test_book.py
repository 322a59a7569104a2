"""The rules of a book: what it settles it also replays, and what it refuses leaves nothing."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from ledger.core import canonical
from ledger.core.chain import leaf_hash, stamp
from ledger.core.entry import ZERO, Draft, Move, Posting
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    DirectionError,
    MalformedError,
    NotFreeError,
    OverspentError,
    RuleError,
    UnbalancedError,
    UnknownObjectError,
    WrongUnitError,
)
from ledger.core.spans import MAX_AMOUNT, Span
from tests.journal import support as s
from tests.journal.support import HOURS, MASKS, draft, gift, opened, posted, spend


@pytest.fixture(scope="module")
def given_book():
    """A book with 1000 fen and 20 masks in fund:general, a paid grant, and fund:old closed."""
    pure = s.opened_book()
    pure.say(gift(1000))
    pure.say(gift(20, unit=MASKS, value=6000))
    pure.say(s.award())
    pure.say(s.pay(("fund:general", 300)))
    pure.say(s.serve("S1", ("grant:G1", 100, "CNY")))
    pure.say(draft("fund.closed", code="old"))
    return pure


def test_a_body_has_all_members_and_follows_the_one_before(given_book):
    decoded = [canonical.decode(data) for data in given_book.bodies]
    assert [body["seq"] for body in decoded] == list(range(len(decoded)))
    assert decoded[0]["_prev"] == ZERO
    for before, body in zip(given_book.bodies, decoded[1:], strict=False):
        assert body["_prev"] == leaf_hash(before).hex()
    assert sorted(decoded[0]) == [
        *("_prev", "approved_by", "book", "by", "dated", "facts", "flows", "kind", "memo"),
        *("postings", "recorded", "ref", "seq"),
    ]
    paid = next(body for body in decoded if body["kind"] == "grant.paid")
    assert paid["flows"] == [
        {"from": "fund:general", "out": 0, "to": "grant:G1", "in": 0, "amount": 300, "unit": "CNY"}
    ]
    assert paid["postings"] == [{"account": "bank:main", "amount": -300, "unit": "CNY"}]
    assert (paid["dated"], paid["recorded"]) == ("2026-03-01", "2026-03-01T12:00:00.000Z")


def test_recorded_never_decreases(given_book):
    book = given_book.copy()
    body = book.settle(spend(1), "2020-01-01T00:00:00.000Z", {})
    assert body["recorded"] == stamp(s.NOON)


def test_a_draw_that_crosses_a_hole_becomes_several_flows(given_book):
    pure = s.opened_book()
    of = pure.say(gift(100))["seq"]
    pure.say(s.refund(of, [(10, 20), (30, 40)]))
    flows = pure.say(s.shift(25))["flows"]
    assert [(f["out"], f["in"], f["amount"]) for f in flows] == [(0, 0, 10), (20, 10, 10), (40, 20, 5)]


def refusals():
    """Give every refusal: a name, the error, a draft for `given_book`, words of the message."""
    yield from malformed()
    yield from ruled_out()
    yield from misdirected()
    yield from unbalanced()


def with_amount(amount):
    """Say that this much is spent, bypassing what the helpers compute."""
    move = Move("fund:general", "outcome:administration", amount, "CNY")
    return draft("expense.recorded", move, postings=[Posting("bank:main", -1, "CNY")])


def with_posting(amount):
    return draft("bank.transferred", postings=[Posting("bank:main", amount, "CNY")])


def malformed():
    error = MalformedError
    for amount in (0, -1, MAX_AMOUNT + 1, True, 1.0, "1", None):
        yield f"flow of {amount!r}", error, with_amount(amount), "not an amount"
        if amount != -1:
            yield f"posting of {amount!r}", error, with_posting(amount), "not an amount"
        if amount is not None:
            yield f"value of {amount!r}", error, gift(1, value=amount), "not an amount"
    yield "posting beyond 2^53", error, with_posting(-MAX_AMOUNT - 1), "not an amount"
    yield "posting of -1.0", error, with_posting(-1.0), "not an amount"
    for ref in (" ", " x", "x\ny", "x" * 201, "x\0", "x\ud800", 5):
        yield f"ref {ref!r:.9}", error, draft("book.opened", ref=ref), "ref"
    for code in ("", " ", "a b", ":a", "x" * 101, "a\0", None, 5):
        yield f"code {code!r:.9}", error, draft("fund.opened", code=code), "facts.code"
    for code in ("", "0" * 63, "G" * 64, "A" * 64, 5, None):
        move = Move("source:individual", "fund:general", 1, "CNY")
        yield (
            f"donation {code!r:.9}",
            error,
            draft("donation.received", move, postings=posted(1), code=code),
            "tracking",
        )
    yield from malformed_parts(error)


def malformed_parts(error):
    moves = [Move("source:individual", "fund:general", n, "CNY") for n in (1, 2)]
    yield (
        "two flows in a donation",
        error,
        draft("donation.received", *moves, postings=posted(3), code="0" * 64),
        "2 flows",
    )
    yield "no flow in a donation", error, draft("donation.received", code="0" * 64), "0 flows"
    yield "unknown kind", error, draft("book.burnt"), "not a kind"
    yield "a number for a name", error, spend(1, by=5), "who prepared"
    yield "nobody", error, spend(1, by=""), "who prepared"
    yield "self-approval", error, spend(1, approved_by="lin"), "nobody approves"
    for wrong in ({"memo": 5}, {"memo": None}, {"approved_by": 5}, {"dated": "2026-03-01"}):
        yield f"{wrong}", error, spend(1, **wrong), "must be"
    yield "moment instead of day", error, spend(1, dated=datetime(2026, 3, 1, tzinfo=s.UTC)), "must be"
    claimed = Draft("book.opened", s.DAY, "lin", "r", facts={"private": {}})
    yield "facts.private", error, claimed, "written by the journal"
    for name in ("", "Name", "a b", "x" * 41):
        yield f"field {name!r:.9}", error, spend(1, private={name: "x"}), "field"
    yield "mention that is no code", error, spend(1, grant=5), "grant"
    yield "mention among which one is no code", error, spend(1, volunteer=["v01", 5]), "volunteer"
    both = {"of": 1, "pieces": None}, {"of": None, "pieces": (Span(0, 1),)}
    for wrong in both:
        move = Move("fund:general", "outcome:refund", 1, "CNY", **wrong)
        yield f"designation with {wrong}", error, draft("donation.refunded", move, postings=posted(-1)), "both"
    move = Move("fund:general", "outcome:refund", 2, "CNY", 1, (Span(400, 401),))
    yield "pieces that add up to less", error, draft("donation.refunded", move, postings=posted(-2)), "add up"
    yield "not an account", error, draft("fund.transferred", Move("worker:w01", "fund:old", 1, "CNY")), "not an account"
    yield "reversal of nothing", error, draft("entry.reversed", code="5"), "reverses"
    yield "reversal under another code", error, draft("entry.reversed", code="6", reverses=5), "reverses"
    yield "reversal of a word", error, draft("entry.reversed", code="x", reverses="x"), "reverses"


def ruled_out():
    yield "too much of a fund", OverspentError, spend(701), "701 fen asked, 700 fen held"
    yield "too much of a grant", OverspentError, s.serve("S2", ("grant:G1", 201, "CNY")), "201 fen asked, 200 fen held"
    yield "too much of goods", OverspentError, s.issue(21), f"21 {MASKS} asked, 20 {MASKS} held"
    yield "too much of a place", OverspentError, spend(1, place="cash:main"), "cash:main: 1 fen asked, 0 fen held"
    yield "too much of a wallet", OverspentError, s.carry(1, "wallet:alipay"), "1 fen asked, 0 fen held"
    yield "units given", NotFreeError, s.refund(1, [(299, 301)]), "given already"
    yield "the same units twice", NotFreeError, s.refund(1, [(400, 402), (401, 403)]), "given already"
    unknown = {
        "fund": gift(1, "fund:nowhere"),
        "source": gift(1, source="source:moon"),
        "unit": gift(1, unit="USD"),
        "bank": s.carry(1, taker="bank:nowhere"),
        "party": s.award("G2", organization="none"),
        "party of several": s.serve("S2", volunteer=["v01", "v02"]),
        "object to change": draft("fund.changed", code="nowhere"),
        "object to close": draft("fund.closed", code="nowhere"),
    }
    for name, wanted in unknown.items():
        yield f"unknown {name}", UnknownObjectError, wanted, "is not in book 'shan'"
    yield "gift to the closed", ClosedObjectError, gift(1, "fund:old"), "fund:old was closed by entry"
    yield "change of the closed", ClosedObjectError, draft("fund.changed", code="old"), "fund:old was closed by entry"
    yield "closing twice", ClosedObjectError, draft("fund.closed", code="old"), "was closed by entry"
    yield "mention of the closed", ClosedObjectError, s.award("G2", fund="old"), "fund:old was closed"
    for wanted in (opened("fund:general"), opened("fund:old"), s.award(), s.serve("S1")):
        yield f"open {wanted.facts['code']} again", AlreadyOpenError, wanted, "was opened by entry"
    for kind, code, held in (("fund", "general", 700), ("inventory", "main", 20), ("bank", "main", 700)):
        yield f"close {kind}", RuleError, draft(f"{kind}.closed", code=code), f"{kind}:{code} still holds {held}"


def valued(wanted):
    return replace(wanted, moves=[move._replace(value=5) for move in wanted.moves])


def misdirected():
    pairs = (
        ("outcome:refund", "fund:general"),
        ("service:S1", "fund:general"),
        ("fund:general", "source:individual"),
        ("grant:G1", "grant:G1"),
        ("grant:G1", "source:individual"),
        ("source:individual", "source:public"),
        ("bank:main", "fund:general"),
        ("fund:general", "bank:main"),
        ("fund:general", "fund:general"),
    )
    for giver, taker in pairs:
        yield f"{giver} to {taker}", DirectionError, draft("fund.transferred", Move(giver, taker, 1, "CNY")), giver
    own = draft("donation.received", Move("fund:general", "fund:elder", 1, "CNY"), code="0" * 64)
    yield "a fund's own money as a donation", DirectionError, own, "donation.received"
    into = gift(1, "grant:G1")
    yield "a donation that passes the funds by", DirectionError, into, "donation.received"
    used = draft("fund.transferred", Move("fund:general", "outcome:direct", 1, "CNY"), postings=posted(-1))
    yield "an expense called transfer", DirectionError, used, "fund.transferred"
    for kind in ("import.completed", "bank.transferred", "service.confirmed"):
        moved = draft(kind, Move("fund:general", "outcome:direct", 1, "CNY"), postings=posted(-1))
        yield f"units moved by {kind}", DirectionError, moved, kind
    yield (
        "flow account posted to",
        WrongUnitError,
        draft("bank.transferred", postings=posted(1, place="fund:old")),
        "posted",
    )
    hours = draft("bank.transferred", postings=posted(5, HOURS, "inventory:main"))
    yield "hours posted", WrongUnitError, hours, "never posted"
    for amount, unit, place in ((1, MASKS, "bank:main"), (1, MASKS, "wallet:alipay"), (1, "CNY", "inventory:main")):
        received = draft(
            "donation.received",
            Move("source:individual", "fund:general", amount, unit),
            postings=posted(amount, unit, place),
            code="0" * 64,
        )
        yield f"{unit} in {place}", WrongUnitError, received, place


def unbalanced():
    move = Move("fund:general", "outcome:direct", 5, "CNY")
    cases = {
        "spent, not paid": draft("expense.recorded", move),
        "paid too little": draft("expense.recorded", move, postings=posted(-4)),
        "paid too much": draft("expense.recorded", move, postings=posted(-6)),
        "paid in another unit": draft("expense.recorded", move, postings=posted(-5, MASKS)),
        "paid the wrong way": draft("expense.recorded", move, postings=posted(5)),
        "posted alone": draft("bank.transferred", postings=posted(5)),
        "two units that only add up together": draft("bank.transferred", postings=[*posted(5), *posted(-5, MASKS)]),
        "transfer with a posting": draft(
            "fund.transferred", Move("fund:general", "fund:elder", 5, "CNY"), postings=posted(-5)
        ),
    }
    for name, wanted in cases.items():
        yield name, UnbalancedError, wanted, "the two faces differ by"


REFUSALS = [pytest.param(error, wanted, words, id=name) for name, error, wanted, words in refusals()]


@pytest.mark.parametrize(("error", "wanted", "words"), REFUSALS)
def test_refused_by_name_and_nothing_left(given_book, error, wanted, words):
    before = s.state(given_book.copy())
    with pytest.raises(error, match=re.escape(words)) as caught:
        given_book.say(wanted)
    assert caught.type is error
    assert s.state(given_book.book) == before
